// SPDX-License-Identifier: Apache-2.0
// WITHDRAWALS AND CORRECTIONS. What a partner takes back, and what it sends instead.
//
//   recall ──facts read from the journal──▶ whole story? ──▶ fact 75 ──▶ Behaviour, Ledger
//     └─ with a replacement: is it well-formed, its id new? ──▶ 75, the report's own facts, 76
//
// The state knows of an event only its first fact. Whoever asks has read that fact, and those that
// decided it again, and hands them in; here it is seen whether they are still the whole story.
//
// Invariants
//   - A row is done whole or not at all: where the replacement could not be written, nothing is
//     withdrawn.
//   - The same row again changes nothing and is answered as the first time.
//   - Awards that wait to be posted are posted before one is taken back, in decision as in replay,
//     so that both see the same balance.

import Behaviour
import Governance
import Journal
import Ledger
import Membership
import Units

/// One event to be taken back.
package struct Recall: Sendable {
  /// Keyed digest of the event's source and id, the partner's own.
  package var id: (UInt64, UInt64)
  /// The event's facts, first to last; empty where its id was never seen.
  package var facts: [(FactNumber, Record)]
  package var grounds: Grounds
  /// 更正: what is to stand in its place; it has an id of its own.
  package var replacement: Report?

  package init(
    id: (UInt64, UInt64), facts: [(FactNumber, Record)], grounds: Grounds,
    replacement: Report? = nil
  ) {
    self.id = id
    self.facts = facts
    self.grounds = grounds
    self.replacement = replacement
  }
}

/// What came of it.
package struct Recalled: Sendable {
  package enum Outcome: Sendable {
    /// Taken back, now or earlier.
    case withdrawn
    /// No event of this partner has this id.
    case unknown
    /// Somebody decided the event since its facts were read: read them again.
    case changed
    /// The replacement could not be written, so nothing is withdrawn.
    case notReplaced
    /// Another event stands in its place already: withdraw that one.
    case replacedBefore
    /// Staff have clawed back what it gave: nothing is left to take back.
    case clawedBack
  }
  package var outcome: Outcome
  package var isAgain = false
  package var first = FactNumber(0)
  package var withdrawn: Withdrawn?
  /// Of a correction: what came of the event sent instead.
  package var verdict: Verdict?

  package init(_ outcome: Outcome) { self.outcome = outcome }
}

/// Kind 75: an event withdrawn. It says all that is undone, so that applying looks nothing up.
package struct WithdrawalRow: Codable, Sendable {
  package static let kind: UInt8 = 75

  package var alias: UInt32
  package var citizen: UInt32
  package var duration: UInt16
  package var ended: Int64
  package var fact: UInt64
  package var grams: Int64
  package var id: String
  package var last: UInt64
  package var outcome: UInt8
  package var partner: UInt16
  package var points: Int32
  package var previous: UInt64
  package var reason: String
  package var rides: UInt8
  package var scene: UInt16
  package var vehicle: String

  package init(_ withdrawal: Withdrawal) {
    alias = withdrawal.alias.raw
    citizen = withdrawal.citizen.raw
    duration = withdrawal.duration
    ended = withdrawal.ended
    fact = withdrawal.first.raw
    grams = withdrawal.grams
    id = TransferID(withdrawal.id.0, withdrawal.id.1).description
    last = withdrawal.last.raw
    outcome = withdrawal.outcome.rawValue
    partner = withdrawal.partner.raw
    points = withdrawal.points
    previous = withdrawal.previous.raw
    reason = withdrawal.grounds.rawValue
    rides = withdrawal.rides
    scene = withdrawal.scene.raw
    vehicle = String(withdrawal.vehicle, radix: 16)
  }

  /// The withdrawal, or nil where the row is none of ours.
  package var withdrawal: Withdrawal? {
    guard let id = TransferID(id), let vehicle = UInt64(vehicle, radix: 16),
      let outcome = Outcome(rawValue: outcome), let grounds = Grounds(rawValue: reason)
    else { return nil }
    return Withdrawal(
      first: FactNumber(fact), last: FactNumber(last), id: (id.high, id.low),
      alias: AliasID(alias), citizen: CitizenID(citizen), scene: SceneID(scene),
      partner: PartnerID(partner), ended: ended, vehicle: vehicle, duration: duration,
      rides: rides, outcome: outcome, grams: grams, points: points,
      previous: FactNumber(previous), grounds: grounds)
  }

  /// Reads a fact of kind 75; nil for one that does not read.
  package init?(fact: UnsafeRawBufferPointer) {
    guard let row: WithdrawalRow = try? State.decode(fact) else { return nil }
    self = row
  }
}

/// Kind 76: which event was sent in the place of a withdrawn one, both by their first facts.
package struct ReplacementRow: Codable, Sendable {
  package static let kind: UInt8 = 76
  package var fact: UInt64
  package var replaces: UInt64

  /// Reads a fact of kind 76; nil for one that does not read.
  package init?(fact: UnsafeRawBufferPointer) {
    guard let row: ReplacementRow = try? State.decode(fact) else { return nil }
    self = row
  }

  init(fact: FactNumber, replaces: FactNumber) {
    self.fact = fact.raw
    self.replaces = replaces.raw
  }
}

