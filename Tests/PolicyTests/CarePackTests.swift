// SPDX-License-Identifier: Apache-2.0
import Governance
import Policy
import Testing
import Units

/// What a pack says about deadlines and risks, right and wrong.
@Suite("care and risks of a pack") struct CarePackTests {
  private static let right = """
    care
      appeal         30 days          [CD]
      appeal-answer  10 working days  [CD]
      claim          60 days          [CD]
      claim-answer   5 working days   [CD]
      letter-answer  7 working days   [CD]
      freeze         90 days          [CD]
    risk places
      name      两地 | two places
      looks-at  overlap
      at-least  2       [CD]
      within    7 days  [CD]
      scenes    bus, metro

    """

  private static func read(_ care: String) -> Result<Pack, Pack.Faults> {
    var files = Shipped.chengdu.files.filter {
      $0.path != "care.txt" && $0.path != "examples.txt"
    }
    files.append(Pack.File(path: "care.txt", bytes: Array(care.utf8)))
    return Pack.parse(files: files)
  }

  @Test func isReadAsItIsWritten() throws {
    let care = try #require(try Self.read(Self.right).get().care)
    #expect(care.appealDays == 30 && care.appealWorkingDays == 10)
    #expect(care.claimDays == 60 && care.claimWorkingDays == 5)
    #expect(care.letterWorkingDays == 7 && care.freezeDaysMax == 90)
    #expect(care.sources["appeal"] == "CD")
    let rule = try #require(care.risk("places"))
    #expect(rule.kind == .overlap && rule.atLeast == 2 && rule.days == 7)
    #expect(rule.scenes == ["bus", "metro"] && rule.chinese == "两地")
    #expect(try Self.read("").get().care == nil, "a pack may promise nothing")
  }

  @Test func everyShippedPackPromises() throws {
    for city in [Shipped.chengdu, Shipped.zhangye, Shipped.shenzhen] {
      let care = try #require(try Pack.parse(files: city.files).get().care)
      #expect(care.risks.count >= 4)
    }
  }

  static let wrong: [(String, String, Int, String)] = [
    ("10 working days", "10 days", 3, "the time cannot be read"),
    ("30 days          [CD]", "30 days", 2, "`appeal` has no source"),
    ("  freeze         90 days          [CD]\n", "", 1, "has no `freeze`"),
    ("overlap", "mood", 10, "no risk is looked for by `mood`"),
    ("at-least  2 ", "at-least  0 ", 11, "`at-least` is out of range"),
    ("7 days  [CD]", "700 days  [CD]", 12, "`within` cannot be read"),
    ("bus, metro", "bus, moon", 13, "no scene is called `moon`"),
    ("overlap", "vehicle", 8, ""),
    ("  scenes    bus, metro\n", "  colour    red\n", 13, "`risk` has no key `colour`"),
  ]

  @Test("what is wrong has its line and reason", arguments: wrong)
  func faults(_ old: String, _ new: String, _ line: Int, _ reason: String) {
    guard case .failure(let faults) = Self.read(Self.right.replacing(old, with: new)) else {
      // A vehicle with scenes named is right.
      #expect(new == "vehicle")
      return
    }
    let found = faults.problems.contains {
      $0.file == "care.txt" && $0.line == line && $0.reason.contains(reason)
    }
    #expect(found, "\(faults)")
  }
}
