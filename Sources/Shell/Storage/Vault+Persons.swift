// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

/// What the vault may know of a person.
package enum PersonalField: String, CaseIterable, Sendable {
  case phone, name, identityNumber, email, address, bankAccount, birthDate
}

/// An account of a person in one mechanism.
package struct Account: Hashable, Sendable {
  package var mechanism: String
  package var citizen: CitizenID
  package init(mechanism: String, citizen: CitizenID) {
    self.mechanism = mechanism
    self.citizen = citizen
  }
}

extension Vault {
  package func person(phone: String) throws(StoreFailure) -> PersonID? {
    lock.lock()
    defer { lock.unlock() }
    return try findPerson(blind(phone))
  }

  /// The person with this phone, made where there is none.
  package func personOrNew(
    phone: String, at time: Instant
  ) throws(StoreFailure) -> (person: PersonID, isNew: Bool) {
    lock.lock()
    defer { lock.unlock() }
    if let known = try findPerson(blind(phone)) { return (known, false) }
    let person = try connection.transaction { () throws(StoreFailure) in
      let person = try insertPerson(time)
      _ = try store(phone, .phone, person)
      return person
    }
    return (person, true)
  }

  /// A person of whom nothing is known yet, such as one who came through a partner.
  package func newPerson(at time: Instant) throws(StoreFailure) -> PersonID {
    lock.lock()
    defer { lock.unlock() }
    return try insertPerson(time)
  }

