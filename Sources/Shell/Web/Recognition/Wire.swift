// SPDX-License-Identifier: Apache-2.0
// WIRE. What two programmes' servers say to each other; Docs/recognition.md is what the other side
// is written from.
//
//   POST {base}/exchanges/{id}/prepare   the leader asks for a promise
//   POST {base}/exchanges/{id}/confirm   the leader has decided: give
//   POST {base}/exchanges/{id}/cancel    the leader has decided: do not
//   GET  {base}/exchanges/{id}           what became of it
//   GET  {base}/days/{day}               the day's file
//
//   Tanpuhui-Signature: t=<seconds>,v1=<hex of HMAC-SHA-256(key, text)>
//   text = "<t>.<sender's code>.<METHOD>.<path>." + body
//
// Both sides have the same key. The sender's code is in what is signed, so that nothing we sent can
// be sent back to us as theirs.

import FoundationEssentials
import HTTP
import Recognition
import Storage
import Units

enum Wire {
  static let signature = "Tanpuhui-Signature"
  /// How far the other side's clock may be from ours.
  static let clockSeconds: Int64 = 300

  /// What is said of an exchange.
  enum State: String, Codable, Sendable {
    /// Of the leader: not decided.
    case open
    /// Of the other side: promised.
    case prepared
    case confirmed, cancelled
    case unknown
  }

  /// The body of `prepare`.
  struct Prepare: Codable, Sendable {
    var giver: String
    var taker: String
    /// Points of the giver that are given, of the taker that are taken.
    var give: Int64
    var take: Int64
    /// Who takes part, as the receiver of this message names its own member.
    var member: String
    /// The leader's day, `2026-03-02`, and its own deadline in seconds since 1970.
    var day: String
    var deadline: Int64
  }

  struct Answer: Codable, Sendable {
    var state: State?
    /// Why a `prepare` is refused, or a problem's type `/problems/…`.
    var reason: String?
    var type: String?

    var code: String? {
      let text = reason ?? type?.split(separator: "/").last.map(String.init)
      return text.map {
        String($0.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(48))
      }
    }
  }

  static func decode<Value: Decodable>(_ type: Value.Type, _ body: [UInt8]) -> Value? {
    try? JSONDecoder().decode(type, from: Data(body))
  }

  static func encode(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { Array($0) } ?? []
  }

  static func sign(
    sender: String, method: String, path: String, body: [UInt8], key: String, at time: Instant
  ) -> String {
    let text = Array("\(time.seconds).\(sender).\(method).\(path).".utf8) + body
    let tag = Suite.international.digest.authenticate(text, key: Array(key.utf8))
    return "t=\(time.seconds),v1=\(Storage.hexadecimal(tag))"
  }

  /// Whether a request was signed by the programme, not long ago.
  static func isSigned(
    _ request: Request, sender: String, key: String, at now: Instant
  ) -> Bool {
    let given = request.headers[signature] ?? ""
    let parts = given.split(separator: ",")
    guard parts.count == 2, parts[0].hasPrefix("t="), let seconds = Int64(parts[0].dropFirst(2)),
      abs(seconds.subtractingReportingOverflow(now.seconds).partialValue) <= clockSeconds
    else { return false }
    let wanted = sign(
      sender: sender, method: request.method.rawValue, path: request.path, body: request.body,
      key: key, at: Instant(seconds: seconds))
    return equalInConstantTime(Array(given.utf8), Array(wanted.utf8))
  }
}
