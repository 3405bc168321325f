// SPDX-License-Identifier: Apache-2.0
// RENEWAL. What becomes of consents when their text changes.
//
//   a pack with another version ──▶ outdated ──pause──▶ paused_link ──agrees again──▶ linked
//                                                          └──────── withdraws ─────▶ gone
//
// A consent of a partner's data is of purpose `source` and receiver `mechanism/partner`; one of a
// receiver is of purpose `receiver` and receiver `mechanism/code`.

import Journal
import Units

/// A link that waits until its person agrees to the new text.
package struct PausedLink: Hashable, Sendable {
  package var alias: AliasID
  package var person: PersonID
  package var since: Instant
  package init(alias: AliasID, person: PersonID, since: Instant) {
    self.alias = alias
    self.person = person
    self.since = since
  }
}

extension Vault {
  /// Records a consent in these words; one in other words for the same ends with it.
  package func renewConsent(
    of person: PersonID, purpose: String, receiver: String, textVersion: String, at time: Instant
  ) throws(StoreFailure) {
    do {
      lock.lock()
      defer { lock.unlock() }
      try connection.run(
        "UPDATE consent SET withdrawn = ? WHERE person = ? AND purpose = ? AND receiver = ? "
          + "AND text_version <> ? AND withdrawn IS NULL", .integer(time.milliseconds),
        .integer(person.signed), .text(purpose), .text(receiver), .text(textVersion))
    }
    try giveConsent(
      of: person, purpose: purpose, receiver: receiver, textVersion: textVersion, at: time)
  }

  /// Whether a consent in these words holds.
  package func holds(
    consentOf person: PersonID, purpose: String, receiver: String, textVersion: String
  ) throws(StoreFailure) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    return try connection.first(
      "SELECT 1 FROM consent WHERE person = ? AND purpose = ? AND receiver = ? "
        + "AND text_version = ? AND withdrawn IS NULL", .integer(person.signed), .text(purpose),
      .text(receiver), .text(textVersion)
    ) { $0.integer(0) } != nil
  }

  /// Who agreed to a partner's data, but not in these words.
  package func outdated(
    receiver: String, textVersion: String
  ) throws(StoreFailure) -> [PersonID] {
    lock.lock()
    defer { lock.unlock() }
    return try connection.rows(
      "SELECT DISTINCT person FROM consent a WHERE purpose = 'source' AND receiver = ?1 "
        + "AND withdrawn IS NULL AND text_version <> ?2 AND NOT EXISTS (SELECT 1 FROM consent b "
        + "WHERE b.person = a.person AND b.purpose = 'source' AND b.receiver = ?1 "
        + "AND b.text_version = ?2 AND b.withdrawn IS NULL)", .text(receiver), .text(textVersion)
    ) { PersonID(signed: $0.integer(0)) }
  }

  /// Many at once, with one wait for the disk.
  package func pause(_ links: [PausedLink], mechanism: String) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.transaction { () throws(StoreFailure) in
      for link in links {
        try connection.run(
          "INSERT INTO paused_link VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", .text(mechanism),
          .integer(Int64(link.alias.raw)), .integer(link.person.signed),
          .integer(link.since.milliseconds))
      }
    }
  }

  /// Takes a link from those that wait; false where it did not.
  package func resume(_ alias: AliasID, mechanism: String) throws(StoreFailure) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    return try connection.run(
      "DELETE FROM paused_link WHERE mechanism = ? AND alias = ?", .text(mechanism),
      .integer(Int64(alias.raw))) == 1
  }

  package func pausedLinks(
    of person: PersonID, mechanism: String
  ) throws(StoreFailure) -> [PausedLink] {
    lock.lock()
    defer { lock.unlock() }
    return try connection.rows(
      "SELECT alias, since FROM paused_link WHERE person = ? AND mechanism = ? ORDER BY alias",
      .integer(person.signed), .text(mechanism)
    ) { row in
      PausedLink(
        alias: AliasID(UInt32(truncatingIfNeeded: row.integer(0))), person: person,
        since: Instant(milliseconds: row.integer(1)))
    }
  }

  /// The fact of the adoption whose texts all consents were compared with.
  package func consentRound(of mechanism: String) throws(StoreFailure) -> FactNumber {
    lock.lock()
    defer { lock.unlock() }
    let found = try connection.first(
      "SELECT adoption FROM consent_round WHERE mechanism = ?", .text(mechanism)
    ) { $0.integer(0) }
    return FactNumber(UInt64(clamping: found ?? 0))
  }

  package func setConsentRound(
    of mechanism: String, to adoption: FactNumber
  ) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "INSERT INTO consent_round VALUES (?, ?) "
        + "ON CONFLICT DO UPDATE SET adoption = excluded.adoption", .text(mechanism),
      .integer(Int64(clamping: adoption.raw)))
  }
}
