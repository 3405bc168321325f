// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

/// 政策包草案: a pack that was uploaded, checked, and is talked about.
package struct PackDraft: Sendable {
  package var number: Int64
  package var mechanism: String
  /// SHA-256 over the pack's paths and texts: the same draft is kept once.
  package var digest: String
  package var staff: StaffID
  package var created: Instant
  /// The files, as whoever keeps them writes them.
  package var files: [UInt8]
}

/// 模拟测算: what a draft would have come to, as it was worked out.
package struct KeptTrial: Sendable {
  package var staff: StaffID
  package var made: Instant
  package var result: [UInt8]
}

/// Drafts are no facts until somebody proposes them, so they stand here and not in the journal.
extension Vault {
  static let policySchema = """
    CREATE TABLE pack_draft(
      number INTEGER PRIMARY KEY AUTOINCREMENT, mechanism TEXT NOT NULL, digest TEXT NOT NULL,
      staff INTEGER NOT NULL, created INTEGER NOT NULL, files BLOB NOT NULL,
      UNIQUE (mechanism, digest)
    ) STRICT;
    CREATE TABLE pack_trial(
      mechanism TEXT NOT NULL, digest TEXT NOT NULL, staff INTEGER NOT NULL,
      made INTEGER NOT NULL, result BLOB NOT NULL, PRIMARY KEY (mechanism, digest)
    ) STRICT, WITHOUT ROWID;
    """

  /// Keeps a draft and answers its number; the very same one has its number already.
  package func keepDraft(
    mechanism: String, digest: String, files: [UInt8], by staff: StaffID, at time: Instant
  ) throws(StoreFailure) -> Int64 {
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "INSERT INTO pack_draft(mechanism, digest, staff, created, files) VALUES (?, ?, ?, ?, ?) "
        + "ON CONFLICT DO NOTHING", .text(mechanism), .text(digest), .integer(Int64(staff.raw)),
      .integer(time.milliseconds), .bytes(files))
    return try connection.first(
      "SELECT number FROM pack_draft WHERE mechanism = ? AND digest = ?", .text(mechanism),
      .text(digest)
    ) { $0.integer(0) } ?? 0
  }

  /// Newest first; without their files.
  package func drafts(mechanism: String, limit: Int) throws(StoreFailure) -> [PackDraft] {
    lock.lock()
    defer { lock.unlock() }
    return try connection.rows(
      "SELECT number, mechanism, digest, staff, created, zeroblob(0) FROM pack_draft "
        + "WHERE mechanism = ? ORDER BY number DESC LIMIT ?", .text(mechanism),
      .integer(Int64(limit))
    ) { Vault.draft($0) }
  }

  package func draft(
    _ number: Int64, mechanism: String
  ) throws(StoreFailure) -> PackDraft? {
    lock.lock()
    defer { lock.unlock() }
    return try connection.first(
      "SELECT number, mechanism, digest, staff, created, files FROM pack_draft "
        + "WHERE mechanism = ? AND number = ?", .text(mechanism), .integer(number)
    ) { Vault.draft($0) }
  }

  private static func draft(_ row: borrowing Statement) -> PackDraft {
    PackDraft(
      number: row.integer(0), mechanism: row.text(1), digest: row.text(2),
      staff: StaffID(UInt32(truncatingIfNeeded: row.integer(3))),
      created: Instant(milliseconds: row.integer(4)), files: row.bytes(5))
  }

  /// Keeps what came of a trial; one that was made later stands for one made before.
  package func keepTrial(
    mechanism: String, digest: String, result: [UInt8], by staff: StaffID, at time: Instant
  ) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "INSERT OR REPLACE INTO pack_trial VALUES (?, ?, ?, ?, ?)", .text(mechanism), .text(digest),
      .integer(Int64(staff.raw)), .integer(time.milliseconds), .bytes(result))
  }

  package func trial(
    mechanism: String, digest: String
  ) throws(StoreFailure) -> KeptTrial? {
    lock.lock()
    defer { lock.unlock() }
    return try connection.first(
      "SELECT staff, made, result FROM pack_trial WHERE mechanism = ? AND digest = ?",
      .text(mechanism), .text(digest)
    ) { row in
      KeptTrial(
        staff: StaffID(UInt32(truncatingIfNeeded: row.integer(0))),
        made: Instant(milliseconds: row.integer(1)), result: row.bytes(2))
    }
  }
}
