// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Journal
import Ledger
import Membership
import Reference
import Testing
import Units

@testable import Mechanism

/// What a partner takes back, as Lin and Ma see it.
@Suite("withdrawals and corrections") struct WithdrawalTests {
  private func id(_ number: UInt64) -> (UInt64, UInt64) { (mixed(number), mixed(number ^ 0x5555)) }

  @Test("a withdrawn ride leaves the books, and its room under the day's cap is free again")
  func capsAreFreed() {
    var trial = Trial()
    // 183 g, 3 points a ride; at most 6 points a day.
    #expect(trial.bus(.lin, at: "2026-03-02 08:00", id: 1).points == 3)
    #expect(trial.bus(.lin, at: "2026-03-02 09:00", id: 2).points == 3)
    let third = trial.bus(.lin, at: "2026-03-02 10:00", id: 3)
    #expect(third.points == 0 && third.reason == .capReached)
    let answer = trial.must(.withdraw([trial.recall(id(1))])).recalled[0]
    #expect(answer.outcome == .withdrawn && !answer.isAgain)
    #expect(answer.withdrawn?.grams == 183 && answer.withdrawn?.points == 3)
    #expect(trial.holds(Trial.lin) == [366, 3])
    // What was decided meanwhile stays: the third ride gets nothing later; the fourth does.
    #expect(trial.bus(.lin, at: "2026-03-02 11:00", id: 4).points == 3)
    #expect(trial.holds(Trial.lin) == [549, 6])
    trial.check("caps are freed")
  }

  @Test("sent twice, a withdrawal gives the same answer; the id never comes back")
  func onlyOnce() {
    var trial = Trial()
    _ = trial.bus(.lin, at: "2026-03-02 08:00", id: 1)
    let recall = trial.recall(id(1), .wrongValues)
    let first = trial.must(.withdraw([recall])).recalled[0]
    let frames = trial.frames.count
    let again = trial.must(.withdraw([recall, trial.recall(id(1), .other)])).recalled
    #expect(trial.frames.count == frames, "nothing is written a second time")
    for answer in again {
      #expect(answer.outcome == .withdrawn && answer.isAgain)
      #expect(answer.withdrawn == first.withdrawn)
    }
    #expect(trial.bus(.lin, at: "2026-03-02 08:00", id: 1).outcome == .duplicate)
    #expect(trial.holds(Trial.lin) == [0, 0])
    #expect(trial.must(.withdraw([trial.recall(id(77))])).recalled[0].outcome == .unknown)
    trial.check("only once")
  }

  @Test("the bike and its rider are free again")
  func timeIsFreed() {
    var trial = Trial()
    let first = trial.report(
      .lin, "shared-bike", [Measured(3200), Measured(900)], at: "2026-03-02 08:00", vehicle: 7,
      id: 1)
    #expect(first.outcome == .accepted)
    #expect(trial.bike(.ma, at: "2026-03-02 08:05").reason == .vehicleOverlap)
    trial.must(.withdraw([trial.recall(id(1))]))
    #expect(trial.bike(.ma, at: "2026-03-02 08:06").outcome == .accepted)
    // Nor does another partner's bus at that time count as the same trip.
    #expect(trial.bus(.lin, at: "2026-03-02 08:00").outcome == .accepted)
    trial.check("time is freed")
  }

  @Test("what waited waits no more, what was held is held no more, refused ones are only marked")
  func everyOutcome() {
    var trial = Trial()
    let waits = trial.report(
      .stranger, "shared-bike", [Measured(3200), Measured(900)], at: "2026-03-02 08:00",
      vehicle: 7, id: 1)
    #expect(waits.outcome == .waiting)
    let held = trial.report(
      .lin, "shared-bike", [Measured(25_000), Measured(7000)], at: "2026-03-02 07:00", vehicle: 8,
      id: 2)
    #expect(held.outcome == .quarantined)
    let low = trial.report(
      .lin, "bus", [Measured(100), Measured(60)], at: "2026-03-02 06:00", by: .buses, id: 3)
    #expect(low.outcome == .refused)
    let answers = trial.must(.withdraw([1, 2, 3].map { trial.recall(id($0)) })).recalled
    #expect(answers.map { $0.withdrawn?.outcome } == [.waiting, .quarantined, .refused])
    let left = trial.state.behaviour.waiting.count + trial.state.behaviour.quarantine.count
    #expect(left == 0)
    #expect(trial.perform(.release(held.fact, by: "ma", opinion: "")).isRefused)
    // The waiting ride's bike is free, and a link credits nothing.
    #expect(trial.bike(.ma, at: "2026-03-02 08:05").outcome == .accepted)
    trial.must(.membership(.link(Trial.alias(.stranger, .bikes), Trial.lin)))
    #expect(trial.holds(Trial.lin) == [0, 0])
    trial.check("every outcome")
  }

