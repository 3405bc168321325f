// SPDX-License-Identifier: Apache-2.0
// WHAT-IF REPORT. 模拟测算: the journal under a draft, beside what really was, in sums people ask for.
//
//   a store of its own ──frames──▶ WhatIf ──▶ by scene, family, partner, month; who gains and loses
//
// It reads through a connection of its own and decides in a state of its own: the desk at work does
// not notice but for the memory and the processor's time, and that is asked for at the lowest
// priority.

import Behaviour
import Journal
import Mechanism
import Membership
import Policy
import Storage
import Units

package struct WhatIfReport: Codable, Sendable {
  /// One line of a table: as it was, and as the draft has it.
  package struct Row: Codable, Hashable, Sendable {
    package var code: String
    package var chinese: String
    package var english: String
    package var before = WhatIfSums()
    package var after = WhatIfSums()
    /// What the points are worth by the ratios of their months; nil where there is none.
    package var fenBefore: Int64?
    package var fenAfter: Int64?
  }

  /// How many people gain or lose so many points: from `least` to the next band's least.
  package struct Band: Codable, Hashable, Sendable {
    package var least: Int64
    package var gain = 0
    package var lose = 0
  }

  package struct Person: Codable, Hashable, Sendable {
    package var citizen: UInt32
    package var before: Int64
    package var after: Int64
  }

  package var version = ""
  package var frames: UInt64 = 0
  package var reports: UInt64 = 0
  package var milliseconds: Int64 = 0
  package var total = Row(code: "", chinese: "", english: "")
  package var scenes: [Row] = []
  package var families: [Row] = []
  package var partners: [Row] = []
  package var months: [Row] = []
  package var gain = 0
  package var lose = 0
  package var same = 0
  package var gained: Int64 = 0
  package var lost: Int64 = 0
  package var bands: [Band] = []
  /// Who gains and who loses the most, the most first.
  package var winners: [Person] = []
  package var losers: [Person] = []

  static let bandsLeast: [Int64] = [1, 10, 50, 100, 500, 1000]
  static let personsMax = 10

  /// What besides journal and draft decides the sums: names and ratios as they are now.
  package struct Setting: Sendable {
    package var pack: Pack?
    package var partners: [(code: String, name: String)] = []
    package var ratios: [(from: Day, ratio: Ratio)] = []
    /// The highest frame to read: what came later is not waited for.
    package var last: UInt64 = .max
    /// Whether events were ever withdrawn: then the journal is read twice.
    package var hasWithdrawals = false

    package init(_ state: borrowing Mechanism.State) {
      pack = state.pack
      partners = state.membership.partners.map { ($0.code, $0.name) }
      ratios = state.approvedRatios.map { ($0.from, $0.ratio) }
      last = state.lastSequence
      hasWithdrawals = state.behaviour.hasWithdrawals
    }
  }

  /// Reads the whole journal. `progress` is told each frame, and stops it with false.
  package static func run(
    code: String, store: any JournalStore, draft files: [Pack.File], setting: Setting,
    citizensMax: Int = 1 << 26, clock: Clock = systemClock,
    progress: (UInt64) -> Bool = { _ in true }
  ) throws -> WhatIfReport? {
    let began = clock()
    var trial = WhatIf(code: code, draft: files, citizensMax: citizensMax)
    var stopped = false
    var frames: UInt64 = 0
    if setting.hasWithdrawals {
      try store.read(from: 1) { place, bytes in
        try trial.expect(FrameView(bytes))
        return place.sequence < setting.last
      }
    }
    try store.read(from: 1) { place, bytes in
      guard place.sequence <= setting.last else { return false }
      try trial.take(FrameView(bytes))
      frames = place.sequence
      stopped = !progress(place.sequence)
      return !stopped
    }
    guard !stopped else { return nil }
    if let fault = trial.state.audit() { throw FrameFault("under the draft, \(fault)") }
    var report = WhatIfReport()
    report.frames = frames
    report.reports = trial.reports
    report.version = trial.state.pack?.version ?? ""
    report.fill(trial, setting)
    report.compare(trial)
    report.milliseconds = clock().milliseconds - began.milliseconds
    return report
  }

  private mutating func fill(_ trial: borrowing WhatIf, _ setting: Setting) {
    let draft = trial.state.pack
    func ratio(_ month: Int32, _ pack: Pack?) -> Ratio? {
      let last = Day(Day(ofMonth: Int(month) + 1).number - 1)
      return setting.ratios.last { $0.from <= last }?.ratio ?? pack?.points.worth
    }
    var rows: [String: [String: Row]] = [:]
    func take(_ side: WhatIfSide, _ pack: Pack?, _ isAfter: Bool) {
      // Worth is rounded down once for each row and month, not for each report.
      var months: [String: [String: [Int32: Int64]]] = [:]
      for (key, sums) in side.sums {
        for (table, row) in names(key, draft ?? setting.pack, setting) {
          var found = rows[table]?[row.code] ?? row
          if isAfter { found.after += sums } else { found.before += sums }
          rows[table, default: [:]][row.code] = found
          months[table, default: [:]][row.code, default: [:]][key.month, default: 0] += sums.points
        }
      }
      for (table, codes) in months {
        for (code, points) in codes {
          var fen: Int64?
          for (month, points) in points {
            guard let ratio = ratio(month, pack) else { continue }
            fen = (fen ?? 0) + ratio.worth(of: Points(points)).count
          }
          if isAfter {
            rows[table]?[code]?.fenAfter = fen
          } else {
            rows[table]?[code]?.fenBefore = fen
          }
        }
      }
    }
    take(trial.before, setting.pack, false)
    take(trial.after, draft, true)
    total = rows["total"]?[""] ?? total
    func table(_ name: String) -> [Row] {
      (rows[name] ?? [:]).values.sorted {
        $0.before.points != $1.before.points
          ? $0.before.points > $1.before.points : $0.code < $1.code
      }
    }
    scenes = table("scene")
    families = table("family")
    partners = table("partner")
    months = table("month").sorted { $0.code < $1.code }
  }

  /// The rows that a key's sums belong to.
  private func names(
    _ key: WhatIfKey, _ pack: Pack?, _ setting: Setting
  ) -> [(table: String, row: Row)] {
    var rows = [("total", Row(code: "", chinese: "", english: ""))]
    let index = Int(key.scene) - 1
    let all = pack?.behaviour.scenes ?? []
    if all.indices.contains(index) {
      let scene = all[index]
      rows.append(
        (
          "scene",
          Row(code: scene.code, chinese: scene.name.chinese, english: scene.name.english)
        ))
      let families = pack?.behaviour.families ?? []
      if families.indices.contains(scene.family) {
        let family = families[scene.family]
        rows.append(
          (
            "family",
            Row(code: family.code, chinese: family.name.chinese, english: family.name.english)
          ))
      }
    }
    let partner = Int(key.partner) - 1
    if setting.partners.indices.contains(partner) {
      let (code, name) = setting.partners[partner]
      rows.append(("partner", Row(code: code, chinese: name, english: name)))
    }
    let month = String(Day(ofMonth: Int(key.month)).description.prefix(7))
    rows.append(("month", Row(code: month, chinese: month, english: month)))
    return rows
  }

  private mutating func compare(_ trial: borrowing WhatIf) {
    bands = WhatIfReport.bandsLeast.map { Band(least: $0) }
    var changed: [Person] = []
    for citizen in 1...max(1, Int(trial.state.membership.citizenCount)) {
      let before = trial.before.points(of: citizen)
      let after = trial.after.points(of: citizen)
      let change = after - before
      guard change != 0 else {
        same += 1
        continue
      }
      let band = bands.lastIndex { $0.least <= abs(change) } ?? 0
      if change > 0 {
        gain += 1
        gained += change
        bands[band].gain += 1
      } else {
        lose += 1
        lost -= change
        bands[band].lose += 1
      }
      changed.append(Person(citizen: UInt32(citizen), before: before, after: after))
      if changed.count >= 4096 { keepExtremes(&changed) }
    }
    keepExtremes(&changed)
  }

  /// Keeps who gains and who loses the most, and forgets the others.
  private mutating func keepExtremes(_ changed: inout [Person]) {
    func order(_ a: Person, _ b: Person) -> Bool {
      let (x, y) = (abs(a.after - a.before), abs(b.after - b.before))
      return x != y ? x > y : a.citizen < b.citizen
    }
    let up = (winners + changed.filter { $0.after > $0.before }).sorted(by: order)
    let down = (losers + changed.filter { $0.after < $0.before }).sorted(by: order)
    winners = Array(up.prefix(WhatIfReport.personsMax))
    losers = Array(down.prefix(WhatIfReport.personsMax))
    changed.removeAll(keepingCapacity: true)
  }
}
