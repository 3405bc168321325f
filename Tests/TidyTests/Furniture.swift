// SPDX-License-Identifier: Apache-2.0

/// Every room has the same furniture, so that a person who knows one finds their way in all.
enum Furniture {
  /// Rooms that decide and apply, and the files they have beside `Name.swift`. A new room of the
  /// Core gets a row here.
  static let core: [String: [String]] = [
    "Ledger": ["Decide", "Apply", "Fact", "Audit"],
    "Membership": ["Decide", "Apply", "Fact", "Audit"],
    "Behaviour": ["Rules", "Decide", "Apply", "Fact", "Audit"],
    "Rewards": ["Rules", "Decide", "Apply", "Fact", "Audit"],
    "Recognition": ["Rules", "Decide", "Apply", "Fact", "Audit"],
    "Governance": ["Rules", "Decide", "Apply", "Fact", "Audit"],
    "Methodology": [],
    "Policy": [],
    "Mechanism": ["Decide", "Apply", "Audit"],
  ]

  /// `files` are the names in the room's folder, `essay` the text of its first file. A room that is
  /// only planned, its file empty but for the licence, is not judged.
  static func check(room: String, floor: String, files: [String], essay: String?) -> [Finding] {
    let path = "Sources/\(floor)/\(room)"
    let first = room.prefix(1).uppercased() + room.dropFirst() + ".swift"
    guard files.contains(first), let essay else {
      return [Finding(path, 1, "has no \(first): a room begins with its essay and its state")]
    }
    let lines = essay.split(separator: "\n").dropFirst()
    if lines.isEmpty, files.count == 1 { return [] }
    var findings: [Finding] = []
    if lines.first?.hasPrefix("// ") != true {
      findings.append(
        Finding(
          "\(path)/\(first)", 2,
          "begin with an essay: // \(room.uppercased()). What it is, a drawing, its invariants"))
    }
    guard floor == "Core" else { return findings }
    guard let wanted = core[room] else {
      return findings + [
        Finding(path, 1, "has no row in Tests/TidyTests/Furniture.swift; add it there")
      ]
    }
    for part in wanted where !files.contains("\(room)+\(part).swift") {
      findings.append(
        Finding(path, 1, "has no \(room)+\(part).swift; each room keeps its +\(part) there"))
    }
    return findings
  }
}
