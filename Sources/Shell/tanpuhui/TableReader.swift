// SPDX-License-Identifier: Apache-2.0

import Web

/// Bytes in UTF-8 in, events and faults out; the file around it is `TableFile`'s.
struct TableReader {
  private let map: TableMap
  private let format: TableMap.Format
  private var rows: TableRows
  /// The place of each column the map reads, once the head is known.
  private var places: [String: Int] = [:]
  /// The head has been read, or there is none to read and a row has come.
  private(set) var began = false

  init(map: TableMap, format: TableMap.Format) {
    self.map = map
    self.format = format
    // JSON lines are rows of one cell: no byte below 32 may stand in them unescaped.
    let usual = format == .csv ? UInt8(ascii: ",") : format == .tsv ? 9 : 0
    rows = TableRows(
      delimiter: map.delimiter ?? usual, quotes: map.quotes && format != .jsonl)
    if format == .jsonl { rows = TableRows(delimiter: 0, quotes: false) }
  }

  mutating func take(_ bytes: [UInt8]) { rows.take(bytes) }

  mutating func finish() { rows.finish() }

  /// The next row's outcome; nil until more bytes are taken, or at the end. Throws where the head
  /// does not fit the map: then no row can be read.
  mutating func next() throws(TableFailure) -> TableFile.Outcome? {
    while let outcome = rows.next() {
      switch outcome {
      case .broken(let line, let reason):
        guard began || format == .jsonl else {
          throw TableFailure("line \(line), the head: \(reason)")
        }
        began = true
        return .fault(TableFault(line: line, column: nil, reason: reason))
      case .row:
        if format == .jsonl {
          if rows.row.bytes.allSatisfy({ $0 <= 32 }) { continue }
          began = true
          return object()
        }
        guard began else {
          if try head() { continue }
          return row()
        }
        return row()
      }
    }
    return nil
  }

  /// True where this row is the head and not yet data.
  private mutating func head() throws(TableFailure) -> Bool {
    var names = map.columns ?? []
    let inFile = map.columns == nil
    if inFile {
      for index in 0..<rows.row.count {
        guard let name = rows.row.cell(index) else {
          throw TableFailure(
            "the head is not UTF-8; if the file is GBK, write \"encoding\": \"gbk\" in the map")
        }
        names.append(name)
      }
    }
    for wanted in map.columnsRead {
      let found = names.indices.filter { names[$0] == wanted }
      guard let first = found.first else {
        let near = Nearest.name(to: wanted, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
        throw TableFailure(
          "the file has no column \"\(wanted)\", which the map uses\(near) It has: "
            + names.joined(separator: ", "))
      }
      guard found.count == 1 else {
        throw TableFailure("the file has the column \"\(wanted)\" twice; rename one of them")
      }
      places[wanted] = first
    }
    rows.width = names.count
    began = true
    return inFile
  }

  private func row() -> TableFile.Outcome {
    let row = rows.row
    guard row.count == rows.width else {
      return .fault(
        TableFault(
          line: row.line, column: nil,
          reason: "\(row.count) cells where the map has \(rows.width ?? 0) columns"))
    }
    do {
      let event = try map.event(line: row.line) { (column) throws(TableFault) in
        guard let text = row.cell(places[column]!) else {
          throw TableFault(
            line: row.line, column: column,
            reason: "not \(map.encoding.rawValue); does the map name the right encoding?")
        }
        return text
      }
      return .event(event)
    } catch {
      return .fault(error)
    }
  }

  private func object() -> TableFile.Outcome {
    let line = rows.row.line
    let json: TableJSON
    do {
      json = try TableJSON.read(rows.row.bytes)
    } catch {
      return .fault(
        TableFault(line: line, column: nil, reason: "character \(error.column): \(error.reason)"))
    }
    guard case .object = json else {
      return .fault(TableFault(line: line, column: nil, reason: "an object { … } is expected"))
    }
    do {
      let event = try map.event(line: line) { (column) throws(TableFault) in
        switch json.at(path: column) {
        case nil, .null: return nil
        case .text(let text), .number(let text): return text
        case .bool(let value): return value ? "true" : "false"
        case .array, .object:
          throw TableFault(line: line, column: column, reason: "it is a list or an object")
        }
      }
      return .event(event)
    } catch {
      return .fault(error)
    }
  }
}
