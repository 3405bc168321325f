// SPDX-License-Identifier: Apache-2.0
// The mall's value: for each fact of Rewards the transfers that go with it, all or none.
//
//   points   citizen ──▶ offer (escrow) ──▶ merchant                  back to the citizen otherwise
//   stock-N  programme:70 ──▶ release ──▶ citizen ──▶ programme:71    72 for what lapsed
//   fen      programme:71 (payments) ──▶ offer ──▶ merchant           what the citizen paid
//            programme:70 (the mall's fund) ──▶ merchant              what the programme pays
//
// While a payment is on its way, points and piece are pending transfers with the order's deadline.
// Identifiers of transfers are made of what they are for and the order's number; `6d616c6c` is
// "mall".

import Journal
import Ledger
import Membership
import Policy
import Rewards
import Units

extension State {
  /// The mechanism's own accounts in the mall's business.
  package enum MallAccount: UInt32 {
    /// Stock: minus what was released. Fen: minus what the programme owes and paid to merchants.
    case source = 70
    /// Stock: used. Fen: minus what payments brought in.
    case sink = 71
    /// Stock and points: lapsed.
    case lapsed = 72
  }

  private enum Step: UInt64 {
    case takePoints = 1
    case takeStock, postPoints, postStock, takeCash, voidPoints, voidStock, earnPoints, useStock
    case settle, earnCash, returnPoints, returnStock, returnCash, release, lapse
  }

  mutating func perform(
    _ command: Rewards.Command, now: Instant, writer: FrameWriter
  ) -> Result<CommandResult, CommandRefusal> {
    switch rewards.decide(command, setting(command, now)) {
    case .failure(let denial): return .failure(CommandRefusal(denial))
    case .success(let decision):
      var result = CommandResult()
      result.number = decision.number
      result.isRepeat = decision.isRepeat
      for fact in decision.facts {
        switch write(fact, now, writer) {
        case .success(let number): if result.fact.isNone { result.fact = number }
        case .failure(let refusal):
          // The expire run goes on with the next: one frozen account must not hold up all.
          if case .lapse = command { continue }
          return .failure(refusal)
        }
      }
      return .success(result)
    }
  }

  private func setting(_ command: Rewards.Command, _ now: Instant) -> Setting {
    var setting = Setting(
      now: now, zone: pack?.zone ?? 28_800, rules: pack?.mall ?? Rewards.Rules())
    if case .reserve(let asked) = command, membership.exists(asked.citizen) {
      let position = ledger.position(of: .citizen(asked.citizen, .points))
      setting.spendable = max(0, position.balance - position.pendingOut)
      setting.isFrozen = membership.isFrozen(asked.citizen)
    }
    return setting
  }

  /// Writes and applies a fact with its transfers; writes nothing where the ledger refuses one.
  private mutating func write(
    _ fact: Rewards.Fact, _ now: Instant, _ writer: FrameWriter
  ) -> Result<FactNumber, CommandRefusal> {
    let transfers = transfers(for: fact)
    let (answers, moved) = ledger.decide(transfers, now: now)
    for case .refused(let refusal, _) in answers where refusal != .linkedFailed {
      return .failure(CommandRefusal(refusal, of: fact))
    }
    let number = nextFact
    writer.readable(kind: fact.kind, json: encode(Rewards.FactRow(fact)))
    rewards.apply(fact)
    nextFact = FactNumber(nextFact.raw + 1)
    if let moved {
      writer.readable(kind: Ledger.Fact.kind, json: encode(Ledger.FactRow(moved)))
      ledger.apply(moved)
      nextFact = FactNumber(nextFact.raw + 1)
    }
    return .success(number)
  }

