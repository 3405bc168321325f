// SPDX-License-Identifier: Apache-2.0
// PROPOSALS. 规则采纳、兑换比例调节: two persons, a day from which it holds, and nothing forgotten.
//
//   proposed ──approved by another──▶ approved ──on its day──▶ in force
//      ├──────rejected by another──▶ rejected        └─ does not fit any more ─▶ lapsed
//      └──────by who proposed it──▶ withdrawn
//
// Facts, readable, version 1:
//
//   81  {"by":"staff/2","effective":"2027-01-01","files":[{"path":"pack.txt","text":"…"}],
//        "number":1,"opinion":"…","version":"2027.1"}
//       {"by":"staff/2","effective":"2027-01-01","number":2,"opinion":"…",
//        "ratio":{"fen":90,"grams":0,"points":100}}
//   82  {"by":"staff/3","decision":"approve","opinion":"…","proposal":1}
//
// A pack that is approved is adopted (kind 64, naming the proposal) in the first frame of its day;
// a ratio holds from its day on without another fact.
//
// Invariants
//   - Nobody decides about what they proposed, but for taking it back.
//   - A proposal is decided once. What came into force names its proposal.

import Behaviour
import Journal
import Ledger
import Policy
import Units

package enum PolicyCommand: Sendable {
  case propose([Pack.File], effective: Day, by: String, opinion: String)
  case proposeRatio(Ratio, effective: Day, by: String, opinion: String)
  case approve(Int, by: String, opinion: String)
  case rejectProposal(Int, by: String, opinion: String)
  case withdraw(Int, by: String, opinion: String)
  /// Points whose time is over by the end of this day, for a part of the citizens at a time.
  case expire(Day, by: String)
}

/// Kind 81.
package struct ProposalRow: Codable, Sendable {
  package static let kind: UInt8 = 81
  package var number: Int
  package var by: String
  package var opinion: String
  /// The first day on which it is to hold.
  package var effective: String
  package var version: String?
  var files: [AdoptionRow.File]?
  package var ratio: Ratio?

  package var packFiles: [Pack.File]? {
    files?.map { Pack.File(path: $0.path, bytes: Array($0.text.utf8)) }
  }
  package var day: Day { Day(effective) ?? Day(.max) }
}

/// Kind 82.
package struct DecisionRow: Codable, Sendable {
  package static let kind: UInt8 = 82
  package enum Decision: String, Codable, Sendable { case approve, reject, withdraw, lapse }
  package var proposal: Int
  package var decision: Decision
  package var by: String
  package var opinion: String
}

/// 提案: what somebody wants to hold, and what became of it.
package struct Proposal: Codable, Sendable {
  package enum Status: String, Sendable {
    case proposed, approved, inForce, rejected, withdrawn, lapsed
  }
  package var row: ProposalRow
  package var fact: UInt64
  /// Milliseconds since 1970.
  package var time: Int64
  package var decision: DecisionRow?
  package var decidedFact: UInt64?
  package var decidedTime: Int64?
  /// Where a pack came into force, or lapsed on its day.
  package var adopted: UInt64?

  package var isPack: Bool { row.ratio == nil }
  package var status: Status {
    switch decision?.decision {
    case nil: .proposed
    case .reject: .rejected
    case .withdraw: .withdrawn
    case .lapse: .lapsed
    case .approve: isPack && adopted == nil ? .approved : .inForce
    }
  }
}

extension State {
  func day(of time: Instant) -> Day { time.day(offset: hot?.rules.zone ?? 28_800) }

  /// Before anything is decided at a moment: the ledger's day, and what the budget has left.
  package mutating func prepare(_ now: Instant) {
    let day = day(of: now)
    ledger.begin(day)
    guard let hot, !hot.rules.budgets.isEmpty else { return }
    let year = day.civil.year
    guard let budget = hot.rules.budget(of: year) else {
      behaviour.budgetLeft = .max
      return
    }
    // What this frame has given already is not in the year's account yet.
    behaviour.budgetLeft =
      budget.released(on: day) - ledger.issued(in: year).count - ledger.unclosed
  }

