// SPDX-License-Identifier: Apache-2.0
// ORGANISATIONS, the vault's side: who asked to found one and whom to call, invitations, requests.
//
//   application (0) ──staff──▶ approved (1), with its number ── or refused (2), with the opinion
//
// Name and kind are public and stand in the clear; the contact is sealed under the applicant's own
// key, and gone when the applicant is.

import Journal
import Units

package struct OrganisationApplication: Sendable {
  package enum State: Int64, Sendable { case waiting, approved, refused }
  package var number: Int64
  package var person: PersonID
  package var kind: String
  package var name: String
  /// Name and telephone of the contact; empty when the applicant closed their account.
  package var contact: String
  package var created: Instant
  package var state: State
  package var decided: Instant?
  package var opinion: String
  package var organisation: UInt32?
}

/// Somebody who asks to be a member.
package struct MembershipRequest: Sendable {
  package var citizen: CitizenID
  package var created: Instant
}

extension Vault {
  /// How many applications of a person may wait at once.
  package static let applicationsWaitingMax = 3
  package static let invitationMilliseconds: Int64 = 30 * 86_400_000

  /// nil where the person has too many that wait.
  package func apply(
    mechanism: String, person: PersonID, kind: String, name: String, contact: String,
    at time: Instant
  ) throws(StoreFailure) -> Int64? {
    lock.lock()
    defer { lock.unlock() }
    return try connection.transaction { () throws(StoreFailure) in
      guard let key = try key(of: person) else { return nil }
      let waiting = try connection.first(
        "SELECT count(*) FROM organisation_application WHERE person = ? AND state = 0",
        .integer(person.signed)
      ) { $0.integer(0) }
      guard waiting ?? 0 < Vault.applicationsWaitingMax else { return nil }
      let sealed = Cipher.seal(
        Array(contact.utf8), key: key, place: "application/\(person.raw)", suite: suite)
      try connection.run(
        "INSERT INTO organisation_application(mechanism, person, kind, name, sealed, created) "
          + "VALUES (?, ?, ?, ?, ?, ?)", .text(mechanism), .integer(person.signed), .text(kind),
        .text(name), .bytes(sealed), .integer(time.milliseconds))
      return connection.lastRow
    }
  }

  /// Applications of a mechanism, of one person or of one state; the newest first.
  package func applications(
    mechanism: String, person: PersonID? = nil, state: OrganisationApplication.State? = nil,
    limit: Int = 200
  ) throws(StoreFailure) -> [OrganisationApplication] {
    lock.lock()
    defer { lock.unlock() }
    return try readApplications(
      "mechanism = ?1 AND (?2 IS NULL OR person = ?2) AND (?3 IS NULL OR state = ?3) "
        + "ORDER BY id DESC LIMIT ?4", .text(mechanism),
      person.map { .integer($0.signed) } ?? .null, state.map { .integer($0.rawValue) } ?? .null,
      .integer(Int64(limit)))
  }

  package func application(
    _ number: Int64, mechanism: String
  ) throws(StoreFailure) -> OrganisationApplication? {
    lock.lock()
    defer { lock.unlock() }
    return try readApplications(
      "mechanism = ?1 AND id = ?2 AND ?3 IS NULL AND ?4 IS NULL", .text(mechanism),
      .integer(number), .null, .null
    ).first
  }

  /// Whom to call about an organisation; nil where nobody is known any more.
  package func contact(
    of organisation: UInt32, mechanism: String
  ) throws(StoreFailure) -> String? {
    lock.lock()
    defer { lock.unlock() }
    return try readApplications(
      "mechanism = ?1 AND organisation = ?2 AND ?3 IS NULL AND ?4 IS NULL", .text(mechanism),
      .integer(Int64(organisation)), .null, .null
    ).first?.contact
  }

