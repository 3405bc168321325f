// SPDX-License-Identifier: Apache-2.0
// IDENTITIES. Who logs in by an identity server: its `iss` and `sub`, as a keyed hash only.
//
// The same person by phone is linked, not doubled: a phone that the server has verified finds the
// person who has it.

import Journal
import Units

extension Vault {
  package func person(issuer: String, subject: String) throws(StoreFailure) -> PersonID? {
    lock.lock()
    defer { lock.unlock() }
    return try findIdentity(issuer, subject)
  }

  /// The person of an identity: the one it is linked to, else the one with the verified phone,
  /// else a new one. False for an identity that is linked to another than `logged`.
  package func personOrNew(
    issuer: String, subject: String, provider: String, verifiedPhone: String?,
    loggedIn: PersonID? = nil, at time: Instant
  ) throws(StoreFailure) -> PersonID? {
    lock.lock()
    defer { lock.unlock() }
    if let known = try findIdentity(issuer, subject) {
      return loggedIn == nil || loggedIn == known ? known : nil
    }
    return try connection.transaction { () throws(StoreFailure) in
      var person = loggedIn
      if person == nil, let verifiedPhone { person = try findPerson(blind(verifiedPhone)) }
      let found = person
      let owner: PersonID
      if let found { owner = found } else { owner = try insertPerson(time) }
      if found == nil, let verifiedPhone { _ = try store(verifiedPhone, .phone, owner) }
      try connection.run(
        "INSERT INTO person_identity VALUES (?, ?, ?, ?)", .bytes(identityBlind(issuer, subject)),
        .integer(owner.signed), .text(provider), .integer(time.milliseconds))
      return owner
    }
  }

  /// Names of the providers a person logs in by, with the time of linking.
  package func identities(
    of person: PersonID
  ) throws(StoreFailure) -> [(provider: String, since: Instant)] {
    lock.lock()
    defer { lock.unlock() }
    return try connection.rows(
      "SELECT provider, created FROM person_identity WHERE person = ? ORDER BY created",
      .integer(person.signed)
    ) { ($0.text(0), Instant(milliseconds: $0.integer(1))) }
  }

  private func findIdentity(
    _ issuer: String, _ subject: String
  ) throws(StoreFailure) -> PersonID? {
    try connection.first(
      "SELECT person FROM person_identity WHERE blind = ?", .bytes(identityBlind(issuer, subject))
    ) { PersonID(signed: $0.integer(0)) }
  }

  private func identityBlind(_ issuer: String, _ subject: String) -> [UInt8] {
    // The length keeps apart what is issuer and what is subject.
    suite.digest.authenticate(
      Array("identity/\(issuer.utf8.count)/\(issuer)\(subject)".utf8), key: secrets.blindIndex)
  }
}
