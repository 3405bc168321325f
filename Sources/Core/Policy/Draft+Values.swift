// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Methodology
import Units

// Words and values that every block uses: keys, codes, names, sources, quantities, dates.
extension Draft {
  /// Complains about keys that a block does not have, and about those given twice.
  mutating func expect(_ entry: Entry, once: [String], many: [String] = []) {
    var seen: Set<String> = []
    for child in entry.children {
      if !once.contains(child.key), !many.contains(child.key) {
        fault(
          child, "`\(entry.key)` has no key `\(child.key)`",
          "Keys are: \((once + many).joined(separator: ", ")).")
      } else if once.contains(child.key), !seen.insert(child.key).inserted {
        fault(child, "`\(child.key)` stands here twice", "Keep one.")
      }
      if child.key != "rule" { expectFlat(child) }
    }
  }

  mutating func expectFlat(_ entry: Entry) {
    for child in entry.children {
      fault(child, "nothing may be indented below `\(entry.key)`", "Move the line to the left.")
    }
  }

  /// A key that a block must have, with something behind it.
  mutating func need(_ entry: Entry, _ key: String) -> Entry? {
    guard let child = entry.child(key) else {
      fault(
        entry, "`\(entry.key) \(entry.value)` has no `\(key)`", "Add a line `\(key) …` below it.")
      return nil
    }
    guard !child.value.isEmpty || key == "clause" || key == "document" else {
      fault(child, "`\(key)` has no value", "Write it behind the key.")
      return nil
    }
    return child
  }

