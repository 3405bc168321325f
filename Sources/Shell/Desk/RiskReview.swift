// SPDX-License-Identifier: Apache-2.0
// RISK REVIEW. The journal's last days under the pack's risk rules, away from the desk.
//
//   journal ──frames of the window──▶ trips ──RiskScan──▶ findings ──command──▶ cases
//
// It reads frames as pages do, and asks nothing of the clerk but the last command. Frames are in
// order of time, so it begins where the window does, less the time that reports may come late.

import Behaviour
import Governance
import Journal
import Mechanism
import Policy
import Units

package enum RiskReview {
  /// Reports that came later than this after their day are not looked at again.
  static let lateDays: Int32 = 7

  /// What the rules of the pack in force find about the days up to `day`.
  package static func findings(
    _ clerk: Clerk, store: any JournalStore, day: Day
  ) throws -> [RiskFinding] {
    let (rules, zone, travel) = clerk.read { state in
      let risks = state.pack?.care?.risks ?? []
      let numbered = risks.map { rule in
        (rule: rule, scenes: Set(rule.scenes.compactMap { state.scene(code: $0)?.raw }))
      }
      var slots: [UInt16: Slots] = [:]
      for scene in state.pack?.behaviour.scenes ?? [] {
        slots[scene.id.raw] = Slots(
          duration: scene.slot(of: .durationSeconds), distance: scene.slot(of: .distanceMetres))
      }
      return (numbered, state.pack?.zone ?? 28_800, slots)
    }
    guard !rules.isEmpty else { return [] }
    var scan = RiskScan(rules, day: day, zone: zone)
    let first = scan.firstDay.start(offset: zone)
    let last = Day(day.number + RiskReview.lateDays + 1).start(offset: zone)
    var fault: FrameFault?
    try store.read(from: try begin(store, first)) { _, bytes in
      do {
        let frame = try FrameView(bytes)
        guard frame.header.time < last else { return false }
        guard frame.header.time >= first else { return true }
        try frame.forEachFact { number, fact in
          guard FactHeader(fact.baseAddress!).kind == Record.kind else { return }
          let record = try Record(reading: fact)
          if let trip = trip(record, number, travel[record.report.scene.raw]) { scan.add(trip) }
        }
        return true
      } catch {
        fault = error as? FrameFault ?? FrameFault("does not read")
        return false
      }
    }
    if let fault { throw fault }
    return scan.findings()
  }

  private struct Slots: Sendable {
    var duration: Int?
    var distance: Int?
  }

  /// The first frame that is not earlier than a moment, by halves.
  private static func begin(_ store: any JournalStore, _ moment: Instant) throws -> UInt64 {
    var low: UInt64 = 1
    var high = (try store.last()?.sequence ?? 0) + 1
    while low < high {
      let middle = (low + high) / 2
      var time = Instant(milliseconds: .max)
      try store.read(from: middle) { _, bytes in
        if let frame = try? FrameView(bytes) { time = frame.header.time }
        return false
      }
      if time < moment { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Nil for what is nobody's, refused, or decided again: its first fact was looked at.
  private static func trip(_ record: Record, _ number: FactNumber, _ slots: Slots?) -> Trip? {
    guard record.origin != .quarantined, !record.report.citizen.isNone,
      record.outcome == .accepted || record.outcome == .quarantined
    else { return nil }
    let values = record.report.values
    func value(_ slot: Int) -> Int64 {
      switch slot {
      case 0: values.0
      case 1: values.1
      case 2: values.2
      default: values.3
      }
    }
    let seconds = slots?.duration.map { value($0) / 1_000_000 } ?? 0
    let ended = record.report.ended
    var digest: UInt64 = 0
    for slot in 0..<Int(record.valueCount) {
      digest = (digest ^ UInt64(bitPattern: value(slot))) &* 0x9e37_79b9_7f4a_7c15
    }
    return Trip(
      citizen: record.report.citizen.raw, fact: number.raw, scene: record.report.scene.raw,
      partner: record.report.partner.raw, began: ended - max(0, seconds) * 1000, ended: ended,
      values: digest, vehicle: record.report.vehicle,
      isHeld: record.outcome == .quarantined && record.reason != .accountFrozen,
      isTravel: slots?.duration != nil && slots?.distance != nil)
  }
}
