// SPDX-License-Identifier: Apache-2.0
import Behaviour
import FoundationEssentials
import HTTP
import Storage
import Testing
import Units

@testable import Web

/// Whole ways through the site, as a person goes them.
@Suite(.serialized) struct FlowTests {
  @Test func aCitizenLogsInClaimsLooksExportsAndLeaves() throws {
    let town = try Town()
    defer { town.close() }
    let browser = Browser(port: town.server.port)
    _ = browser.get("/login")
    let sent = browser.post(
      "/login", [("phone", "138 0013 8000"), ("agree", "yes"), ("next", "/chengdu/me")])
    let code = try #require(between(sent.text, "dev-code\">", "<"))
    let wrong = code == "000000" ? "000001" : "000000"
    #expect(browser.post("/login/code", [("phone", "13800138000"), ("code", wrong)]).status == 422)
    let entered = browser.post(
      "/login/code", [("phone", "13800138000"), ("code", code), ("next", "/chengdu/me")])
    #expect(entered.status == 303 && entered.header("location") == "/chengdu/me")
    #expect(browser.get("/chengdu/me").text.contains("/chengdu/me/claim"))
    let claimed = browser.post("/chengdu/me/claim", [("partner", "bikes"), ("subject", "rider-0")])
    #expect(claimed.status == 303, "\(claimed.text)")

    // Five bike rides and two by metro were good, one is held, one was too short.
    let account = browser.get("/chengdu/me").text
    #expect(account.contains("待审核") && account.contains("未通过"))
    #expect(account.contains("138****8000") && !account.contains("13800138000"))
    // The ride of 900 m: 43.83 g at 48.7 g/km.
    let row = try #require(account.split(separator: "<li>").first { $0.contains(" 900 m · ") })
    let entry = try #require(between(String(row), "/chengdu/me/entries/", "\""))
    let page = browser.get("/chengdu/me/entries/\(entry)").text
    #expect(page.contains("distance * (baseline - 0 g/km)"))
    #expect(page.contains("900 m * (48.7 g/km - 0 g/km)"))
    #expect(page.contains("43.83 g") && page.contains("→ 44 g"))
    #expect(page.contains("shared-bike@2023-01-01") && page.contains("暂定"))
    #expect(browser.get("/chengdu/proof/\(entry)").text.contains("已重新计算"))

    let other = try town.citizenBrowser("13900000000")
    _ = other.post("/chengdu/me/open")
    #expect(other.get("/chengdu/me/entries/\(entry)").status == 404)
    #expect(
      other.post("/chengdu/me/claim", [("partner", "bikes"), ("subject", "rider-0")]).status == 409)

    // What waited at the other partner is credited upon linking.
    let linked = browser.post(
      "/chengdu/me/links", [("partner", "tianfutong"), ("subject", "rider-0"), ("agree", "yes")])
    #expect(linked.text.contains("已绑定"), "\(linked.text)")
    let export = browser.get("/chengdu/me/data.json").text
    #expect(export.contains("\"phone\":\"13800138000\"") && export.contains("\"scene\":\"metro\""))