  /// Stores a field; an empty value removes it. False where the phone is another person's, or the
  /// person does not exist.
  package func set(
    _ field: PersonalField, to value: String, of person: PersonID
  ) throws(StoreFailure) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    return try connection.transaction { () throws(StoreFailure) in
      try store(value, field, person)
    }
  }

  package func fields(of person: PersonID) throws(StoreFailure) -> [PersonalField: String] {
    lock.lock()
    defer { lock.unlock() }
    guard let key = try key(of: person) else { return [:] }
    let rows = try connection.rows(
      "SELECT name, sealed FROM person_field WHERE person = ?", .integer(person.signed)
    ) { ($0.text(0), $0.bytes(1)) }
    var fields: [PersonalField: String] = [:]
    for (name, sealed) in rows {
      guard let field = PersonalField(rawValue: name) else { continue }
      guard let plain = Cipher.open(sealed, key: key, place: "person/\(person.raw)/\(name)") else {
        throw damaged("the \(name) of person \(person.raw)")
      }
      fields[field] = String(decoding: plain, as: UTF8.self)
    }
    return fields
  }

  /// Links an account to a person. False where either is linked otherwise.
  package func link(_ account: Account, to person: PersonID) throws(StoreFailure) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    guard try key(of: person) != nil else { return false }
    let added = try connection.run(
      "INSERT INTO citizen VALUES (?, ?, ?) ON CONFLICT DO NOTHING", .text(account.mechanism),
      .integer(Int64(account.citizen.raw)), .integer(person.signed))
    if added == 1 { return true }
    return try findPerson(of: account) == person
  }

  package func person(of account: Account) throws(StoreFailure) -> PersonID? {
    lock.lock()
    defer { lock.unlock() }
    return try findPerson(of: account)
  }

  package func accounts(of person: PersonID) throws(StoreFailure) -> [Account] {
    lock.lock()
    defer { lock.unlock() }
    return try connection.rows(
      "SELECT mechanism, citizen FROM citizen WHERE person = ? ORDER BY mechanism",
      .integer(person.signed)
    ) {
      Account(mechanism: $0.text(0), citizen: CitizenID(UInt32(truncatingIfNeeded: $0.integer(1))))
    }
  }

  /// 注销: destroys the person's key and all that could lead to the person. The accounts stay in the
  /// books, as anybody's and nobody's. Consents stay without a name, withdrawn, as evidence.
  ///
  /// The key is first overwritten in its place, then everything is deleted with overwriting, then
  /// the log is emptied: afterwards no byte of key or field is in the files. Erase the person's
  /// aliases too (`Aliases.erase`): which ones they are, the journal knows.
  package func erase(_ person: PersonID, at time: Instant) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    let id = Value.integer(person.signed)
    try connection.transaction { () throws(StoreFailure) in
      try connection.run(
        "UPDATE person SET sealed_key = zeroblob(length(sealed_key)) WHERE id = ?", id)
      let blinds = try connection.rows("SELECT blind FROM person_phone WHERE person = ?", id) {
        $0.bytes(0)
      }
      for blind in blinds {
        try connection.run("DELETE FROM login_code WHERE blind = ?", .bytes(blind))
      }
      try connection.run("DELETE FROM person_field WHERE person = ?", id)
      try connection.run("DELETE FROM person_phone WHERE person = ?", id)
      try connection.run("DELETE FROM citizen WHERE person = ?", id)
      try connection.run(
        "DELETE FROM session WHERE kind = ? AND subject = ?",
        .integer(Int64(Session.Kind.citizen.rawValue)), id)
      try connection.run(
        "UPDATE consent SET withdrawn = ? WHERE person = ? AND withdrawn IS NULL",
        .integer(time.milliseconds), id)
      try erasePeople(id)
      try connection.run("DELETE FROM person WHERE id = ?", id)
    }
    try connection.run(script: "PRAGMA wal_checkpoint(TRUNCATE)")
  }

  /// `+86 138-0000-0000` and `13800000000` are one telephone.
  package static func normalised(phone: String) -> String {
    var digits = String(phone.filter { $0.isASCII && $0.isNumber })
    if digits.count == 15, digits.hasPrefix("0086") { digits.removeFirst(4) }
    if digits.count == 13, digits.hasPrefix("86") { digits.removeFirst(2) }
    return digits
  }

  /// Finds without telling: whoever has the file but not the secret cannot try all phones.
  func blind(_ phone: String) -> [UInt8] {
    suite.digest.authenticate(
      Array("phone/\(Vault.normalised(phone: phone))".utf8), key: secrets.blindIndex)
  }

  func damaged(_ what: String) -> StoreFailure {
    StoreFailure(
      .corrupt, "open \(what) in the vault \(connection.path)",
      cause: "it is not what was sealed there", advice: StoreFailure.corruptAdvice)
  }

  func findPerson(_ blind: [UInt8]) throws(StoreFailure) -> PersonID? {
    try connection.first("SELECT person FROM person_phone WHERE blind = ?", .bytes(blind)) {
      PersonID(signed: $0.integer(0))
    }
  }

  func findPerson(of account: Account) throws(StoreFailure) -> PersonID? {
    try connection.first(
      "SELECT person FROM citizen WHERE mechanism = ? AND citizen = ?", .text(account.mechanism),
      .integer(Int64(account.citizen.raw))
    ) { PersonID(signed: $0.integer(0)) }
  }

  func insertPerson(_ time: Instant) throws(StoreFailure) -> PersonID {
    // 63 random bits: never the same twice (the table would refuse it), and nothing to read in
    // them.
    let random = randomBytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let person = PersonID(random >> 1 | 1)
    let sealed = Cipher.seal(
      randomBytes(32), key: secrets.persons, place: "person/\(person.raw)", suite: suite)
    try connection.run(
      "INSERT INTO person VALUES (?, ?, ?)", .integer(person.signed), .bytes(sealed),
      .integer(time.milliseconds))
    return person
  }

  func key(of person: PersonID) throws(StoreFailure) -> [UInt8]? {
    let sealed = try connection.first(
      "SELECT sealed_key FROM person WHERE id = ?", .integer(person.signed)
    ) { $0.bytes(0) }
    guard let sealed else { return nil }
    guard let key = Cipher.open(sealed, key: secrets.persons, place: "person/\(person.raw)") else {
      throw damaged("the key of person \(person.raw)")
    }
    return key
  }

  func store(
    _ value: String, _ field: PersonalField, _ person: PersonID
  ) throws(StoreFailure) -> Bool {
    guard let key = try key(of: person) else { return false }
    let id = Value.integer(person.signed)
    if field == .phone {
      let blind = blind(value)
      if let owner = try findPerson(blind), owner != person { return false }
      try connection.run("DELETE FROM person_phone WHERE person = ?", id)
      if !value.isEmpty {
        try connection.run("INSERT INTO person_phone VALUES (?, ?)", .bytes(blind), id)
      }
    }
    guard !value.isEmpty else {
      try connection.run(
        "DELETE FROM person_field WHERE person = ? AND name = ?", id, .text(field.rawValue))
      return true
    }
    let kept = field == .phone ? Vault.normalised(phone: value) : value
    let sealed = Cipher.seal(
      Array(kept.utf8), key: key, place: "person/\(person.raw)/\(field.rawValue)", suite: suite)
    try connection.run(
      "INSERT INTO person_field VALUES (?, ?, ?) "
        + "ON CONFLICT DO UPDATE SET sealed = excluded.sealed",
      id, .text(field.rawValue), .bytes(sealed))
    return true
  }
}

extension Identifier where Noun == PersonNoun, Raw == UInt64 {
  var signed: Int64 { Int64(bitPattern: raw) }
  init(signed: Int64) { self.init(UInt64(bitPattern: signed)) }
}
