// SPDX-License-Identifier: Apache-2.0

/// Reads a formula's text by recursive descent. Length and depth are bounded, so that no text,
/// however strange, takes long or overflows the stack.
struct FormulaParser {
  /// A page of text; the longest formula that ships has 120 bytes.
  static let lengthMax = 2000
  /// Brackets within brackets; also what keeps the value stack of a program small.
  static let depthMax = 24

  private let text: String
  private let bytes: [UInt8]
  private var at = 0
  private var depth = 0

  init(text: String) {
    self.text = text
    bytes = Array(text.utf8)
  }

  mutating func whole() throws(FormulaProblem) -> Node {
    guard bytes.count <= FormulaParser.lengthMax else {
      throw problem(0, "the formula has more than \(FormulaParser.lengthMax) bytes", "Split it.")
    }
    let node = try formula()
    guard at == bytes.count else {
      throw problem(
        at, "`\(rest())` cannot follow here",
        "Put an operator (+ - * / ^) between two values, or remove it.")
    }
    return node
  }

  private mutating func formula() throws(FormulaProblem) -> Node {
    depth += 1
    defer { depth -= 1 }
    guard depth <= FormulaParser.depthMax else {
      throw problem(at, "brackets nest deeper than \(FormulaParser.depthMax)", "Split the formula.")
    }
    skipSpace()
    let first = at
    guard keyword("if") else { return try sum() }
    let left = try sum()
    skipSpace()
    guard let comparison = Comparison.allCases.first(where: { starts(with: $0.rawValue) }) else {
      throw problem(at, "a comparison is missing", "Write > < >= or <= after `if`.")
    }
    at += comparison.rawValue.utf8.count
    let right = try sum()
    try expect("then")
    let then = try formula()
    try expect("else")
    let otherwise = try formula()
    return .choice(comparison, left, right, then: then, otherwise: otherwise, at: first)
  }

  private mutating func expect(_ word: String) throws(FormulaProblem) {
    skipSpace()
    guard keyword(word) else {
      throw problem(at, "`\(word)` is missing", "Write `if a > b then c else d`.")
    }
  }

