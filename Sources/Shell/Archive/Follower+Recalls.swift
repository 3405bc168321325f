// SPDX-License-Identifier: Apache-2.0
// What partners ask about their own events: what was withdrawn, what decided an event after its
// first fact, and in which frames a partner's events of one day lie.
//
//   record ──▶ span(partner, day, frame)      a day's receipts are read from those frames
//          └─▶ decided(origin, fact)          of what waited or was held: what decided it again
//   fact 75 ──▶ withdrawal                    fact 76: what was sent instead
//
// A day is the behaviour's own civil day, not the day it was reported: that is how a partner keeps
// its books, and a late report changes the day it belongs to.

import Behaviour
import Journal
import Mechanism
import Storage
import Units

/// An event that its partner took back.
package struct WithdrawalLine: Sendable, Equatable {
  package var fact: FactNumber
  package var time: Instant
  /// The event's first fact, and the last that had decided it.
  package var first: FactNumber
  package var last: FactNumber
  package var partner: PartnerID
  package var scene: SceneID
  package var outcome: Outcome
  package var grams: Int64
  package var points: Int64
  package var grounds: Grounds
}

/// What frames say of partners' events, before it is written.
struct RecallFold {
  struct Span: Hashable {
    var partner: UInt16
    var day: Int32
    var sequence: UInt64
  }

  var withdrawals: [WithdrawalLine] = []
  var decided: [(origin: FactNumber, fact: FactNumber)] = []
  private(set) var spans: Set<Span> = []
  private var last = Span(partner: 0, day: .min, sequence: 0)

  @inline(__always)
  mutating func add(_ record: Record, _ number: FactNumber, _ day: Day, _ sequence: UInt64) {
    // Reports of one partner and day come in runs: a run is one look into the set.
    let span = Span(partner: record.report.partner.raw, day: day.number, sequence: sequence)
    if span != last {
      spans.insert(span)
      last = span
    }
    if record.origin != .reported { decided.append((record.originFact, number)) }
  }

  mutating func add(
    _ withdrawal: Withdrawal, _ number: FactNumber, _ time: Instant, _ day: Day, _ sequence: UInt64
  ) {
    withdrawals.append(
      WithdrawalLine(
        fact: number, time: time, first: withdrawal.first, last: withdrawal.last,
        partner: withdrawal.partner, scene: withdrawal.scene, outcome: withdrawal.outcome,
        grams: withdrawal.grams, points: Int64(withdrawal.points), grounds: withdrawal.grounds))
    spans.insert(
      Span(partner: withdrawal.partner.raw, day: day.number, sequence: sequence))
  }
}

extension Follower {
  static let recallSchema = """
    CREATE TABLE IF NOT EXISTS withdrawal(
      fact INTEGER PRIMARY KEY, time INTEGER, first INTEGER, last INTEGER, partner INTEGER,
      scene INTEGER, outcome INTEGER, grams INTEGER, points INTEGER, reason TEXT);
    CREATE INDEX IF NOT EXISTS withdrawal_of_partner ON withdrawal(partner, fact);
    CREATE INDEX IF NOT EXISTS withdrawal_of_event ON withdrawal(first);
    CREATE TABLE IF NOT EXISTS decided(origin INTEGER PRIMARY KEY, fact INTEGER);
    CREATE TABLE IF NOT EXISTS span(
      partner INTEGER, day INTEGER, sequence INTEGER, PRIMARY KEY (partner, day, sequence)
    ) WITHOUT ROWID;
    """

  func write(_ fold: RecallFold) throws(StoreFailure) {
    for row in fold.withdrawals {
      try connection.run(
        "INSERT OR REPLACE INTO withdrawal VALUES (?,?,?,?,?,?,?,?,?,?)",
        .integer(Int64(row.fact.raw)), .integer(row.time.milliseconds),
        .integer(Int64(row.first.raw)), .integer(Int64(row.last.raw)),
        .integer(Int64(row.partner.raw)), .integer(Int64(row.scene.raw)),
        .integer(Int64(row.outcome.rawValue)), .integer(row.grams), .integer(row.points),
        .text(row.grounds.rawValue))
    }
    for row in fold.decided {
      try connection.run(
        "INSERT OR REPLACE INTO decided VALUES (?,?)", .integer(Int64(row.origin.raw)),
        .integer(Int64(row.fact.raw)))
    }
    for span in fold.spans {
      try connection.run(
        "INSERT OR REPLACE INTO span VALUES (?,?,?)", .integer(Int64(span.partner)),
        .integer(Int64(span.day)), .integer(Int64(span.sequence)))
    }
  }

