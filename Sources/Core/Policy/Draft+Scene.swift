// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Methodology
import Units

// scenes.txt: scenes and their plausibility limits.
extension Draft {
  mutating func readScene(_ entry: Entry) {
    expect(
      entry,
      once: ["name", "family", "clause", "evidence", "measures", "vehicle", "exclusive", "closed"],
      many: ["partner", "accept", "rule"])
    guard scenes.count < Draft.scenesMax else { return }
    let before = problems.count
    guard let code = code(entry), let nameEntry = need(entry, "name"), let name = name(nameEntry),
      let familyEntry = need(entry, "family"), let clause = need(entry, "clause"),
      let source = source(clause), let evidenceEntry = need(entry, "evidence"),
      let evidence = self.name(evidenceEntry)
    else { return }
    guard let family = families.firstIndex(where: { $0.code == familyEntry.value }) else {
      let known = families.map(\.code).joined(separator: ", ")
      fault(
        familyEntry, column: familyEntry.valueColumn, "no family is called `\(familyEntry.value)`",
        "Families are: \(known).")
      return
    }
    var scene = Scene(
      id: .none, code: code, name: name, family: family, source: source, evidence: evidence)
    scene.partnersNamed = partnersNamed(entry)
    scene.fields = fields(entry)
    // Without its fields, everything else of the scene would be wrong as well.
    guard problems.count == before else { return }
    readVehicle(entry, &scene)
    readExclusive(entry, &scene)
    if let child = entry.child("closed") {
      scene.closed = child.value == "yes"
      if !["yes", "no"].contains(child.value) {
        fault(child, column: child.valueColumn, "`closed` is yes or no", "Write `closed yes`.")
      }
    }
    for child in entry.children("accept") {
      if let limit = limit(child, scene) { scene.limits.append(limit) }
    }
    readRules(entry, &scene)
    if entry.child("rule") == nil, !scene.closed, problems.count == before {
      fault(
        entry, "the scene `\(code)` has no rule", "Add `rule from 2023-01-01`, or `closed yes`.")
    }
    scenes.append(scene)
  }

  private mutating func partnersNamed(_ entry: Entry) -> [String] {
    var names: [String] = []
    for child in entry.children("partner") {
      for word in child.words {
        let code = word.text.last == "," ? String(word.text.dropLast()) : word.text
        guard let partner = partners.first(where: { $0.code == code }) else {
          fault(
            child, column: word.column, "no partner is called `\(code)`",
            "Add `partner \(code)` with its name and clause, or correct the code.")
          continue
        }
        names.append(partner.name.chinese)
      }
    }
    return names
  }

  private mutating func fields(_ entry: Entry) -> [Field] {
    guard let child = entry.child("measures") else { return [] }
    var fields: [Field] = []
    for word in child.words {
      let symbol = word.text.last == "," ? String(word.text.dropLast()) : word.text
      guard let field = Field.allCases.first(where: { $0.symbol == symbol }) else {
        let known = Field.allCases.map(\.symbol).joined(separator: ", ")
        fault(
          child, column: word.column, "nothing measured is called `\(symbol)`", "Known: \(known).")
        continue
      }
      guard !fields.contains(field), fields.count < 4 else {
        fault(
          child, column: word.column, "`\(symbol)` is twice here, or a fifth field",
          "A scene measures four different fields at most.")
        continue
      }
      fields.append(field)
    }
    return fields
  }

  private mutating func readVehicle(_ entry: Entry, _ scene: inout Scene) {
    guard let child = entry.child("vehicle") else { return }
    switch child.value {
    case "required": scene.needsVehicle = true
    case "required, one use at a time":
      scene.needsVehicle = true
      scene.exclusiveVehicle = true
    default:
      fault(
        child, column: child.valueColumn, "`vehicle \(child.value)` says nothing",
        "Write `vehicle required` or `vehicle required, one use at a time`.")
    }
    if scene.exclusiveVehicle, !scene.fields.contains(.durationSeconds) {
      fault(child, "one use at a time needs the duration", "Add `duration` to `measures`.")
    }
  }

