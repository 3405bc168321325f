// SPDX-License-Identifier: Apache-2.0
// SOURCE. One file as the floor plan's test sees it: three views of the same lines.
//
//   lines      as written
//   code       comments and the insides of texts blanked: what the compiler acts on
//   texts      only the insides of texts: what the program may say
//
// The checks are functions over these views, so a test can plant a violation in a few words.

struct Source {
  struct Word {
    var text: Substring
    /// From 1.
    var line: Int
    /// The nearest characters beside it that are not blanks, on its line; 0 where there are none.
    var before: UInt8
    var after: UInt8
    /// The word before it on its line, where only blanks lie between.
    var previous: Substring?
  }

  var path: String
  var lines: [Substring]
  var code: [String]
  var texts: [String]
  var words: [Word]

  /// `Core` of `Sources/Core/Ledger/Ledger+Audit.swift`; nil outside Sources.
  var floor: String? { part(1) }
  var room: String? { part(2) }
  var name: String { String(path.split(separator: "/").last ?? "") }

  private func part(_ index: Int) -> String? {
    let parts = path.split(separator: "/")
    return parts.first == "Sources" && parts.count > index + 1 ? String(parts[index]) : nil
  }

  init(_ path: String, _ text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last == "" { lines.removeLast() }
    var blanker = Blanker(bytes: Array(text.utf8))
    blanker.run()
    func split(_ bytes: [UInt8]) -> [String] {
      bytes.split(separator: 10, omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
    }
    code = split(blanker.code)
    texts = split(blanker.texts)
    words = code.enumerated().flatMap { Source.words($1, line: $0 + 1) }
  }

  private static func words(_ line: String, line number: Int) -> [Word] {
    var found: [Word] = []
    let bytes = Array(line.utf8)
    var at = 0
    var end = 0
    while at < bytes.count {
      guard isWord(bytes[at]) else {
        at += 1
        continue
      }
      let start = at
      while at < bytes.count, isWord(bytes[at]) { at += 1 }
      let between = bytes[end..<start]
      let before = bytes[..<start].last { $0 > 32 } ?? 0
      let after = bytes[at...].first { $0 > 32 } ?? 0
      found.append(
        Word(
          text: Substring(decoding: bytes[start..<at], as: UTF8.self), line: number,
          before: before, after: after,
          previous: between.allSatisfy { $0 <= 32 } ? found.last?.text : nil))
      end = at
    }
    return found
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      || byte == 95 || byte >= 128
  }
}

/// What is wrong, where, and what to do instead.
struct Finding: Hashable, CustomStringConvertible {
  var path: String
  var line: Int
  var sentence: String
  var description: String { "\(path):\(line): \(sentence)" }

  init(_ source: Source, _ line: Int, _ sentence: String) {
    path = source.path
    self.line = line
    self.sentence = sentence
  }

  init(_ path: String, _ line: Int, _ sentence: String) {
    self.path = path
    self.line = line
    self.sentence = sentence
  }
}

/// Takes comments and texts apart from code, keeping every line and column where it was.
private struct Blanker {
  let bytes: [UInt8]
  var code: [UInt8] = []
  var texts: [UInt8] = []
  private var at = 0
  /// Open texts: how many hashes and whether three quotes, and the depth of brackets within an
  /// interpolation of it.
  private var open: [(hashes: Int, long: Bool, depth: Int)] = []

  init(bytes: [UInt8]) { self.bytes = bytes }

  private func sees(_ text: StaticString, at place: Int) -> Bool {
    let count = text.utf8CodeUnitCount
    guard place + count <= bytes.count else { return false }
    return (0..<count).allSatisfy { bytes[place + $0] == text.utf8Start[$0] }
  }

  private mutating func put(code isCode: Bool, text isText: Bool = false) {
    let byte = bytes[at]
    code.append(isCode || byte == 10 ? byte : 32)
    texts.append(isText || byte == 10 ? byte : 32)
    at += 1
  }

  mutating func run() {
    while at < bytes.count {
      if sees("//", at: at) {
        while at < bytes.count, bytes[at] != 10 { put(code: false) }
      } else if sees("/*", at: at) {
        comment()
      } else if let opened = opening() {
        for _ in 0..<(opened.hashes + (opened.long ? 3 : 1)) { put(code: true) }
        open.append(opened)
        text()
      } else if !open.isEmpty, bytes[at] == 41, open[open.count - 1].depth == 0 {
        put(code: true)
        text()
      } else {
        if !open.isEmpty, bytes[at] == 40 { open[open.count - 1].depth += 1 }
        if !open.isEmpty, bytes[at] == 41 { open[open.count - 1].depth -= 1 }
        put(code: true)
      }
    }
  }

  private mutating func comment() {
    var depth = 0
    repeat {
      if sees("/*", at: at) {
        depth += 1
        put(code: false)
      } else if sees("*/", at: at) {
        depth -= 1
        put(code: false)
      }
      put(code: false)
    } while depth > 0 && at < bytes.count
  }

  private func opening() -> (hashes: Int, long: Bool, depth: Int)? {
    var place = at
    while place < bytes.count, bytes[place] == 35 { place += 1 }
    guard place < bytes.count, bytes[place] == 34 else { return nil }
    return (place - at, sees("\"\"\"", at: place), 0)
  }

  /// Inside the innermost text, up to its end or to an interpolation.
  private mutating func text() {
    let (hashes, long, _) = open[open.count - 1]
    while at < bytes.count {
      if long ? sees("\"\"\"", at: at) : bytes[at] == 34, marks(at + (long ? 3 : 1), hashes) {
        open.removeLast()
        for _ in 0..<((long ? 3 : 1) + hashes) { put(code: true) }
        return
      }
      if bytes[at] == 92, marks(at + 1, hashes) {
        for _ in 0...hashes { put(code: false) }
        guard at < bytes.count else { return }
        if bytes[at] == 40 {
          put(code: true)
          return
        }
        put(code: false, text: true)
        continue
      }
      // A short text that is not closed on its line is no text; the compiler will say so.
      if !long, bytes[at] == 10 {
        open.removeLast()
        return
      }
      put(code: false, text: true)
    }
  }

  private func marks(_ place: Int, _ hashes: Int) -> Bool {
    place + hashes <= bytes.count && bytes[place..<place + hashes].allSatisfy { $0 == 35 }
  }
}
