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
      newest.reach(Int(report.citizen.raw))
      newest[Int(report.citizen.raw)] = number.raw
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
      let partner = UInt32(report.partner.raw) & UInt32(Activity.partnersMax)
      let (start, end) = report.interval(scene)
      activity.append(
        Activity(
          ended: end, duration: UInt16(end - start), scene: report.scene.raw,
          pointsAndPartner: UInt32(record.points) << 12 | partner), to: report.citizen.raw)
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
      Activity(
        ended: end, duration: UInt16(end - start), scene: report.scene.raw, pointsAndPartner: 0),
      to: index)
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

  package func prefetch(_ fact: UnsafeRawPointer) {
    seen.prefetch(UInt64(littleEndian: fact.loadUnaligned(fromByteOffset: 24, as: UInt64.self)))
    let citizen = UInt32(littleEndian: fact.loadUnaligned(fromByteOffset: 20, as: UInt32.self))
    activity.prefetchHead(citizen)
    newest.prefetch(Int(citizen))
  }

  package func prefetchHistory(_ fact: UnsafeRawPointer) {
    let citizen = UInt32(littleEndian: fact.loadUnaligned(fromByteOffset: 20, as: UInt32.self))
    // The number comes from a disk.
    if activity.knows(citizen) { activity.prefetchBlock(citizen) }
  }
}
