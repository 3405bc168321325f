// SPDX-License-Identifier: Apache-2.0
// What a draft would have come to, beside what really was: sums by scene, partner and month, and
// what each citizen got. Two additions a report; everything else is worked out at the end.

import Behaviour
import Journal
import Units

/// Reports, grams and points.
package struct WhatIfSums: Codable, Hashable, Sendable {
  package var reports: Int64 = 0
  package var grams: Int64 = 0
  package var points: Int64 = 0
  package init() {}

  package mutating func add(_ record: Record, _ sign: Int64 = 1) {
    reports += sign
    grams += sign * record.grams
    points += sign * Int64(record.points)
  }
  package static func += (a: inout WhatIfSums, b: WhatIfSums) {
    a.reports += b.reports
    a.grams += b.grams
    a.points += b.points
  }
}

/// What a comparison is kept by: the month of the behaviour, its scene, its partner.
package struct WhatIfKey: Hashable, Sendable {
  package var month: Int32
  package var scene: UInt16
  package var partner: UInt16
}

/// One side: as it was, or as the draft has it.
package struct WhatIfSide: Sendable {
  package private(set) var sums: [WhatIfKey: WhatIfSums] = [:]
  /// By citizen's number.
  package private(set) var citizens: [Int64] = []
  private var lastDay = Day(.min)
  private var lastMonth: Int32 = 0

  package init() {}

  mutating func remove(_ record: Record, zone: Int32) { add(record, zone: zone, sign: -1) }

  mutating func add(_ record: Record, zone: Int32, sign: Int64 = 1) {
    guard record.outcome == .accepted else { return }
    let day = Instant(milliseconds: record.report.ended).day(offset: zone)
    if day != lastDay {
      let civil = day.civil
      (lastDay, lastMonth) = (day, Int32(civil.year * 12 + civil.month - 1))
    }
    let key = WhatIfKey(
      month: lastMonth, scene: record.report.scene.raw, partner: record.report.partner.raw)
    sums[key, default: WhatIfSums()].add(record, sign)
    let citizen = Int(record.report.citizen.raw)
    if citizen >= citizens.count {
      citizens += [Int64](repeating: 0, count: max(citizen + 1 - citizens.count, citizens.count))
    }
    citizens[citizen] += sign * Int64(record.points)
  }

  package func points(of citizen: Int) -> Int64 {
    citizen < citizens.count ? citizens[citizen] : 0
  }
}
