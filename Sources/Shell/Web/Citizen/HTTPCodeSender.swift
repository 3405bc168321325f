// SPDX-License-Identifier: Apache-2.0
// Sends login codes to an address of the operator's, which sends them on as a text message.
//
//   POST …
//   {"code":"482913","expiresInSeconds":300,"id":"…","phone":"13800138000","purpose":"login"}
//   Tanpuhui-Signature: t=1795262400,v1=<hex of HMAC-SHA-256(secret, "1795262400." + body)>
//
// Any status from 200 to 299 means that it was taken over. 429 and 5xx, and no answer at all, are
// tried again, three times in all; `id` stays the same, so that nobody gets two messages.
// Docs/people.md is what a receiver is written from.

import Glibc
import Outgoing
import Storage
import Units

package struct HTTPCodeSender: CodeSender {
  package static let tries = 3
  package static let timeoutMilliseconds = 5_000
  private let address: String
  private let secret: [UInt8]
  private let clock: @Sendable () -> Instant

  /// nil where the secret is shorter than 16 bytes, for then anybody could send in our name.
  package init?(address: String, secret: String, clock: @escaping @Sendable () -> Instant) {
    guard secret.utf8.count >= 16 else { return nil }
    self.address = address
    self.secret = Array(secret.utf8)
    self.clock = clock
  }

  package var showsOnPage: Bool { false }

  package func send(code: String, to phone: String) throws {
    let body = JSON.object([
      ("code", .text(code)), ("expiresInSeconds", .number(Vault.codeLifetimeMilliseconds / 1000)),
      ("id", .text(base32(randomBytes(15)))), ("phone", .text(phone)), ("purpose", "login"),
    ]).bytes
    let answer = try OutgoingCall(
      "POST", address,
      headers: [
        ("Content-Type", "application/json"),
        ("Tanpuhui-Signature", signature(of: body, at: clock())),
      ], body: body, timeoutMilliseconds: HTTPCodeSender.timeoutMilliseconds
    ).send(tries: HTTPCodeSender.tries)
    guard answer.isGood else {
      throw OutgoingFailure("the sender of codes answered with status \(answer.status)")
    }
  }

  func signature(of body: [UInt8], at time: Instant) -> String {
    let signed = Array("\(time.seconds).".utf8) + body
    let tag = Suite.international.digest.authenticate(signed, key: secret)
    return "t=\(time.seconds),v1=\(Storage.hexadecimal(tag))"
  }
}

extension Site {
  /// For whoever runs the server: the log.
  static func complain(_ line: String) { _ = write(2, line, line.utf8.count) }
}

/// Stands where no sender is configured and nobody develops: says so instead of letting in whoever
/// knows a number.
package struct NoSender: CodeSender {
  package init() {}
  package var showsOnPage: Bool { false }
  package func send(code: String, to phone: String) throws {
    throw OutgoingFailure("no sender of login codes is configured: give --code-sender")
  }
}
