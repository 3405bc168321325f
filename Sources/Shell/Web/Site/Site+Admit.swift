// SPDX-License-Identifier: Apache-2.0
import Desk
import HTTP
import Storage
import Units

/// Who asks.
package enum Actor: Sendable {
  case nobody
  case citizen(PersonID, Session, token: String)
  case staff(Staff, Session, token: String)
  case partner(PartnerKey)
  /// Another programme's server, by its code.
  case programme(String)

  package var roles: Roles {
    switch self {
    case .nobody: .anyone
    case .citizen: [.anyone, .citizen]
    case .staff(let staff, _, _):
      // Without a second factor the console stays shut.
      staff.hasSecondFactor ? Roles.named(staff.roles).union(.anyone) : [.anyone, .newcomer]
    case .partner: [.anyone, .partner]
    case .programme: [.anyone, .programme]
    }
  }

  var session: Session? {
    switch self {
    case .citizen(_, let session, _), .staff(_, let session, _): session
    case .nobody, .partner, .programme: nil
    }
  }
}

extension Site {
  static let citizenCookie = "tph_citizen"
  static let staffCookie = "tph_staff"
  static let formCookie = "tph_form"
  static let languageCookie = "lang"
  static let textCookie = "text"
  static let citizenLifetime: Int64 = 30 * 86_400_000
  static let staffLifetime: Int64 = 8 * 3_600_000
  /// Staff who do nothing for half an hour are logged out.
  static let staffIdle: Int64 = 30 * 60_000

  /// The one place where a role is asked for.
  func admit(_ call: Call) throws -> Actor {
    if call.route.who == .partner, let code = call.values["m"], office(code) == nil {
      throw Trouble.noMechanism
    }
    let actor = try identify(call)
    let who = call.route.who
    if who.contains(.anyone) || !who.isDisjoint(with: actor.roles.subtracting(.anyone)) {
      // A partner's key opens its own mechanism only.
      if case .partner(let key) = actor, let code = call.values["m"], key.mechanism != code {
        throw Trouble.foreignKey
      }
      try checkBelonging(call, actor)
      if who == .partner, case .partner(let key) = actor {
        try limit(call, key)
        try prove(call, key)
      }
      return actor
    }
    switch actor {
    case .nobody where who == .partner: throw Trouble.noKey
    case .nobody where who == .programme: throw Trouble.strangeProgramme
    case .nobody: throw Trouble.notLoggedIn
    case .staff(let staff, _, _) where !staff.hasSecondFactor: throw Trouble.secondFactorMissing
    case .staff, .citizen, .partner, .programme: throw Trouble.forbidden
    }
  }

  /// Counts a partner's request.
  private func limit(_ call: Call, _ key: PartnerKey) throws {
    let terms = vault.terms(mechanism: key.mechanism, partner: key.partner)
    if let wait = office(key.mechanism)?.quotas.takeRequest(key.partner, terms, at: call.now) {
      throw Trouble.tooManyRequests(terms.requestsPerMinute, wait)
    }
  }

  private func identify(_ call: Call) throws -> Actor {
    if call.route.who == .programme, let signer = try signer(of: call) { return signer }
    if let header = call.request.headers["Authorization"],
      header.lowercased().hasPrefix("bearer ")
    {
      let text = header.dropFirst("Bearer ".count)
      if let key = vault.partnerKey(Array(text.utf8)), key.holds(at: call.now) {
        return .partner(key)
      }
      if call.route.isAPI { throw Trouble.wrongKey }
    }
    let cookies = call.request.cookies
    if call.route.isConsole {
      guard let token = cookies[Site.staffCookie],
        let session = try vault.session(token: token, at: call.now), session.kind == .staff,
        call.now.milliseconds - session.lastSeen.milliseconds < Site.staffIdle,
        let staff = try vault.staff(StaffID(UInt32(truncatingIfNeeded: session.subject))),
        !staff.disabled
      else { return .nobody }
      return .staff(staff, session, token: token)
    }
    guard let token = cookies[Site.citizenCookie],
      let session = try vault.session(token: token, at: call.now), session.kind == .citizen
    else { return .nobody }
    return .citizen(PersonID(session.subject), session, token: token)
  }

  /// A form must bring back the token that its page was given.
  func checkForm(_ call: inout Call) throws {
    guard call.route.needsForm else { return }
    if call.request.headers["Sec-Fetch-Site"] == "cross-site" { throw Trouble.foreignForm }
    guard let form = call.request.form() else { throw Trouble.unreadableForm }
    call.form = form
    let given = form["csrf"] ?? ""
    let expected =
      call.actor.session.map { Storage.hexadecimal($0.csrf) }
      ?? call.request.cookies[Site.formCookie] ?? ""
    guard !expected.isEmpty, equalInConstantTime(Array(given.utf8), Array(expected.utf8)) else {
      throw Trouble.foreignForm
    }
  }

  /// What every answer carries.
  func finish(_ call: Call, _ response: Response) -> Response {
    var response = response
    if response["Content-Security-Policy"] == nil {
      // No page has a script but the one file that registers the service worker; staff's have none.
      response["Content-Security-Policy"] =
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        + "base-uri 'none'; frame-ancestors 'none'"
        + (call.route.isConsole
          ? "" : "; script-src 'self'; worker-src 'self'; manifest-src 'self'")
    }
    if response["Content-Type"]?.hasPrefix("text/html") == true {
      response["Content-Language"] = call.t.tag
      response["Tanpuhui-Offline"] = call.offlineMark(response.status)
    }
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "same-origin"
    response["Cross-Origin-Opener-Policy"] = "same-origin"
    response["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if settings.isSecure { response["Strict-Transport-Security"] = "max-age=31536000" }
    if response["Cache-Control"] == nil { response["Cache-Control"] = "no-store" }
    if let fresh = call.freshFormToken {
      response.headers.append(("Set-Cookie", cookie(Site.formCookie, fresh, seconds: 86_400)))
    }
    if let asked = call.request.query["lang"].flatMap(Tongue.init(rawValue:)) {
      response.headers.append(
        ("Set-Cookie", cookie(Site.languageCookie, asked.rawValue, seconds: 31_536_000)))
    }
    return response
  }

  func cookie(_ name: String, _ value: String, seconds: Int64) -> String {
    "\(name)=\(value); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Lax"
      + (settings.isSecure ? "; Secure" : "")
  }
}
