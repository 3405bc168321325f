// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Policy
import Testing
import Units

/// What a pack says about points, budgets and campaigns, right and wrong.
@Suite("points, budgets and campaigns of a pack") struct PointsPackTests {
  private static func read(_ points: String) throws -> Result<Pack, Pack.Faults> {
    var files = Shipped.chengdu.files.filter {
      $0.path != "points.txt" && $0.path != "examples.txt"
    }
    files.append(Pack.File(path: "points.txt", bytes: Array(points.utf8)))
    return Pack.parse(files: files)
  }

  private static let right = """
    points
      valid  24 months                          [CD]
      ends   year
      worth  80 fen or 5000 g per 100 points    [CD]
    budget 2026
      points   1200                             [CD]
      release  by quarter                       [CD]
    budget 2027
      points   100                              [CD]
      release  2027-01-01 40 points             [CD]
      release  2027-06-01 60 points             [CD]
    campaign spring
      name    春 | Spring
      from    2026-03-01 to 2026-03-31          [CD]
      scene   bus, metro
      times   2                                 [CD]
      cap     20 a day                          [CD]
    campaign summer
      name    夏 | Summer
      from    2026-06-01 to 2026-06-30          [CD]
      times   3                                 [CD]

    """

  @Test func isReadAsItIsWritten() throws {
    let pack = try Self.read(Self.right).get()
    #expect(pack.points.worth == Ratio(points: 100, fen: 80, grams: 5000))
    let validity = try #require(pack.points.validity)
    // March 2026 is month 2026 × 12 + 2; 24 months later is March 2028, to the end of the year.
    #expect(validity.lastDay(ofMonth: 2026 * 12 + 2) == Day("2028-12-31"))
    for (day, last) in [("2028-12-31", "2026-12-01"), ("2028-12-30", "2025-12-01")] {
      #expect(Day(ofMonth: validity.lastMonth(over: Day(day)!)) == Day(last)!)
    }
    let first = pack.behaviour.budgets[0]
    // A quarter of 1,200 at a time, on the first of January, April, July and October.
    for (day, points) in [
      ("2026-01-01", 300), ("2026-03-31", 300), ("2026-04-01", 600), ("2026-12-31", 1200),
    ] { #expect(first.released(on: Day(day)!) == Int64(points)) }
    #expect(pack.behaviour.budgets[1].released(on: Day("2027-12-31")!) == 100)
    let bus = try #require(pack.scene("bus"))
    #expect(
      bus.rules.map(\.code).suffix(5) == [
        "bus@2023-01-01", "bus@2023-01-01+spring", "bus@2023-01-01", "bus@2023-01-01+summer",
        "bus@2023-01-01",
      ])
    for (before, after) in zip(bus.rules, bus.rules.dropFirst()) {
      #expect(before.until.number + 1 == after.from.number, "no gap and no overlap")
    }
    #expect(pack.scene("shared-bike")?.rules.count == 4, "summer is everybody's, spring is not")
  }

  @Test func monthsEndWithTheMonth() {
    let month = PointsPolicy.Validity(months: 1, endsWithYear: false, source: .setByThisProject)
    #expect(month.lastDay(ofMonth: 2026 * 12 + 0) == Day("2026-02-28"))
    #expect(month.lastDay(ofMonth: 2026 * 12 + 11) == Day("2027-01-31"))
    #expect(Day(ofMonth: month.lastMonth(over: Day("2026-02-28")!)) == Day("2026-01-01"))
    #expect(Day(ofMonth: month.lastMonth(over: Day("2026-02-27")!)) == Day("2025-12-01"))
  }

  private static let wrong: [(line: Int?, from: String, to: String, says: String)] = [
    (2, "24 months", "24 moons", "how long points hold"),
    (2, "24 months", "0 months", "how long points hold"),
    (2, "24 months                          [CD]", "24 months", "has no source"),
    (3, "ends   year", "ends   week", "end with a month or with a year"),
    (4, "80 fen or 5000 g per 100 points", "8 yuan", "what points are worth"),
    (4, "per 100 points", "per 0 points", "what points are worth"),
    (5, "budget 2026", "budget soon", "needs its year"),
    (8, "budget 2027", "budget 2026", "already at"),
    (6, "1200", "many", "whole number of points"),
    (7, "by quarter", "by week", "a date is missing"),
    (10, "40 points", "50 points", "more is released"),
    (11, "2027-06-01 60 points", "2026-06-01 60 points", "of another year"),
    (11, "2027-06-01", "2026-13-01", "date"),
    (14, "2026-03-01 to", "2026-04-01 to", "first and a last day"),
    (15, "scene   bus, metro", "scene   bus, moon", "no scene is called `moon`"),
    (15, "scene   bus, metro", "family  moon", "no family is called `moon`"),
    (16, "times   2 ", "times   1.5 ", "whole number from 2"),
    (17, "20 a day", "20 a week", "cannot be read"),
    (18, "2026-06-01 to 2026-06-30", "2026-03-31 to 2026-06-30", "on the same days"),
    (16, "times   2 ", "twice   2 ", "has no key `twice`"),
  ]

  @Test(arguments: wrong.indices) func isRefusedWithItsPlace(_ index: Int) throws {
    let row = Self.wrong[index]
    let text = Self.right.replacing(row.from, with: row.to, maxReplacements: 1)
    try #require(text != Self.right)
    guard case .failure(let faults) = try Self.read(text) else {
      Issue.record("\(row.to) was taken")
      return
    }
    #expect(
      faults.problems.contains {
        $0.file == "points.txt" && $0.line == row.line && $0.reason.contains(row.says)
      }, "\(faults)")
  }
}
