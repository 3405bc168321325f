// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Methodology
import Units

// examples.txt: one story, line by line. The grammar is drawn in `Example.swift`.
extension Draft {
  mutating func readExamples(_ file: Pack.File) {
    var reader = EntryReader(file: file.path)
    let lines = reader.lines(of: file.bytes)
    problems += reader.problems
    var known: Set<String> = []
    var reported: [String: Example.Report] = [:]
    for (index, text) in (lines ?? []).enumerated() {
      let plain = String(EntryReader.withoutComment(Array(text)))
      let value = trimmed(plain)
      guard !value.isEmpty else { continue }
      let column = plain.prefix { $0 == " " }.count + 1
      let entry = Entry(
        file: file.path, line: index + 1, column: column, key: "example", value: value,
        valueColumn: column, source: nil, sourceColumn: column)
      guard let step = step(entry, &known, &reported) else {
        // What could not be read cannot be repeated; it is enough to say so once.
        if let person = entry.words.first?.text { reported[person] = nil }
        continue
      }
      examples.append(Example(file: file.path, line: index + 1, text: value, step: step))
    }
  }

  private mutating func step(
    _ entry: Entry, _ known: inout Set<String>, _ reported: inout [String: Example.Report]
  ) -> Example.Step? {
    let words = entry.words
    let first = words[0].text
    if first == "citizen" || first == "stranger" {
      guard words.count == 2, known.insert(words[1].text).inserted else {
        fault(entry, "`\(first)` needs one new name", "Write `\(first) B`.")
        return nil
      }
      return first == "citizen" ? .citizen(words[1].text) : .stranger(words[1].text)
    }
    guard known.contains(first) else {
      fault(entry, "nobody is called `\(first)`", "Add a line `citizen \(first)` above.")
      return nil
    }
    if words.count > 1, words[1].text == "holds" { return holds(entry, first, words.dropFirst(2)) }
    guard let report = report(entry, words, reported) else { return nil }
    reported[first] = report
    return .report(report)
  }

  /// `156 g 3 points`, `3 points`.
  private mutating func holds(
    _ entry: Entry, _ person: String, _ words: ArraySlice<Entry.Word>
  ) -> Example.Step? {
    var grams: Int64?
    var points: Int64?
    var rest = words
    while rest.count >= 2, let value = Int64(rest[rest.startIndex].text) {
      let unit = rest[rest.startIndex + 1].text
      if unit == "g", grams == nil { grams = value }
      if unit == "points" || unit == "point", points == nil { points = value }
      rest = rest.dropFirst(2)
    }
    guard rest.isEmpty, grams != nil || points != nil else {
      fault(entry, "what does \(person) hold", "Write `\(person) holds 156 g 3 points`.")
      return nil
    }
    return .holds(person, grams: grams, points: points)
  }

  private mutating func report(
    _ entry: Entry, _ words: [Entry.Word], _ reported: [String: Example.Report]
  ) -> Example.Report? {
    guard let arrow = words.firstIndex(where: { $0.text == "->" }) else {
      fault(entry, "the line has no `->`", "End it with what must come out: `-> 156 g 3 points`.")
      return nil
    }
    guard let expected = outcome(entry, words[(arrow + 1)...]) else { return nil }
    guard arrow >= 4, let time = moment(words[1], words[2]) else {
      fault(
        entry, column: words.count > 1 ? words[1].column : entry.column,
        "the line does not say when and what",
        "Write `A 2023-03-01 08:30 shared-bike … -> …`, the time in the mechanism's zone.")
      return nil
    }
    var report = Example.Report(
      person: words[0].text, time: time, received: time, scene: words[3].text, values: [],
      isRepeat: false, expected: expected)
    var rest = words[4..<arrow]
    var measured: [Entry.Word] = []
    while let word = rest.first {
      let key = word.text.last == "," ? String(word.text.dropLast()) : word.text
      let next = rest.dropFirst().first.map { comma($0.text) }
      switch key {
      case "again":
        report.isRepeat = true
        rest = rest.dropFirst()
      case "vehicle":
        report.vehicle = next
        rest = rest.dropFirst(2)
      case "partner":
        report.partner = next
        rest = rest.dropFirst(2)
      case "received":
        guard rest.count >= 3,
          let moment = moment(
            rest[rest.startIndex + 1],
            Entry.Word(text: comma(rest[rest.startIndex + 2].text), column: word.column))
        else {
          fault(entry, column: word.column, "received when", "Write `received 2023-03-01 08:31`.")
          return nil
        }
        report.received = moment
        rest = rest.dropFirst(3)
      default:
        measured.append(word)
        rest = rest.dropFirst()
      }
    }
    guard let values = values(entry, measured[...]) else { return nil }
    report.values = values
    return fits(entry, words, report, reported)
  }

