// SPDX-License-Identifier: Apache-2.0
// SHEET. A list as a file for a spreadsheet: CSV or XLSX, with the filters of the page it is of.
//
//   /console/…/batches?partner=bus          the page: fifty rows
//   /console/…/batches?partner=bus&as=xlsx  the same address, the same roles: all of them
//
//   desk ──rows, a page of the list at a time──▶ Sheet ──▶ SheetWriter (CSV or XLSX)
//                                                    └──▶ a file without a name ──▶ the socket
//
// Invariants
// - Who may see the page may have the file, and nobody else: it is the same route.
// - Rows are written as they are read: a long list takes no more memory than a short one.
// - The file has no name on the disk, and nobody else can open it; it ends with the answer.
// - No cell is ever a formula. What CSV could be taken for one begins with an apostrophe; in XLSX a
//   text is a text.
// - Numbers are numbers, in the unit of the column's head; times are the mechanism's clock.

import Glibc
import HTTP
import Units

package enum Cell: Sendable {
  case text(String)
  case number(Int64)
  /// Shown in yuan.
  case fen(Int64)
  case time(Instant)
  case blank

  static func count(_ value: some BinaryInteger) -> Cell { .number(Int64(clamping: value)) }
  static func time(_ instant: Instant?) -> Cell { instant.map { .time($0) } ?? .blank }
}

/// What rows are written with, one after another.
protocol SheetWriter: AnyObject {
  func row(_ cells: [Cell]) throws
  /// Everything is written; the file may be read.
  func finish() throws
}

struct Sheet {
  enum Form: String { case csv, xlsx }

  /// `batches`: begins the file's name.
  var name: String
  var columns: [String]
  /// Calls for every row.
  var rows: (_ add: ([Cell]) throws -> Void) throws -> Void

  init(
    _ name: String, _ columns: [String],
    _ rows: @escaping (_ add: ([Cell]) throws -> Void) throws -> Void
  ) {
    self.name = name
    self.columns = columns
    self.rows = rows
  }

  /// Written into a file that has no name any more.
  func written(_ form: Form, zone: Int32) throws -> OpenFile {
    var template = Array("/tmp/tanpuhui-sheet-XXXXXX".utf8CString)
    let (descriptor, path) = template.withUnsafeMutableBufferPointer { name in
      (mkstemp(name.baseAddress!), String(cString: name.baseAddress!))
    }
    guard descriptor >= 0 else { throw Sheet.noRoom }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    defer { unlink(path) }
    // XLSX is written through its name; the descriptor sees the same file.
    let file = OpenFile(descriptor: descriptor)
    let writer: any SheetWriter =
      switch form {
      case .csv: try CSVWriter(file, columns: columns, zone: zone)
      case .xlsx: try XLSXWriter(path, columns: columns, zone: zone)
      }
    try rows(writer.row)
    try writer.finish()
    return file
  }

  static let noRoom = Trouble(
    503, "sheet-unwritten", "文件无法写出：服务器临时目录（/tmp）已满或不可写。请稍后再试或告知管理员。",
    "The file can't be written: the server's /tmp is full or closed. Try later, or tell the "
      + "administrator.", next: .back)
}

extension Call {
  /// The list of this page as a file, where `as=csv` or `as=xlsx` asks for one.
  func file(_ office: Office?, _ sheet: @autoclosure () throws -> Sheet) throws -> Response? {
    guard let form = request.query["as"].flatMap(Sheet.Form.init(rawValue:)) else { return nil }
    let sheet = try sheet()
    let zone = office?.zone ?? 28_800
    let file = try sheet.written(form, zone: zone)
    try log("export", request.target)
    let type =
      switch form {
      case .csv: "text/csv; charset=utf-8"
      case .xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
      }
    var response = Response(headers: [("Content-Type", type)], body: .opened(file))
    let clock = now.plain(offset: zone).filter(\.isNumber)
    let place = office.map { "-\($0.code)" } ?? ""
    let name = "\(sheet.name)\(place)-\(clock.prefix(8))-\(clock.dropFirst(8)).\(form.rawValue)"
    response["Content-Disposition"] = "attachment; filename=\"\(name)\""
    return response
  }
}

extension Layout {
  /// The ways to the files of a list: the page's own address, from the first row on.
  static func exports(_ visit: Visit) -> HTML {
    let t = visit.t
    let parts = visit.here.text.split(separator: "?", maxSplits: 1)
    let kept =
      parts.count < 2
      ? []
      : parts[1].split(separator: "&").filter { part in
        !["before=", "from=", "as=", "done="].contains { part.hasPrefix($0) }
      }
    let query = kept.map { $0 + "&" }.joined()
    func link(_ form: String) -> Link { Link(local: "\(parts[0])?\(query)as=\(form)") ?? "/" }
    if visit.isWeChat {
      return "<p class=\"exports soft small\">\(saving(t))</p>"
    }
    return """
      <p class="exports small"><span class="soft">\(t("导出全部", "Export all"))</span> \
      <a href="\(link("csv"))">CSV</a> <a href="\(link("xlsx"))">XLSX</a></p>
      """
  }

  /// WeChat's browser saves no files.
  static func saving(_ t: Tongue) -> HTML {
    t(
      "微信内不能保存文件：请点右上角“···”，选择在浏览器打开。",
      "WeChat can't save files: tap ··· at the top right and open this page in a browser.")
  }
}
