// SPDX-License-Identifier: Apache-2.0
import Governance
import Testing
import Units

/// Planted abuse is found, ordinary days are not. Times are of 2026-03-02 in the mechanism's zone.
@Suite("risk rules") struct RiskTests {
  static func rule(
    _ kind: RiskRule.Kind, _ least: Int, days: Int = 7, scenes: [String] = []
  ) -> RiskRule {
    RiskRule(
      code: kind.rawValue, chinese: "规则", english: "rule", kind: kind, atLeast: least, days: days,
      scenes: scenes, source: "test")
  }

  static func trip(
    _ fact: UInt64, citizen: UInt32 = 1, partner: UInt16 = 1, from: Double, to: Double,
    day: String = "2026-03-02", values: UInt64 = 0, vehicle: UInt64 = 0, held: Bool = false,
    scene: UInt16 = 1
  ) -> Trip {
    let start = Day(day)!.start(offset: 28_800).milliseconds
    return Trip(
      citizen: citizen, fact: fact, scene: scene, partner: partner,
      began: start + Int64(from * 3_600_000), ended: start + Int64(to * 3_600_000),
      values: values, vehicle: vehicle, isHeld: held, isTravel: true)
  }

  static func findings(_ rule: RiskRule, scenes: Set<UInt16> = [], _ trips: [Trip]) -> [RiskFinding]
  {
    var scan = RiskScan([(rule: rule, scenes: scenes)], day: Day("2026-03-02")!, zone: 28_800)
    for trip in trips { scan.add(trip) }
    return scan.findings()
  }

  @Test func twoPlacesAtOnceButNotOneAfterTheOther() {
    let overlap = Self.rule(.overlap, 1)
    let busy = [
      Self.trip(1, from: 8, to: 9), Self.trip(2, partner: 2, from: 8.5, to: 9.25),
      Self.trip(3, partner: 2, from: 10, to: 11), Self.trip(4, from: 11, to: 12),
    ]
    #expect(
      Self.findings(overlap, busy) == [
        RiskFinding(citizen: 1, rule: "overlap", count: 1, evidence: [1, 2])
      ])
    // Half a minute is two clocks, and one partner's overlap is that partner's to explain.
    let good = [
      Self.trip(1, from: 8, to: 9), Self.trip(2, partner: 2, from: 8.995, to: 10),
      Self.trip(3, from: 11, to: 12), Self.trip(4, from: 11.5, to: 12),
    ]
    #expect(Self.findings(overlap, good).isEmpty)
    let two = [Self.trip(1, from: 8, to: 9), Self.trip(2, citizen: 2, partner: 2, from: 8, to: 9)]
    #expect(Self.findings(overlap, two).isEmpty, "two citizens are in two places")
  }

  @Test func moreHoursThanADayHas() {
    let hours = Self.rule(.hours, 16)
    let long = (0..<5).map {
      Self.trip(UInt64($0 + 1), from: Double($0) * 4, to: Double($0) * 4 + 4)
    }
    let found = Self.findings(hours, long)
    #expect(found.count == 1 && found[0].count == 20 && found[0].evidence == [1, 2, 3, 4, 5])
    #expect(Self.findings(hours, Array(long.prefix(4))).isEmpty, "sixteen is not more than sixteen")
    // The same hours over two days.
    let apart = long.enumerated().map { index, trip in
      Self.trip(
        trip.fact, from: Double(index) * 4, to: Double(index) * 4 + 4,
        day: index < 2 ? "2026-03-01" : "2026-03-02")
    }
    #expect(Self.findings(hours, apart).isEmpty)
  }

  @Test func theVerySameValuesAgain() {
    let same = Self.rule(.repetition, 3)
    let trips = (1...4 as ClosedRange<UInt64>).map {
      Self.trip($0, from: Double($0), to: Double($0) + 0.5, values: $0 == 4 ? 9 : 5)
    }
    #expect(Self.findings(same, trips).map(\.evidence) == [[1, 2, 3]])
    let other = trips.map { trip in
      var trip = trip
      trip.scene = UInt16(trip.fact)
      return trip
    }
    #expect(Self.findings(same, other).isEmpty, "each in a scene of its own")
  }

  @Test func oftenHeldWithinTheWindowOnly() {
    let held = Self.rule(.quarantined, 2, days: 2)
    func trips(_ day: String) -> [Trip] {
      [
        Self.trip(1, from: 8, to: 9, day: day, held: true),
        Self.trip(2, from: 10, to: 11, held: true), Self.trip(3, from: 12, to: 13),
      ]
    }
    #expect(Self.findings(held, trips("2026-03-01")).map(\.evidence) == [[1, 2]])
    #expect(Self.findings(held, trips("2026-02-28")).isEmpty)
  }

  @Test func oneVehicleManyAccountsInTheScenesThatAreNamed() {
    let vehicle = Self.rule(.vehicle, 3, scenes: ["car"])
    let trips = (1...3 as ClosedRange<UInt32>).map {
      Self.trip(UInt64($0), citizen: $0, from: 8, to: 9, vehicle: 77, scene: 5)
    }
    #expect(Self.findings(vehicle, scenes: [5], trips).map(\.citizen) == [1, 2, 3])
    #expect(Self.findings(vehicle, scenes: [6], trips).isEmpty, "a bus is many people's")
    #expect(Self.findings(vehicle, scenes: [5], Array(trips.prefix(2))).isEmpty)
  }
}
