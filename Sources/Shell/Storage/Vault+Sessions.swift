// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

/// Who is logged in. The token is known to the browser alone; here is its hash.
package struct Session: Sendable {
  package enum Kind: UInt8, Sendable {
    case citizen = 1
    case staff
  }
  package var kind: Kind
  /// A `PersonID` or a `StaffID`.
  package var subject: UInt64
  package var created: Instant
  package var lastSeen: Instant
  package var expires: Instant
  /// Goes into every form, and must come back with it.
  package var csrf: [UInt8]
}

extension Vault {
  /// A session's last sight is written down this seldom, since each writing waits for the disk.
  static let lastSeenMilliseconds: Int64 = 60_000

  /// Opens a session; the token is returned this once.
  package func openSession(
    _ kind: Session.Kind, subject: UInt64, at time: Instant, lifetimeMilliseconds: Int64
  ) throws(StoreFailure) -> (token: String, session: Session) {
    let token = base32(randomBytes(32))
    let session = Session(
      kind: kind, subject: subject, created: time, lastSeen: time,
      expires: Instant(milliseconds: time.milliseconds + lifetimeMilliseconds),
      csrf: randomBytes(32))
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?)",
      .bytes(suite.digest.hash(Array(token.utf8))), .integer(Int64(kind.rawValue)),
      .integer(Int64(bitPattern: subject)), .integer(time.milliseconds),
      .integer(time.milliseconds), .integer(session.expires.milliseconds), .bytes(session.csrf))
    return (token, session)
  }

  /// The session of a token; nil when there is none, or it has expired.
  package func session(
    token: String, at time: Instant
  ) throws(StoreFailure) -> Session? {
    guard token.utf8.count == 52 else { return nil }
    let hash = Value.bytes(suite.digest.hash(Array(token.utf8)))
    lock.lock()
    defer { lock.unlock() }
    let found = try connection.first(
      "SELECT kind, subject, created, last_seen, expires, csrf FROM session WHERE hash = ?", hash
    ) { row in
      Session(
        kind: row.integer(0) == 2 ? .staff : .citizen,
        subject: UInt64(bitPattern: row.integer(1)),
        created: Instant(milliseconds: row.integer(2)),
        lastSeen: Instant(milliseconds: row.integer(3)),
        expires: Instant(milliseconds: row.integer(4)), csrf: row.bytes(5))
    }
    guard var session = found, time < session.expires else { return nil }
    if time.milliseconds - session.lastSeen.milliseconds >= Vault.lastSeenMilliseconds {
      try connection.run(
        "UPDATE session SET last_seen = ? WHERE hash = ?", .integer(time.milliseconds), hash)
      session.lastSeen = time
    }
    return session
  }

  package func revokeSession(token: String) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "DELETE FROM session WHERE hash = ?", .bytes(suite.digest.hash(Array(token.utf8))))
  }

  package func revokeSessions(_ kind: Session.Kind, subject: UInt64) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try endSessions(kind, subject)
  }

  /// Removes sessions that have expired and login codes a day old.
  package func tidy(at time: Instant) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.run("DELETE FROM session WHERE expires <= ?", .integer(time.milliseconds))
    try connection.run(
      "DELETE FROM login_code WHERE issued < ?",
      .integer(time.milliseconds - Vault.codeWindowMilliseconds))
  }

  func endSessions(_ kind: Session.Kind, _ subject: UInt64) throws(StoreFailure) {
    try connection.run(
      "DELETE FROM session WHERE kind = ? AND subject = ?", .integer(Int64(kind.rawValue)),
      .integer(Int64(bitPattern: subject)))
  }
}
