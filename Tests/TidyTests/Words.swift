// SPDX-License-Identifier: Apache-2.0

/// Names and remarks: what may not be written, and what to write instead.
enum Words {
  /// Ends of type and file names.
  static let endings: [(String, String)] = [
    ("Manager", "name what it keeps: Desk, Store, Ledger"),
    ("Helper", "put the function on the type it helps"),
    ("Helpers", "put the functions on the types they help"),
    ("Utils", "put the function on the type it helps"),
    ("Util", "put the function on the type it helps"),
    ("Service", "name what it does for whom: Desk, Vault, Sender"),
    ("Common", "name what the two have in common"),
  ]

  /// Spelt apart, so that this file does not find itself.
  static let remarks: [(String, String)] = [
    ("TO" + "DO", "open an issue, or do it"),
    ("FIX" + "ME", "mend it, or open an issue"),
    ("XX" + "X", "say what is wrong, or mend it"),
    ("HA" + "CK", "say why it has to be so"),
  ]

  static func check(_ source: Source) -> [Finding] {
    var findings: [Finding] = []
    let stem = source.name.prefix { $0 != "." && $0 != "+" }
    for (ending, instead) in endings {
      for word in source.words where word.text.hasSuffix(ending) && declares(word) {
        findings.append(Finding(source, word.line, "\(word.text): \(instead)"))
      }
      if stem.hasSuffix(ending) {
        findings.append(Finding(source, 1, "the file's name \(source.name): \(instead)"))
      }
    }
    for (index, line) in source.lines.enumerated() {
      for (remark, instead) in remarks where contains(line, word: remark) {
        findings.append(Finding(source, index + 1, "\(remark): \(instead)"))
      }
    }
    if let room = source.room {
      for word in source.words where word.text == room && declares(word) {
        findings.append(
          Finding(
            source, word.line,
            "a type named after its module cannot be told from it; name it State, or by its noun"))
      }
    }
    return findings + places(source)
  }

  private static func declares(_ word: Source.Word) -> Bool {
    ["struct", "class", "enum", "actor", "protocol", "typealias"].contains(word.previous)
  }

  /// Nothing names a folder of somebody's machine.
  static func places(_ source: Source) -> [Finding] {
    let places = ["/" + "work", "/" + "root"]
    return source.lines.enumerated().flatMap { index, line in
      places.filter { contains(line, place: $0) }.map {
        Finding(
          source, index + 1, "\($0) is a folder of one machine; write a path from the repository")
      }
    }
  }

  private static func contains(_ line: Substring, word: String) -> Bool {
    boundaries(line, word) { before, after in !isLetter(before) && !isLetter(after) }
  }

  private static func contains(_ line: Substring, place: String) -> Bool {
    boundaries(line, place) { before, after in
      !isLetter(before) && !".~}*)".utf8.contains(before) && !isLetter(after) && after != 46
        && after != 45
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      || byte == 95 || byte >= 128
  }

  private static func boundaries(
    _ line: Substring, _ wanted: String, _ fits: (UInt8, UInt8) -> Bool
  ) -> Bool {
    let bytes = Array(line.utf8)
    let wanted = Array(wanted.utf8)
    guard bytes.count >= wanted.count else { return false }
    return (0...(bytes.count - wanted.count)).contains { start in
      guard bytes[start] == wanted[0], bytes[start..<start + wanted.count].elementsEqual(wanted)
      else { return false }
      let end = start + wanted.count
      return fits(start > 0 ? bytes[start - 1] : 0, end < bytes.count ? bytes[end] : 0)
    }
  }

  /// The licence stands in the first line, or below the line that the file's kind needs first.
  static func licence(_ source: Source) -> [Finding] {
    let marked = source.lines.prefix(2).contains {
      $0.contains("SPDX-License-Identifier: Apache-2.0")
    }
    return marked
      ? [] : [Finding(source, 1, "begin with // SPDX-License-Identifier: Apache-2.0")]
  }

  /// `@unchecked Sendable` is a promise that the compiler cannot check: the comment above it, or on
  /// its line, names the lock (or the one thread) that keeps it.
  static func unchecked(_ source: Source) -> (lines: [Int], findings: [Finding]) {
    let lines = source.words.filter { $0.text == "unchecked" && $0.before == UInt8(ascii: "@") }
      .map(\.line)
    let findings = lines.filter { line in
      let near = source.lines[max(0, line - 7)..<line]
      let remarks = near.filter { $0.contains("//") }.joined(separator: " ").lowercased()
      let keepers = ["lock", "thread", "mutex", "immutable", "read only", "by `"]
      return !keepers.contains(where: remarks.contains)
    }.map {
      Finding(
        source, $0,
        "@unchecked Sendable without its lock: say in a comment above which lock keeps it")
    }
    return (lines, findings)
  }
}
