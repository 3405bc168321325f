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
    if parts.contains(.replay), !parts.contains(.path), let folder = arguments["data"] {
      try bench.replay(folder: folder)
    }
    if arguments.has("json") { print(bench.json) }
    return true
  }
}

enum BenchPart: String, CaseIterable {
  case core, growth, path, replay
}
