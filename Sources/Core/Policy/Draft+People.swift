// SPDX-License-Identifier: Apache-2.0
import Behaviour

// consents.txt and people.txt: texts that citizens agree to, ages, families, closed accounts.
extension Draft {
  mutating func readConsent(_ entry: Entry) {
    expect(
      entry, once: ["name", "covers", "version", "data", "purpose", "keep", "clause"],
      many: ["text"])
    guard let code = code(entry), let name = needName(entry, "name"),
      let (covers, partner) = covers(entry), let version = need(entry, "version"),
      let data = needName(entry, "data"), let purpose = needName(entry, "purpose"),
      let keep = needName(entry, "keep"), let clause = need(entry, "clause"),
      citation(clause) != nil
    else { return }
    guard version.value.utf8.count <= 64, !version.value.contains(" ") else {
      fault(
        version, column: version.valueColumn, "a version is one word of at most 64 bytes",
        "Write `version link-2026-11`, and another one whenever the text changes.")
      return
    }
    var text: [Name] = []
    for child in entry.children("text") {
      guard let paragraph = self.name(child) else { return }
      text.append(paragraph)
    }
    if text.isEmpty {
      fault(
        entry, "`consent \(code)` has no `text`", "Add `text 中文 | English`, a line a paragraph.")
    }
    if covers != .receiver,
      let other = consents.first(where: { $0.covers == covers && $0.partner == partner })
    {
      fault(
        entry, "`consent \(other.code)` covers the same",
        "Keep one, or name a partner: `covers "
          + "source CODE`.")
      return
    }
    consents.append(
      ConsentTerms(
        code: code, covers: covers, partner: partner, name: name, version: version.value,
        data: data, purpose: purpose, keep: keep, text: text))
  }

  private mutating func needName(_ entry: Entry, _ key: String) -> Name? {
    guard let child = need(entry, key) else { return nil }
    return name(child)
  }

  private mutating func covers(_ entry: Entry) -> (ConsentTerms.Covers, String?)? {
    guard let child = need(entry, "covers") else { return nil }
    let words = child.words.map(\.text)
    guard let covers = ConsentTerms.Covers(rawValue: words.first ?? ""),
      words.count == 1 || (words.count == 2 && covers == .source)
    else {
      fault(
        child, column: child.valueColumn, "`\(child.value)` is nothing that a consent covers",
        "Write `source`, `source PARTNER`, `receiver` or `guardian`.")
      return nil
    }
    return (covers, words.count == 2 ? words[1] : nil)
  }

  mutating func readPeople(_ entries: [Entry]) {
    guard let entry = entries.first else { return }
    for other in entries.dropFirst() {
      fault(other, "a second `people`", "A pack has one: \(entry.file):\(entry.line).")
    }
    expect(entry, once: ["guardian", "family", "organisations", "sums", "closing"])
    if let years = number(entry, "guardian", 0...18) { people.guardianYears = years }
    if let most = number(entry, "family", 2...50) { people.familyMembersMax = most }
    if let most = number(entry, "organisations", 1...1000) { people.organisationsMax = most }
    if let least = number(entry, "sums", 1...100) { people.sumMembersMin = least }
    if let account = number(entry, "closing", 1...65_535) {
      people.closingProgramme = UInt32(account)
    }
  }

  /// `family 6 [source]`: a whole number within bounds, with its source.
  private mutating func number(
    _ entry: Entry, _ key: String, _ bounds: ClosedRange<Int>
  ) -> Int? {
    guard let child = entry.child(key), citation(child) != nil else { return nil }
    guard child.value.utf8.allSatisfy(isDigit), child.value.utf8.count <= 6,
      let number = Int(child.value), bounds.contains(number)
    else {
      fault(
        child, column: child.valueColumn,
        "`\(key)` needs a whole number from \(bounds.lowerBound) to \(bounds.upperBound)",
        "Write `\(key) \(bounds.lowerBound)` with its source.")
      return nil
    }
    return number
  }
}
