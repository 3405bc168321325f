// SPDX-License-Identifier: Apache-2.0
import Glibc
import HTTP
import Testing

@testable import Web

/// Every route by every role, through a real server: who may is not turned away, who may not is.
@Suite(.serialized) struct RouteTests {
  /// What to put for the braces of a pattern.
  private static func address(_ route: Route) -> String {
    var path = route.pattern
    for (name, value) in [
      ("{m}", "chengdu"), ("{fact}", "1"), ("{code}", "shared-bike"), ("{number}", "1"),
      ("{id}", "7"), ("{file}", "sm2.pem"),
      ("{programme}", "tanhui-traffic"), ("{day}", "2026-11-20"),
      ("{exchange}", "00000000000000000000000000000001"),
    ] {
      path = path.split(separator: "/", omittingEmptySubsequences: false)
        .map { $0 == name ? value : String($0) }.joined(separator: "/")
    }
    return path
  }

  @Test func everyRouteAsksForItsRoles() throws {
    let town = try Town()
    defer { town.close() }
    let names = ["anonymous", "citizen", "partner", "newcomer"] + Roles.staffRoles.map(\.code)
    var asked = 0
    for route in town.site.routes {
      let path = Self.address(route)
      #expect(!path.contains("{"), "say what stands for the braces of \(route.pattern)")
      for name in names {
        let (browser, roles) = try Self.browser(town, name)
        let page: Browser.Page
        if route.method == .get {
          page = browser.get(path)
        } else if route.isAPI {
          page = browser.ask("POST", path, [91, 93], "application/cloudevents-batch+json")
        } else {
          // A page that everybody may send from gives its token to a browser that has none.
          if route.who.contains(.anyone) {
            _ = browser.get(route.isConsole ? "/console/login" : "/login")
          }
          // Of a broken form, so that nothing changes; authorisation comes before the form is read.
          page = browser.post(path, [("confirm", "no")])
        }
        let turnedAway = page.status == 401 || page.status == 403
        let may = route.who.contains(.anyone) || !route.who.isDisjoint(with: roles)
        #expect(
          turnedAway == !may,
          "\(route.method.rawValue) \(route.pattern) answers \(name) with \(page.status)")
        #expect(page.status != 500 && page.status != 0, "\(path) as \(name): \(page.status)")
        asked += 1
      }
    }
    #expect(asked == town.site.routes.count * names.count)
  }

  private static func browser(_ town: Town, _ name: String) throws -> (Browser, Roles) {
    switch name {
    case "anonymous":
      let browser = Browser(port: town.server.port)
      _ = browser.get("/login")
      return (browser, [])
    case "citizen": return (try town.citizenBrowser("13800000001"), .citizen)
    case "partner":
      let browser = Browser(port: town.server.port)
      _ = browser.get("/login")
      browser.headers["Authorization"] = "Bearer \(town.key)"
      return (browser, .partner)
    case "newcomer": return (try town.staffBrowser(name), .newcomer)
    default: return (try town.staffBrowser(name), Roles.named([name]))
    }
  }

  @Test func noTwoRoutesClaimOneAddress() throws {
    let routes = Routes.all { _, _, _, _ in }
    let keys = routes.map { "\($0.method.rawValue) \($0.pattern)" }
    #expect(Set(keys).count == keys.count)
    // A fixed address must stand before the braces that would swallow it.
    for (index, route) in routes.enumerated() {
      let parts = Self.address(route).split(separator: "/", omittingEmptySubsequences: false)
        .dropFirst().map(String.init)
      let first = routes.firstIndex { $0.method == route.method && $0.match(parts) != nil }
      #expect(first == index, "\(route.pattern) is never reached")
    }
  }

  @Test func aKeyOpensItsOwnMechanismOnly() throws {
    let town = try Town()
    defer { town.close() }
    let browser = Browser(port: town.server.port)
    browser.headers["Authorization"] = "Bearer \(town.key)"
    let type = "application/cloudevents-batch+json"
    #expect(browser.ask("POST", "/api/v1/chengdu/behaviours", [91, 93], type).status == 200)
    #expect(browser.ask("POST", "/api/v1/atlantis/behaviours", [91, 93], type).status == 404)
    browser.headers["Authorization"] = "Bearer tph_" + String(repeating: "a", count: 40)
    let refused = browser.ask("POST", "/api/v1/chengdu/behaviours", [91, 93], type)
    #expect(refused.status == 401)
    #expect(refused.header("content-type") == "application/problem+json")
    #expect(refused.header("www-authenticate") != nil)
  }
}
