// SPDX-License-Identifier: Apache-2.0
import Desk
import HTTP
import Mechanism
import Recognition
import Storage
import Testing
import Units

@testable import Web

/// Another programme's server as tests play it: signs what it sends.
private struct Neighbour {
  let browser: Browser
  let key: String
  var programme = "tanhui-traffic"

  func ask(_ method: String, _ path: String, _ body: String = "") -> Browser.Page {
    let whole = "/api/v1/chengdu/programmes/\(programme)" + path
    browser.headers["Tanpuhui-Signature"] = Wire.sign(
      sender: programme, method: method, path: whole, body: Array(body.utf8), key: key,
      at: Town.now())
    return browser.ask(method, whole, method == "GET" ? nil : Array(body.utf8), "application/json")
  }
}

extension Town {
  fileprivate static func now() -> Instant { systemClock() }
}

@Suite("points of other programmes, on pages and between servers", .serialized)
struct RecognitionPageTests {
  private static let here = "/chengdu/me/recognition/tanhui-traffic"

  /// A citizen with an account, linked; answers the browser and the recognition code.
  private static func linked(_ town: Town, _ phone: String) throws -> (Browser, String) {
    let browser = try town.citizenBrowser(phone)
    #expect(browser.post("/chengdu/me/open").status == 303)
    _ = browser.get(here)
    #expect(
      browser.post(here + "/link", [("member", "m-\(phone)"), ("agree", "yes")]).status == 303)
    let page = browser.get(here).text
    let start = try #require(page.firstRange(of: "<code class=\"long\">")).upperBound
    return (browser, String(page[start...].prefix(24)))
  }

  private static func neighbour(_ town: Town) throws -> Neighbour {
    // Nothing listens there: what we lead stays open.
    let key = try town.vault.connectProgramme(
      "tanhui-traffic", mechanism: "chengdu", address: "http://127.0.0.1:9", at: Town.now())
    return Neighbour(browser: Browser(port: town.server.port), key: key)
  }

  private static func prepare(_ code: String, _ points: Int = 40) -> String {
    let day = Town.now().day(offset: 28_800)
    return """
      {"giver":"tanhui-traffic","taker":"chengdu","give":\(points),"take":\(points),\
      "member":"\(code)","day":"\(day)","deadline":\(Town.now().seconds + 60)}
      """
  }

  @Test func theirPointsBecomeOursWhenTheyConfirm() throws {
    let town = try Town()
    defer { town.close() }
    let neighbour = try Self.neighbour(town)
    let (lin, code) = try Self.linked(town, "13800000011")
    let path = "/exchanges/" + String(repeating: "a", count: 32)
    #expect(neighbour.ask("GET", path).text.contains("\"unknown\""))
    #expect(neighbour.ask("POST", path + "/prepare", Self.prepare("nobody")).status == 409)
    for _ in 0..<2 {
      let page = neighbour.ask("POST", path + "/prepare", Self.prepare(code))
      #expect(page.status == 200 && page.text.contains("\"prepared\""), "\(page.text)")
    }
    #expect(neighbour.ask("POST", path + "/prepare", Self.prepare(code, 50)).status == 409)
    #expect(lin.get(Self.here).text.contains("进行中"))
    for _ in 0..<2 {
      #expect(neighbour.ask("POST", path + "/confirm", "{}").text.contains("\"confirmed\""))
    }
    #expect(neighbour.ask("POST", path + "/cancel", "{}").status == 409)
    let page = lin.get(Self.here).text
    #expect(page.contains("已完成") && page.contains("可用碳积分 <b class=\"num\">40</b>"))
    let day = Town.now().day(offset: 28_800)
    let file = neighbour.ask("GET", "/days/\(day)").text
    #expect(file.contains(",tanhui-traffic,chengdu,40,40,confirmed"))
    #expect(town.clerk.read { $0.audit() } == nil)
  }

  @Test func aSignatureOpensItsOwnProgrammeOnly() throws {
    let town = try Town()
    defer { town.close() }
    let neighbour = try Self.neighbour(town)
    let path = "/exchanges/" + String(repeating: "b", count: 32)
    #expect(neighbour.ask("GET", path).status == 200)
    var other = neighbour
    other.programme = "merchant-alliance"
    #expect(other.ask("GET", path).status == 401, "another programme's address")
    let whole = "/api/v1/chengdu/programmes/tanhui-traffic" + path
    let old = Instant(seconds: Town.now().seconds - 400)
    for (sender, time) in [("chengdu", Town.now()), ("tanhui-traffic", old)] {
      neighbour.browser.headers["Tanpuhui-Signature"] = Wire.sign(
        sender: sender, method: "GET", path: whole, body: [], key: neighbour.key, at: time)
      #expect(neighbour.browser.get(whole).status == 401, "\(sender) at \(time)")
    }
  }

  @Test func whatNobodyAnswersIsUnderWayAndSomebodyElsesIsNone() throws {
    let town = try Town()
    defer { town.close() }
    _ = try Self.neighbour(town)
    let (lin, _) = try Self.linked(town, "13800000021")
    let (ma, _) = try Self.linked(town, "13800000022")
    let form = [
      ("exchange", String(repeating: "c", count: 32)), ("direction", "in"), ("points", "30"),
    ]
    let first = lin.post(Self.here, form)
    #expect(first.status == 303)
    let address = try #require(first.header("location"))
    #expect(lin.post(Self.here, form).header("location") == address, "the same form is the same")
    let page = lin.get(address)
    #expect(page.status == 200 && page.text.contains("进行中"))
    #expect(page.header("refresh") == "3")
    #expect(ma.get(address).status == 404, "somebody else's exchange is none")
    #expect(ma.post(Self.here, form).status == 422, "and its number is taken")
    #expect(!ma.get("/chengdu/me/recognition").text.contains(address))
    let refused = lin.post(
      Self.here,
      [
        ("exchange", String(repeating: "d", count: 32)), ("direction", "out"),
        ("points", "50"),
      ])
    #expect(refused.status == 422 && refused.text.contains("还差 50 分"))
    let english = lin.get(address + "?lang=en").text
    #expect(english.contains("Under way") && english.contains("Green-trip points"))
  }
}
