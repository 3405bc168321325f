// SPDX-License-Identifier: Apache-2.0
import Units

extension State {
  /// Takes over a decided fact. Never fails.
  package mutating func apply(_ fact: Fact) {
    switch fact {
    case .limits(let account, let limits): self.limits[account] = limits
    case .transfers(let entries):
      for entry in entries { apply(entry) }
    }
  }

  /// Whether `apply` can take over a fact that was read and not decided: transfers between accounts
  /// that there can be, and words about pending ones that are pending.
  package func canApply(_ fact: Fact) -> Bool {
    guard case .transfers(let entries) = fact else { return true }
    var pending: [TransferID: Bool] = [:]
    return entries.allSatisfy { entry in
      let transfer = entry.transfer
      if case .refused = entry.status { return true }
      guard canHold(transfer.source), canHold(transfer.target), transfer.amount > 0 else {
        return false
      }
      switch transfer.step {
      case .direct: return true
      case .pending: pending[transfer.id] = true
      case .post(let id), .void(let id):
        if let isOpen = pending.updateValue(false, forKey: id) { return isOpen }
        guard case .pending = known[id]?.status else { return false }
      }
      return true
    }
  }

  /// Moves a batch of awards. A wall is crossed by a batch: do not call this once an event.
  package mutating func post(_ awards: UnsafeBufferPointer<Award>) {
    for index in 0..<awards.count {
      // Eight at a time: the processor looks up several pages at once.
      if index & 7 == 0 {
        for next in min(index + 8, awards.count)..<min(index + 16, awards.count) {
          citizens.prefetch(Int(awards[next].citizen.raw))
        }
      }
      let award = awards.baseAddress! + index
      let citizen = Int(award.pointee.citizen.raw)
      let scene = Int(award.pointee.scene.raw)
      citizens.reach(citizen)
      issued.reach(scene)
      let points = Int64(award.pointee.points)
      citizens.base[citizen].points += points
      citizens.base[citizen].grams += award.pointee.grams
      issued.base[scene].points -= points
      issued.base[scene].grams -= award.pointee.grams
    }
  }

  private mutating func apply(_ entry: Entry) {
    let transfer = entry.transfer
    known[transfer.id] = entry
    switch entry.status {
    case .refused: break
    case .pending: setAside(transfer, transfer.amount)
    case .moved, .posted, .voided:
      switch transfer.step {
      case .direct, .pending: move(transfer)
      case .post(let id):
        release(id, .posted)
        move(transfer)
      case .void(let id): release(id, .voided)
      }
    }
  }

  private mutating func move(_ transfer: Transfer) {
    add(-transfer.amount, to: transfer.source)
    add(transfer.amount, to: transfer.target)
    note(transfer)
  }

  private mutating func setAside(_ transfer: Transfer, _ amount: Int64) {
    positions[transfer.source, default: Position()].pendingOut += amount
    positions[transfer.target, default: Position()].pendingIn += amount
  }

  private mutating func release(_ id: TransferID, _ status: Entry.Status) {
    guard let pending = known[id] else { preconditionFailure("no pending transfer \(id)") }
    setAside(pending.transfer, -pending.transfer.amount)
    known[id] = Entry(transfer: pending.transfer, status: status)
  }
}
