// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Journal
import Ledger
import Membership
import Policy
import Reference
import Testing
import Units

@testable import Mechanism

/// Adoption by two persons, ratios, budgets, expiry, campaigns, as an office and an auditor see it.
/// The bus of the trial city: 183 g, 3 points, at most 6 a day and 20 a month.
@Suite("points policy") struct PointsPolicyTests {
  static let richer = TrialPack.busRule.replacing("1 per 50 g ", with: "1 per 20 g ")

  static func refusal(_ result: Result<CommandResult, CommandRefusal>) -> String {
    if case .failure(let refusal) = result { refusal.name } else { "" }
  }

  static func day(_ text: String) -> Day { Day(text)! }

  static func propose(
    _ trial: inout Trial, _ pack: Pack.File, from day: String, by: String = "staff/1"
  ) {
    trial.must(
      .policy(.propose([pack], effective: Self.day(day), by: by, opinion: "for the new year")))
  }

  @Test func nobodyApprovesTheirOwnAndADraftHoldsFromItsDayOn() {
    var trial = Trial()
    Self.propose(&trial, Trial.pack(version: "2", busRule: Self.richer), from: "2026-03-04")
    #expect(
      Self.refusal(trial.perform(.policy(.approve(1, by: "staff/1", opinion: "mine"))))
        == "sameProposer")
    #expect(
      Self.refusal(trial.perform(.policy(.rejectProposal(1, by: "staff/1", opinion: "mine"))))
        == "sameProposer")
    #expect(
      Self.refusal(trial.perform(.policy(.withdraw(1, by: "staff/2", opinion: "not mine"))))
        == "notProposer")
    trial.must(.policy(.approve(1, by: "staff/2", opinion: "good for buses")))
    #expect(trial.state.proposals[0].status == .approved)
    #expect(trial.state.pack?.version == "1")
    #expect(trial.bus(.lin, at: "2026-03-02 08:00").points == 3)
    trial.now = Trial.moment("2026-03-03 23:59:59")
    #expect(trial.bus(.lin, at: "2026-03-03 08:00").points == 3)
    // The first report of its day is decided by it, without anybody's doing.
    trial.now = Trial.moment("2026-03-04 00:00")
    #expect(trial.bus(.lin, at: "2026-03-03 23:30").points == 3, "three of six a day are left")
    #expect(trial.state.pack?.version == "2")
    #expect(trial.state.proposals[0].status == .inForce)
    trial.now = Trial.moment("2026-03-04 12:00")
    #expect(trial.bus(.ma, at: "2026-03-04 09:00").points == 6, "183 g at 20 g are 9, capped at 6")
    #expect(
      Self.refusal(trial.perform(.policy(.approve(1, by: "staff/3", opinion: "again"))))
        == "proposalDecided")
    trial.check("a draft from its day on")
  }

  @Test func aRejectedDraftChangesNothingAndStaysToBeSeen() {
    var trial = Trial()
    Self.propose(&trial, Trial.pack(version: "2", busRule: Self.richer), from: "2026-03-02")
    trial.must(.policy(.rejectProposal(1, by: "staff/2", opinion: "too dear")))
    Self.propose(&trial, Trial.pack(version: "3", busRule: Self.richer), from: "2026-03-02")
    trial.must(.policy(.withdraw(2, by: "staff/1", opinion: "a slip")))
    #expect(trial.state.proposals.map(\.status) == [.rejected, .withdrawn])
    #expect(trial.state.proposals[0].decision?.opinion == "too dear")
    #expect(trial.state.proposals[0].row.packFiles?.count == 1)
    #expect(trial.state.pack?.version == "1")
    // Refused at the door: in force already, of another city, with faults, of yesterday.
    let before = trial.frames.count
    let good = Trial.pack(version: "4")
    for (file, day, name) in [
      (Trial.pack(), "2026-03-02", "packUnchanged"), (good, "2026-03-01", "effectivePast"),
      (Pack.File(path: "pack.txt", bytes: Array("nonsense".utf8)), "2026-03-02", "packInvalid"),
    ] {
      let command = PolicyCommand.propose(
        [file], effective: Self.day(day), by: "staff/1", opinion: "why")
      #expect(Self.refusal(trial.perform(.policy(command))) == name)
    }
    #expect(trial.frames.count == before)
    trial.check("a draft that was rejected")
  }

  @Test func whatDoesNotFitAnyMoreOnItsDayLapses() {
    var trial = Trial()
    let wider = TrialPack.text(version: "2").replacing(
      "measures  energy", with: "measures  energy, duration")
    let file = Pack.File(path: "pack.txt", bytes: Array(wider.utf8))
    // Charging with a duration cannot be adopted, for reports of the old kind may wait.
    #expect(
      Self.refusal(
        trial.perform(
          .policy(
            .propose([file], effective: Self.day("2026-03-03"), by: "staff/1", opinion: "why"))))
        == "measuresChanged")
    let extra = """
      scene walk
        name      步行 | Walk
        family    travel
        clause    [T]
        evidence  步数 | steps
        measures  steps
        rule from 2020-01-01  [T]
          grams   0 g   [T]
          points  1     [T]

      """
    Self.propose(&trial, Trial.pack(version: "2", extra: extra), from: "2026-03-05")
    trial.must(.policy(.approve(1, by: "staff/2", opinion: "yes")))
    // Meanwhile the same code is adopted from the command line, measuring something else.
    trial.must(
      .adopt([
        Trial.pack(version: "1a", extra: extra.replacing("measures  steps", with: "measures  days"))
      ]))
    trial.now = Trial.moment("2026-03-05 08:00")
    _ = trial.bus(.lin, at: "2026-03-05 07:30")
    #expect(trial.state.proposals[0].status == .lapsed)
    #expect(trial.state.pack?.version == "1a")
    trial.check("a draft that lapsed")
  }

  @Test func theRatioOfADayIsTheLastApprovedBeforeIt() {
    let worth = "points\n  worth  100 fen per 100 points  [T]\n"
    var trial = Trial(pack: [Trial.pack(extra: worth)])
    #expect(trial.state.ratio(on: Self.day("2026-03-02")) == Ratio(points: 100, fen: 100))
    trial.must(
      .policy(
        .proposeRatio(
          Ratio(points: 100, fen: 80, grams: 5000), effective: Self.day("2026-04-01"),
          by: "staff/1", opinion: "budget")))
    #expect(trial.state.ratio(on: Self.day("2026-04-01")) == Ratio(points: 100, fen: 100))
    trial.must(.policy(.approve(1, by: "staff/2", opinion: "agreed")))
    #expect(trial.state.ratio(on: Self.day("2026-03-31")) == Ratio(points: 100, fen: 100))
    #expect(
      trial.state.ratio(on: Self.day("2026-04-01")) == Ratio(points: 100, fen: 80, grams: 5000))
    // 1,234 points at 80 fen for 100 are 987.2 fen, rounded down.
    #expect(Ratio(points: 100, fen: 80).worth(of: Points(1234)) == Fen(987))
    #expect(
      Self.refusal(
        trial.perform(
          .policy(
            .proposeRatio(
              Ratio(points: 0, fen: 1), effective: Self.day("2026-05-01"), by: "a", opinion: "b"))))
        == "ratioInvalid")
    trial.check("a ratio")
  }

  @Test func aBudgetIsNeverPassedAndGramsAreRecordedInFull() {
    let budget = "budget 2026\n  points  8  [T]\n  release  by year  [T]\n"
    var trial = Trial(pack: [Trial.pack(extra: budget)])
    #expect(trial.bus(.lin, at: "2026-03-01 08:00").points == 3)
    // In one batch: three, two, none; and all the grams.
    let verdicts = trial.admit([
      trial.made(
        .lin, "bus", [Measured(6100), Measured(1500)], at: "2026-03-02 08:00", by: .buses),
      trial.made(.ma, "bus", [Measured(6100), Measured(1500)], at: "2026-03-02 08:00", by: .buses),
      trial.made(.ma, "bus", [Measured(6100), Measured(1500)], at: "2026-03-02 09:00", by: .buses),
    ])
    #expect(verdicts.map(\.points) == [3, 2, 0])
    #expect(verdicts.map(\.reason) == [.none, .budgetReached, .budgetReached])
    #expect(verdicts.map(\.grams) == [183, 183, 183])
    #expect(trial.state.ledger.issued(in: 2026) == Points(8))
    // A new year has its own budget, or none at all.
    trial.now = Trial.moment("2027-01-02 12:00")
    #expect(trial.bus(.ma, at: "2027-01-01 08:00").points == 3)
    #expect(trial.state.ledger.issued(in: 2027) == Points(3))
    #expect(trial.state.ledger.issued(in: 2026) == Points(8))
    trial.check("a budget")
  }

  @Test func aBudgetIsReleasedByItsSchedule() {
    let budget = """
      budget 2026
        points   7  [T]
        release  2026-03-01 2 points  [T]
        release  2026-04-01 5 points  [T]

      """
    var trial = Trial(pack: [Trial.pack(extra: budget)])
    #expect(trial.bus(.lin, at: "2026-03-01 08:00").points == 2)
    #expect(trial.bus(.lin, at: "2026-03-02 08:00").points == 0)
    trial.now = Trial.moment("2026-04-01 00:00")
    #expect(trial.bus(.lin, at: "2026-03-31 08:00").points == 3)
    // What waited is credited out of the budget too.
    #expect(trial.bus(.stranger, at: "2026-03-31 08:00").outcome == .waiting)
    let linked = trial.must(.membership(.link(Trial.alias(.stranger, .buses), Trial.ma)))
    #expect(linked.summary.points == Points(2) && linked.summary.grams == Grams(183))
    trial.check("releases")
  }

  @Test func theOldestPointsAreSpentFirstAndTheRestExpires() {
    let points = "points\n  valid  12 months  [T]\n"
    var trial = Trial(pack: [Trial.pack(extra: points)])
    trial.now = Trial.moment("2026-01-05 12:00")
    _ = trial.bus(.lin, at: "2026-01-04 08:00")
    _ = trial.bus(.lin, at: "2026-01-05 08:00")
    _ = trial.bus(.ma, at: "2026-01-05 08:00")
    trial.now = Trial.moment("2026-02-05 12:00")
    _ = trial.bus(.lin, at: "2026-02-05 08:00")
    // Lin spends 4 of 9 and gets 1 back: three of January's six are gone.
    func transfer(_ id: UInt64, _ amount: Int64, back: Bool = false) -> Transfer {
      let lin = AccountID.citizen(Trial.lin, .points)
      let shop = AccountID(.organisation, 1, .points)
      return Transfer(
        id: TransferID(0, id), source: back ? shop : lin, target: back ? lin : shop,
        amount: amount, purpose: back ? "refund" : "redemption")
    }
    trial.must(.transfers([transfer(1, 4), transfer(2, 1, back: true)]))
    #expect(trial.state.lots(of: Trial.lin).map(\.left) == [3, 3])
    #expect(
      trial.state.lots(of: Trial.lin).map(\.lastDay) == [
        Self.day("2027-01-31"), Self.day("2027-02-28"),
      ])
    let run = PolicyCommand.expire(Self.day("2027-01-31"), by: "staff/1")
    #expect(Self.refusal(trial.perform(.policy(run))) == "dayNotOver")
    trial.now = Trial.moment("2027-02-01 00:00")
    trial.must(.policy(.expire(Self.day("2027-01-30"), by: "staff/1")))
    #expect(trial.holds(Trial.lin) == [549, 6], "on the last day nothing is over yet")
    trial.must(.policy(run))
    #expect(trial.holds(Trial.lin) == [549, 3] && trial.holds(Trial.ma) == [183, 0])
    #expect(trial.state.ledger.balance(of: .expiredPoints) == 6)
    #expect(trial.state.expiryRuns.last.map { [$0.citizens, Int($0.points)] } == [2, 6])
    // The same day again, and an earlier one, change nothing.
    let frames = trial.frames.count
    trial.must(.policy(run))
    trial.must(.policy(.expire(Self.day("2027-01-15"), by: "staff/2")))
    #expect(trial.frames.count == frames)
    trial.now = Trial.moment("2027-03-01 12:00")
    trial.must(.policy(.expire(Self.day("2027-02-28"), by: "staff/1")))
    #expect(trial.holds(Trial.lin) == [549, 0] && trial.state.lots(of: Trial.lin).isEmpty)
    trial.check("expiry")
  }

  @Test func whatIsSetAsideDoesNotExpire() {
    var trial = Trial(
      pack: [Trial.pack(extra: "points\n  valid  1 month  [T]\n  ends  year\n")])
    _ = trial.bus(.lin, at: "2026-03-02 08:00")
    #expect(trial.state.lots(of: Trial.lin)[0].lastDay == Self.day("2026-12-31"))
    let lin = AccountID.citizen(Trial.lin, .points)
    trial.must(
      .transfers([
        Transfer(
          id: TransferID(0, 1), source: lin, target: AccountID(.organisation, 1, .points),
          amount: 2, step: .pending(deadline: Trial.moment("2027-02-01 00:00")),
          purpose: "redemption")
      ]))
    trial.now = Trial.moment("2027-01-01 12:00")
    trial.must(.policy(.expire(Self.day("2026-12-31"), by: "staff/1")))
    #expect(trial.holds(Trial.lin) == [183, 2])
    // Given back, it expires with the next run.
    trial.must(
      .transfers([
        Transfer(
          id: TransferID(0, 2), source: lin, target: AccountID(.organisation, 1, .points),
          amount: 2, step: .void(TransferID(0, 1)), purpose: "redemption")
      ]))
    trial.now = Trial.moment("2027-01-02 12:00")
    trial.must(.policy(.expire(Self.day("2027-01-01"), by: "staff/1")))
    #expect(trial.holds(Trial.lin) == [183, 0])
    trial.check("set aside")
  }

  @Test func aCampaignMultipliesWithinItsDaysAndItsCap() {
    let campaign = """
      campaign low-carbon-day
        name    全国低碳日 | National Low-Carbon Day
        from    2026-06-15 to 2026-06-16  [T]
        scene   bus
        times   2                         [T]
        cap     10 a day                  [T]

      """
    var trial = Trial(pack: [Trial.pack(extra: campaign)])
    trial.now = Trial.moment("2026-06-20 12:00")
    #expect(trial.bus(.lin, at: "2026-06-14 23:59").points == 3)
    // 6 and 4 of the campaign's 10; then nothing, for the cap.
    #expect(trial.bus(.lin, at: "2026-06-15 08:00").points == 6)
    #expect(trial.bus(.lin, at: "2026-06-15 09:00").points == 4)
    #expect(trial.bus(.lin, at: "2026-06-15 10:00").reason == .capReached)
    // The month's cap of the family stays: 20 minus 13.
    #expect(trial.bus(.lin, at: "2026-06-16 08:00").points == 6)
    #expect(trial.bus(.lin, at: "2026-06-16 09:00").points == 1)
    #expect(trial.bus(.ma, at: "2026-06-17 08:00").points == 3)
    #expect(trial.bike(.ma, at: "2026-06-15 08:00").points == 3, "another scene")
    let bus = trial.state.pack!.scene("bus")!
    #expect(
      bus.rules.map(\.code) == [
        "bus@2020-01-01", "bus@2020-01-01+low-carbon-day", "bus@2020-01-01",
      ])
    trial.check("a campaign")
  }
}
