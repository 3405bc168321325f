// SPDX-License-Identifier: Apache-2.0
// What a decided measure does: for each fact of Governance the transfers and the mark that go with
// it, all in one frame.
//
//   claw-back   citizen:N ──▶ programme:88     points that are there, and the grams
//               debt:N    ──▶ programme:88     points that were spent already
//   repayment   citizen:N ──▶ debt:N           when the citizen says so, never by itself
//   lifted      programme:88 ──▶ citizen:N     what was taken and repaid
//               programme:88 ──▶ debt:N        what was still owed
//
// Identifiers of transfers are made of the case's, the measure's and a step's number; `63617265` is
// "care". A freeze is Membership's mark: reports of a frozen account are held, nothing is spent.

import Behaviour
import Governance
import Journal
import Ledger
import Membership
import Policy
import Units

extension AccountID {
  /// 收回积分: where clawed-back points and grams go.
  package static func clawedBack(_ asset: Asset) -> AccountID { AccountID(.programme, 88, asset) }
}

extension State {
  private enum CareStep: UInt64 {
    case take = 1
    case owe, takeGrams, giveBack, cancel, giveBackGrams
    /// The n-th repayment is this plus n.
    case repay = 16
  }

  mutating func perform(
    _ command: Governance.Command, now: Instant, writer: FrameWriter
  ) -> Result<CommandResult, CommandRefusal> {
    switch governance.decide(command, grounds(command, now)) {
    case .failure(let refusal):
      return .failure(CommandRefusal("\(refusal)", refusal.sentence))
    case .success(let facts):
      for fact in facts where namesWithdrawn(fact) {
        let refusal = Governance.Refusal.awardTaken
        return .failure(CommandRefusal("\(refusal)", refusal.sentence))
      }
      var result = CommandResult()
      for fact in facts {
        switch write(fact, now, writer) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let number): if result.fact.isNone { result.fact = number }
        }
        switch fact {
        case .opened(let number, _), .filed(let number, _): result.number = number
        default: break
        }
      }
      return .success(result)
    }
  }

  private func grounds(_ command: Governance.Command, _ now: Instant) -> Circumstances {
    var circumstances = Circumstances(
      now: now, zone: pack?.zone ?? 28_800, rules: pack?.care, nextFact: nextFact,
      citizens: membership.citizenCount)
    if let citizen = governance.citizen(of: command), membership.exists(citizen) {
      circumstances.available = ledger.available(to: citizen)
      circumstances.grams = ledger.grams(of: citizen).count
      // Reports may end some minutes in the future.
      circumstances.earned = behaviour.earned(
        by: citizen, before: Instant(milliseconds: now.milliseconds + 86_400_000))
    }
    return circumstances
  }

  /// Whether a claw-back, proposed or confirmed, names an award whose event was withdrawn: what it
  /// gave has been taken back already.
  private func namesWithdrawn(_ fact: Governance.Fact) -> Bool {
    let measure: Measure?
    switch fact {
    case .proposed(_, let proposed): measure = proposed
    case .ruled(let number, let decree) where decree.ruling == .confirm:
      measure = governance.found(number)?.measures[decree.measure - 1]
    default: measure = nil
    }
    guard let measure, measure.kind == .clawBack else { return false }
    for award in measure.awards ?? []
    where behaviour.withdrawal(of: FactNumber(award.fact)) != nil { return true }
    return false
  }

  /// Writes and applies a fact with what goes with it; writes nothing where the ledger refuses.
  private mutating func write(
    _ fact: Governance.Fact, _ now: Instant, _ writer: FrameWriter
  ) -> Result<FactNumber, CommandRefusal> {
    let (answers, moved) = ledger.decide(transfers(for: fact), now: now)
    for case .refused(let refusal, _) in answers where refusal != .linkedFailed {
      return .failure(
        CommandRefusal(
          "ledger-\(refusal)",
          "the books do not allow this (\(refusal)); look at the account's limits"))
    }
    let number = nextFact
    writer.readable(kind: fact.kind, json: encode(Governance.FactRow(fact)))
    governance.apply(fact)
    nextFact = FactNumber(nextFact.raw + 1)
    if let moved {
      writer.readable(kind: Ledger.Fact.kind, json: encode(Ledger.FactRow(moved)))
      ledger.apply(moved)
      nextFact = FactNumber(nextFact.raw + 1)
    }
    markFrozen(by: fact, writer)
    return .success(number)
  }

  /// Freezes or thaws the account where the fact changed whether a freeze holds.
  private mutating func markFrozen(by fact: Governance.Fact, _ writer: FrameWriter) {
    let number: UInt32
    switch fact {
    case .ruled(let at, _), .judged(let at, _, _): number = at
    default: return
    }
    guard let found = governance.found(number) else { return }
    let citizen = CitizenID(found.citizen)
    let holds = governance.isFrozen(citizen)
    guard holds != membership.isFrozen(citizen),
      found.measures.contains(where: { $0.kind == .freeze })
    else { return }
    let mark = Membership.Fact.marked(citizen, frozen: holds, reason: "case \(number)")
    writer.readable(kind: Membership.Fact.readableKind, json: encode(Membership.FactRow(mark)))
    apply(mark)
    nextFact = FactNumber(nextFact.raw + 1)
  }

  /// What a fact moves, as it stands before the fact is applied.
  private func transfers(for fact: Governance.Fact) -> [Transfer] {
    var moves: [Transfer] = []
    switch fact {
    case .ruled(let number, let decree):
      guard decree.ruling == .confirm, let found = governance.found(number) else { break }
      let measure = found.measures[decree.measure - 1]
      let place = Governance.State.Place(number: number, measure: decree.measure)
      if measure.kind == .clawBack { moves = taking(decree, place, found.citizen) }
      if let target = measure.target {
        moves = givingBack(
          found.measures[target - 1], .init(number: number, measure: target), found.citizen)
      }
    case .judged(let number, let at, let judgement):
      guard judgement.upheld, let found = governance.found(number) else { break }
      moves = givingBack(found.measures[at - 1], .init(number: number, measure: at), found.citizen)
    case .repaid(let number, let repayment):
      guard let found = governance.found(number) else { break }
      let times = UInt64(found.measures[repayment.measure - 1].repayments)
      moves = [
        Transfer(
          id: State.careID(
            .repay, .init(number: number, measure: repayment.measure), times),
          source: .citizen(CitizenID(found.citizen), .points),
          target: AccountID(.debt, found.citizen, .points), amount: repayment.points,
          purpose: "repayment")
      ]
    default: break
    }
    moves = moves.filter { $0.amount > 0 }
    for index in moves.indices.dropLast() { moves[index].isLinked = true }
    return moves
  }

  private func taking(
    _ decree: Decree, _ place: Governance.State.Place, _ owner: UInt32
  ) -> [Transfer] {
    let citizen = CitizenID(owner)
    return [
      Transfer(
        id: State.careID(.take, place), source: .citizen(citizen, .points),
        target: .clawedBack(.points), amount: decree.taken ?? 0, purpose: "claw-back"),
      Transfer(
        id: State.careID(.owe, place), source: AccountID(.debt, owner, .points),
        target: .clawedBack(.points), amount: decree.debt ?? 0, purpose: "claw-back-debt"),
      Transfer(
        id: State.careID(.takeGrams, place), source: .citizen(citizen, .grams),
        target: .clawedBack(.grams), amount: decree.grams ?? 0, purpose: "claw-back"),
    ]
  }

  private func givingBack(
    _ measure: Measure, _ place: Governance.State.Place, _ owner: UInt32
  ) -> [Transfer] {
    guard measure.kind == .clawBack, measure.status == .inForce else { return [] }
    let citizen = CitizenID(owner)
    // A reversal is no new lot: what comes back is as old as what was taken.
    return [
      Transfer(
        id: State.careID(.giveBack, place), source: .clawedBack(.points),
        target: .citizen(citizen, .points), amount: measure.taken + measure.repaid,
        purpose: "reversal-claw-back"),
      Transfer(
        id: State.careID(.cancel, place), source: .clawedBack(.points),
        target: AccountID(.debt, owner, .points), amount: measure.owed,
        purpose: "reversal-claw-back"),
      Transfer(
        id: State.careID(.giveBackGrams, place), source: .clawedBack(.grams),
        target: .citizen(citizen, .grams), amount: measure.grams, purpose: "reversal-claw-back"),
    ]
  }

  private static func careID(
    _ step: CareStep, _ place: Governance.State.Place, _ times: UInt64 = 0
  ) -> TransferID {
    TransferID(
      0x6361_7265_0000_0000 | (step.rawValue + times),
      UInt64(place.number) << 32 | UInt64(place.measure))
  }

  func check(_ fact: Governance.Fact) throws(FrameFault) {
    guard
      governance.canApply(fact, citizens: membership.citizenCount, nextFact: nextFact)
    else { throw FrameFault("tells of a case or a letter what cannot be") }
  }

  /// Whether the ledger and Membership's marks are what the measures in force say.
  func auditCare() -> String? {
    if let fault = governance.audit() { return fault }
    guard !governance.cases.isEmpty else { return nil }
    let held = ledger.balance(of: .clawedBack(.points))
    guard held == governance.clawedPoints else {
      return "measures clawed back \(governance.clawedPoints) points, the programme has \(held)"
    }
    for owner in Set(governance.cases.map(\.citizen)) {
      let citizen = CitizenID(owner)
      let owed = governance.debt(of: citizen)
      let booked = -ledger.balance(of: AccountID(.debt, owner, .points))
      guard owed == booked else {
        return "citizen \(owner) owes \(owed) points, the ledger says \(booked)"
      }
      if governance.isFrozen(citizen), !membership.isFrozen(citizen) {
        return "citizen \(owner) is frozen by a measure, and has no mark"
      }
    }
    return nil
  }
}
