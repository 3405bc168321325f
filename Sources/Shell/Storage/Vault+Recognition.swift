// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

/// 互认接口: where another programme's server is, and the key that both sides sign with.
package struct ProgrammePeer: Sendable {
  package var programme: String
  /// `https://traffic.example/recognition`, without a slash at its end.
  package var address: String
  package var key: String
  package var changed: Instant
}

/// What one account of ours is called there, and what theirs is called with us.
package struct ProgrammeMember: Sendable {
  /// The member's number at the other programme, as the member gave it.
  package var member: String
  /// 互认码: by which the other programme names our account.
  package var code: String
}

extension Vault {
  static let recognitionSchema = """
    CREATE TABLE programme_peer(
      mechanism TEXT NOT NULL, programme TEXT NOT NULL, address TEXT NOT NULL,
      sealed BLOB NOT NULL, changed INTEGER NOT NULL, PRIMARY KEY (mechanism, programme)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE programme_member(
      mechanism TEXT NOT NULL, programme TEXT NOT NULL, citizen INTEGER NOT NULL,
      person INTEGER NOT NULL REFERENCES person(id) ON DELETE CASCADE,
      code BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL,
      PRIMARY KEY (mechanism, programme, citizen)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX programme_member_by_person ON programme_member(person);
    """

  // MARK: - The other side

  /// Says where a programme's server is and makes a new key, which replaces the old one.
  package func connectProgramme(
    _ programme: String, mechanism: String, address: String, at time: Instant
  ) throws(StoreFailure) -> String {
    let key = "tpr_" + base32(randomBytes(32))
    let sealed = Cipher.seal(
      Array(key.utf8), key: secrets.persons, place: "programme/\(mechanism)/\(programme)",
      suite: suite)
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "INSERT OR REPLACE INTO programme_peer VALUES (?, ?, ?, ?, ?)", .text(mechanism),
      .text(programme), .text(address), .bytes(sealed), .integer(time.milliseconds))
    return key
  }

  package func programmePeer(
    _ programme: String, mechanism: String
  ) throws(StoreFailure) -> ProgrammePeer? {
    lock.lock()
    defer { lock.unlock() }
    let row = try connection.first(
      "SELECT address, sealed, changed FROM programme_peer WHERE mechanism = ? AND programme = ?",
      .text(mechanism), .text(programme)
    ) { ($0.text(0), $0.bytes(1), Instant(milliseconds: $0.integer(2))) }
    guard let (address, sealed, changed) = row else { return nil }
    guard
      let key = Cipher.open(
        sealed, key: secrets.persons, place: "programme/\(mechanism)/\(programme)")
    else { throw damaged("the key of the programme \(programme)") }
    return ProgrammePeer(
      programme: programme, address: address, key: String(decoding: key, as: UTF8.self),
      changed: changed)
  }

  // MARK: - Members

  /// The code is made of the account and the member's number: another number, another code.
  private func memberCode(
    _ mechanism: String, _ programme: String, _ citizen: CitizenID, _ member: String
  ) -> String {
    let text = "recognition/\(mechanism)/\(programme)/\(citizen.raw)/\(member)"
    return base32(
      Array(suite.digest.authenticate(Array(text.utf8), key: secrets.blindIndex).prefix(15)))
  }

  /// Links an account of ours to a member of theirs; an earlier link ends.
  package func linkMember(
    _ member: String, programme: String, account: Account, person: PersonID
  ) throws(StoreFailure) -> ProgrammeMember {
    let code = memberCode(account.mechanism, programme, account.citizen, member)
    let sealed = Cipher.seal(
      Array(member.utf8), key: secrets.persons,
      place: "member/\(account.mechanism)/\(programme)/\(account.citizen.raw)", suite: suite)
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "INSERT OR REPLACE INTO programme_member VALUES (?, ?, ?, ?, ?, ?)",
      .text(account.mechanism), .text(programme), .integer(Int64(account.citizen.raw)),
      .integer(person.signed), .bytes(suite.digest.hash(Array(code.utf8))), .bytes(sealed))
    return ProgrammeMember(member: member, code: code)
  }

  /// False where there was no link.
  package func unlinkMember(
    programme: String, account: Account
  ) throws(StoreFailure) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    return try connection.run(
      "DELETE FROM programme_member WHERE mechanism = ? AND programme = ? AND citizen = ?",
      .text(account.mechanism), .text(programme), .integer(Int64(account.citizen.raw))) > 0
  }

  package func member(
    programme: String, account: Account
  ) throws(StoreFailure) -> ProgrammeMember? {
    lock.lock()
    defer { lock.unlock() }
    let sealed = try connection.first(
      "SELECT sealed FROM programme_member WHERE mechanism = ? AND programme = ? AND citizen = ?",
      .text(account.mechanism), .text(programme), .integer(Int64(account.citizen.raw))
    ) { $0.bytes(0) }
    guard let sealed else { return nil }
    guard
      let bytes = Cipher.open(
        sealed, key: secrets.persons,
        place: "member/\(account.mechanism)/\(programme)/\(account.citizen.raw)")
    else { throw damaged("a member of the programme \(programme)") }
    let member = String(decoding: bytes, as: UTF8.self)
    return ProgrammeMember(
      member: member, code: memberCode(account.mechanism, programme, account.citizen, member))
  }

  /// Our account by the code that the other programme was given for it.
  package func citizen(
    memberCode code: String, programme: String, mechanism: String
  ) throws(StoreFailure) -> CitizenID? {
    lock.lock()
    defer { lock.unlock() }
    return try connection.first(
      "SELECT citizen FROM programme_member WHERE code = ? AND mechanism = ? AND programme = ?",
      .bytes(suite.digest.hash(Array(code.utf8))), .text(mechanism), .text(programme)
    ) { CitizenID(UInt32(truncatingIfNeeded: $0.integer(0))) }
  }
}
