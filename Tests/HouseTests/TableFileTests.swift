// SPDX-License-Identifier: Apache-2.0
import Testing
import Units

@testable import tanpuhui

/// The two real files, whole. Expected figures were calculated by an independent program in Python
/// (csv, fractions, zoneinfo).
@Suite struct TableFileTests {
  private func read(_ file: String, map: String) throws -> (events: [TableEvent], faults: Int) {
    let map = try TableMap(path: RealData.repository + "/Examples/maps/" + map)
    var events: [TableEvent] = []
    var faults = 0
    var last: TableFile.Progress?
    try TableFile(path: file, map: map).read { outcomes, progress in
      for outcome in outcomes {
        if case .event(let event) = outcome { events.append(event) } else { faults += 1 }
      }
      last = progress
      return true
    }
    #expect(last?.bytesRead == last?.bytesTotal)
    return (events, faults)
  }

  @Test func aDayOfDocklessBikes() throws {
    let name = "bike-dockless-singapore/trips_20170911.tsv"
    guard let file = RealData.path(name, for: "a day of dockless bikes") else { return }
    let (events, faults) = try read(file, map: "bike-singapore.json")
    #expect(events.count == 31_630)
    #expect(faults == 0)
    #expect(Set(events.map(\.id)).count == 31_630)
    #expect(Set(events.map(\.vehicle)).count == 13_674)
    #expect(events.reduce(0) { $0 + $1[.distanceMetres]!.millionths } == 27_447_866_653_688)
    #expect(events.reduce(0) { $0 + $1[.durationSeconds]!.millionths } == 18_932_954_000_000)
    let first = events[0]
    #expect(first.line == 2)
    #expect(first.id == "89852")
    #expect(first.subject == "rider-4852")
    #expect(first.time == Instant(seconds: 1_505_085_748))
    #expect(first[.distanceMetres] == Measured(millionths: 234_515_360))

    let plausible = events.filter {
      let metres = $0[.distanceMetres]!.millionths
      let seconds = $0[.durationSeconds]!.millionths
      return (500_000_000...20_000_000_000).contains(metres)
        && (120_000_000...7_200_000_000).contains(seconds) && metres * 3600 <= seconds * 25_000
    }
    #expect(plausible.count == 18_843)
    #expect(plausible.reduce(0) { $0 + $1[.distanceMetres]!.millionths } == 22_112_716_566_043)
  }

  @Test func threeYearsOfCharging() throws {
    let name = "ev-sessions-acn/california_ev_sessions.csv"
    guard let file = RealData.path(name, for: "three years of charging") else { return }
    let (events, faults) = try read(file, map: "ev-acn.json")
    #expect(events.count == 30_114)
    #expect(faults == 0)
    #expect(Set(events.map(\.subject)).count == 511)
    #expect(Set(events.map(\.site)).count == 52)
    #expect(events.reduce(0) { $0 + $1[.energyWattHours]!.millionths } == 442_037_230_000_000)
    #expect(events.reduce(0) { $0 + $1[.durationSeconds]!.millionths } == 747_125_880_000_000)
    #expect(events.reduce(0) { $0 + $1.time.seconds } == 47_425_330_341_900)
  }

  @Test func aFileThatIsNotThereSaysSo() throws {
    let map = try TableMap(path: RealData.repository + "/Examples/maps/ev-acn.json")
    #expect(throws: TableFailure("nowhere.csv cannot be opened: No such file or directory")) {
      try TableFile(path: "nowhere.csv", map: map).read { _, _ in true }
    }
  }
}
