// SPDX-License-Identifier: Apache-2.0
// What pages are drawn from: plain values, so that a page can be drawn, tested and looked at
// without a server. `Office` makes them.

import Behaviour
import Units

/// 机制概况: straight from the ledger and the journal's state.
package struct Totals: Sendable {
  package struct OfScene: Sendable {
    package var scene: SceneID
    package var grams: Grams
    package var points: Points
    package var accepted: Int
    package init(scene: SceneID, grams: Grams, points: Points, accepted: Int) {
      self.scene = scene
      self.grams = grams
      self.points = points
      self.accepted = accepted
    }
  }
  package var grams = Grams(0)
  package var points = Points(0)
  package var citizens = 0
  package var accepted = 0
  package var waiting = 0
  package var quarantined = 0
  package var refused = 0
  package var facts: UInt64 = 0
  package var frames: UInt64 = 0
  package var time = Instant(milliseconds: 0)
  package var scenes: [OfScene] = []
  package init() {}
}

/// One day of a mechanism, from the Archive.
package struct DayTotal: Sendable {
  package var day: Day
  package var reports: Int
  package var grams: Grams
  package var points: Points
  package init(day: Day, reports: Int, grams: Grams, points: Points) {
    self.day = day
    self.reports = reports
    self.grams = grams
    self.points = points
  }
}

/// A citizen's two balances, never added.
package struct Balance: Sendable {
  package var grams: Grams
  package var points: Points
  package var isFrozen: Bool
  package init(grams: Grams, points: Points, isFrozen: Bool = false) {
    self.grams = grams
    self.points = points
    self.isFrozen = isFrozen
  }
}

/// A fact about a report, with the scene and rule it was decided by.
package struct Entry: Sendable {
  package var number: FactNumber
  package var record: Record
  package var scene: Scene?
  package var partner: String
  /// When it was written down; nil where only the behaviour's own time is known.
  package var recorded: Instant?
  /// 撤回: where its partner took the event back, or where this entry is that very step.
  package var recall: EntryRecall?
  package init(
    number: FactNumber, record: Record, scene: Scene?, partner: String, recorded: Instant? = nil
  ) {
    self.number = number
    self.record = record
    self.scene = scene
    self.partner = partner
    self.recorded = recorded
  }

  package var rule: Rule? {
    guard let scene, Int(record.rule) < scene.rules.count,
      record.outcome == .accepted || record.reason == .belowMinimum
    else { return nil }
    return scene.rules[Int(record.rule)]
  }

  /// The measured values of the report by field.
  package var values: [(field: Field, value: Measured)] {
    guard let scene else { return [] }
    let slots = [
      record.report.values.0, record.report.values.1, record.report.values.2,
      record.report.values.3,
    ]
    return scene.fields.enumerated().map { ($1, Measured(millionths: slots[$0])) }
  }
}

/// A signed head with its public keys, as the open-books page shows it.
package struct HeadModel: Sendable {
  package var statement: String
  package var facts: UInt64
  package var frames: UInt64
  package var root: String
  package var time: Instant
  package var algorithm: String
  /// Signatures in hexadecimal by the name of the algorithm.
  package var signatures: [(algorithm: String, signature: String)]
  package init(
    statement: String, facts: UInt64, frames: UInt64, root: String, time: Instant,
    algorithm: String, signatures: [(algorithm: String, signature: String)]
  ) {
    self.statement = statement
    self.facts = facts
    self.frames = frames
    self.root = root
    self.time = time
    self.algorithm = algorithm
    self.signatures = signatures
  }
}

/// Somebody's consents, links and fields, for their own eyes.
package struct LinkRow: Sendable {
  package var alias: AliasID
  package var partnerCode: String
  package var partner: String
  package var subject: String
  package init(alias: AliasID, partnerCode: String, partner: String, subject: String) {
    self.alias = alias
    self.partnerCode = partnerCode
    self.partner = partner
    self.subject = subject
  }
}

/// One consent, for the eyes of who gave it.
package struct ConsentRow: Sendable {
  package var purpose: String
  package var receiver: String
  package var textVersion: String
  package var given: Instant
  package var withdrawn: Instant?
  package init(
    purpose: String, receiver: String, textVersion: String, given: Instant, withdrawn: Instant?
  ) {
    self.purpose = purpose
    self.receiver = receiver
    self.textVersion = textVersion
    self.given = given
    self.withdrawn = withdrawn
  }
}
