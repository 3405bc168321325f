// SPDX-License-Identifier: Apache-2.0
import CSodium
import Journal
import Units

/// 工作人员: an account of the staff console.
package struct Staff: Sendable {
  package var id: StaffID
  package var username: String
  package var displayName: String
  package var roles: [String]
  package var hasSecondFactor: Bool
  package var disabled: Bool
}

/// What a password costs to try, here and for a thief.
package struct PasswordStrength: Sendable {
  package var operations: UInt64
  package var memoryBytes: Int
  /// Three passes over 64 MiB: a tenth of a second.
  package static let usual = PasswordStrength(operations: 3, memoryBytes: 64 << 20)
  /// For tests, which try many.
  package static let weak = PasswordStrength(operations: 1, memoryBytes: 8192)
  package init(operations: UInt64, memoryBytes: Int) {
    self.operations = operations
    self.memoryBytes = memoryBytes
  }
}

package enum StaffLogin: Sendable {
  case accepted(Staff)
  /// Wrong name, password or code: which, is not told.
  case wrong
  case locked(until: Instant)
  /// The password is right; the code of the second factor is still wanted.
  case needsCode
}

extension Vault {
  package static let wrongTriesMax = 5
  package static let lockoutMilliseconds: Int64 = 15 * 60_000

  /// Nil where the username is taken.
  package func addStaff(
    username: String, displayName: String, roles: [String], password: String, at time: Instant,
    strength: PasswordStrength = .usual
  ) throws(StoreFailure) -> StaffID? {
    let hash = Vault.passwordHash(password, strength)
    lock.lock()
    defer { lock.unlock() }
    let added = try connection.run(
      "INSERT INTO staff(username, display_name, roles, password, created) "
        + "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      .text(username), .text(displayName), .text(roles.joined(separator: ",")), .text(hash),
      .integer(time.milliseconds))
    return added == 1 ? StaffID(UInt32(truncatingIfNeeded: connection.lastRow)) : nil
  }

  package func staff() throws(StoreFailure) -> [Staff] {
    lock.lock()
    defer { lock.unlock() }
    return try connection.rows("SELECT \(Staff.columns) FROM staff ORDER BY id") { Staff(row: $0) }
  }

  package func staff(_ id: StaffID) throws(StoreFailure) -> Staff? {
    lock.lock()
    defer { lock.unlock() }
    return try connection.first(
      "SELECT \(Staff.columns) FROM staff WHERE id = ?", .integer(Int64(id.raw))
    ) { Staff(row: $0) }
  }

