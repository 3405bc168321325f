// SPDX-License-Identifier: Apache-2.0
import Units

/// A decimal exactly as a table writes it: `12`, `-0.5`, `1063.182149`, `6.31e3`.
struct TableDecimal: Hashable {
  /// The digits as one number; the value is `digits` × 10^`exponent`.
  private var negative = false
  private var digits: UInt128 = 0
  private var exponent = 0

  /// Nil for anything that is not a plain decimal (thousands separators included: `1,234` is one
  /// and a quarter to one clerk and a thousand to another), and beyond 30 digits.
  init?(_ text: some StringProtocol) {
    var bytes = Array(text.utf8)[...]
    if bytes.first == 45 || bytes.first == 43 {
      negative = bytes.first == 45
      bytes.removeFirst()
    }
    var seen = 0
    var point = false
    while let byte = bytes.first, (48...57).contains(byte) || byte == 46 && !point && seen > 0 {
      bytes.removeFirst()
      guard byte != 46 else {
        guard let after = bytes.first, (48...57).contains(after) else { return nil }
        point = true
        continue
      }
      digits = digits * 10 + UInt128(byte - 48)
      if digits > 0 { seen += 1 }
      seen = max(seen, 1)
      guard seen <= 30 else { return nil }
      if point { exponent -= 1 }
    }
    guard seen > 0 else { return nil }
    if bytes.first == 101 || bytes.first == 69 {
      guard let power = Int(String(decoding: bytes.dropFirst(), as: UTF8.self)), abs(power) < 60
      else { return nil }
      exponent += power
      bytes = []
    }
    guard bytes.isEmpty else { return nil }
  }

  /// The value times `ratio`, in units of 10^-`decimals`, rounded half-even; nil beyond Int64.
  func scaled(by ratio: TableUnit.Ratio, decimals: Int) -> Int64? {
    var (top, over) = digits.multipliedReportingOverflow(by: UInt128(ratio.over))
    guard !over else { return nil }
    var bottom = UInt128(ratio.under)
    var power = exponent + decimals
    while power > 0, top != 0 {
      (top, over) = top.multipliedReportingOverflow(by: 10)
      guard !over else { return nil }
      power -= 1
    }
    while power < 0 {
      (bottom, over) = bottom.multipliedReportingOverflow(by: 10)
      // A divisor past 10^38 leaves nothing of at most 30 digits.
      guard !over else { return 0 }
      power += 1
    }
    var (quotient, rest) = top.quotientAndRemainder(dividingBy: bottom)
    let half = bottom - rest
    if rest > half || rest == half && quotient % 2 == 1 { quotient += 1 }
    guard quotient <= UInt128(Int64.max) else { return nil }
    return negative ? -Int64(quotient) : Int64(quotient)
  }

  func measured(_ unit: TableUnit) -> Measured? {
    scaled(by: unit.ratio, decimals: 6).map { Measured(millionths: $0) }
  }
}

/// 单位: a unit that a table may use for a field, and how many of the field's own unit it is.
struct TableUnit: Hashable, Sendable {
  struct Ratio: Hashable, Sendable {
    var over: UInt64
    var under: UInt64
    init(_ over: UInt64, _ under: UInt64 = 1) {
      self.over = over
      self.under = under
    }
  }
  var name: String
  var ratio: Ratio

  init?(_ name: String, of field: Field) {
    guard let found = TableUnit.known(for: field).first(where: { $0.name == name }) else {
      return nil
    }
    self = found
  }

  private init(_ name: String, _ over: UInt64, _ under: UInt64 = 1) {
    self.name = name
    ratio = Ratio(over, under)
  }

  /// The field's own unit comes first. All ratios are exact by definition.
  static func known(for field: Field) -> [TableUnit] {
    switch field.unit {
    case "m":
      [
        .init("m", 1), .init("km", 1000), .init("米", 1), .init("公里", 1000), .init("里", 500),
        .init("mi", 1_609_344, 1000),
      ]
    case "s":
      [
        .init("s", 1), .init("min", 60), .init("h", 3600), .init("ms", 1, 1000), .init("秒", 1),
        .init("分钟", 60), .init("小时", 3600),
      ]
    case "Wh":
      [
        .init("Wh", 1), .init("kWh", 1000), .init("MWh", 1_000_000), .init("度", 1000),
        .init("kJ", 10, 36),
      ]
    case "g":
      [
        .init("g", 1), .init("kg", 1000), .init("t", 1_000_000), .init("mg", 1, 1000),
        .init("克", 1), .init("千克", 1000), .init("公斤", 1000), .init("斤", 500),
        .init("吨", 1_000_000),
      ]
    case "L":
      [
        .init("L", 1), .init("mL", 1, 1000), .init("m3", 1000), .init("升", 1),
        .init("立方米", 1000), .init("吨", 1000),
      ]
    case "m3": [.init("m3", 1), .init("L", 1, 1000), .init("立方米", 1)]
    case "d": [.init("d", 1), .init("天", 1)]
    default: [.init("1", 1), .init("万", 10_000)]
    }
  }
}
