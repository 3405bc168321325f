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

  /// Decides an account's limits; those that it breaks already are refused.
  package func decide(_ account: AccountID, _ limits: Limits) -> Result<Fact, Refusal> {
    guard canHold(account) else { return .failure(.accountUnknown) }
    let position = position(of: account)
    if let floor = limits.floor, position.balance - position.pendingOut < floor {
      return .failure(.overdrawn)
    }
    if let ceiling = limits.ceiling, position.balance + position.pendingIn > ceiling {
      return .failure(.aboveCeiling)
    }
    return .success(.limits(account, limits))
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
      if case .refused(let refusal) = entry.status {
        return .refused(refusal, field: field(of: refusal, in: transfer))
      }
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
      if !canHold(account) { return (.accountUnknown, field) }
    }
    if transfer.source.asset != transfer.target.asset { return (.assetsDiffer, "target") }
    return transfer.source == transfer.target ? (.sameAccount, "target") : nil
  }

  /// The field that a refusal is about, so that the second answer is the first one.
  private func field(of refusal: Refusal, in transfer: Transfer) -> String? {
    switch refusal {
    case .idReused, .idIsZero: "id"
    case .linkedFailed, .linkedChainOpen: nil
    case .purposeInvalid: "purpose"
    case .amountNotPositive, .pendingDiffers, .overdrawn, .aboveCeiling: "amount"
    case .accountUnknown: canHold(transfer.source) ? "target" : "source"
    case .assetsDiffer, .sameAccount, .targetFrozen: "target"
    case .sourceFrozen: "source"
    case .pendingUnknown, .pendingNotPending, .pendingExpired, .deadlinePassed: "step"
    }
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
      let (aside, tooMuch) = from.pendingOut.addingReportingOverflow(transfer.amount)
      if tooMuch { return refuse(transfer, .overdrawn, "amount", &draft) }
      let (announced, tooMany) = to.pendingIn.addingReportingOverflow(transfer.amount)
      if tooMany { return refuse(transfer, .aboveCeiling, "amount", &draft) }
      from.pendingOut = aside
      to.pendingIn = announced
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
    let earlier = draft.status[transfer.id] ?? known[transfer.id]
    if let earlier, case .refused(let first) = earlier.status,
      earlier.transfer.difference(from: transfer) == nil
    {
      // A link of a chain that is sent again: the same answer as the first time.
      return .refused(first, field: self.field(of: first, in: transfer))
    }
    if earlier == nil, refusal != .idReused, refusal != .idIsZero {
      let entry = Entry(transfer: transfer, status: .refused(refusal))
      draft.entries.append(entry)
      draft.status[transfer.id] = entry
    }
    return .refused(refusal, field: field)
  }
}
