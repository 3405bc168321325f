// SPDX-License-Identifier: Apache-2.0
// BEHAVIOUR. What citizens did, and what it earns them. The hot room.
//
//   report ──decide──▶ accepted     reduction in full, points up to the caps
//                 ├──▶ waiting      the partner's user is not linked to a citizen yet
//                 ├──▶ quarantined  hard to believe, or claimed twice: staff release or reject
//                 ├──▶ refused      below what the scene rewards, no rule in force
//                 └──▶ duplicate    told so, and forgotten: nothing is written
//
//   waiting ──linked──▶ decided again      quarantined ──released──▶ decided again
//                                                      └─rejected──▶ rejected
//
//   any of these ──withdrawn by its partner──▶ as if it had not been (Behaviour+Withdrawal)
//
// Invariants
//   - A partner's event id is credited at most once, whatever comes how often from wherever.
//   - Every well-formed report becomes one fact, refused ones too, so that a draft policy can be
//     replayed over what really came in. Malformed ones are answered and leave no trace: their id
//     may be sent again, mended.
//   - A cap limits points; the reduction is recorded in full.
//   - The facts of one citizen are chained, newest to oldest, through `previous`: a history needs
//     no index.
//
// The rules come from the city's policy pack; this room does not know which city it is in. It moves
// no value: it says what is due, and Ledger moves it.

import Units

/// What one report came to. Written into facts.
package enum Outcome: UInt8, BitwiseCopyable, Sendable, CaseIterable {
  case accepted = 1
  case waiting
  case quarantined
  case refused
  case rejected
  /// Answered only, never written.
  case duplicate
}

/// Why. Numbers are for ever; the order is the order of precedence.
package enum Reason: UInt8, BitwiseCopyable, Error, Sendable, CaseIterable {
  case none = 0
  // Malformed: refused, nothing is written, the same id may come again.
  case malformed = 1
  case missingField
  case badValue
  case badTime
  case fromTheFuture
  case unknownScene
  case sceneNotGranted
  // Known id.
  case duplicate = 16
  case idReused
  // Refused, and written.
  case sceneClosed = 32
  case noRuleInForce
  case belowMinimum
  // Quarantined.
  case aboveMaximum = 48
  case tooFast
  case vehicleOverlap
  case accountFrozen
  case reportedTwice
  // Waiting.
  case notLinked = 64
  // Accepted, with less than the full points.
  case capReached = 80
  case budgetReached
  // Rejected by staff.
  case rejectedByStaff = 96

  package var isWritten: Bool { rawValue >= Reason.sceneClosed.rawValue }
}

/// One reported behaviour, decoded and resolved, without anything personal.
package struct Report: BitwiseCopyable, Sendable {
  /// Keyed digest of the event's source and id.
  package var id: (UInt64, UInt64) = (0, 0)
  package var ended: Int64 = 0
  /// Keyed digest of the vehicle's name; zero for none.
  package var vehicle: UInt64 = 0
  /// Measured values in the order of the scene's fields, in millionths.
  package var values: (Int64, Int64, Int64, Int64) = (0, 0, 0, 0)
  package var alias = AliasID(0)
  package var citizen = CitizenID(0)
  package var scene = SceneID(0)
  package var partner = PartnerID(0)
  /// A bit for each slot that the report filled.
  package var present: UInt8 = 0
  /// What was wrong with it already when it was decoded.
  package var fault = Reason.none
  /// Which field the fault is about: a `Field`'s number, or one of `ReportField`.
  package var field: UInt8 = 0
  package var standing = Standing.good

  package init() {}
}

/// Fields of a report that are not measured.
package enum ReportField: UInt8, Sendable {
  case id = 128
  case source, type, subject, time, data, vehicle, event

  package static func name(_ number: UInt8) -> String? {
    if let field = Field(rawValue: number) { return field.name }
    return ReportField(rawValue: number).map { "\($0)" }
  }
}

