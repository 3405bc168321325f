// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The repository as the tidy tests read it.
enum House {
  static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static func text(_ path: String) -> String? {
    try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// Paths below some folders, in order, of some kinds; build products and downloads left out.
  static func paths(under folders: [String], kinds: Set<String>) -> [String] {
    folders.flatMap { folder -> [String] in
      let walk = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
      return (walk?.compactMap { $0 as? String } ?? [])
        .filter { kinds.contains(($0 as NSString).pathExtension) && !$0.contains("__pycache__") }
        .map { folder + "/" + $0 }.sorted()
    }
  }

  /// All Swift and C of the house. Read once: the tests only look.
  static let sources: [Source] = paths(
    under: ["Sources", "Tests"], kinds: ["swift", "c", "cpp", "h"]
  ).compactMap { path in text(path).map { Source(path, $0) } }

  static let plan = FloorPlan(package: text("Package.swift") ?? "")
}
