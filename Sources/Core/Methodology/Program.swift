// SPDX-License-Identifier: Apache-2.0
// A formula made fast: constants folded for one span of years, then either one multiplication and
// one addition, or a short postfix program over a stack of doubles that lives on the machine's
// stack.

/// One step of a postfix program. A plain value: running it touches no heap and no reference count.
enum Instruction: Sendable {
  case constant(Double)
  /// A measured value by its slot, and how many bases one millionth is.
  case slot(Int, scale: Double)
  case negate, add, subtract, multiply, divide
  case power(Int)
  case minimum, maximum, clamp, floor, absolute
  case choose(Comparison)
}

/// The formula for the years from `from` up to the next segment.
struct Segment: Sendable {
  var from: Int
  /// The one slot of a formula that is `factor * value + constant`; -1 where it is none.
  var slot: Int
  var factor: Double
  var constant: Double
  /// Where its instructions stand in the method's list.
  var start: Int
  var end: Int
}

/// What names stand for while folding: a slot with the bases of one millionth, or a constant.
enum Binding: Sendable {
  case slot(Int, scale: Double)
  case constant(Double)
}

extension Node {
  /// Appends this node's instructions; answers how deep its stack gets.
  func compile(_ bindings: [String: Binding], into code: inout [Instruction]) -> Int {
    if let constant = constant(bindings) {
      code.append(.constant(constant))
      return 1
    }
    switch self {
    case .number(let quantity, _, _):
      code.append(.constant(quantity.inBases))
      return 1
    case .name(let name, _):
      guard case .slot(let slot, let scale) = bindings[name] else { return 0 }
      code.append(.slot(slot, scale: scale / 1e6))
      return 1
    default:
      var depth = 1
      for (index, part) in parts.enumerated() {
        depth = Swift.max(depth, index + part.compile(bindings, into: &code))
      }
      code.append(instruction)
      return depth
    }
  }

  private var instruction: Instruction {
    switch self {
    case .number, .name: .constant(0)
    case .negated: .negate
    case .power(_, let exponent, _): .power(exponent)
    case .binary(.add, _, _, _): .add
    case .binary(.subtract, _, _, _): .subtract
    case .binary(.multiply, _, _, _): .multiply
    case .binary(.divide, _, _, _): .divide
    case .call(.min, _, _): .minimum
    case .call(.max, _, _): .maximum
    case .call(.clamp, _, _): .clamp
    case .call(.floor, _, _): .floor
    case .call(.abs, _, _): .absolute
    case .choice(let comparison, _, _, _, _, _): .choose(comparison)
    }
  }

  /// The value where no measured field is involved.
  private func constant(_ bindings: [String: Binding]) -> Double? {
    switch self {
    case .number(let quantity, _, _): return quantity.inBases
    case .name(let name, _):
      guard case .constant(let value) = bindings[name] else { return nil }
      return value
    default:
      var values: [Double] = []
      for part in parts {
        guard let value = part.constant(bindings) else { return nil }
        values.append(value)
      }
      return values.withUnsafeMutableBufferPointer { stack in
        guard let base = stack.baseAddress else { return nil }
        _ = step(instruction, base, stack.count)
        return base[0]
      }
    }
  }

  /// The one slot, factor and constant of a formula that is linear in one measured field.
  func linear(_ bindings: [String: Binding]) -> (slot: Int, factor: Double, constant: Double)? {
    if let constant = constant(bindings) { return (-1, 0, constant) }
    switch self {
    case .name(let name, _):
      guard case .slot(let slot, let scale) = bindings[name] else { return nil }
      return (slot, scale, 0)
    case .negated(let part, _):
      guard let a = part.linear(bindings) else { return nil }
      return (a.slot, -a.factor, -a.constant)
    case .binary(let operation, let left, let right, _):
      guard let a = left.linear(bindings), let b = right.linear(bindings) else { return nil }
      switch operation {
      case .add, .subtract:
        guard a.slot == b.slot || a.slot < 0 || b.slot < 0 else { return nil }
        let sign = operation == .add ? 1.0 : -1.0
        return (
          Swift.max(a.slot, b.slot), a.factor + sign * b.factor, a.constant + sign * b.constant
        )
      case .multiply:
        if a.slot < 0 { return (b.slot, b.factor * a.constant, b.constant * a.constant) }
        if b.slot < 0 { return (a.slot, a.factor * b.constant, a.constant * b.constant) }
        return nil
      case .divide:
        guard b.slot < 0 else { return nil }
        return (a.slot, a.factor / b.constant, a.constant / b.constant)
      }
    default:
      return nil
    }
  }
}

/// Runs one instruction on the top of a stack of `count` values; answers the new count. Leaves
/// (`constant`, `slot`) are pushed by the caller, who holds the values.
@inline(__always)
func step(_ instruction: Instruction, _ stack: UnsafeMutablePointer<Double>, _ count: Int) -> Int {
  let top = stack + (count - 1)
  switch instruction {
  case .constant, .slot: return count
  case .negate: top[0] = -top[0]
  case .power(let exponent): top[0] = power(top[0], exponent)
  case .floor: top[0] = floorGuarded(top[0])
  case .absolute: top[0] = top[0].magnitude
  case .add: top[-1] += top[0]
  case .subtract: top[-1] -= top[0]
  case .multiply: top[-1] *= top[0]
  case .divide: top[-1] /= top[0]
  case .minimum: top[-1] = top[-1] < top[0] ? top[-1] : top[0]
  case .maximum: top[-1] = top[-1] > top[0] ? top[-1] : top[0]
  case .clamp:
    let floor = top[-2] > top[-1] ? top[-2] : top[-1]
    top[-2] = floor < top[0] ? floor : top[0]
    return count - 2
  case .choose(let comparison):
    top[-3] = comparison.holds(top[-3], top[-2]) ? top[-1] : top[0]
    return count - 3
  }
  switch instruction {
  case .negate, .power, .floor, .absolute: return count
  default: return count - 1
  }
}

/// The whole part, where a value a hair below a whole number is that number: decimals
/// such as 0.3 km / 0.1 km are 2.9999999999999996 to a machine and 3 to everybody else.
@inline(__always)
func floorGuarded(_ value: Double) -> Double {
  whole(value + 1e-12 * (value.magnitude > 1 ? value.magnitude : 1))
}

/// The greatest whole number that is not above. Our own, because `rounded()` asks for the C
/// library's mathematics, which Core does not link.
@inline(__always)
func whole(_ value: Double) -> Double {
  // From here on a double has no fraction; false for what is no number, too.
  guard value.magnitude < 4.5e15 else { return value }
  let truncated = Double(Int64(value))
  return truncated > value ? truncated - 1 : truncated
}
