// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Methodology
import Units

// A scene's dated rules: reduction, points, caps.
extension Draft {
  mutating func readRules(_ entry: Entry, _ scene: inout Scene) {
    var dated: [(rule: Rule, entry: Entry)] = []
    for child in entry.children("rule") {
      if let rule = rule(child, scene) { dated.append((rule, child)) }
    }
    guard dated.count == entry.children("rule").count else { return }
    dated.sort { $0.rule.from < $1.rule.from }
    for (before, after) in zip(dated, dated.dropFirst()) {
      let next = before.rule.until.number == .max ? .max : before.rule.until.number + 1
      if after.rule.from.number < next {
        fault(
          after.entry, column: after.entry.valueColumn,
          "this rule begins while that of line \(before.entry.line) is in force",
          "End the earlier one on the day before: `rule 2010-01-01 to 2022-12-31`.")
      } else if after.rule.from.number > next {
        fault(
          after.entry, column: after.entry.valueColumn,
          "no rule is in force from \(Day(next)) until the day before \(after.rule.from)",
          "Let one rule end on the day before the next begins.")
      }
    }
    scene.rules = dated.map(\.rule)
  }

  /// `rule 2010-01-01 to 2022-12-31 [source]` or `rule from 2023-01-01 [source]`.
  private mutating func rule(_ entry: Entry, _ scene: Scene) -> Rule? {
    let before = problems.count
    expect(entry, once: ["grams", "points"], many: ["cap"])
    let words = entry.words
    guard let source = source(entry) else { return nil }
    var until = Day(.max)
    let from: Day
    if words.count == 2, words[0].text == "from" {
      guard let day = day(words[1], entry) else { return nil }
      from = day
    } else {
      guard words.count == 3, words[1].text == "to" else {
        fault(
          entry, column: entry.valueColumn, "the rule does not say when it is in force",
          "Write `rule from 2023-01-01` or `rule 2010-01-01 to 2022-12-31`.")
        return nil
      }
      guard let first = day(words[0], entry), let last = day(words[2], entry) else { return nil }
      guard first <= last else {
        fault(entry, column: words[2].column, "the rule ends before it begins", "Swap the dates.")
        return nil
      }
      from = first
      until = last
    }
    guard let gramsEntry = need(entry, "grams"), let pointsEntry = need(entry, "points"),
      let reduction = reduction(gramsEntry, scene), let rate = rate(pointsEntry, scene)
    else { return nil }
    let caps = entry.children("cap").compactMap { cap($0) }
    guard problems.count == before else { return nil }
    return Rule(
      code: "\(scene.code)@\(from)", from: from, until: until, reduction: reduction, points: rate,
      caps: caps, source: source)
  }

  /// `grams by METHOD` or `grams 144 g [source]`, for each report.
  private mutating func reduction(_ entry: Entry, _ scene: Scene) -> Rule.Reduction? {
    let words = entry.words
    guard words.first?.text == "by" else {
      guard let source = source(entry), let quantity = quantity(entry, words[...]),
        let millionths = millionths(
          quantity, of: Draft.unit("g"), entry, column: entry.valueColumn, rounding: .down)
      else { return nil }
      guard millionths >= 0, millionths % 1_000_000 == 0 else {
        fault(
          entry, column: entry.valueColumn, "\(quantity) is no whole number of grams from 0 up",
          "Write whole grams, or use a method.")
        return nil
      }
      return .fixed(grams: millionths / 1_000_000, source: source)
    }
    // A method that could not be read has said so itself.
    if words.count == 2, places["method \(words[1].text)"] != nil,
      !methods.contains(where: { $0.code == words[1].text })
    {
      return nil
    }
    guard words.count == 2, let method = methods.first(where: { $0.code == words[1].text }) else {
      fault(
        entry, column: words.last?.column ?? entry.valueColumn,
        "no method is called `\(words.last?.text ?? "")`",
        "Methods are: \(methods.map(\.code).joined(separator: ", ")).")
      return nil
    }
    guard let formulaEntry = formulaPlaces[method.code] else { return nil }
    switch bind(method, scene.fields) {
    case .success(let bound): return .method(bound)
    case .failure(let problem):
      fault(
        entry, column: words[1].column,
        "the formula at \(formulaEntry.file):\(formulaEntry.line) does not fit this scene: "
          + problem.reason, "Add the field to `measures`, or use another method.")
      return nil
    }
  }

  /// `points 5`, `points 1 per 50 g`, `points 1 per 1 km of distance`.
  private mutating func rate(_ entry: Entry, _ scene: Scene) -> PointsRate? {
    guard let source = source(entry) else { return nil }
    let words = entry.words
    guard let points = points(words.first, entry, least: 0) else { return nil }
    if words.count == 1 { return PointsRate(.perReport(points: points), source: source) }
    guard words.count > 2, words[1].text == "per" else {
      fault(
        entry, column: words[1].column, "`\(words[1].text)` cannot follow the points",
        "Write `points 5`, `points 1 per 50 g` or `points 1 per 1 km of distance`.")
      return nil
    }
    let of = words.firstIndex { $0.text == "of" } ?? words.endIndex
    guard let quantity = quantity(entry, words[2..<of]) else { return nil }
    var unit = Draft.unit("g")
    var slot: Int?
    if of < words.endIndex {
      let symbol = words.last?.text ?? ""
      guard of + 2 == words.endIndex,
        let field = scene.fields.first(where: { $0.symbol == symbol })
      else {
        fault(
          entry, column: words[of].column, "the scene does not measure `\(symbol)`",
          "Write `of` and one of: \(scene.fields.map(\.symbol).joined(separator: ", ")).")
        return nil
      }
      unit = Draft.unit(field.unit)
      slot = scene.slot(of: field)
    }
    guard
      let millionths = millionths(
        quantity, of: unit, entry, column: words[2].column, rounding: .down)
    else { return nil }
    guard millionths > 0, slot != nil || millionths % 1_000_000 == 0 else {
      fault(
        entry, column: words[2].column, "points per \(quantity) cannot be counted",
        "Use more than zero, and whole grams.")
      return nil
    }
    guard let slot else {
      return PointsRate(.perGrams(points: points, grams: millionths / 1_000_000), source: source)
    }
    return PointsRate(.perValue(points: points, slot: slot, millionths: millionths), source: source)
  }

  /// `cap 10 a day`, `cap 100 a month in family`, `cap 1000 a year in all`.
  mutating func cap(_ entry: Entry) -> Cap? {
    let words = entry.words
    guard let source = source(entry), let points = points(words.first, entry, least: 1) else {
      return nil
    }
    let period: Cap.Period? =
      switch words.dropFirst(2).first?.text {
      case "day": .day
      case "month": .month
      case "year": .year
      default: nil
      }
    let scope: Cap.Scope? =
      switch words.dropFirst(3).map(\.text).joined(separator: " ") {
      case "", "in scene": .scene
      case "in family": .family
      case "in all": .all
      default: nil
      }
    guard words.dropFirst().first?.text == "a", let period, let scope else {
      fault(
        entry, column: entry.valueColumn, "`cap \(entry.value)` cannot be read",
        "Write `cap 10 a day`, `cap 100 a month in family` or `cap 1000 a year in all`.")
      return nil
    }
    return Cap(points: points, period: period, scope: scope, source: source)
  }
}
