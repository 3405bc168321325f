// SPDX-License-Identifier: Apache-2.0
// PASSWORDS of staff: how old, how strong, how often again.
//
//   set by somebody else ──▶ first ──changed by oneself──▶ good ──90 days──▶ expired
//
// The last five are kept as hashes, so that none comes back. Who has no row here has had the same
// password since the account was made.

import Journal
import Units

package enum PasswordStanding: Hashable, Sendable {
  case good
  /// Set by an administrator: known to two.
  case first
  case expired
}

/// Why a password is not taken.
package enum PasswordFault: Hashable, Sendable, CaseIterable {
  case tooShort, tooSimple, namesAccount, usedBefore
}

extension Vault {
  package static let passwordAgeMilliseconds: Int64 = 90 * 86_400_000
  package static let formerPasswords = 5
  package static let passwordLengthMin = 12

  package func passwordStanding(
    of staff: StaffID, at time: Instant
  ) throws(StoreFailure) -> PasswordStanding {
    lock.lock()
    defer { lock.unlock() }
    let row = try connection.first(
      "SELECT coalesce(p.changed, s.created), coalesce(p.is_first, 0) FROM staff s "
        + "LEFT JOIN staff_password p ON p.staff = s.id WHERE s.id = ?",
      .integer(Int64(staff.raw))
    ) { ($0.integer(0), $0.integer(1) == 1) }
    guard let (changed, isFirst) = row else { return .good }
    if isFirst { return .first }
    return time.milliseconds - changed >= Vault.passwordAgeMilliseconds ? .expired : .good
  }

  /// After somebody else has set it.
  package func markFirstPassword(of staff: StaffID, at time: Instant) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "INSERT INTO staff_password VALUES (?1, ?2, 1, '') "
        + "ON CONFLICT DO UPDATE SET changed = ?2, is_first = 1", .integer(Int64(staff.raw)),
      .integer(time.milliseconds))
  }

  /// What is wrong with a new password by its looks: nil for one that may be tried.
  package static func fault(of password: String, username: String) -> PasswordFault? {
    guard password.count >= passwordLengthMin else { return .tooShort }
    let kinds: [(Character) -> Bool] = [
      { $0.isLowercase }, { $0.isUppercase }, { $0.isNumber },
      { !$0.isLowercase && !$0.isUppercase && !$0.isNumber },
    ]
    guard kinds.count(where: { password.contains(where: $0) }) >= 3 else { return .tooSimple }
    return password.lowercased().contains(username.lowercased()) ? .namesAccount : nil
  }

  /// One's own new password, after the old one was judged by `logIn`. Ends all sessions.
  package func changePassword(
    to password: String, of staff: StaffID, at time: Instant, strength: PasswordStrength = .usual
  ) throws(StoreFailure) -> PasswordFault? {
    let (username, current, former) = try passwords(of: staff)
    if let fault = Vault.fault(of: password, username: username) { return fault }
    // A tenth of a second each: outside the lock.
    guard !([current] + former).contains(where: { Vault.isPassword(password, $0) }) else {
      return .usedBefore
    }
    try setPassword(password, of: staff, strength: strength)
    let kept = ([current] + former).prefix(Vault.formerPasswords - 1).joined(separator: "\n")
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "INSERT INTO staff_password VALUES (?1, ?2, 0, ?3) "
        + "ON CONFLICT DO UPDATE SET changed = ?2, is_first = 0, former = ?3",
      .integer(Int64(staff.raw)), .integer(time.milliseconds), .text(kept))
    return nil
  }

  private func passwords(
    of staff: StaffID
  ) throws(StoreFailure) -> (username: String, current: String, former: [String]) {
    lock.lock()
    defer { lock.unlock() }
    let row = try connection.first(
      "SELECT s.username, s.password, coalesce(p.former, '') FROM staff s "
        + "LEFT JOIN staff_password p ON p.staff = s.id WHERE s.id = ?",
      .integer(Int64(staff.raw))
    ) { ($0.text(0), $0.text(1), $0.text(2)) }
    guard let (username, current, former) = row else { return ("", "", []) }
    return (username, current, former.split(separator: "\n").map(String.init))
  }
}
