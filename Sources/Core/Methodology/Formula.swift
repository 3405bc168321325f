// SPDX-License-Identifier: Apache-2.0

/// 公式: a formula as text, and what was read from it.
///
///   formula  = "if" sum (">" | "<" | ">=" | "<=") sum "then" formula "else" formula | sum
///   sum      = product { ("+" | "-") product }
///   product  = signed { ("*" | "/") signed }
///   signed   = ["-"] primary ["^" digits]
///   primary  = number [unit] | name | function "(" formula { "," formula } ")" | "(" formula ")"
///
/// A unit stands right after its number and holds no spaces outside brackets:
/// `48.7 g/km * distance`.
package struct Formula: Hashable, Sendable {
  package let text: String
  let node: Node

  package static func parse(_ text: String) -> Result<Formula, FormulaProblem> {
    var parser = FormulaParser(text: text)
    do {
      return .success(Formula(text: text, node: try parser.whole()))
    } catch {
      return .failure(error)
    }
  }
}

/// Why a formula is refused: where in its text (from 1, in characters), what is wrong, what to do.
package struct FormulaProblem: Error, Hashable, Sendable, CustomStringConvertible {
  package var line: Int
  package var column: Int
  package var reason: String
  package var advice: String

  package init(line: Int, column: Int, reason: String, advice: String) {
    self.line = line
    self.column = column
    self.reason = reason
    self.advice = advice
  }

  package var description: String { "line \(line), column \(column): \(reason). \(advice)" }

  init(at offset: Int, in text: String, reason: String, advice: String) {
    line = 1
    column = 1
    for character in String(decoding: Array(text.utf8).prefix(offset), as: UTF8.self) {
      if character == "\n" || character == "\r\n" {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
    self.reason = reason
    self.advice = advice
  }
}

/// What a formula says, as a tree; `at` is the byte where it stands, for messages.
indirect enum Node: Hashable, Sendable {
  case number(Quantity, at: Int, length: Int)
  case name(String, at: Int)
  case negated(Node, at: Int)
  case binary(Operation, Node, Node, at: Int)
  case power(Node, Int, at: Int)
  case call(Function, [Node], at: Int)
  case choice(Comparison, Node, Node, then: Node, otherwise: Node, at: Int)

  var at: Int {
    switch self {
    case .number(_, let at, _), .name(_, let at), .negated(_, let at), .binary(_, _, _, let at),
      .power(_, _, let at), .call(_, _, let at), .choice(_, _, _, _, _, let at):
      at
    }
  }

  var parts: [Node] {
    switch self {
    case .number, .name: []
    case .negated(let part, _), .power(let part, _, _): [part]
    case .binary(_, let left, let right, _): [left, right]
    case .call(_, let arguments, _): arguments
    case .choice(_, let left, let right, let then, let otherwise, _):
      [left, right, then, otherwise]
    }
  }

  /// Every name and number with its place, in the order of the text.
  func leaves(_ body: (Node) -> Void) {
    switch self {
    case .number, .name: body(self)
    default: for part in parts { part.leaves(body) }
    }
  }
}

enum Operation: UInt8, Sendable {
  case add, subtract, multiply, divide
  var sign: String {
    switch self {
    case .add: "+"
    case .subtract: "-"
    case .multiply: "*"
    case .divide: "/"
    }
  }
}

enum Comparison: String, CaseIterable, Sendable {
  case greaterOrEqual = ">="
  case lessOrEqual = "<="
  case greater = ">"
  case less = "<"

  func holds(_ a: Double, _ b: Double) -> Bool {
    switch self {
    case .greaterOrEqual: a >= b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .less: a < b
    }
  }
}

enum Function: String, CaseIterable, Sendable {
  case min, max, clamp, floor, abs

  var argumentCount: Int {
    switch self {
    case .min, .max: 2
    case .clamp: 3
    case .floor, .abs: 1
    }
  }
}
