// SPDX-License-Identifier: Apache-2.0

/// One line of a pack's file, with the lines indented below it.
///
///   scene shared-bike                                      key `scene`, value `shared-bike`
///     accept distance 500 m to 20 km   [CD-1]  # why       key `accept`, source `CD-1`
struct Entry: Sendable {
  var file: String
  var line: Int
  var column: Int
  var key: String
  var value: String
  var valueColumn: Int
  /// What stands in the brackets at the end of the line.
  var source: String?
  var sourceColumn: Int
  var children: [Entry] = []

  func child(_ key: String) -> Entry? { children.first { $0.key == key } }
  func children(_ key: String) -> [Entry] { children.filter { $0.key == key } }

  /// The words of the value with their columns; a unit's bracket keeps its spaces: `g/(person km)`.
  var words: [Word] {
    var words: [Word] = []
    var word = ""
    var start = valueColumn
    var open = 0
    for (index, character) in value.enumerated() {
      if character == " ", open == 0 {
        if !word.isEmpty { words.append(Word(text: word, column: start)) }
        word = ""
        continue
      }
      if word.isEmpty { start = valueColumn + index }
      if character == "(" { open += 1 }
      if character == ")" { open = max(0, open - 1) }
      word.append(character)
    }
    if !word.isEmpty { words.append(Word(text: word, column: start)) }
    return words
  }

  struct Word: Sendable {
    var text: String
    var column: Int
  }
}

/// Splits a file into lines and lines into entries. Three levels: block, key, key of a rule.
struct EntryReader {
  /// Generous: Chengdu's largest file has 60 KB.
  static let bytesMax = 4_000_000
  static let lineBytesMax = 4000

  let file: String
  private(set) var entries: [Entry] = []
  private(set) var problems: [Problem] = []
  private var indents: [Int] = []
  private var broken: Int?

  init(file: String) { self.file = file }

  /// The lines as text, without line ends; nil and a problem where the file is no UTF-8 text.
  mutating func lines(of bytes: [UInt8]) -> [String]? {
    guard bytes.count <= EntryReader.bytesMax else {
      fault(nil, nil, "the file has \(bytes.count) bytes", "Split it: 4 MB is the most.")
      return nil
    }
    var body = bytes[...]
    if body.starts(with: [0xEF, 0xBB, 0xBF]) { body = body.dropFirst(3) }
    var lines: [String] = []
    for (index, raw) in body.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
      let line = raw.last == 13 ? raw.dropLast() : raw
      guard let text = String(validating: line, as: UTF8.self) else {
        fault(index + 1, nil, "this line is no UTF-8 text", "Save the file as UTF-8.")
        return nil
      }
      guard line.count <= EntryReader.lineBytesMax, !line.contains(0), !line.contains(13) else {
        fault(
          index + 1, nil, "a line of \(line.count) bytes, or with control characters",
          "Write lines of text, at most 4000 bytes long.")
        return nil
      }
      lines.append(text)
    }
    return lines
  }

  mutating func read(_ bytes: [UInt8]) {
    guard let lines = lines(of: bytes) else { return }
    for (index, text) in lines.enumerated() { read(text, index + 1) }
  }

  private mutating func read(_ text: String, _ number: Int) {
    let characters = EntryReader.withoutComment(Array(text))
    guard let first = characters.firstIndex(where: { $0 != " " }) else { return }
    if let tab = characters.firstIndex(of: "\t") {
      fault(number, tab + 1, "a tab", "Indent and align with spaces.")
      return
    }
    // What is indented below a line that could not be read belongs to it, and to nothing else.
    if let broken, first > broken { return }
    broken = nil
    guard let entry = entry(characters, first, number) else {
      broken = first
      return
    }
    while let last = indents.last, last >= first { indents.removeLast() }
    if first > 0, indents.isEmpty {
      fault(
        number, first + 1, "an indented line that belongs to no block",
        "Begin the block at the left margin: `scene …`, `method …`.")
      return
    }
    switch indents.count {
    case 0: entries.append(entry)
    case 1: entries[entries.count - 1].children.append(entry)
    case 2:
      let block = entries.count - 1
      let last = entries[block].children.count - 1
      entries[block].children[last].children.append(entry)
    default:
      fault(number, first + 1, "indented too deep", "Three levels are all: block, key, rule's key.")
      return
    }
    indents.append(first)
  }

  private mutating func entry(_ characters: [Character], _ first: Int, _ number: Int) -> Entry? {
    var end = characters.count
    while characters[end - 1] == " " { end -= 1 }
    var source: String?
    var sourceColumn = end + 1
    if let open = characters[..<end].lastIndex(of: "[") {
      guard characters[end - 1] == "]", open > first else {
        fault(
          number, open + 1, "the source's bracket is not at the end of the line, or not closed",
          "End the line with `[source]`.")
        return nil
      }
      source = String(characters[(open + 1)..<(end - 1)])
      sourceColumn = open + 1
      end = open
      while end > first, characters[end - 1] == " " { end -= 1 }
    }
    var keyEnd = first
    while keyEnd < end, characters[keyEnd] != " " { keyEnd += 1 }
    var valueStart = keyEnd
    while valueStart < end, characters[valueStart] == " " { valueStart += 1 }
    return Entry(
      file: file, line: number, column: first + 1, key: String(characters[first..<keyEnd]),
      value: String(characters[valueStart..<end]), valueColumn: valueStart + 1, source: source,
      sourceColumn: sourceColumn)
  }

  /// A comment begins with `#` at the start of a line or after a space, outside brackets.
  static func withoutComment(_ characters: [Character]) -> [Character] {
    var open = false
    for (index, character) in characters.enumerated() {
      if character == "[" { open = true }
      if character == "]" { open = false }
      if character == "#", !open, index == 0 || characters[index - 1] == " " {
        return Array(characters[..<index])
      }
    }
    return characters
  }

  private mutating func fault(_ line: Int?, _ column: Int?, _ reason: String, _ advice: String) {
    problems.append(
      Problem(file: file, line: line, column: column, reason: reason, advice: advice))
  }
}