  static func withdrawal(_ row: borrowing Statement) -> WithdrawalLine {
    WithdrawalLine(
      fact: FactNumber(UInt64(clamping: row.integer(0))),
      time: Instant(milliseconds: row.integer(1)),
      first: FactNumber(UInt64(clamping: row.integer(2))),
      last: FactNumber(UInt64(clamping: row.integer(3))),
      partner: PartnerID(UInt16(clamping: row.integer(4))),
      scene: SceneID(UInt16(clamping: row.integer(5))),
      outcome: Outcome(rawValue: UInt8(clamping: row.integer(6))) ?? .refused,
      grams: row.integer(7), points: row.integer(8),
      grounds: Grounds(rawValue: row.text(9)) ?? .other)
  }

  /// The fact that decided another again; nil for none.
  package func decided(_ origin: FactNumber) throws(StoreFailure) -> FactNumber? {
    try lock.with { () throws(StoreFailure) in
      try connection.first(
        "SELECT fact FROM decided WHERE origin = ?", .integer(Int64(clamping: origin.raw))
      ) { FactNumber(UInt64(clamping: $0.integer(0))) }
    }
  }

  /// Withdrawals, newest first; `partner` narrows.
  package func withdrawals(
    partner: PartnerID? = nil, before: FactNumber? = nil, limit: Int
  ) throws(StoreFailure) -> [WithdrawalLine] {
    try lock.with { () throws(StoreFailure) in
      try connection.rows(
        "SELECT * FROM withdrawal WHERE (? = 0 OR partner = ?) AND fact < ? "
          + "ORDER BY fact DESC LIMIT ?",
        .integer(Int64(partner?.raw ?? 0)), .integer(Int64(partner?.raw ?? 0)),
        .integer(before.map { Int64(clamping: $0.raw) } ?? .max), .integer(Int64(limit))
      ) { Follower.withdrawal($0) }
    }
  }

  /// Withdrawals of events whose first facts lie in a range: those of one batch.
  package func withdrawals(of facts: Range<UInt64>) throws(StoreFailure) -> [WithdrawalLine] {
    try lock.with { () throws(StoreFailure) in
      try connection.rows(
        "SELECT * FROM withdrawal WHERE first >= ? AND first < ? ORDER BY first",
        .integer(Int64(facts.lowerBound)), .integer(Int64(facts.upperBound))
      ) { Follower.withdrawal($0) }
    }
  }

  /// The frames in which something of a partner's events of one day lies, in order.
  package func frames(of partner: PartnerID, on day: Day) throws(StoreFailure) -> [UInt64] {
    try lock.with { () throws(StoreFailure) in
      try connection.rows(
        "SELECT sequence FROM span WHERE partner = ? AND day = ? ORDER BY sequence",
        .integer(Int64(partner.raw)), .integer(Int64(day.number))
      ) { UInt64(clamping: $0.integer(0)) }
    }
  }

  /// Days on which a partner reported anything, newest first.
  package func days(of partner: PartnerID, limit: Int) throws(StoreFailure) -> [Day] {
    try lock.with { () throws(StoreFailure) in
      try connection.rows(
        "SELECT DISTINCT day FROM span WHERE partner = ? ORDER BY day DESC LIMIT ?",
        .integer(Int64(partner.raw)), .integer(Int64(limit))
      ) { Day(Int32(clamping: $0.integer(0))) }
    }
  }
}

extension Follower {
  /// Events of a partner in batches received since a moment.
  package func received(
    _ partner: PartnerID, since time: Instant
  ) throws(StoreFailure) -> Int {
    try lock.with { () throws(StoreFailure) in
      try connection.first(
        "SELECT coalesce(sum(received), 0) FROM batch WHERE partner = ? AND time >= ?",
        .integer(Int64(partner.raw)), .integer(time.milliseconds)
      ) { Int($0.integer(0)) } ?? 0
    }
  }
}
