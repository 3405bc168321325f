// SPDX-License-Identifier: Apache-2.0
// LOGGING IN BY AN IDENTITY SERVER (OpenID Connect, authorization code with PKCE).
//
//   /login/identity ──▶ the server's page ──▶ /login/identity/return?code&state ──▶ session
//        └ state, nonce, verifier stay here, bound to the browser by a cookie
//
// A flow is good once and for ten minutes. The `sub` is linked to a person in the Vault; the same
// person by a verified phone is linked and not doubled; who is logged in already links it to
// themselves.

import HTTP
import Outgoing
import Storage
import Synchronization
import Units

/// Logins on their way. They are in memory: a restart means beginning again.
final class IdentityFlows: Sendable {
  struct Flow: Sendable {
    var browser: String
    var nonce: String
    var verifier: String
    var next: String
    var person: PersonID?
    var expires: Instant
  }
  static let lifetimeMilliseconds: Int64 = 600_000
  /// More than this are not on their way at once; the oldest give way.
  static let flowsMax = 10_000
  private let flows = Mutex<[String: Flow]>([:])

  func begin(_ flow: Flow, state: String, at now: Instant) {
    flows.withLock { flows in
      if flows.count >= IdentityFlows.flowsMax {
        flows = flows.filter { $0.value.expires > now }
        if flows.count >= IdentityFlows.flowsMax { flows.removeAll() }
      }
      flows[state] = flow
    }
  }

  /// Takes the flow away: a second return with the same state finds nothing.
  func end(_ state: String, at now: Instant) -> Flow? {
    let flow = flows.withLock { $0.removeValue(forKey: state) }
    return flow.flatMap { $0.expires > now ? $0 : nil }
  }
}

enum IdentityDesk {
  static let cookie = "tph_identity"

  private static func provider(_ call: Call) throws -> IdentityProvider {
    guard let provider = call.site.settings.identityProvider else { throw Trouble.notFound }
    return provider
  }

  private static func back(_ call: Call) -> String {
    (call.site.settings.publicAddress ?? "http://127.0.0.1") + "/login/identity/return"
  }

  static func begin(_ call: Call) throws -> Response {
    let provider = try provider(call)
    try call.site.throttle.count(call.address, at: call.now)
    let state = base32(randomBytes(32))
    let flow = IdentityFlows.Flow(
      browser: base32(randomBytes(32)), nonce: base32(randomBytes(32)),
      verifier: base32(randomBytes(32)), next: call.request.query["next"] ?? "/me",
      person: call.person,
      expires: Instant(
        milliseconds: call.now.milliseconds + IdentityFlows.lifetimeMilliseconds))
    let address: String
    do {
      address = try provider.loginAddress(
        state: state, nonce: flow.nonce, verifier: flow.verifier, back: back(call))
    } catch { throw unreachable(error) }
    call.site.identityFlows.begin(flow, state: state, at: call.now)
    var response = Response.redirect(to: address)
    response.headers.append(
      (
        "Set-Cookie",
        call.site.cookie(
          cookie, flow.browser, seconds: IdentityFlows.lifetimeMilliseconds / 1000)
      ))
    return response
  }

  static func finish(_ call: Call) throws -> Response {
    let provider = try provider(call)
    let query = call.request.query
    // The same browser, or somebody is being lured into another's account.
    guard let flow = query["state"].flatMap({ call.site.identityFlows.end($0, at: call.now) }),
      let browser = call.request.cookies[cookie],
      equalInConstantTime(Array(browser.utf8), Array(flow.browser.utf8))
    else {
      throw Trouble(
        400, "login-expired", "登录已过期，或不是从本浏览器开始的。请重新登录。",
        "This login has expired, or was begun in another browser. Begin again.", next: .login)
    }
    guard let code = query["code"], !code.isEmpty, code.utf8.count <= 4096 else {
      throw Trouble(
        400, "login-declined", "统一身份登录没有完成。请重试，或用手机号登录。",
        "The identity server did not let you in. Try again, or log in by phone.", next: .login)
    }
    let identity: Identity
    do {
      identity = try provider.identify(
        code: code, verifier: flow.verifier, nonce: flow.nonce, back: back(call), at: call.now)
    } catch { throw unreachable(error) }
    let phone = identity.verifiedPhone.map { Vault.normalised(phone: $0) }
      .flatMap { (5...15).contains($0.utf8.count) ? $0 : nil }
    guard
      let person = try call.site.vault.personOrNew(
        issuer: identity.issuer, subject: identity.subject, provider: provider.name,
        verifiedPhone: phone, loggedIn: flow.person, at: call.now)
    else {
      throw Trouble(
        409, "identity-taken", "该统一身份已绑定另一个碳账户。请先退出，再用它登录。",
        "This identity is linked to another account. Log out first, then log in with it.")
    }
    try call.site.vault.giveConsent(
      of: person, purpose: "account", textVersion: ConsentText.accountVersion, at: call.now)
    var response = try CitizenDesk.entered(call, person, next: flow.next)
    response.headers.append(("Set-Cookie", call.site.cookie(cookie, "", seconds: 0)))
    return response
  }

  private static func unreachable(_ failure: OutgoingFailure) -> Trouble {
    Trouble(
      502, "identity-server", "统一身份服务暂时不可用，请稍后再试或用手机号登录。",
      "The identity server can't be used just now; log in by phone. \(failure)", next: .login)
  }
}
