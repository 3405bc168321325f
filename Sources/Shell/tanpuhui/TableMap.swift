// SPDX-License-Identifier: Apache-2.0
// TABLE MAP. What a partner's columns mean: written once by a person, kept beside the files.
//
//   {
//     "id": "trip_id",                                     a column
//     "subject": "rider-{trip_id mod 5000}",               or a template over columns
//     "time":  { "column": "end_ts", "format": "unix" },
//     "start": { "column": "start_ts", "format": "unix" },
//     "vehicle": "bike_id",
//     "fields": { "distanceMetres": { "column": "trip_dist", "unit": "m" } },
//     "skip": ["start_node", "start_dist", "end_node", "end_dist"]
//   }
//
// `Docs/import-maps.md` is the manual. A map is checked whole before the first row is read; a name
// that it does not know is refused, because a misspelt key would silently change what is imported.

import Units

struct TableMap: Equatable, Sendable {
  enum Format: String, CaseIterable, Sendable { case csv, tsv, jsonl }

  /// Nil: by the file's extension.
  var format: Format?
  /// Nil: a comma in CSV, a tab in TSV.
  var delimiter: UInt8?
  var quotes = true
  var encoding = TableText.Encoding.utf8
  /// The columns' names where the file has no head.
  var columns: [String]?

  var id: Text
  var subject: Text
  var time: Moment
  /// Where there is one, `durationSeconds` is the time from it.
  var start: Moment?
  var vehicle: Text?
  var site: Text?
  var fields: [Source] = []
  var skip: [String] = []

  /// A text made of columns: `trip_id`, or `rider-{trip_id mod 5000}`.
  struct Text: Equatable, Sendable {
    enum Part: Equatable, Sendable {
      case literal(String)
      case column(String)
      /// The rest of a whole number: spreads many rows over a few names, the same at every run.
      case remainder(String, Int)
    }
    var parts: [Part]
  }

  struct Moment: Equatable, Sendable {
    enum Format: Equatable, Sendable {
      case unix
      case unixMilliseconds
      /// RFC 3339, which carries its own offset.
      case offset
      case pattern(TablePattern, TableZone)
    }
    var column: String
    var format: Format
  }

  struct Source: Equatable, Sendable {
    var field: Field
    var column: String
    var unit: TableUnit
    /// An empty cell means that this row did not measure it.
    var optional: Bool
  }

  /// Every column the map reads, each once.
  var columnsRead: [String] {
    var names: [String] = []
    func add(_ name: String) { if !names.contains(name) { names.append(name) } }
    for text in [id, subject, vehicle, site].compactMap({ $0 }) {
      for name in text.columns { add(name) }
    }
    for moment in [time, start].compactMap({ $0 }) { add(moment.column) }
    for source in fields { add(source.column) }
    return names
  }
}

extension TableMap.Text {
  /// Without braces, a column's name; with braces, a template. `{{` and `}}` stand for themselves.
  init(_ text: String) throws(TableFailure) {
    guard text.contains("{") || text.contains("}") else {
      guard !text.isEmpty else { throw TableFailure("it is empty; name a column") }
      parts = [.column(text)]
      return
    }
    parts = []
    var literal = ""
    var rest = text[...]
    while let first = rest.popFirst() {
      guard first == "{" || first == "}" else {
        literal.append(first)
        continue
      }
      if rest.first == first {
        literal.append(rest.removeFirst())
        continue
      }
      guard first == "{", let close = rest.firstIndex(of: "}") else {
        throw TableFailure("\"\(text)\": a brace has no partner; write {{ or }} for a plain one")
      }
      if !literal.isEmpty { parts.append(.literal(literal)) }
      literal = ""
      parts.append(try TableMap.Text.part(rest[..<close]))
      rest = rest[close...].dropFirst()
    }
    if !literal.isEmpty { parts.append(.literal(literal)) }
    guard !columns.isEmpty else {
      throw TableFailure("\"\(text)\" would be the same for every row; use a column in braces")
    }
  }

  private static func part(_ inside: Substring) throws(TableFailure) -> Part {
    let words = inside.split(separator: " ")
    guard !words.isEmpty else { throw TableFailure("{} is empty; name a column in it") }
    guard words.count >= 3, words[words.count - 2] == "mod" else {
      return .column(words.joined(separator: " "))
    }
    guard let by = Int(words.last!), (1...1_000_000_000).contains(by) else {
      throw TableFailure("{\(inside)}: after mod a whole number from 1 to 10^9 is expected")
    }
    return .remainder(words.dropLast(2).joined(separator: " "), by)
  }

  var columns: [String] {
    parts.compactMap {
      switch $0 {
      case .literal: nil
      case .column(let name), .remainder(let name, _): name
      }
    }
  }
}
