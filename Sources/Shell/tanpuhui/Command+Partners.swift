// SPDX-License-Identifier: Apache-2.0
import Desk
import Membership
import Storage
import Units

// What was agreed with a partner, set from the command line; the console does the same.
extension Command {
  static func partnerSetTable(_ data: Flag, _ mechanism: Flag, _ json: Flag) -> CommandTable {
    CommandTable(
      summary: "changes a partner's keys and terms, and prints what is new, once",
      flags: [
        data, mechanism,
        Flag(name: "code", takes: .one, value: "P", summary: "the partner's code", required: true),
        Flag(name: "new-key", takes: .nothing, summary: "makes a key; the one that holds ends"),
        Flag(
          name: "older-ends", takes: .one, value: "DAYS", summary: "when the older key ends",
          fallback: "7", isNumber: true),
        Flag(name: "shared-secret", takes: .nothing, summary: "makes a key for hmac-sha256"),
        Flag(
          name: "public-key", takes: .one, value: "FILE",
          summary: "registers the partner's public key (PEM)"),
        Flag(
          name: "algorithm", takes: .one, value: "NAME", summary: "of the public key",
          fallback: "ed25519", choices: ["ed25519", "sm2-sm3"]),
        Flag(
          name: "signatures", takes: .one, value: "WORD", summary: "whether they are required",
          choices: ["required", "optional"]),
        Flag(
          name: "requests-per-minute", takes: .one, value: "N", summary: "0: no limit",
          isNumber: true),
        Flag(
          name: "events-per-day", takes: .one, value: "N", summary: "0: no limit", isNumber: true),
        json,
      ])
  }
}

extension Tanpuhui {
  static func setPartner(_ arguments: Arguments) throws -> Bool {
    let mechanism = arguments.need("mechanism")
    let opened = try Opened(arguments.need("data"), only: mechanism)
    defer { opened.close() }
    let code = arguments.need("code")
    let partners = try opened.clerk(mechanism).published.partners
    guard let index = partners.firstIndex(where: { $0.code == code }) else {
      throw CommandFailure(
        "\(mechanism) has no partner \"\(code)\"; it has: "
          + partners.map(\.code).joined(separator: ", "))
    }
    let partner = PartnerID(UInt16(index + 1))
    var answer: [(String, JSONText)] = [
      ("mechanism", .text(mechanism)), ("partner", .text(code)),
    ]
    answer += try newKeys(arguments, opened.vault, mechanism, partner)
    let terms = try setTerms(arguments, opened.vault, mechanism, partner)
    answer += [
      ("requiresSignature", .bool(terms.requiresSignature)),
      ("requestsPerMinute", .number(Int64(terms.requestsPerMinute))),
      ("eventsPerDay", .number(Int64(terms.eventsPerDay))),
    ]
    print(JSONText.object(answer))
    return true
  }

  private static func newKeys(
    _ arguments: Arguments, _ vault: Vault, _ mechanism: String, _ partner: PartnerID
  ) throws -> [(String, JSONText)] {
    var answer: [(String, JSONText)] = []
    let now = systemClock()
    if arguments.has("new-key") {
      let wait = Int64(arguments.number("older-ends")) * 86_400_000
      guard
        let key = try vault.rotatePartnerKey(
          mechanism: mechanism, partner: partner,
          olderEnds: Instant(milliseconds: now.milliseconds + wait), at: now)
      else {
        throw CommandFailure(
          "two keys hold already: wait until the older ends, or revoke one in the console")
      }
      answer.append(("key", .text(key)))
    }
    if arguments.has("shared-secret") {
      let (made, secret) = try vault.newSharedSecret(
        mechanism: mechanism, partner: partner, at: now)
      answer.append(("keyid", .text(made.keyID)))
      answer.append(("secret", .text(base64(secret))))
    }
    if let path = arguments["public-key"] {
      guard let bytes = TableFile.whole(path, limit: 4096),
        let made = try vault.addVerifier(
          mechanism: mechanism, partner: partner,
          RequestAlgorithm(rawValue: arguments.need("algorithm")) ?? .ed25519,
          publicKey: String(decoding: bytes, as: UTF8.self), at: now)
      else {
        throw CommandFailure(
          "\(path) holds no public key of \(arguments.need("algorithm")) as PEM")
      }
      answer.append(("keyid", .text(made.keyID)))
    }
    return answer
  }

  private static func setTerms(
    _ arguments: Arguments, _ vault: Vault, _ mechanism: String, _ partner: PartnerID
  ) throws -> PartnerTerms {
    let old = vault.terms(mechanism: mechanism, partner: partner)
    var terms = old
    if let word = arguments["signatures"] { terms.requiresSignature = word == "required" }
    if arguments["requests-per-minute"] != nil {
      terms.requestsPerMinute = arguments.number("requests-per-minute")
    }
    if arguments["events-per-day"] != nil {
      terms.eventsPerDay = arguments.number("events-per-day")
    }
    if terms != old { try vault.setTerms(terms, mechanism: mechanism, partner: partner) }
    return terms
  }
}