  package func setRoles(_ roles: [String], of staff: StaffID) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "UPDATE staff SET roles = ? WHERE id = ?", .text(roles.joined(separator: ",")),
      .integer(Int64(staff.raw)))
  }

  /// A new password ends a lockout and all sessions of the account.
  package func setPassword(
    _ password: String, of staff: StaffID, strength: PasswordStrength = .usual
  ) throws(StoreFailure) {
    let hash = Vault.passwordHash(password, strength)
    lock.lock()
    defer { lock.unlock() }
    try connection.transaction { () throws(StoreFailure) in
      try connection.run(
        "UPDATE staff SET password = ?, wrong_tries = 0, locked_until = 0 WHERE id = ?",
        .text(hash), .integer(Int64(staff.raw)))
      try endSessions(.staff, UInt64(staff.raw))
    }
  }

  package func setDisabled(
    _ disabled: Bool, _ staff: StaffID, at time: Instant
  ) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.transaction { () throws(StoreFailure) in
      try connection.run(
        "UPDATE staff SET disabled = ? WHERE id = ?",
        disabled ? .integer(time.milliseconds) : .null, .integer(Int64(staff.raw)))
      if disabled { try endSessions(.staff, UInt64(staff.raw)) }
    }
  }

  /// A fresh secret for the second factor, to be shown as a QR code and then proved by
  /// `enrolSecondFactor`; nothing is stored before that.
  package static func newSecondFactor() -> [UInt8] { randomBytes(20) }

  /// Stores the secret once the telephone has shown a right code; false for a wrong one.
  package func enrolSecondFactor(
    _ secret: [UInt8], code: String, of staff: StaffID, at time: Instant
  ) throws(StoreFailure) -> Bool {
    let step = OneTimeCode.step(of: code, secret: secret, seconds: time.seconds, after: 0)
    guard let step else { return false }
    let sealed = Cipher.seal(
      secret, key: secrets.staff, place: "staff/\(staff.raw)", suite: suite)
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "UPDATE staff SET second_factor = ?, last_step = ? WHERE id = ?", .bytes(sealed),
      .integer(step), .integer(Int64(staff.raw)))
    return true
  }

  /// For a telephone that was lost: the account is without a second factor until a new one is
  /// enrolled.
  package func removeSecondFactor(of staff: StaffID) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "UPDATE staff SET second_factor = NULL WHERE id = ?", .integer(Int64(staff.raw)))
  }

  /// Judges a password and, where the account has one, the code of its second factor.
  ///
  /// A try is counted before it is judged, so that many at once do not get more than five. Hashing
  /// takes a tenth of a second and is done outside the lock; call from a thread that may wait.
  package func logIn(
    username: String, password: String, code: String?, at time: Instant
  ) throws(StoreFailure) -> StaffLogin {
    guard let tried = try countTry(username, time) else {
      // An unknown name takes as long as a known one.
      _ = Vault.isPassword(password, Vault.nobodysHash)
      return .wrong
    }
    if let until = tried.lockedUntil { return .locked(until: until) }
    guard Vault.isPassword(password, tried.password), !tried.staff.disabled else { return .wrong }
    guard let sealed = tried.secondFactor else {
      try acceptTry(tried.staff.id, step: nil)
      return .accepted(tried.staff)
    }
    guard let code else {
      try uncountTry(tried.staff.id)
      return .needsCode
    }
    guard
      let secret = Cipher.open(
        sealed, key: secrets.staff, place: "staff/\(tried.staff.id.raw)")
    else { throw damaged("the second factor of \(username)") }
    let step = OneTimeCode.step(
      of: code, secret: secret, seconds: time.seconds, after: tried.lastStep)
    guard let step, try acceptTry(tried.staff.id, step: step) else { return .wrong }
    return .accepted(tried.staff)
  }

  private struct Try {
    var staff: Staff
    var password: String
    var secondFactor: [UInt8]?
    var lastStep: Int64
    var lockedUntil: Instant?
  }

  private func countTry(_ username: String, _ time: Instant) throws(StoreFailure) -> Try? {
    lock.lock()
    defer { lock.unlock() }
    let found = try connection.first(
      "SELECT \(Staff.columns), password, second_factor, last_step, wrong_tries, locked_until "
        + "FROM staff WHERE username = ?", .text(username)
    ) { row in
      let tried = Try(
        staff: Staff(row: row), password: row.text(6),
        secondFactor: row.isNull(7) ? nil : row.bytes(7), lastStep: row.integer(8))
      return (tried, tries: row.integer(9), until: Instant(milliseconds: row.integer(10)))
    }
    guard let (read, wrong, until) = found else { return nil }
    var tried = read
    guard time >= until else {
      tried.lockedUntil = until
      return tried
    }
    // The fifth try closes the door behind itself; a right one opens it again.
    let tries = wrong + 1
    let locks = tries >= Vault.wrongTriesMax
    try connection.run(
      "UPDATE staff SET wrong_tries = ?, locked_until = ? WHERE id = ?",
      .integer(locks ? 0 : tries),
      .integer(locks ? time.milliseconds + Vault.lockoutMilliseconds : 0),
      .integer(Int64(tried.staff.id.raw)))
    return tried
  }

  /// False where the step was used by somebody else meanwhile.
  @discardableResult
  private func acceptTry(_ staff: StaffID, step: Int64?) throws(StoreFailure) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    let changed = try connection.run(
      "UPDATE staff SET wrong_tries = 0, locked_until = 0, last_step = max(last_step, ?1) "
        + "WHERE id = ?2 AND (?1 = 0 OR last_step < ?1)",
      .integer(step ?? 0), .integer(Int64(staff.raw)))
    return changed == 1
  }

  /// A right password whose code is still to come is not a wrong try, nor is it a right one.
  private func uncountTry(_ staff: StaffID) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "UPDATE staff SET wrong_tries = iif(locked_until = 0, max(wrong_tries - 1, 0), ?), "
        + "locked_until = 0 WHERE id = ?",
      .integer(Int64(Vault.wrongTriesMax - 1)), .integer(Int64(staff.raw)))
  }

  static func passwordHash(_ password: String, _ strength: PasswordStrength) -> String {
    var text = [CChar](repeating: 0, count: Int(crypto_pwhash_strbytes()))
    let bytes = Array(password.utf8).map { CChar(bitPattern: $0) }
    let code = crypto_pwhash_str(
      &text, bytes, UInt64(bytes.count), strength.operations, strength.memoryBytes)
    precondition(code == 0, "there is no memory for hashing a password; give the machine more")
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  static func isPassword(_ password: String, _ hash: String) -> Bool {
    let bytes = Array(password.utf8).map { CChar(bitPattern: $0) }
    return crypto_pwhash_str_verify(hash, bytes, UInt64(bytes.count)) == 0
  }

  private static let nobodysHash = passwordHash(base32(randomBytes(20)), .usual)
}

extension Staff {
  static let columns = "id, username, display_name, roles, second_factor IS NOT NULL, disabled"

  init(row: borrowing Statement) {
    let roles = row.text(3).split(separator: ",").map(String.init)
    self.init(
      id: StaffID(UInt32(truncatingIfNeeded: row.integer(0))), username: row.text(1),
      displayName: row.text(2), roles: roles, hasSecondFactor: row.integer(4) == 1,
      disabled: !row.isNull(5))
  }
}
