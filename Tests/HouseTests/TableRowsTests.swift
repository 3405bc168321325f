// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import tanpuhui

/// Rows as `line: cell|cell`, broken ones as `line! reason`.
private func read(
  _ text: String, chunk: Int = .max, delimiter: Character = ",", width: Int? = nil
) -> [String] {
  var rows = TableRows(delimiter: delimiter.asciiValue!)
  rows.width = width
  var found: [String] = []
  func drain() {
    while let outcome = rows.next() {
      switch outcome {
      case .broken(let line, let reason): found.append("\(line)! \(reason)")
      case .row:
        let cells = (0..<rows.row.count).map { rows.row.cell($0) ?? "?" }
        found.append("\(rows.row.line): " + cells.joined(separator: "|"))
      }
    }
  }
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    rows.take(rest.prefix(chunk))
    rest = rest.dropFirst(chunk)
    drain()
  }
  rows.finish()
  drain()
  return found
}

@Suite struct TableRowsTests {
  @Test(arguments: [1, 2, 3, 7, .max])
  func quotesDoubledQuotesAndLineBreaksInCells(chunk: Int) {
    let text = "a,b\r\n\"x, y\",\"say \"\"hi\"\"\"\r\n\"two\nlines\",\n\nlast,\"\""
    #expect(
      read(text, chunk: chunk) == [
        "1: a|b", "2: x, y|say \"hi\"", "3: two\nlines|", "6: last|",
      ])
  }

  @Test func aQuoteNobodyClosesCostsItsOwnLineOnly() {
    let text = "a,b\n1,\"open\n2,two\n3,three\n"
    #expect(
      read(text, width: 2) == [
        "1: a|b", "2! a quote is opened and never closed", "3: 2|two", "4: 3|three",
      ])
  }

  @Test func aQuoteClosedByTheNextRowsQuoteCostsItsOwnLineOnly() {
    let text = "1,\"open\n2,\"two\"\n3,three\n"
    #expect(
      read(text, width: 2) == [
        "1! text after a closing quote; write a quote in a cell twice", "2: 2|two", "3: 3|three",
      ])
  }

  @Test func tooFewAndTooManyCells() {
    #expect(
      read("1\n2,2\n3,3,3\n", width: 2) == [
        "1! 1 cells where the head has 2", "2: 2|2", "3! 3 cells where the head has 2",
      ])
  }

  @Test func aStrayQuoteInAHugeFileTakesBoundedMemory() {
    var rows = TableRows(delimiter: 44)
    rows.take("1,\"open\n".utf8)
    let line = Array("2,two\n".utf8)
    let block = Array(repeatElement(line, count: 10_000).joined())
    var good = 0
    var broken: [TableRows.Outcome] = []
    for _ in 0..<30 {
      rows.take(block)
      while let outcome = rows.next() {
        if outcome == .row { good += 1 } else { broken.append(outcome) }
      }
    }
    #expect(good == 300_000)
    #expect(
      broken == [.broken(line: 1, reason: "the row is longer than 1 MiB; is a quote left open?")])
  }

  @Test func blanksAroundCellsAreNotPartOfThem() {
    #expect(read(" 1 ;\t x y \n", delimiter: ";") == ["1: 1|x y"])
  }
}

@Suite struct TableTextTests {
  private func text(
    _ bytes: [UInt8], _ encoding: TableText.Encoding, chunk: Int
  ) throws -> [UInt8] {
    var text = try TableText(encoding)
    var result: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: chunk) {
      let part = Array(bytes[start..<min(start + chunk, bytes.count)])
      result += try text.convert(part, final: false)
    }
    return result + (try text.convert([], final: true))
  }

  // Python: '骑行,1.5公里\n𠮷'.encode('gb18030')
  private let gb: [UInt8] = [
    0xC6, 0xEF, 0xD0, 0xD0, 0x2C, 0x31, 0x2E, 0x35, 0xB9, 0xAB, 0xC0, 0xEF, 0x0A, 0x95, 0x34, 0xB2,
    0x35,
  ]

  @Test(arguments: [1, 2, 5, 100])
  func gbkIsReadAcrossChunks(chunk: Int) throws {
    let read = try text(gb, .gbk, chunk: chunk)
    #expect(String(decoding: read, as: UTF8.self) == "骑行,1.5公里\n𠮷")
  }

  @Test func aBrokenCharacterSpoilsItsOwnRowOnly() throws {
    let read = try text([0x61, 0x80, 0x0A, 0xC6, 0xEF], .gb18030, chunk: 2)
    #expect(read == [0x61, 0xFF, 0x0A] + Array("骑".utf8))
  }

  @Test(arguments: [1, 100]) func theByteOrderMarkIsNotPartOfTheFirstName(chunk: Int) throws {
    #expect(try text([0xEF, 0xBB, 0xBF, 0x69, 0x64], .utf8, chunk: chunk) == [0x69, 0x64])
  }

  @Test func aWideFileIsRefusedWithAdvice() {
    #expect(throws: TableFailure("the file is UTF-16; save it as \"CSV UTF-8\"")) {
      try text([0xFF, 0xFE, 0x69, 0x00], .utf8, chunk: 4)
    }
  }
}