  /// False where somebody decided it before.
  package func decide(
    application number: Int64, approved organisation: UInt32?, by staff: StaffID,
    opinion: String, at time: Instant
  ) throws(StoreFailure) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    return try connection.run(
      "UPDATE organisation_application SET state = ?, organisation = ?, decided = ?, staff = ?, "
        + "opinion = ? WHERE id = ? AND state = 0", .integer(organisation == nil ? 2 : 1),
      organisation.map { .integer(Int64($0)) } ?? .null, .integer(time.milliseconds),
      .integer(Int64(staff.raw)), .text(opinion), .integer(number)) == 1
  }

  private func readApplications(
    _ condition: String, _ a: Value, _ b: Value, _ c: Value, _ d: Value
  ) throws(StoreFailure) -> [OrganisationApplication] {
    let rows = try connection.rows(
      "SELECT id, person, kind, name, sealed, created, state, decided, opinion, organisation "
        + "FROM organisation_application WHERE " + condition, a, b, c, d
    ) { row in
      let application = OrganisationApplication(
        number: row.integer(0), person: PersonID(signed: row.integer(1)), kind: row.text(2),
        name: row.text(3), contact: "", created: Instant(milliseconds: row.integer(5)),
        state: OrganisationApplication.State(rawValue: row.integer(6)) ?? .waiting,
        decided: row.isNull(7) ? nil : Instant(milliseconds: row.integer(7)),
        opinion: row.text(8),
        organisation: row.isNull(9) ? nil : UInt32(truncatingIfNeeded: row.integer(9)))
      return (application, row.isNull(4) ? nil : row.bytes(4))
    }
    var applications: [OrganisationApplication] = []
    for (read, sealed) in rows {
      var application = read
      if let sealed, let key = try key(of: read.person),
        let plain = Cipher.open(sealed, key: key, place: "application/\(read.person.raw)")
      {
        application.contact = String(decoding: plain, as: UTF8.self)
      }
      applications.append(application)
    }
    return applications
  }
}

// Invitations and requests.
extension Vault {
  /// A code that lets `uses` people in, for thirty days.
  package func newInvitation(
    mechanism: String, organisation: UInt32, uses: Int, at time: Instant
  ) throws(StoreFailure) -> String {
    let code = base32(randomBytes(10))
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "INSERT INTO organisation_invitation VALUES (?, ?, ?, ?, ?, ?)",
      .bytes(tokenHash("invitation", code)), .text(mechanism), .integer(Int64(organisation)),
      .integer(time.milliseconds), .integer(time.milliseconds + Vault.invitationMilliseconds),
      .integer(Int64(uses)))
    return code
  }

  /// Which organisation a code invites to; nil for one that is unknown, used up, or expired.
  package func invitation(
    code: String, mechanism: String, at time: Instant
  ) throws(StoreFailure) -> UInt32? {
    lock.lock()
    defer { lock.unlock() }
    return try connection.first(
      "SELECT organisation FROM organisation_invitation WHERE hash = ? AND mechanism = ? "
        + "AND expires > ? AND uses > 0", .bytes(tokenHash("invitation", code)),
      .text(mechanism), .integer(time.milliseconds)
    ) { UInt32(truncatingIfNeeded: $0.integer(0)) }
  }

  /// Counts one use; false where none is left.
  package func useInvitation(code: String) throws(StoreFailure) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    return try connection.run(
      "UPDATE organisation_invitation SET uses = uses - 1 WHERE hash = ? AND uses > 0",
      .bytes(tokenHash("invitation", code))) == 1
  }

  package func revokeInvitations(
    mechanism: String, organisation: UInt32
  ) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "DELETE FROM organisation_invitation WHERE mechanism = ? AND organisation = ?",
      .text(mechanism), .integer(Int64(organisation)))
  }

  package func requestMembership(
    mechanism: String, organisation: UInt32, person: PersonID, citizen: CitizenID, at time: Instant
  ) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "INSERT INTO organisation_request VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      .text(mechanism), .integer(Int64(organisation)), .integer(person.signed),
      .integer(Int64(citizen.raw)), .integer(time.milliseconds))
  }

  package func membershipRequests(
    mechanism: String, organisation: UInt32
  ) throws(StoreFailure) -> [MembershipRequest] {
    lock.lock()
    defer { lock.unlock() }
    return try connection.rows(
      "SELECT citizen, created FROM organisation_request WHERE mechanism = ? "
        + "AND organisation = ? ORDER BY created LIMIT 500", .text(mechanism),
      .integer(Int64(organisation))
    ) { row in
      MembershipRequest(
        citizen: CitizenID(UInt32(truncatingIfNeeded: row.integer(0))),
        created: Instant(milliseconds: row.integer(1)))
    }
  }

  /// False where there was none.
  package func endRequest(
    mechanism: String, organisation: UInt32, citizen: CitizenID
  ) throws(StoreFailure) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    return try connection.run(
      "DELETE FROM organisation_request WHERE mechanism = ? AND organisation = ? AND citizen = ?",
      .text(mechanism), .integer(Int64(organisation)), .integer(Int64(citizen.raw))) == 1
  }
}
