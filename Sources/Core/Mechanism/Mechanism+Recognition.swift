// SPDX-License-Identifier: Apache-2.0
// Points that become another programme's, and theirs that become ours: for each fact of Recognition
// the transfers that go with it, all or none.
//
//   out   citizen ──pending──▶ programme's account ──posted, or voided
//   in    programme's account ──pending──▶ citizen ──posted, or voided
//
// Where we lead, the pending transfer's deadline is the conversion's: past it nothing is posted.
// Where they lead we have promised, so the promise has no deadline of its own: only their word ends
// it. Identifiers of transfers are made of the step and the conversion's number; `636f6e76` is
// "conv".

import Journal
import Ledger
import Membership
import Policy
import Recognition
import Units

extension State {
  private enum Step: UInt64 {
    case setAside = 1
    case post, void
  }

  /// 2100-01-01: later than any promise.
  private static let noDeadline = Instant(milliseconds: 4_102_444_800_000)

  mutating func perform(
    _ command: Recognition.Command, now: Instant, writer: FrameWriter
  ) -> Result<CommandResult, CommandRefusal> {
    switch recognition.decide(command, circumstances(command, now)) {
    case .failure(let objection): return .failure(CommandRefusal(objection))
    case .success(let ruling):
      var result = CommandResult()
      result.number = ruling.number
      result.isRepeat = ruling.isRepeat
      guard let fact = ruling.fact else { return .success(result) }
      switch write(fact, now, writer) {
      case .failure(let refusal): return .failure(refusal)
      case .success(let number): result.fact = number
      }
      return .success(result)
    }
  }

  private func circumstances(_ command: Recognition.Command, _ now: Instant) -> Circumstances {
    var setting = Circumstances(
      now: now, zone: pack?.zone ?? 28_800, rules: pack?.recognition ?? Recognition.Rules())
    if case .begin(let asked) = command, membership.exists(asked.citizen) {
      setting.spendable = ledger.available(to: asked.citizen)
      setting.isFrozen = membership.isFrozen(asked.citizen)
    }
    return setting
  }

  /// Writes and applies a fact with its transfer; writes nothing where the ledger refuses it.
  private mutating func write(
    _ fact: Recognition.Fact, _ now: Instant, _ writer: FrameWriter
  ) -> Result<FactNumber, CommandRefusal> {
    let (answers, moved) = ledger.decide(transfers(for: fact), now: now)
    for case .refused(let refusal, _) in answers {
      return .failure(CommandRefusal(refusal, of: fact))
    }
    let number = nextFact
    writer.readable(kind: fact.kind, json: encode(Recognition.FactRow(fact)))
    recognition.apply(fact)
    nextFact = FactNumber(nextFact.raw + 1)
    if let moved {
      writer.readable(kind: Ledger.Fact.kind, json: encode(Ledger.FactRow(moved)))
      ledger.apply(moved)
      nextFact = FactNumber(nextFact.raw + 1)
    }
    return .success(number)
  }

  /// What a fact moves, as it stands before the fact is applied.
  private func transfers(for fact: Recognition.Fact) -> [Transfer] {
    switch fact {
    case .began(let number, let conversion):
      let deadline =
        conversion.lead == .ours
        ? Instant(milliseconds: conversion.deadline) : State.noDeadline
      return [State.move(.setAside, number, conversion, .pending(deadline: deadline))]
    case .ended(let number, let status, _, _):
      guard let conversion = recognition.conversion(number) else { return [] }
      let id = State.id(.setAside, number)
      return [
        status == .confirmed
          ? State.move(.post, number, conversion, .post(id))
          : State.move(.void, number, conversion, .void(id))
      ]
    case .told, .reconciled: return []
    }
  }

  private static func move(
    _ step: Step, _ number: UInt32, _ conversion: Conversion, _ how: Transfer.Step
  ) -> Transfer {
    let citizen = AccountID.citizen(CitizenID(conversion.citizen), .points)
    let programme = AccountID(.programme, conversion.account, .points)
    let leaves = conversion.direction == .out
    return Transfer(
      id: id(step, number), source: leaves ? citizen : programme,
      target: leaves ? programme : citizen, amount: conversion.ours, step: how,
      purpose: "recognition-\(conversion.direction.rawValue)")
  }

  private static func id(_ step: Step, _ number: UInt32) -> TransferID {
    TransferID(0x636f_6e76_0000_0000 | step.rawValue, UInt64(number))
  }

  mutating func apply(recognition fact: UnsafeRawBufferPointer) throws(FrameFault) {
    let row: Recognition.FactRow = try State.decode(fact)
    guard let fact = row.fact else { throw FrameFault("holds an exchange's fact of no meaning") }
    guard recognition.canApply(fact) else {
      throw FrameFault("tells of an exchange with another programme what cannot be")
    }
    if case .began(_, let conversion) = fact,
      !membership.exists(CitizenID(conversion.citizen))
    {
      throw FrameFault("exchanges points of a citizen who has no account")
    }
    recognition.apply(fact)
  }

  /// Whether what conversions say is what the programmes' accounts hold.
  func auditRecognition() -> String? {
    if let fault = recognition.audit() { return fault }
    for (account, sums) in recognition.held() {
      let position = ledger.position(of: AccountID(.programme, account, .points))
      guard position.balance == sums.balance, position.pendingIn == sums.pendingIn,
        position.pendingOut == sums.pendingOut
      else {
        return "account programme:\(account) holds \(position.balance) points with "
          + "\(position.pendingIn) announced and \(position.pendingOut) set aside; conversions "
          + "say \(sums.balance), \(sums.pendingIn) and \(sums.pendingOut)"
      }
    }
    return nil
  }
}

extension CommandRefusal {
  package init(_ objection: Objection) {
    self.init("\(objection.refusal)", objection.sentence)
    if let count = objection.count { detail["count"] = "\(count)" }
  }

  /// What the ledger says no to although Recognition would have it.
  init(_ refusal: Ledger.Refusal, of fact: Recognition.Fact) {
    switch refusal {
    case .sourceFrozen, .targetFrozen: self.init(Objection(.convertingFrozen))
    case .pendingExpired: self.init(Objection(.deadlineOver))
    default:
      self.init("ledger-\(refusal)", "the books do not allow this (\(refusal)); tell the operator")
    }
  }
}
