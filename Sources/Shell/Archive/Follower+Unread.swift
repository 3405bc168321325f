// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Journal
import Storage
import Units

/// An event that was turned down and left no trace in the journal: what could not be read, or came
/// under the id of another. Kept for the person whom a partner telephones, without the event's id
/// or anything else that could lead to somebody.
package struct UnreadRow: Sendable, Equatable {
  package var time: Instant
  package var partner: PartnerID
  /// The fact that counts its batch; none where the whole batch left no trace.
  package var batch: FactNumber
  /// The event's place in its batch, from 0.
  package var place: UInt32
  package var reason: Reason
  /// As `ReportField.name` knows it; 0 for none.
  package var field: UInt8

  package init(
    time: Instant, partner: PartnerID, batch: FactNumber, place: UInt32, reason: Reason,
    field: UInt8
  ) {
    self.time = time
    self.partner = partner
    self.batch = batch
    self.place = place
    self.reason = reason
    self.field = field
  }
}

// The one table that is no fold of the journal: when the archive is dropped, these rows are gone,
// and nothing that counts is lost.
extension Follower {
  /// Rows kept at the most, about a day of a partner that sends nothing but rubbish.
  static let unreadMax = 100_000

  static let unreadSchema = """
    CREATE TABLE IF NOT EXISTS unread(
      number INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER, partner INTEGER, batch INTEGER,
      place INTEGER, reason INTEGER, field INTEGER);
    CREATE INDEX IF NOT EXISTS unread_of_batch ON unread(batch, place);
    """

  package func keep(_ rows: [UnreadRow]) throws(StoreFailure) {
    try lock.with { () throws(StoreFailure) in
      try connection.transaction { () throws(StoreFailure) in
        for row in rows {
          try connection.run(
            "INSERT INTO unread(time, partner, batch, place, reason, field) VALUES (?,?,?,?,?,?)",
            .integer(row.time.milliseconds), .integer(Int64(row.partner.raw)),
            .integer(Int64(row.batch.raw)), .integer(Int64(row.place)),
            .integer(Int64(row.reason.rawValue)), .integer(Int64(row.field)))
        }
        try connection.run(
          "DELETE FROM unread WHERE number <= (SELECT max(number) FROM unread) - ?",
          .integer(Int64(Follower.unreadMax)))
      }
    }
  }

  /// The unread rows of one batch, in order.
  package func unread(of batch: FactNumber) throws(StoreFailure) -> [UnreadRow] {
    try lock.with { () throws(StoreFailure) in
      try connection.rows(
        "SELECT * FROM unread WHERE batch = ? ORDER BY place", .integer(Int64(batch.raw))
      ) { Follower.unread($0) }
    }
  }

  /// Unread rows by their number, newest first.
  package func unread(
    before: Int64 = .max, limit: Int
  ) throws(StoreFailure) -> [(number: Int64, row: UnreadRow)] {
    try lock.with { () throws(StoreFailure) in
      try connection.rows(
        "SELECT * FROM unread WHERE number < ? ORDER BY number DESC LIMIT ?", .integer(before),
        .integer(Int64(limit))
      ) { ($0.integer(0), Follower.unread($0)) }
    }
  }

  private static func unread(_ row: borrowing Statement) -> UnreadRow {
    UnreadRow(
      time: Instant(milliseconds: row.integer(1)), partner: PartnerID(UInt16(row.integer(2))),
      batch: FactNumber(UInt64(row.integer(3))), place: UInt32(row.integer(4)),
      reason: Reason(rawValue: UInt8(row.integer(5))) ?? .malformed, field: UInt8(row.integer(6)))
  }
}
