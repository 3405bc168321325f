// SPDX-License-Identifier: Apache-2.0
// RISK SCAN. The pack's risk rules over the trips of some days. A pure function of what it is fed.
//
//   trips of the window ──by citizen──▶ held, repeated, overlapping, hours ─┐
//                       ──by vehicle──▶ shared by many accounts ────────────┴▶ findings
//
// It decides nothing: a finding becomes a case, and a case is for people.

import Units

/// One report, as far as risk rules look at it.
package struct Trip: Sendable {
  package var citizen: UInt32
  package var fact: UInt64
  package var scene: UInt16
  package var partner: UInt16
  /// Milliseconds since 1970; the same where no duration was measured.
  package var began: Int64
  package var ended: Int64
  /// A digest of the measured values; zero where the scene measures none.
  package var values: UInt64
  package var vehicle: UInt64
  package var isHeld: Bool
  /// Whether distance and duration were measured: somebody was on the way.
  package var isTravel: Bool

  package init(
    citizen: UInt32, fact: UInt64, scene: UInt16, partner: UInt16, began: Int64, ended: Int64,
    values: UInt64, vehicle: UInt64, isHeld: Bool, isTravel: Bool
  ) {
    self.citizen = citizen
    self.fact = fact
    self.scene = scene
    self.partner = partner
    self.began = began
    self.ended = ended
    self.values = values
    self.vehicle = vehicle
    self.isHeld = isHeld
    self.isTravel = isTravel
  }
}

/// What a rule found about a citizen: no more than a reason to look.
package struct RiskFinding: Hashable, Sendable {
  /// More evidence than a person reads is left out.
  package static let evidenceMax = 50

  package var citizen: UInt32
  package var rule: String
  package var count: Int
  package var evidence: [UInt64]

  package init(citizen: UInt32, rule: String, count: Int, evidence: [UInt64]) {
    self.citizen = citizen
    self.rule = rule
    self.count = count
    self.evidence = Array(Set(evidence).sorted().suffix(RiskFinding.evidenceMax))
  }
}

package struct RiskScan {
  /// Trips that overlap by less are two clocks that differ.
  static let slackMilliseconds: Int64 = 60_000

  private let rules: [(rule: RiskRule, scenes: Set<UInt16>)]
  private let day: Day
  private let zone: Int32
  private var trips: [UInt32: [Trip]] = [:]

  /// `rules` with the numbers of their scenes; `day` is the last day that is looked at.
  package init(_ rules: [(rule: RiskRule, scenes: Set<UInt16>)], day: Day, zone: Int32) {
    self.rules = rules
    self.day = day
    self.zone = zone
  }

  /// The first day that any rule looks at.
  package var firstDay: Day {
    Day(day.number - Int32(rules.map(\.rule.days).max() ?? 1) + 1)
  }

  package mutating func add(_ trip: Trip) {
    let on = Instant(milliseconds: trip.ended).day(offset: zone)
    guard trip.citizen > 0, on >= firstDay, on <= day else { return }
    trips[trip.citizen, default: []].append(trip)
  }

  /// By citizen, then in the order of the pack's rules.
  package func findings() -> [RiskFinding] {
    var findings: [RiskFinding] = []
    let shared = rules.map { $0.rule.kind == .vehicle ? vehicles($0.rule, $0.scenes) : [:] }
    for citizen in trips.keys.sorted() {
      for (index, (rule, scenes)) in rules.enumerated() {
        let own = chosen(trips[citizen] ?? [], rule, scenes)
        let found: (count: Int, evidence: [UInt64])? =
          switch rule.kind {
          case .quarantined: held(own, rule)
          case .repetition: repeated(own, rule)
          case .overlap: overlapping(own, rule)
          case .hours: hours(own, rule)
          case .vehicle: shared[index][citizen]
          }
        if let found {
          findings.append(
            RiskFinding(
              citizen: citizen, rule: rule.code, count: found.count, evidence: found.evidence))
        }
      }
    }
    return findings
  }

  private func chosen(_ trips: [Trip], _ rule: RiskRule, _ scenes: Set<UInt16>) -> [Trip] {
    let first = day.number - Int32(rule.days) + 1
    return trips.filter {
      (scenes.isEmpty || scenes.contains($0.scene))
        && Instant(milliseconds: $0.ended).day(offset: zone).number >= first
    }
  }

  private func held(_ trips: [Trip], _ rule: RiskRule) -> (Int, [UInt64])? {
    let held = trips.filter(\.isHeld)
    return held.count >= rule.atLeast ? (held.count, held.map(\.fact)) : nil
  }

  private func repeated(_ trips: [Trip], _ rule: RiskRule) -> (Int, [UInt64])? {
    var same: [UInt64: [UInt64]] = [:]
    for trip in trips where trip.values != 0 {
      same[trip.values &+ UInt64(trip.scene), default: []].append(trip.fact)
    }
    let most = same.values.filter { $0.count >= rule.atLeast }
    return most.isEmpty ? nil : (most.map(\.count).max() ?? 0, most.flatMap { $0 })
  }

  private func overlapping(_ trips: [Trip], _ rule: RiskRule) -> (Int, [UInt64])? {
    let moving = trips.filter { $0.isTravel && $0.ended > $0.began }
      .sorted { ($0.began, $0.fact) < ($1.began, $1.fact) }
    var pairs = 0
    var evidence: [UInt64] = []
    for (index, trip) in moving.enumerated() {
      for other in moving[(index + 1)...] {
        guard other.began < trip.ended - RiskScan.slackMilliseconds else { break }
        guard other.partner != trip.partner,
          min(trip.ended, other.ended) - other.began > RiskScan.slackMilliseconds
        else { continue }
        pairs += 1
        evidence += [trip.fact, other.fact]
      }
    }
    return pairs >= rule.atLeast ? (pairs, evidence) : nil
  }

  private func hours(_ trips: [Trip], _ rule: RiskRule) -> (Int, [UInt64])? {
    var days: [Int32: (milliseconds: Int64, facts: [UInt64])] = [:]
    for trip in trips where trip.isTravel {
      let on = Instant(milliseconds: trip.ended).day(offset: zone).number
      days[on, default: (0, [])].milliseconds += trip.ended - trip.began
      days[on]?.facts.append(trip.fact)
    }
    let over = days.values.filter { $0.milliseconds > Int64(rule.atLeast) * 3_600_000 }
    guard let most = over.map(\.milliseconds).max() else { return nil }
    return (Int(most / 3_600_000), over.flatMap(\.facts))
  }

  /// By citizen: how many accounts use a vehicle of theirs, and with which reports.
  private func vehicles(
    _ rule: RiskRule, _ scenes: Set<UInt16>
  ) -> [UInt32: (count: Int, evidence: [UInt64])] {
    var users: [UInt64: [UInt32: [UInt64]]] = [:]
    for (citizen, all) in trips {
      for trip in chosen(all, rule, scenes) where trip.vehicle != 0 {
        users[trip.vehicle, default: [:]][citizen, default: []].append(trip.fact)
      }
    }
    var found: [UInt32: (count: Int, evidence: [UInt64])] = [:]
    for accounts in users.values where accounts.count >= rule.atLeast {
      for (citizen, facts) in accounts {
        let before = found[citizen]
        found[citizen] = (
          max(before?.count ?? 0, accounts.count), (before?.evidence ?? []) + facts
        )
      }
    }
    return found
  }
}
