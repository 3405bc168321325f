// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

extension State {
  /// Takes over one decided report. Never fails: what could fail was decided before.
  @inline(__always)
  package mutating func apply(_ fact: RecordView, _ number: FactNumber, _ hot: HotRules) {
    let origin = fact.origin
    if origin == .reported {
      precondition(number.raw <= UInt64(UInt32.max), "a partition holds at most 2^32 facts")
      seen.insert(fact.key, value: UInt32(truncatingIfNeeded: number.raw), extra: fact.content)
    } else {
      forget(fact)
    }
    let outcome = fact.outcome
    counters.reach(Int(fact.scene.raw))
    let counter = counters.base + Int(fact.scene.raw)
    counter.pointee.add(1, to: outcome)
    if origin == .waited { counter.pointee.add(-1, to: .waiting) }
    if origin == .quarantined { counter.pointee.add(-1, to: .quarantined) }
    let citizen = fact.citizen
    if !citizen.isNone {
      activity.setNewest(UInt32(truncatingIfNeeded: number.raw), of: citizen.raw)
    }
    switch outcome {
    case .accepted: log(fact, citizen, hot.scenes.baseAddress! + (Int(fact.scene.raw) - 1))
    case .waiting, .quarantined: hold(fact, number, hot)
    case .refused, .rejected, .duplicate: break
    }
  }

  @inline(__always) private mutating func log(
    _ fact: RecordView, _ citizen: CitizenID, _ scene: UnsafePointer<HotScene>
  ) {
    let points = fact.points
    if points > 0 || scene.pointee.exclusiveGroup != 0 {
      let pair = pairs.number(fact.scene, fact.partner)
      let (start, end) = fact.interval(scene)
      activity.append(
        Activity(
          ended: end, pointsAndPair: UInt32(truncatingIfNeeded: points) << 14 | pair,
          duration: UInt16(truncatingIfNeeded: end &- start)), to: citizen.raw)
    }
    if scene.pointee.exclusiveVehicle, fact.origin != .waited { logVehicle(fact, scene) }
  }

  private mutating func hold(_ fact: RecordView, _ number: FactNumber, _ hot: HotRules) {
    let held = Held(report: Record(fact).report, fact: number, reason: fact.reason)
    if fact.outcome == .quarantined {
      quarantine[number] = held
    } else {
      waiting[fact.alias, default: []].append(held)
      let scene = hot.scenes.baseAddress! + (Int(fact.scene.raw) - 1)
      if scene.pointee.exclusiveVehicle { logVehicle(fact, scene) }
    }
  }

  private mutating func logVehicle(_ fact: RecordView, _ scene: UnsafePointer<HotScene>) {
    let vehicle = fact.vehicle
    guard vehicle != 0 else { return }
    let index: UInt32
    if let known = vehicles.find(vehicle) {
      index = known.pointee.value
    } else {
      index = UInt32(vehicles.count + 1)
      vehicles.insert(vehicle, value: index, extra: 0)
    }
    let (start, end) = fact.interval(scene)
    vehicleActivity.append(
      Activity(ended: end, pointsAndPair: 0, duration: UInt16(end - start)), to: index)
  }

  private mutating func forget(_ fact: RecordView) {
    switch fact.origin {
    case .reported: break
    case .waited:
      waiting[fact.alias]?.removeAll { $0.fact == fact.originFact }
      if waiting[fact.alias]?.isEmpty == true { waiting[fact.alias] = nil }
    case .quarantined: quarantine[fact.originFact] = nil
    }
  }

  /// Two steps ahead of a report's fact that will be applied. What is read comes from a disk.
  @inline(__always) package func prefetchFar(fact: UnsafeRawPointer) {
    let fact = RecordView(fact)
    seen.prefetchTags(fact.key)
    if activity.knows(fact.citizen.raw) { activity.prefetch(fact.citizen.raw) }
  }

  @inline(__always) package func prefetchNear(fact: UnsafeRawPointer) {
    seen.prefetchEntry(RecordView(fact).key)
  }
}
