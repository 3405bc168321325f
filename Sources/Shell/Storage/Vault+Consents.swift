// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

/// 授权: what a person agreed to, in which words, and until when.
package struct Consent: Sendable {
  package var number: Int64
  package var person: PersonID
  package var purpose: String
  /// Who receives the data; empty where it stays with the mechanism.
  package var receiver: String
  package var textVersion: String
  package var given: Instant
  package var withdrawn: Instant?
}

extension Vault {
  /// Records a consent; one that holds already in the same words is kept as it is.
  package func giveConsent(
    of person: PersonID, purpose: String, receiver: String = "", textVersion: String,
    at time: Instant
  ) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    let held = try connection.first(
      "SELECT id FROM consent WHERE person = ? AND purpose = ? AND receiver = ? "
        + "AND text_version = ? AND withdrawn IS NULL", .integer(person.signed), .text(purpose),
      .text(receiver), .text(textVersion)
    ) { $0.integer(0) }
    guard held == nil else { return }
    try connection.run(
      "INSERT INTO consent(person, purpose, receiver, text_version, given) VALUES (?, ?, ?, ?, ?)",
      .integer(person.signed), .text(purpose), .text(receiver), .text(textVersion),
      .integer(time.milliseconds))
  }

  /// False where none held.
  package func withdrawConsent(
    of person: PersonID, purpose: String, receiver: String = "", at time: Instant
  ) throws(StoreFailure) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    let changed = try connection.run(
      "UPDATE consent SET withdrawn = ? WHERE person = ? AND purpose = ? AND receiver = ? "
        + "AND withdrawn IS NULL", .integer(time.milliseconds), .integer(person.signed),
      .text(purpose), .text(receiver))
    return changed > 0
  }

  package func consents(of person: PersonID) throws(StoreFailure) -> [Consent] {
    lock.lock()
    defer { lock.unlock() }
    return try connection.rows(
      "SELECT id, purpose, receiver, text_version, given, withdrawn FROM consent "
        + "WHERE person = ? ORDER BY id", .integer(person.signed)
    ) { row in
      Consent(
        number: row.integer(0), person: person, purpose: row.text(1), receiver: row.text(2),
        textVersion: row.text(3), given: Instant(milliseconds: row.integer(4)),
        withdrawn: row.isNull(5) ? nil : Instant(milliseconds: row.integer(5)))
    }
  }
}
