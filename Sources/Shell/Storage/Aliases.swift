// SPDX-License-Identifier: Apache-2.0
import CSodium
import Journal
import Units

/// 接入用户: the partners' users of one mechanism, and their numbers.
///
/// `resolve` is on the path of every report: known subjects cost a keyed hash and a look into
/// memory; new ones of a call are numbered and made durable together. Calls may come from any
/// thread. Readers share `indexLock`; whoever adds holds the vault's lock throughout, and the index
/// lock only once the rows are on the disk.
package final class Aliases: @unchecked Sendable {  // by `indexLock`, and the vault's `lock`
  private let vault: Vault
  private let mechanism: Int64
  private let indexLock = ReadWriteLock()
  private var index: AliasIndex
  /// The highest number given so far, erased ones included; guarded by the vault's lock.
  private var highest: UInt32

  fileprivate init(
    _ vault: Vault, _ mechanism: Int64, _ index: consuming AliasIndex, highest: UInt32
  ) {
    self.vault = vault
    self.mechanism = mechanism
    self.index = index
    self.highest = highest
  }

  /// Writes the number of each subject into `aliases`, in order; new subjects are added. The bytes
  /// of a subject are compared as they are.
  package func resolve(
    _ subjects: UnsafeBufferPointer<UnsafeRawBufferPointer>, of partner: PartnerID,
    into aliases: UnsafeMutableBufferPointer<AliasID>
  ) throws(StoreFailure) {
    precondition(aliases.count >= subjects.count, "there must be room for every subject's number")
    let hash = SubjectHash(vault.secrets.aliasIndex, partner)
    indexLock.lockReading()
    var missing = false
    var start = 0
    while start < subjects.count {
      let end = min(start + Aliases.stride, subjects.count)
      missing = look(subjects, start..<end, hash, aliases) || missing
      start = end
    }
    indexLock.unlock()
    if missing { try add(subjects, partner, hash, aliases) }
  }

  /// A subject's number where it has one already; nothing is added.
  package func find(_ subject: [UInt8], of partner: PartnerID) -> AliasID? {
    let digest = subject.withUnsafeBytes {
      SubjectHash(vault.secrets.aliasIndex, partner).digest($0).short
    }
    indexLock.lockReading()
    defer { indexLock.unlock() }
    let alias = index.find(digest)
    return alias == 0 ? nil : AliasID(alias)
  }

  /// How many numbers have been given, erased ones included.
  package var count: Int { vault.lock.with { Int(highest) } }

  /// Who stands behind a number, to be shown to that person or exported for them; nil when erased.
  package func subject(
    of alias: AliasID
  ) throws(StoreFailure) -> (partner: PartnerID, subject: [UInt8])? {
    vault.lock.lock()
    defer { vault.lock.unlock() }
    let row = try vault.connection.first(
      "SELECT partner, sealed FROM alias WHERE mechanism = ? AND alias = ? AND sealed IS NOT NULL",
      .integer(mechanism), .integer(Int64(alias.raw))
    ) { (PartnerID(UInt16(truncatingIfNeeded: $0.integer(0))), $0.bytes(1)) }
    guard let (partner, sealed) = row else { return nil }
    guard
      let plain = Cipher.open(sealed, key: vault.secrets.aliasSubjects, place: place(alias.raw))
    else { throw vault.damaged("alias \(alias.raw)") }
    return (partner, plain)
  }

  /// Removes the subject behind a number. The number stays given; the same subject reported again
  /// is a new one.
  package func erase(_ alias: AliasID) throws(StoreFailure) {
    vault.lock.lock()
    defer { vault.lock.unlock() }
    let kept = try vault.connection.first(
      "SELECT digest FROM alias WHERE mechanism = ? AND alias = ? AND digest IS NOT NULL",
      .integer(mechanism), .integer(Int64(alias.raw))
    ) { $0.withBytes(0) { SubjectDigest($0) } }
    guard let digest = kept else { return }
    try vault.connection.run(
      "UPDATE alias SET digest = NULL, sealed = NULL WHERE mechanism = ? AND alias = ?",
      .integer(mechanism), .integer(Int64(alias.raw)))
    indexLock.lockWriting()
    index.erase(digest.short)
    indexLock.unlock()
    try vault.connection.run(script: "PRAGMA wal_checkpoint(TRUNCATE)")
  }

  /// Subjects looked up together: their slots are asked for before the first is looked at.
  private static let stride = 32

  private func look(
    _ subjects: UnsafeBufferPointer<UnsafeRawBufferPointer>, _ range: Range<Int>,
    _ hash: SubjectHash, _ aliases: UnsafeMutableBufferPointer<AliasID>
  ) -> Bool {
    withUnsafeTemporaryAllocation(of: AliasDigest.self, capacity: Aliases.stride) { digests in
      for at in range {
        let digest = hash.digest(subjects[at]).short
        digests[at - range.lowerBound] = digest
        index.prefetch(digest)
      }
      var missing = false
      for at in range {
        let alias = index.find(digests[at - range.lowerBound])
        aliases[at] = AliasID(alias)
        missing = missing || alias == 0
      }
      return missing
    }
  }

  private func add(
    _ subjects: UnsafeBufferPointer<UnsafeRawBufferPointer>, _ partner: PartnerID,
    _ hash: SubjectHash, _ aliases: UnsafeMutableBufferPointer<AliasID>
  ) throws(StoreFailure) {
    vault.lock.lock()
    defer { vault.lock.unlock() }
    // Only holders of the vault's lock change the index, so it can be read here without its own.
    var added: [(digest: SubjectDigest, subject: UnsafeRawBufferPointer)] = []
    var numbers: [AliasDigest: UInt32] = [:]
    for at in 0..<subjects.count where aliases[at].isNone {
      let digest = hash.digest(subjects[at])
      var alias = index.find(digest.short)
      if alias == 0 { alias = numbers[digest.short] ?? 0 }
      if alias == 0 {
        added.append((digest, subjects[at]))
        alias = highest + UInt32(added.count)
        numbers[digest.short] = alias
      }
      aliases[at] = AliasID(alias)
    }
    guard !added.isEmpty else { return }
    do throws(StoreFailure) {
      try store(added, partner)
    } catch {
      for at in 0..<subjects.count { aliases[at] = .none }
      throw error.during("number \(added.count) new users of partner \(partner.raw)")
    }
    indexLock.lockWriting()
    for (offset, entry) in added.enumerated() {
      index.insert(entry.digest.short, highest + UInt32(offset) + 1)
    }
    indexLock.unlock()
    highest += UInt32(added.count)
  }

  private func store(
    _ added: [(digest: SubjectDigest, subject: UnsafeRawBufferPointer)], _ partner: PartnerID
  ) throws(StoreFailure) {
    try vault.connection.transaction { () throws(StoreFailure) in
      let insert = try vault.connection.prepare("INSERT INTO alias VALUES (?, ?, ?, ?, ?)")
      try insert.bind(mechanism, at: 1)
      try insert.bind(Int64(partner.raw), at: 3)
      for (offset, entry) in added.enumerated() {
        let alias = highest + UInt32(offset) + 1
        let sealed = Cipher.seal(
          entry.subject, key: vault.secrets.aliasSubjects, place: place(alias), suite: vault.suite)
        try insert.bind(Int64(alias), at: 2)
        var failure: StoreFailure?
        withUnsafeBytes(of: entry.digest.words) { digest in
          sealed.withUnsafeBytes { sealed in
            do throws(StoreFailure) {
              try insert.bind(borrowed: digest, at: 4)
              try insert.bind(borrowed: sealed, at: 5)
              while try insert.step() {}
            } catch {
              failure = error
            }
            insert.reset()
          }
        }
        if let failure { throw failure }
      }
    }
  }

  private func place(_ alias: UInt32) -> String { "alias/\(mechanism)/\(alias)" }
}