  @Test("an event that waited and was then credited is withdrawn from the citizen")
  func creditedLater() {
    var trial = Trial()
    _ = trial.report(
      .stranger, "shared-bike", [Measured(3200), Measured(900)], at: "2026-03-02 08:00",
      vehicle: 7, id: 1)
    let stale = trial.recall(id(1))
    trial.must(.membership(.link(Trial.alias(.stranger, .bikes), Trial.lin)))
    #expect(trial.holds(Trial.lin) == [156, 3])
    // Whoever read the facts before the link must read them again.
    #expect(trial.must(.withdraw([stale])).recalled[0].outcome == .changed)
    #expect(trial.must(.withdraw([trial.recall(id(1))])).recalled[0].outcome == .withdrawn)
    #expect(trial.holds(Trial.lin) == [0, 0])
    #expect(trial.bike(.ma, at: "2026-03-02 08:05").outcome == .accepted)
    trial.check("credited later")
  }

  @Test("who has spent the points owes them, spends nothing, and earns them back")
  func debt() {
    var trial = Trial()
    _ = trial.bus(.lin, at: "2026-03-02 08:00", id: 1)
    func redemption(_ number: UInt64, _ points: Int64) -> Transfer {
      Transfer(
        id: TransferID(0, number), Points(points), from: (.citizen, 1), to: (.organisation, 1),
        purpose: "redemption")
    }
    #expect(trial.must(.transfers([redemption(1, 2)])).answers == [.done])
    trial.must(.withdraw([trial.recall(id(1))]))
    // 3 earned, 2 spent, 3 taken back.
    #expect(trial.holds(Trial.lin) == [0, -2])
    let owed = trial.state.ledger.owed(by: Trial.lin)
    #expect(owed == Points(2))
    #expect(
      trial.must(.transfers([redemption(2, 1)])).answers == [.refused(.overdrawn, field: "amount")])
    trial.check("in debt")
    _ = trial.bus(.lin, at: "2026-03-02 09:00", id: 2)
    #expect(trial.holds(Trial.lin) == [183, 1])
    #expect(trial.must(.transfers([redemption(3, 1)])).answers == [.done])
    trial.check("out of debt")
  }

  @Test("a correction withdraws and takes the new values in one step, or does nothing")
  func corrections() {
    var trial = Trial()
    _ = trial.bus(.lin, at: "2026-03-02 08:00", id: 1)
    var wrong = trial.made(
      .lin, "bus", [Measured(6200), Measured(1500)], at: "2026-03-02 08:00", by: .buses, id: 2)
    wrong.present = 1  // Its second field is missing: the replacement cannot be written.
    let refused = trial.must(.withdraw([trial.recall(id(1), .wrongValues, replacement: wrong)]))
    #expect(refused.recalled[0].outcome == .notReplaced)
    #expect(refused.recalled[0].verdict?.reason == .missingField)
    #expect(trial.holds(Trial.lin) == [183, 3])
    // 8 km: 240 g, 4 points.
    let right = trial.made(
      .lin, "bus", [Measured(8000), Measured(1500)], at: "2026-03-02 08:00", by: .buses, id: 3)
    let recall = trial.recall(id(1), .wrongValues, replacement: right)
    let answer = trial.must(.withdraw([recall])).recalled[0]
    #expect(answer.outcome == .withdrawn && answer.verdict?.outcome == .accepted)
    #expect(answer.withdrawn?.replacement == answer.verdict?.fact)
    #expect(trial.holds(Trial.lin) == [240, 4])
    let corrected = trial.state.behaviour.corrected(by: answer.verdict!.fact)
    #expect(corrected == answer.first)
    let frames = trial.frames.count
    let again = trial.must(.withdraw([recall])).recalled[0]
    #expect(again.outcome == .withdrawn && again.verdict?.outcome == .duplicate)
    #expect(trial.frames.count == frames)
    // A second event has no place there; the corrected id stays used.
    let other = trial.made(
      .lin, "bus", [Measured(9000), Measured(1500)], at: "2026-03-02 08:00", by: .buses, id: 4)
    let second = trial.must(.withdraw([trial.recall(id(1), replacement: other)])).recalled[0]
    #expect(second.outcome == .replacedBefore && trial.holds(Trial.lin) == [240, 4])
    #expect(trial.bus(.lin, at: "2026-03-02 08:00", id: 1).outcome == .duplicate)
    trial.check("corrections")
  }

  @Test("a journal that withdraws what never was is told of")
  func guarded() throws {
    var trial = Trial()
    _ = trial.bus(.lin, at: "2026-03-02 08:00", id: 1)
    let (number, record) = trial.recall(id(1)).facts[0]
    let adopted = trial.state.hot
    let hot = try #require(adopted)
    let made = trial.state.behaviour.withdrawal([(number, record)], grounds: .other, hot)
    var forged = try #require(made)
    var fits = trial.state.behaviour.canApply(forged)
    #expect(fits)
    forged.points = 4
    fits = trial.state.behaviour.canApply(forged)
    #expect(!fits, "more points than were earned")
    forged.points = 3
    forged.first = FactNumber(number.raw + 1)
    fits = trial.state.behaviour.canApply(forged)
    #expect(!fits, "another fact")
    forged.first = number
    forged.outcome = .waiting
    fits = trial.state.behaviour.canApply(forged)
    #expect(!fits, "it does not wait")
  }

  @Test("what if: a draft takes back what the draft had given")
  func whatIf() throws {
    var trial = Trial()
    _ = trial.bus(.lin, at: "2026-03-02 08:00", id: 1)
    _ = trial.bus(.lin, at: "2026-03-02 09:00", id: 2)
    _ = trial.report(
      .stranger, "shared-bike", [Measured(3200), Measured(900)], at: "2026-03-02 06:00", vehicle: 7,
      id: 3)
    trial.must(.membership(.link(Trial.alias(.stranger, .bikes), Trial.ma)))
    trial.must(.withdraw([trial.recall(id(1)), trial.recall(id(3))]))
    // The same rules give the same books. Under a draft of 5 points a ride the first had earned 5
    // and the second the 1 that the day's cap of 6 left; the first goes.
    for (rule, points) in [(TrialPack.busRule, Int64(3)), (Self.draftRule, 1)] {
      var draft = WhatIf(
        code: "trial", draft: [Trial.pack(version: "2", busRule: rule)], citizensMax: 1 << 12)
      for frame in trial.frames { try frame.withUnsafeBytes { try draft.expect(FrameView($0)) } }
      for frame in trial.frames { try frame.withUnsafeBytes { try draft.take(FrameView($0)) } }
      let earned = draft.state.ledger.points(of: Trial.lin)
      let grams = [Trial.lin, Trial.ma].map { draft.state.ledger.grams(of: $0).count }
      let fault = draft.state.audit()
      let found = [earned.count] + grams
      #expect(found == [points, 183, 0] && fault == nil)
    }
  }

  /// Written by hand after Docs/journal.md: readable for ever.
  private static let golden = [
    (
      UInt8(75),
      """
      {"alias":21,"citizen":2,"duration":900,"ended":1772416800000,"fact":7,"grams":156,\
      "id":"00000000000010020000000000002001","last":9,"outcome":1,"partner":2,"points":3,\
      "previous":8,"reason":"cancelled","rides":1,"scene":1,"vehicle":"7f"}
      """
    ), (UInt8(76), "{\"fact\":12,\"replaces\":7}"),
  ]

  @Test("the facts are the golden ones")
  func goldenFacts() throws {
    let withdrawal = Withdrawal(
      first: FactNumber(7), last: FactNumber(9), id: (0x1002, 0x2001), alias: AliasID(21),
      citizen: CitizenID(2), scene: SceneID(1), partner: PartnerID(2), ended: 1_772_416_800_000,
      vehicle: 127, duration: 900, rides: 1, outcome: .accepted, grams: 156, points: 3,
      previous: FactNumber(8), grounds: .cancelled)
    let writer = FrameWriter(.sm3)
    writer.begin()
    writer.readable(kind: WithdrawalRow.kind, json: encode(WithdrawalRow(withdrawal)))
    writer.readable(
      kind: ReplacementRow.kind,
      json: encode(ReplacementRow(fact: FactNumber(12), replaces: FactNumber(7))))
    var golden: [UInt8] = []
    for (kind, text) in Self.golden {
      let length = UInt32(8 + text.utf8.count)
      golden += [kind, 1, 0, 0] + withUnsafeBytes(of: length.littleEndian) { Array($0) }
      golden += Array(text.utf8)
    }
    #expect(Array(writer.buffer.bytes.dropFirst(FrameHeader.size)) == golden)
    let first = Array(golden.prefix(8 + Self.golden[0].1.utf8.count))
    let row = first.withUnsafeBytes { WithdrawalRow(fact: $0)?.withdrawal }
    let read = try #require(row)
    #expect(read.id == (0x1002, 0x2001) && read.vehicle == 127 && read.grounds == .cancelled)
    #expect(read.last == FactNumber(9) && read.points == 3 && read.ended == withdrawal.ended)
  }

  private static let draftRule = TrialPack.busRule.replacing(
    "1 per 50 g", with: "5       ")
}

extension Result where Success == CommandResult {
  fileprivate var isRefused: Bool { if case .failure = self { true } else { false } }
}