  /// What a fact moves, as it stands before the fact is applied.
  private func transfers(for fact: Rewards.Fact) -> [Transfer] {
    var moves: [Transfer] = []
    switch fact {
    case .merchant, .merchantJudged, .offer, .offerJudged: break
    case .release(let number, let release, _):
      moves = [
        State.move(
          .release, number, release.quantity, State.pool(.source, .stock(release.offer)),
          AccountID(.release, number, .stock(release.offer)))
      ]
    case .lapsed(let number, let left):
      guard let release = rewards.release(number) else { break }
      moves = [
        State.move(
          .lapse, number, left, AccountID(.release, number, .stock(release.offer)),
          State.pool(.lapsed, .stock(release.offer)))
      ]
    case .placed(let number, let order): moves = placing(number, order)
    case .paid(let number, _):
      guard let order = rewards.order(number) else { break }
      moves = paying(number, order)
    case .ended(let ending):
      guard let order = rewards.order(ending.order) else { break }
      moves = order.status == .paying ? voiding(ending.order, order) : concluding(ending, order)
    }
    moves = moves.filter { $0.amount > 0 }
    for index in moves.indices.dropLast() { moves[index].isLinked = true }
    return moves
  }

  private func placing(_ number: UInt32, _ order: Order) -> [Transfer] {
    let accounts = Accounts(number, order, isUnlimited: isUnlimited(order))
    let step: Transfer.Step =
      order.status == .paying ? .pending(deadline: order.deadline) : .direct
    return [
      State.move(
        .takePoints, number, order.points, accounts.citizen, accounts.escrow, step),
      State.move(.takeStock, number, 1, accounts.shelf, accounts.piece, step),
    ]
  }

  private func paying(_ number: UInt32, _ order: Order) -> [Transfer] {
    let accounts = Accounts(number, order, isUnlimited: isUnlimited(order))
    return [
      State.move(
        .postPoints, number, order.points, accounts.citizen, accounts.escrow,
        .post(State.id(.takePoints, number))),
      State.move(
        .postStock, number, 1, accounts.shelf, accounts.piece,
        .post(State.id(.takeStock, number))),
      State.move(.takeCash, number, order.cash, State.pool(.sink, .fen), accounts.cash),
    ]
  }

  private func voiding(_ number: UInt32, _ order: Order) -> [Transfer] {
    let accounts = Accounts(number, order, isUnlimited: isUnlimited(order))
    return [
      State.move(
        .voidPoints, number, order.points, accounts.citizen, accounts.escrow,
        .void(State.id(.takePoints, number))),
      State.move(
        .voidStock, number, 1, accounts.shelf, accounts.piece,
        .void(State.id(.takeStock, number))),
    ]
  }

  private func concluding(_ ending: Ending, _ order: Order) -> [Transfer] {
    let number = ending.order
    let accounts = Accounts(number, order, isUnlimited: isUnlimited(order))
    guard let offer = rewards.offer(order.offer) else { return [] }
    let stock = Asset.stock(order.offer)
    if ending.status == .used {
      let merchant = offer.merchant
      return [
        State.move(
          .earnPoints, number, order.points, accounts.escrow,
          AccountID(.merchant, merchant, .points)),
        State.move(.useStock, number, 1, accounts.piece, State.pool(.sink, stock)),
        State.move(
          .settle, number, order.settles, State.pool(.source, .fen),
          AccountID(.merchant, merchant, .fen)),
        State.move(
          .earnCash, number, order.cash, accounts.cash, AccountID(.merchant, merchant, .fen)),
      ]
    }
    // Points come back; of a voucher that expired, by the rule that the offer states.
    let keeps = ending.status == .expired && offer.expiry == .forfeits
    let isFresh = ending.status != .expired && rewards.returnsToShelf(order)
    return [
      State.move(
        .returnPoints, number, order.points, accounts.escrow,
        keeps ? State.pool(.lapsed, .points) : accounts.citizen),
      State.move(
        .returnStock, number, 1, accounts.piece,
        isFresh ? accounts.shelf : State.pool(.lapsed, stock)),
      State.move(
        .returnCash, number, order.cash, accounts.cash, State.pool(.sink, .fen)),
    ]
  }

  private func isUnlimited(_ order: Order) -> Bool {
    rewards.offer(order.offer)?.isUnlimited ?? false
  }

