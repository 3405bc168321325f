// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Methodology
import Rewards
import Units

/// What is known of the mall while a pack is read.
struct MallDraft {
  static let blocks = ["mall", "provider", "resource"]
  static let resourcesMax = 1000
  var rules = Rewards.Rules()
}

// mall.txt: the mall, providers that the documents name, and what they promise for points.
extension Draft {
  mutating func readMall(_ blocks: [String: [Entry]]) {
    for (index, entry) in (blocks["mall"] ?? []).enumerated() {
      guard index == 0 else {
        fault(entry, "a second `mall`", "Keep one.")
        continue
      }
      expect(entry, once: ["pay"])
      if let child = need(entry, "pay"), citation(child) != nil,
        let quantity = quantity(child, child.words[...]),
        let millionths = millionths(
          quantity, of: Draft.unit("s"), child, column: child.valueColumn, rounding: .down)
      {
        mall.rules.paySeconds = max(60, millionths / 1_000_000)
      }
    }
    for entry in blocks["provider"] ?? [] { readProvider(entry) }
    for entry in blocks["resource"] ?? [] { readResource(entry) }
  }

  private mutating func readProvider(_ entry: Entry) {
    expect(entry, once: ["name", "clause"])
    guard let code = code(entry), let child = need(entry, "name"), let name = name(child),
      let clause = need(entry, "clause"), citation(clause) != nil
    else { return }
    mall.rules.providers.append(
      Provider(code: code, name: Label(name.chinese, name.english)))
  }

  private mutating func readResource(_ entry: Entry) {
    expect(
      entry,
      once: [
        "name", "about", "provider", "clause", "kind", "stock", "released", "points", "worth",
        "settles", "limit", "valid", "expiry", "districts",
      ])
    guard mall.rules.resources.count < MallDraft.resourcesMax else {
      fault(entry, "more than \(MallDraft.resourcesMax) resources", "Join some.")
      return
    }
    let told = problems.count
    guard let code = code(entry), let named = need(entry, "name"), let name = name(named),
      let provider = provider(entry), let clause = need(entry, "clause"),
      let source = citation(clause), let kind = kind(entry), let stock = stock(entry),
      let parts = parts(entry), let points = price(entry), let limit = limit(entry),
      let days = validDays(entry), let expiry = expiry(entry)
    else { return }
    let about = entry.child("about").flatMap { self.name($0) } ?? Name("", "")
    let worth = entry.child("worth").map { fen($0) } ?? 0
    let settles = entry.child("settles").map { fen($0) } ?? 0
    let districts = entry.child("districts").map { self.districts($0) } ?? []
    guard problems.count == told, let worth, let settles else { return }
    mall.rules.resources.append(
      Resource(
        code: code, provider: provider, name: Label(name.chinese, name.english),
        about: Label(about.chinese, about.english), source: source.description, kind: kind,
        yearly: stock == 0 ? nil : stock, parts: parts, points: points, worth: worth,
        settles: settles, perYear: limit, validDays: days, expiry: expiry, districts: districts))
  }

  private mutating func provider(_ entry: Entry) -> String? {
    guard let child = need(entry, "provider") else { return nil }
    guard mall.rules.providers.contains(where: { $0.code == child.value }) else {
      fault(
        child, column: child.valueColumn, "no provider is called `\(child.value)`",
        "Add `provider \(child.value)` with its name and clause, or correct the code.")
      return nil
    }
    return child.value
  }

  private mutating func kind(_ entry: Entry) -> Offer.Kind? {
    guard let child = need(entry, "kind") else { return nil }
    guard let kind = Offer.Kind(rawValue: child.value) else {
      let known = Offer.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      fault(child, column: child.valueColumn, "`\(child.value)` is no kind", "Kinds are: \(known).")
      return nil
    }
    return kind
  }

