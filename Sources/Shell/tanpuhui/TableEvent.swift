// SPDX-License-Identifier: Apache-2.0
import Units

/// One row of a partner's table, as an event: what a CloudEvent would have said.
struct TableEvent: Hashable, Sendable {
  /// The row's first line in the file, from 1.
  var line: Int
  var id: String
  var subject: String
  /// When the behaviour ended.
  var time: Instant
  var vehicle: String?
  var site: String?
  var values: [Reading]

  subscript(_ field: Field) -> Measured? { values.first { $0.field == field }?.value }
}

/// 监测值 with its field.
struct Reading: Hashable, Sendable {
  var field: Field
  var value: Measured
  init(_ field: Field, _ value: Measured) {
    self.field = field
    self.value = value
  }
}

/// A row that cannot be an event: where, and why. The rows beside it stand.
struct TableFault: Error, Hashable, Sendable, CustomStringConvertible {
  var line: Int
  /// Nil where the row as a whole is broken.
  var column: String?
  var reason: String

  var description: String {
    "line \(line)" + (column.map { ", column \($0)" } ?? "") + ": " + reason
  }
}

extension TableMap {
  /// Makes an event of a row; `cell` answers a column's text, nil where the row has none.
  func event(
    line: Int, cell: (String) throws(TableFault) -> String?
  ) throws(TableFault) -> TableEvent {
    let id = try text(self.id, line, cell)
    let subject = try text(self.subject, line, cell)
    let ends = try moments(time, line, cell)
    var values: [Reading] = []
    var end = ends[0]
    if let start {
      let began = try moments(start, line, cell)[0]
      // A clock put back shows one reading twice: the later one is meant if only it fits.
      if end < began, let later = ends.dropFirst().first { end = later }
      guard end >= began else {
        throw TableFault(line: line, column: time.column, reason: "it ends before it starts")
      }
      let milliseconds = end.milliseconds - began.milliseconds
      guard milliseconds < 1_000_000_000_000 else {
        throw TableFault(
          line: line, column: start.column, reason: "it began decades before its end")
      }
      values.append(Reading(.durationSeconds, Measured(millionths: milliseconds * 1000)))
    }
    for source in fields {
      let written = try cell(source.column) ?? ""
      if written.isEmpty, source.optional { continue }
      guard !written.isEmpty else {
        throw TableFault(line: line, column: source.column, reason: "it is empty")
      }
      guard let value = TableDecimal(written)?.measured(source.unit) else {
        throw TableFault(
          line: line, column: source.column,
          reason: "\"\(shown(written))\" is not a decimal number of \(source.unit.name), or too big"
        )
      }
      values.append(Reading(source.field, value))
    }
    return TableEvent(
      line: line, id: id, subject: subject, time: end,
      vehicle: try optional(vehicle, line, cell), site: try optional(site, line, cell),
      values: values)
  }

  /// Empty where any of its columns is: a row without a vehicle has none.
  private func optional(
    _ text: Text?, _ line: Int, _ cell: (String) throws(TableFault) -> String?
  ) throws(TableFault) -> String? {
    guard let text else { return nil }
    for column in text.columns {
      guard let written = try cell(column), !written.isEmpty else { return nil }
    }
    return try self.text(text, line, cell)
  }

  private func text(
    _ text: Text, _ line: Int, _ cell: (String) throws(TableFault) -> String?
  ) throws(TableFault) -> String {
    var result = ""
    for part in text.parts {
      guard case .literal(let plain) = part else {
        let column = part.column!
        guard let written = try cell(column), !written.isEmpty else {
          throw TableFault(line: line, column: column, reason: "it is empty")
        }
        guard case .remainder(_, let divisor) = part else {
          result += written
          continue
        }
        guard written.utf8.allSatisfy({ (48...57).contains($0) }) else {
          throw TableFault(
            line: line, column: column,
            reason: "\"\(shown(written))\" is not a whole number, so it has no remainder")
        }
        result += String(written.utf8.reduce(0) { ($0 * 10 + Int($1 - 48)) % divisor })
        continue
      }
      result += plain
    }
    return result
  }

  private func moments(
    _ moment: Moment, _ line: Int, _ cell: (String) throws(TableFault) -> String?
  ) throws(TableFault) -> [Instant] {
    let written = try cell(moment.column) ?? ""
    guard !written.isEmpty else {
      throw TableFault(line: line, column: moment.column, reason: "it is empty")
    }
    guard let found = moment.format.moments(written) else {
      throw TableFault(
        line: line, column: moment.column,
        reason: "\"\(shown(written))\" is not a time as the map says it is written")
    }
    return found
  }

  private func shown(_ text: String) -> String {
    text.count > 40 ? text.prefix(40) + "…" : text
  }
}

extension TableMap.Text.Part {
  fileprivate var column: String? {
    switch self {
    case .literal: nil
    case .column(let name), .remainder(let name, _): name
    }
  }
}

extension TableMap.Moment.Format {
  /// The moments a text may mean, the earliest first; two in the hour when clocks are put back.
  func moments(_ text: String) -> [Instant]? {
    switch self {
    case .unix, .unixMilliseconds:
      let decimals = self == .unix ? 3 : 0
      guard let value = TableDecimal(text)?.scaled(by: .init(1), decimals: decimals),
        abs(value) < 253_402_300_800_000
      else { return nil }
      return [Instant(milliseconds: value)]
    case .offset:
      return Instant(text).map { [$0] }
    case .pattern(let pattern, let zone):
      guard let local = pattern.read(text) else { return nil }
      let seconds = floorDivide(local, 1000)
      return zone.moments(ofLocal: seconds)
        .map { Instant(milliseconds: $0 * 1000 + local - seconds * 1000) }
    }
  }
}