    #expect(browser.post("/chengdu/me/close", [("confirm", "no")]).status == 422)
    #expect(browser.post("/chengdu/me/close", [("confirm", "注销")]).text.contains("已注销"))
    #expect(browser.get("/chengdu/me").status == 401)
    #expect(try town.vault.person(phone: "13800138000") == nil)
  }

  @Test func staffNeedPasswordAndCodeAndMayEnrol() throws {
    let town = try Town()
    defer { town.close() }
    let browser = Browser(port: town.server.port)
    _ = browser.get("/console/login")
    func logIn(_ name: String, _ password: String, _ code: String) -> Browser.Page {
      browser.post(
        "/console/login", [("username", name), ("password", password), ("code", code)])
    }
    #expect(logIn("reviewer", Town.password, "").status == 422)
    #expect(logIn("reviewer", "wrong", Town.code()).status == 422)
    let entered = logIn("reviewer", Town.password, Town.code())
    #expect(entered.status == 303 && entered.header("location") == "/console")
    #expect(browser.get("/console/chengdu").status == 200)
    // A code is good once.
    let second = Browser(port: town.server.port)
    _ = second.get("/console/login")
    #expect(
      second.post(
        "/console/login",
        [("username", "reviewer"), ("password", Town.password), ("code", Town.code())]
      ).status == 422)

    let fresh = Browser(port: town.server.port)
    _ = fresh.get("/console/login")
    let first = fresh.post(
      "/console/login", [("username", "newcomer"), ("password", Town.password)])
    #expect(first.header("location") == "/console/second-factor")
    #expect(fresh.get("/console/chengdu").status == 403)
    let page = fresh.get("/console/second-factor").text
    let secret = try #require(between(page, "name=\"secret\" value=\"", "\""))
    let shown = try #require(between(page, "dev-code\">", "<"))
    #expect(page.contains("<svg class=\"qr\""))
    #expect(
      fresh.post("/console/second-factor", [("secret", secret), ("code", shown)]).status == 303)
    #expect(fresh.get("/console/chengdu").status == 200)
  }

  @Test func aReviewerReleasesWithTypedConfirmation() throws {
    let town = try Town()
    defer { town.close() }
    let before = town.office.totals()
    #expect(before.quarantined > 0)
    let browser = try town.staffBrowser("reviewer")
    let list = browser.get("/console/chengdu/quarantine").text
    let number = try #require(between(list, "/console/chengdu/quarantine/", "\""))
    let path = "/console/chengdu/quarantine/\(number)"
    #expect(browser.get(path).status == 200)
    let fields = [("decision", "release"), ("opinion", "订单与轨迹一致")]
    #expect(browser.post(path, fields + [("confirm", "7")]).status == 422)
    #expect(town.office.totals().quarantined == before.quarantined)
    #expect(browser.post(path, fields + [("confirm", number)]).status == 303)
    #expect(town.office.totals().quarantined == before.quarantined - 1)
    #expect(browser.post(path, fields + [("confirm", number)]).status == 409)
    let log = try town.vault.staffActions()
    #expect(log.first?.action.action == "release")
    #expect(log.first?.action.object == "chengdu/fact/\(number)")
  }

  @Test func aPartnersKeyIsShownOnceAndRevoked() throws {
    let town = try Town()
    defer { town.close() }
    let admin = try town.staffBrowser("administrator")
    let added = admin.post(
      "/console/chengdu/partners", [("code", "metro"), ("name", "地铁"), ("scene", "metro")])
    let key = try #require(between(added.text, "key mono\">", "<"))
    #expect(key.hasPrefix("tph_"))
    let computer = Browser(port: town.server.port)
    computer.headers["Authorization"] = "Bearer \(key)"
    func report() -> Int {
      computer.ask("POST", "/api/v1/chengdu/behaviours", [91, 93], "application/json").status
    }
    #expect(report() == 200)
    let page = admin.get("/console/chengdu/partners/metro").text
    #expect(!page.contains(key))
    let label = try #require(between(page, "name=\"key\" value=\"", "\""))
    #expect(
      admin.post("/console/chengdu/partners/metro/keys/revoke", [("key", label)]).status == 200)
    #expect(report() == 401)
  }

  @Test func theDescriptionAndTheAnswersAgree() throws {
    let town = try Town()
    defer { town.close() }
    let browser = Browser(port: town.server.port)
    struct Description: Decodable {
      struct Schema: Decodable { var required: [String]? }
      struct Components: Decodable { var schemas: [String: Schema] }
      var openapi: String
      var paths: [String: [String: Ignored]]
      var components: Components
    }
    struct Ignored: Decodable { init(from decoder: any Decoder) {} }
    let text = browser.get("/openapi.json").text
    let description = try JSONDecoder().decode(Description.self, from: Data(text.utf8))
    #expect(description.openapi == "3.1.0")
    // What programmes' servers say to each other is described in Docs/recognition.md.
    for route in town.site.routes where route.isAPI && route.who != .programme {
      let path = OpenAPI.readable(route.pattern)
      #expect(description.paths[path]?[route.method.rawValue.lowercased()] != nil)
    }
    for (path, schema) in [
      ("head", "Head"), ("proofs/1", "Proof"), ("consistency?from=1&to=2", "Consistency"),
      ("totals", "Totals"), ("scenes", "Scenes"),
    ] {
      let page = browser.get("/api/v1/chengdu/\(path)")
      #expect(page.status == 200)
      let answer = try JSONDecoder().decode([String: Ignored].self, from: Data(page.text.utf8))
      let required = try #require(description.components.schemas[schema]?.required)
      #expect(Set(answer.keys) == Set(required), "\(path)")
    }
    #expect(browser.get("/metrics").text.contains("tanpuhui_facts{mechanism=\"chengdu\"}"))
    #expect(browser.get("/healthz").text == "ok\n")
    let problem = browser.get("/api/v1/nowhere/totals")
    #expect(problem.status == 404 && problem.text.contains("\"detail\""))
  }

  @Test func tooManyTriesAreSlowedDown() throws {
    let town = try Town()
    defer { town.close() }
    let browser = Browser(port: town.server.port)
    _ = browser.get("/console/login")
    var last = 0
    for _ in 0..<32 { last = browser.post("/login", [("phone", "1")]).status }
    #expect(last == 429)
  }

  private func between(_ text: String, _ start: String, _ end: Character) -> String? {
    guard let found = text.firstRange(of: start) else { return nil }
    return String(text[found.upperBound...].prefix { $0 != end })
  }
}
