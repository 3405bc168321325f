// SPDX-License-Identifier: Apache-2.0
extension Tanpuhui {
  static func bench(_ arguments: Arguments) throws -> Bool {
    let only = arguments.all("only")
    if only.isEmpty || only.contains("core") {
      CoreBench(citizens: arguments.number("citizens"), events: arguments.number("events")).run()
    }
    if only.isEmpty || only.contains("path") {
      let folder = arguments["data"] ?? "/tmp/tanpuhui-bench"
      let bench = try PathBench(folder: folder, citizens: 1_000_000)
      print("warm:", try bench.rate(events: 2_000_000, batch: 1000, connections: 4))
      print("batches:", try bench.rate(events: 2_000_000, batch: 1000, connections: 4))
      print("single:", try bench.rate(events: 100_000, batch: 1, connections: 64))
      print("sustained:", try bench.sustained(events: 5_000_000))
      bench.stop()
      print("replay:", try PathBench.replay(folder: folder))
    }
    return true
  }
}
