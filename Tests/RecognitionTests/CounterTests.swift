// SPDX-License-Identifier: Apache-2.0
import Ledger
import Membership
import Recognition
import Testing
import Units

@testable import Mechanism

@Suite("points recognised by other programmes") struct CounterTests {
  @Test func pointsThatLeaveAreSetAsideThenGiven() {
    var counter = Counter()
    #expect(counter.ask(begin(1, .out, 50)) == "done")
    #expect(counter.spendable(Counter.lin) == 450)
    #expect(counter.balance("citizen:1:points") == 500, "set aside is not given yet")
    #expect(counter.state.recognition.conversion(1)?.theirs == 20, "2 of theirs for 5 of ours")
    #expect(counter.ask(confirm(1)) == "done")
    #expect(counter.balance("citizen:1:points") == 450)
    #expect(counter.balance("programme:1001:points") == 50)
    #expect(counter.state.recognition.unsettled == [1], "they have to be told")
    #expect(counter.ask(.told(id(1), programme: "traffic")) == "done")
    #expect(counter.state.recognition.unsettled.isEmpty)
    counter.check("out")
  }

  @Test func pointsThatComeAreIssuedFromTheProgrammesAccount() {
    var counter = Counter()
    #expect(counter.ask(begin(1, .in, 30, Counter.poor, lead: .theirs, theirs: 9)) == "done")
    #expect(counter.spendable(Counter.poor) == 10, "promised is not given")
    counter.wait(minutes: 60 * 24 * 40)
    #expect(counter.ask(confirm(1, .theirs)) == "done", "a promise has no deadline of its own")
    #expect(counter.spendable(Counter.poor) == 40)
    #expect(counter.balance("programme:1001:points") == -30)
    counter.check("in")
  }

  @Test func whatIsCancelledComesBackAndCountsForNoLimit() {
    var counter = Counter()
    #expect(counter.ask(begin(1, .out, 100)) == "done")
    #expect(counter.ask(begin(2, .out, 5)) == "limitOfCitizen")
    #expect(counter.ask(cancel(1)) == "done")
    #expect(counter.spendable(Counter.lin) == 500)
    #expect(counter.ask(begin(2, .out, 100)) == "done")
    #expect(counter.ask(begin(3, .out, 50, Counter.ma)) == "done")
    #expect(counter.ask(begin(4, .out, 5, Counter.ma)) == "limitOfProgramme", "150 a day for all")
    counter.check("limits of a day")
    counter.now = Counter.moment("2026-03-03 12:00")
    #expect(counter.ask(begin(5, .out, 100)) == "done")
    counter.now = Counter.moment("2026-03-04 12:00")
    #expect(counter.ask(begin(6, .out, 55)) == "limitOfCitizen", "250 a month for each")
    #expect(counter.ask(begin(6, .out, 50)) == "done")
    counter.now = Counter.moment("2026-04-01 00:00")
    #expect(counter.ask(begin(7, .out, 55)) == "done", "another month")
    counter.check("limits of a month")
  }

  @Test func theRateIsThatOfTheDay() {
    var counter = Counter()
    counter.now = Counter.moment("2026-03-09 23:59")
    counter.must(.recognition(begin(1, .out, 50)))
    counter.now = Counter.moment("2026-03-10 00:00")
    counter.must(.recognition(begin(2, .out, 50)))
    counter.must(.recognition(confirm(1)))
    counter.must(.recognition(confirm(2)))
    let theirs = counter.state.recognition.conversions.map(\.theirs)
    #expect(theirs == [20, 10])
    counter.check("rates")
  }

  @Test func theSameIdentifierIsTheSameConversionForEver() {
    var counter = Counter()
    #expect(counter.ask(begin(1, .out, 50)) == "done")
    #expect(counter.ask(begin(1, .out, 50)) == "again")
    #expect(counter.ask(begin(1, .out, 45)) == "conversionIDReused")
    #expect(counter.ask(begin(1, .out, 50, Counter.ma)) == "conversionIDReused")
    #expect(counter.ask(confirm(1)) == "done")
    #expect(counter.ask(confirm(1)) == "again")
    #expect(counter.ask(cancel(1)) == "confirmedBefore")
    #expect(counter.ask(begin(1, .out, 50)) == "again", "years later as well")
    #expect(counter.ask(.told(id(1), programme: "traffic")) == "done")
    #expect(counter.ask(.told(id(1), programme: "traffic")) == "again")
    counter.check("identifiers")
  }

