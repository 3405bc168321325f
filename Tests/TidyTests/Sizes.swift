// SPDX-License-Identifier: Apache-2.0

/// Small, and ratcheted: what is too big today is listed with its size, and may only shrink.
enum Sizes {
  static let columnsMax = 100
  static let functionLinesMax = 70
  static let fileLinesMax = 500

  /// Something over its limit, as a row of `sinners.txt`: `file Sources/… 612`.
  struct Excess: Hashable {
    var kind: String
    var path: String
    var size: Int
    var line: Int
  }

  static func measure(_ source: Source) -> [Excess] {
    var found: [Excess] = []
    if source.lines.count > fileLinesMax {
      found.append(Excess(kind: "file", path: source.path, size: source.lines.count, line: 1))
    }
    for (index, line) in source.lines.enumerated() where line.utf8.count > columnsMax {
      guard line.count > columnsMax else { continue }
      // A scenario is a table, and reads as one.
      let isScenario = source.path.hasPrefix("Tests/") && line.contains("  -> ")
      if isScenario { continue }
      found.append(Excess(kind: "line", path: source.path, size: line.count, line: index + 1))
    }
    guard source.path.hasSuffix(".swift") else { return found }
    for (name, line, size) in functions(source) where size > functionLinesMax {
      found.append(
        Excess(kind: "function", path: source.path + ":" + name, size: size, line: line))
    }
    return found
  }

  /// Functions and initialisers: name, first line, and lines down to the closing brace.
  static func functions(_ source: Source) -> [(name: String, line: Int, lines: Int)] {
    source.words.indices.compactMap { index in
      let word = source.words[index]
      let isFunction = word.text == "func"
      let isInit =
        word.text == "init" && word.before != UInt8(ascii: ".")
        && "(<?".utf8.contains(word.after)
      guard isFunction || isInit else { return nil }
      let next = index + 1 < source.words.count ? source.words[index + 1].text : ""
      guard let end = closing(source, from: word) else { return nil }
      return (isFunction ? String(next) : "init", word.line, end - word.line + 1)
    }
  }

  /// The line of the brace that closes the body; nil for a requirement without one.
  private static func closing(_ source: Source, from word: Source.Word) -> Int? {
    var depth = 0
    var brackets = 0
    var opened = false
    for line in (word.line - 1)..<source.code.count {
      var bytes = Substring(source.code[line])
      if line == word.line - 1, let start = bytes.range(of: word.text) {
        bytes = bytes[start.upperBound...]
      }
      for byte in bytes.utf8 {
        switch byte {
        case UInt8(ascii: "("): brackets += 1
        case UInt8(ascii: ")"): brackets -= 1
        case UInt8(ascii: "{"):
          depth += 1
          if brackets == 0 { opened = true }
        case UInt8(ascii: "}"):
          depth -= 1
          if depth < 0 { return nil }
          if depth == 0, opened { return line + 1 }
        default: break
        }
      }
      // A requirement of a protocol: another declaration begins before any brace.
      if !opened, brackets == 0, depth == 0, line + 1 < source.code.count {
        let next = source.code[line + 1].drop { $0 == " " }
        let begins = ["func ", "var ", "init(", "///", "static ", "mutating ", "associatedtype "]
        if next.isEmpty || begins.contains(where: next.hasPrefix) { return nil }
      }
    }
    return nil
  }

  /// Compares what is too big with the committed list.
  static func check(_ excesses: [Excess], against list: String) -> [Finding] {
    let limits = ["file": fileLinesMax, "line": columnsMax, "function": functionLinesMax]
    let listName = "Tools/tidy/sinners.txt"
    var listed: [String: (size: Int, line: Int)] = [:]
    let rows = list.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, row) in rows.enumerated() {
      let parts = row.split(separator: " ")
      guard parts.count == 3, !row.hasPrefix("#"), let size = Int(parts[2]) else { continue }
      listed["\(parts[0]) \(parts[1])"] = (size, index + 1)
    }
    var findings: [Finding] = []
    var worst: [String: Excess] = [:]
    for excess in excesses {
      let key = "\(excess.kind) \(excess.path)"
      if worst[key].map({ $0.size < excess.size }) ?? true { worst[key] = excess }
    }
    for (key, excess) in worst.sorted(by: { $0.key < $1.key }) {
      let unit = excess.kind == "line" ? "columns" : "lines"
      let path = String(excess.path.prefix { $0 != ":" })
      guard let old = listed.removeValue(forKey: key) else {
        findings.append(
          Finding(
            path, excess.line,
            "a \(excess.kind) of \(excess.size) \(unit), at most \(limits[excess.kind]!) are meant"
              + "; split it"))
        continue
      }
      if excess.size > old.size {
        findings.append(
          Finding(path, excess.line, "grew from \(old.size) to \(excess.size) \(unit); shrink it"))
      } else if excess.size < old.size {
        findings.append(
          Finding(listName, old.line, "shrank: write \(excess.size) instead of \(old.size)"))
      }
    }
    for (key, old) in listed.sorted(by: { $0.key < $1.key }) {
      findings.append(Finding(listName, old.line, "\(key) is small enough now: take it out"))
    }
    return findings
  }
}

extension Substring {
  fileprivate func range(of word: Substring) -> Range<Index>? {
    var at = startIndex
    while at < endIndex {
      if self[at...].hasPrefix(word) { return at..<index(at, offsetBy: word.count) }
      at = index(after: at)
    }
    return nil
  }
}