  /// `10000 a year`, or `unlimited`: zero.
  private mutating func stock(_ entry: Entry) -> Int64? {
    guard let child = need(entry, "stock"), citation(child) != nil else { return nil }
    if child.value == "unlimited" { return 0 }
    guard child.value.hasSuffix(" a year"),
      let count = whole(child, 1...100_000_000, "`stock 10000 a year`, or `stock unlimited`")
    else {
      if !child.value.hasSuffix(" a year") {
        fault(
          child, column: child.valueColumn, "`stock` says how many there are a year",
          "Write `stock 10000 a year`, or `stock unlimited`.")
      }
      return nil
    }
    return count
  }

  /// `4 times a year`.
  private mutating func parts(_ entry: Entry) -> Int? {
    guard let child = entry.child("released") else { return 1 }
    guard citation(child) != nil else { return nil }
    guard let count = Int(child.words.first?.text ?? ""), [1, 2, 3, 4, 6, 12].contains(count) else {
      fault(
        child, column: child.valueColumn, "a year can't be cut into so many parts",
        "Write `released 4 times a year`: 1, 2, 3, 4, 6 or 12.")
      return nil
    }
    return count
  }

  private mutating func price(_ entry: Entry) -> Int64? {
    guard let child = need(entry, "points"), citation(child) != nil else { return nil }
    return points(child.words.first, child, least: 1)
  }

  /// `2 a year`.
  private mutating func limit(_ entry: Entry) -> Int? {
    guard let child = need(entry, "limit"), citation(child) != nil else { return nil }
    return whole(child, 1...10_000, "`limit 2 a year`").map { Int($0) }
  }

  /// `90 days`.
  private mutating func validDays(_ entry: Entry) -> Int? {
    guard let child = need(entry, "valid"), citation(child) != nil else { return nil }
    return whole(child, 1...731, "`valid 90 days`").map { Int($0) }
  }

  private mutating func expiry(_ entry: Entry) -> Offer.Expiry? {
    guard let child = need(entry, "expiry"), citation(child) != nil else { return nil }
    guard let expiry = Offer.Expiry(rawValue: child.value) else {
      fault(
        child, column: child.valueColumn, "`\(child.value)` is no rule of expiry",
        "Write `expiry returns` (points come back) or `expiry forfeits`.")
      return nil
    }
    return expiry
  }

  /// `5 yuan`, `2.50 yuan`.
  private mutating func fen(_ entry: Entry) -> Int64? {
    guard citation(entry) != nil, let quantity = quantity(entry, entry.words[...]),
      let millionths = millionths(
        quantity, of: Draft.unit("fen"), entry, column: entry.valueColumn, rounding: .down)
    else { return nil }
    guard millionths >= 0, millionths % 1_000_000 == 0, millionths / 1_000_000 <= Offer.fenMax
    else {
      fault(
        entry, column: entry.valueColumn, "`\(entry.value)` is no sum of money",
        "Write it in yuan with at most two places: `5 yuan`.")
      return nil
    }
    return millionths / 1_000_000
  }

  /// `锦江区、青羊区 | Jinjiang, Qingyang`: as many in one language as in the other.
  private mutating func districts(_ entry: Entry) -> [Label] {
    guard citation(entry) != nil, let name = name(entry) else { return [] }
    let chinese = name.chinese.split(separator: "、").map { trimmed($0) }
    let english = name.english.split(separator: ",").map { trimmed($0) }
    guard chinese.count == english.count, !chinese.isEmpty else {
      fault(
        entry, column: entry.valueColumn,
        "\(chinese.count) districts in Chinese and \(english.count) in English",
        "Write `锦江区、青羊区 | Jinjiang, Qingyang`.")
      return []
    }
    return zip(chinese, english).map { Label($0, $1) }
  }

  private mutating func whole(
    _ entry: Entry, _ range: ClosedRange<Int64>, _ example: String
  ) -> Int64? {
    let word = entry.words.first
    guard let word, word.text.utf8.allSatisfy(isDigit), let number = Int64(word.text),
      range.contains(number)
    else {
      fault(
        entry, column: word?.column ?? entry.valueColumn,
        "`\(entry.key)` needs a whole number from \(range.lowerBound) to \(range.upperBound)",
        "Write \(example).")
      return nil
    }
    return number
  }
}
