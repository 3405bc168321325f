// SPDX-License-Identifier: Apache-2.0
// What a partner's computer is held to: keys with a stated end, keys that prove a request, terms.
//
//   bearer key ──names──▶ partner      at most two at once: the new one, and the one that ends
//   verifier ───proves──▶ request      hmac-sha256: a shared secret, sealed here; ed25519 and SM2:
//                                      the partner's public key
//   terms ─────limits───▶ requests and events, and whether an unsigned request is taken
//
// All three are asked for with every request, so they are kept in memory beside the file.

import Journal
import Units

/// How a request is signed. The names are those of HTTP Message Signatures (RFC 9421) but the last,
/// which is an extension of ours: SM2 with SM3, signature in DER, signer's id 1234567812345678.
package enum RequestAlgorithm: String, Sendable, CaseIterable {
  case hmac = "hmac-sha256"
  case ed25519
  case sm2 = "sm2-sm3"
}

/// A key that proves who sent a request.
package struct PartnerVerifier: Sendable {
  package var mechanism: String
  package var partner: PartnerID
  /// The name by which a signature says which key it was made with.
  package var keyID: String
  package var algorithm: RequestAlgorithm
  package var created: Instant
  package var revoked: Instant?
  /// The shared secret, or the public key as PEM.
  var material: [UInt8]

  package func verify(_ message: [UInt8], signature: [UInt8]) -> Bool {
    switch algorithm {
    case .hmac:
      equalInConstantTime(Digest.sha256.authenticate(message, key: material), signature)
    case .ed25519:
      SigningKeys.verify(
        message, signature: signature, publicKey: String(decoding: material, as: UTF8.self),
        .ed25519)
    case .sm2:
      SigningKeys.verify(
        message, signature: signature, publicKey: String(decoding: material, as: UTF8.self), .sm2)
    }
  }
}

/// What was agreed with a partner. Zero: no limit.
package struct PartnerTerms: Sendable, Equatable {
  package var requiresSignature = false
  package var requestsPerMinute = 0
  package var eventsPerDay = 0
  package init() {}
}

struct PartnerPlace: Hashable {
  var mechanism: String
  var partner: PartnerID
}

extension Vault {
  /// Version 3 of the vault.
  static let partnerSchema = """
    CREATE TABLE partner_key_end(
      hash BLOB PRIMARY KEY REFERENCES partner_key(hash), ends INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE partner_verifier(
      mechanism TEXT NOT NULL, key_id TEXT NOT NULL, partner INTEGER NOT NULL,
      algorithm TEXT NOT NULL, sealed BLOB NOT NULL, created INTEGER NOT NULL, revoked INTEGER,
      PRIMARY KEY (mechanism, key_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE partner_terms(
      mechanism TEXT NOT NULL, partner INTEGER NOT NULL, requires_signature INTEGER NOT NULL,
      requests_per_minute INTEGER NOT NULL, events_per_day INTEGER NOT NULL,
      PRIMARY KEY (mechanism, partner)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE hook(
      id INTEGER PRIMARY KEY AUTOINCREMENT, mechanism TEXT NOT NULL, partner INTEGER NOT NULL,
      address TEXT NOT NULL, topics TEXT NOT NULL, sealed BLOB NOT NULL, created INTEGER NOT NULL,
      ended INTEGER
    ) STRICT;
    CREATE TABLE hook_position(
      mechanism TEXT PRIMARY KEY, sequence INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE delivery(
      id INTEGER PRIMARY KEY AUTOINCREMENT, hook INTEGER NOT NULL REFERENCES hook(id),
      topic TEXT NOT NULL, fact INTEGER NOT NULL, body TEXT NOT NULL, created INTEGER NOT NULL,
      due INTEGER, tries INTEGER NOT NULL DEFAULT 0, status INTEGER, said TEXT,
      delivered INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX delivery_once ON delivery(hook, topic, fact);
    CREATE INDEX delivery_due ON delivery(due) WHERE due IS NOT NULL;
    CREATE TABLE partner_application(
      id INTEGER PRIMARY KEY AUTOINCREMENT, mechanism TEXT NOT NULL, created INTEGER NOT NULL,
      filed_by TEXT NOT NULL, sealed BLOB NOT NULL, scenes TEXT NOT NULL, state TEXT NOT NULL,
      decided INTEGER, decided_by TEXT, partner TEXT
    ) STRICT;
    """

  // MARK: - Keys that end

  /// Keys of one partner that still hold.
  package func holdingKeys(
    mechanism: String, partner: PartnerID, at time: Instant
  ) -> [PartnerKey] {
    partnerKeys(mechanism: mechanism).filter { $0.partner == partner && $0.holds(at: time) }
  }

  /// 轮换: makes a key beside the one that holds, and says when that one ends. Nil where two hold
  /// already: one must end or be revoked first.
  package func rotatePartnerKey(
    mechanism: String, partner: PartnerID, olderEnds ends: Instant, at time: Instant
  ) throws(StoreFailure) -> String? {
    let holding = holdingKeys(mechanism: mechanism, partner: partner, at: time)
    guard holding.count < 2 else { return nil }
    let text = try newPartnerKey(mechanism: mechanism, partner: partner, at: time)
    lock.lock()
    defer { lock.unlock() }
    for key in holding where key.ends == nil {
      try connection.run(
        "INSERT INTO partner_key_end VALUES (?, ?)", .bytes(key.hash), .integer(ends.milliseconds))
      keysByHash[key.hash]?.ends = ends
    }
    return text
  }

  // MARK: - Verifiers