  /// Opens a frame, and brings into force what was approved for this day.
  package mutating func prepare(_ now: Instant, writer: FrameWriter) {
    prepare(now)
    guard proposals.contains(where: { $0.status == .approved }) else { return }
    let today = day(of: now)
    for index in proposals.indices
    where proposals[index].status == .approved && proposals[index].row.day <= today {
      bringIntoForce(index, now: now, writer: writer)
    }
    prepare(now)
  }

  private mutating func bringIntoForce(_ index: Int, now: Instant, writer: FrameWriter) {
    let row = proposals[index].row
    if case .failure(let refusal) = adopt(
      row.packFiles ?? [], proposal: row.number, now: now, writer: writer)
    {
      write(
        DecisionRow(
          proposal: row.number, decision: .lapse, by: "", opinion: refusal.name), now, writer)
    }
  }

  /// 兑换比例: what holds on a day; the last one that was decided of those that begin on one day.
  package func ratio(on day: Day) -> Ratio? {
    approvedRatios.last { $0.from <= day }?.ratio ?? pack?.points.worth
  }

  /// Ratios that were approved, by their first day.
  package var approvedRatios: [(from: Day, ratio: Ratio, number: Int)] {
    proposals.filter { $0.status == .inForce }.compactMap { proposal in
      proposal.row.ratio.map { (proposal.row.day, $0, proposal) }
    }.sorted { ($0.0, $0.2.decidedFact ?? 0) < ($1.0, $1.2.decidedFact ?? 0) }
      .map { ($0.0, $0.1, $0.2.row.number) }
  }

  mutating func perform(
    _ command: PolicyCommand, now: Instant, writer: FrameWriter
  ) -> Result<CommandResult, CommandRefusal> {
    switch command {
    case .propose(let files, let effective, let by, let opinion):
      let pack: Pack
      switch adoptable(files) {
      case .failure(let refusal): return .failure(refusal)
      case .success(let good): pack = good
      }
      if let current = adoptions.last, same(current.files, files) {
        return .failure(
          CommandRefusal("packUnchanged", "this very pack is in force; propose what differs"))
      }
      var row = ProposalRow(
        number: proposals.count + 1, by: by, opinion: opinion, effective: "\(effective)")
      row.version = pack.version
      row.files = files.map(\.row)
      return propose(row, effective, now, writer)
    case .proposeRatio(let ratio, let effective, let by, let opinion):
      guard ratio.isGood else {
        return .failure(
          CommandRefusal(
            "ratioInvalid",
            "points are from 1, fen and grams from 0 to \(Ratio.amountMax), all whole numbers"))
      }
      var row = ProposalRow(
        number: proposals.count + 1, by: by, opinion: opinion, effective: "\(effective)")
      row.ratio = ratio
      return propose(row, effective, now, writer)
    case .approve(let number, let by, let opinion):
      return judge(number, .approve, by, opinion, now, writer)
    case .rejectProposal(let number, let by, let opinion):
      return judge(number, .reject, by, opinion, now, writer)
    case .withdraw(let number, let by, let opinion):
      return judge(number, .withdraw, by, opinion, now, writer)
    case .expire(let day, let by): return expire(day, by: by, now: now, writer: writer)
    }
  }

  private mutating func propose(
    _ row: ProposalRow, _ effective: Day, _ now: Instant, _ writer: FrameWriter
  ) -> Result<CommandResult, CommandRefusal> {
    guard effective >= day(of: now), effective.civil.year < 3000 else {
      return .failure(
        CommandRefusal(
          "effectivePast", "it can hold from \(day(of: now)) on at the earliest; choose a later day"
        ))
    }
    guard !row.by.isEmpty, !row.opinion.isEmpty else {
      return .failure(
        CommandRefusal("opinionMissing", "say who proposes it and why, for whoever decides"))
    }
    var result = CommandResult()
    result.fact = nextFact
    writer.readable(kind: ProposalRow.kind, json: encode(row))
    apply(row, nextFact, now)
    nextFact = FactNumber(nextFact.raw + 1)
    return .success(result)
  }