  private mutating func sum() throws(FormulaProblem) -> Node {
    var left = try product()
    while true {
      skipSpace()
      guard let sign = peek, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
        return left
      }
      let place = at
      at += 1
      let right = try product()
      left = .binary(sign == UInt8(ascii: "+") ? .add : .subtract, left, right, at: place)
    }
  }

  private mutating func product() throws(FormulaProblem) -> Node {
    var left = try signed()
    while true {
      skipSpace()
      guard let sign = peek, sign == UInt8(ascii: "*") || sign == UInt8(ascii: "/") else {
        return left
      }
      let place = at
      at += 1
      let right = try signed()
      left = .binary(sign == UInt8(ascii: "*") ? .multiply : .divide, left, right, at: place)
    }
  }

  private mutating func signed() throws(FormulaProblem) -> Node {
    skipSpace()
    let first = at
    var minus = false
    if peek == UInt8(ascii: "-") {
      minus = true
      at += 1
    }
    var node = try primary()
    skipSpace()
    if peek == UInt8(ascii: "^") {
      let place = at
      at += 1
      skipSpace()
      let digits = take(isDigit)
      guard let exponent = Int(digits), (1...9).contains(exponent) else {
        throw problem(place, "a power must be a whole number from 1 to 9", "Write `x^2`.")
      }
      node = .power(node, exponent, at: place)
    }
    return minus ? .negated(node, at: first) : node
  }

  private mutating func primary() throws(FormulaProblem) -> Node {
    skipSpace()
    let first = at
    guard let byte = peek else {
      throw problem(at, "a value is missing at the end", "Write a number, a name or a bracket.")
    }
    if isDigit(byte) { return try number() }
    if byte == UInt8(ascii: "(") {
      at += 1
      let inner = try formula()
      try close(first)
      return inner
    }
    let word = isLetter(byte) ? take { isLetter($0) || isDigit($0) || $0 == 95 } : ""
    guard !word.isEmpty, !["if", "then", "else"].contains(word) else {
      throw problem(
        first, "a value is missing before `\(word.isEmpty ? rest() : word)`",
        "Write a number, a name or a bracket.")
    }
    guard let function = Function(rawValue: word) else { return .name(word, at: first) }
    skipSpace()
    guard peek == UInt8(ascii: "(") else {
      throw problem(first, "`\(word)` needs its values in brackets", "Write `\(word)(…)`.")
    }
    let open = at
    at += 1
    var arguments = [try formula()]
    skipSpace()
    while peek == UInt8(ascii: ",") {
      at += 1
      arguments.append(try formula())
      skipSpace()
    }
    try close(open)
    guard arguments.count == function.argumentCount else {
      throw problem(
        first, "`\(word)` takes \(function.argumentCount) values and has \(arguments.count)",
        "Add or remove values between the brackets.")
    }
    return .call(function, arguments, at: first)
  }

  private mutating func close(_ open: Int) throws(FormulaProblem) {
    skipSpace()
    guard peek == UInt8(ascii: ")") else {
      throw problem(open, "this bracket is never closed", "Add the `)`.")
    }
    at += 1
  }

  private mutating func number() throws(FormulaProblem) -> Node {
    let first = at
    let digits = take { isDigit($0) || $0 == UInt8(ascii: ".") }
    guard digits.utf8.count <= 24, digits.utf8.last != UInt8(ascii: "."),
      let value = Double(digits)
    else {
      throw problem(first, "`\(digits)` is no number", "Write `48.7`: digits, one point at most.")
    }
    let end = at
    skipSpace()
    let place = at
    let unitText = unitText()
    guard !unitText.isEmpty else {
      at = end
      let quantity = Quantity(digits: digits, value: value, unit: .one)
      return .number(quantity, at: first, length: end - first)
    }
    switch UnitOfMeasure.parse(unitText) {
    case .success(let unit):
      let quantity = Quantity(digits: digits, value: value, unit: unit)
      return .number(quantity, at: first, length: at - first)
    case .failure(let failure):
      throw problem(
        place + failure.column - 1, failure.reason,
        "Use a unit of Docs/packs.md; write spaces around an operator that follows a number.")
    }
  }

  /// The unit after a number: letters, digits and `/` without spaces, except inside brackets that
  /// follow a `/`.
  private mutating func unitText() -> String {
    let first = at
    guard let byte = peek, isLetter(byte) || byte == 37 else { return "" }
    for word in ["then", "else"] where starts(with: word) { return "" }
    var open = 0
    while let byte = peek {
      if byte == UInt8(ascii: "("), at > first, bytes[at - 1] == UInt8(ascii: "/") {
        open += 1
      } else if byte == UInt8(ascii: ")"), open > 0 {
        open -= 1
      } else if byte == UInt8(ascii: "/") {
        guard at + 1 < bytes.count, bytes[at + 1] != UInt8(ascii: " ") else { break }
      } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "*") {
        guard open > 0 else { break }
      } else if !isLetter(byte), !isDigit(byte), byte != 37 {
        break
      }
      at += 1
    }
    return String(decoding: bytes[first..<at], as: UTF8.self)
  }

  private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipSpace() {
    while at < bytes.count, bytes[at] == 32 || bytes[at] == 9 || bytes[at] == 10 || bytes[at] == 13
    { at += 1 }
  }

  private func starts(with word: String) -> Bool { bytes[at...].starts(with: word.utf8) }

  private mutating func keyword(_ word: String) -> Bool {
    let end = at + word.utf8.count
    guard starts(with: word), end == bytes.count || !(isLetter(bytes[end]) || isDigit(bytes[end]))
    else { return false }
    at = end
    return true
  }

  private mutating func take(_ belongs: (UInt8) -> Bool) -> String {
    let first = at
    while at < bytes.count, belongs(bytes[at]) { at += 1 }
    return String(decoding: bytes[first..<at], as: UTF8.self)
  }

  private func rest() -> String {
    guard at < bytes.count else { return "the end" }
    return String(String(decoding: bytes[at...], as: UTF8.self).prefix(12))
  }

  private func problem(_ offset: Int, _ reason: String, _ advice: String) -> FormulaProblem {
    FormulaProblem(at: offset, in: text, reason: reason, advice: advice)
  }
}
