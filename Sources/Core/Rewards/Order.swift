// SPDX-License-Identifier: Apache-2.0
import Units

/// The caller's own name for an order, or for a use: 128 bits, never zero.
package struct OrderID: Hashable, Sendable, CustomStringConvertible {
  package var high: UInt64
  package var low: UInt64
  package init(_ high: UInt64, _ low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads 32 hexadecimal digits.
  package init?(_ text: String) {
    guard let (high, low) = words(text), high != 0 || low != 0 else { return nil }
    self.init(high, low)
  }
  package var description: String { digits(high) + digits(low) }
}

/// The first 128 bits of a digest of a voucher's code.
package struct CodeDigest: Hashable, Sendable, CustomStringConvertible {
  package var high: UInt64
  package var low: UInt64
  package init(_ high: UInt64, _ low: UInt64) {
    self.high = high
    self.low = low
  }

  package init?(_ text: String) {
    guard let (high, low) = words(text) else { return nil }
    self.init(high, low)
  }
  package var description: String { digits(high) + digits(low) }
}

private func words(_ text: String) -> (UInt64, UInt64)? {
  guard text.utf8.count == 32, text.utf8.allSatisfy({ $0 != 43 && $0 != 45 }),
    let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
  else { return nil }
  return (high, low)
}

private func digits(_ word: UInt64) -> String {
  let text = String(word, radix: 16)
  return String(repeating: "0", count: 16 - text.utf8.count) + text
}

/// 订单、券: one piece that a citizen took, from the reservation to its end.
package struct Order: Hashable, Sendable {
  package enum Status: String, Sendable, Codable, CaseIterable {
    /// Set aside until paid.
    case paying
    /// 待使用: a voucher that can be used.
    case open
    /// 已核销
    case used
    /// The citizen gave up before paying.
    case cancelled
    /// Nobody paid in time.
    case late
    /// 已退回: the citizen gave the voucher back.
    case returned
    /// 商户未兑付: refunded because the merchant did not honour it.
    case refunded
    /// 已过期
    case expired

    /// Whether the piece counts against what a person may have in a year.
    var countsForLimit: Bool {
      switch self {
      case .paying, .open, .used, .expired: true
      case .cancelled, .late, .returned, .refunded: false
      }
    }
  }

  package var id: OrderID
  package var code: CodeDigest
  package var citizen: CitizenID
  package var offer: UInt16
  package var release: UInt32
  /// What was agreed when it was placed, in points and fen.
  package var points: Int64
  package var cash: Int64
  package var settles: Int64
  package var placed: Instant
  package var validFrom: Instant
  package var validUntil: Instant
  /// Until when it must be paid; zero where nothing is to be paid.
  package var deadline: Instant
  package var status: Status
  /// The payment's reference at the provider.
  package var payment = ""
  /// When it ended, by whom, and under which identifier of theirs.
  package var ended = Instant(milliseconds: 0)
  package var endedBy = ""
  package var use: OrderID?
  /// The digest of the reason that staff gave, whose text stands in the Vault; empty for none.
  package var reason = ""

  package init(
    id: OrderID, code: CodeDigest, citizen: CitizenID, offer: UInt16, release: UInt32,
    points: Int64, cash: Int64, settles: Int64, placed: Instant, validFrom: Instant,
    validUntil: Instant, deadline: Instant, status: Status
  ) {
    self.id = id
    self.code = code
    self.citizen = citizen
    self.offer = offer
    self.release = release
    self.points = points
    self.cash = cash
    self.settles = settles
    self.placed = placed
    self.validFrom = validFrom
    self.validUntil = validUntil
    self.deadline = deadline
    self.status = status
  }
}
