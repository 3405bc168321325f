// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Desk
import Glibc
import Ledger
import Mechanism
import Membership
import Policy
import Storage
import Testing
import Units

@testable import Web

/// Consents, data, children, organisations, as people go through them on a real server.
@Suite(.serialized) struct PeopleTests {
  private func between(_ text: String, _ start: String, _ end: Character) -> String? {
    guard let found = text.firstRange(of: start) else { return nil }
    return String(text[found.upperBound...].prefix { $0 != end })
  }

  /// The pack in force with another version of its text about partners' data.
  private func adoptNewText(_ town: Town, version: String) throws {
    var files = try Fixture.packFiles("chengdu")
    let index = try #require(files.firstIndex { $0.path == "consents.txt" })
    let text = String(decoding: files[index].bytes, as: UTF8.self)
    files[index].bytes = Array(text.replacing("partner-data-2026-11", with: version).utf8)
    _ = try town.clerk.perform(.adopt(files))
    // The rounds look every quarter of a second.
    let office = town.office
    let adoption = town.clerk.read { $0.adoptions.last!.fact }
    for _ in 0..<400 where try town.vault.consentRound(of: office.code) != adoption {
      usleep(25_000)
    }
    #expect(try town.vault.consentRound(of: office.code) == adoption)
  }

  private func citizen(_ town: Town, _ phone: String) throws -> CitizenID {
    let person = try #require(try town.vault.person(phone: phone))
    return try #require(try town.vault.accounts(of: person).first).citizen
  }

  @Test func aChangedTextAsksAgainAndTheSourceWaits() throws {
    let town = try Town()
    defer { town.close() }
    let ma = try town.citizenBrowser("13800000001")
    _ = ma.post("/chengdu/me/open")
    let linked = ma.post(
      "/chengdu/me/links", [("partner", "tianfutong"), ("subject", "rider-0"), ("agree", "yes")])
    #expect(linked.status == 200 && linked.text.contains("已绑定"))
    // The screen says which scenes, which measures, for what, and for how long.
    for word in ["共享单车", "里程", "计算减排量和碳积分", "至您撤回为止", "partner-data-2026-11"] {
      #expect(linked.text.contains(word), "\(word)")
    }
    let account = try citizen(town, "13800000001")
    let alias = try #require(town.office.aliases.find(Array("rider-0".utf8), of: PartnerID(1)))
    #expect(town.office.citizen(of: alias) == account)
    let before = town.office.balance(of: account)
    #expect(before.grams.count > 0)

    try adoptNewText(town, version: "partner-data-2027-01")
    #expect(town.office.citizen(of: alias).isNone, "nothing is credited until it is agreed to")
    #expect(ma.get("/chengdu/me").text.contains("授权文本已更新"))
    let asked = ma.get("/chengdu/me/links").text
    #expect(asked.contains("需要重新同意") && asked.contains("partner-data-2027-01"))
    #expect(town.office.balance(of: account).grams == before.grams, "what was credited stays")

    let renewed = ma.post("/chengdu/me/consents/renew", [("partner", "tianfutong")])
    #expect(renewed.status == 200 && town.office.citizen(of: alias) == account)
    let person = try #require(try town.vault.person(phone: "13800000001"))
    let record = try town.vault.consents(of: person).filter { $0.purpose == "source" }
    #expect(record.map(\.textVersion) == ["partner-data-2026-11", "partner-data-2027-01"])
    #expect(record[0].withdrawn != nil && record[1].withdrawn == nil)

    // Withdrawing ends it, is recorded, and no new text asks again.
    let gone = ma.post("/chengdu/me/links/remove", [("alias", "\(alias.raw)")])
    #expect(gone.text.contains("已撤回授权") && town.office.citizen(of: alias).isNone)
    #expect(try town.vault.consents(of: person).allSatisfy { $0.withdrawn != nil })
    try adoptNewText(town, version: "partner-data-2027-02")
    #expect(!ma.get("/chengdu/me/links").text.contains("需要重新同意"))
  }

  @Test func aWaitingSourceIsWithdrawnAndIsNobodyElsesToTouch() throws {
    let town = try Town()
    defer { town.close() }
    let ma = try town.citizenBrowser("13800000001")
    let lin = try town.citizenBrowser("13800000002")
    for browser in [ma, lin] { _ = browser.post("/chengdu/me/open") }
    _ = ma.post(
      "/chengdu/me/links", [("partner", "tianfutong"), ("subject", "rider-1"), ("agree", "yes")])
    let alias = try #require(town.office.aliases.find(Array("rider-1".utf8), of: PartnerID(1)))
    #expect(lin.post("/chengdu/me/links/remove", [("alias", "\(alias.raw)")]).status == 404)
    try adoptNewText(town, version: "partner-data-2027-01")
    #expect(lin.post("/chengdu/me/links/remove", [("alias", "\(alias.raw)")]).status == 404)
    _ = lin.post("/chengdu/me/consents/renew", [("partner", "tianfutong")])
    #expect(town.office.citizen(of: alias).isNone, "another's word links nothing")
    #expect(ma.post("/chengdu/me/links/remove", [("alias", "\(alias.raw)")]).status == 200)
    _ = ma.post("/chengdu/me/consents/renew", [("partner", "tianfutong")])
    #expect(town.office.citizen(of: alias).isNone, "what was withdrawn does not come back")
  }

