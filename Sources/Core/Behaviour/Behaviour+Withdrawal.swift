// SPDX-License-Identifier: Apache-2.0
// 撤回: a partner takes an event back.
//
//   accepted     its activity leaves the log: room under caps, the citizen's and vehicle's time
//   waiting      waits no more
//   quarantined  is held no more
//   refused, rejected   only marked
//
// Invariants
//   - An event is withdrawn once; the id stays used, so that it never comes back by being resent.
//   - What was decided meanwhile stays as it was decided: who got fewer points because of a cap
//     then does not get more now. Nothing is corrected in place.
//   - This room moves no value: the withdrawal names what had been credited, and Ledger takes it
//     back.

import Journal
import Units

/// 撤回原因: why. Codes, because a text written by people may name people.
package enum Grounds: String, Sendable, CaseIterable {
  case cancelled
  case wrongValues
  case wrongUser
  case reportedTwice
  case test
  case other
}

/// An event being taken back, with all that is to be undone: nobody need look for its facts again.
package struct Withdrawal: Sendable {
  /// The event's first fact, and the last that decided it; mostly the same.
  package var first: FactNumber
  package var last: FactNumber
  package var id: (UInt64, UInt64)
  package var alias: AliasID
  package var citizen: CitizenID
  package var scene: SceneID
  package var partner: PartnerID
  package var ended: Int64
  package var vehicle: UInt64
  /// Seconds, as the log has them.
  package var duration: UInt16
  /// How often the vehicle's log holds the ride.
  package var rides: UInt8
  /// As it stood until now.
  package var outcome: Outcome
  package var grams: Int64
  package var points: Int32
  package var previous: FactNumber
  package var grounds: Grounds

  package init(
    first: FactNumber, last: FactNumber, id: (UInt64, UInt64), alias: AliasID, citizen: CitizenID,
    scene: SceneID, partner: PartnerID, ended: Int64, vehicle: UInt64, duration: UInt16,
    rides: UInt8, outcome: Outcome, grams: Int64, points: Int32, previous: FactNumber,
    grounds: Grounds
  ) {
    self.first = first
    self.last = last
    self.id = id
    self.alias = alias
    self.citizen = citizen
    self.scene = scene
    self.partner = partner
    self.ended = ended
    self.vehicle = vehicle
    self.duration = duration
    self.rides = rides
    self.outcome = outcome
    self.grams = grams
    self.points = points
    self.previous = previous
    self.grounds = grounds
  }
}

/// What is remembered of it.
package struct Withdrawn: Sendable, Equatable {
  /// The fact that withdrew it.
  package var fact: FactNumber
  package var last: FactNumber
  package var outcome: Outcome
  package var grams: Int64
  package var points: Int32
  package var grounds: Grounds
  /// 更正: the first fact of the event that was sent instead; none for a mere withdrawal.
  package var replacement = FactNumber(0)
}

extension State {
  package var hasWithdrawals: Bool { !withdrawn.isEmpty }

  /// The fact under which an event's id was first written; nil for an id never seen.
  package func fact(of id: (UInt64, UInt64)) -> FactNumber? {
    var report = Report()
    report.id = id
    return seen.find(report.key).map { FactNumber(UInt64($0.pointee.value)) }
  }

  /// What came of the withdrawal of the event that this fact decided, or was replaced by.
  package func withdrawal(of fact: FactNumber) -> (first: FactNumber, Withdrawn)? {
    let first = withdrawnFirst[fact] ?? fact
    guard let found = withdrawn[first], fact == first || fact == found.last else { return nil }
    return (first, found)
  }

  /// The withdrawn event in whose place this one was sent; nil for nearly all.
  package func corrected(by fact: FactNumber) -> FactNumber? {
    guard let first = withdrawnFirst[fact], withdrawn[first]?.replacement == fact else {
      return nil
    }
    return first
  }

