// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Methodology
import Units

// pack.txt and partners.txt: documents, the mechanism itself, families, partners.
extension Draft {
  mutating func readDocuments(_ entries: [Entry]) {
    for entry in entries {
      expect(entry, once: ["mark", "link"])
      guard let word = entry.words.first, entry.value.count > word.text.count else {
        fault(entry, "`document` needs a code and a title", "Write `document CD 成办函〔2022〕85号`.")
        continue
      }
      guard unique(entry, word.text) else { continue }
      var mark = Mark.sourced
      if let child = entry.child("mark") {
        guard let known = Mark(rawValue: child.value), known.mayShip else {
          fault(
            child, column: child.valueColumn, "`\(child.value)` is no mark a shipped document has",
            "Write sourced, sourced-2nd or computed.")
          continue
        }
        mark = known
      }
      let title = trimmed(entry.value.dropFirst(word.text.count))
      documents[word.text] = Pack.Document(code: word.text, title: title, mark: mark)
      documentOrder.append(word.text)
    }
    if entries.isEmpty {
      problems.append(
        Problem(
          file: "pack.txt", line: nil, column: nil, reason: "the pack declares no document",
          advice: "Add `document CODE title` for the document that it implements."))
    }
  }

  mutating func readMechanism(_ entries: [Entry]) {
    guard let entry = entries.first else {
      problems.append(
        Problem(
          file: "pack.txt", line: nil, column: nil, reason: "no block `mechanism`",
          advice: "Add `mechanism CODE` with name, version, effective, zone, area and language."))
      return
    }
    for other in entries.dropFirst() {
      fault(other, "a second `mechanism`", "A pack is one mechanism: \(entry.file):\(entry.line).")
    }
    expect(
      entry, once: ["name", "city", "version", "effective", "zone", "area", "clock"],
      many: ["language"])
    guard let code = code(entry) else { return }
    var result = Manifest(code: code)
    result.version = need(entry, "version")?.value ?? ""
    if let child = need(entry, "name"), let name = name(child) { result.name = name }
    if let child = need(entry, "city"), let name = name(child) { result.city = name }
    if let child = need(entry, "effective"), let day = day(child.words.first, child) {
      _ = citation(child)
      result.effective = day
    }
    if let child = need(entry, "zone") {
      if let zone = Draft.zone(child.value) {
        result.zone = zone
      } else {
        fault(child, column: child.valueColumn, "no such time zone", "Write `+08:00`.")
      }
    }
    if let child = need(entry, "area") { result.area = child.value }
    if let child = entry.child("clock"), citation(child) != nil,
      let quantity = quantity(child, child.words[...]),
      let skew = millionths(
        quantity, of: Draft.unit("s"), child, column: child.valueColumn, rounding: .down)
    {
      result.clockSkewSeconds = max(0, skew / 1_000_000)
    }
    for child in entry.children("language") {
      let words = child.words
      guard words.count >= 2 else {
        fault(child, "a language has a tag and a name", "Write `language zh-CN 简体中文`.")
        continue
      }
      result.languages.append(
        Pack.Language(tag: words[0].text, name: words[1...].map(\.text).joined(separator: " ")))
    }
    if result.languages.isEmpty { _ = need(entry, "language") }
    mechanism = result
  }

  /// `+08:00` as seconds east of Greenwich.
  static func zone(_ text: String) -> Int32? {
    guard let noon = Instant("2000-01-01T12:00:00" + text) else { return nil }
    return Int32(truncatingIfNeeded: 946_728_000 - noon.seconds)
  }

  static func unit(_ text: String) -> UnitOfMeasure {
    guard case .success(let unit) = UnitOfMeasure.parse(text) else {
      preconditionFailure("the unit \(text) is missing in Methodology's UnitTable")
    }
    return unit
  }

  mutating func readFamily(_ entry: Entry) {
    expect(entry, once: ["name", "clause"])
    guard families.count < Draft.familiesMax else {
      fault(entry, "more than \(Draft.familiesMax) families", "Join some.")
      return
    }
    guard let code = code(entry), let child = need(entry, "name"), let name = name(child),
      let clause = need(entry, "clause"), let source = source(clause)
    else { return }
    families.append(Family(code: code, name: name, source: source))
  }

  mutating func readPartner(_ entry: Entry) {
    expect(entry, once: ["name", "clause"])
    guard let code = code(entry), let child = need(entry, "name"), let name = name(child),
      let clause = need(entry, "clause"), let source = source(clause)
    else { return }
    partners.append(Pack.Partner(code: code, name: name, source: source))
  }
}
