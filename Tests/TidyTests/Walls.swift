// SPDX-License-Identifier: Apache-2.0

/// Law 1 and 2: imports have doors, and each engine of the world is known to one room.
enum Walls {
  /// Swift's own modules that a floor may use without a door.
  static let swiftsOwn: [String: Set<String>] = [
    "Base": [],
    "Core": [],
    "Shell": ["FoundationEssentials", "Glibc", "Synchronization", "Dispatch"],
  ]

  /// The only files below the Shell that read or write JSON with FoundationEssentials' coders:
  /// facts that are not hot, and snapshots.
  static let jsonFiles: Set<String> = [
    "Sources/Core/Ledger/Ledger+Snapshot.swift",
    "Sources/Core/Mechanism/Mechanism+Apply.swift",
    "Sources/Core/Mechanism/Mechanism+Decide.swift",
    "Sources/Core/Mechanism/Mechanism+Snapshot.swift",
    "Sources/Core/Mechanism/WhatIf.swift",
    "Sources/Core/Membership/Membership+Snapshot.swift",
    "Sources/Core/Rewards/Rewards+Snapshot.swift",
    "Sources/Core/Governance/Governance+Snapshot.swift",
    "Sources/Core/Membership/Organisation+Apply.swift",
    "Sources/Core/Recognition/Recognition+Snapshot.swift",
  ]

  /// Engines, and the only rooms that may know them, whatever Package.swift says.
  static let engines: [String: (rooms: Set<String>, instead: String)] = [
    "CSQLite": (["Storage", "Archive"], "ask Storage or Archive"),
    "CPostgres": (["Storage"], "ask Storage"),
    "CMicroHTTPD": (["HTTP"], "ask HTTP"),
    "CCurl": (["Outgoing"], "ask Outgoing"),
  ]

  static func check(_ source: Source, _ plan: FloorPlan) -> [Finding] {
    guard let room = source.room, let floor = source.floor, source.path.hasSuffix(".swift")
    else { return [] }
    guard let doors = plan.rooms[room]?.doors else {
      return [Finding(source, 1, "the room \(room) is not in Package.swift; add it there")]
    }
    guard plan.rooms[room]?.floor == floor else {
      return [Finding(source, 1, "Package.swift has \(room) on another floor than \(floor)")]
    }
    return imports(source).flatMap { line, module -> [Finding] in
      var findings: [Finding] = []
      if module == "Foundation" || module.hasPrefix("FoundationI")
        || module.hasPrefix("FoundationN")
      {
        return [
          Finding(
            source, line,
            "\(module) is banned: it brings 45 MB and a slow JSON; use FoundationEssentials or "
              + "Glibc in the Shell, neither below it")
        ]
      }
      if let engine = engines[module], !engine.rooms.contains(room) {
        findings.append(
          Finding(source, line, "\(room) may not know \(module); \(engine.instead) instead"))
      }
      let own = swiftsOwn[floor, default: []]
      let json = module == "FoundationEssentials" && jsonFiles.contains(source.path)
      if !doors.contains(module), !own.contains(module), !json {
        findings.append(Finding(source, line, missing(module, room, floor, plan)))
      }
      return findings
    }
  }

  private static func missing(
    _ module: String, _ room: String, _ floor: String, _ plan: FloorPlan
  ) -> String {
    guard let other = plan.rooms[module] else {
      return "\(room) has no door to \(module); a \(floor) room uses its doors in Package.swift"
        + (swiftsOwn[floor]!.isEmpty ? " only" : " and \(swiftsOwn[floor]!.sorted())")
    }
    let order = ["Base", "Core", "Shell"]
    if order.firstIndex(of: other.floor)! > order.firstIndex(of: floor)! {
      return "\(room) may not look up to \(module): imports go down only; put the value into the "
        + "command or the fact instead"
    }
    return "\(room) has no door to \(module); value passes through the Ledger, everything else "
      + "through the Mechanism; if a door is right, add it in Package.swift and say why"
  }

  /// Modules imported, with their lines. `import struct Module.Name` counts as Module.
  static func imports(_ source: Source) -> [(line: Int, module: String)] {
    let kinds: Set<Substring> = [
      "struct", "class", "enum", "protocol", "func", "var", "let", "typealias", "actor",
    ]
    return source.words.indices.compactMap { index in
      let word = source.words[index]
      guard word.text == "import", word.before != UInt8(ascii: ".") else { return nil }
      var next = index + 1
      while next < source.words.count, source.words[next].line == word.line,
        kinds.contains(source.words[next].text)
      { next += 1 }
      guard next < source.words.count, source.words[next].line == word.line,
        word.before == 0 || word.previous != nil
      else { return nil }
      return (word.line, String(source.words[next].text))
    }
  }

  /// Only Web writes HTML; only tanpuhui reads the environment.
  static func checkWorld(_ source: Source) -> [Finding] {
    guard let room = source.room, source.path.hasSuffix(".swift") else { return [] }
    var findings: [Finding] = []
    if room != "Web" {
      let tags = [
        "<div", "<span", "<table", "<tr>", "<td", "<html", "<!doctype", "<body", "<head>", "<form",
        "<input", "<button", "<script", "<a href", "<p>", "<h1", "<br",
      ]
      for (index, line) in source.texts.enumerated() where line.contains("<") {
        let lower = line.lowercased()
        guard let tag = tags.first(where: lower.contains) else { continue }
        findings.append(
          Finding(source, index + 1, "\(tag): only Web writes HTML; hand Web a value to draw"))
      }
    }
    guard room != "tanpuhui" else { return findings }
    for word in source.words
    where ["getenv", "environ", "ProcessInfo", "CommandLine"].contains(word.text) {
      findings.append(
        Finding(
          source, word.line,
          "\(word.text): only tanpuhui reads the environment; take the value as an argument of init"
        ))
    }
    return findings
  }
}
