// SPDX-License-Identifier: Apache-2.0
import Units

/// 方法学, bound to a scene's fields and an area's factors: what the hot loop calls.
///
/// One word wide, so that a rule holds it in its enum without cost. Everything behind it is
/// immutable.
package struct Method: Sendable {
  let compiled: Compiled
  init(_ compiled: Compiled) { self.compiled = compiled }

  package var definition: Definition { compiled.definition }
  package var code: String { compiled.definition.code }
  package var version: String { compiled.definition.version }
  package var title: Title { compiled.definition.title }
  package var citation: Citation { compiled.definition.citation }
  package var formulaText: String { compiled.definition.formula.text }
  package var rounding: Rounding { compiled.definition.rounding }
  /// The fields in the order of `values`.
  package var fields: [Field] { compiled.fields }
  package var area: String { compiled.area }

  /// Grams of CO2 saved, from values in millionths in the order of `fields`, by the factors of
  /// `year` (the year of the behaviour). Never negative; rounded once; allocates nothing; any
  /// thread.
  package func grams(_ values: UnsafePointer<Int64>, year: Int) -> Int64 {
    compiled.table.grams(values, year: year)
  }

  /// What the hot loop calls, without a reference to count: valid as long as the method.
  package var table: MethodTable { compiled.table }

  /// Before rounding and before what is negative becomes nothing.
  package func unrounded(_ values: UnsafePointer<Int64>, year: Int) -> Double {
    compiled.table.unrounded(values, year)
  }

  /// What the formula gives where a printed result does not agree to its last decimal; nil where it
  /// does.
  package func contradiction(
    _ values: UnsafePointer<Int64>, year: Int, printed: Quantity
  ) -> String? {
    let grams = unrounded(values, year: year)
    var step = printed.unit.scale
    for _ in printed.digits.drop(while: { $0 != "." }).dropFirst() { step /= 10 }
    guard !((grams - printed.inBases).magnitude <= step * 0.500001) else { return nil }
    return "\(decimal(grams / printed.unit.scale)) \(printed.unit.text)"
  }
}

final class Compiled: Sendable {
  let definition: Definition
  let fields: [Field]
  let area: String
  /// The rows of every factor the formula uses, by year.
  let kinds: [String: [Factor]]
  /// Written in `init` and never again.
  nonisolated(unsafe) let table: MethodTable

  init(
    _ definition: Definition, fields: [Field], area: String, kinds: [String: [Factor]],
    fixed: [String: Binding]
  ) {
    self.definition = definition
    self.fields = fields
    self.area = area
    self.kinds = kinds
    var segments: [Segment] = []
    var code: [Instruction] = []
    var depth = 1
    for year in Set(kinds.values.joined().map(\.year)).union([Int.min]).sorted() {
      var bindings = fixed
      for (kind, rows) in kinds {
        guard let row = rows.last(where: { $0.year <= year }) ?? rows.first else { continue }
        bindings[kind] = .constant(row.quantity.inBases)
      }
      let node = definition.formula.node
      let start = code.count
      var segment = Segment(from: year, slot: -1, factor: 0, constant: 0, start: start, end: start)
      if let linear = node.linear(bindings) {
        segment.slot = linear.slot
        segment.factor = linear.factor / 1e6
        segment.constant = linear.constant
      } else {
        depth = max(depth, node.compile(bindings, into: &code))
        segment.end = code.count
      }
      segments.append(segment)
    }
    table = MethodTable(segments, code, depth: depth, definition.rounding)
  }

  deinit { table.deallocate() }
}

/// A method's numbers and steps, flat: pointers, because counting references to two arrays would
/// take longer than the arithmetic.
package struct MethodTable: BitwiseCopyable {
  private let segments: UnsafeMutablePointer<Segment>
  private let code: UnsafeMutablePointer<Instruction>
  private let segmentCount: Int
  private let depth: Int
  private let rounding: Rounding

  init(_ segments: [Segment], _ code: [Instruction], depth: Int, _ rounding: Rounding) {
    self.segments = .allocate(capacity: segments.count)
    self.segments.initialize(from: segments, count: segments.count)
    self.code = .allocate(capacity: code.count)
    self.code.initialize(from: code, count: code.count)
    segmentCount = segments.count
    self.depth = depth
    self.rounding = rounding
  }

  func deallocate() {
    segments.deallocate()
    code.deallocate()
  }

  package func grams(_ values: UnsafePointer<Int64>, year: Int) -> Int64 {
    rounding.grams(unrounded(values, year))
  }

  @inline(__always)
  func unrounded(_ values: UnsafePointer<Int64>, _ year: Int) -> Double {
    // A handful of years: walking them from the newest is quicker than anything clever.
    var segment = segments + (segmentCount - 1)
    while segment > segments, segment.pointee.from > year { segment -= 1 }
    guard segment.pointee.start < segment.pointee.end else {
      let slot = segment.pointee.slot
      guard slot >= 0 else { return segment.pointee.constant }
      return Double(values[slot]) * segment.pointee.factor + segment.pointee.constant
    }
    return run(segment, values)
  }

  private func run(
    _ segment: UnsafePointer<Segment>, _ values: UnsafePointer<Int64>
  ) -> Double {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: depth) { buffer in
      guard let stack = buffer.baseAddress else { return 0 }
      var count = 0
      for place in segment.pointee.start..<segment.pointee.end {
        switch code[place] {
        case .constant(let value):
          stack[count] = value
          count += 1
        case .slot(let slot, let scale):
          stack[count] = Double(values[slot]) * scale
          count += 1
        case let instruction:
          count = step(instruction, stack, count)
        }
      }
      return stack[0]
    }
  }
}
