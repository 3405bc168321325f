// SPDX-License-Identifier: Apache-2.0
import Glibc

extension Tanpuhui {
  /// Measures this machine, and prints each figure as soon as it is there.
  static func bench(_ arguments: Arguments) throws -> Bool {
    let only = Set(arguments.all("only"))
    for name in only where BenchPart(rawValue: name) == nil {
      throw CommandFailure(
        "there is no measurement \"\(name)\"; there are "
          + BenchPart.allCases.map(\.rawValue).joined(separator: ", "))
    }
    let parts = BenchPart.allCases.filter { only.isEmpty || only.contains($0.rawValue) }
    var bench = Bench(
      citizens: arguments.number("citizens"), events: arguments.number("events"),
      isQuiet: arguments.has("json"))
    bench.open()
    if parts.contains(.core) { bench.core() }
    if parts.contains(.growth) { bench.growth() }
    if parts.contains(.path) {
      try bench.path(folder: arguments["data"], baseline: arguments["baseline"])
    }
    if only.contains("long") { try bench.long(folder: arguments["data"]) }
    if parts.contains(.replay), !parts.contains(.path), let folder = arguments["data"] {
      try bench.replay(folder: folder)
    }
    if arguments.has("json") { print(bench.json) }
    return true
  }
}

enum BenchPart: String, CaseIterable {
  /// `long` takes minutes and 8 GB of disk: only where it is asked for by name.
  case core, growth, path, replay, long
}
