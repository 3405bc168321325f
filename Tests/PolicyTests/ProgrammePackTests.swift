// SPDX-License-Identifier: Apache-2.0
import Recognition
import Testing
import Units

@testable import Policy

@Suite("programmes in packs") struct ProgrammePackTests {
  private static let head = """
    document T A document
    mechanism trial
      name       试 | Trial
      city       试 | Trial
      version    1
      effective  2022-12-05          [T]
      zone       +08:00
      area       nowhere
      language   zh-CN 简体中文
    family travel
      name     绿色出行 | Green travel
      clause   [T]
    scene card
      name       卡 | Card
      family     travel
      clause     [T]
      evidence   单 | order
      rule from 2010-01-01 [T]
        grams    0 g   [T]
        points   5     [T]

    """

  private static let good = """
    programme traffic
      name       交 | Traffic
      points     交分 | Traffic points
      clause     [T-1]
      direction  both                                [T]
      account    1001                                [T]
      deadline   10 min                              [T]
      rate       out 2026-01-01 2 of theirs for 5 ours  [T]
      rate       out 2026-07-01 1 of theirs for 5 ours  [T]
      rate       in 2026-01-01 3 of theirs for 10 ours  [set by this project: a try]
      limit      out 100 a day each                  [T]
      limit      in 60 a day each                    [T]
      limit      in 9000 a month all                 [T]

    """

  private static func parse(_ text: String) -> Result<Pack, Pack.Faults> {
    Pack.parse(files: [Pack.File(path: "pack.txt", bytes: Array((head + text).utf8))])
  }

  @Test func isReadWhole() throws {
    let pack = try Self.parse(Self.good).get()
    let programme = try #require(pack.recognition.programme("traffic"))
    #expect(programme.account == 1001 && programme.deadlineSeconds == 600)
    #expect(programme.rate(.out, on: Day("2025-12-31")!) == nil, "before it was agreed")
    #expect(programme.rate(.out, on: Day("2026-06-30")!)?.theirs(for: 50) == 20)
    #expect(programme.rate(.out, on: Day("2026-07-01")!)?.theirs(for: 50) == 10)
    #expect(programme.rate(.in, on: Day("2026-07-01")!)?.theirs(for: 25) == nil, "a rest")
    #expect(programme.allowances.count == 3)
    let cited = pack.statements.filter { $0.block == "programme traffic" }
    #expect(cited.count == 10, "every number names its source")
  }

  private static let wrong: [(String, String, String, String)] = [
    ("direction  both  ", "direction  round ", "is no direction", "direction"),
    ("1001", "70", "is no number of an account", "account"),
    ("10 min", "8 d", "from 10 s to 7 days", "deadline"),
    ("2 of theirs for 5 ours", "2.5 of theirs for 5 ours", "the rate cannot be read", "rate"),
    ("2 of theirs for 5 ours", "2 of theirs for 0 ours", "the rate cannot be read", "rate"),
    ("2026-07-01", "2025-07-01", "rates stand in order of time", "rate"),
    ("out 100 a day each", "out 100 a week each", "the limit cannot be read", "limit"),
    ("in 9000 a month all", "in 60 a day each", "stands here twice", "limit"),
    ("in 60 a day each", "up 60 a day each", "begins with a direction", "limit"),
    ("[set by this project: a try]", "", "has no source", "rate"),
  ]

  @Test("what is wrong is told with its line", arguments: wrong)
  func isTold(_ find: String, _ put: String, _ reason: String, _ key: String) {
    guard case .failure(let faults) = Self.parse(Self.good.replacing(find, with: put)) else {
      Issue.record("\(put) was let in")
      return
    }
    let lines = (Self.head + Self.good).split(separator: "\n", omittingEmptySubsequences: false)
    let problem = faults.problems.first { $0.reason.contains(reason) }
    #expect(problem != nil, "\(faults)")
    let line = problem?.line.map { String(lines[$0 - 1]) } ?? ""
    #expect(line.contains("  \(key) "), "\(faults)")
  }

  @Test func whatIsMissingIsTold() {
    for (find, reason) in [
      ("  limit      in 60 a day each                    [T]\n", "how much one person may"),
      (
        "  rate       in 2026-01-01 3 of theirs for 10 ours  [set by this project: a try]\n",
        "no rate for the direction `in`"
      ),
    ] {
      guard case .failure(let faults) = Self.parse(Self.good.replacing(find, with: "")) else {
        Issue.record("\(reason): was let in")
        continue
      }
      #expect(faults.description.contains(reason))
    }
    let twice = Self.good + Self.good.replacing("programme traffic", with: "programme other")
    guard case .failure(let faults) = Self.parse(twice) else {
      Issue.record("two programmes share an account")
      return
    }
    #expect(faults.description.contains("is that of `programme traffic`"))
  }

  @Test("Chengdu's and Zhangye's programmes, by their clauses")
  func shipped() throws {
    for (city, codes) in [
      (Shipped.chengdu, ["tanhui-traffic": "CD-1", "merchant-alliance": "CD-10"]),
      (.zhangye, ["rainbow-yuan": "ZY-11"]),
    ] {
      let pack = try city.pack()
      #expect(Set(pack.recognition.programmes.map(\.code)) == Set(codes.keys))
      for programme in pack.recognition.programmes {
        #expect(programme.source.hasSuffix(codes[programme.code] ?? "?"))
        for direction in Direction.allCases {
          #expect(programme.rate(direction, on: Day("2026-11-21")!) != nil)
        }
      }
    }
  }
}
