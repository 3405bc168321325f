// SPDX-License-Identifier: Apache-2.0
// TABLE ROWS. Bytes of a CSV or TSV file in, rows of cells out, as RFC 4180 says.
//
//   take(chunk) ─▶ waiting ──next()──▶ .row            cells in `row`, until the next call
//                     ▲        └─────▶ .broken         line and reason; the next line still counts
//                     └──────────────  nil             wants another chunk, or the file has ended
//
// Invariants
//   1. A row's line is the number of its first line in the file, counted from 1.
//   2. A broken row costs its first line only: reading goes on at the line below. A quote that
//      nobody closes would otherwise swallow the rest of the file.
//   3. A row is at most `rowBytesMax` long, so a stray quote costs bounded memory.
//
// Kinder than the RFC: LF alone ends a row, and a quote within a cell that did not begin with one
// is an ordinary character. A lone CR is an ordinary character.

struct TableRow {
  /// The cells' text, one after the other, quotes resolved.
  fileprivate(set) var bytes: [UInt8] = []
  /// Where each cell ends in `bytes`.
  fileprivate(set) var ends: [Int] = []
  fileprivate(set) var line = 1

  var count: Int { ends.count }

  /// A cell without the blanks around it; nil where the bytes are not UTF-8.
  func cell(_ index: Int) -> String? {
    var low = index == 0 ? 0 : ends[index - 1]
    var high = ends[index]
    while low < high, bytes[low] <= 32 { low += 1 }
    while low < high, bytes[high - 1] <= 32 { high -= 1 }
    return String(validating: bytes[low..<high], as: UTF8.self)
  }
}

struct TableRows {
  enum Outcome: Equatable {
    case row
    case broken(line: Int, reason: String)
  }

  /// A mebibyte: a thousand times the longest row seen in partners' files.
  static let rowBytesMax = 1 << 20

  private(set) var row = TableRow()
  /// How many cells a row has to have, once the head is known.
  var width: Int?

  private let delimiter: UInt8
  private let quotes: Bool
  private var waiting: [UInt8] = []
  private var at = 0
  private var line = 1
  private var ended = false
  /// An overlong line was given up; its rest is to be dropped.
  private var dropping = false

  init(delimiter: UInt8, quotes: Bool = true) {
    self.delimiter = delimiter
    self.quotes = quotes
  }

  mutating func take(_ chunk: some Collection<UInt8>) {
    waiting.removeFirst(at)
    at = 0
    waiting.append(contentsOf: chunk)
  }

  /// No more chunks come.
  mutating func finish() { ended = true }

  mutating func next() -> Outcome? {
    while true {
      if dropping, !dropLine() { return nil }
      guard at < waiting.count else { return nil }
      let first = line
      switch scan() {
      case .hungry:
        guard waiting.count - at > TableRows.rowBytesMax else { return nil }
        return giveUp("the row is longer than 1 MiB; is a quote left open?")
      case .broken(let reason):
        return giveUp(reason)
      case .done(let end, let lines):
        let blank = row.count == 1 && row.bytes.isEmpty
        if let width, row.count != width, !blank || width == 1 {
          let reason = "\(row.count) cells where the head has \(width)"
          // Over several lines, a stray quote is the likelier reason: give only the first line up.
          if lines > 1 { return giveUp(reason + "; is a quote left open?") }
          at = end
          line += lines
          return .broken(line: first, reason: reason)
        }
        at = end
        line += lines
        if blank, width != 1 { continue }
        row.line = first
        return .row
      }
    }
  }

  private enum Scan {
    case hungry
    case broken(String)
    case done(end: Int, lines: Int)
  }

  /// Reads one row from `at` into `row`, without moving.
  private mutating func scan() -> Scan {
    row.bytes.removeAll(keepingCapacity: true)
    row.ends.removeAll(keepingCapacity: true)
    var index = at
    var lines = 1
    while true {
      if quotes, index < waiting.count, waiting[index] == 34 {
        switch quoted(&index, &lines) {
        case .some(let trouble): return trouble
        case .none: break
        }
      } else {
        plain(&index)
      }
      guard index < waiting.count else {
        guard ended else { return .hungry }
        row.ends.append(row.bytes.count)
        return .done(end: index, lines: lines)
      }
      row.ends.append(row.bytes.count)
      switch waiting[index] {
      case delimiter: index += 1
      case 10: return .done(end: index + 1, lines: lines)
      default:
        // Only a CR stops `plain` and `quoted` besides those two.
        if index + 1 == waiting.count, !ended { return .hungry }
        return .done(end: index + (index + 1 < waiting.count ? 2 : 1), lines: lines)
      }
    }
  }

  /// Copies up to the delimiter or the line's end.
  private mutating func plain(_ index: inout Int) {
    let start = index
    while index < waiting.count {
      let byte = waiting[index]
      if byte == delimiter || byte == 10 { break }
      if byte == 13, index + 1 == waiting.count || waiting[index + 1] == 10 { break }
      index += 1
    }
    row.bytes.append(contentsOf: waiting[start..<index])
  }

  /// Copies a quoted cell; afterwards `index` is at the delimiter or the line's end.
  private mutating func quoted(_ index: inout Int, _ lines: inout Int) -> Scan? {
    index += 1
    while index < waiting.count {
      let byte = waiting[index]
      index += 1
      guard byte == 34 else {
        if byte == 10 { lines += 1 }
        row.bytes.append(byte)
        continue
      }
      guard index < waiting.count else { return ended ? nil : .hungry }
      switch waiting[index] {
      case 34:
        row.bytes.append(34)
        index += 1
      case delimiter, 10: return nil
      case 13 where index + 1 == waiting.count || waiting[index + 1] == 10: return nil
      default: return .broken("text after a closing quote; write a quote in a cell twice")
      }
    }
    return ended ? .broken("a quote is opened and never closed") : .hungry
  }

  private mutating func giveUp(_ reason: String) -> Outcome {
    let first = line
    dropping = true
    _ = dropLine()
    return .broken(line: first, reason: reason)
  }

  /// Moves below the current line; false where its end has not come yet.
  private mutating func dropLine() -> Bool {
    guard let end = waiting[at...].firstIndex(of: 10) else {
      at = waiting.count
      return false
    }
    at = end + 1
    line += 1
    dropping = false
    return true
  }
}