extension Vault {
  /// The aliases of a mechanism, loaded at the first call: about a third of a second a million.
  package func aliases(of mechanism: String) throws(StoreFailure) -> Aliases {
    lock.lock()
    defer { lock.unlock() }
    if let loaded = aliasesByMechanism[mechanism] { return loaded }
    try connection.run(
      "INSERT INTO mechanism(code) VALUES (?) ON CONFLICT DO NOTHING", .text(mechanism))
    let number = try connection.first(
      "SELECT number FROM mechanism WHERE code = ?", .text(mechanism)
    ) { $0.integer(0) }
    guard let number else { throw damaged("the number of \(mechanism)") }
    let highest =
      try connection.first(
        "SELECT max(alias) FROM alias WHERE mechanism = ?", .integer(number)
      ) { $0.integer(0) } ?? 0
    var index = AliasIndex(expecting: Int(highest))
    let rows = try connection.prepare(
      "SELECT alias, digest FROM alias WHERE mechanism = ? AND digest IS NOT NULL")
    try rows.bind(number, at: 1)
    while try rows.step() {
      index.insert(
        rows.withBytes(1) { SubjectDigest($0).short }, UInt32(truncatingIfNeeded: rows.integer(0)))
    }
    let aliases = Aliases(
      self, number, index, highest: UInt32(truncatingIfNeeded: highest))
    aliasesByMechanism[mechanism] = aliases
    return aliases
  }
}

/// The keyed hash of a subject, 128 bits.
struct SubjectDigest {
  var words: (UInt64, UInt64)

  init(_ bytes: UnsafeRawBufferPointer) {
    words = (
      bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    )
  }

  /// What the index keeps of it.
  var short: AliasDigest {
    AliasDigest(high: words.0, low: UInt32(truncatingIfNeeded: words.1))
  }
}

/// SipHash under a key that only the vault knows, another one for each partner.
struct SubjectHash: Sendable {
  private let key: (UInt64, UInt64)

  init(_ secret: [UInt8], _ partner: PartnerID) {
    self.init(secret, "partner/\(partner.raw)")
  }

  /// A key of its own for every use of the secret.
  init(_ secret: [UInt8], _ use: String) {
    let derived = Digest.sha256.authenticate(Array(use.utf8), key: secret)
    key = derived.withUnsafeBytes { SubjectDigest($0).words }
  }

  func digest(_ subject: UnsafeRawBufferPointer) -> SubjectDigest {
    withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { digest in
      withUnsafeBytes(of: key) { key in
        _ = crypto_shorthash_siphashx24(
          digest.bindMemory(to: UInt8.self).baseAddress!,
          subject.bindMemory(to: UInt8.self).baseAddress ?? SubjectHash.nothing,
          UInt64(subject.count), key.bindMemory(to: UInt8.self).baseAddress!)
      }
      return SubjectDigest(UnsafeRawBufferPointer(digest))
    }
  }

  /// An empty subject has no address of its own.
  private static var nothing: UnsafePointer<UInt8> {
    UnsafePointer(bitPattern: 16)!
  }
}
