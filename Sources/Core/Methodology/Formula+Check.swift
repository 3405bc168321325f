// SPDX-License-Identifier: Apache-2.0

/// What a name in a formula stands for, by its dimension.
struct Scope {
  var dimensions: [String: Dimension] = [:]
}

extension Formula {
  /// The names it uses, each once, in order of first use.
  package var names: [String] {
    var names: [String] = []
    node.leaves {
      if case .name(let name, _) = $0, !names.contains(name) { names.append(name) }
    }
    return names
  }

  /// Refuses a formula that does not give a mass, with the place and both dimensions in words.
  func check(in scope: Scope) throws(FormulaProblem) {
    let result = try dimension(of: node, in: scope)
    guard result != .mass else { return }
    var reason = "the formula gives \(result), where mass (grams of CO2) is wanted"
    if case .binary(let operation, let left, let right, _) = node {
      let a = try dimension(of: left, in: scope)
      let b = try dimension(of: right, in: scope)
      reason =
        "(\(a)) \(operation.sign) (\(b)) gives \(result), where mass (grams of CO2) is wanted"
    }
    throw problem(node, reason, "Check which values are multiplied, and their units.")
  }

  private func dimension(
    of node: Node, in scope: Scope
  ) throws(FormulaProblem) -> Dimension {
    let result: Dimension
    switch node {
    case .number(let quantity, _, _):
      result = quantity.unit.dimension
    case .name(let name, _):
      guard let known = scope.dimensions[name] else {
        let all = scope.dimensions.keys.sorted().joined(separator: ", ")
        throw problem(
          node, "nothing here is called `\(name)`",
          "Known are: \(all). Add a field to the scene, a parameter to the method, or a factor.")
      }
      result = known
    case .negated(let part, _):
      result = try dimension(of: part, in: scope)
    case .power(let part, let exponent, _):
      result = try dimension(of: part, in: scope).power(exponent)
    case .binary(let operation, let left, let right, _):
      let a = try dimension(of: left, in: scope)
      let b = try dimension(of: right, in: scope)
      switch operation {
      case .multiply: result = a * b
      case .divide: result = a / b
      case .add, .subtract: result = try same(node, operation.sign, a, b)
      }
    case .call(let function, let arguments, _):
      result = try dimension(of: function, arguments, node, in: scope)
    case .choice(let comparison, let left, let right, let then, let otherwise, _):
      let a = try dimension(of: left, in: scope)
      _ = try same(node, comparison.rawValue, a, try dimension(of: right, in: scope))
      let c = try dimension(of: then, in: scope)
      result = try same(node, "else", c, try dimension(of: otherwise, in: scope))
    }
    guard result.isSensible else {
      throw problem(
        node, "the powers run away: \(result)", "Check the formula against its document.")
    }
    return result
  }

  private func dimension(
    of function: Function, _ arguments: [Node], _ node: Node, in scope: Scope
  ) throws(FormulaProblem) -> Dimension {
    let first = try dimension(of: arguments[0], in: scope)
    if function == .floor, first != .none {
      throw problem(
        node, "`floor` of \(first) depends on the unit",
        "Divide by one unit first: `floor(distance / 1 km)`.")
    }
    for argument in arguments.dropFirst() {
      _ = try same(node, function.rawValue, first, try dimension(of: argument, in: scope))
    }
    return first
  }

  private func same(
    _ node: Node, _ sign: String, _ a: Dimension, _ b: Dimension
  ) throws(FormulaProblem) -> Dimension {
    guard a == b else {
      throw problem(
        node, "`\(sign)` joins \(a) with \(b)", "Both sides must be the same kind of thing.")
    }
    return a
  }

  private func problem(_ node: Node, _ reason: String, _ advice: String) -> FormulaProblem {
    FormulaProblem(at: node.at, in: text, reason: reason, advice: advice)
  }
}