  /// Registers a partner's public key; nil where the text is none of this algorithm.
  package func addVerifier(
    mechanism: String, partner: PartnerID, _ algorithm: RequestAlgorithm, publicKey: String,
    at time: Instant
  ) throws(StoreFailure) -> PartnerVerifier? {
    let kind: SignatureAlgorithm = algorithm == .sm2 ? .sm2 : .ed25519
    guard algorithm != .hmac, SigningKeys.isPublicKey(publicKey, kind) else { return nil }
    return try keep(
      mechanism, partner, algorithm, Array(publicKey.utf8), prefix: "\(algorithm.rawValue)-", time)
  }

  /// Makes a shared secret; its bytes are shown this once.
  package func newSharedSecret(
    mechanism: String, partner: PartnerID, at time: Instant
  ) throws(StoreFailure) -> (verifier: PartnerVerifier, secret: [UInt8]) {
    let secret = randomBytes(32)
    return (try keep(mechanism, partner, .hmac, secret, prefix: "hmac-", time), secret)
  }

  private func keep(
    _ mechanism: String, _ partner: PartnerID, _ algorithm: RequestAlgorithm,
    _ material: [UInt8], prefix: String, _ time: Instant
  ) throws(StoreFailure) -> PartnerVerifier {
    let verifier = PartnerVerifier(
      mechanism: mechanism, partner: partner, keyID: prefix + base32(randomBytes(10)),
      algorithm: algorithm, created: time, revoked: nil, material: material)
    let sealed = Cipher.seal(
      material, key: secrets.staff, place: "verifier/\(mechanism)/\(verifier.keyID)", suite: suite)
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "INSERT INTO partner_verifier VALUES (?, ?, ?, ?, ?, ?, NULL)", .text(mechanism),
      .text(verifier.keyID), .integer(Int64(partner.raw)), .text(algorithm.rawValue),
      .bytes(sealed), .integer(time.milliseconds))
    verifiers[verifier.keyID] = verifier
    return verifier
  }

  /// The key that a signature names, where it holds and is this partner's.
  package func verifier(_ keyID: String, of key: PartnerKey) -> PartnerVerifier? {
    guard let found = lock.with({ verifiers[keyID] }), found.revoked == nil,
      found.mechanism == key.mechanism, found.partner == key.partner
    else { return nil }
    return found
  }

  package func verifiers(mechanism: String, partner: PartnerID) -> [PartnerVerifier] {
    lock.with { verifiers.values.filter { $0.mechanism == mechanism && $0.partner == partner } }
      .sorted { ($0.created, $0.keyID) < ($1.created, $1.keyID) }
  }

  /// False where no such key holds.
  package func revokeVerifier(
    _ keyID: String, mechanism: String, partner: PartnerID, at time: Instant
  ) throws(StoreFailure) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    let changed = try connection.run(
      "UPDATE partner_verifier SET revoked = ? WHERE mechanism = ? AND key_id = ? AND partner = ? "
        + "AND revoked IS NULL", .integer(time.milliseconds), .text(mechanism), .text(keyID),
      .integer(Int64(partner.raw)))
    guard changed == 1 else { return false }
    verifiers[keyID]?.revoked = time
    return true
  }

  // MARK: - Terms

  package func terms(mechanism: String, partner: PartnerID) -> PartnerTerms {
    let place = PartnerPlace(mechanism: mechanism, partner: partner)
    return lock.with { partnerTerms[place] } ?? PartnerTerms()
  }

  package func setTerms(
    _ terms: PartnerTerms, mechanism: String, partner: PartnerID
  ) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "INSERT OR REPLACE INTO partner_terms VALUES (?, ?, ?, ?, ?)", .text(mechanism),
      .integer(Int64(partner.raw)), .integer(terms.requiresSignature ? 1 : 0),
      .integer(Int64(terms.requestsPerMinute)), .integer(Int64(terms.eventsPerDay)))
    partnerTerms[PartnerPlace(mechanism: mechanism, partner: partner)] = terms
  }

  /// Fills what is kept in memory; called when the vault is opened.
  func loadPartnerTerms() throws(StoreFailure) {
    let ends = try connection.rows("SELECT hash, ends FROM partner_key_end") {
      ($0.bytes(0), Instant(milliseconds: $0.integer(1)))
    }
    for (hash, ends) in ends { keysByHash[hash]?.ends = ends }
    let rows = try connection.rows("SELECT * FROM partner_terms") { row in
      var terms = PartnerTerms()
      terms.requiresSignature = row.integer(2) != 0
      terms.requestsPerMinute = Int(row.integer(3))
      terms.eventsPerDay = Int(row.integer(4))
      let partner = PartnerID(UInt16(truncatingIfNeeded: row.integer(1)))
      return (PartnerPlace(mechanism: row.text(0), partner: partner), terms)
    }
    for (place, terms) in rows { partnerTerms[place] = terms }
    let kept = try connection.rows(
      "SELECT mechanism, key_id, partner, algorithm, sealed, created, revoked "
        + "FROM partner_verifier"
    ) { row in
      PartnerVerifier(
        mechanism: row.text(0), partner: PartnerID(UInt16(truncatingIfNeeded: row.integer(2))),
        keyID: row.text(1), algorithm: RequestAlgorithm(rawValue: row.text(3)) ?? .hmac,
        created: Instant(milliseconds: row.integer(5)),
        revoked: row.isNull(6) ? nil : Instant(milliseconds: row.integer(6)),
        material: row.bytes(4))
    }
    for var verifier in kept {
      // What does not open proves nothing any more: its partner is told to register a new one.
      let place = "verifier/\(verifier.mechanism)/\(verifier.keyID)"
      guard let opened = Cipher.open(verifier.material, key: secrets.staff, place: place) else {
        continue
      }
      verifier.material = opened
      verifiers[verifier.keyID] = verifier
    }
  }
}
