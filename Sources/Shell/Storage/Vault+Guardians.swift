// SPDX-License-Identifier: Apache-2.0
// GUARDIANS. A child asks, a guardian agrees.
//
//   child: birth date ──▶ a code of eight signs, good for two days ──guardian enters it──▶ ward
//
// The code is kept as a keyed hash. A child has one guardian here; a guardian may have several
// children.

import Journal
import Units

package struct Guardianship: Hashable, Sendable {
  package var child: PersonID
  package var guardian: PersonID
  package var textVersion: String
  package var given: Instant
}

extension Vault {
  package static let guardianCodeMilliseconds: Int64 = 48 * 3_600_000

  /// A new code for a child, to be told to the guardian; the one before is void.
  package func newGuardianCode(
    child: PersonID, mechanism: String, at time: Instant
  ) throws(StoreFailure) -> String {
    let code = String(base32(randomBytes(5)))
    lock.lock()
    defer { lock.unlock() }
    try connection.transaction { () throws(StoreFailure) in
      try connection.run("DELETE FROM guardian_code WHERE child = ?", .integer(child.signed))
      try connection.run(
        "INSERT INTO guardian_code VALUES (?, ?, ?, ?)", .bytes(tokenHash("guardian", code)),
        .integer(child.signed), .text(mechanism),
        .integer(time.milliseconds + Vault.guardianCodeMilliseconds))
    }
    return code
  }

  /// Which child asked with this code; nil where there is none, or it has expired.
  package func child(
    code: String, mechanism: String, at time: Instant
  ) throws(StoreFailure) -> PersonID? {
    lock.lock()
    defer { lock.unlock() }
    return try connection.first(
      "SELECT child FROM guardian_code WHERE hash = ? AND mechanism = ? AND expires > ?",
      .bytes(tokenHash("guardian", code)), .text(mechanism), .integer(time.milliseconds)
    ) { PersonID(signed: $0.integer(0)) }
  }

  /// Records who answers for a child, and uses the code up. False where the child has somebody.
  package func setGuardian(
    _ guardian: PersonID, of child: PersonID, textVersion: String, at time: Instant
  ) throws(StoreFailure) -> Bool {
    guard guardian != child else { return false }
    lock.lock()
    defer { lock.unlock() }
    return try connection.transaction { () throws(StoreFailure) in
      guard try key(of: child) != nil, try key(of: guardian) != nil else { return false }
      let added = try connection.run(
        "INSERT INTO guardianship VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        .integer(child.signed), .integer(guardian.signed), .text(textVersion),
        .integer(time.milliseconds))
      try connection.run("DELETE FROM guardian_code WHERE child = ?", .integer(child.signed))
      return added == 1
    }
  }

  package func guardian(of child: PersonID) throws(StoreFailure) -> PersonID? {
    lock.lock()
    defer { lock.unlock() }
    return try connection.first(
      "SELECT guardian FROM guardianship WHERE child = ?", .integer(child.signed)
    ) { PersonID(signed: $0.integer(0)) }
  }

  package func children(of guardian: PersonID) throws(StoreFailure) -> [Guardianship] {
    lock.lock()
    defer { lock.unlock() }
    return try connection.rows(
      "SELECT child, text_version, given FROM guardianship WHERE guardian = ? ORDER BY given",
      .integer(guardian.signed)
    ) { row in
      Guardianship(
        child: PersonID(signed: row.integer(0)), guardian: guardian, textVersion: row.text(1),
        given: Instant(milliseconds: row.integer(2)))
    }
  }

  /// Codes that people copy by hand: whoever has the file but not the secret cannot try them all.
  func tokenHash(_ kind: String, _ token: String) -> [UInt8] {
    let plain = token.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
    return suite.digest.authenticate(Array("\(kind)/\(plain)".utf8), key: secrets.blindIndex)
  }
}
