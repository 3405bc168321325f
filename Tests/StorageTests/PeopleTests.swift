// SPDX-License-Identifier: Apache-2.0
import Journal
import Testing
import Units

@testable import Storage

/// The vault's tables about people: the step from before, what erasing leaves, codes and passwords.
@Suite struct PeopleTests {
  private func tables(_ connection: borrowing Connection) throws -> [String] {
    try connection.rows("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name") {
      $0.text(0).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
  }

  @Test func aVaultOfTheVersionBeforeIsTakenAlong() throws {
    let folder = TrialFolder()
    let old = try Connection(folder.path + "/old.sqlite")
    let step = try #require(Vault.steps.firstIndex(of: Vault.peopleSchema))
    let before = try #require(Vault.schema.firstRange(of: Vault.peopleSchema)).lowerBound
    try old.run(script: "\(Vault.schema[..<before]) PRAGMA user_version=\(step + 1);")
    try Vault.migrate(old)
    let fresh = try Connection(folder.path + "/fresh.sqlite")
    try Vault.migrate(fresh)
    #expect(try tables(old) == tables(fresh))
    let version = try old.first("PRAGMA user_version") { $0.integer(0) }
    #expect(version == Int64(Vault.version))
  }

  @Test func erasingLeavesNothingOfThePerson() throws {
    let folder = TrialFolder()
    let vault = try VaultTests.vault(folder)
    let now = VaultTests.after(0)
    let (ma, _) = try vault.personOrNew(phone: "13800138000", at: now)
    let (child, _) = try vault.personOrNew(phone: "13900000014", at: now)
    _ = try vault.set(.birthDate, to: "2020-05-04", of: child)
    #expect(try vault.setGuardian(ma, of: child, textVersion: "g1", at: now))
    #expect(try !vault.setGuardian(child, of: child, textVersion: "g1", at: now))
    _ = try vault.personOrNew(
      issuer: "https://id.example", subject: "sub-4711", provider: "市民云", verifiedPhone: nil,
      loggedIn: ma, at: now)
    try vault.pause(
      [PausedLink(alias: AliasID(3), person: ma, since: now)], mechanism: "chengdu")
    let waiting = try vault.apply(
      mechanism: "chengdu", person: ma, kind: "school", name: "一中", contact: "王老师 028-1", at: now)
    let approved = try vault.apply(
      mechanism: "chengdu", person: ma, kind: "school", name: "二中", contact: "李老师 028-2", at: now)
    #expect(
      try vault.decide(
        application: #require(approved), approved: 5, by: StaffID(1), opinion: "好", at: now))
    #expect(try vault.contact(of: 5, mechanism: "chengdu") == "李老师 028-2")
    try vault.requestMembership(
      mechanism: "chengdu", organisation: 5, person: ma, citizen: CitizenID(9), at: now)

    try vault.erase(ma, at: now)
    #expect(try vault.person(issuer: "https://id.example", subject: "sub-4711") == nil)
    #expect(try vault.guardian(of: child) == nil)
    #expect(try vault.pausedLinks(of: ma, mechanism: "chengdu").isEmpty)
    #expect(try vault.application(#require(waiting), mechanism: "chengdu") == nil)
    #expect(try vault.contact(of: 5, mechanism: "chengdu") == "")
    #expect(try vault.membershipRequests(mechanism: "chengdu", organisation: 5).isEmpty)
    #expect(try vault.fields(of: child)[.birthDate] == "2020-05-04", "others stay")
  }

  @Test func anIdentityIsLinkedAndNeverDoubled() throws {
    let folder = TrialFolder()
    let vault = try VaultTests.vault(folder)
    let now = VaultTests.after(0)
    let (ma, _) = try vault.personOrNew(phone: "13800138000", at: now)
    func identify(_ subject: String, phone: String?, loggedIn: PersonID? = nil) throws -> PersonID?
    {
      try vault.personOrNew(
        issuer: "https://id.example", subject: subject, provider: "市民云", verifiedPhone: phone,
        loggedIn: loggedIn, at: now)
    }
    #expect(try identify("a", phone: "+86 138 0013 8000") == ma, "the same person by phone")
    #expect(try identify("a", phone: nil) == ma)
    #expect(try vault.person(phone: "13800138000") == ma)
    let other = try #require(try identify("b", phone: "13900000000"))
    #expect(other != ma)
    #expect(try vault.person(phone: "13900000000") == other)
    #expect(try identify("b", phone: nil, loggedIn: ma) == nil, "it is somebody else's")
    #expect(try identify("c", phone: "13900000000", loggedIn: ma) == ma, "who is logged in counts")
    let nameless = try #require(try identify("d", phone: nil))
    #expect(try vault.fields(of: nameless).isEmpty)
    // The same subject at another server is another person.
    let elsewhere = try vault.personOrNew(
      issuer: "https://id.examplea", subject: "", provider: "x", verifiedPhone: nil, at: now)
    #expect(elsewhere != ma)
  }

  @Test func codesOfGuardiansAndInvitationsExpire() throws {
    let folder = TrialFolder()
    let vault = try VaultTests.vault(folder)
    let (child, _) = try vault.personOrNew(phone: "13900000014", at: VaultTests.after(0))
    let first = try vault.newGuardianCode(
      child: child, mechanism: "chengdu", at: VaultTests.after(0))
    let code = try vault.newGuardianCode(
      child: child, mechanism: "chengdu", at: VaultTests.after(1))
    func asks(_ code: String, _ seconds: Int64, _ mechanism: String = "chengdu") throws
      -> PersonID?
    { try vault.child(code: code, mechanism: mechanism, at: VaultTests.after(seconds)) }
    #expect(try asks(first, 2) == nil, "a new one makes it void")
    #expect(try asks(code.uppercased(), 2) == child)
    #expect(try asks(code, 2, "zhangye") == nil)
    #expect(try asks(code, 48 * 3600 + 2) == nil)
    let invitation = try vault.newInvitation(
      mechanism: "chengdu", organisation: 7, uses: 1, at: VaultTests.after(0))
    func invited(_ seconds: Int64) throws -> UInt32? {
      try vault.invitation(code: invitation, mechanism: "chengdu", at: VaultTests.after(seconds))
    }
    #expect(try invited(30 * 86_400 + 1) == nil)
    #expect(try invited(5) == 7)
    #expect(try vault.useInvitation(code: invitation))
    #expect(try !vault.useInvitation(code: invitation))
    #expect(try invited(5) == nil)
  }

  @Test func passwordsAreStrongNewAndOfThreeMonths() throws {
    #expect(Vault.fault(of: "Short-1", username: "wei") == .tooShort)
    #expect(Vault.fault(of: "onlysmallletters", username: "wei") == .tooSimple)
    #expect(Vault.fault(of: "Small-and-Large", username: "wei") == nil)
    #expect(Vault.fault(of: "my-WEI-password-1", username: "wei") == .namesAccount)
    let folder = TrialFolder()
    let vault = try VaultTests.vault(folder)
    let id = try #require(
      try vault.addStaff(
        username: "wei", displayName: "魏", roles: [], password: "Password-0000",
        at: VaultTests.after(0), strength: .weak))
    let day: Int64 = 86_400
    #expect(try vault.passwordStanding(of: id, at: VaultTests.after(89 * day)) == .good)
    #expect(try vault.passwordStanding(of: id, at: VaultTests.after(90 * day)) == .expired)
    try vault.markFirstPassword(of: id, at: VaultTests.after(0))
    #expect(try vault.passwordStanding(of: id, at: VaultTests.after(1)) == .first)
    for number in 1...5 {
      let fault = try vault.changePassword(
        to: "Password-000\(number)", of: id, at: VaultTests.after(90 * day), strength: .weak)
      #expect(fault == nil)
    }
    func change(_ number: Int) throws -> PasswordFault? {
      try vault.changePassword(
        to: "Password-000\(number)", of: id, at: VaultTests.after(91 * day), strength: .weak)
    }
    // The one in use and the four before it.
    for number in 1...5 { #expect(try change(number) == .usedBefore) }
    #expect(try change(0) == nil)
    #expect(try vault.passwordStanding(of: id, at: VaultTests.after(92 * day)) == .good)
  }
}