  private mutating func judge(
    _ number: Int, _ decision: DecisionRow.Decision, _ by: String, _ opinion: String,
    _ now: Instant, _ writer: FrameWriter
  ) -> Result<CommandResult, CommandRefusal> {
    guard number >= 1, number <= proposals.count else {
      return .failure(CommandRefusal("proposalUnknown", "there is no proposal \(number)"))
    }
    let proposal = proposals[number - 1]
    guard proposal.status == .proposed else {
      return .failure(
        CommandRefusal(
          "proposalDecided", "proposal \(number) was decided before: \(proposal.status)"))
    }
    guard (proposal.row.by == by) == (decision == .withdraw) else {
      return .failure(
        decision == .withdraw
          ? CommandRefusal("notProposer", "only who proposed it may withdraw it")
          : CommandRefusal("sameProposer", "nobody decides about their own proposal; ask another"))
    }
    guard !by.isEmpty, !opinion.isEmpty else {
      return .failure(CommandRefusal("opinionMissing", "give the reason for this decision"))
    }
    if decision == .approve, let files = proposal.row.packFiles {
      if case .failure(let refusal) = adoptable(files) { return .failure(refusal) }
    }
    var result = CommandResult()
    result.fact = nextFact
    write(
      DecisionRow(proposal: number, decision: decision, by: by, opinion: opinion), now, writer)
    // What is due already holds from this frame on.
    prepare(now, writer: writer)
    return .success(result)
  }

  private mutating func write(_ row: DecisionRow, _ now: Instant, _ writer: FrameWriter) {
    writer.readable(kind: DecisionRow.kind, json: encode(row))
    apply(row, nextFact, now)
    nextFact = FactNumber(nextFact.raw + 1)
  }

  private mutating func apply(_ row: ProposalRow, _ number: FactNumber, _ time: Instant) {
    proposals.append(Proposal(row: row, fact: number.raw, time: time.milliseconds))
  }

  private mutating func apply(_ row: DecisionRow, _ number: FactNumber, _ time: Instant) {
    if row.decision == .lapse {
      // The approval stays to be seen: only its outcome changes.
      proposals[row.proposal - 1].decision?.decision = .lapse
      proposals[row.proposal - 1].adopted = number.raw
      return
    }
    proposals[row.proposal - 1].decision = row
    proposals[row.proposal - 1].decidedFact = number.raw
    proposals[row.proposal - 1].decidedTime = time.milliseconds
  }

  /// A fact of kinds 81 to 83, read from a journal.
  mutating func apply(
    policy fact: UnsafeRawBufferPointer, _ kind: UInt8, _ number: FactNumber, time: Instant
  ) throws(FrameFault) {
    switch kind {
    case ProposalRow.kind:
      let row: ProposalRow = try State.decode(fact)
      guard row.number == proposals.count + 1, Day(row.effective) != nil, !row.by.isEmpty,
        (row.files == nil) != (row.ratio == nil), row.ratio?.isGood ?? true
      else { throw FrameFault("proposes what cannot be proposed") }
      apply(row, number, time)
    case DecisionRow.kind:
      let row: DecisionRow = try State.decode(fact)
      try check(row)
      apply(row, number, time)
    default:
      let row: ExpiryRow = try State.decode(fact)
      // What was credited before it in this frame counts.
      postAwards()
      awards.removeAll()
      try check(row)
      apply(row, number, time)
    }
  }

  private func check(_ row: DecisionRow) throws(FrameFault) {
    guard row.proposal >= 1, row.proposal <= proposals.count else {
      throw FrameFault("decides about a proposal that nobody made")
    }
    let proposal = proposals[row.proposal - 1]
    let isGood =
      switch row.decision {
      case .approve, .reject: proposal.status == .proposed && proposal.row.by != row.by
      case .withdraw: proposal.status == .proposed && proposal.row.by == row.by
      case .lapse: proposal.status == .approved
      }
    guard isGood else { throw FrameFault("decides about a proposal as nobody may") }
  }

  func auditPolicy() -> String? {
    for (index, proposal) in proposals.enumerated() {
      guard proposal.row.number == index + 1 else { return "proposals are not numbered in order" }
      if let decision = proposal.decision,
        decision.decision == .approve || decision.decision == .reject,
        decision.by == proposal.row.by
      {
        return "proposal \(index + 1) was decided by who proposed it"
      }
    }
    return nil
  }
}
