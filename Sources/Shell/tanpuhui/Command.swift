// SPDX-License-Identifier: Apache-2.0

import Web

/// Every command of the program. A new one gets a case, a row in `table`, and a body where
/// `Tanpuhui.main` switches over it; the compiler asks for both.
enum Command: String, CaseIterable, Sendable {
  case initialise = "init"
  case serve
  case partnerAdd = "partner add"
  case partnerSet = "partner set"
  case staffAdd = "staff add"
  case `import`
  case verify
  case export
  case replay
  case packCheck = "pack check"
  case packPropose = "pack propose"
  case expire
  case programmeConnect = "programme connect"
  case programmeReconcile = "programme reconcile"
  case demo
  case bench
  case version

  var table: CommandTable {
    let data = Flag(
      name: "data", takes: .one, value: "DIR", summary: "the data folder", required: true)
    let mechanism = Flag(
      name: "mechanism", takes: .one, value: "M", summary: "the mechanism's code, such as chengdu",
      required: true)
    let json = Flag(name: "json", takes: .nothing, summary: "answer as one JSON object")
    let listen = Flag(
      name: "listen", takes: .one, value: "HOST:PORT", summary: "where to serve",
      fallback: "127.0.0.1:8080")
    switch self {
    case .initialise:
      return CommandTable(
        summary: "makes a data folder with these mechanisms",
        flags: [
          data,
          Flag(
            name: "pack", takes: .several, value: "PACKDIR…",
            summary: "policy packs to adopt, a mechanism each", required: true),
          Flag(
            name: "hash", takes: .one, value: "NAME",
            summary: "what new journals hash with, for ever", fallback: "sm3",
            choices: ["sm3", "sha256"]),
          Flag(
            name: "sandbox", takes: .nothing,
            summary: "also a sandbox of each, with books of its own, for partners to try in"),
          json,
        ])
    case .serve:
      return CommandTable(
        summary: "serves pages and the API",
        flags: [
          data, listen,
          Flag(
            name: "development", takes: .nothing,
            summary: "login codes are shown on the page instead of sent"),
          Flag(
            name: "public-address", takes: .one, value: "URL",
            summary: "what browsers call this server, such as https://city.example"),
          Flag(
            name: "behind-proxy", takes: .nothing,
            summary: "a proxy in front writes people's addresses into X-Forwarded-For"),
          Flag(
            name: "code-sender", takes: .one, value: "URL",
            summary: "sends login codes on; its secret is in TANPUHUI_CODE_SENDER_SECRET"),
          Flag(
            name: "oidc-issuer", takes: .one, value: "URL",
            summary: "an identity server to log in by; its secret is in TANPUHUI_OIDC_SECRET"),
          Flag(
            name: "oidc-client", takes: .one, value: "ID",
            summary: "what the identity server calls us"),
          Flag(
            name: "oidc-name", takes: .one, value: "NAME",
            summary: "what the login page calls it", fallback: "统一身份认证"),
        ])
    case .staffAdd:
      return CommandTable(
        summary: "makes a staff account and prints its password, once",
        flags: [
          data,
          Flag(
            name: "username", takes: .one, value: "NAME", summary: "what they log in with",
            required: true),
          Flag(
            name: "roles", takes: .several, value: "R,…",
            summary: "operator, reviewer, regulator, auditor, administrator", required: true),
          Flag(name: "name", takes: .one, value: "NAME", summary: "their name, shown on pages"),
          json,
        ])
    case .partnerAdd:
      return CommandTable(
        summary: "admits a partner and prints its key, once",
        flags: [
          data, mechanism,
          Flag(
            name: "code", takes: .one, value: "P", summary: "the partner's code", required: true),
          Flag(
            name: "scenes", takes: .several, value: "S,…",
            summary: "codes of the scenes it may report, with commas between", required: true),
          Flag(name: "name", takes: .one, value: "NAME", summary: "its name, shown on pages"),
          Flag(
            name: "enrol", takes: .nothing,
            summary: "an unknown user gets a pseudonymous account at the first report"),
          json,
        ])
    case .partnerSet: return Command.partnerSetTable(data, mechanism, json)
    case .import:
      return CommandTable(
        summary: "reads a partner's table of behaviour", positionals: ["FILE"],
        flags: [
          data, mechanism,
          Flag(
            name: "partner", takes: .one, value: "P", summary: "its code", required: true),
          Flag(
            name: "scene", takes: .one, value: "S", summary: "the scene's code", required: true),
          Flag(
            name: "map", takes: .one, value: "MAP",
            summary: "what the columns mean (Docs/import-maps.md)", required: true),
          json,
        ])
    case .verify:
      var any = mechanism
      any.required = false
      any.summary += "; without it, all"
      return CommandTable(
        summary: "hashes again, replays, audits, compares; names the first wrong frame",
        flags: [data, any, json])
    case .export:
      return CommandTable(
        summary: "writes the ledger to standard output",
        flags: [
          data, mechanism,
          Flag(
            name: "format", takes: .one, value: "FORMAT", summary: "hledger, jsonl or csv",
            required: true, choices: ["hledger", "jsonl", "csv"]),
        ])
    case .replay:
      return CommandTable(
        summary: "plays the journal again: proves the books, or asks what if",
        flags: [
          data, mechanism,
          Flag(
            name: "pack", takes: .one, value: "PACKDIR", summary: "under this draft pack instead"),
          Flag(
            name: "until", takes: .one, value: "TIME",
            summary: "up to this moment (RFC 3339) or the end of this day"),
          json,
        ])
    case .packCheck:
      return CommandTable(
        summary: "says everything that is wrong with a policy pack", positionals: ["PACKDIR"],
        flags: [json])
    case .programmeConnect, .programmeReconcile:
      return programmeTable(data: data, mechanism: mechanism, json: json)
    case .packPropose, .expire: return policyTable(data: data, mechanism: mechanism, json: json)
    case .demo, .bench, .version:
      return trialTable(data: data, listen: listen, json: json)
    }
  }