  /// Makes a withdrawal of an event's facts, first to last; nil where they are not its whole story
  /// by now: somebody decided it meanwhile.
  package func withdrawal(
    _ facts: [(FactNumber, Record)], grounds: Grounds, _ hot: HotRules
  ) -> Withdrawal? {
    guard let (first, opening) = facts.first, let (last, record) = facts.last,
      fact(of: opening.report.id) == first, opening.origin == .reported,
      isWhole(facts)
    else { return nil }
    let scene = hot.scenes.baseAddress! + (Int(record.report.scene.raw) - 1)
    let (start, end) = withUnsafePointer(to: record.report) { $0.interval(scene) }
    let logged = facts.count { _, one in
      one.outcome == .waiting || one.outcome == .accepted && one.origin != .waited
    }
    return Withdrawal(
      first: first, last: last, id: record.report.id, alias: record.report.alias,
      citizen: record.report.citizen, scene: record.report.scene, partner: record.report.partner,
      ended: record.report.ended, vehicle: record.report.vehicle, duration: UInt16(end - start),
      rides: scene.pointee.exclusiveVehicle && record.report.vehicle != 0 ? UInt8(logged) : 0,
      outcome: record.outcome, grams: record.grams, points: record.points,
      previous: record.report.citizen.isNone ? .none : newestFact(of: record.report.citizen),
      grounds: grounds)
  }

  /// Each fact decides the one before it again, and the last one is the last word.
  private func isWhole(_ facts: [(FactNumber, Record)]) -> Bool {
    for (before, after) in zip(facts, facts.dropFirst()) {
      guard after.1.origin != .reported, after.1.originFact == before.0,
        after.1.report.id == before.1.report.id
      else { return false }
    }
    guard let (last, record) = facts.last else { return false }
    return switch record.outcome {
    case .waiting: waiting[record.report.alias]?.contains { $0.fact == last } ?? false
    case .quarantined: quarantine[last] != nil
    case .accepted, .refused, .rejected: true
    case .duplicate: false
    }
  }

  /// Whether a withdrawal that was read and not decided can be applied.
  package func canApply(_ withdrawal: Withdrawal) -> Bool {
    let scene = Int(withdrawal.scene.raw)
    guard scene >= 1, scene < counters.count, fact(of: withdrawal.id) == withdrawal.first,
      withdrawn[withdrawal.first] == nil, withdrawal.last >= withdrawal.first,
      withdrawal.points >= 0, withdrawal.points <= Activity.pointsMax,
      withdrawal.ended >= Activity.epoch * 1000
    else { return false }
    switch withdrawal.outcome {
    case .accepted:
      guard !withdrawal.citizen.isNone, counters[scene].accepted > 0 else { return false }
      // What earned points is in the log: an award that never was is not taken back.
      return withdrawal.points == 0
        || activity.holds(logged(withdrawal), of: withdrawal.citizen.raw)
    case .waiting:
      return waiting[withdrawal.alias]?.contains {
        $0.fact == withdrawal.last && $0.report.scene == withdrawal.scene
      } ?? false
    case .quarantined: return quarantine[withdrawal.last]?.report.scene == withdrawal.scene
    case .refused: return counters[scene].refused > 0
    case .rejected: return counters[scene].rejected > 0
    case .duplicate: return false
    }
  }

  private func logged(_ withdrawal: Withdrawal) -> Activity {
    // A pair that was never numbered is in no log.
    let pair = pairs.known(withdrawal.scene, withdrawal.partner)
    return Activity(
      ended: UInt32(clamping: withdrawal.ended / 1000 - Activity.epoch),
      pointsAndPair: UInt32(withdrawal.points) << 14 | pair, duration: withdrawal.duration)
  }

