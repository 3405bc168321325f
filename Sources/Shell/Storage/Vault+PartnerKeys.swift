// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

/// A key by which a partner's computer is known. Several may hold at once, so that a partner can
/// change to a new one before the old one is revoked.
package struct PartnerKey: Sendable {
  package var mechanism: String
  package var partner: PartnerID
  package var created: Instant
  package var revoked: Instant?
  /// The hash, by which staff name a key: its first eight hexadecimal digits are shown.
  package var hash: [UInt8]
  /// 到期: when it ends because a newer one took its place; nil for one that was not replaced.
  package var ends: Instant?

  package func holds(at time: Instant) -> Bool {
    revoked == nil && ends.map { $0 > time } ?? true
  }

  package var label: String { hexadecimal(Array(hash.prefix(4))) }
}

extension Vault {
  /// Makes a key and returns its text, `tph_…`, this once.
  package func newPartnerKey(
    mechanism: String, partner: PartnerID, at time: Instant
  ) throws(StoreFailure) -> String {
    let text = "tph_" + base32(randomBytes(25))
    let hash = suite.digest.hash(Array(text.utf8))
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "INSERT INTO partner_key VALUES (?, ?, ?, ?, NULL)", .bytes(hash), .text(mechanism),
      .integer(Int64(partner.raw)), .integer(time.milliseconds))
    keysByHash[hash] = PartnerKey(
      mechanism: mechanism, partner: partner, created: time, revoked: nil, hash: hash)
    return text
  }

  /// Whose key a text is; nil for none, and for a revoked one. Answered from memory.
  package func partnerKey(_ text: some Collection<UInt8>) -> PartnerKey? {
    // A text that cannot be a key is not worth a hash.
    guard text.count == 44 else { return nil }
    let hash = suite.digest.hash(Array(text))
    guard let key = lock.with({ keysByHash[hash] }), key.revoked == nil else { return nil }
    return key
  }

  package func partnerKeys(mechanism: String) -> [PartnerKey] {
    lock.with { keysByHash.values.filter { $0.mechanism == mechanism } }
      .sorted { ($0.partner, $0.created, $0.label) < ($1.partner, $1.created, $1.label) }
  }

  /// False where no such key holds.
  package func revokePartnerKey(hash: [UInt8], at time: Instant) throws(StoreFailure) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    let changed = try connection.run(
      "UPDATE partner_key SET revoked = ? WHERE hash = ? AND revoked IS NULL",
      .integer(time.milliseconds), .bytes(hash))
    guard changed == 1 else { return false }
    keysByHash[hash]?.revoked = time
    return true
  }

  func loadPartnerKeys() throws(StoreFailure) {
    let keys = try connection.rows(
      "SELECT hash, mechanism, partner, created, revoked FROM partner_key"
    ) { row in
      PartnerKey(
        mechanism: row.text(1), partner: PartnerID(UInt16(truncatingIfNeeded: row.integer(2))),
        created: Instant(milliseconds: row.integer(3)),
        revoked: row.isNull(4) ? nil : Instant(milliseconds: row.integer(4)), hash: row.bytes(0))
    }
    for key in keys { keysByHash[key.hash] = key }
  }
}