  private func trialTable(data: Flag, listen: Flag, json: Flag) -> CommandTable {
    let seed = Flag(
      name: "seed", takes: .one, value: "N", summary: "the same seed gives the same events",
      fallback: "2026", isNumber: true)
    switch self {
    case .demo:
      return CommandTable(
        summary: "fills a data folder with a month of invented behaviour, and serves it",
        flags: [
          data,
          Flag(
            name: "pack", takes: .several, value: "PACKDIR…",
            summary: "policy packs; Chengdu's first",
            fallback: "Packs/chengdu"),
          Flag(
            name: "citizens", takes: .one, value: "N", summary: "how many citizens to invent",
            fallback: "2000", isNumber: true),
          seed, listen,
          Flag(name: "no-serve", takes: .nothing, summary: "end when the data is there"),
        ])
    case .bench:
      return CommandTable(
        summary: "measures this machine",
        flags: [
          Flag(
            name: "only", takes: .several, value: "NAME…", summary: "these measurements; else all"),
          Flag(
            name: "baseline", takes: .one, value: "PROGRAM", summary: "the baseline to compare with"
          ),
          Flag(name: "data", takes: .one, value: "DIR", summary: "a folder on the disk to measure"),
          Flag(
            name: "citizens", takes: .one, value: "N", summary: "how many citizens",
            fallback: "1000000", isNumber: true),
          Flag(
            name: "events", takes: .one, value: "N", summary: "how many events",
            fallback: "10000000", isNumber: true),
          json,
        ])
    default:
      return CommandTable(summary: "prints the version", flags: [json])
    }
  }
}

extension Command {
  /// The command whose words these begin with.
  static func named(by words: [String]) -> Command? {
    allCases.first { words.starts(with: $0.rawValue.split(separator: " ").map(String.init)) }
  }

  static func unknown(_ words: String) -> String {
    let near = Nearest.name(to: words, among: allCases.map(\.rawValue))
    let begun = allCases.first { $0.rawValue.hasPrefix(words + " ") }?.rawValue
    let advice = (near ?? begun).map { "did you mean `tanpuhui \($0)`?" } ?? ""
    return "there is no command \"\(words)\"; \(advice)"
      + (advice.isEmpty ? "" : "\n") + "`tanpuhui help` lists them all."
  }

  var flagNames: String { table.flags.map { "--" + $0.name }.joined(separator: " ") }

  /// `tanpuhui import FILE --data DIR …`
  private var usage: String {
    var words = ["tanpuhui", rawValue] + table.positionals
    for flag in table.flags {
      let text = "--\(flag.name)" + (flag.takes == .nothing ? "" : " \(flag.value)")
      words.append(flag.required ? text : "[\(text)]")
    }
    return words.joined(separator: " ")
  }

  var help: String {
    var lines = ["\(usage)", "", "\(rawValue): \(table.summary).", ""]
    for flag in table.flags {
      let head = "  --\(flag.name) \(flag.value)"
      let tail = flag.fallback.map { " (default \($0))" } ?? ""
      let gap = String(repeating: " ", count: max(1, 24 - head.count))
      lines.append(head + gap + flag.summary + tail)
    }
    lines.append("  --help" + String(repeating: " ", count: 16) + "this text")
    return lines.joined(separator: "\n")
  }

  /// All commands, or those that begin with a word, such as `partner`.
  static func overview(of word: String?) -> String {
    let chosen = allCases.filter { word == nil || $0.rawValue.hasPrefix(word! + " ") }
    var lines = ["碳普惠 tanpuhui: low-carbon behaviour in, carbon points out.", ""]
    for command in chosen.isEmpty ? allCases : chosen {
      let gap = String(repeating: " ", count: max(1, 16 - command.rawValue.count))
      lines.append("  " + command.rawValue + gap + command.table.summary)
    }
    lines += ["", "`tanpuhui COMMAND --help` shows what a command takes."]
    return lines.joined(separator: "\n")
  }
}