  /// Each refusal once, in its order.
  @Test func refusals() {
    var counter = Counter()
    var seen: [String] = []
    func note(_ name: String) { seen.append(name) }
    note(counter.ask(begin(1, .out, 5, programme: "nobody")))
    note(counter.ask(begin(1, .out, 5, programme: "shops")))
    counter.must(.recognition(begin(1, .out, 5)))
    note(counter.ask(begin(1, .out, 10)))
    note(counter.ask(begin(2, .out, 5, CitizenID(99))))
    counter.must(.membership(.freeze(Counter.ma, reason: "test")))
    note(counter.ask(begin(2, .out, 5, Counter.ma)))
    note(counter.ask(begin(2, .out, 7)))
    note(counter.ask(begin(2, .in, 10, lead: .theirs, theirs: 4)))
    note(counter.ask(begin(2, .out, 5, day: Day("2026-02-27"))))
    counter.must(.recognition(begin(3, .out, 5)))
    counter.wait(minutes: 10)
    note(counter.ask(confirm(3)))
    note(counter.ask(begin(2, .out, 105)))
    counter.must(.recognition(cancel(3)))
    counter.must(.recognition(begin(4, .out, 60)))
    note(counter.ask(begin(2, .out, 90, Counter.poor)))
    note(counter.ask(begin(2, .out, 15, Counter.poor)))
    note(counter.ask(confirm(77)))
    note(counter.ask(confirm(4, .theirs)))
    note(counter.ask(confirm(3)))
    counter.must(.recognition(confirm(4)))
    note(counter.ask(cancel(4)))
    counter.must(.recognition(begin(5, .out, 5)))
    note(counter.ask(.told(id(5), programme: "traffic")))
    let row = DayRow(id: id(1), direction: .out, ours: 5, theirs: 2, isConfirmed: true)
    note(
      counter.ask(
        .reconcile(
          programme: "traffic", day: Day("2026-03-02")!, rows: [row, row], digest: "", by: "s")))
    #expect(seen == Recognition.Refusal.allCases.map { "\($0)" })
    #expect(Recognition.Refusal.allCases.map(\.rawValue) == Array(1...18))
    counter.check("refusals")
  }

  private static func file(_ counter: borrowing Counter) -> [DayRow] {
    counter.state.recognition.conversions.filter { $0.status == .confirmed }.map {
      DayRow(
        id: ConversionID($0.id)!, direction: $0.direction, ours: $0.ours, theirs: $0.theirs,
        isConfirmed: true)
    }
  }

  @Test func aDayThatAgreesAgreesAndEachPlantedDifferenceIsNamed() {
    var counter = Counter()
    for (number, direction, points) in [
      (1, Direction.out, Int64(50)), (2, .in, 30), (3, .out, 25), (4, .out, 5),
    ] {
      counter.must(.recognition(begin(UInt64(number), direction, points)))
      if number < 4 { counter.must(.recognition(confirm(UInt64(number)))) }
    }
    let day = Day("2026-03-02")!
    let key = Recognition.State.ReportKey("traffic", day.number)
    func compare(_ rows: [DayRow], _ digest: String) -> (String, DayReport?) {
      let answer = counter.ask(
        .reconcile(programme: "traffic", day: day, rows: rows, digest: digest, by: "staff/2"))
      return (answer, counter.state.recognition.reports[key])
    }
    let good = Self.file(counter)
    let (first, agreed) = compare(good, "a")
    #expect(first == "done" && agreed?.agrees == true && agreed?.underWay == 1)
    #expect(agreed?.ours.oursOut == 75 && agreed?.ours.theirsOut == 30)
    #expect(agreed?.ours.oursIn == 30 && agreed?.ours.theirsIn == 9 && agreed?.ours.count == 3)
    #expect(compare(good, "a").0 == "again", "the same file changes nothing")
    var planted = good
    planted.remove(at: 0)
    planted[0].theirs = 8
    planted.append(
      DayRow(id: id(70), direction: .out, ours: 500, theirs: 200, isConfirmed: true))
    planted.append(DayRow(id: id(71), direction: .in, ours: 9, theirs: 9, isConfirmed: false))
    let (second, found) = compare(planted, "b")
    #expect(second == "done")
    #expect(
      found?.differences.map { "\($0.kind) \($0.id.suffix(2))" }
        == ["amountDiffers 02", "missingHere 46", "missingThere 01"])
    #expect(found?.balances == true, "the differences explain the sums to the point")
    #expect(found?.filed.theirsOut == 210 && found?.filed.theirsIn == 8)
    counter.check("a day compared")
  }
}
