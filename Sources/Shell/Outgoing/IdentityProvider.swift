// SPDX-License-Identifier: Apache-2.0
// IDENTITY PROVIDER. Logging in by somebody else's OpenID Connect server.
//
//   browser ──▶ /authorize (state, nonce, PKCE) ──▶ back with a code
//   we      ──▶ /token (code, verifier) ──▶ ID token ──▶ IDToken.check ──▶ Identity
//                                                └ no phone in it ──▶ /userinfo
//
// Invariants
//   - The issuer is https, or this very machine (for tests and development).
//   - Nobody is believed but by an ID token with our nonce, signed by the issuer's published keys.
//   - A phone counts only when the server says that it has verified it.

import FoundationEssentials
import Synchronization
import Units

/// Who somebody is, according to the server.
package struct Identity: Hashable, Sendable {
  package var issuer: String
  package var subject: String
  package var verifiedPhone: String?
}

package final class IdentityProvider: Sendable {
  package let name: String
  let issuer: String
  let client: String
  private let secret: String?
  private let known = Mutex<Known>(Known())

  struct Known: Sendable {
    var description: Description?
    var keys: [JSONKey] = []
    /// Keys are asked for again when a token names one that is unknown, but once a minute at most.
    var keysAsked = Instant(milliseconds: 0)
  }

  /// What `/.well-known/openid-configuration` says, as far as we need it.
  struct Description: Codable, Sendable {
    var issuer: String
    var authorizationEndpoint: String
    var tokenEndpoint: String
    var jwksUri: String
    var userinfoEndpoint: String?
    var tokenEndpointAuthMethodsSupported: [String]?
  }

  package init(issuer: String, client: String, secret: String?, name: String)
    throws(OutgoingFailure)
  {
    guard IdentityProvider.mayBeAsked(issuer) else {
      throw OutgoingFailure(
        "the identity server \(issuer) is not https; only one on this machine may be http")
    }
    self.issuer = issuer
    self.client = client
    self.secret = secret
    self.name = name
  }

  static func mayBeAsked(_ address: String) -> Bool {
    if address.hasPrefix("https://") { return true }
    return ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains {
      address == $0 || address.hasPrefix($0 + ":") || address.hasPrefix($0 + "/")
    }
  }

  /// Where to send the browser.
  package func loginAddress(
    state: String, nonce: String, verifier: String, back: String
  ) throws(OutgoingFailure) -> String {
    let description = try description()
    let challenge = base64URL(sha256(Array(verifier.utf8)))
    let query = form([
      ("response_type", "code"), ("client_id", client), ("redirect_uri", back),
      ("scope", "openid phone"), ("state", state), ("nonce", nonce),
      ("code_challenge", challenge), ("code_challenge_method", "S256"),
    ])
    let mark = description.authorizationEndpoint.contains("?") ? "&" : "?"
    return description.authorizationEndpoint + mark + query
  }

  /// Changes the code that the browser brought back for who it is.
  package func identify(
    code: String, verifier: String, nonce: String, back: String, at now: Instant
  ) throws(OutgoingFailure) -> Identity {
    struct Tokens: Codable {
      var idToken: String?
      var accessToken: String?
    }
    let description = try description()
    let answer = try ask(description, code: code, verifier: verifier, back: back)
    guard answer.isGood, let tokens: Tokens = decoded(answer.body), let text = tokens.idToken
    else {
      throw OutgoingFailure(
        "\(issuer) gave no ID token for the code (status \(answer.status)); log in again")
    }
    let token = try IDToken(text)
    try token.check(
      keys: try keys(description, for: token, at: now), issuer: issuer, client: client,
      nonce: nonce, at: now)
    var identity = Identity(
      issuer: issuer, subject: token.claims.sub, verifiedPhone: token.claims.verifiedPhone)
    if identity.verifiedPhone == nil, let access = tokens.accessToken,
      let place = description.userinfoEndpoint
    {
      identity.verifiedPhone = try phone(place, access, of: identity.subject)
    }
    return identity
  }

  private func ask(
    _ description: Description, code: String, verifier: String, back: String
  ) throws(OutgoingFailure) -> OutgoingAnswer {
    var fields = [
      ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", back),
      ("code_verifier", verifier), ("client_id", client),
    ]
    var headers = [
      ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"),
    ]
    if let secret {
      let methods = description.tokenEndpointAuthMethodsSupported ?? ["client_secret_basic"]
      if methods.contains("client_secret_basic") {
        let pair = formEncoded(client) + ":" + formEncoded(secret)
        headers.append(("Authorization", "Basic " + base64(Array(pair.utf8))))
      } else {
        fields.append(("client_secret", secret))
      }
    }
    // A code is good once: no second try.
    return try OutgoingCall(
      "POST", description.tokenEndpoint, headers: headers, body: Array(form(fields).utf8)
    ).send()
  }

  private func phone(
    _ place: String, _ access: String, of subject: String
  ) throws(OutgoingFailure) -> String? {
    let answer = try OutgoingCall(
      "GET", place, headers: [("Authorization", "Bearer \(access)")]
    ).send(tries: 2)
    // Another's answer says nothing of this person.
    guard answer.isGood, let told: IDToken.Claims.Phone = decoded(answer.body),
      told.sub == subject
    else { return nil }
    return told.verified
  }

  func description() throws(OutgoingFailure) -> Description {
    if let known = known.withLock({ $0.description }) { return known }
    let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
    let answer = try OutgoingCall("GET", base + "/.well-known/openid-configuration").send(tries: 2)
    guard answer.isGood, let read: Description = decoded(answer.body) else {
      throw OutgoingFailure("\(issuer) does not describe itself; check --oidc-issuer")
    }
    guard read.issuer == issuer else {
      throw OutgoingFailure("\(issuer) calls itself \(read.issuer); give that as --oidc-issuer")
    }
    for address in [read.authorizationEndpoint, read.tokenEndpoint, read.jwksUri] {
      guard IdentityProvider.mayBeAsked(address) else {
        throw OutgoingFailure("\(issuer) names \(address), which is not https")
      }
    }
    known.withLock { $0.description = read }
    return read
  }

  private func keys(
    _ description: Description, for token: IDToken, at now: Instant
  ) throws(OutgoingFailure) -> [JSONKey] {
    let (kept, asked) = known.withLock { ($0.keys, $0.keysAsked) }
    if kept.contains(where: { $0.fits(token) }) { return kept }
    guard kept.isEmpty || now.milliseconds - asked.milliseconds >= 60_000 else { return kept }
    struct Keys: Codable { var keys: [JSONKey] }
    let answer = try OutgoingCall("GET", description.jwksUri).send(tries: 2)
    guard answer.isGood, let read: Keys = decoded(answer.body) else {
      throw OutgoingFailure("\(issuer) shows no keys; try again later")
    }
    known.withLock {
      $0.keys = read.keys
      $0.keysAsked = now
    }
    return read.keys
  }
}

func decoded<Value: Decodable>(_ bytes: [UInt8]) -> Value? {
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  return try? decoder.decode(Value.self, from: Data(bytes))
}

/// `application/x-www-form-urlencoded`.
func form(_ fields: [(String, String)]) -> String {
  fields.map { formEncoded($0.0) + "=" + formEncoded($0.1) }.joined(separator: "&")
}

func formEncoded(_ text: String) -> String {
  let digits = Array("0123456789ABCDEF".utf8)
  var bytes: [UInt8] = []
  for byte in text.utf8 {
    switch byte {
    case 48...57, 65...90, 97...122, 45, 46, 95, 126: bytes.append(byte)
    default: bytes += [37, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
