// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Methodology
import Units

// factors.txt and methods.txt.
extension Draft {
  mutating func readFactor(_ entry: Entry) {
    let years = entry.children.map(\.key).filter { Draft.year($0) != nil }
    expect(entry, once: ["name", "area"] + Set(years).sorted())
    guard let kind = entry.words.first?.text, !kind.isEmpty else {
      fault(entry, "`factor` needs a kind", "Write `factor grid`.")
      return
    }
    guard let nameEntry = need(entry, "name"), let name = name(nameEntry),
      let area = need(entry, "area"), unique(entry, "\(kind) of \(area.value)")
    else { return }
    guard isAllowed(area.value, kind, area) else { return }
    if years.isEmpty {
      fault(
        entry, "the factor has no value", "Add a line per year: `2023 0.1564 kg/kWh [document]`.")
    }
    for child in entry.children where years.contains(child.key) {
      guard let citation = citation(child), let quantity = quantity(child, child.words[...]),
        let year = Draft.year(child.key)
      else { continue }
      guard quantity.value >= 0 else {
        fault(child, column: child.valueColumn, "a factor below zero", "Check the document.")
        continue
      }
      factors.append(
        Factor(
          kind: kind, title: Title(name.chinese, name.english), area: area.value, year: year,
          quantity: quantity, citation: citation))
    }
  }

  /// `2023`, or `any` for a value that is not published by year.
  private static func year(_ key: String) -> Int? {
    if key == "any" { return Factor.everyYear }
    guard let year = Int(key), (1990...2100).contains(year) else { return nil }
    return year
  }

  private mutating func isAllowed(_ area: String, _ kind: String, _ entry: Entry) -> Bool {
    guard let own = mechanism?.area, !own.isEmpty, area != own else { return true }
    if FactorLibrary.provincialKinds.contains(kind) {
      fault(
        entry, column: entry.valueColumn,
        "a factor `\(kind)` of `\(area)` in a pack of `\(own)`",
        "It is published by province: give \(own)'s own values; no other must stand in for them.")
      return false
    }
    guard area == FactorLibrary.nation else {
      fault(
        entry, column: entry.valueColumn, "the area `\(area)` is not this pack's",
        "Write `\(own)`, or `\(FactorLibrary.nation)` for a national value.")
      return false
    }
    return true
  }

  mutating func readMethod(_ entry: Entry) {
    expect(
      entry, once: ["name", "version", "document", "applies", "formula", "rounds"],
      many: ["where", "example"])
    guard let code = code(entry), let nameEntry = need(entry, "name"), let name = name(nameEntry),
      let version = need(entry, "version"), let document = need(entry, "document"),
      let citation = citation(document), let formulaEntry = need(entry, "formula")
    else { return }
    var rounding = Rounding.halfEven
    if let child = entry.child("rounds") {
      guard let known = Rounding(rawValue: child.value) else {
        let all = Rounding.allCases.map(\.rawValue).joined(separator: ", ")
        fault(child, column: child.valueColumn, "no such rounding", "Write one of: \(all).")
        return
      }
      rounding = known
    }
    let parameters = entry.children("where").compactMap { parameter($0) }
    guard parameters.count == entry.children("where").count else { return }
    switch Formula.parse(formulaEntry.value) {
    case .failure(let problem): place(problem, formulaEntry)
    case .success(let formula):
      let method = Definition(
        code: code, version: version.value, title: Title(name.chinese, name.english),
        citation: citation, formula: formula, parameters: parameters, rounding: rounding,
        applicability: entry.child("applies")?.value ?? "")
      methods.append(method)
      formulaPlaces[code] = formulaEntry
      checkNames(method, formulaEntry)
      for example in entry.children("example") { check(example, method) }
    }
  }

  /// `where baseline 48.7 g/km 名 | name [source]`.
  private mutating func parameter(_ entry: Entry) -> Parameter? {
    let words = entry.words
    guard words.count >= 3 else {
      fault(
        entry, "`where` needs a symbol, a value with unit, and its name",
        "Write `where baseline 48.7 g/km 基准 | baseline [source]`.")
      return nil
    }
    // A plain number has no unit: its Chinese name follows at once.
    let title = words[2].text.utf8.allSatisfy { $0 < 128 } ? 3 : 2
    guard let citation = citation(entry), let quantity = quantity(entry, words[1..<title]) else {
      return nil
    }
    let rest = words[title...].map(\.text).joined(separator: " ")
    guard let (chinese, english) = halves(rest) else {
      fault(
        entry,
        column: words.count > title ? words[title].column : entry.valueColumn + entry.value.count,
        "`\(words[0].text)` needs its name in both languages", "Write `中文 | English` behind it.")
      return nil
    }
    return Parameter(
      symbol: words[0].text, title: Title(chinese, english), quantity: quantity, citation: citation)
  }

