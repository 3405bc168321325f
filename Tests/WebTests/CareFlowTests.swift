// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Desk
import Governance
import HTTP
import Mechanism
import Storage
import Testing
import Units

@testable import Web

/// Measures, appeals and letters through a real server: two citizens, four of the staff.
@Suite(.serialized) struct CareFlowTests {
  /// A citizen who took over the account of one of the town's riders, and its number.
  private func rider(
    _ town: Town, _ phone: String, _ subject: String
  ) throws -> (browser: Browser, citizen: CitizenID) {
    let browser = try town.citizenBrowser(phone)
    _ = browser.get("/chengdu/me")
    _ = browser.post("/chengdu/me/claim", [("partner", "bikes"), ("subject", subject)])
    let (person, _) = try town.vault.personOrNew(phone: phone, at: systemClock())
    let account = try #require(try town.vault.accounts(of: person).first)
    return (browser, account.citizen)
  }

  /// Opens a case about the newest credited entry; answers the case's address and the entry.
  private func open(
    _ town: Town, _ staff: Browser, _ citizen: CitizenID
  ) throws -> (address: String, fact: UInt64, points: Int32) {
    let (entries, _) = try town.office.history(of: citizen, before: nil, limit: 20)
    let entry = try #require(
      entries.first { $0.record.outcome == .accepted && $0.record.points > 0 })
    _ = staff.get("/console/chengdu/cases")
    let answer = staff.post(
      "/console/chengdu/cases",
      [
        ("citizen", "\(citizen.raw)"), ("rule", "two-places"), ("reason", "行程重叠"),
        ("evidence", "\(entry.number.raw)"),
      ])
    #expect(answer.status == 303)
    return (answer.header("location") ?? "", entry.number.raw, entry.record.points)
  }

  @Test func twoFreezeTheCitizenSeesWhyAppealsAndAThirdLifts() throws {
    let town = try Town()
    defer { town.close() }
    let (lin, citizen) = try rider(town, "13800000031", "rider-0")
    let (ma, _) = try rider(town, "13800000032", "rider-1")
    let operators = try town.staffBrowser("operator")
    let reviewer = try town.staffBrowser("reviewer")
    let regulator = try town.staffBrowser("regulator")
    let (address, _, _) = try open(town, operators, citizen)
    let until = Day(systemClock().day(offset: 28_800).number + 30).description
    let freeze = [("kind", "freeze"), ("reason", "核查中请谅解"), ("until", until)]
    #expect(operators.post(address + "/measures", freeze).status == 303)
    #expect(lin.get("/chengdu/me/cases/1").status == 404, "nothing was decided yet")
    let confirm = [("decision", "confirm"), ("opinion", "同意")]
    let own = operators.post(address + "/measures/1", confirm)
    #expect(own.status == 409 && own.text.contains("请由他人办理"))
    #expect(reviewer.post(address + "/measures/1", confirm).status == 303)
    #expect(lin.get("/chengdu/me").text.contains("/chengdu/me/cases"))
    let mine = lin.get("/chengdu/me/cases/1")
    for part in ["核查中请谅解", until, "同时身处两地", "提出申诉"] {
      #expect(mine.text.contains(part), "the citizen is not told: \(part)")
    }
    // Another citizen sees and does nothing here.
    #expect(ma.get("/chengdu/me/cases/1").status == 404)
    let text = [("text", "我当天乘坐地铁")]
    #expect(ma.post("/chengdu/me/cases/1/appeal/1", text).status == 404)
    #expect(ma.post("/chengdu/me/cases/1/repay/1", [("points", "1")]).status == 404)
    #expect(lin.post("/chengdu/me/cases/1/appeal/1", [("text", " ")]).status == 409)
    #expect(lin.post("/chengdu/me/cases/1/appeal/1", text).status == 303)
    let uphold = [("decision", "uphold"), ("reason", "经查行程属实")]
    #expect(reviewer.post(address + "/appeals/1", uphold).status == 409, "had a hand in it")
    #expect(regulator.get(address).text.contains("我当天乘坐地铁"))
    #expect(regulator.post(address + "/appeals/1", uphold).status == 303)
    let after = lin.get("/chengdu/me/cases/1").text
    #expect(after.contains("申诉成立") && after.contains("经查行程属实"))
    #expect(!town.office.balance(of: citizen).isFrozen)
    let log = try town.vault.staffActions(object: nil, limit: 20).map(\.1.action)
    for action in ["open case", "propose freeze", "confirm measure", "uphold appeal"] {
      #expect(log.contains(action), "the operations log has no \(action)")
    }
  }

  @Test func aClawBackNamesEntriesAndTheJournalSaysWhatTheyGave() throws {
    let town = try Town()
    defer { town.close() }
    let (lin, citizen) = try rider(town, "13800000033", "rider-0")
    let operators = try town.staffBrowser("operator")
    let reviewer = try town.staffBrowser("reviewer")
    let (address, fact, points) = try open(town, operators, citizen)
    let before = town.office.balance(of: citizen).points.count
    let other = try town.office.history(of: CitizenID(citizen.raw + 1), before: nil, limit: 1)
      .entries[0].number.raw
    func take(_ fact: UInt64) -> Int {
      operators.post(
        address + "/measures", [("kind", "clawBack"), ("reason", "虚假行程"), ("award", "\(fact)")]
      ).status
    }
    #expect(take(other) == 409, "another citizen's entry")
    #expect(take(fact) == 303)
    _ = reviewer.get(address)
    #expect(
      reviewer.post(address + "/measures/1", [("decision", "confirm"), ("opinion", "同意")]).status
        == 303)
    #expect(town.office.balance(of: citizen).points.count == before - Int64(points))
    #expect(lin.get("/chengdu/me/cases/1").text.contains("收回积分"))
    #expect(lin.get("/chengdu/me/points").text.contains("收回积分"))
    #expect(town.clerk.read { $0.audit() } == nil)
  }

  @Test func aClaimIsAnsweredAndSeenByItsPartnerOnly() throws {
    let town = try Town()
    defer { town.close() }
    let (lin, citizen) = try rider(town, "13800000034", "rider-0")
    let (ma, _) = try rider(town, "13800000035", "rider-1")
    let when = Instant(milliseconds: systemClock().milliseconds - 7_200_000).text(offset: 28_800)
    var claim = [
      ("kind", "claim"), ("partner", "tianfutong"), ("scene", "metro"),
      ("happened", String(when.prefix(16))), ("order", "TFT-20261121-77"), ("text", "没有入账"),
    ]
    _ = lin.get("/chengdu/me/letters")
    let filed = lin.post("/chengdu/me/letters", claim)
    #expect(filed.header("location") == "/chengdu/me/letters/1")
    #expect(lin.get("/chengdu/me/letters/1").text.contains("TFT-20261121-77"))
    #expect(ma.get("/chengdu/me/letters/1").status == 404)
    #expect(ma.post("/chengdu/me/letters/1", [("text", "我来看看")]).status == 404)
    claim[1].1 = "bikes"
    _ = lin.post("/chengdu/me/letters", claim)
    claim[3].1 = "2999-01-01T08:00"
    #expect(lin.post("/chengdu/me/letters", claim).status == 422, "in the future")

    let partner = Browser(port: town.server.port)
    partner.headers["Authorization"] = "Bearer \(town.key)"
    let told = partner.get("/api/v1/chengdu/claims").text
    #expect(told.contains("TFT-20261121-77") && told.contains("\"number\":1"))
    #expect(!told.contains("\"number\":2"), "a claim about another partner")
    #expect(!told.contains("没有入账"), "the partner needs the order, not the letter")

    let operators = try town.staffBrowser("operator")
    #expect(operators.get("/console/chengdu/letters/1").text.contains("TFT-20261121-77"))
    #expect(operators.get("/console/chengdu").text.contains("来信待答复"))
    func answer(_ decision: String, _ fact: String = "") -> Browser.Page {
      operators.post(
        "/console/chengdu/letters/1",
        [("decision", decision), ("text", "平台将补报"), ("fact", fact)])
    }
    let points = town.office.balance(of: citizen).points
    #expect(answer("accepted").status == 303)
    #expect(town.office.balance(of: citizen).points == points, "accepted is no award")
    let mine = try town.office.history(of: citizen, before: nil, limit: 1).entries[0].number.raw
    #expect(answer("credited", "\(mine)").status == 422, "a report of another partner")
    #expect(lin.get("/chengdu/me/letters/1").text.contains("平台将补报"))
    #expect(answer("declined").status == 303)
    // With the account goes every word of it, and the desk goes on.
    _ = lin.get("/chengdu/me/data")
    #expect(lin.post("/chengdu/me/close", [("confirm", "注销")]).status == 200)
    let after = operators.get("/console/chengdu/letters/1").text
    #expect(after.contains("已随注销删除") && !after.contains("TFT-20261121-77"))
  }

  @Test func theRunOpensNothingAgainstOrdinaryRidersAndCanBeRunAgain() throws {
    let town = try Town()
    defer { town.close() }
    let operators = try town.staffBrowser("operator")
    _ = operators.get("/console/chengdu/cases")
    let yesterday = Day(systemClock().day(offset: 28_800).number - 1).description
    for _ in 0..<2 {
      let answer = operators.post("/console/chengdu/cases/run", [("day", yesterday)])
      #expect(answer.header("location") == "/console/chengdu/cases?opened=0")
    }
    let today = systemClock().day(offset: 28_800).description
    #expect(operators.post("/console/chengdu/cases/run", [("day", today)]).status == 409)
    #expect(operators.get("/console/chengdu/cases").text.contains(yesterday))
  }
}
