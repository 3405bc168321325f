// SPDX-License-Identifier: Apache-2.0
import Recognition
import Testing
import Units

@testable import Mechanism

/// A generator that gives the same numbers for the same seed (splitmix64).
private struct Dice {
  var state: UInt64
  mutating func roll(_ sides: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((z ^ (z >> 31)) % UInt64(sides))
  }
}

/// The slow and naive one: a list, looked through from the front for every question.
private struct NaiveCounter {
  struct Line {
    var number: UInt64
    var isOut: Bool
    var isOurs: Bool
    var citizen: Int
    var points: Int64
    var day: Int64
    var deadline: Int64
    var state = "open"
    var isTold = false
  }
  var lines: [Line] = []
  /// Minutes since midnight of 2026-03-01.
  var now: Int64
  let start: [Int64] = [0, 500, 500, 10]

  func spendable(_ citizen: Int) -> Int64 {
    var points = start[citizen]
    for line in lines where line.citizen == citizen {
      if line.isOut, line.state != "cancelled" { points -= line.points }
      if !line.isOut, line.state == "confirmed" { points += line.points }
    }
    return points
  }

  func used(_ isOut: Bool, day: Int64? = nil, citizen: Int? = nil) -> Int64 {
    var sum: Int64 = 0
    for line in lines where line.isOut == isOut && line.state != "cancelled" {
      if day.map({ $0 == line.day }) ?? true, citizen.map({ $0 == line.citizen }) ?? true {
        sum += line.points
      }
    }
    return sum
  }

  mutating func begin(
    _ number: UInt64, _ isOut: Bool, _ isOurs: Bool, _ citizen: Int, _ points: Int64
  ) -> String {
    if let line = lines.first(where: { $0.number == number }) {
      return line.isOut == isOut && line.isOurs == isOurs && line.citizen == citizen
        && line.points == points ? "again" : "conversionIDReused"
    }
    if points % (isOut ? 5 : 10) != 0 { return "amountNotWhole" }
    let day = now / 1440
    if isOut {
      // All of the walk lies in one month.
      if used(true, day: day, citizen: citizen) + points > 100 { return "limitOfCitizen" }
      if used(true, citizen: citizen) + points > 250 { return "limitOfCitizen" }
      if used(true, day: day) + points > 150 { return "limitOfProgramme" }
      if spendable(citizen) < points { return "pointsShort" }
    } else if used(false, day: day, citizen: citizen) + points > 60 {
      return "limitOfCitizen"
    }
    lines.append(
      Line(
        number: number, isOut: isOut, isOurs: isOurs, citizen: citizen, points: points, day: day,
        deadline: now + 10, isTold: !isOurs))
    return "done"
  }

  mutating func end(_ number: UInt64, _ isOurs: Bool, _ state: String) -> String {
    guard let at = lines.firstIndex(where: { $0.number == number }) else {
      return "conversionUnknown"
    }
    if lines[at].isOurs != isOurs { return "notTheLeader" }
    if lines[at].state == state { return "again" }
    if lines[at].state != "open" { return "\(lines[at].state)Before" }
    if state == "confirmed", isOurs, now >= lines[at].deadline { return "deadlineOver" }
    lines[at].state = state
    return "done"
  }

  mutating func tell(_ number: UInt64) -> String {
    guard let at = lines.firstIndex(where: { $0.number == number }) else {
      return "conversionUnknown"
    }
    if lines[at].isTold { return "again" }
    if lines[at].state == "open" { return "notEnded" }
    lines[at].isTold = true
    return "done"
  }
}

@Suite("recognition by seed, beside a naive one") struct CounterWalkTests {
  private func step(
    _ counter: inout Counter, _ naive: inout NaiveCounter, _ dice: inout Dice
  ) -> (String, String) {
    let fresh = UInt64(naive.lines.count + 1)
    let number = dice.roll(4) == 0 ? fresh : UInt64(1 + dice.roll(naive.lines.count + 2))
    let isOurs = dice.roll(3) > 0
    let lead: Lead = isOurs ? .ours : .theirs
    switch dice.roll(9) {
    case 0...2:
      let isOut = dice.roll(2) == 0
      let citizen = 1 + dice.roll(3)
      let points = Int64(1 + dice.roll(12)) * (dice.roll(8) == 0 ? 3 : isOut ? 5 : 10)
      let made = dice.roll(6) == 0 ? number : fresh
      return (
        counter.ask(
          begin(
            made, isOut ? .out : .in, points, CitizenID(UInt32(citizen)), lead: lead)),
        naive.begin(made, isOut, isOurs, citizen, points)
      )
    case 3, 4:
      return (
        counter.ask(confirm(number, lead)),
        naive.end(number, isOurs, "confirmed")
      )
    case 5:
      return (
        counter.ask(cancel(number, lead)), naive.end(number, isOurs, "cancelled")
      )
    case 6:
      return (
        counter.ask(.told(id(number), programme: "traffic")), naive.tell(number)
      )
    default:
      let minutes = Int64(dice.roll(5) == 0 ? dice.roll(300) : dice.roll(4))
      counter.wait(minutes: minutes)
      naive.now += minutes
      return ("waited", "waited")
    }
  }

  @Test("the same answers, the same points, audits silent", arguments: 1...24)
  func walk(seed: Int) {
    var dice = Dice(state: UInt64(seed) &* 104_729)
    var counter = Counter()
    counter.now = Counter.moment("2026-03-01 06:00")
    var naive = NaiveCounter(now: 360)
    var seen: Set<String> = []
    for number in 0..<250 {
      let (answer, wanted) = step(&counter, &naive, &dice)
      seen.insert(answer)
      var fault = counter.state.audit()
      for citizen in 1...3 {
        let points = counter.spendable(CitizenID(UInt32(citizen)))
        if points != naive.spendable(citizen) {
          fault = "citizen \(citizen) can spend \(points), should \(naive.spendable(citizen))"
        }
      }
      guard answer == wanted, fault == nil else {
        Issue.record(
          "seed \(seed), step \(number): \(answer), the naive one says \(wanted); \(fault ?? "")")
        return
      }
    }
    #expect(seen.count > 7, "the dice reach what there is to reach: \(seen)")
    counter.check("seed \(seed)")
  }
}