  @Test func receiversAreGivenWithdrawnAndAskedAgain() throws {
    let town = try Town()
    defer { town.close() }
    let ma = try town.citizenBrowser("13800000001")
    _ = ma.post("/chengdu/me/open")
    let person = try #require(try town.vault.person(phone: "13800000001"))
    func holds() throws -> Bool {
      try town.office.holds(receiver: "boards", of: person, in: town.vault)
    }
    #expect(try !holds())
    _ = ma.post("/chengdu/me/consents", [("receiver", "boards"), ("agree", "yes")])
    #expect(try holds())
    #expect(try !town.office.holds(receiver: "merchants", of: person, in: town.vault))
    _ = ma.post("/chengdu/me/consents", [("receiver", "boards"), ("agree", "no")])
    #expect(try !holds())
    #expect(
      ma.post("/chengdu/me/consents", [("receiver", "the-press"), ("agree", "yes")]).status == 404)
    _ = ma.post("/chengdu/me/consents", [("receiver", "boards"), ("agree", "yes")])
    var files = try Fixture.packFiles("chengdu")
    let index = try #require(files.firstIndex { $0.path == "consents.txt" })
    let text = String(decoding: files[index].bytes, as: UTF8.self)
    files[index].bytes = Array(text.replacing("boards-2026-11", with: "boards-2027").utf8)
    _ = try town.clerk.perform(.adopt(files))
    #expect(try !holds(), "a new text is agreed to anew")
    #expect(ma.get("/chengdu/me/links").text.contains("文本已更新，请重新确认"))
  }

  @Test func closingReturnsPointsAndKeepsGramsAndTheBooksBalance() throws {
    let town = try Town()
    defer { town.close() }
    let ma = try town.citizenBrowser("13800138000")
    _ = ma.post("/chengdu/me/claim", [("partner", "bikes"), ("subject", "rider-0")])
    let account = try citizen(town, "13800138000")
    let before = town.office.balance(of: account)
    #expect(before.points.count > 0 && before.grams.count > 0)
    let totals = town.office.totals()
    let record = ma.get("/chengdu/me/record").text
    #expect(record.contains("13800138000") && record.contains("rider-0"))
    #expect(ma.get("/chengdu/me/data.json").text.contains("\"user\":\"rider-0\""))

    #expect(ma.post("/chengdu/me/close", [("confirm", "注销")]).status == 200)
    let after = town.office.balance(of: account)
    #expect(after.points.count == 0 && after.grams == before.grams)
    let programme = town.clerk.read {
      $0.ledger.balance(of: AccountID(.programme, 90, .points))
    }
    #expect(programme == before.points.count, "the pack says: the programme's account 90")
    #expect(
      town.office.totals().grams == totals.grams && town.office.totals().points == totals.points)
    #expect(town.clerk.read { $0.audit() } == nil)
    #expect(town.clerk.read { $0.membership.isClosed(account) })
    // Whoever comes with the same phone begins anew.
    let again = try town.citizenBrowser("13800138000")
    _ = again.post("/chengdu/me/open")
    #expect(try citizen(town, "13800138000") != account)
    #expect(again.get("/chengdu/me/data.json").text.contains("\"entries\":[]"))
  }

  @Test func aChildNeedsItsGuardianWhoSeesExportsAndCloses() throws {
    let town = try Town()
    defer { town.close() }
    let child = try town.citizenBrowser("13900000014")
    let wanted = child.post("/chengdu/me/open", [("birth", "2020-05-04")])
    #expect(wanted.text.contains("需要监护人同意"))
    #expect(child.get("/chengdu/me").text.contains("/chengdu/me/open"), "no account yet")
    // Saying another date, or none, makes nobody older.
    #expect(child.post("/chengdu/me/open").text.contains("需要监护人同意"))
    let code = try #require(
      between(
        child.post("/chengdu/me/open", [("birth", "1990-01-01")]).text, "dev-code\">", "<"))
    #expect(child.post("/chengdu/me/open", [("birth", "2031-01-01")]).status == 422)

    let mother = try town.citizenBrowser("13800000001")
    _ = mother.post("/chengdu/me/open")
    let agree = [("agree", "yes")]
    #expect(mother.post("/chengdu/me/children", [("code", "wrong")] + agree).status == 422)
    #expect(mother.post("/chengdu/me/children", [("code", code)]).status == 422)
    let agreed = mother.post("/chengdu/me/children", [("code", code)] + agree)
    #expect(agreed.text.contains("孩子的碳账户已开通"), "\(agreed.text)")
    let account = try citizen(town, "13900000014")
    #expect(child.get("/chengdu/me").text.contains("我的碳账户"))
    #expect(
      child.post("/chengdu/me/consents", [("receiver", "boards"), ("agree", "yes")]).status == 403)

    let stranger = try town.citizenBrowser("13800000002")
    _ = stranger.post("/chengdu/me/open")
    #expect(stranger.post("/chengdu/me/children", [("code", code)] + agree).status == 422)
    let path = "/chengdu/me/children/\(account.raw)"
    for browser in [stranger, child] {
      #expect(browser.get(path).status == 404)
      #expect(browser.get(path + "/data.json").status == 404)
      #expect(browser.post(path + "/close", [("confirm", "注销")]).status == 404)
    }
    #expect(mother.get(path).status == 200)
    #expect(mother.get(path + "/data.json").text.contains("\"phone\":\"13900000014\""))
    #expect(mother.post(path + "/close", [("confirm", "no")]).status == 422)
    #expect(mother.post(path + "/close", [("confirm", "注销")]).status == 200)
    #expect(try town.vault.person(phone: "13900000014") == nil)
    #expect(child.get("/chengdu/me").status == 401)
  }

  @Test func ageIsCountedInWholeYears() {
    func years(_ birth: String, _ today: String) -> Int {
      GuardianDesk.years(since: Day(birth)!, Day(today)!)
    }
    #expect(years("2012-11-21", "2026-11-21") == 14)
    #expect(years("2012-11-22", "2026-11-21") == 13)
    #expect(years("2012-02-29", "2026-02-28") == 13)
    #expect(years("2012-02-29", "2026-03-01") == 14)
  }
}
