// SPDX-License-Identifier: Apache-2.0
import Units

/// The leader's own name for a conversion: 128 bits, never zero, 32 hexadecimal digits on the wire.
package struct ConversionID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var high: UInt64
  package var low: UInt64
  package init(_ high: UInt64, _ low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads 32 lower-case hexadecimal digits.
  package init?(_ text: String) {
    let isHex = text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    guard isHex, text.utf8.count == 32, let high = UInt64(text.prefix(16), radix: 16),
      let low = UInt64(text.suffix(16), radix: 16), high != 0 || low != 0
    else { return nil }
    self.init(high, low)
  }

  package var description: String { digits(high) + digits(low) }
  package static func < (a: ConversionID, b: ConversionID) -> Bool {
    a.high != b.high ? a.high < b.high : a.low < b.low
  }

  private func digits(_ word: UInt64) -> String {
    let text = String(word, radix: 16)
    return String(repeating: "0", count: 16 - text.utf8.count) + text
  }
}

/// 方向: out, our points become theirs; in, theirs become ours.
package enum Direction: String, Sendable, Codable, CaseIterable {
  case out
  case `in`
}

/// 发起方: who decides about a conversion.
package enum Lead: String, Sendable, Codable, CaseIterable {
  case ours
  case theirs
}

/// 互认: one exchange of points, from the promise to its end.
package struct Conversion: Hashable, Sendable, Codable {
  package enum Status: String, Sendable, Codable, CaseIterable {
    /// Set aside, not decided.
    case open
    case confirmed
    case cancelled
  }

  package var id: String
  package var programme: String
  package var direction: Direction
  package var lead: Lead
  package var citizen: UInt32
  /// Points given on one side and taken on the other.
  package var ours: Int64
  package var theirs: Int64
  /// The rate of that day: so many of theirs for so many of ours.
  package var rateTheirs: Int64
  package var rateOurs: Int64
  /// The programme's own account, as the pack had it.
  package var account: UInt32
  /// The day for which it counts, as days since 1970 of the leader's calendar.
  package var day: Int32
  /// Milliseconds since 1970.
  package var began: Int64
  package var deadline: Int64
  package var status = Status.open
  package var ended: Int64?
  /// Why it was cancelled: a code, of ours or of theirs.
  package var reason: String?
  /// Whether the other side has acknowledged the end; from the start where they lead.
  package var isTold = false

  package var isSettled: Bool { status != .open && isTold }

  /// Whether this is what somebody asks for once more.
  func isSame(as other: Conversion) -> Bool {
    id == other.id && programme == other.programme && direction == other.direction
      && lead == other.lead && citizen == other.citizen && ours == other.ours
      && theirs == other.theirs
  }

  /// Sound by itself: amounts that can be, in the rate's proportion, and an identifier.
  var isSound: Bool {
    let left = ours.multipliedReportingOverflow(by: rateTheirs)
    let right = theirs.multipliedReportingOverflow(by: rateOurs)
    return ConversionID(id) != nil && (1...Programme.amountMax).contains(ours)
      && (1...Programme.amountMax).contains(theirs) && rateOurs > 0 && rateTheirs > 0
      && !left.overflow && !right.overflow && left.partialValue == right.partialValue
      && Programme.accounts.contains(account) && status == .open && ended == nil && reason == nil
      && isTold == (lead == .theirs) && citizen > 0
  }
}