  private struct Accounts {
    let citizen: AccountID
    let escrow: AccountID
    let cash: AccountID
    let shelf: AccountID
    let piece: AccountID
    init(_ number: UInt32, _ order: Order, isUnlimited: Bool) {
      let stock = Asset.stock(order.offer)
      citizen = .citizen(order.citizen, .points)
      escrow = AccountID(.offer, UInt32(order.offer), .points)
      cash = AccountID(.offer, UInt32(order.offer), .fen)
      shelf =
        isUnlimited ? State.pool(.source, stock) : AccountID(.release, order.release, stock)
      piece = .citizen(order.citizen, stock)
    }
  }

  private static func pool(_ account: MallAccount, _ asset: Asset) -> AccountID {
    AccountID(.programme, account.rawValue, asset)
  }

  private static func id(_ step: Step, _ number: UInt32) -> TransferID {
    TransferID(0x6d61_6c6c_0000_0000 | step.rawValue, UInt64(number))
  }

  private static func move(
    _ step: Step, _ number: UInt32, _ amount: Int64, _ source: AccountID, _ target: AccountID,
    _ how: Transfer.Step = .direct
  ) -> Transfer {
    Transfer(
      id: id(step, number), source: source, target: target, amount: amount, step: how,
      purpose: "mall-\(step)")
  }

  /// Whether counts of pieces, and what open vouchers hold, are what the ledger's accounts say.
  func auditMall() -> String? {
    if let fault = rewards.audit() { return fault }
    // A mechanism without a mall need not walk over all its accounts once more.
    guard !rewards.offers.isEmpty else { return nil }
    var pieces: [UInt16: Int64] = [:]
    var fault: String?
    ledger.forEachAccount { account, position in
      guard let offer = account.asset?.offer else { return }
      if account.kind == .citizen { pieces[offer, default: 0] += position.balance }
      if rewards.offer(offer) == nil { fault = "\(account.name) is stock of no offer" }
    }
    if let fault { return fault }
    let held = rewards.held()
    for index in rewards.offers.indices {
      let number = UInt16(index + 1)
      let open = held[number] ?? (0, 0, 0)
      let points = ledger.balance(of: AccountID(.offer, UInt32(number), .points))
      let fen = ledger.balance(of: AccountID(.offer, UInt32(number), .fen))
      guard points == open.points, fen == open.fen, pieces[number] ?? 0 == open.pieces else {
        return "offer \(number): \(open.pieces) open vouchers of \(open.points) points and "
          + "\(open.fen) fen, the ledger has \(pieces[number] ?? 0), \(points) and \(fen)"
      }
    }
    for (index, release) in rewards.releases.enumerated() {
      guard rewards.offer(release.offer)?.isUnlimited == false else { continue }
      let number = UInt32(index + 1)
      let position = ledger.position(
        of: AccountID(.release, number, .stock(release.offer)))
      guard position.balance - position.pendingOut == release.left else {
        return "release \(number) has \(release.left) left, the ledger \(position.balance) less "
          + "\(position.pendingOut)"
      }
    }
    return nil
  }

  func check(_ fact: Rewards.Fact) throws(FrameFault) {
    guard rewards.canApply(fact) else { throw FrameFault("tells of the mall what cannot be") }
    if case .placed(_, let order) = fact, !membership.exists(order.citizen) {
      throw FrameFault("gives a voucher to a citizen who has no account")
    }
  }
}

extension CommandRefusal {
  init(_ denial: Denial) {
    self.init("\(denial.refusal)", denial.sentence)
    if let count = denial.count { detail["count"] = "\(count)" }
    if let at = denial.at { detail["at"] = "\(at.milliseconds)" }
    if let by = denial.by { detail["by"] = by }
  }

  /// What the ledger says no to although the mall would have it.
  init(_ refusal: Ledger.Refusal, of fact: Rewards.Fact) {
    switch refusal {
    case .sourceFrozen, .targetFrozen:
      self.init("accountFrozen", "an account is frozen; ask the operator")
    case .pendingExpired:
      self.init("paymentLate", "the order was no longer waiting for a payment; order again")
    default:
      self.init("ledger-\(refusal)", "the books do not allow this (\(refusal)); tell the operator")
    }
  }
}
