// SPDX-License-Identifier: Apache-2.0
// Facts of kind 66, version 1, readable JSON. A line of each:
//
//   {"transfers":[{"id":"…32 hex…","source":"citizen:17:points","target":"programme:1:points",
//     "amount":50,"step":"direct","linked":false,"purpose":"redemption","status":"moved"}]}
//   {"limits":{"account":"citizen:17:points","floor":0,"frozen":true}}
//
// step: direct | pending@<milliseconds> | post@<id> | void@<id>
// status: moved | pending | posted | voided | refused@<number>

import Units

package enum Fact: Sendable {
  package static let kind: UInt8 = 66
  package static let version: UInt8 = 1

  case transfers([Entry])
  case limits(AccountID, Limits)
}

/// A JSON value of the few shapes that facts use: written in a fixed order, so that the same fact
/// is always the same bytes.
package struct FactRow: Codable, Sendable {
  var transfers: [EntryRow]?
  var limits: LimitsRow?

  struct EntryRow: Codable, Sendable {
    var id: String
    var source: String
    var target: String
    var amount: Int64
    var step: String
    var linked: Bool
    var purpose: String
    var status: String
  }

  struct LimitsRow: Codable, Sendable {
    var account: String
    var floor: Int64?
    var ceiling: Int64?
    var frozen: Bool
  }

  package init(_ fact: Fact) {
    switch fact {
    case .transfers(let entries): transfers = entries.map(FactRow.row)
    case .limits(let account, let limits):
      self.limits = LimitsRow(
        account: account.name, floor: limits.floor, ceiling: limits.ceiling,
        frozen: limits.isFrozen)
    }
  }

  /// The fact, or nil where the row is none of ours.
  package var fact: Fact? {
    if let transfers {
      let entries = transfers.compactMap(FactRow.entry)
      return entries.count == transfers.count ? .transfers(entries) : nil
    }
    guard let limits, let account = AccountID(name: limits.account) else { return nil }
    return .limits(
      account,
      Limits(floor: limits.floor, ceiling: limits.ceiling, isFrozen: limits.frozen))
  }

  private static func row(_ entry: Entry) -> EntryRow {
    let transfer = entry.transfer
    let step =
      switch transfer.step {
      case .direct: "direct"
      case .pending(let deadline): "pending@\(deadline.milliseconds)"
      case .post(let id): "post@\(id)"
      case .void(let id): "void@\(id)"
      }
    let status =
      switch entry.status {
      case .moved: "moved"
      case .pending: "pending"
      case .posted: "posted"
      case .voided: "voided"
      case .refused(let refusal): "refused@\(refusal.rawValue)"
      }
    return EntryRow(
      id: transfer.id.description, source: transfer.source.name, target: transfer.target.name,
      amount: transfer.amount, step: step, linked: transfer.isLinked, purpose: transfer.purpose,
      status: status)
  }

  private static func entry(_ row: EntryRow) -> Entry? {
    guard let id = TransferID(row.id), let source = AccountID(name: row.source),
      let target = AccountID(name: row.target)
    else { return nil }
    let words = row.step.split(separator: "@", maxSplits: 1).map(String.init)
    let step: Transfer.Step
    switch (words[0], words.count > 1 ? words[1] : "") {
    case ("direct", _): step = .direct
    case ("pending", let text):
      guard let milliseconds = Int64(text) else { return nil }
      step = .pending(deadline: Instant(milliseconds: milliseconds))
    case ("post", let text):
      guard let id = TransferID(text) else { return nil }
      step = .post(id)
    case ("void", let text):
      guard let id = TransferID(text) else { return nil }
      step = .void(id)
    default: return nil
    }
    let transfer = Transfer(
      id: id, source: source, target: target, amount: row.amount, step: step,
      isLinked: row.linked, purpose: row.purpose)
    guard let status = status(row.status, step) else { return nil }
    return Entry(transfer: transfer, status: status)
  }

  private static func status(_ text: String, _ step: Transfer.Step) -> Entry.Status? {
    switch text {
    case "moved": return .moved
    case "posted": return .posted
    case "voided": return .voided
    case "pending":
      guard case .pending(let deadline) = step else { return nil }
      return .pending(deadline: deadline)
    default:
      guard text.hasPrefix("refused@"), let number = UInt8(text.dropFirst(8)),
        let refusal = Refusal(rawValue: number)
      else { return nil }
      return .refused(refusal)
    }
  }
}