extension State {
  /// Takes events back, each row for itself.
  mutating func withdraw(
    _ recalls: [Recall], now: Instant, writer: FrameWriter
  ) -> CommandResult {
    var result = CommandResult()
    let batch = ReportBatch(capacity: 1)
    for recall in recalls {
      let before = nextFact
      result.recalled.append(withdraw(recall, batch, now: now, writer: writer))
      if result.fact.isNone, nextFact > before { result.fact = before }
    }
    return result
  }

  private mutating func withdraw(
    _ recall: Recall, _ batch: ReportBatch, now: Instant, writer: FrameWriter
  ) -> Recalled {
    guard let first = behaviour.fact(of: recall.id) else { return Recalled(.unknown) }
    if let done = behaviour.withdrawn[first] {
      var answer = Recalled(.withdrawn)
      answer.isAgain = true
      answer.first = first
      answer.withdrawn = done
      if let replacement = recall.replacement {
        replace(first, replacement, batch, now: now, writer: writer, &answer)
      }
      return answer
    }
    guard let last = recall.facts.last?.0, let hot = adoption(at: last)?.hot,
      recall.facts[0].1.report.id == recall.id,
      let withdrawal = behaviour.withdrawal(recall.facts, grounds: recall.grounds, hot),
      behaviour.canApply(withdrawal)
    else {
      var answer = Recalled(.changed)
      answer.first = first
      return answer
    }
    guard !governance.isClawedBack(last) else {
      var answer = Recalled(.clawedBack)
      answer.first = first
      return answer
    }
    if let replacement = recall.replacement, !wouldBeWritten(replacement, now: now) {
      var answer = Recalled(.notReplaced)
      answer.first = first
      answer.verdict = admitted(replacement, batch, now: now, writer: writer)
      return answer
    }
    writer.readable(kind: WithdrawalRow.kind, json: encode(WithdrawalRow(withdrawal)))
    apply(withdrawal, nextFact)
    nextFact = FactNumber(nextFact.raw + 1)
    var answer = Recalled(.withdrawn)
    answer.first = first
    if let replacement = recall.replacement {
      replace(first, replacement, batch, now: now, writer: writer, &answer)
    }
    answer.withdrawn = behaviour.withdrawn[first]
    return answer
  }

  /// Takes in what stands in a withdrawn event's place, and notes that it does.
  private mutating func replace(
    _ first: FactNumber, _ report: Report, _ batch: ReportBatch, now: Instant,
    writer: FrameWriter, _ answer: inout Recalled
  ) {
    let known = behaviour.withdrawn[first]?.replacement ?? .none
    guard known.isNone || behaviour.fact(of: report.id) == known else {
      answer.outcome = .replacedBefore
      return
    }
    let before = nextFact
    let verdict = admitted(report, batch, now: now, writer: writer)
    answer.verdict = verdict
    guard nextFact > before else {
      if known.isNone || verdict.outcome != .duplicate { answer.outcome = .notReplaced }
      return
    }
    let row = ReplacementRow(fact: verdict.fact, replaces: first)
    writer.readable(kind: ReplacementRow.kind, json: encode(row))
    behaviour.apply(replacement: verdict.fact, of: first)
    nextFact = FactNumber(nextFact.raw + 1)
    answer.withdrawn = behaviour.withdrawn[first]
  }

  private mutating func admitted(
    _ report: Report, _ batch: ReportBatch, now: Instant, writer: FrameWriter
  ) -> Verdict {
    batch.clear()
    batch.append(report)
    admit(batch, now: now, writer: writer)
    return batch.verdicts[0]
  }

  /// Whether a report is one its partner may send, well-formed and new: whether it leaves a trace.
  private func wouldBeWritten(_ report: Report, now: Instant) -> Bool {
    let partner = Int(report.partner.raw)
    guard let hot, report.fault == .none, partner >= 1, partner < grants.count,
      !grants[partner].isClosed, !report.scene.isNone, !report.alias.isNone,
      withUnsafePointer(to: grants[partner], { allows($0, partner, report.scene) })
    else { return false }
    return withUnsafePointer(to: report) { behaviour.isNews($0, hot, now: now) }
  }

  mutating func apply(_ withdrawal: Withdrawal, _ number: FactNumber) {
    behaviour.apply(withdrawal, number)
    guard withdrawal.outcome == .accepted else { return }
    behaviour.returnToBudget(withdrawal.points)
    ledger.reverse(
      Award(
        citizen: withdrawal.citizen, scene: withdrawal.scene, points: withdrawal.points,
        grams: withdrawal.grams))
  }

  /// From the journal: checked first, because `apply` never fails.
  mutating func apply(
    withdrawal row: WithdrawalRow, _ number: FactNumber
  ) throws(FrameFault) {
    guard let withdrawal = row.withdrawal, behaviour.canApply(withdrawal),
      withdrawal.citizen.isNone || membership.exists(withdrawal.citizen)
    else { throw FrameFault("withdraws what was not reported, or not so, or was withdrawn before") }
    postAwards()
    awards.removeAll()
    apply(withdrawal, number)
  }

  mutating func apply(
    replacement row: ReplacementRow, _ number: FactNumber
  ) throws(FrameFault) {
    let (fact, first) = (FactNumber(row.fact), FactNumber(row.replaces))
    guard behaviour.canApply(replacement: fact, of: first, next: number) else {
      throw FrameFault("puts an event in the place of one that was not withdrawn")
    }
    behaviour.apply(replacement: fact, of: first)
  }
}
