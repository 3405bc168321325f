// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@Suite("simulation by seed") struct SimulationTests {
  /// Runs one seed in a folder of its own; answers what was wrong.
  private func run(_ seed: UInt64, _ disk: FakeDisk = FakeDisk(), snapshots: Bool) -> String? {
    var template = Array("/tmp/simulation-XXXXXX".utf8CString)
    let folder = String(cString: mkdtemp(&template))
    defer {
      for name in ["snapshot", "snapshot.new"] { unlink("\(folder)/\(name)") }
      rmdir(folder)
    }
    var simulation = Simulation(
      seed: seed, disk: disk, snapshot: snapshots ? "\(folder)/snapshot" : nil)
    simulation.run(lives: 5)
    return simulation.fault
  }

  @Test(
    "crashes before, in and after each append lose nothing and double nothing",
    arguments: 0..<10)
  func crashes(part: UInt64) {
    for seed in part * 4..<part * 4 + 4 {
      if let fault = run(seed, snapshots: seed % 2 == 0) { Issue.record("\(fault)") }
    }
  }

  @Test("canary: a disk that tells of frames it has not kept is caught within 10 seeds")
  func liar() {
    let caught = (0..<10).first { run($0, FakeDisk(lies: true), snapshots: false) != nil }
    #expect(caught != nil, "ten seeds, and nobody noticed")
  }
}
