// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Units

// points.txt: how long points hold, what they are worth, what a year may give, campaigns.
extension Draft {
  /// `points` with `valid 24 months`, `ends year`, `worth 100 fen per 100 points`.
  mutating func readPoints(_ entries: [Entry]) {
    guard let entry = entries.first else { return }
    for other in entries.dropFirst() {
      fault(other, "a second `points`", "A pack has one: \(entry.file):\(entry.line).")
    }
    expect(entry, once: ["valid", "ends", "worth"])
    let ends = entry.child("ends")
    if let ends, !["month", "year"].contains(ends.value) {
      fault(
        ends, column: ends.valueColumn, "points end with a month or with a year",
        "Write `ends month` or `ends year`.")
    }
    if let child = entry.child("valid") {
      let words = child.words.map(\.text)
      if let source = source(child) {
        if words.count == 2, words[1] == "months" || words[1] == "month",
          let months = Int(words[0]), (1...600).contains(months)
        {
          points.validity = PointsPolicy.Validity(
            months: months, endsWithYear: ends?.value == "year", source: source)
        } else {
          fault(
            child, column: child.valueColumn, "how long points hold cannot be read",
            "Write `valid 24 months`, from 1 to 600.")
        }
      }
    } else if let ends {
      fault(ends, "`ends` without `valid`", "Add `valid 24 months` above it.")
    }
    if let child = entry.child("worth"), let source = source(child) {
      guard let ratio = ratio(child.words.map(\.text)), ratio.isGood else {
        fault(
          child, column: child.valueColumn, "what points are worth cannot be read",
          "Write `worth 100 fen per 100 points`, or `worth 100 fen or 5000 g per 100 points`.")
        return
      }
      points.worth = ratio
      points.worthSource = source
    }
  }

  private func ratio(_ words: [String]) -> Ratio? {
    func number(_ index: Int) -> Int64 { Int64(words[index]) ?? -1 }
    if words.count == 5, words[1] == "fen", words[2] == "per", words[4].hasPrefix("point") {
      return Ratio(points: number(3), fen: number(0))
    }
    guard words.count == 8, words[1] == "fen", words[2] == "or", words[4] == "g",
      words[5] == "per", words[7].hasPrefix("point")
    else { return nil }
    return Ratio(points: number(6), fen: number(0), grams: number(3))
  }

  /// `budget 2026` with `points 1000000` and `release by month`, or dated releases.
  mutating func readBudget(_ entry: Entry) {
    expect(entry, once: ["points"], many: ["release"])
    guard let year = Int(entry.value), (2000...2999).contains(year), unique(entry, entry.value)
    else {
      if places["budget \(entry.value)"] == nil {
        fault(entry, "`budget` needs its year", "Write `budget 2026`.")
      }
      return
    }
    guard let child = need(entry, "points"), let source = source(child) else { return }
    guard let points = Int64(child.value), (1...1_000_000_000_000).contains(points) else {
      fault(
        child, column: child.valueColumn, "a year gives a whole number of points, at least 1",
        "Write `points 1000000`.")
      return
    }
    guard let releases = releases(entry, year, points) else { return }
    budgets.append(Budget(year: year, points: points, releases: releases, source: source))
  }

  private mutating func releases(
    _ entry: Entry, _ year: Int, _ points: Int64
  ) -> [Budget.Release]? {
    let children = entry.children("release")
    guard let first = children.first else {
      fault(
        entry, "the budget does not say when it is released",
        "Add `release by month`, `by quarter`, `by year`, or `release 2026-03-01 50000 points`.")
      return nil
    }
    let parts: Int? =
      switch first.value {
      case "by month": 12
      case "by quarter": 4
      case "by year": 1
      default: nil
      }
    if let parts, children.count == 1 {
      guard citation(first) != nil else { return nil }
      return (0..<parts).compactMap { part in
        Day(year: year, month: part * 12 / parts + 1, day: 1).map {
          Budget.Release(from: $0, points: points * Int64(part + 1) / Int64(parts))
        }
      }
    }
    return datedReleases(children, year, points)
  }

  /// Each line releases so many points more.
  private mutating func datedReleases(
    _ children: [Entry], _ year: Int, _ points: Int64
  ) -> [Budget.Release]? {
    var releases: [Budget.Release] = []
    for child in children {
      let words = child.words
      guard citation(child) != nil, let day = day(words.first, child) else { return nil }
      guard words.count == 3, words[2].text.hasPrefix("point"), let more = Int64(words[1].text),
        more > 0, more <= points, day.civil.year == year
      else {
        fault(
          child, column: child.valueColumn, "the release cannot be read, or is of another year",
          "Write `release \(year)-03-01 50000 points`, or one line `release by month`.")
        return nil
      }
      guard releases.last.map({ $0.from < day }) ?? true else {
        fault(child, column: child.valueColumn, "releases stand in order of time", "Move the line.")
        return nil
      }
      releases.append(Budget.Release(from: day, points: (releases.last?.points ?? 0) + more))
    }
    guard let all = releases.last?.points, all <= points else {
      fault(
        children[0], "more is released than the year's \(points) points",
        "Let the releases add up to at most that.")
      return nil
    }
    return releases
  }
}
