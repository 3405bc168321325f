// SPDX-License-Identifier: Apache-2.0

/// 计量单位: `km`, `g/(person km)`, `kgCO2/kWh`: a dimension and how many of its bases one is.
///
/// The bases are gram, metre, second, watt hour, litre, square metre and yuan. Things that are
/// counted (persons, trips, pages, steps) are plain numbers: `g/(person km)` of one person is
/// `g/km`.
package struct UnitOfMeasure: Hashable, Sendable {
  package var dimension: Dimension
  package var scale: Double
  /// As it was written.
  package var text: String

  package static let one = UnitOfMeasure(dimension: .none, scale: 1, text: "1")

  package init(dimension: Dimension, scale: Double, text: String) {
    self.dimension = dimension
    self.scale = scale
    self.text = text
  }

  /// Reads a unit, or says which word it does not know.
  package static func parse(_ text: String) -> Result<UnitOfMeasure, UnitProblem> {
    guard text.utf8.count <= 64 else {
      return .failure(UnitProblem(column: 1, reason: "a unit of more than 64 bytes"))
    }
    var reader = UnitReader(bytes: Array(text.utf8))
    do {
      var unit = try reader.product(closing: false)
      unit.text = text
      return .success(unit)
    } catch {
      return .failure(error)
    }
  }
}

/// A unit that cannot be read: where (bytes from 1), and why.
package struct UnitProblem: Error, Hashable, Sendable {
  package var column: Int
  package var reason: String
}

/// unit    = factor { ("/" | "*" | " " | "·") factor }      each "/" divides by one factor
/// factor  = [number] word [ ["^"] digits ] | number | "(" unit ")"
private struct UnitReader {
  var bytes: [UInt8]
  var at = 0

  mutating func product(closing: Bool) throws(UnitProblem) -> UnitOfMeasure {
    var result = UnitOfMeasure.one
    var dividing = false
    var expected = true
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: ")") {
        guard closing, !expected else { throw problem("a `)` too many") }
        return result
      }
      if byte == UInt8(ascii: " ") {
        at += 1
        continue
      }
      if byte == UInt8(ascii: "/") || byte == UInt8(ascii: "*") {
        guard !expected else { throw problem("a unit is missing before `/` or `*`") }
        dividing = byte == UInt8(ascii: "/")
        expected = true
        at += 1
        continue
      }
      let next = try factor()
      result.dimension =
        dividing ? result.dimension / next.dimension : result.dimension * next.dimension
      result.scale = dividing ? result.scale / next.scale : result.scale * next.scale
      guard result.dimension.isSensible, result.scale.isFinite, result.scale > 0 else {
        throw problem("a unit beyond all measure")
      }
      dividing = false
      expected = false
    }
    guard !expected, !closing else {
      throw problem(closing ? "the `)` is missing" : "a unit is missing at the end")
    }
    return result
  }

  private mutating func factor() throws(UnitProblem) -> UnitOfMeasure {
    let first = at
    if bytes[at] == UInt8(ascii: "(") {
      guard first < 60, bytes[..<first].count(where: { $0 == 40 }) < 4 else {
        throw problem("too many brackets")
      }
      at += 1
      let inner = try product(closing: true)
      at += 1
      return inner
    }
    if isDigit(bytes[at]) {
      let digits = take(isDigit)
      guard digits.count <= 9, let number = Double(digits), number > 0 else {
        throw UnitProblem(column: first + 1, reason: "`\(digits)` is no multiple of a unit")
      }
      // `L/100km`: a number right before a unit is a multiple of that unit, also below a stroke.
      guard at < bytes.count, isLetter(bytes[at]) else {
        return UnitOfMeasure(dimension: .none, scale: number, text: digits)
      }
      var unit = try factor()
      unit.scale *= number
      return unit
    }
    let word = take { isLetter($0) || $0 == 37 }
    guard !word.isEmpty else { throw problem("a character that no unit has") }
    // Only a plain word may carry CO2's own 2: it is part of the name and no power.
    var name = word
    if name.hasSuffix("CO"), at < bytes.count, bytes[at] == UInt8(ascii: "2") {
      at += 1
      name = String(name.dropLast(2))
      if at < bytes.count, bytes[at] == UInt8(ascii: "e") { at += 1 }
      guard let unit = UnitTable.named(name), unit.dimension == .mass else {
        throw UnitProblem(column: first + 1, reason: "CO2 is measured in g, kg or t")
      }
      return unit
    }
    let exponent = try self.exponent()
    if let unit = UnitTable.named(exponent == 1 ? name : name + "\(exponent)") { return unit }
    guard let unit = UnitTable.named(name) else {
      throw UnitProblem(column: first + 1, reason: "no unit is called `\(word)`")
    }
    return UnitOfMeasure(
      dimension: unit.dimension.power(exponent), scale: power(unit.scale, exponent), text: name)
  }

  private mutating func exponent() throws(UnitProblem) -> Int {
    guard at < bytes.count else { return 1 }
    let caret = bytes[at] == UInt8(ascii: "^")
    if caret { at += 1 }
    guard at < bytes.count, isDigit(bytes[at]) else {
      if caret { throw problem("a power is missing after `^`") }
      return 1
    }
    let digits = take(isDigit)
    guard let exponent = Int(digits), (1...4).contains(exponent) else {
      throw problem("a power of a unit is 1 to 4")
    }
    return exponent
  }

  private mutating func take(_ belongs: (UInt8) -> Bool) -> String {
    let first = at
    while at < bytes.count, belongs(bytes[at]) { at += 1 }
    return String(decoding: bytes[first..<at], as: UTF8.self)
  }

  private func problem(_ reason: String) -> UnitProblem {
    UnitProblem(column: at + 1, reason: reason)
  }
}

func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

/// A letter of the alphabet, or a byte of a character beyond ASCII (Chinese names are names).
func isLetter(_ byte: UInt8) -> Bool {
  (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte >= 128
}

/// A whole power by repeated multiplication: the same to the last bit on every machine.
func power(_ base: Double, _ exponent: Int) -> Double {
  var result = 1.0
  for _ in 0..<abs(exponent) { result *= base }
  return exponent < 0 ? 1 / result : result
}
