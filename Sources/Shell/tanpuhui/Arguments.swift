// SPDX-License-Identifier: Apache-2.0
// ARGUMENTS. The command line is a contract for scripts: a table of commands, and its reader.
//
//   words ──Arguments.parse──▶ .run(Arguments)       a known command with everything it needs
//                       └────▶ .help(text)           --help anywhere; standard output, status 0
//                       └────▶ .refuse(sentence)     standard error, status 2
//
//   Flags are `--name value` or `--name=value`; several values may follow one flag where the table
//   says so (`--pack A B`), and such a flag may come again. `--` ends flags.

import Web

struct Arguments: Equatable, Sendable {
  var command: Command
  /// By place in the command's table.
  var positionals: [String] = []
  /// By the flag's name without dashes; a switch that is set has an empty list.
  fileprivate var flags: [String: [String]] = [:]

  enum Outcome: Equatable, Sendable {
    case run(Arguments)
    case help(String)
    case refuse(String)
  }

  /// The last value of a flag, its default where it was not given; nil where there is neither.
  subscript(_ flag: String) -> String? {
    flags[flag]?.last ?? command.table.flag(flag).fallback
  }

  func all(_ flag: String) -> [String] {
    let given = flags[flag] ?? []
    return given.isEmpty ? command.table.flag(flag).fallback.map { [$0] } ?? [] : given
  }

  /// A switch, such as `--json`.
  func has(_ flag: String) -> Bool {
    _ = command.table.flag(flag)
    return flags[flag] != nil
  }

  /// A flag that the table requires, or that has a default.
  func need(_ flag: String) -> String {
    guard let value = self[flag] else {
      preconditionFailure("--\(flag) of \(command.rawValue) is neither required nor has a default")
    }
    return value
  }

  /// The value of a flag that the table says is a number.
  func number(_ flag: String) -> Int {
    guard command.table.flag(flag).isNumber, let value = Int(need(flag)) else {
      preconditionFailure("--\(flag) of \(command.rawValue) is not a number in the table")
    }
    return value
  }
}

/// One row of the table of flags.
struct Flag: Equatable, Sendable {
  enum Takes: Equatable, Sendable { case nothing, one, several }
  var name: String
  var takes: Takes
  /// What the value is, as help shows it: `DIR`.
  var value = ""
  var summary: String
  var required = false
  var fallback: String?
  /// The only values there are; empty: any.
  var choices: [String] = []
  var isNumber = false
}

/// What one command takes.
struct CommandTable: Equatable, Sendable {
  var summary: String
  var positionals: [String] = []
  var flags: [Flag] = []

  /// Asking for a flag that the table does not have is a mistake of ours.
  func flag(_ name: String) -> Flag {
    guard let flag = flags.first(where: { $0.name == name }) else {
      preconditionFailure("no flag --\(name) in this command's table; add it in Command.swift")
    }
    return flag
  }
}

extension Arguments {
  static func parse(_ words: [String]) -> Outcome {
    let plain = words.prefix { !$0.hasPrefix("-") }
    let asksHelp = words.contains { $0 == "--help" || $0 == "-h" } || words.first == "help"
    let named = Array(words.first == "help" ? plain.dropFirst() : plain)
    guard let command = Command.named(by: named) else {
      if asksHelp || words.isEmpty { return .help(Command.overview(of: named.first)) }
      if words.first == "--version" { return .run(Arguments(command: .version)) }
      return .refuse(Command.unknown(named.isEmpty ? words[0] : named.joined(separator: " ")))
    }
    if asksHelp { return .help(command.help) }
    let used = command.rawValue.split(separator: " ").count
    var arguments = Arguments(command: command)
    if let refusal = arguments.read(Array(words.dropFirst(used))) ?? arguments.lacking() {
      return .refuse(refusal + "\n`tanpuhui \(command.rawValue) --help` shows what it takes.")
    }
    return .run(arguments)
  }

  private mutating func read(_ words: [String]) -> String? {
    let table = command.table
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--"), word != "--" else {
        if word.hasPrefix("-"), word.count > 1, word != "--" {
          return "\(word) is no flag; flags have two dashes."
        }
        if word == "--" {
          positionals += rest
          rest = []
        } else {
          positionals.append(word)
        }
        continue
      }
      let parts = word.dropFirst(2).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard let flag = table.flags.first(where: { $0.name == name }) else {
        return unknown(name)
      }
      var values = parts.count == 2 ? [String(parts[1])] : []
      if flag.takes == .nothing, !values.isEmpty { return "--\(name) takes no value." }
      if flag.takes != .nothing, values.isEmpty {
        guard let value = rest.first, !value.hasPrefix("--") else {
          return "--\(name) needs a value: \(flag.value)."
        }
        values = [String(rest.removeFirst())]
        while flag.takes == .several, let next = rest.first, !next.hasPrefix("--") {
          values.append(next)
          rest.removeFirst()
        }
      }
      if let refusal = wrong(values, flag) { return refusal }
      if flag.takes == .one, flags[name] != nil { return "--\(name) stands here twice." }
      flags[name, default: []] += values
    }
    return nil
  }

  private func unknown(_ name: String) -> String {
    let names = command.table.flags.map(\.name)
    guard !names.isEmpty else { return "\(command.rawValue) takes no flag --\(name)." }
    let near = Nearest.name(to: name, among: names) ?? names.first { $0.hasPrefix(name) }
    let advice = near.map { "did you mean --\($0)?" } ?? "it takes \(command.flagNames)."
    return "\(command.rawValue) has no flag --\(name); \(advice)"
  }

  private func wrong(_ values: [String], _ flag: Flag) -> String? {
    for value in values {
      if value.isEmpty { return "--\(flag.name) is empty; give \(flag.value)." }
      if !flag.choices.isEmpty, !flag.choices.contains(value) {
        let choices = flag.choices.joined(separator: ", ")
        return "--\(flag.name) \(value): one of \(choices) is expected."
      }
      if flag.isNumber, UInt32(value) == nil {
        return "--\(flag.name) \(value): a whole number is expected."
      }
    }
    return nil
  }

  private func lacking() -> String? {
    let table = command.table
    if let flag = table.flags.first(where: { $0.required && flags[$0.name] == nil }) {
      return "--\(flag.name) \(flag.value) is missing: \(flag.summary)."
    }
    guard positionals.count < table.positionals.count else {
      guard positionals.count > table.positionals.count else { return nil }
      return "\"\(positionals[table.positionals.count])\" is one word too many."
    }
    return "\(table.positionals[positionals.count]) is missing."
  }
}