  /// Checks the report against its scene, and fills in what `again` repeats.
  private mutating func fits(
    _ entry: Entry, _ words: [Entry.Word], _ report: Example.Report,
    _ reported: [String: Example.Report]
  ) -> Example.Report? {
    if report.isRepeat {
      if reported[report.person] == nil, !problems.isEmpty { return nil }
      guard let previous = reported[report.person], previous.scene == report.scene,
        previous.time == report.time
      else {
        fault(
          entry, column: words[1].column, "`again` repeats nothing",
          "Repeat the person's line above, with the same time and scene.")
        return nil
      }
      var again = previous
      again.isRepeat = true
      again.expected = report.expected
      return again
    }
    guard let scene = scenes.first(where: { $0.code == report.scene }) else {
      // A scene that could not be read has said so itself.
      if places["scene \(report.scene)"] != nil { return nil }
      guard report.expected == .refused(.unknownScene) else {
        fault(
          entry, column: words[3].column, "no scene is called `\(report.scene)`",
          "Correct the code, or expect `refused unknownScene`.")
        return nil
      }
      return report
    }
    let lacks = scene.fields.filter { field in !report.values.contains { $0.field == field } }
    let extra = report.values.filter { !scene.fields.contains($0.field) }
    if let value = extra.first {
      fault(
        entry, column: words[4].column, "\(scene.code) does not measure \(value.field.symbol)",
        "Remove it, or add it to the scene's `measures`.")
      return nil
    }
    if !lacks.isEmpty || (scene.needsVehicle && report.vehicle == nil),
      report.expected != .refused(.missingField)
    {
      let names =
        lacks.map(\.symbol) + (report.vehicle == nil && scene.needsVehicle ? ["vehicle"] : [])
      fault(
        entry, column: words[3].column, "\(scene.code) needs \(names.joined(separator: ", "))",
        "Add it, or expect `refused missingField`.")
      return nil
    }
    return report
  }

  private mutating func outcome(
    _ entry: Entry, _ words: ArraySlice<Entry.Word>
  ) -> Example.Outcome? {
    let texts = words.map(\.text)
    switch texts.first {
    case "waiting" where texts.count == 1: return .waiting
    case "duplicate" where texts.count == 1: return .duplicate
    case "refused" where texts.count == 2, "quarantined" where texts.count == 2:
      guard let reason = Example.Reason(rawValue: texts[1]) else { break }
      return texts[0] == "refused" ? .refused(reason) : .quarantined(reason)
    default:
      guard texts.count == 4, let grams = Int64(texts[0]), texts[1] == "g",
        let points = Int64(texts[2]), texts[3] == "points" || texts[3] == "point", grams >= 0,
        points >= 0
      else { break }
      return .accepted(grams: grams, points: points)
    }
    let reasons = Example.Reason.allCases.map(\.rawValue).joined(separator: ", ")
    fault(
      entry, column: words.first?.column ?? entry.column, "no such outcome",
      "Write `-> 156 g 3 points`, `-> waiting`, `-> duplicate`, or refused or quarantined with one "
        + "of: \(reasons).")
    return nil
  }

  private func moment(_ date: Entry.Word, _ clock: Entry.Word) -> Instant? {
    guard let day = Day(date.text) else { return nil }
    let parts = clock.text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy(isDigit) }),
      let hour = Int64(parts[0]), let minute = Int64(parts[1]), hour < 24, minute < 60
    else { return nil }
    let start = day.start(offset: mechanism?.zone ?? 28_800)
    return Instant(milliseconds: start.milliseconds + (hour * 60 + minute) * 60_000)
  }

  private func comma(_ text: String) -> String {
    text.last == "," ? String(text.dropLast()) : text
  }
}
