// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

/// What citizens write to the operator and are written back: each text sealed under the citizen's
/// own key, so that closing the account erases it. The journal has digests.
extension Vault {
  static let lettersSchema = """
    CREATE TABLE letter(
      mechanism TEXT NOT NULL, digest TEXT NOT NULL,
      person INTEGER NOT NULL REFERENCES person(id) ON DELETE CASCADE,
      sealed BLOB NOT NULL, PRIMARY KEY (mechanism, digest)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX letter_by_person ON letter(person);
    """

  /// Keeps a text and answers its digest, for the journal; nil where the person is gone. Digests
  /// are made under the vault's secret: nobody can try texts against them.
  package func keep(
    letter text: String, mechanism: String, of person: PersonID, at time: Instant
  ) throws(StoreFailure) -> String? {
    lock.lock()
    defer { lock.unlock() }
    guard let key = try key(of: person) else { return nil }
    let written = "letter/\(mechanism)/\(person.raw)/\(time.milliseconds)/\(text)"
    let tag = suite.digest.authenticate(Array(written.utf8), key: secrets.blindIndex)
    let digest = hexadecimal(tag)
    let sealed = Cipher.seal(
      Array(text.utf8), key: key, place: "letter/\(mechanism)/\(digest)", suite: suite)
    try connection.run(
      "INSERT OR REPLACE INTO letter VALUES (?, ?, ?, ?)", .text(mechanism), .text(digest),
      .integer(person.signed), .bytes(sealed))
    return digest
  }

  /// The text; nil where there is none any more.
  package func letter(mechanism: String, digest: String) throws(StoreFailure) -> String? {
    lock.lock()
    defer { lock.unlock() }
    let row = try connection.first(
      "SELECT person, sealed FROM letter WHERE mechanism = ? AND digest = ?", .text(mechanism),
      .text(digest)
    ) { (PersonID(signed: $0.integer(0)), $0.bytes(1)) }
    guard let (person, sealed) = row, let key = try key(of: person) else { return nil }
    guard let plain = Cipher.open(sealed, key: key, place: "letter/\(mechanism)/\(digest)") else {
      throw damaged("the letter \(digest)")
    }
    return String(decoding: plain, as: UTF8.self)
  }

  /// Takes back a text whose fact was refused.
  package func removeLetter(mechanism: String, digest: String) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "DELETE FROM letter WHERE mechanism = ? AND digest = ?", .text(mechanism), .text(digest))
  }
}
