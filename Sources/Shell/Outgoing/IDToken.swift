// SPDX-License-Identifier: Apache-2.0
// ID TOKEN. A JSON Web Token (RFC 7519), checked as OpenID Connect Core 3.1.3.7 asks for.
//
//   header.claims.signature     each base64url; RS256 or ES256, and nothing else
//
// The algorithm is the key's, never the token's alone: a token that says `none` or `HS256`, or
// RS256 with a curve's key, is refused.

import FoundationEssentials
import Units

package struct IDToken: Sendable {
  struct Header: Codable, Sendable {
    var alg: String
    var kid: String?
    var crit: [String]?
  }

  package struct Claims: Codable, Sendable {
    var iss: String
    var sub: String
    var aud: Audience
    var azp: String?
    var exp: Int64
    var iat: Int64
    var nbf: Int64?
    var nonce: String?
    var phoneNumber: String?
    var phoneNumberVerified: Bool?

    var verifiedPhone: String? { phoneNumberVerified == true ? phoneNumber : nil }

    /// What `/userinfo` says.
    struct Phone: Codable {
      var sub: String
      var phoneNumber: String?
      var phoneNumberVerified: Bool?
      var verified: String? { phoneNumberVerified == true ? phoneNumber : nil }
    }

    /// One audience or a list of them.
    struct Audience: Codable, Sendable {
      var all: [String]
      init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        all = (try? [value.decode(String.self)]) ?? []
        if all.isEmpty { all = try value.decode([String].self) }
      }
      func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        try value.encode(all)
      }
    }
  }

  /// How far two clocks may be apart.
  static let skewSeconds: Int64 = 60
  static let lengthMax = 64 << 10

  let header: Header
  let claims: Claims
  private let signed: [UInt8]
  private let signature: [UInt8]

  init(_ text: String) throws(OutgoingFailure) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard text.utf8.count <= IDToken.lengthMax, parts.count == 3,
      let head = base64URLDecoded(parts[0]), let body = base64URLDecoded(parts[1]),
      let signature = base64URLDecoded(parts[2]), let header: Header = decoded(head),
      let claims: Claims = decoded(body)
    else { throw OutgoingFailure("the ID token does not read") }
    self.header = header
    self.claims = claims
    self.signature = signature
    signed = Array((parts[0] + "." + parts[1]).utf8)
  }

  /// Throws what is wrong with it.
  func check(
    keys: [JSONKey], issuer: String, client: String, nonce: String, at now: Instant
  ) throws(OutgoingFailure) {
    func need(_ holds: Bool, _ otherwise: String) throws(OutgoingFailure) {
      guard holds else { throw OutgoingFailure("the ID token of \(issuer) \(otherwise)") }
    }
    try need(header.crit == nil, "asks for an extension that is not known")
    let fitting = keys.filter { $0.fits(self) }
    try need(!fitting.isEmpty, "names a key or an algorithm that the server does not publish")
    try need(
      fitting.contains { $0.verifies(signature, of: signed, algorithm: header.alg) },
      "is not signed by the server")
    try need(claims.iss == issuer, "is of another issuer")
    try need(claims.aud.all.contains(client), "is not for us")
    try need(
      claims.azp == nil ? claims.aud.all.count == 1 : claims.azp == client, "is not for us alone")
    let seconds = now.seconds
    try need(claims.exp > seconds - IDToken.skewSeconds, "has expired; log in again")
    try need(claims.iat < seconds + IDToken.skewSeconds, "is of the future; check the clocks")
    try need((claims.nbf ?? 0) < seconds + IDToken.skewSeconds, "does not hold yet")
    try need(claims.nonce == nonce, "answers another login; log in again")
    try need(!claims.sub.isEmpty && claims.sub.utf8.count <= 255, "names nobody")
  }
}