  /// Names that neither a field, a parameter nor a factor has are told at once; whether a scene
  /// measures the fields is told where a scene uses the method.
  private mutating func checkNames(_ method: Definition, _ entry: Entry) {
    let fields = Field.allCases.filter { method.formula.names.contains($0.symbol) }
    guard case .failure(let problem) = bind(method, Array(fields)) else { return }
    place(problem, entry)
    formulaPlaces[method.code] = nil
  }

  func bind(_ method: Definition, _ fields: [Field]) -> Result<Method, FormulaProblem> {
    method.bind(fields: fields, library: library, area: mechanism?.area ?? "")
  }

  mutating func place(_ problem: FormulaProblem, _ entry: Entry) {
    fault(
      entry, column: entry.valueColumn + problem.column - 1, problem.reason, problem.advice)
  }

  /// `example distance 3.2 km in 2023 -> 155.84 g`: a published example must come out, to the last
  /// decimal that it prints.
  private mutating func check(_ entry: Entry, _ method: Definition) {
    _ = citation(entry)
    let words = entry.words
    guard let arrow = words.firstIndex(where: { $0.text == "->" }), arrow + 1 < words.count else {
      fault(entry, "the example has no `->`", "Write `distance 3.2 km -> 155.84 g`.")
      return
    }
    var year = 2023
    var inputs = words[..<arrow]
    if inputs.count >= 2, inputs[inputs.endIndex - 2].text == "in",
      let given = Int(inputs[inputs.endIndex - 1].text)
    {
      year = given
      inputs = inputs.dropLast(2)
    }
    guard let values = values(entry, inputs), let result = quantity(entry, words[(arrow + 1)...])
    else { return }
    guard formulaPlaces[method.code] != nil else { return }
    guard result.unit.dimension == .mass else {
      fault(
        entry, column: words[arrow + 1].column, "the result is no mass", "Write it in g, kg or t.")
      return
    }
    switch bind(method, values.map(\.field)) {
    case .failure(let problem):
      fault(entry, "the example does not fit the formula: \(problem.reason)", problem.advice)
    case .success(let bound):
      let numbers = values.map(\.measured.millionths) + [0]
      let grams = numbers.withUnsafeBufferPointer { buffer in
        buffer.baseAddress.map { bound.unrounded($0, year: year) } ?? 0
      }
      let decimals = result.digits.split(separator: ".").dropFirst().first?.utf8.count ?? 0
      var step = result.unit.scale
      for _ in 0..<decimals { step /= 10 }
      guard (grams - result.inBases).magnitude <= step * 0.500001 else {
        fault(
          entry, column: words[arrow + 1].column,
          "the formula gives \(decimal(grams / result.unit.scale)) \(result.unit.text), "
            + "not \(result)",
          "Correct the formula, a value, or the example.")
        return
      }
    }
  }

  /// `distance 3.2 km, duration 15 min` as field values; commas are optional here.
  mutating func values(_ entry: Entry, _ words: ArraySlice<Entry.Word>) -> [Example.Value]? {
    var values: [Example.Value] = []
    var rest = words
    while let word = rest.first {
      guard let field = Field.allCases.first(where: { $0.symbol == word.text }) else {
        let known = Field.allCases.map(\.symbol).joined(separator: ", ")
        fault(
          entry, column: word.column, "nothing measured is called `\(word.text)`",
          "Measured are: \(known).")
        return nil
      }
      let unit = Draft.unit(field.unit)
      var parts = rest.dropFirst().prefix(2)
      if unit.dimension == .none { parts = parts.prefix(1) }
      parts = ArraySlice(
        parts.map {
          Entry.Word(
            text: $0.text.last == "," ? String($0.text.dropLast()) : $0.text,
            column: $0.column)
        })
      guard let quantity = quantity(entry, parts),
        let millionths = millionths(
          quantity, of: unit, entry, column: parts.first?.column ?? word.column, rounding: .down)
      else { return nil }
      guard !values.contains(where: { $0.field == field }) else {
        fault(entry, column: word.column, "`\(word.text)` stands here twice", "Keep one.")
        return nil
      }
      values.append(Example.Value(field: field, measured: Measured(millionths: millionths)))
      rest = rest.dropFirst(1 + parts.count)
    }
    return values
  }
}
