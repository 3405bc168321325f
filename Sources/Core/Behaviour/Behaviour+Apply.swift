// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

extension Record {
  /// What is to be moved, or nil where nothing was credited.
  package var award: Award? {
    outcome == .accepted
      ? Award(citizen: report.citizen, scene: report.scene, points: points, grams: grams) : nil
  }
}

extension State {
  /// Takes over one decided report. Never fails: what could fail was decided before.
  @inline(__always)
  package mutating func apply(_ record: Record, _ number: FactNumber, _ hot: HotRules) {
    let report = record.report
    if record.origin == .reported {
      precondition(number.raw <= UInt64(UInt32.max), "a partition holds at most 2^32 facts")
      seen.insert(report.key, value: UInt32(number.raw), extra: report.content)
    } else {
      forget(record)
    }
    if !report.citizen.isNone {
      activity.setNewest(UInt32(number.raw), of: report.citizen.raw)
    }
    tally(record)
    switch record.outcome {
    case .accepted: log(record, hot)
    case .waiting:
      waiting[report.alias, default: []].append(
        Held(report: report, fact: number, reason: record.reason))
      logVehicle(record, hot.scenes[Int(report.scene.raw) - 1])
    case .quarantined:
      quarantine[number] = Held(report: report, fact: number, reason: record.reason)
    case .refused, .rejected, .duplicate: break
    }
  }

  @inline(__always) private mutating func log(_ record: Record, _ hot: HotRules) {
    let report = record.report
    let scene = hot.scenes[Int(report.scene.raw) - 1]
    if record.points > 0 || scene.exclusiveGroup != 0 {
      let pair = pairs.number(report.scene, report.partner)
      let (start, end) = report.interval(scene)
      activity.append(
        Activity(
          ended: end, pointsAndPair: UInt32(record.points) << 14 | pair,
          duration: UInt16(end - start)), to: report.citizen.raw)
    }
    if record.origin != .waited { logVehicle(record, scene) }
  }

  @inline(__always) private mutating func logVehicle(_ record: Record, _ scene: HotScene) {
    let report = record.report
    guard scene.exclusiveVehicle, report.vehicle != 0 else { return }
    let index: UInt32
    if let known = vehicles.find(report.vehicle) {
      index = known.pointee.value
    } else {
      index = UInt32(vehicles.count + 1)
      vehicles.insert(report.vehicle, value: index, extra: 0)
    }
    let (start, end) = report.interval(scene)
    vehicleActivity.append(
      Activity(ended: end, pointsAndPair: 0, duration: UInt16(end - start)), to: index)
  }

  private mutating func forget(_ record: Record) {
    switch record.origin {
    case .reported: break
    case .waited:
      waiting[record.report.alias]?.removeAll { $0.fact == record.originFact }
      if waiting[record.report.alias]?.isEmpty == true { waiting[record.report.alias] = nil }
    case .quarantined: quarantine[record.originFact] = nil
    }
  }

  @inline(__always) private mutating func tally(_ record: Record) {
    let scene = Int(record.report.scene.raw)
    while tallies.count <= scene { tallies.append(Tally()) }
    switch record.outcome {
    case .accepted: tallies[scene].accepted += 1
    case .waiting: tallies[scene].waiting += 1
    case .quarantined: tallies[scene].quarantined += 1
    case .refused: tallies[scene].refused += 1
    case .rejected: tallies[scene].rejected += 1
    case .duplicate: break
    }
    if record.origin == .waited { tallies[scene].waiting -= 1 }
    if record.origin == .quarantined { tallies[scene].quarantined -= 1 }
  }

  /// Two steps ahead of a report's fact that will be applied. What is read comes from a disk.
  package func prefetchFar(fact: UnsafeRawPointer) {
    seen.prefetchTags(key(fact))
    let citizen = UInt32(littleEndian: fact.loadUnaligned(fromByteOffset: 20, as: UInt32.self))
    if activity.knows(citizen) { activity.prefetch(citizen) }
  }

  package func prefetchNear(fact: UnsafeRawPointer) { seen.prefetchEntry(key(fact)) }

  @inline(__always) private func key(_ fact: UnsafeRawPointer) -> UInt64 {
    max(1, UInt64(littleEndian: fact.loadUnaligned(fromByteOffset: 24, as: UInt64.self)))
  }
}
