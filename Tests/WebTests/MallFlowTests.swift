// SPDX-License-Identifier: Apache-2.0
import Desk
import Glibc
import HTTP
import Ledger
import Mechanism
import Membership
import Rewards
import Storage
import Testing
import Units

@testable import Web

/// The mall through a real server: citizens, two shops' clerks, staff.
@Suite(.serialized) struct MallFlowTests {
  /// A citizen with points.
  private func citizen(_ town: Town, _ phone: String, points: Int64) throws -> Browser {
    let browser = try town.citizenBrowser(phone)
    _ = browser.get("/chengdu/me")
    _ = browser.post("/chengdu/me/open")
    let (person, _) = try town.vault.personOrNew(phone: phone, at: systemClock())
    let account = try #require(try town.vault.accounts(of: person).first)
    _ = try town.clerk.perform(
      .transfers([
        Transfer(
          id: TransferID(77, UInt64(account.citizen.raw)), source: AccountID(.issuing, 1, .points),
          target: .citizen(account.citizen, .points), amount: points, purpose: "test")
      ]))
    return browser
  }

  /// A shop with a clerk, who has a second factor.
  private func clerk(_ town: Town, _ username: String, merchant: UInt32) throws -> Browser {
    let now = systemClock()
    let id = try #require(
      try town.vault.addStaff(
        username: username, displayName: username, roles: ["merchant"], password: "secret",
        at: now, strength: .weak))
    let then = Instant(milliseconds: now.milliseconds - 90_000)
    let code = OneTimeCode.code(secret: Town.secret, step: then.seconds / OneTimeCode.period)
    _ = try town.vault.enrolSecondFactor(Town.secret, code: code, of: id, at: then)
    try town.vault.bindClerk(ShopClerk(staff: id, mechanism: "chengdu", merchant: merchant))
    return try town.staffBrowser(username)
  }

  /// What stands between two marks of a page.
  private func between(_ text: String, _ before: String, _ after: String) throws -> String {
    let start = try #require(text.firstRange(of: before)?.upperBound, "no \(before)")
    let end = try #require(text[start...].firstRange(of: after)?.lowerBound)
    return String(text[start..<end])
  }

  /// Takes an offer; answers the voucher's page address.
  private func take(_ browser: Browser, _ offer: Int) throws -> (status: Int, address: String) {
    let page = browser.get("/chengdu/mall/\(offer)")
    let order = try between(page.text, "name=\"order\" value=\"", "\"")
    let answer = browser.post("/chengdu/mall/\(offer)/order", [("order", order)])
    return (answer.status, answer.header("location") ?? "")
  }

  private func code(_ browser: Browser, _ address: String) throws -> String {
    try between(browser.get(address).text, "<p class=\"code\">", "</p>")
  }

  private func year(_ town: Town) -> Int {
    systemClock().day(offset: town.office.zone).civil.year
  }

  private func number(_ town: Town, _ resource: String) -> Int {
    town.office.offers(at: systemClock()).first { $0.offer.resource == resource }
      .map { Int($0.number) } ?? 0
  }

  @Test("earn, take, show, redeem, and find it on the statement to the cent")
  func whole() throws {
    let town = try Town()
    defer { town.close() }
    let boss = try town.staffBrowser("operator")
    #expect(boss.get("/console/chengdu/mall").status == 200)
    let opened = boss.post(
      "/console/chengdu/mall/resources", [("year", "\(year(town))")])
    #expect(opened.status == 303)
    let coupon = number(town, "consumer-voucher")
    let merchant = town.office.offer(UInt16(coupon), at: systemClock())!.offer.merchant
    let till = try clerk(town, "till-1", merchant: merchant)
    let other = try clerk(town, "till-2", merchant: 1)
    let lin = try citizen(town, "13900000001", points: 250)
    #expect(lin.get("/chengdu/mall").text.contains("还差"), "tickets are still far")
    let (status, address) = try take(lin, coupon)
    #expect(status == 303 && address.hasPrefix("/chengdu/me/vouchers/"))
    let code = try code(lin, address)
    #expect(lin.get(address).text.contains("<svg class=\"qr\""))
    // Somebody else sees nothing of it.
    let ma = try citizen(town, "13900000002", points: 10)
    #expect(ma.get(address).status == 404)
    #expect(ma.post(address + "/give-up").status == 404)
    #expect(ma.post(address + "/pay").status == 404)
    // Another shop's clerk learns nothing, and can't use it.
    let foreign = other.get("/console/chengdu/shop/use?code=\(code)")
    #expect(foreign.status == 404 && !foreign.text.contains("消费券（10元）"))
    let use = String(repeating: "5", count: 32)
    let stolen = other.post("/console/chengdu/shop/use", [("code", code), ("use", use)])
    #expect(stolen.status == 404)
    #expect(lin.get(address).text.contains("待使用"))
    // The right shop.
    #expect(till.get("/console/chengdu/shop/use?code=\(code)").text.contains("确认核销"))
    let redeemed = till.post("/console/chengdu/shop/use", [("code", code), ("use", use)])
    #expect(redeemed.status == 200 && redeemed.text.contains("核销成功"))
    let again = till.post("/console/chengdu/shop/use", [("code", code), ("use", use)])
    #expect(again.status == 200, "the same use again is the same answer")
    let twice = till.post(
      "/console/chengdu/shop/use", [("code", code), ("use", String(repeating: "6", count: 32))])
    #expect(twice.status == 409 && twice.text.contains("使用（till-1）"))
    let sheet = till.get("/console/chengdu/shop/statement")
    #expect(sheet.text.contains("¥10.00"))
    let table = till.get("/console/chengdu/shop/statement.csv").text
    #expect(table.contains("合计,1 张,,,100,10.00,0.00,10.00"))
    #expect(!other.get("/console/chengdu/shop/statement.csv").text.contains("10.00"))
    #expect(lin.get(address).text.contains("已使用"))
    #expect(town.clerk.read { $0.audit() } == nil)
  }

  @Test("a form sent twice is one order; too few points are told; giving back returns them")
  func orders() throws {
    let town = try Town()
    defer { town.close() }
    let boss = try town.staffBrowser("operator")
    _ = boss.get("/console/chengdu/mall")
    _ = boss.post("/console/chengdu/mall/resources", [("year", "\(year(town))")])
    let gas = number(town, "gas-safety-check")
    let lin = try citizen(town, "13900000003", points: 70)
    let page = lin.get("/chengdu/mall/\(gas)")
    let order = try between(page.text, "name=\"order\" value=\"", "\"")
    let first = lin.post("/chengdu/mall/\(gas)/order", [("order", order)])
    let second = lin.post("/chengdu/mall/\(gas)/order", [("order", order)])
    #expect(first.header("location") == second.header("location"))
    let address = first.header("location") ?? ""
    let ticket = number(town, "ticket-zoo")
    let poor = lin.post(
      "/chengdu/mall/\(ticket)/order", [("order", String(repeating: "a", count: 32))])
    // 70 less 30 are 40; the zoo costs 150.
    #expect(poor.status == 409 && poor.text.contains("还差 110 分"))
    #expect(lin.get("/chengdu/mall/\(ticket)").text.contains("110"))
    _ = lin.get(address)
    #expect(lin.post(address + "/give-up").status == 303)
    #expect(lin.get("/chengdu/mall").text.contains("<b class=\"num\">70</b>"))
    let free = lin.get("/api/v1/chengdu/offers").text
    #expect(free.contains("\"resource\":\"gas-safety-check\"") && free.contains("\"left\":null"))
    #expect(town.clerk.read { $0.audit() } == nil)
  }

  /// A tea house joins by two persons, with a clerk and an approved offer of 20 points and ¥9.90.
  private func teaHouse(_ town: Town) throws {
    let boss = try town.staffBrowser("operator")
    let second = try town.staffBrowser("reviewer")
    _ = boss.get("/console/chengdu/mall/merchants")
    let joined = boss.post(
      "/console/chengdu/mall/merchants",
      [
        ("name", "蓉城茶铺"), ("english", "Tea house"), ("licence", "91510100MA6C1234XX"),
        ("contact", "李茶"), ("phone", "13811112222"), ("agree", "yes"),
      ])
    let shop = joined.header("location") ?? ""
    #expect(joined.status == 303 && shop == "/console/chengdu/mall/merchants/1")
    let own = boss.post(shop, [("decision", "approved")])
    #expect(own.status == 409 && own.text.contains("由他人审核"))
    _ = second.get(shop)
    #expect(second.post(shop, [("decision", "approved")]).status == 303)
    let page = boss.get(shop).text
    #expect(!page.contains("13811112222") && !page.contains("91510100MA6C1234XX"))
    let made = boss.post(shop + "/clerks", [("username", "tea-till"), ("display", "小茶")])
    #expect(made.status == 200 && made.text.contains("tea-till / "))
    _ = boss.get("/console/chengdu/mall")
    let offer = boss.post(
      "/console/chengdu/mall/offers",
      [
        ("merchant", "1"), ("name", "盖碗茶"), ("kind", "service"), ("points", "20"),
        ("cash", "9.9"), ("settles", "0"), ("limit", "3"), ("days", "10"),
        ("expiry", "returns"), ("returnable", "yes"), ("districts", "青羊区、锦江区"),
      ])
    let tea = offer.header("location") ?? ""
    #expect(offer.status == 303)
    _ = second.get(tea)
    #expect(second.post(tea, [("decision", "approved")]).status == 303)
    let form = boss.get(tea)
    let id = try between(form.text, "name=\"id\" value=\"", "\"")
    let today = systemClock().day(offset: town.office.zone)
    for _ in 0..<2 {
      let released = boss.post(
        tea + "/releases",
        [
          ("id", id), ("quantity", "2"), ("from", today.description),
          ("until", Day(today.number + 20).description),
        ])
      #expect(released.status == 303, "sent twice it is one release")
    }
  }

  @Test("a merchant joins, an offer with cash is approved by another, paid by the test adapter")
  func merchants() throws {
    let town = try Town()
    defer { town.close() }
    try teaHouse(town)
    let lin = try citizen(town, "13900000004", points: 100)
    #expect(lin.get("/chengdu/mall?district=%E9%9D%92%E7%BE%8A%E5%8C%BA").text.contains("盖碗茶"))
    #expect(lin.get("/chengdu/mall/1").text.contains("¥9.90"))
    let (_, address) = try take(lin, 1)
    #expect(lin.get(address).text.contains("测试支付"))
    #expect(lin.post(address + "/pay", [("choice", "decline")]).status == 422)
    #expect(lin.post(address + "/pay", [("choice", "pay")]).status == 303)
    let code = try code(lin, address)
    let till = try town.staffBrowser("tea-till")
    // Without a second factor the till stays shut.
    #expect(till.get("/console/chengdu/shop").status == 403)
    let staff = try #require(try town.vault.staff().first { $0.username == "tea-till" })
    let then = Instant(milliseconds: systemClock().milliseconds - 90_000)
    let once = OneTimeCode.code(secret: Town.secret, step: then.seconds / OneTimeCode.period)
    _ = try town.vault.enrolSecondFactor(Town.secret, code: once, of: staff.id, at: then)
    #expect(till.get("/console").header("location") == "/console/chengdu/shop")
    _ = till.get("/console/chengdu/shop")
    // It can't honour the first: points and money come back at once.
    let declined = till.post(
      "/console/chengdu/shop/decline", [("code", code), ("reason", "没有水了")])
    #expect(declined.status == 200 && declined.text.contains("已退款"))
    #expect(lin.get(address).text.contains("20 分已返还"))
    #expect(lin.get("/chengdu/mall").text.contains("<b class=\"num\">100</b>"))
    #expect(till.get("/console/chengdu/mall").status == 403)
    #expect(town.clerk.read { $0.audit() } == nil)
    let fen = town.clerk.read { $0.ledger.balance(of: AccountID(.merchant, 1, .fen)) }
    #expect(fen == 0)
  }

  @Test("a merchant applies for itself, and its clerk proposes an offer")
  func joining() throws {
    let town = try Town()
    defer { town.close() }
    let boss = try town.staffBrowser("operator")
    let lin = try citizen(town, "13900000005", points: 1)
    #expect(Browser(port: town.server.port).get("/chengdu/mall/join").text.contains("先登录"))
    #expect(lin.get("/chengdu/mall/join").text.contains("合作条款"))
    let fields = [
      ("name", "竹编铺"), ("licence", "92510100MA6C7777XX"), ("contact", "陈竹"),
      ("phone", "13822223333"),
    ]
    #expect(lin.post("/chengdu/mall/join", fields).status == 422, "not without the terms")
    let applied = lin.post("/chengdu/mall/join", fields + [("agree", "yes")])
    #expect(applied.status == 200 && applied.text.contains("申请已提交"))
    let again = lin.post("/chengdu/mall/join", fields + [("agree", "yes")])
    #expect(again.status == 409 && again.text.contains("已入驻"))
    let journal = town.clerk.read { $0.rewards.merchants.map { "\($0)" }.joined() }
    for secret in ["92510100MA6C7777XX", "陈竹", "13822223333"] {
      #expect(!journal.contains(secret))
    }
    let shop = "/console/chengdu/mall/merchants/1"
    _ = boss.get(shop)
    #expect(boss.post(shop, [("decision", "approved")]).status == 303)
    let till = try clerk(town, "bamboo", merchant: 1)
    #expect(till.get("/console/chengdu/shop/offers").text.contains("在下面提交第一个"))
    let proposed = till.post(
      "/console/chengdu/shop/offers",
      [
        ("name", "竹杯"), ("kind", "goods"), ("points", "30"), ("cash", "0"), ("settles", "2"),
        ("limit", "2"), ("days", "30"), ("expiry", "returns"),
        // Another merchant's number in the form changes nothing.
        ("merchant", "9"),
      ])
    #expect(proposed.status == 303)
    #expect(till.get("/console/chengdu/shop/offers").text.contains("待审核"))
    #expect(town.clerk.read { $0.rewards.offers.map(\.merchant) } == [1])
    let bad = till.post("/console/chengdu/shop/offers", [("name", "贵"), ("points", "99999999999")])
    #expect(bad.status == 409)
    _ = boss.get("/console/chengdu/mall/offers/1")
    #expect(boss.post("/console/chengdu/mall/offers/1", [("decision", "approved")]).status == 303)
  }
}