  /// Takes over a withdrawal. Never fails.
  package mutating func apply(_ withdrawal: Withdrawal, _ number: FactNumber) {
    let counter = counters.base + Int(withdrawal.scene.raw)
    counter.pointee.add(-1, to: withdrawal.outcome)
    switch withdrawal.outcome {
    case .accepted:
      activity.remove(logged(withdrawal), of: withdrawal.citizen.raw)
    case .waiting:
      waiting[withdrawal.alias]?.removeAll { $0.fact == withdrawal.last }
      if waiting[withdrawal.alias]?.isEmpty == true { waiting[withdrawal.alias] = nil }
    case .quarantined:
      quarantine[withdrawal.last] = nil
    case .refused, .rejected: break
    case .duplicate: preconditionFailure("a duplicate is never written, so never withdrawn")
    }
    freeVehicle(withdrawal)
    withdrawn[withdrawal.first] = Withdrawn(
      fact: number, last: withdrawal.last, outcome: withdrawal.outcome, grams: withdrawal.grams,
      points: withdrawal.points, grounds: withdrawal.grounds)
    if withdrawal.last != withdrawal.first {
      withdrawnFirst[withdrawal.last] = withdrawal.first
    }
    if !withdrawal.citizen.isNone {
      precondition(number.raw <= UInt64(UInt32.max), "a partition holds at most 2^32 facts")
      activity.setNewest(UInt32(number.raw), of: withdrawal.citizen.raw)
    }
  }

  private mutating func freeVehicle(_ withdrawal: Withdrawal) {
    guard withdrawal.rides > 0, let vehicle = vehicles.find(withdrawal.vehicle) else { return }
    let ride = Activity(
      ended: UInt32(clamping: withdrawal.ended / 1000 - Activity.epoch), pointsAndPair: 0,
      duration: withdrawal.duration)
    for _ in 0..<withdrawal.rides { vehicleActivity.remove(ride, of: vehicle.pointee.value) }
  }

  /// 更正: notes which event was sent in place of a withdrawn one.
  package mutating func apply(replacement: FactNumber, of first: FactNumber) {
    withdrawn[first]?.replacement = replacement
    withdrawnFirst[replacement] = first
  }

  /// Whether such a note can be taken over.
  package func canApply(replacement: FactNumber, of first: FactNumber, next: FactNumber) -> Bool {
    guard let found = withdrawn[first] else { return false }
    return found.replacement.isNone && replacement > first && replacement < next
      && withdrawnFirst[replacement] == nil
  }

  func dumpWithdrawn(to sink: SnapshotSink) throws {
    try sink.word(UInt64(withdrawn.count))
    for (first, one) in withdrawn.sorted(by: { $0.key < $1.key }) {
      for word in [first.raw, one.fact.raw, one.last.raw, UInt64(one.outcome.rawValue)] {
        try sink.word(word)
      }
      try sink.word(UInt64(bitPattern: one.grams))
      try sink.word(UInt64(bitPattern: Int64(one.points)))
      try sink.word(UInt64(Grounds.allCases.firstIndex(of: one.grounds)!))
      try sink.word(one.replacement.raw)
    }
  }

  mutating func loadWithdrawn(from source: inout ByteReader) {
    for _ in 0..<source.word() {
      let first = FactNumber(source.word())
      var one = Withdrawn(
        fact: FactNumber(source.word()), last: FactNumber(source.word()),
        outcome: Outcome(rawValue: UInt8(truncatingIfNeeded: source.word())) ?? .refused,
        grams: Int64(bitPattern: source.word()),
        points: Int32(truncatingIfNeeded: Int64(bitPattern: source.word())), grounds: .other)
      let grounds = Int(truncatingIfNeeded: source.word())
      if Grounds.allCases.indices.contains(grounds) { one.grounds = Grounds.allCases[grounds] }
      one.replacement = FactNumber(source.word())
      withdrawn[first] = one
      if one.last != first { withdrawnFirst[one.last] = first }
      if !one.replacement.isNone { withdrawnFirst[one.replacement] = first }
    }
  }
}
