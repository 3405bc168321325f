// SPDX-License-Identifier: Apache-2.0
// VAULT. Everything that names a person, and nothing else does.
//
//   master.key ──opens──▶ secrets (blind index, alias index, …)
//        └──opens──▶ a person's own key ──opens──▶ phone, name, …
//   phone ──HMAC──▶ blind index ──▶ person ◀──▶ (mechanism, citizen)        the journal's side
//   (partner, subject) ──keyed hash──▶ AliasIndex ──▶ AliasID                in memory, hot
//
// Invariants
// 1. No phone, name or subject stands in the file in the clear, and none can be looked for without
//    the vault's secrets: indexes are keyed hashes.
// 2. Erasing a person destroys the key, the fields, the index entries and the links to accounts in
//    one transaction; the engine overwrites what it deletes, and the log is emptied at once.
// 3. A number of a person or an alias is never given twice, also after erasing.
// 4. A password, a token, a code, a partner's key is stored as a hash only.
// 5. What is answered is durable. An alias number is in the index only after its row is on the
//    disk, so no report can be journalled under a number that a power cut would give to another.
//
// One vault serves all mechanisms of a data folder: one person may hold an account in each. All
// calls may come from any thread: the connection is guarded by `lock`, the alias indexes each by
// their own.
import CSodium
import Journal
import Units

@frozen public enum PersonNoun {}
@frozen public enum StaffNoun {}

/// 自然人: a random number that means nothing outside the vault.
public typealias PersonID = Identifier<PersonNoun, UInt64>
/// 工作人员: a staff account.
public typealias StaffID = Identifier<StaffNoun, UInt32>

package final class Vault: @unchecked Sendable {  // by `lock`
  let lock = Lock()
  private var guardian: FileLock?
  let connection: Connection
  package let suite: Suite
  let secrets: Secrets
  /// Mechanisms whose aliases are loaded.
  var aliasesByMechanism: [String: Aliases] = [:]
  var keysByHash: [[UInt8]: PartnerKey] = [:]
  var verifiers: [String: PartnerVerifier] = [:]
  var partnerTerms: [PartnerPlace: PartnerTerms] = [:]

  /// Opens the vault, or makes it; `suite` says how a new one seals and is kept with it.
  ///
  /// The master key lies apart from the file, so that a backup of the one is nothing without the
  /// other. It is made with a new vault only: an existing vault whose key is gone is never given a
  /// new one, for that would make everything in it unreadable for good. `create`: whether there may
  /// be a new vault. Where journals exist there may not: it would number the partners' users anew,
  /// so that journals take them for others, and know no event again.
  package init(
    path: String, keys: String, suite: Suite = .international, create: Bool = true
  ) throws(StoreFailure) {
    precondition(sodium_init() >= 0, "libsodium does not start")
    let guardian = try FileLock(path + ".lock", guarding: "the vault \(path)")
    let isNew = !Files.exists(path)
    guard create || !isNew else { throw Vault.lost(path, "is missing") }
    let master = try MasterKey.openOrCreate(keys + "/master.key", create: isNew)
    let connection = try Connection(path)
    if !create {
      let tables = try connection.first("SELECT count(*) FROM sqlite_schema") { $0.integer(0) } ?? 0
      guard tables > 0 else { throw Vault.lost(path, "is empty") }
    }
    try connection.run(script: "PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON;")
    try connection.makeDurable(checkpointBytes: Vault.checkpointBytes)
    try Vault.migrate(connection)
    let kept = try connection.first("SELECT suite FROM vault") { $0.integer(0) }
    if kept == nil {
      guard create else { throw Vault.lost(path, "holds no secrets") }
      try Vault.found(connection, master, suite)
    }
    self.suite = kept.flatMap { Suite(rawValue: UInt8(truncatingIfNeeded: $0)) } ?? suite
    secrets = try Secrets(connection, master, path)
    self.connection = connection
    self.guardian = consume guardian
    try loadPartnerKeys()
    try loadPartnerTerms()
  }

  /// Ends the vault's work and lets another be opened on the same file. Until then a vault whose
  /// aliases were asked for stays in memory, for the two know each other.
  package func close() {
    lock.lock()
    defer { lock.unlock() }
    try? connection.run(script: "PRAGMA wal_checkpoint(TRUNCATE)")
    aliasesByMechanism.removeAll()
    guardian = nil
  }

  /// Rewrites the file without its gaps; to be run at night now and then.
  package func compact() throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.run(script: "VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")
  }

  /// Aliases come in their thousands, everything else one by one.
  static let checkpointBytes = 16 << 20

  private static func lost(_ path: String, _ how: String) -> StoreFailure {
    StoreFailure(
      .unavailable, "open the vault \(path)",
      cause: "it \(how), and the journals beside it can't do without",
      advice: "Restore vault.sqlite and keys/master.key from the last backup; nothing was changed.")
  }

  private static func found(
    _ connection: borrowing Connection, _ master: MasterKey, _ suite: Suite
  ) throws(StoreFailure) {
    try connection.run(script: "BEGIN IMMEDIATE")
    for name in Secrets.names {
      let sealed = Cipher.seal(
        randomBytes(32), key: master.key, place: "secret/\(name)", suite: suite)
      try connection.run("INSERT INTO secret VALUES (?, ?)", .text(name), .bytes(sealed))
    }
    try connection.run("INSERT INTO vault VALUES (?)", .integer(Int64(suite.rawValue)))
    try connection.run(script: "COMMIT")
  }
}