  /// The code in a block's head line: lower case letters, digits and hyphens, used once.
  mutating func code(_ entry: Entry) -> String? {
    let code = entry.value
    let allowed = code.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || isDigit($0) || $0 == 45 }
    guard !code.isEmpty, code.utf8.count <= 48, allowed, code.utf8.first != 45 else {
      fault(
        entry, "`\(entry.key)` needs a code, and `\(code.prefix(24))` is none",
        "Write lower case letters, digits and hyphens, 48 at most: `shared-bike`.")
      return nil
    }
    return unique(entry, code) ? code : nil
  }

  mutating func unique(_ entry: Entry, _ code: String) -> Bool {
    let key = "\(entry.key) \(code)"
    if let place = places[key] {
      fault(entry, "`\(key)` is already at \(place)", "Rename or remove one.")
      return false
    }
    places[key] = "\(entry.file):\(entry.line)"
    return true
  }

  /// `共享单车 | shared bike`.
  mutating func name(_ entry: Entry) -> Name? {
    guard let (chinese, english) = halves(entry.value) else {
      fault(
        entry, column: entry.valueColumn, "`\(entry.key)` needs both languages",
        "Write `中文 | English`.")
      return nil
    }
    return Name(chinese, english)
  }

  func halves(_ text: String) -> (String, String)? {
    let parts = text.split(separator: "|", omittingEmptySubsequences: false).map(trimmed)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    return (parts[0], parts[1])
  }

  func trimmed(_ text: some StringProtocol) -> String {
    var text = Substring(text)
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }

  // MARK: - Sources

  /// The source in a line's brackets; a value without one is refused.
  mutating func citation(_ entry: Entry) -> Citation? {
    guard let source = entry.source.map({ trimmed($0) }), !source.isEmpty else {
      fault(
        entry, column: entry.sourceColumn, "`\(entry.key)` has no source",
        "End the line with `[clause]`, `[document]` or `[set by this project: reason]`.")
      return nil
    }
    for mark in Mark.allCases where source.hasPrefix(mark.rawValue) {
      let rest = trimmed(source.dropFirst(mark.rawValue.utf8.count))
      guard mark.mayShip else {
        fault(
          entry, column: entry.sourceColumn, "a value that is only a \(mark.rawValue) one",
          "Find its document, or write `[set by this project: reason]`.")
        return nil
      }
      guard mark == .setByThisProject || mark == .computed else { continue }
      let reason = rest.hasPrefix(":") ? trimmed(rest.dropFirst()) : ""
      guard !reason.isEmpty else {
        fault(
          entry, column: entry.sourceColumn, "`\(mark.rawValue)` without its reason",
          "Write `[\(mark.rawValue): reason]`.")
        return nil
      }
      return Citation(mark, reason)
    }
    guard let document = document(citedBy: source) else {
      let known = documentOrder.joined(separator: ", ")
      fault(
        entry, column: entry.sourceColumn, "no document of this pack is called `\(source)`",
        "Declare it (`document CODE title`) or cite one of: \(known).")
      return nil
    }
    guard document.mark.mayShip else { return nil }
    return Citation(
      document.mark, source == document.code ? document.title : "\(document.title) \(source)")
  }

  /// `CD-1` and `CD 1` cite `CD`.
  private func document(citedBy source: String) -> Pack.Document? {
    documentOrder.compactMap { documents[$0] }.filter { document in
      source == document.code || source.hasPrefix(document.code + "-")
        || source.hasPrefix(document.code + " ")
    }.max { $0.code.utf8.count < $1.code.utf8.count }
  }

  /// The same for Behaviour: the clause where one is cited, else the document's title.
  mutating func source(_ entry: Entry) -> Source? {
    guard let citation = citation(entry), let written = entry.source.map({ trimmed($0) }) else {
      return nil
    }
    if citation.mark == .setByThisProject { return .setByThisProject }
    return .document(
      documents[written] == nil && citation.mark != .computed
        ? written : citation.document)
  }

  // MARK: - Quantities and dates

  /// `48.7 g/km` from the words of a line.
  mutating func quantity(_ entry: Entry, _ words: ArraySlice<Entry.Word>) -> Quantity? {
    guard let first = words.first else {
      fault(
        entry, column: entry.valueColumn + entry.value.count, "a value is missing here",
        "Write a number and its unit, such as `500 m`.")
      return nil
    }
    switch Quantity.parse(words.map(\.text).joined(separator: " ")) {
    case .success(let quantity): return quantity
    case .failure(let problem):
      fault(
        entry, column: first.column + problem.column - 1, problem.reason,
        "Write a number and a unit of Docs/packs.md, such as `500 m`.")
      return nil
    }
  }

  /// A quantity in millionths of a unit; nil with a complaint where it is another kind of thing.
  mutating func millionths(
    _ quantity: Quantity, of unit: UnitOfMeasure, _ entry: Entry, column: Int, rounding: Round
  ) -> Int64? {
    guard quantity.unit.dimension == unit.dimension else {
      fault(
        entry, column: column,
        "\(quantity) is \(quantity.unit.dimension), where \(unit.dimension) is wanted",
        "Use a unit such as \(unit.text).")
      return nil
    }
    let value = quantity.inBases / unit.scale * 1e6
    guard value.magnitude < 9e18 else {
      fault(entry, column: column, "\(quantity) is beyond all measure", "Check the unit.")
      return nil
    }
    // Decimals are rarely whole in binary: what is a hair beside a whole number is that number.
    let nearest = Int64(value < 0 ? value - 0.5 : value + 0.5)
    if (value - Double(nearest)).magnitude < 1e-3 { return nearest }
    let below = Int64(value) - (value < 0 ? 1 : 0)
    return rounding == .up ? below + 1 : below
  }

  enum Round { case up, down }

  /// A whole number of points, from `least` to a million.
  mutating func points(_ word: Entry.Word?, _ entry: Entry, least: Int64) -> Int64? {
    guard let word, word.text.utf8.allSatisfy(isDigit), word.text.utf8.count <= 7,
      let points = Int64(word.text), points >= least, points <= 1_000_000
    else {
      fault(
        entry, column: word?.column ?? entry.valueColumn,
        "`\(entry.key)` needs a whole number of points from \(least) to 1000000",
        "Write `\(entry.key) 10 …`.")
      return nil
    }
    return points
  }

  mutating func day(_ word: Entry.Word?, _ entry: Entry) -> Day? {
    guard let word, let day = Day(word.text) else {
      fault(
        entry, column: word?.column ?? entry.valueColumn,
        "a date is missing here, or there is none such",
        "Write it as 2023-01-31.")
      return nil
    }
    return day
  }

  func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
}
