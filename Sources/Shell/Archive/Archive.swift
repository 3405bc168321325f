// SPDX-License-Identifier: Apache-2.0
// ARCHIVE. Tables for lists and charts, folded from the journal. Disposable.
//
//   journal ──frame by frame──▶ Fold ──every half second──▶ batch, daily, decision,
//                                                                withdrawal, span
//
// A citizen's history is not here: facts of one citizen are chained in the journal itself, newest
// to oldest, so that it is complete the moment an award is durable, and no index is kept in random
// order.
//
// Invariants
//   - Everything here can be dropped and folded again; nothing here decides anything. Only what
//     left no trace in the journal (`Follower+Unread`) would be gone.
//   - A transaction holds whole frames, with the sequence of the last.

import Behaviour
import Journal
import Mechanism
import Storage
import Units

/// One batch that a partner sent.
package struct BatchRow: Sendable, Equatable {
  package var fact: FactNumber
  package var sequence: UInt64
  package var time: Instant
  package var partner: PartnerID
  package var summary: BatchSummary
  /// The reports' facts are the `written` ones just before `fact`.
  package var written: UInt32
}

/// What happened in one scene on one civil day of the mechanism.
package struct DailyRow: Sendable, Equatable {
  package var day: Day
  package var scene: SceneID
  package var accepted: Int64 = 0
  package var grams: Int64 = 0
  package var points: Int64 = 0

  func adding(_ other: DailyRow) -> DailyRow {
    var sum = self
    sum.accepted += other.accepted
    sum.grams += other.grams
    sum.points += other.points
    return sum
  }
}

/// A report that staff decided, or that was credited after waiting.
package struct DecisionRow: Sendable, Equatable {
  package var fact: FactNumber
  package var time: Instant
  package var originFact: FactNumber
  package var decision: String
  package var by: String
  package var opinion: String
}

/// What frames add up to, before it is written.
struct Fold {
  struct Place: Hashable {
    var day: Int32
    var scene: UInt16
  }

  var sequence: UInt64 = 0
  var facts: UInt64 = 0
  var batches: [BatchRow] = []
  var daily: [Place: DailyRow] = [:]
  var decisions: [DecisionRow] = []
  var recalls = RecallFold()
  private var note: NoteRow?
  private var last = DailyRow(day: Day(.min), scene: SceneID(0))
  private let zone: Int32

  init(zone: Int32) { self.zone = zone }

  var isEmpty: Bool { sequence == 0 }

  mutating func add(_ frame: FrameView, _ notes: (UnsafeRawBufferPointer) -> NoteRow?) throws {
    sequence = frame.header.sequence
    facts += UInt64(frame.header.factCount)
    let time = frame.header.time
    try frame.forEachFact { number, fact in
      switch FactHeader(fact.baseAddress!).kind {
      case Record.kind: try add(report: fact, number, time)
      case BatchRecord.kind:
        let batch = try BatchRecord(reading: fact)
        batches.append(
          BatchRow(
            fact: number, sequence: sequence, time: time, partner: batch.partner,
            summary: batch.summary, written: batch.written))
      case NoteRow.kind: note = notes(fact)
      case WithdrawalRow.kind:
        if let row = WithdrawalRow(fact: fact)?.withdrawal { add(row, number, time) }
      default: break
      }
    }
    flush()
  }

  /// The day it was on loses what it had gained.
  private mutating func add(_ withdrawal: Withdrawal, _ number: FactNumber, _ time: Instant) {
    let day = Instant(milliseconds: withdrawal.ended).day(offset: zone)
    recalls.add(withdrawal, number, time, day, sequence)
    guard withdrawal.outcome == .accepted else { return }
    flush()
    let place = Place(day: day.number, scene: withdrawal.scene.raw)
    var row = daily[place] ?? DailyRow(day: day, scene: withdrawal.scene)
    row.accepted -= 1
    row.grams -= withdrawal.grams
    row.points -= Int64(withdrawal.points)
    daily[place] = row
  }

  private mutating func add(
    report fact: UnsafeRawBufferPointer, _ number: FactNumber, _ time: Instant
  ) throws {
    let record = try Record(reading: fact)
    let day = Instant(milliseconds: record.report.ended).day(offset: zone)
    recalls.add(record, number, day, sequence)
    if record.outcome == .accepted {
      if day != last.day || record.report.scene != last.scene {
        flush()
        last = DailyRow(day: day, scene: record.report.scene)
      }
      last.accepted += 1
      last.grams += record.grams
      last.points += Int64(record.points)
    }
    if record.origin == .quarantined {
      decisions.append(
        DecisionRow(
          fact: number, time: time, originFact: record.originFact,
          decision: note?.decision ?? "", by: note?.by ?? "", opinion: note?.opinion ?? ""))
    }
  }

  /// Reports of one scene and day come in runs: a run is one look into the dictionary.
  private mutating func flush() {
    guard last.accepted > 0 else { return }
    let place = Place(day: last.day.number, scene: last.scene.raw)
    var row = daily[place] ?? DailyRow(day: last.day, scene: last.scene)
    row.accepted += last.accepted
    row.grams += last.grams
    row.points += last.points
    daily[place] = row
    last = DailyRow(day: Day(.min), scene: SceneID(0))
  }
}
