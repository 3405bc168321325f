// SPDX-License-Identifier: Apache-2.0
import Glibc
import HTTP
import Units

/// CSV as RFC 4180 says, with the mark by which spreadsheets know UTF-8.
final class CSVWriter: SheetWriter {
  private let file: OpenFile
  private let zone: Int32
  private var buffer: [UInt8] = [0xEF, 0xBB, 0xBF]

  init(_ file: OpenFile, columns: [String], zone: Int32) throws {
    self.file = file
    self.zone = zone
    try row(columns.map { .text($0) })
  }

  func row(_ cells: [Cell]) throws {
    for (index, cell) in cells.enumerated() {
      if index > 0 { buffer.append(44) }
      buffer += text(cell).utf8
    }
    buffer += [13, 10]
    if buffer.count > 1 << 16 { try flush() }
  }

  func finish() throws { try flush() }

  private func flush() throws {
    guard file.append(buffer) else { throw Sheet.noRoom }
    buffer.removeAll(keepingCapacity: true)
  }

  private func text(_ cell: Cell) -> String {
    switch cell {
    case .text(let text): CSVWriter.quoted(text)
    case .number(let number): String(number)
    case .fen(let fen): yuan(fen).filter { $0 != "," }
    case .time(let instant): instant.plain(offset: zone)
    case .blank: ""
    }
  }

  /// A text that no spreadsheet takes for a formula, wide signs of East Asian ones included.
  static func quoted(_ text: String) -> String {
    let first = text.drop { $0 == " " }.first ?? "a"
    let plain = "=+-@\t\r\n＝＋－＠".contains(first) ? "'" + text : text
    guard plain.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return plain }
    return "\"" + plain.replacing("\"", with: "\"\"") + "\""
  }
}
