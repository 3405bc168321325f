// SPDX-License-Identifier: Apache-2.0
import Units

/// 个案: what is asked of one citizen's account, why, and what was done.
package struct Case: Codable, Hashable, Sendable {
  /// Who opens cases where no member of staff does.
  package static let byRule = "risk"

  package var citizen: UInt32
  /// `staff/3`, or `risk`.
  package var by: String
  /// The code of a risk rule, or of what staff rest it on.
  package var rule: String
  package var reason: String
  /// Numbers of facts.
  package var evidence: [UInt64]
  /// Milliseconds since 1970.
  package var opened: Int64
  package var measures: [Measure] = []
  package var closedBy: String?
  package var closedReason: String?
  package var closed: Int64?

  package var isOpen: Bool { closed == nil }

  /// Everybody who decided something in it, or asked for it.
  package var hands: Set<String> {
    var hands: Set<String> = [by]
    for measure in measures {
      hands.insert(measure.by)
      if let other = measure.decidedBy { hands.insert(other) }
      if let other = measure.appeal?.decidedBy { hands.insert(other) }
    }
    return hands
  }

  /// What the citizen is shown: measures that somebody confirmed.
  package var isAnnounced: Bool { measures.contains { $0.wasConfirmed } }
}

/// 处理措施: a step against an account, or the lifting of one.
package struct Measure: Codable, Hashable, Sendable {
  package enum Kind: String, Codable, Sendable, CaseIterable {
    case warning, freeze, clawBack, lifting
  }
  package enum Status: String, Codable, Sendable {
    case proposed, rejected, withdrawn, inForce, ended, lifted, carriedOut
  }

  package var kind: Kind
  package var by: String
  package var reason: String
  /// The last day of a freeze.
  package var until: String?
  /// What a claw-back takes.
  package var awards: [NamedAward]?
  /// Which measure a lifting lifts, from 1.
  package var target: Int?

  package var proposed: Int64 = 0
  package var status = Status.proposed
  package var decidedBy: String?
  package var opinion: String?
  package var decided: Int64?
  /// Points that were there, points that were not, points repaid since, and grams taken.
  package var taken: Int64 = 0
  package var debt: Int64 = 0
  package var repaid: Int64 = 0
  package var grams: Int64 = 0
  package var repayments = 0
  package var ended: Int64?
  package var appeal: Appeal?

  package init(
    _ kind: Kind, by: String, reason: String, until: Day? = nil, awards: [NamedAward]? = nil,
    target: Int? = nil
  ) {
    self.kind = kind
    self.by = by
    self.reason = reason
    self.until = until?.description
    self.awards = awards
    self.target = target
  }

  package var owed: Int64 { debt - repaid }
  package var untilDay: Day? { until.flatMap { Day($0) } }
  package var wasConfirmed: Bool {
    [.inForce, .ended, .lifted, .carriedOut].contains(status)
  }
  var points: Int64 { (awards ?? []).reduce(0) { $0 + $1.points } }
}

/// An entry that is clawed back, with what it had given.
package struct NamedAward: Codable, Hashable, Sendable {
  package var fact: UInt64
  package var points: Int64
  package var grams: Int64
  package init(fact: UInt64, points: Int64, grams: Int64) {
    self.fact = fact
    self.points = points
    self.grams = grams
  }
}

/// 申诉.
package struct Appeal: Codable, Hashable, Sendable {
  package var digest: String
  package var filed: Int64
  /// The day by which it is promised to be decided.
  package var due: String
  package var decidedBy: String?
  package var upheld: Bool?
  package var reason: String?
  package var decided: Int64?

  package var isOpen: Bool { decided == nil }
  package var dueDay: Day { Day(due) ?? Day(.max) }
}

/// 来信: a missing-points claim, a suggestion, a complaint.
package struct Petition: Codable, Hashable, Sendable {
  package enum Kind: String, Codable, Sendable, CaseIterable { case claim, suggestion, complaint }
  package enum Status: String, Codable, Sendable, CaseIterable {
    /// Waits for the operator.
    case open
    /// A claim that is right: its partner has to report, or staff to release.
    case accepted
    case credited, declined, answered
  }
  package struct Entry: Codable, Hashable, Sendable {
    /// `citizen`, or `staff/3`.
    package var by: String
    package var time: Int64
    package var digest: String
    /// What it made of the petition.
    package var status: Status
    /// The report that was credited.
    package var fact: UInt64?
  }

  package var kind: Kind
  package var citizen: UInt32
  /// Of a claim: where, what, when.
  package var partner: UInt16?
  package var scene: String?
  package var happened: Int64?
  package var entries: [Entry] = []
  package var due: String

  package var status: Status { entries.last?.status ?? .open }
  package var filed: Int64 { entries.first?.time ?? 0 }
  package var dueDay: Day { Day(due) ?? Day(.max) }
  /// Whether somebody of the operator's has to act.
  package var isWaiting: Bool { status == .open || status == .accepted }

  package init(
    _ kind: Kind, citizen: CitizenID, partner: PartnerID? = nil, scene: String? = nil,
    happened: Instant? = nil
  ) {
    self.kind = kind
    self.citizen = citizen.raw
    self.partner = partner?.raw
    self.scene = scene
    self.happened = happened?.milliseconds
    due = ""
  }
}

/// 风险筛查: what the rules found about one day.
package struct RiskRun: Codable, Hashable, Sendable {
  package var day: String
  package var by: String
  package var findings: Int
  /// Numbers of the cases it opened.
  package var opened: [UInt32]
  package var time: Int64?
}