  private mutating func readExclusive(_ entry: Entry, _ scene: inout Scene) {
    guard let child = entry.child("exclusive") else { return }
    guard !child.value.isEmpty, scene.fields.contains(.durationSeconds) else {
      fault(
        child, "`exclusive` needs a group's name, and a scene that measures the duration",
        "Write `exclusive travel`, and add `duration` to `measures`.")
      return
    }
    if !exclusiveGroups.contains(child.value) { exclusiveGroups.append(child.value) }
    let index = exclusiveGroups.firstIndex(of: child.value) ?? 0
    guard index < 255 else {
      fault(child, "more than 255 exclusive groups", "Use fewer names.")
      return
    }
    scene.exclusiveGroup = UInt8(index + 1)
  }

  // MARK: - Limits

  /// `accept distance 500 m to 20 km`, `accept speed at most 25 km/h`.
  private mutating func limit(_ entry: Entry, _ scene: Scene) -> Limit? {
    let words = entry.words
    guard let word = words.first, let (quantity, unit) = measured(word, entry, scene),
      let source = source(entry)
    else {
      if words.isEmpty {
        fault(entry, "`accept` of what?", "Write `accept distance 500 m to 20 km`.")
      }
      return nil
    }
    var limit = Limit(quantity: quantity, source: source, text: entry.value)
    let rest = words.dropFirst()
    if rest.count > 2, rest[1].text == "at", ["least", "most"].contains(rest[2].text) {
      let least = rest[2].text == "least"
      guard
        let value = bound(entry, rest.dropFirst(2), unit, least ? .down : .up)
      else { return nil }
      if least { limit.minimum = value } else { limit.maximum = value }
      return limit
    }
    guard let to = rest.firstIndex(where: { $0.text == "to" }) else {
      fault(
        entry, column: entry.valueColumn, "the limit has no `to`, `at least` or `at most`",
        "Write `accept distance 500 m to 20 km` or `accept speed at most 25 km/h`.")
      return nil
    }
    guard let minimum = bound(entry, rest[..<to], unit, .down),
      let maximum = bound(entry, rest[(to + 1)...], unit, .up)
    else { return nil }
    guard minimum <= maximum else {
      fault(
        entry, column: entry.valueColumn, "the limit ends below its beginning", "Swap the values.")
      return nil
    }
    limit.minimum = minimum
    limit.maximum = maximum
    return limit
  }

  private mutating func bound(
    _ entry: Entry, _ words: ArraySlice<Entry.Word>, _ unit: UnitOfMeasure, _ rounding: Round
  ) -> Int64? {
    guard let quantity = quantity(entry, words) else { return nil }
    return millionths(
      quantity, of: unit, entry, column: words.first?.column ?? entry.valueColumn,
      rounding: rounding)
  }

  /// A field of the scene, or `speed` and `power`, which are a field by the duration.
  private mutating func measured(
    _ word: Entry.Word, _ entry: Entry, _ scene: Scene
  ) -> (Limit.Quantity, UnitOfMeasure)? {
    let above: Field? =
      switch word.text {
      case "speed": .distanceMetres
      case "power": .energyWattHours
      default: nil
      }
    if let above {
      guard let slot = scene.slot(of: above), let by = scene.slot(of: .durationSeconds) else {
        fault(
          entry, column: word.column,
          "`\(word.text)` needs \(above.symbol) and duration, and the scene does not measure both",
          "Add them to `measures`.")
        return nil
      }
      return (.ratio(slot: slot, by: by), Draft.unit(above.unit + "/s"))
    }
    guard let field = scene.fields.first(where: { $0.symbol == word.text }),
      let slot = scene.slot(of: field)
    else {
      let known = scene.fields.map(\.symbol).joined(separator: ", ")
      fault(
        entry, column: word.column, "the scene does not measure `\(word.text)`",
        "It measures: \(known.isEmpty ? "nothing" : known). Add the field to `measures`.")
      return nil
    }
    return (.value(slot: slot), Draft.unit(field.unit))
  }
}
