// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import tanpuhui

private func parse(_ line: String) -> Arguments.Outcome {
  Arguments.parse(line.split(separator: " ").map(String.init))
}

private func refusal(_ line: String) -> String? {
  guard case .refuse(let sentence) = parse(line) else { return nil }
  return String(sentence.split(separator: "\n")[0])
}

@Suite struct ArgumentsTests {
  @Test func aScriptsLineIsUnderstood() throws {
    let line =
      "import trips.tsv --data d --mechanism chengdu --partner haluo --scene shared-bike"
      + " --map=m.json --json"
    guard case .run(let arguments) = parse(line) else {
      Issue.record("refused")
      return
    }
    #expect(arguments.command == .import)
    #expect(arguments.positionals == ["trips.tsv"])
    #expect(arguments.need("map") == "m.json")
    #expect(arguments.has("json"))
  }

  @Test func severalValuesMayFollowOneFlagAndItMayComeAgain() throws {
    guard case .run(let arguments) = parse("init --pack A B --data d --pack C") else {
      Issue.record("refused")
      return
    }
    #expect(arguments.all("pack") == ["A", "B", "C"])
    #expect(!arguments.has("json"))
  }

  @Test func defaultsStandWhereNothingIsSaid() throws {
    guard case .run(let arguments) = parse("serve --data d") else {
      Issue.record("refused")
      return
    }
    #expect(arguments.need("listen") == "127.0.0.1:8080")
  }

  @Test(arguments: [
    ("serve --data d --lisen 1", "serve has no flag --lisen; did you mean --listen?"),
    ("serve", "--data DIR is missing: the data folder."),
    ("serve --data", "--data needs a value: DIR."),
    ("serve --data --listen x", "--data needs a value: DIR."),
    ("serve --data d extra", "\"extra\" is one word too many."),
    ("pack check", "PACKDIR is missing."),
    ("pack chek x", "there is no command \"pack chek x\"; did you mean `tanpuhui pack check`?"),
    ("partner", "there is no command \"partner\"; did you mean `tanpuhui partner add`?"),
    (
      "export --data d --mechanism m --format xml",
      "--format xml: one of hledger, jsonl, csv is expected."
    ),
    ("verify --data d --json=yes", "--json takes no value."),
    ("verify --data d --data e", "--data stands here twice."),
    ("demo --data d --citizens many", "--citizens many: a whole number is expected."),
    ("verify -d x", "-d is no flag; flags have two dashes."),
  ])
  func aMistakeIsNamedWithWhatToDo(line: String, sentence: String) {
    #expect(refusal(line) == sentence)
  }

  @Test(arguments: Command.allCases)
  func everyCommandExplainsItself(command: Command) {
    guard case .help(let text) = parse(command.rawValue + " --help") else {
      Issue.record("no help")
      return
    }
    for flag in command.table.flags { #expect(text.contains("--\(flag.name)")) }
    #expect(parse("help " + command.rawValue) == .help(text))
    #expect(Set(command.table.flags.map(\.name)).count == command.table.flags.count)
  }

  @Test func withoutWordsAllCommandsAreListed() {
    guard case .help(let text) = parse("") else {
      Issue.record("no help")
      return
    }
    for command in Command.allCases { #expect(text.contains(command.rawValue)) }
  }
}
