// SPDX-License-Identifier: Apache-2.0
import Archive
import Behaviour
import Desk
import HTTP
import Mechanism
import Testing
import Units

@testable import Web

/// A partner takes back and corrects what it reported; the citizen sees it.
@Suite(.serialized) struct RecallTests {
  static let batch = "application/cloudevents-batch+json"

  static func computer(_ town: Town, _ key: String? = nil) -> Browser {
    let computer = Browser(port: town.server.port)
    computer.headers["Authorization"] = "Bearer \(key ?? town.key)"
    return computer
  }

  /// A metro ride of `ma`, an hour ago or so.
  static func ride(
    _ id: String, metres: Int = 8_000, minutesAgo: Int64 = 60, more: String = ""
  ) -> String {
    let time = Instant(milliseconds: systemClock().milliseconds - minutesAgo * 60_000)
    return """
      {"specversion":"1.0","id":"\(id)","source":"/tft","type":"metro","subject":"ma",\
      "time":"\(time.description)",\(more)"data":{"distanceMetres":\(metres),\
      "durationSeconds":1200}}
      """
  }

  /// Ma with an account, linked to tianfutong, as a browser.
  static func ma(_ town: Town) throws -> Browser {
    let citizen = try town.citizenBrowser("13800000009")
    _ = citizen.post("/chengdu/me/open")
    let linked = citizen.post(
      "/chengdu/me/links", [("partner", "tianfutong"), ("subject", "ma"), ("agree", "yes")])
    #expect(linked.text.contains("已绑定"))
    return citizen
  }

  static func number(_ text: String, _ name: String) -> Int64? {
    guard let found = text.firstRange(of: "\"\(name)\":") else { return nil }
    return Int64(text[found.upperBound...].prefix { $0 == "-" || $0.isNumber })
  }

  @Test func aWithdrawnRideLeavesTheAccountAndSaysWhy() throws {
    let town = try Town()
    defer { town.close() }
    let citizen = try Self.ma(town)
    let computer = Self.computer(town)
    let path = "/api/v1/chengdu/behaviours"
    let sent = computer.ask("POST", path, Array("[\(Self.ride("m-1"))]".utf8), Self.batch).text
    let points = try #require(Self.number(sent, "points"))
    let grams = try #require(Self.number(sent, "grams"))
    #expect(points > 0 && grams > 0)
    let before = town.office.totals()

    let rows = """
      [{"source":"/tft","id":"m-1","reason":"cancelled"},
       {"source":"/tft","id":"m-2","reason":"cancelled"},
       {"source":"/tft","id":"m-1","reason":"because"},
       {"id":"m-1","reason":"test"}]
      """
    let answer = computer.ask(
      "POST", path + "/withdrawals", Array(rows.utf8), "application/json")
    #expect(answer.status == 200)
    #expect(answer.text.contains("\"withdrawn\":1,\"refused\":3,\"grams\":\(grams)"))
    #expect(answer.text.contains("\"reason\":\"eventUnknown\""))
    #expect(answer.text.contains("\"field\":\"reason\"") && answer.text.contains("wrongValues"))
    #expect(answer.text.contains("The field source is missing"))
    let again = computer.ask(
      "POST", path + "/withdrawals", Array(rows.utf8), "application/json")
    #expect(again.text == answer.text, "sent twice, answered alike")

    let after = town.office.totals()
    #expect(after.grams == before.grams - Grams(grams))
    #expect(after.accepted == before.accepted - 1)
    let account = citizen.get("/chengdu/me").text
    #expect(account.contains("已撤回") && account.contains("−\(points) 分"))
    #expect(account.contains("行为已取消或退款"))
    let step = try #require(Self.number(answer.text, "fact"))
    let why = citizen.get("/chengdu/me/entries/\(step)").text
    #expect(why.contains("平台撤回了这条行为") && why.contains("被撤回的记录"))
    #expect(citizen.get("/chengdu/me/data.json").text.contains("\"isWithdrawal\":true"))
    // Nobody else sees it.
    let other = try town.citizenBrowser("13800000001")
    _ = other.post("/chengdu/me/open")
    #expect(other.get("/chengdu/me/entries/\(step)").status == 404)
    town.settle()
    #expect(try town.archive.differences().isEmpty)
    #expect(town.clerk.read { $0.audit() } == nil)
  }

  @Test func aCorrectionPutsTheRightRideInItsPlace() throws {
    let town = try Town()
    defer { town.close() }
    let citizen = try Self.ma(town)
    let computer = Self.computer(town)
    let path = "/api/v1/chengdu/behaviours"
    _ = computer.ask("POST", path, Array("[\(Self.ride("m-1"))]".utf8), Self.batch)
    let more = "\"corrects\":\"m-1\",\"reason\":\"wrongValues\","
    let body = Array("[\(Self.ride("m-1b", metres: 5_000, more: more))]".utf8)
    let answer = computer.ask("POST", path + "/corrections", body, Self.batch)
    #expect(answer.status == 200)
    #expect(answer.text.contains("\"outcome\":\"withdrawn\",\"was\":\"accepted\""))
    #expect(answer.text.contains("\"event\":{\"outcome\":\"accepted\""), "\(answer.text)")
    let again = computer.ask("POST", path + "/corrections", body, Self.batch)
    #expect(again.text == answer.text, "\(again.text)")
    // The old id stays used; the corrected one cannot be taken twice.
    let old = computer.ask("POST", path, Array("[\(Self.ride("m-1"))]".utf8), Self.batch).text
    #expect(old.contains("\"accepted\":0"))
    let account = citizen.get("/chengdu/me").text
    #expect(account.contains("更正") && account.contains("5.00 km"))
    // A correction that cannot be read leaves the old event as it was.
    let broken = Self.ride("m-1c", more: "\"corrects\":\"m-1b\",\"reason\":\"wrongValues\",")
      .replacing("\"distanceMetres\":8000,", with: "")
    let refused = computer.ask("POST", path + "/corrections", Array("[\(broken)]".utf8), Self.batch)
    #expect(refused.text.contains("\"withdrawn\":0") && refused.text.contains("missingField"))
    #expect(citizen.get("/chengdu/me").text == account)
  }

  @Test func whatWaitedOrWasHeldIsTakenBackToo() throws {
    let town = try Town()
    defer { town.close() }
    let computer = Self.computer(town)
    let path = "/api/v1/chengdu/behaviours"
    let waiting = town.office.totals().waiting
    // Nobody is linked: it waits; then it is credited by a link; then it is withdrawn.
    _ = computer.ask("POST", path, Array("[\(Self.ride("w-1"))]".utf8), Self.batch)
    #expect(town.office.totals().waiting == waiting + 1)
    let citizen = try Self.ma(town)
    #expect(town.office.totals().waiting == waiting)
    #expect(citizen.get("/chengdu/me").text.contains("8.00 km"))
    let row = Array("[{\"source\":\"/tft\",\"id\":\"w-1\",\"reason\":\"test\"}]".utf8)
    let answer = computer.ask("POST", path + "/withdrawals", row, "application/json").text
    #expect(answer.contains("\"was\":\"accepted\""), "\(answer)")
    #expect(citizen.get("/chengdu/me").text.contains("−"))
    #expect(town.clerk.read { $0.audit() } == nil)
    // A partner that was closed takes nothing back either; a body of rubbish is a sentence.
    let rubbish = computer.ask("POST", path + "/withdrawals", [123], "application/json")
    #expect(rubbish.status == 400 && rubbish.text.contains("JSON array"))
  }
}
