// SPDX-License-Identifier: Apache-2.0
// The file of a day, the same from both sides: UTF-8, a line an exchange, this first line.
//
//   id,giver,taker,give,take,state
//   0000…0001,chengdu,tanhui-traffic,50,50,confirmed
//
// `state` is `confirmed`, or `open` for what is under way; what was cancelled may be left out.

import Mechanism
import Recognition
import Storage
import Units

/// A line of a day's file that cannot be read.
package struct DayFileProblem: Error, Sendable {
  package var line: Int
  package var english: String
  var chinese: String
}

package enum DayFile {
  package static let bytesMax = 32 << 20
  static let head = "id,giver,taker,give,take,state"

  static func write(_ conversions: [Conversion], mechanism: String) -> [UInt8] {
    var text = head + "\n"
    for one in conversions where one.status != .cancelled {
      let leaves = one.direction == .out
      text += one.id + ","
      text += leaves ? "\(mechanism),\(one.programme)," : "\(one.programme),\(mechanism),"
      text += leaves ? "\(one.ours),\(one.theirs)," : "\(one.theirs),\(one.ours),"
      text += one.status.rawValue + "\n"
    }
    return Array(text.utf8)
  }

  /// The other side's file, as seen from us.
  package static func read(
    _ bytes: [UInt8], mechanism: String, programme: String
  ) throws(DayFileProblem) -> [DayRow] {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DayFileProblem(
        line: 1, english: "the file is no UTF-8 text; save it as UTF-8",
        chinese: "文件不是 UTF-8 文本，请另存为 UTF-8")
    }
    var rows: [DayRow] = []
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (index, line) in lines.enumerated() {
      if index == 0 {
        guard line == head || line == "\u{FEFF}" + head else {
          throw DayFileProblem(
            line: 1, english: "the first line is not `\(head)`", chinese: "首行应为 \(head)")
        }
        continue
      }
      if line.isEmpty { continue }
      guard let row = row(line, mechanism, programme) else {
        throw DayFileProblem(
          line: index + 1,
          english: "not six fields: 32 hexadecimal digits, \(mechanism) and \(programme) as giver "
            + "and taker, two whole numbers above zero, `confirmed` or `open`",
          chinese: "应为六列：32 位十六进制编号、转出方与转入方（\(mechanism)、\(programme)）、"
            + "两个大于零的整数、confirmed 或 open")
      }
      if let row { rows.append(row) }
    }
    return rows
  }

  /// A row; none inside where the line is of a cancelled exchange; nil where it cannot be read.
  private static func row(
    _ line: Substring, _ mechanism: String, _ programme: String
  ) -> DayRow?? {
    let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 6, let id = ConversionID(fields[0]), let give = Int64(fields[3]),
      let take = Int64(fields[4]), give > 0, take > 0
    else { return nil }
    let direction: Direction
    switch (fields[1], fields[2]) {
    case (mechanism, programme): direction = .out
    case (programme, mechanism): direction = .in
    default: return nil
    }
    switch fields[5] {
    case "cancelled": return .some(nil)
    case "confirmed", "open":
      let leaves = direction == .out
      return DayRow(
        id: id, direction: direction, ours: leaves ? give : take, theirs: leaves ? take : give,
        isConfirmed: fields[5] == "confirmed")
    default: return nil
    }
  }

  package static func digest(_ bytes: [UInt8]) -> String {
    Storage.hexadecimal(Suite.international.digest.hash(bytes))
  }
}
