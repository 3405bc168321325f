// SPDX-License-Identifier: Apache-2.0
import Glibc
import Journal
import Storage
import Testing
import Units

/// What the vault promises to persons: kept, found by its owner only, and gone when it is to go.
@Suite struct VaultTests {
  static let noon = Instant("2026-03-01T12:00:00+08:00")!

  static func after(_ seconds: Int64) -> Instant {
    Instant(milliseconds: noon.milliseconds + seconds * 1000)
  }

  static func vault(_ folder: borrowing TrialFolder, _ suite: Suite = .international) throws
    -> Vault
  {
    try Vault(path: folder.path + "/vault.sqlite", keys: folder.path, suite: suite)
  }

  @Test(arguments: [Suite.international, .national])
  func aPersonIsFoundByPhoneAndByAccount(_ suite: Suite) throws {
    let folder = TrialFolder()
    var vault = try Self.vault(folder, suite)
    let (lin, isNew) = try vault.personOrNew(phone: "+86 138-0013-8000", at: Self.noon)
    #expect(isNew)
    #expect(try vault.set(.name, to: "林晓", of: lin))
    let chengdu = Account(mechanism: "chengdu", citizen: CitizenID(7))
    #expect(try vault.link(chengdu, to: lin))
    #expect(try vault.link(Account(mechanism: "shenzhen", citizen: CitizenID(7)), to: lin))
    vault.close()
    vault = try Self.vault(folder, suite)
    #expect(try vault.personOrNew(phone: "13800138000", at: Self.noon) == (lin, false))
    #expect(try vault.person(phone: "13800138001") == nil)
    #expect(try vault.fields(of: lin) == [.phone: "13800138000", .name: "林晓"])
    #expect(try vault.person(of: chengdu) == lin)
    #expect(try vault.accounts(of: lin).map(\.mechanism) == ["chengdu", "shenzhen"])
    // Nobody gets another's phone or account.
    let (ma, _) = try vault.personOrNew(phone: "13900139000", at: Self.noon)
    #expect(try !vault.set(.phone, to: "138 0013 8000", of: ma))
    #expect(try !vault.link(chengdu, to: ma))
    #expect(try vault.link(chengdu, to: lin))
    vault.close()
  }

