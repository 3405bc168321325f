// SPDX-License-Identifier: Apache-2.0
import CXLSXWriter
import Glibc
import HTTP
import Units

/// XLSX by libxlsxwriter, which writes rows as they come and keeps none of them.
final class XLSXWriter: SheetWriter {
  /// A worksheet holds 1,048,576 rows; what is more goes on in the next.
  private static let rowsMax: UInt32 = 1_000_000
  private static let textMax = 32_000

  private let book: UnsafeMutablePointer<lxw_workbook>
  private let zone: Int32
  private let columns: [String]
  private let head: UnsafeMutablePointer<lxw_format>?
  private let clock: UnsafeMutablePointer<lxw_format>?
  private let money: UnsafeMutablePointer<lxw_format>?
  private var sheet: UnsafeMutablePointer<lxw_worksheet>?
  private var next: UInt32 = 0
  private var isClosed = false

  init(_ path: String, columns: [String], zone: Int32) throws {
    var options = lxw_workbook_options(constant_memory: 1, tmpdir: nil, use_zip64: 1)
    guard let book = workbook_new_opt(path, &options) else { throw Sheet.noRoom }
    self.book = book
    self.zone = zone
    self.columns = columns
    head = workbook_add_format(book)
    format_set_bold(head)
    clock = workbook_add_format(book)
    format_set_num_format(clock, "yyyy-mm-dd hh:mm:ss")
    money = workbook_add_format(book)
    format_set_num_format(money, "0.00")
  }

  deinit {
    // A book that was given up must be closed too, for its memory.
    if !isClosed { _ = workbook_close(book) }
  }

  func row(_ cells: [Cell]) throws {
    if next == 0 || next >= XLSXWriter.rowsMax { try begin() }
    write(cells, nil)
  }

  private func begin() throws {
    guard let made = workbook_add_worksheet(book, nil) else { throw Sheet.noRoom }
    sheet = made
    next = 0
    worksheet_freeze_panes(made, 1, 0)
    worksheet_set_column(made, 0, UInt16(max(1, columns.count) - 1), 18, nil)
    write(columns.map { .text($0) }, head)
  }

  private func write(_ cells: [Cell], _ format: UnsafeMutablePointer<lxw_format>?) {
    for (index, cell) in cells.enumerated() {
      let column = UInt16(index)
      switch cell {
      case .text(let text):
        worksheet_write_string(
          sheet, next, column, String(text.prefix(XLSXWriter.textMax)), format)
      case .number(let number):
        // Beyond 2^53 a spreadsheet would round it.
        if number.magnitude < 1 << 53 {
          worksheet_write_number(sheet, next, column, Double(number), nil)
        } else {
          worksheet_write_string(sheet, next, column, String(number), nil)
        }
      case .fen(let fen): worksheet_write_number(sheet, next, column, Double(fen) / 100, money)
      case .time(let instant): write(instant, column)
      case .blank: break
      }
    }
    next += 1
  }

  private func write(_ instant: Instant, _ column: UInt16) {
    let parts = instant.plain(offset: zone).split { !$0.isNumber }.compactMap { Int32($0) }
    guard parts.count >= 6 else { return }
    var time = lxw_datetime(
      year: parts[0], month: parts[1], day: parts[2], hour: parts[3], min: parts[4],
      sec: Double(parts[5]))
    worksheet_write_datetime(sheet, next, column, &time, clock)
  }

  func finish() throws {
    if next == 0 { try begin() }
    isClosed = true
    guard workbook_close(book) == LXW_NO_ERROR else { throw Sheet.noRoom }
  }
}
