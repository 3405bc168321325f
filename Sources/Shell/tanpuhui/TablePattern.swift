// SPDX-License-Identifier: Apache-2.0
import Units

/// A written date and time: `yyyy-MM-dd HH:mm:ss`, `yyyy年M月d日 H:mm`, `M/d/yyyy`.
///
/// Two letters ask for two digits, one letter takes one or two; `SSS` are milliseconds. Everything
/// else stands for itself. What is not written is zero.
struct TablePattern: Hashable, Sendable {
  private enum Part: Hashable, Sendable {
    case literal(UInt8)
    case number(Character, digitsMin: Int, digitsMax: Int)
  }
  private var parts: [Part] = []

  init(_ text: String) throws(TableFailure) {
    var rest = text[...]
    var seen = ""
    while let letter = rest.first {
      let run = rest.prefix { $0 == letter }.count
      guard letter.isLetter, letter.isASCII else {
        parts += String(rest.removeFirst()).utf8.map { .literal($0) }
        continue
      }
      rest.removeFirst(run)
      // Between date and time a plain T is usual.
      if letter == "T", run == 1 {
        parts.append(.literal(UInt8(ascii: "T")))
        continue
      }
      let widths: [Character: [Int]] = [
        "y": [4], "M": [1, 2], "d": [1, 2], "H": [1, 2], "m": [1, 2], "s": [1, 2], "S": [3],
      ]
      guard widths[letter]?.contains(run) == true, !seen.contains(letter) else {
        throw TableFailure(
          "\"\(text)\": \(String(repeating: letter, count: run)) is not one of yyyy MM dd HH mm ss "
            + "SSS, or stands there twice")
      }
      seen.append(letter)
      parts.append(.number(letter, digitsMin: run, digitsMax: run == 1 ? 2 : run))
    }
    guard "yMd".allSatisfy(seen.contains) else {
      throw TableFailure(
        "\"\(text)\" has no year, month or day; write for example yyyy-MM-dd HH:mm")
    }
  }

  /// The reading in milliseconds as if it were UTC; nil where the text is not of this pattern.
  func read(_ text: String) -> Int64? {
    var values: [Character: Int] = [:]
    var rest = Array(text.utf8)[...]
    for part in parts {
      switch part {
      case .literal(let byte):
        guard rest.popFirst() == byte else { return nil }
      case .number(let letter, let digitsMin, let digitsMax):
        let run = rest.prefix(digitsMax).prefix { (48...57).contains($0) }
        guard run.count >= digitsMin else { return nil }
        values[letter] = run.reduce(0) { $0 * 10 + Int($1 - 48) }
        rest = rest.dropFirst(run.count)
      }
    }
    let hour = values["H", default: 0]
    let minute = values["m", default: 0]
    let second = values["s", default: 0]
    guard rest.isEmpty, hour < 24, minute < 60, second < 60,
      let day = Day(year: values["y"]!, month: values["M"]!, day: values["d"]!)
    else { return nil }
    let whole = Int64(day.number) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    return whole * 1000 + Int64(values["S", default: 0])
  }
}
