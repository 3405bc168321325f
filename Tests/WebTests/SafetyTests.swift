// SPDX-License-Identifier: Apache-2.0
import Behaviour
import HTTP
import Testing
import Units

@testable import Web

/// What a stranger types never becomes markup, and a form from elsewhere is never taken.
@Suite(.serialized) struct SafetyTests {
  static let nasty = "<img src=x onerror=alert(1)>\"'&"

  @Test func textIsEscapedAndAddressesAreEncoded() {
    let html: HTML = "<p title=\"\(Self.nasty)\">\(Self.nasty)</p>"
    #expect(!html.text.contains("<img"))
    #expect(
      html.text.contains("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"))
    let link: Link = "/a/\("x/../?y&z")/b?q=\("1 2")"
    #expect(link.text == "/a/x%2F..%2F%3Fy%26z/b?q=1%202")
    #expect(Link(local: "//evil.example") == nil)
    #expect(Link(local: "/\\evil.example") == nil)
    #expect(Link(local: "https://evil.example") == nil)
    #expect(Link(local: "/chengdu/me?before=7")?.text == "/chengdu/me?before=7")
  }

  @Test(arguments: ["<"]) func aChoiceOfLiteralsIsMarkup(_ given: String) {
    let html: HTML = "\(given == "<" ? "<b>x</b>" : "")\(given == ">" ? "" : given)"
    #expect(html.text == "<b>x</b>&lt;")
  }

  @Test func everyFieldThatPeopleGiveIsEscaped() throws {
    let town = try Town()
    defer { town.close() }
    let admin = try town.staffBrowser("administrator")
    let nasty = Self.nasty
    var pages: [Browser.Page] = []
    pages.append(
      admin.post(
        "/console/chengdu/partners",
        [("code", "evil"), ("name", nasty), ("scene", "bus"), ("enrols", "yes")]))
    pages.append(admin.get("/console/chengdu/partners/evil"))
    pages.append(admin.post("/console/chengdu/partners", [("code", nasty), ("name", nasty)]))
    pages.append(
      admin.post(
        "/console/staff",
        [
          ("username", "evil"), ("name", nasty), ("password", "twelve letters"),
          ("role", "operator"),
        ]))
    pages.append(admin.get("/console/staff"))
    pages.append(admin.get("/console/log?object=\(percentEncoded(nasty))"))
    pages.append(admin.get("/console/log"))
    pages.append(admin.get("/console/chengdu/quarantine?scene=\(percentEncoded(nasty))"))
    let citizen = try town.citizenBrowser("13800000002")
    _ = citizen.post("/chengdu/me/open")
    pages.append(
      citizen.post(
        "/chengdu/me/links", [("partner", "evil"), ("subject", nasty), ("agree", "yes")]))
    pages.append(citizen.get("/chengdu/me/links"))
    let anyone = Browser(port: town.server.port)
    pages.append(anyone.get("/login?next=\(percentEncoded(nasty))"))
    pages.append(anyone.post("/login", [("phone", nasty), ("next", nasty)]))
    pages.append(anyone.get("/chengdu/scenes/\(percentEncoded("<img>"))"))
    pages.append(anyone.get("/\(percentEncoded("<img>"))/"))
    pages.append(
      anyone.post("/console/login", [("username", nasty), ("password", "x")]))
    for page in pages {
      #expect(page.status != 0 && page.status != 500)
      #expect(!page.text.contains("<img"), "\(page.text.prefix(400))")
    }
    #expect(pages[1].text.contains("&lt;img"))
    #expect(pages[9].text.contains("&lt;img"))
  }

  @Test func aFormWithoutItsTokenIsRefused() throws {
    let town = try Town()
    defer { town.close() }
    let citizen = try town.citizenBrowser("13800000003")
    #expect(citizen.post("/chengdu/me/open", csrf: "").status == 403)
    #expect(citizen.post("/chengdu/me/open", csrf: String(repeating: "0", count: 64)).status == 403)
    citizen.headers["Sec-Fetch-Site"] = "cross-site"
    #expect(citizen.post("/chengdu/me/open").status == 403)
    citizen.headers = [:]
    #expect(citizen.get("/chengdu/me").text.contains("/chengdu/me/open"))
    #expect(citizen.post("/chengdu/me/open").status == 303)
    // Somebody not logged in has a token too, in a cookie.
    let anyone = Browser(port: town.server.port)
    #expect(anyone.post("/login", [("phone", "13800000004"), ("agree", "yes")]).status == 403)
  }

  @Test func everyPageCarriesTheHeaders() throws {
    let town = try Town()
    defer { town.close() }
    let browser = Browser(port: town.server.port)
    for path in ["/", "/chengdu/", "/nowhere/", "/login", "/console/login", "/openapi.json"] {
      let page = browser.get(path)
      let policy = page.header("content-security-policy") ?? ""
      #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
      #expect(page.header("x-content-type-options") == "nosniff")
    }
    let style = browser.get("/assets/tanpuhui.css")
    #expect(style.status == 200 && style.header("etag") != nil)
    browser.headers["If-None-Match"] = style.header("etag")!
    #expect(browser.get("/assets/tanpuhui.css").status == 304)
    #expect(browser.get("/assets/../Package.swift").status >= 400)
  }
}
