// SPDX-License-Identifier: Apache-2.0
import Units

/// The caller's own name for a transfer: 128 bits, never zero.
package struct TransferID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var high: UInt64
  package var low: UInt64
  package init(_ high: UInt64, _ low: UInt64) {
    self.high = high
    self.low = low
  }
  package static func < (a: TransferID, b: TransferID) -> Bool {
    a.high != b.high ? a.high < b.high : a.low < b.low
  }
  package var description: String { hex(high) + hex(low) }

  /// Reads 32 hexadecimal digits; zero too, which `decide` refuses with its reason.
  package init?(_ text: String) {
    let isHex = text.utf8.allSatisfy {
      (48...57).contains($0) || (97...102).contains($0) || (65...70).contains($0)
    }
    guard text.utf8.count == 32, isHex, let high = UInt64(text.prefix(16), radix: 16),
      let low = UInt64(text.suffix(16), radix: 16)
    else { return nil }
    self.init(high, low)
  }

  private func hex(_ word: UInt64) -> String {
    let text = String(word, radix: 16)
    return String(repeating: "0", count: 16 - text.utf8.count) + text
  }
}

/// 划转: an amount from one account to another, or a word about a pending one.
package struct Transfer: Hashable, Sendable {
  package enum Step: Hashable, Sendable {
    case direct
    /// Sets the amount aside until posted, voided, or past the deadline.
    case pending(deadline: Instant)
    /// Moves a pending transfer's amount, or the given part of it.
    case post(TransferID)
    case void(TransferID)
  }

  package var id: TransferID
  package var source: AccountID
  package var target: AccountID
  package var amount: Int64
  package var step: Step
  /// Happens only if the next one happens too.
  package var isLinked: Bool
  /// Why, for statements: a code of at most 64 bytes, such as `redemption`.
  package var purpose: String

  package init(
    id: TransferID, source: AccountID, target: AccountID, amount: Int64, step: Step = .direct,
    isLinked: Bool = false, purpose: String
  ) {
    self.id = id
    self.source = source
    self.target = target
    self.amount = amount
    self.step = step
    self.isLinked = isLinked
    self.purpose = purpose
  }

  /// A transfer whose amount and accounts agree by type.
  package init<Unit: AssetUnit>(
    id: TransferID, _ amount: Amount<Unit>, from source: (AccountID.Class, UInt32),
    to target: (AccountID.Class, UInt32), step: Step = .direct, isLinked: Bool = false,
    purpose: String
  ) {
    self.init(
      id: id, source: AccountID(source.0, source.1, Unit.asset),
      target: AccountID(target.0, target.1, Unit.asset), amount: amount.count, step: step,
      isLinked: isLinked, purpose: purpose)
  }

  /// The first field in which two transfers differ.
  func difference(from other: Transfer) -> String? {
    if source != other.source { return "source" }
    if target != other.target { return "target" }
    if amount != other.amount { return "amount" }
    if step != other.step { return "step" }
    if isLinked != other.isLinked { return "isLinked" }
    if purpose != other.purpose { return "purpose" }
    return nil
  }
}

/// What became of an identifier.
package struct Entry: Hashable, Sendable {
  package enum Status: Hashable, Sendable {
    case moved
    case pending(deadline: Instant)
    case posted
    case voided
    case refused(Refusal)
  }
  package var transfer: Transfer
  package var status: Status
}

/// Why a transfer is not made. Numbers are for ever; the order is the order of precedence.
package enum Refusal: UInt8, Error, Sendable, CaseIterable {
  /// The identifier was used before with other content; the answer names the field.
  case idReused = 1
  case idIsZero
  case linkedFailed
  case linkedChainOpen
  case purposeInvalid
  case amountNotPositive
  case accountUnknown
  case assetsDiffer
  case sameAccount
  case pendingUnknown
  case pendingNotPending
  case pendingExpired
  case pendingDiffers
  case deadlinePassed
  case sourceFrozen
  case targetFrozen
  case overdrawn
  case aboveCeiling
}

/// The answer to one transfer.
package enum Answer: Hashable, Sendable {
  case done
  /// The same transfer was made before.
  case again
  case refused(Refusal, field: String?)
}
