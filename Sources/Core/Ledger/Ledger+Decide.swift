// SPDX-License-Identifier: Apache-2.0
import Units

extension State {
  /// Decides transfers in order, each as if those before it had been made. Changes nothing.
  ///
  /// The fact holds what is to be applied: transfers made, and identifiers refused for good. It is
  /// nil where there is nothing to write.
  package func decide(_ transfers: [Transfer], now: Instant) -> (answers: [Answer], fact: Fact?) {
    var draft = Draft()
    var answers: [Answer] = []
    var at = 0
    while at < transfers.count {
      var end = at
      while end < transfers.count, transfers[end].isLinked { end += 1 }
      if end == transfers.count {
        answers += transfers[at...].map { refuse($0, .linkedChainOpen, nil, &draft) }
        break
      }
      answers += chain(Array(transfers[at...end]), now: now, &draft)
      at = end + 1
    }
    return (answers, draft.entries.isEmpty ? nil : .transfers(draft.entries))
  }

  /// Pending transfers past their deadline, to be voided by whoever runs the clock.
  package func overdue(now: Instant) -> [TransferID] {
    known.values.compactMap { entry in
      if case .pending(let deadline) = entry.status, deadline <= now { return entry.transfer.id }
      return nil
    }.sorted()
  }

  /// What the transfers decided so far would change.
  struct Draft {
    var changes: [AccountID: Position] = [:]
    var entries: [Entry] = []
    var status: [TransferID: Entry] = [:]
  }

  private func chain(_ links: [Transfer], now: Instant, _ draft: inout Draft) -> [Answer] {
    let before = draft
    var answers: [Answer] = []
    for (index, link) in links.enumerated() {
      let answer = decide(link, now: now, &draft)
      answers.append(answer)
      guard case .refused(let refusal, let field) = answer, links.count > 1 else { continue }
      draft = before
      return links.indices.map {
        $0 == index
          ? refuse(links[$0], refusal, field, &draft)
          : refuse(links[$0], .linkedFailed, nil, &draft)
      }
    }
    return answers
  }

  private func decide(_ transfer: Transfer, now: Instant, _ draft: inout Draft) -> Answer {
    if let entry = draft.status[transfer.id] ?? known[transfer.id] {
      if let field = entry.transfer.difference(from: transfer) {
        return .refused(.idReused, field: field)
      }
      if case .refused(let refusal) = entry.status { return .refused(refusal, field: nil) }
      return .again
    }
    if let (refusal, field) = fault(transfer) { return refuse(transfer, refusal, field, &draft) }
    switch transfer.step {
    case .direct: return move(transfer, setAside: false, &draft)
    case .pending(let deadline):
      guard deadline > now else { return refuse(transfer, .deadlinePassed, "step", &draft) }
      return move(transfer, setAside: true, &draft)
    case .post(let id), .void(let id): return resolve(transfer, id, now: now, &draft)
    }
  }

  private func fault(_ transfer: Transfer) -> (Refusal, String?)? {
    if transfer.id.high == 0, transfer.id.low == 0 { return (.idIsZero, "id") }
    if transfer.purpose.isEmpty || transfer.purpose.utf8.count > 64 {
      return (.purposeInvalid, "purpose")
    }
    if transfer.amount <= 0 { return (.amountNotPositive, "amount") }
    for (account, field) in [(transfer.source, "source"), (transfer.target, "target")] {
      if account.kind == nil || account.asset == nil { return (.accountUnknown, field) }
    }
    if transfer.source.asset != transfer.target.asset { return (.assetsDiffer, "target") }
    return transfer.source == transfer.target ? (.sameAccount, "target") : nil
  }

  private func move(_ transfer: Transfer, setAside: Bool, _ draft: inout Draft) -> Answer {
    let source = limits(of: transfer.source)
    let target = limits(of: transfer.target)
    if source.isFrozen { return refuse(transfer, .sourceFrozen, "source", &draft) }
    if target.isFrozen { return refuse(transfer, .targetFrozen, "target", &draft) }
    var from = draft.changes[transfer.source] ?? position(of: transfer.source)
    var to = draft.changes[transfer.target] ?? position(of: transfer.target)
    let (left, under) = (from.balance - from.pendingOut).subtractingReportingOverflow(
      transfer.amount)
    if under || left < source.floor ?? .min {
      return refuse(transfer, .overdrawn, "amount", &draft)
    }
    let (height, over) = (to.balance + to.pendingIn).addingReportingOverflow(transfer.amount)
    if over || height > target.ceiling ?? .max {
      return refuse(transfer, .aboveCeiling, "amount", &draft)
    }
    if setAside {
      from.pendingOut += transfer.amount
      to.pendingIn += transfer.amount
    } else {
      from.balance -= transfer.amount
      to.balance += transfer.amount
    }
    draft.changes[transfer.source] = from
    draft.changes[transfer.target] = to
    if case .pending(let deadline) = transfer.step {
      return note(transfer, .pending(deadline: deadline), &draft)
    }
    return note(transfer, .moved, &draft)
  }

  private func resolve(
    _ transfer: Transfer, _ id: TransferID, now: Instant, _ draft: inout Draft
  ) -> Answer {
    guard let entry = draft.status[id] ?? known[id] else {
      return refuse(transfer, .pendingUnknown, "step", &draft)
    }
    guard case .pending(let deadline) = entry.status else {
      return refuse(transfer, .pendingNotPending, "step", &draft)
    }
    let pending = entry.transfer
    guard pending.source == transfer.source, pending.target == transfer.target,
      transfer.amount <= pending.amount
    else { return refuse(transfer, .pendingDiffers, "amount", &draft) }
    var posts = false
    if case .post = transfer.step { posts = true }
    if posts {
      if deadline <= now { return refuse(transfer, .pendingExpired, "step", &draft) }
      if limits(of: pending.source).isFrozen {
        return refuse(transfer, .sourceFrozen, "source", &draft)
      }
      if limits(of: pending.target).isFrozen {
        return refuse(transfer, .targetFrozen, "target", &draft)
      }
    } else if transfer.amount != pending.amount {
      return refuse(transfer, .pendingDiffers, "amount", &draft)
    }
    var from = draft.changes[pending.source] ?? position(of: pending.source)
    var to = draft.changes[pending.target] ?? position(of: pending.target)
    from.pendingOut -= pending.amount
    to.pendingIn -= pending.amount
    if posts {
      from.balance -= transfer.amount
      to.balance += transfer.amount
    }
    draft.changes[pending.source] = from
    draft.changes[pending.target] = to
    draft.status[id] = Entry(transfer: pending, status: posts ? .posted : .voided)
    return note(transfer, posts ? .moved : .voided, &draft)
  }

  private func note(_ transfer: Transfer, _ status: Entry.Status, _ draft: inout Draft) -> Answer {
    let entry = Entry(transfer: transfer, status: status)
    draft.entries.append(entry)
    draft.status[transfer.id] = entry
    return .done
  }

  private func refuse(
    _ transfer: Transfer, _ refusal: Refusal, _ field: String?, _ draft: inout Draft
  ) -> Answer {
    let unused = known[transfer.id] == nil && draft.status[transfer.id] == nil
    if unused, refusal != .idReused, refusal != .idIsZero {
      let entry = Entry(transfer: transfer, status: .refused(refusal))
      draft.entries.append(entry)
      draft.status[transfer.id] = entry
    }
    return .refused(refusal, field: field)
  }
}
