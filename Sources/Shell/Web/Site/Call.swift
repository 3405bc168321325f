// SPDX-License-Identifier: Apache-2.0
import HTTP
import Outgoing
import Storage
import Units

/// One request on its way: what was asked, by whom, in which language.
package struct Call: Sendable {
  let site: Site
  package let request: Request
  let route: Route
  /// What stands in the braces of the route's pattern.
  let values: [String: String]
  let now: Instant
  let t: Tongue
  /// A token for forms, made for a browser that had none.
  let freshFormToken: String?
  private let formToken: String
  package var actor = Actor.nobody
  var form = Pairs()

  init(site: Site, request: Request, route: Route, values: [String: String], now: Instant) {
    self.site = site
    self.request = request
    self.route = route
    self.values = values
    self.now = now
    let cookies = request.cookies
    t =
      request.query["lang"].flatMap(Tongue.init(rawValue:))
      ?? cookies[Site.languageCookie].flatMap(Tongue.init(rawValue:)) ?? .chinese
    let known = cookies[Site.formCookie].flatMap { $0.utf8.count == 52 ? $0 : nil }
    formToken = known ?? base32(randomBytes(32))
    freshFormToken = known == nil && !route.isAPI ? formToken : nil
  }

  /// The mechanism named in the address.
  func office() throws -> Office {
    guard let office = values["m"].flatMap(site.office) else { throw Trouble.noMechanism }
    return office
  }

  func number(_ name: String) throws -> UInt64 {
    guard let number = values[name].flatMap({ UInt64($0) }), number > 0 else {
      throw Trouble.notFound
    }
    return number
  }

  var person: PersonID? {
    if case .citizen(let person, _, _) = actor { person } else { nil }
  }
  var staff: Staff? {
    if case .staff(let staff, _, _) = actor { staff } else { nil }
  }

  /// What views are given.
  func visit(_ office: Office? = nil) -> Visit {
    var here = request.target
    if let mark = here.firstIndex(of: "?"), request.query["lang"] != nil {
      here = String(here[..<mark])
    }
    var visit = Visit(
      t: t, here: request.method == .get ? Link(local: here) ?? "/" : "/",
      csrf: actor.session.map { hexadecimal($0.csrf) } ?? formToken, isCitizen: person != nil,
      staff: staff.map { StaffBadge(name: $0.displayName, roles: actor.roles) },
      mechanism: office?.badge(t), now: now, zone: office?.zone ?? 28_800,
      isDevelopment: site.settings.isDevelopment, isDemo: site.settings.isDemo,
      assets: site.assets.versions)
    visit.identityName = site.settings.identityProvider?.name
    visit.isConsole = route.isConsole
    visit.hasLargeText = hasLargeText
    visit.isWeChat = isWeChat
    return visit
  }

  /// The network address the request came from. Behind a proxy it is what the proxy wrote last into
  /// `X-Forwarded-For`; what stands before that, anybody may have written.
  var address: String {
    guard site.settings.isBehindProxy,
      let last = request.headers.all("X-Forwarded-For").last?.split(separator: ",").last
    else { return request.remote.description }
    let text = last.filter { $0 != " " }
    let isAddress =
      !text.isEmpty && text.utf8.count <= 45
      && text.utf8.allSatisfy {
        (48...58).contains($0) || (97...102).contains($0) || (65...70).contains($0) || $0 == 46
      }
    return isAddress ? text : request.remote.description
  }

  /// What the service worker may do with this page: nothing (nil), keep it, for it was drawn for
  /// nobody, or ask for a copy that is. Pages behind a login are never kept.
  func offlineMark(_ status: Int) -> String? {
    guard status == 200, request.method == .get, route.who.contains(.anyone),
      Routes.kept.contains(route.pattern)
    else { return nil }
    let isNobody = if case .nobody = actor { true } else { false }
    return "\(isNobody ? "keep" : "ask") \(t.rawValue) \(hasLargeText ? "large" : "normal")"
  }

  var hasLargeText: Bool { request.cookies[Site.textCookie] == "large" }

  /// WeChat's own browser, which can't save files.
  var isWeChat: Bool { request.headers["User-Agent"]?.contains("MicroMessenger") == true }

  func html(_ page: HTML, status: Int = 200) -> Response { .html(page.text, status: status) }

  func go(_ link: Link) -> Response { .redirect(to: link.text) }

  /// Writes what a member of staff did into the operations log.
  func log(_ action: String, _ object: String, before: String = "", after: String = "") throws {
    guard let staff else { return }
    try site.vault.record(
      StaffAction(
        time: now, staff: staff.id, action: action, object: object, before: before, after: after,
        address: address))
  }
}
