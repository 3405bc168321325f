// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Glibc
import Reference
import Testing

@Suite("simulation by seed") struct SimulationTests {
  /// Runs one seed in a folder of its own; answers what was wrong, and which reasons were met.
  private func run(
    _ seed: UInt64, _ disk: FakeDisk = FakeDisk(), model: Model = Model(),
    snapshots: Bool = false
  ) -> (fault: String?, met: [Reason: Int]) {
    var template = Array("/tmp/simulation-XXXXXX".utf8CString)
    let folder = String(cString: mkdtemp(&template))
    defer {
      for name in ["snapshot", "snapshot.new"] { unlink("\(folder)/\(name)") }
      rmdir(folder)
    }
    var simulation = Simulation(
      seed: seed, disk: disk, model: model, snapshot: snapshots ? "\(folder)/snapshot" : nil)
    simulation.run(lives: 6)
    return (simulation.fault, simulation.met)
  }

  @Test("crashes around each append lose nothing, double nothing, and change no answer")
  func crashes() {
    var met: [Reason: Int] = [:]
    for seed in 0..<UInt64(40) {
      let (fault, reasons) = run(seed, snapshots: seed % 2 == 0)
      if let fault { Issue.record("\(fault)") }
      met.merge(reasons, uniquingKeysWith: +)
    }
    let common: [Reason] = [
      .none, .duplicate, .idReused, .belowMinimum, .tooFast, .aboveMaximum, .vehicleOverlap,
      .reportedTwice, .accountFrozen,
      .notLinked, .capReached, .sceneNotGranted, .fromTheFuture,
    ]
    #expect(common.allSatisfy { met[$0] != nil }, "forty seeds meet everything: \(met)")
  }

  @Test("a budget, a campaign and expiry hold through crashes")
  func policy() {
    var met: [Reason: Int] = [:]
    for seed in 0..<UInt64(30) {
      var model = Model()
      model.policy = Model.Policy()
      let (fault, reasons) = run(seed, model: model, snapshots: seed % 2 == 0)
      if let fault { Issue.record("\(fault)") }
      met.merge(reasons, uniquingKeysWith: +)
    }
    #expect(met[.budgetReached] != nil && met[.capReached] != nil, "\(met)")
    var spendthrift = Model()
    spendthrift.policy = Model.Policy()
    spendthrift.policy?.forgetsReleases = true
    #expect((0..<30).contains { run($0, model: spendthrift).fault != nil }, "a canary")
  }

  /// The first of ten seeds that notices.
  private func caught(_ disk: () -> FakeDisk = { FakeDisk() }, _ model: Model = Model()) -> UInt64?
  {
    (0..<10).first { run($0, disk(), model: model).fault != nil }
  }

  @Test("canary: a disk that tells of frames it has not kept is caught within 10 seeds")
  func liar() {
    #expect(caught({ FakeDisk(lies: true) }) != nil, "ten seeds, and nobody noticed")
  }

  @Test("canaries: a day's cap off by one, an id forgotten, days of another zone are caught")
  func rules() {
    var generous = Model()
    generous.bikesADay = 6
    var forgetful = Model()
    forgetful.forgetsIds = true
    var foreign = Model()
    foreign.capsInGreenwich = true
    #expect(caught({ FakeDisk() }, generous) != nil, "a cap off by one")
    #expect(caught({ FakeDisk() }, forgetful) != nil, "an id forgotten")
    #expect(caught({ FakeDisk() }, foreign) != nil, "days of another zone")
  }
}
