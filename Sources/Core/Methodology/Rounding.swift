// SPDX-License-Identifier: Apache-2.0

/// 取整: how a result becomes whole grams. Named by the method, applied once.
package enum Rounding: String, BitwiseCopyable, CaseIterable, Sendable {
  /// To the nearest gram, a half to the even one: 243.5 and 244.5 are both 244.
  case halfEven = "half-even to gram"
  /// The started gram is dropped.
  case down = "down to gram"

  /// Whole grams; what is negative, or no number, earns nothing.
  ///
  /// A double cannot hold 48.7. So that decimals round as they are written, a result within a
  /// millionth of a millionth of a half is a half (5 km x 48.7 g/km is 243.5), and one that far
  /// below a whole gram is whole. The machine's own error is a thousand times smaller; a real
  /// measured difference, given in millionths of a metre, is many times greater.
  @inline(__always)
  func grams(_ value: Double) -> Int64 {
    // More than this is beyond what a double counts in ones; false for what is no number, too.
    guard value > 0 else { return 0 }
    guard value < 9e15 else { return value.isNaN ? 0 : 9_000_000_000_000_000 }
    let slack = 1e-12 * (value > 1 ? value : 1)
    switch self {
    case .down:
      return Int64(value + slack)
    case .halfEven:
      let whole = Int64(value)
      let over = value - Double(whole) - 0.5
      if over.magnitude <= slack { return whole + (whole & 1) }
      return over > 0 ? whole + 1 : whole
    }
  }
}
