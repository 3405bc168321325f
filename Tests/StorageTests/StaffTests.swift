// SPDX-License-Identifier: Apache-2.0
import Glibc
import Journal
import Storage
import Testing
import Units

/// Staff accounts: a password, a second factor, and a door that closes.
@Suite struct StaffTests {
  static func staffed(_ folder: borrowing TrialFolder) throws -> (Vault, StaffID) {
    let vault = try VaultTests.vault(folder)
    let staff = try #require(
      try vault.addStaff(
        username: "wang", displayName: "王审核", roles: ["auditor", "operator"],
        password: "correct horse", at: VaultTests.noon, strength: .weak))
    return (vault, staff)
  }

  static func outcome(_ login: StaffLogin) -> String {
    switch login {
    case .accepted: "accepted"
    case .wrong: "wrong"
    case .locked: "locked"
    case .needsCode: "needsCode"
    }
  }

  @Test func fiveWrongTriesCloseTheDoorForAQuarterOfAnHour() throws {
    let folder = TrialFolder()
    let (vault, _) = try Self.staffed(folder)
    func attempt(_ password: String, _ seconds: Int64) throws -> String {
      Self.outcome(
        try vault.logIn(
          username: "wang", password: password, code: nil, at: VaultTests.after(seconds)))
    }
    #expect(!contains(folder.everything(), Array("correct horse".utf8)))
    for second in 0..<4 { #expect(try attempt("wrong", Int64(second)) == "wrong") }
    #expect(try attempt("correct horse", 4) == "accepted")
    // A right one begins the count anew.
    for second in 5..<10 { #expect(try attempt("wrong", Int64(second)) == "wrong") }
    #expect(try attempt("correct horse", 10) == "locked")
    #expect(try attempt("correct horse", 9 + 899) == "locked")
    #expect(try attempt("correct horse", 9 + 900) == "accepted")
    #expect(
      Self.outcome(
        try vault.logIn(username: "nobody", password: "x", code: nil, at: VaultTests.noon))
        == "wrong")
    #expect(
      try vault.addStaff(
        username: "wang", displayName: "", roles: [], password: "x", at: VaultTests.noon,
        strength: .weak) == nil)
    vault.close()
  }

  @Test func theSecondFactorIsUsedOnce() throws {
    let folder = TrialFolder()
    let (vault, staff) = try Self.staffed(folder)
    let secret = Array("12345678901234567890".utf8)
    func code(_ seconds: Int64) -> String {
      OneTimeCode.code(secret: secret, step: VaultTests.after(seconds).seconds / 30)
    }
    func attempt(_ code: String?, _ seconds: Int64) throws -> String {
      Self.outcome(
        try vault.logIn(
          username: "wang", password: "correct horse", code: code, at: VaultTests.after(seconds)))
    }
    #expect(
      try !vault.enrolSecondFactor(secret, code: "abcdef", of: staff, at: VaultTests.after(0)))
    #expect(try vault.enrolSecondFactor(secret, code: code(0), of: staff, at: VaultTests.after(0)))
    #expect(!contains(folder.everything(), secret))
    #expect(try vault.staff(staff)?.hasSecondFactor == true)
    #expect(try attempt(nil, 1) == "needsCode")
    // The code that proved the telephone is used up.
    #expect(try attempt(code(0), 1) == "wrong")
    #expect(try attempt(code(60), 60) == "accepted")
    #expect(try attempt(code(60), 61) == "wrong")
    // A clock half a minute off is forgiven, a whole minute is not.
    #expect(try attempt(code(90), 120) == "accepted")
    #expect(try attempt(code(150), 210) == "wrong")
    #expect(try attempt(code(240), 210) == "accepted")
    // Asking for the code again and again is no way round the lockout.
    for second in 300..<305 {
      #expect(try attempt(nil, Int64(second)) == "needsCode")
      #expect(try attempt("000000", Int64(second)) == "wrong")
    }
    #expect(try attempt(code(306), 306) == "locked")
    vault.close()
  }

  @Test func aNewPasswordAndADisabledAccountEndSessions() throws {
    let folder = TrialFolder()
    let (vault, staff) = try Self.staffed(folder)
    func open() throws -> String {
      try vault.openSession(
        .staff, subject: UInt64(staff.raw), at: VaultTests.noon, lifetimeMilliseconds: 60_000
      ).token
    }
    let first = try open()
    try vault.setPassword("new", of: staff, strength: .weak)
    #expect(try vault.session(token: first, at: VaultTests.noon) == nil)
    let second = try open()
    try vault.setDisabled(true, staff, at: VaultTests.noon)
    #expect(try vault.session(token: second, at: VaultTests.noon) == nil)
    #expect(
      Self.outcome(
        try vault.logIn(username: "wang", password: "new", code: nil, at: VaultTests.noon))
        == "wrong")
    vault.close()
  }

  /// RFC 6238, appendix B, the column of SHA1.
  @Test(arguments: [
    (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"),
    (1_234_567_890, "89005924"), (2_000_000_000, "69279037"), (20_000_000_000, "65353130"),
  ])
  func codesAreThoseOfTheStandard(_ seconds: Int64, _ expected: String) {
    let secret = Array("12345678901234567890".utf8)
    #expect(OneTimeCode.code(secret: secret, step: seconds / 30, digits: 8) == expected)
  }

  /// RFC 4648, section 10.
  @Test func secretsAreWrittenAsTheStandardSays() {
    #expect(base32(Array("foobar".utf8)) == "mzxw6ytboi")
    #expect(
      OneTimeCode.address(secret: Array("foobar".utf8), account: "wang", issuer: "碳惠 城")
        == "otpauth://totp/%E7%A2%B3%E6%83%A0%20%E5%9F%8E:wang?secret=MZXW6YTBOI"
        + "&issuer=%E7%A2%B3%E6%83%A0%20%E5%9F%8E")
  }
}