/// What Membership says of the citizen.
package enum Standing: UInt8, BitwiseCopyable, Sendable { case good, frozen }

/// What was decided about one report.
package struct Verdict: BitwiseCopyable, Sendable {
  package var outcome = Outcome.refused
  package var reason = Reason.none
  package var field: UInt8 = 0
  /// The rule it was decided by: its index within the scene.
  package var rule: UInt16 = 0
  package var points: Int32 = 0
  package var pointsBeforeCaps: Int32 = 0
  package var grams: Int64 = 0
  /// The fact written, or the earlier fact with the same id.
  package var fact = FactNumber(0)

  package init() {}
}

/// Everything this room remembers.
package struct State: ~Copyable {
  /// Every event id ever written, with a check of its content and the fact it became.
  var seen = KeyTable()
  var activity: ActivityLog
  var vehicles = KeyTable(limit: 1 << 28)
  var vehicleActivity = ActivityLog()
  var pairs = Pairs()
  package internal(set) var waiting: [AliasID: [Held]] = [:]
  package internal(set) var quarantine: [FactNumber: Held] = [:]
  /// By scene: how many reports came to which outcome.
  var counters = MappedArray<Tally>(limit: 1 << 16, small: true)
  /// 已撤回: by the event's first fact. Partners take little back: a dictionary will do.
  package internal(set) var withdrawn: [FactNumber: Withdrawn] = [:]
  /// Where another fact than the first decided a withdrawn event, or replaces it: the first fact.
  package internal(set) var withdrawnFirst: [FactNumber: FactNumber] = [:]
  /// Reused between batches; holds nothing between them.
  var order: [UInt32] = []
  var lastDay = Day(.min)
  var lastYear = 0
  /// 积分总量: how many points may still be given, where the rules have a budget.
  package var budgetLeft = Int64.max

  /// `citizensMax` bounds memory that is reserved, not memory that is used.
  package init(citizensMax: Int = 1 << 26) {
    activity = ActivityLog(ownersMax: citizensMax)
  }

  /// The newest fact about a citizen: where their history begins.
  package func newestFact(of citizen: CitizenID) -> FactNumber {
    FactNumber(UInt64(activity.newest(citizen.raw)))
  }

  package var eventsSeen: Int { seen.count }

  /// How many of a scene's reports came to which outcome.
  package func tally(_ scene: SceneID) -> Tally { counters[Int(scene.raw)] }

  /// In how many pieces room is made.
  package static let roomCount = KeyTable.partCount + 1

  /// Makes a piece of the room for so many more reports. What is not asked for comes by itself, a
  /// bit at a time, while reports are decided.
  package mutating func makeRoom(for reports: Int, piece: Int) {
    if piece < KeyTable.partCount {
      seen.makeRoom(for: reports, part: piece)
    } else {
      activity.makeRoom(for: reports)
    }
  }

  /// Bytes of memory in use for ids, caps and histories.
  package var footprint: Int {
    seen.footprint + vehicles.footprint + activity.footprint + vehicleActivity.footprint
  }
}

/// A report that has been written but not decided for good.
package struct Held: Sendable {
  package var report: Report
  package var fact: FactNumber
  package var reason: Reason
}

/// 场景计数: a scene's reports by the outcome that holds now.
package struct Tally: BitwiseCopyable, Sendable {
  package var accepted: UInt64 = 0
  package var waiting: UInt64 = 0
  package var quarantined: UInt64 = 0
  package var refused: UInt64 = 0
  package var rejected: UInt64 = 0

  @inline(__always) mutating func add(_ count: Int, to outcome: Outcome) {
    let change = UInt64(bitPattern: Int64(count))
    switch outcome {
    case .accepted: accepted &+= change
    case .waiting: waiting &+= change
    case .quarantined: quarantined &+= change
    case .refused: refused &+= change
    case .rejected: rejected &+= change
    case .duplicate: break
    }
  }
}
