// SPDX-License-Identifier: Apache-2.0
import Testing

/// A violation of each kind is planted and must be seen, with its line and what to do instead.
@Suite struct PlantedTests {
  private let plan = FloorPlan(
    package: """
      // room("Ghost", on: "Core") is only a comment.
      room("Units", on: "Base", doors: ["CPlatform"]),
      room("Ledger", on: "Core", doors: ["Units"]),
      room(
        "Market", on: "Core",
        doors: ["Units", "Ledger"]),
      room("Storage", on: "Shell", doors: ["Units", "CSQLite"]),
      room("Desk", on: "Shell", doors: ["Units", "CSQLite"]),
      .executableTarget(name: "tanpuhui", dependencies: ["Units"], path: "Sources/Shell/tanpuhui"),
      """)

  private func walls(_ path: String, _ text: String) -> [String] {
    Walls.check(Source(path, text), plan).map { "\($0.line): \($0.sentence)" }
  }

  @Test func thePlanIsReadFromThePackage() {
    #expect(
      plan.rooms.keys.sorted() == ["Desk", "Ledger", "Market", "Storage", "Units", "tanpuhui"])
    #expect(plan.rooms["Market"] == .init(floor: "Core", doors: ["Units", "Ledger"]))
  }

  @Test func anImportWithoutADoor() {
    #expect(walls("Sources/Core/Market/A.swift", "import Units\nimport Ledger\n").isEmpty)
    let sideways = walls("Sources/Core/Ledger/A.swift", "import Units\nimport struct Market.Lot\n")
    #expect(sideways.count == 1)
    #expect(sideways[0].hasPrefix("2: Ledger has no door to Market; value passes through"))
    let up = walls("Sources/Core/Ledger/A.swift", "@testable import Storage\n")
    #expect(up[0].hasPrefix("1: Ledger may not look up to Storage"))
    #expect(walls("Sources/Core/Ledger/A.swift", "import Glibc\n").count == 1)
    #expect(walls("Sources/Shell/Storage/A.swift", "import Glibc\nimport CSQLite\n").isEmpty)
    #expect(
      walls("Sources/Core/Ledger/A.swift", "// import Market\nlet a = \"import Market\"").isEmpty)
  }

  @Test func foundationAndEngines() {
    #expect(walls("Sources/Shell/Storage/A.swift", "import Foundation\n")[0].contains("banned"))
    #expect(walls("Sources/Core/Ledger/A.swift", "import FoundationEssentials\n").count == 1)
    #expect(
      walls("Sources/Shell/Desk/A.swift", "import CSQLite\n") == [
        "1: Desk may not know CSQLite; ask Storage or Archive instead"
      ])
    #expect(walls("Sources/Core/Attic/A.swift", "")[0].contains("is not in Package.swift"))
  }

  @Test(arguments: [
    "let now = Date()", "let c = ContinuousClock()", "Task { }", "func f() async {}",
    "let t = Thread.self", "let f = open(path, 0)", "let r = Int.random(in: 0...1)",
    "var g = SystemRandomNumberGenerator()", "let h = key.hashValue", "print(1)",
    "let s = \"\\(Date())\"", "let lock = Mutex(0)", "actor Clerk {}", "let d: Double = 0",
  ])
  func theWorldInCore(line: String) {
    let found = Purity.check(Source("Sources/Core/Ledger/A.swift", "import Units\n" + line))
    #expect(found.count == 1)
    #expect(found.first?.line == 2)
    #expect(Purity.check(Source("Sources/Shell/Desk/A.swift", line)).isEmpty)
  }

  @Test(arguments: [
    "// Date() and Task", "let s = \"open(\"", "case open", "func open(_ a: Int)", "market.open(1)",
    "func hash(into hasher: inout Hasher) {}",
    "/* random /* nested */ Date() */", "let s = #\"Date() \\(Date())\"#", "f(open: 1)",
    "let s = \"\"\"\n  Task\n  \"\"\"",
  ])
  func whatOnlyLooksLikeTheWorld(line: String) {
    #expect(Purity.check(Source("Sources/Core/Ledger/A.swift", line)).isEmpty)
  }

  @Test func pagesAndEnvironmentInTheWrongRoom() {
    func world(_ path: String, _ text: String) -> Int {
      Walls.checkWorld(Source(path, text)).count
    }
    #expect(world("Sources/Shell/Desk/A.swift", "let a = \"<div>\"") == 1)
    #expect(world("Sources/Shell/Web/A.swift", "let a = \"<div>\"") == 0)
    #expect(world("Sources/Shell/Desk/A.swift", "let a = b <div") == 0)
    #expect(world("Sources/Shell/Web/A.swift", "getenv(\"HOME\")") == 1)
    #expect(world("Sources/Shell/tanpuhui/A.swift", "getenv(\"HOME\")") == 0)
  }

  @Test func sizesAndTheRatchet() {
    let long = Array(repeating: "    let a = 1", count: 69).joined(separator: "\n")
    let big = "struct A {\n  func f() {\n\(long)\n  }\n}\n"
    let excess = Sizes.measure(Source("A.swift", big))
    #expect(excess == [.init(kind: "function", path: "A.swift:f", size: 71, line: 2)])
    #expect(Sizes.measure(Source("A.swift", String(repeating: "x", count: 101))).count == 1)
    #expect(Sizes.measure(Source("A.swift", String(repeating: "碳", count: 100))).isEmpty)
    #expect(Sizes.measure(Source("A.swift", String(repeating: "\n", count: 501))).count == 1)

    func check(_ list: String) -> [String] { Sizes.check(excess, against: list).map(\.sentence) }
    #expect(check("") == ["a function of 71 lines, at most 70 are meant; split it"])
    #expect(check("function A.swift:f 71") == [])
    #expect(check("function A.swift:f 70") == ["grew from 70 to 71 lines; shrink it"])
    #expect(check("function A.swift:f 80") == ["shrank: write 71 instead of 80"])
    #expect(
      check("function A.swift:f 71\nfile B.swift 900")
        == ["file B.swift is small enough now: take it out"])
  }

  @Test func functionsAreMeasuredToTheirClosingBrace() {
    let text = """
      protocol P {
        func need(_ a: Int) -> Int
        func other()
      }
      struct S {
        init(a: () -> Void = {}) {
          let b = "}"
        }
        func f(
          _ a: Int
        ) -> Int {
          { $0 }(a)
        }
      }
      """
    let found = Sizes.functions(Source("A.swift", text)).map { "\($0.name) \($0.line) \($0.lines)" }
    #expect(found == ["init 6 3", "f 9 5"])
  }

  @Test(arguments: [
    "struct AwardManager {}", "enum DateUtils {}", "// TO" + "DO later", "struct Ledger {}",
    "let path = \"/" + "work/data\"", "// see /" + "root/notes",
  ])
  func namesAndRemarks(line: String) {
    #expect(Words.check(Source("Sources/Core/Ledger/A.swift", line)).count == 1)
  }

  @Test(arguments: [
    "let managerName = 1", "// Sources/" + "work/x", "let a = \"/" + "workflows\"",
    "Ledger.State()",
    "// ${here}/" + "work",
  ])
  func namesThatAreFine(line: String) {
    #expect(Words.check(Source("Sources/Core/Ledger/A.swift", line)).isEmpty)
  }

  @Test func aFileNamedByAnExcuse() {
    #expect(Words.check(Source("Sources/Core/Ledger/LedgerHelpers.swift", "")).count >= 1)
  }

  @Test func theLicenceAndThePromises() {
    let licence = "// SPDX-License-Identifier: Apache-2.0"
    #expect(Words.licence(Source("A.swift", "import Units\n")).count == 1)
    #expect(Words.licence(Source("run", "#!/bin/bash\n" + licence)).isEmpty)
    let bare = Words.unchecked(Source("A.swift", "final class A: @unchecked Sendable {}"))
    #expect(bare.lines == [1])
    #expect(bare.findings.count == 1)
    let kept = Words.unchecked(
      Source("A.swift", "/// Kept by `gate`, a lock.\nfinal class A: @unchecked Sendable {}"))
    #expect(kept.lines == [2])
    #expect(kept.findings.isEmpty)
  }

  @Test func aRoomWithoutFurniture() {
    func check(_ files: [String], _ essay: String?) -> [String] {
      Furniture.check(room: "Ledger", floor: "Core", files: files, essay: essay).map(\.sentence)
    }
    let spdx = "// SPDX-License-Identifier: Apache-2.0\n"
    #expect(check(["Ledger.swift"], spdx) == [])
    #expect(check([], nil).count == 1)
    #expect(check(["Ledger.swift"], spdx + "// LEDGER. Where value lives.\n").count == 4)
    let all = ["", "+Decide", "+Apply", "+Fact", "+Audit"].map { "Ledger\($0).swift" }
    #expect(check(all, spdx + "// LEDGER. Where value lives.\n") == [])
    #expect(check(all, spdx + "import Units\n").count == 1)
    let attic = Furniture.check(
      room: "Attic", floor: "Core", files: ["Attic.swift"], essay: "a\n// b")
    #expect(attic.map(\.sentence).first?.contains("has no row") == true)
  }
}