/// The key that opens all others: 64 hexadecimal digits in a file of its own, mode 0600.
struct MasterKey {
  let key: [UInt8]

  static func openOrCreate(_ path: String, create: Bool) throws(StoreFailure) -> MasterKey {
    if !Files.exists(path) {
      guard create else {
        throw StoreFailure(
          .unavailable, "open the vault", cause: "its master key \(path) is missing",
          advice: "Restore this file from where you keep it safe; without it nothing in the vault "
            + "can be read.")
      }
      try Files.write(
        Array((hexadecimal(randomBytes(32)) + "\n").utf8), to: path, mode: 0o600)
    }
    let text = String(decoding: try Files.readSecret(path), as: UTF8.self)
    let digits = String(text.prefix { $0 != "\n" && $0 != "\r" })
    guard digits.utf8.count == 64, let key = bytes(hexadecimal: digits) else {
      throw StoreFailure(
        .corrupt, "open the vault", cause: "\(path) is not a master key (64 hexadecimal digits)",
        advice: "Restore this file from where you keep it safe.")
    }
    return MasterKey(key: key)
  }
}

/// What the vault keeps from everybody who has only its file.
struct Secrets {
  static let names = ["persons", "blind-index", "alias-index", "alias-subjects", "staff"]
  /// Wraps each person's own key.
  let persons: [UInt8]
  let blindIndex: [UInt8]
  let aliasIndex: [UInt8]
  let aliasSubjects: [UInt8]
  let staff: [UInt8]

  init(
    _ connection: borrowing Connection, _ master: MasterKey, _ path: String
  ) throws(StoreFailure) {
    var opened: [String: [UInt8]] = [:]
    let rows = try connection.rows("SELECT name, sealed FROM secret") { ($0.text(0), $0.bytes(1)) }
    for (name, sealed) in rows {
      opened[name] = Cipher.open(sealed, key: master.key, place: "secret/\(name)")
    }
    guard let persons = opened["persons"], let blindIndex = opened["blind-index"],
      let aliasIndex = opened["alias-index"], let aliasSubjects = opened["alias-subjects"],
      let staff = opened["staff"]
    else {
      throw StoreFailure(
        .unavailable, "open the vault \(path)",
        cause: "the master key is not the one it was made with",
        advice:
          "Put the right keys/master.key back (both come from the same backup); nothing in the "
          + "vault was changed.")
    }
    self.persons = persons
    self.blindIndex = blindIndex
    self.aliasIndex = aliasIndex
    self.aliasSubjects = aliasSubjects
    self.staff = staff
  }
}
