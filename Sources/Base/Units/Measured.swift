// SPDX-License-Identifier: Apache-2.0

/// 监测值: what a partner measured, in millionths of the field's unit.
///
/// Integers keep a report exactly as it was sent (six decimals), so that a ride of 1063.182149 m is
/// the same ride at every replay, and two reports can be compared byte by byte.
@frozen public struct Measured: Hashable, Comparable, Sendable {
  public var millionths: Int64
  @inlinable public init(millionths: Int64) { self.millionths = millionths }
  @inlinable public init(_ whole: Int64) { self.millionths = whole * 1_000_000 }
  @inlinable public static func < (a: Measured, b: Measured) -> Bool {
    a.millionths < b.millionths
  }
  @inlinable public var double: Double { Double(millionths) / 1e6 }

  /// Reads a JSON number or a table's decimal: `12`, `-0.5`, `1063.182149`, `1.2e3`. More than six
  /// decimals are rounded half-even at the sixth. Nil for anything else, or beyond ±9.2e12.
  public static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Measured? {
    var at = 0
    var negative = false
    if at < bytes.count, bytes[at] == 45 {
      negative = true
      at += 1
    }
    var digits: [UInt8] = []
    var point: Int?
    while at < bytes.count {
      let byte = bytes[at]
      if byte >= 48, byte <= 57 {
        digits.append(byte - 48)
      } else if byte == 46, point == nil, !digits.isEmpty {
        point = digits.count
      } else {
        break
      }
      at += 1
    }
    guard !digits.isEmpty, point != digits.count, digits.count <= 40 else { return nil }
    var exponent = 0
    if at < bytes.count, bytes[at] == 101 || bytes[at] == 69 {
      at += 1
      var sign = 1
      if at < bytes.count, bytes[at] == 45 || bytes[at] == 43 {
        sign = bytes[at] == 45 ? -1 : 1
        at += 1
      }
      let first = at
      while at < bytes.count, bytes[at] >= 48, bytes[at] <= 57, at - first < 3 {
        exponent = exponent * 10 + Int(bytes[at] - 48)
        at += 1
      }
      guard at > first else { return nil }
      exponent *= sign
    }
    guard at == bytes.count else { return nil }
    let kept = (point ?? digits.count) + exponent + 6
    guard let value = round(digits, keeping: kept) else { return nil }
    return Measured(millionths: negative ? -value : value)
  }

  private static func round(_ digits: [UInt8], keeping kept: Int) -> Int64? {
    var value: Int64 = 0
    guard kept >= 0 else { return 0 }
    for index in 0..<kept {
      let (product, over) = value.multipliedReportingOverflow(by: 10)
      let digit = index < digits.count ? Int64(digits[index]) : 0
      let (sum, tooMuch) = product.addingReportingOverflow(digit)
      guard !over, !tooMuch, index < 60 else { return nil }
      value = sum
    }
    guard kept < digits.count else { return value }
    let rest = digits[kept...]
    let above = rest.first! > 5 || (rest.first! == 5 && rest.dropFirst().contains { $0 != 0 })
    let tie = rest.first! == 5 && !above
    guard above || (tie && value % 2 == 1) else { return value }
    // The largest value that fits has nothing to be rounded up to.
    return value == .max ? nil : value + 1
  }
}

extension Measured: CustomStringConvertible {
  /// The shortest decimal: `1063.182149`, `500`.
  public var description: String {
    let magnitude = millionths.magnitude
    var text = (millionths < 0 ? "-" : "") + String(magnitude / 1_000_000)
    var fraction = magnitude % 1_000_000
    guard fraction != 0 else { return text }
    var width = 6
    while fraction % 10 == 0 {
      fraction /= 10
      width -= 1
    }
    text += "." + padded(Int(fraction), width)
    return text
  }
}