  @Test(arguments: [Suite.international, .national])
  func erasingLeavesNoTrace(_ suite: Suite) throws {
    let folder = TrialFolder()
    let vault = try Self.vault(folder, suite)
    var people: [PersonID] = []
    for number in 0..<400 {
      let (person, _) = try vault.personOrNew(phone: "138001\(10_000 + number)", at: Self.noon)
      _ = try vault.set(.name, to: "Person \(number)", of: person)
      people.append(person)
    }
    let lost = people[200]
    _ = try vault.link(Account(mechanism: "chengdu", citizen: CitizenID(201)), to: lost)
    try vault.giveConsent(of: lost, purpose: "join", textVersion: "1", at: Self.noon)
    _ = try vault.issueLoginCode(phone: "13800110200", at: Self.noon)
    #expect(!contains(folder.everything(), Array("13800110200".utf8)))
    // What is stored of the person, as an attacker with the file and the master key would want it.
    let sealed = try storedBytes(folder, lost)
    #expect(sealed.count == 4)
    #expect(sealed.allSatisfy { contains(folder.everything(), $0) })

    try vault.erase(lost, at: Self.after(60))
    let left = folder.everything()
    for bytes in sealed { #expect(!contains(left, bytes)) }
    #expect(try vault.fields(of: lost) == [:])
    #expect(try vault.person(phone: "13800110200") == nil)
    #expect(try vault.person(of: Account(mechanism: "chengdu", citizen: CitizenID(201))) == nil)
    #expect(try vault.consents(of: lost).map(\.withdrawn) == [Self.after(60)])
    // The neighbours are untouched, and the phone begins anew as somebody else.
    #expect(try vault.fields(of: people[199])[.name] == "Person 199")
    #expect(try vault.personOrNew(phone: "13800110200", at: Self.noon).person != lost)
    vault.close()
  }

  /// The sealed key, the sealed phone and name, and the blind index of the phone.
  private func storedBytes(_ folder: borrowing TrialFolder, _ person: PersonID) throws -> [[UInt8]]
  {
    let reader = try Connection(folder.path + "/vault.sqlite", .readOnly)
    let id = Value.integer(Int64(person.raw))
    return try reader.rows("SELECT sealed_key FROM person WHERE id = ?", id) { $0.bytes(0) }
      + reader.rows("SELECT sealed FROM person_field WHERE person = ?", id) { $0.bytes(0) }
      + reader.rows("SELECT blind FROM person_phone WHERE person = ?", id) { $0.bytes(0) }
  }

  @Test func aWrongOrMissingMasterKeyIsSaid() throws {
    let folder = TrialFolder()
    let first = try Self.vault(folder)
    let (person, _) = try first.personOrNew(phone: "13800138000", at: Self.noon)
    first.close()
    let key = folder.path + "/master.key"
    #expect(rename(key, key + ".aside") == 0)
    let missing = #expect(throws: StoreFailure.self) { _ = try Self.vault(folder) }
    #expect(missing?.cause.contains("is missing") == true)
    #expect(run(["/bin/sh", "-c", "umask 077; printf '%064d\\n' 7 > \(key)"]).status == 0)
    let wrong = #expect(throws: StoreFailure.self) { _ = try Self.vault(folder) }
    #expect(wrong?.cause.contains("the master key is not the one it was made with") == true)
    #expect(wrong?.advice.contains("keys/master.key") == true)
    #expect(rename(key + ".aside", key) == 0)
    chmod(key, 0o644)
    let open = #expect(throws: StoreFailure.self) { _ = try Self.vault(folder) }
    #expect(open?.cause.contains("other users") == true)
    chmod(key, 0o600)
    let again = try Self.vault(folder)
    #expect(try again.person(phone: "13800138000") == person)
    again.close()
  }

  @Test func aSealedFieldDoesNotOpenElsewhere() {
    for suite in [Suite.international, .national] {
      let key = randomBytes(32)
      let sealed = Cipher.seal(Array("林".utf8), key: key, place: "person/1/name", suite: suite)
      #expect(Cipher.open(sealed, key: key, place: "person/1/name") == Array("林".utf8))
      #expect(Cipher.open(sealed, key: key, place: "person/2/name") == nil)
      #expect(Cipher.open(sealed, key: randomBytes(32), place: "person/1/name") == nil)
      for index in sealed.indices {
        var changed = sealed
        changed[index] ^= 1
        #expect(Cipher.open(changed, key: key, place: "person/1/name") == nil)
      }
      let empty = Cipher.seal([UInt8](), key: key, place: "", suite: suite)
      #expect(Cipher.open(empty, key: key, place: "") == [])
    }
  }

  @Test func partnerKeysHoldUntilRevoked() throws {
    let folder = TrialFolder()
    var vault = try Self.vault(folder)
    let old = try vault.newPartnerKey(mechanism: "chengdu", partner: PartnerID(3), at: Self.noon)
    let new = try vault.newPartnerKey(mechanism: "chengdu", partner: PartnerID(3), at: Self.noon)
    #expect(old.hasPrefix("tph_") && old.utf8.count == 44 && old != new)
    #expect(!contains(folder.everything(), Array(old.utf8)))
    vault.close()
    vault = try Self.vault(folder)
    let key = try #require(vault.partnerKey(old.utf8))
    #expect(key.mechanism == "chengdu" && key.partner == PartnerID(3))
    #expect(try vault.revokePartnerKey(hash: key.hash, at: Self.after(1)))
    #expect(try !vault.revokePartnerKey(hash: key.hash, at: Self.after(2)))
    #expect(vault.partnerKey(old.utf8) == nil)
    #expect(vault.partnerKey(new.utf8) != nil)
    #expect(vault.partnerKey((new.dropLast() + "!").utf8) == nil)
    #expect(vault.partnerKeys(mechanism: "chengdu").count == 2)
    vault.close()
  }

  @Test func loginCodesAreFewAndShort() throws {
    let folder = TrialFolder()
    let vault = try Self.vault(folder)
    let phone = "13800138000"
    guard case .issued(let code) = try vault.issueLoginCode(phone: phone, at: Self.noon) else {
      Issue.record("the first code must be issued")
      return
    }
    #expect(code.utf8.count == 6 && Int(code) != nil)
    #expect(
      try vault.issueLoginCode(phone: phone, at: Self.after(59)) == .tooSoon(until: Self.after(60)))
    let wrong = code == "000000" ? "000001" : "000000"
    #expect(
      try vault.checkLoginCode(phone: phone, code: wrong, at: Self.after(1)) == .wrong(triesLeft: 4)
    )
    #expect(
      try vault.checkLoginCode(phone: "+86 138 0013 8000", code: code, at: Self.after(299))
        == .right)
    #expect(try vault.checkLoginCode(phone: phone, code: code, at: Self.after(299)) == .noCode)
    // A second one is spoilt by five wrong tries, a third by five minutes.
    guard case .issued(let second) = try vault.issueLoginCode(phone: phone, at: Self.after(300))
    else {
      Issue.record("a second code must be issued")
      return
    }
    let other = second == "000000" ? "000001" : "000000"
    for left in [4, 3, 2, 1, 0] {
      #expect(
        try vault.checkLoginCode(phone: phone, code: other, at: Self.after(301))
          == .wrong(triesLeft: left))
    }
    #expect(try vault.checkLoginCode(phone: phone, code: second, at: Self.after(302)) == .noCode)
    guard case .issued(let third) = try vault.issueLoginCode(phone: phone, at: Self.after(400))
    else {
      Issue.record("a third code must be issued")
      return
    }
    #expect(try vault.checkLoginCode(phone: phone, code: third, at: Self.after(700)) == .noCode)
    // Ten in a day, then none until the day has passed.
    for number in 4...10 as ClosedRange<Int64> {
      guard
        case .issued = try vault.issueLoginCode(phone: phone, at: Self.after(number * 100 + 300))
      else {
        Issue.record("code \(number) must be issued")
        return
      }
    }
    #expect(
      try vault.issueLoginCode(phone: phone, at: Self.after(2000))
        == .tooMany(until: Self.after(86_400)))
    guard case .issued = try vault.issueLoginCode(phone: phone, at: Self.after(86_400)) else {
      Issue.record("the next day begins anew")
      return
    }
    vault.close()
  }

  @Test func sessionsEndWhenTheyShould() throws {
    let folder = TrialFolder()
    let vault = try Self.vault(folder)
    let (token, opened) = try vault.openSession(
      .citizen, subject: 42, at: Self.noon, lifetimeMilliseconds: 3_600_000)
    #expect(opened.csrf.count == 32)
    #expect(!contains(folder.everything(), Array(token.utf8)))
    let session = try #require(try vault.session(token: token, at: Self.after(120)))
    #expect(session.subject == 42 && session.kind == .citizen && session.csrf == opened.csrf)
    #expect(session.lastSeen == Self.after(120))
    #expect(try vault.session(token: token, at: Self.after(3600)) == nil)
    let forged = (token.hasPrefix("a") ? "b" : "a") + token.dropFirst()
    #expect(try vault.session(token: forged, at: Self.noon) == nil)
    let (other, _) = try vault.openSession(
      .citizen, subject: 42, at: Self.noon, lifetimeMilliseconds: 3_600_000)
    try vault.revokeSession(token: token)
    #expect(try vault.session(token: token, at: Self.noon) == nil)
    #expect(try vault.session(token: other, at: Self.noon) != nil)
    try vault.revokeSessions(.citizen, subject: 42)
    #expect(try vault.session(token: other, at: Self.noon) == nil)
    vault.close()
  }

  @Test func consentsAreRememberedInTheirWords() throws {
    let folder = TrialFolder()
    let vault = try Self.vault(folder)
    let person = try vault.newPerson(at: Self.noon)
    try vault.giveConsent(
      of: person, purpose: "share", receiver: "bank", textVersion: "2", at: Self.noon)
    try vault.giveConsent(
      of: person, purpose: "share", receiver: "bank", textVersion: "2", at: Self.after(5))
    #expect(
      try vault.withdrawConsent(of: person, purpose: "share", receiver: "bank", at: Self.after(9)))
    #expect(
      try !vault.withdrawConsent(of: person, purpose: "share", receiver: "bank", at: Self.after(9)))
    let consents = try vault.consents(of: person)
    #expect(consents.count == 1)
    #expect(consents[0].given == Self.noon && consents[0].withdrawn == Self.after(9))
    #expect(consents[0].textVersion == "2")
    vault.close()
  }

  @Test func whatStaffDidCannotBeUnsaid() throws {
    let folder = TrialFolder()
    let vault = try Self.vault(folder)
    for (number, object) in ["scene/1", "scene/2", "scene/1"].enumerated() {
      try vault.record(
        StaffAction(
          time: Self.after(Int64(number)), staff: StaffID(1), action: "close", object: object,
          before: "open", after: "closed", address: "10.0.0.8"))
    }
    #expect(try vault.staffActions().map(\.action.object) == ["scene/1", "scene/2", "scene/1"])
    #expect(try vault.staffActions(object: "scene/1").map(\.number) == [3, 1])
    vault.close()
    let intruder = try Connection(folder.path + "/vault.sqlite", .readWrite)
    #expect(throws: StoreFailure.self) { try intruder.run("DELETE FROM staff_action") }
    #expect(throws: StoreFailure.self) { try intruder.run("UPDATE staff_action SET staff = 2") }
    #expect(try intruder.first("SELECT count(*) FROM staff_action") { $0.integer(0) } == 3)
  }
}
