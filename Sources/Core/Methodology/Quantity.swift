// SPDX-License-Identifier: Apache-2.0

/// A value as a document prints it: `48.7 g/km`. The digits are kept as written, for the
/// explanation.
package struct Quantity: Hashable, Sendable {
  package var digits: String
  package var value: Double
  package var unit: UnitOfMeasure

  package init(digits: String, value: Double, unit: UnitOfMeasure) {
    self.digits = digits
    self.value = value
    self.unit = unit
  }

  /// In bases: grams, metres, watt hours.
  package var inBases: Double { value * unit.scale }

  /// Reads `48.7 g/km`, `50%` or `3`.
  package static func parse(_ text: String) -> Result<Quantity, UnitProblem> {
    let bytes = Array(text.utf8)
    var at = 0
    if at < bytes.count, bytes[at] == UInt8(ascii: "-") { at += 1 }
    while at < bytes.count, isDigit(bytes[at]) || bytes[at] == UInt8(ascii: ".") { at += 1 }
    let digits = String(decoding: bytes[..<at], as: UTF8.self)
    guard digits.utf8.count <= 24, let last = digits.utf8.last, isDigit(last),
      !digits.hasPrefix("."), let value = Double(digits)
    else {
      return .failure(UnitProblem(column: 1, reason: "a number is missing"))
    }
    while at < bytes.count, bytes[at] == UInt8(ascii: " ") { at += 1 }
    guard at < bytes.count else {
      return .success(Quantity(digits: digits, value: value, unit: .one))
    }
    switch UnitOfMeasure.parse(String(decoding: bytes[at...], as: UTF8.self)) {
    case .success(let unit):
      return .success(Quantity(digits: digits, value: value, unit: unit))
    case .failure(let problem):
      return .failure(UnitProblem(column: at + problem.column, reason: problem.reason))
    }
  }
}

extension Quantity: CustomStringConvertible {
  package var description: String { unit.text == "1" ? digits : "\(digits) \(unit.text)" }
}

/// How far a value can be trusted. `recalled` and `assumption` exist so that they can be refused by
/// name: no pack ships with them.
package enum Mark: String, CaseIterable, Sendable {
  case sourced
  case secondary = "sourced-2nd"
  case computed
  case setByThisProject = "set by this project"
  case recalled
  case assumption

  package var mayShip: Bool { self != .recalled && self != .assumption }
}

/// Where a value comes from: a mark, and the document, or the reason where this project set it.
package struct Citation: Hashable, Sendable, CustomStringConvertible {
  package var mark: Mark
  package var document: String
  package init(_ mark: Mark, _ document: String) {
    self.mark = mark
    self.document = document
  }
  package var description: String {
    mark == .sourced ? document : "\(mark.rawValue): \(document)"
  }
}

/// A name in both languages.
package struct Title: Hashable, Sendable {
  package var chinese: String
  package var english: String
  package init(_ chinese: String, _ english: String) {
    self.chinese = chinese
    self.english = english
  }
}
