// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

package enum IssuedCode: Hashable, Sendable {
  /// To be sent to the phone, and told to nobody else.
  case issued(code: String)
  /// One a minute.
  case tooSoon(until: Instant)
  /// Ten a day.
  case tooMany(until: Instant)
}

package enum CheckedCode: Hashable, Sendable {
  case right
  case wrong(triesLeft: Int)
  /// Expired, used, tried too often, or never issued.
  case noCode
}

extension Vault {
  package static let codeLifetimeMilliseconds: Int64 = 5 * 60_000
  package static let codeIntervalMilliseconds: Int64 = 60_000
  package static let codeWindowMilliseconds: Int64 = 24 * 3_600_000
  package static let codesPerWindowMax = 10
  package static let codeTriesMax = 5

  /// Makes a login code of six digits for a phone; a new one replaces the one before.
  package func issueLoginCode(
    phone: String, at time: Instant
  ) throws(StoreFailure) -> IssuedCode {
    let blind = blind(phone)
    lock.lock()
    defer { lock.unlock() }
    let known = try connection.first(
      "SELECT issued, window_start, window_count FROM login_code WHERE blind = ?", .bytes(blind)
    ) { ($0.integer(0), $0.integer(1), $0.integer(2)) }
    var (start, count) = (time.milliseconds, Int64(0))
    if let (issued, windowStart, windowCount) = known {
      let next = issued + Vault.codeIntervalMilliseconds
      guard time.milliseconds >= next else { return .tooSoon(until: Instant(milliseconds: next)) }
      let end = windowStart + Vault.codeWindowMilliseconds
      if time.milliseconds < end { (start, count) = (windowStart, windowCount) }
      guard count < Vault.codesPerWindowMax else {
        return .tooMany(until: Instant(milliseconds: end))
      }
    }
    let code = Vault.sixDigits()
    try connection.run(
      "INSERT OR REPLACE INTO login_code VALUES (?, ?, ?, 0, ?, ?)", .bytes(blind),
      .bytes(hash(code, blind)), .integer(time.milliseconds), .integer(start), .integer(count + 1))
    return .issued(code: code)
  }

  /// Judges a code. A right one is used up; the fifth wrong one makes it void.
  package func checkLoginCode(
    phone: String, code: String, at time: Instant
  ) throws(StoreFailure) -> CheckedCode {
    let blind = blind(phone)
    lock.lock()
    defer { lock.unlock() }
    let known = try connection.first(
      "SELECT hash, issued, tries FROM login_code WHERE blind = ?", .bytes(blind)
    ) { ($0.bytes(0), $0.integer(1), Int($0.integer(2))) }
    guard let (expected, issued, tries) = known, tries < Vault.codeTriesMax,
      time.milliseconds < issued + Vault.codeLifetimeMilliseconds
    else { return .noCode }
    let isRight = equalInConstantTime(expected, hash(code, blind))
    try connection.run(
      "UPDATE login_code SET tries = ? WHERE blind = ?",
      .integer(Int64(isRight ? Vault.codeTriesMax : tries + 1)), .bytes(blind))
    return isRight ? .right : .wrong(triesLeft: Vault.codeTriesMax - tries - 1)
  }

  /// A million codes are soon tried: without the vault's secret the hash would hide nothing.
  private func hash(_ code: String, _ blind: [UInt8]) -> [UInt8] {
    suite.digest.authenticate(blind + Array(code.utf8), key: secrets.blindIndex)
  }

  private static func sixDigits() -> String {
    while true {
      let random = randomBytes(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      // What lies beyond the last full million would make small codes likelier.
      if random < 4_294_000_000 { return padded(Int(random % 1_000_000), 6) }
    }
  }
}
