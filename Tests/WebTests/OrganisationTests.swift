// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Desk
import HTTP
import Mechanism
import Membership
import Policy
import Storage
import Testing
import Units

@testable import Web

/// Organisations and families, as people go through them on a real server.
@Suite(.serialized) struct OrganisationPageTests {
  private func between(_ text: String, _ start: String, _ end: Character) -> String? {
    guard let found = text.firstRange(of: start) else { return nil }
    return String(text[found.upperBound...].prefix { $0 != end })
  }

  private func citizen(_ town: Town, _ phone: String) throws -> CitizenID {
    let person = try #require(try town.vault.person(phone: phone))
    return try #require(try town.vault.accounts(of: person).first).citizen
  }

  private func opened(_ town: Town, _ phone: String) throws -> Browser {
    let browser = try town.citizenBrowser(phone)
    _ = browser.post("/chengdu/me/open")
    return browser
  }

  /// An organisation that was applied for and approved; answers its address.
  private func founded(
    _ town: Town, by browser: Browser, _ name: String, kind: String = "school"
  ) throws -> String {
    let asked = browser.post(
      "/chengdu/me/organisations",
      [("kind", kind), ("name", name), ("contact", "王老师 028-80000000")])
    #expect(asked.status == 200 && asked.text.contains("等待审核"), "\(asked.text)")
    let waiting = try town.vault.applications(mechanism: "chengdu", state: .waiting)
    let number = try #require(waiting.first { $0.name == name }).number
    let path = "/console/chengdu/applications/\(number)"
    let auditor = try town.staffBrowser("auditor")
    #expect(!auditor.get(path).text.contains("028-80000000"), "an auditor need not call")
    #expect(auditor.post(path, [("decision", "approve"), ("opinion", "同意")]).status == 403)
    let staff = try town.staffBrowser("operator")
    #expect(staff.get(path).text.contains("028-80000000"))
    #expect(try town.vault.staffActions().first?.action.action == "see contact")
    #expect(staff.post(path, [("decision", "approve"), ("opinion", "")]).status == 422)
    #expect(staff.post(path, [("decision", "approve"), ("opinion", "材料齐全")]).status == 303)
    #expect(staff.post(path, [("decision", "refuse"), ("opinion", "改主意")]).status == 409)
    let id = town.clerk.read { $0.membership.groups.count }
    return "/chengdu/organisations/\(id)"
  }

  @Test func anOrganisationIsFoundedJoinedAndLeft() throws {
    let town = try Town()
    defer { town.close() }
    let head = try opened(town, "13800000001")
    let school = try founded(town, by: head, "泡桐树小学")
    #expect(head.get(school).text.contains("泡桐树小学"))
    let page = head.post(school + "/invitations", [("uses", "2")]).text
    let code = try #require(between(page, "key mono\">", "<"))
    #expect(head.post(school + "/invitations", [("uses", "1000")]).status == 409)

    let pupils = try ["13800000002", "13800000003", "13800000004"].map { try opened(town, $0) }
    let join = [("code", code)]
    #expect(pupils[0].post("/chengdu/me/organisations/join", join).text.contains("已加入"))
    #expect(pupils[0].post("/chengdu/me/organisations/join", join).status == 409)
    #expect(pupils[1].post("/chengdu/me/organisations/join", join).text.contains("已加入"))
    #expect(pupils[2].post("/chengdu/me/organisations/join", join).status == 422, "used up")
    let number = school.split(separator: "/").last.map(String.init)!
    #expect(
      pupils[2].post("/chengdu/me/organisations/request", [("number", number)]).status == 200)
    let asker = try citizen(town, "13800000004")
    #expect(head.get(school + "/members").text.contains("加入申请"))
    #expect(
      head.post(school + "/requests", [("citizen", "\(asker.raw)"), ("answer", "yes")]).status
        == 200)
    #expect(pupils[2].get(school).status == 200)
    #expect(pupils[2].post(school + "/leave").status == 303)
    #expect(pupils[2].get(school).status == 404, "who left sees nothing")
    #expect(head.post(school + "/leave").status == 409, "not without another administrator")
  }

  @Test func rightsHoldAndAnotherOrganisationsDelegateIsAStranger() throws {
    let town = try Town()
    defer { town.close() }
    let head = try opened(town, "13800000001")
    let rival = try opened(town, "13800000009")
    let school = try founded(town, by: head, "泡桐树小学")
    let firm = try founded(town, by: rival, "成都某公司", kind: "enterprise")
    let invited = head.post(school + "/invitations", [("uses", "5")]).text
    let code = try #require(between(invited, "key mono\">", "<"))
    let teacher = try opened(town, "13800000002")
    _ = teacher.post("/chengdu/me/organisations/join", [("code", code)])
    let id = try citizen(town, "13800000002")

    for (path, fields) in [
      ("/invitations", [("uses", "1")]), ("/requests", [("citizen", "1"), ("answer", "yes")]),
      ("/members", [("citizen", "\(id.raw)"), ("right", "remove")]), ("/leave", []),
    ] {
      #expect(rival.post(school + path, fields).status == 404, "\(path)")
      #expect(head.post(firm + path, fields).status == 404, "\(path)")
    }
    #expect(rival.get(school).status == 404 && rival.get(school + "/members").status == 404)

    // A member sees the sum's page, and no list; each right opens what it should.
    func statuses() -> [Int] {
      [
        teacher.get(school).status, teacher.get(school + "/members").status,
        teacher.post(school + "/invitations", [("uses", "1")]).status,
        teacher.post(school + "/members", [("citizen", "999"), ("right", "none")]).status,
      ]
    }
    #expect(statuses() == [200, 403, 403, 403])
    for (right, expected) in [
      ("view", [200, 200, 403, 403]), ("act", [200, 200, 200, 403]),
      ("administer", [200, 200, 200, 409]),
    ] {
      let given = head.post(
        school + "/members", [("citizen", "\(id.raw)"), ("right", right)])
      #expect(given.status == 200)
      #expect(statuses() == expected, "\(right)")
    }
    #expect(head.post(school + "/leave").status == 303, "there is another administrator now")
  }

  @Test func aSumIsOfTheMembersTimeAndHiddenWhileFew() throws {
    let town = try Town(riders: 40)
    defer { town.close() }
    let head = try opened(town, "13800000001")
    let school = try founded(town, by: head, "泡桐树小学")
    let id = OrganisationID(1)
    let rider = try opened(town, "13800138000")
    func link(_ subject: String) {
      _ = rider.post(
        "/chengdu/me/links", [("partner", "tianfutong"), ("subject", subject), ("agree", "yes")])
    }
    link("rider-0")
    let account = try citizen(town, "13800138000")
    let earlier = town.office.balance(of: account).grams
    #expect(earlier.count > 0)
    _ = try town.office.perform(.group(.join(id, account)))
    #expect(town.clerk.read { $0.jointGrams(of: id).count } == 0, "what was before is not theirs")
    // Linking credits what waited: now it counts, and goes on counting after leaving. This rider's
    // trips are 39 minutes from the other's.
    link("rider-39")
    let gained = town.office.balance(of: account).grams - earlier
    #expect(gained.count > 0)
    #expect(town.clerk.read { $0.jointGrams(of: id) } == gained)
    #expect(head.get(school).text.contains("人后显示"), "two members: no sum is shown")
    let third = try opened(town, "13800000003")
    _ = third
    _ = try town.office.perform(.group(.join(id, try citizen(town, "13800000003"))))
    #expect(!head.get(school).text.contains("人后显示"))
    #expect(rider.post("/chengdu/me/close", [("confirm", "注销")]).status == 200)
    #expect(
      town.clerk.read { $0.jointGrams(of: id) } == gained, "closing takes nothing from others")
    #expect(town.clerk.read { $0.membership.group(id)?.members.count } == 2)
    #expect(town.clerk.read { $0.audit() } == nil)
  }

  @Test func aFamilyIsFoundedAtOnceAndIsNobodyElsesBusiness() throws {
    let town = try Town()
    defer { town.close() }
    let mother = try opened(town, "13800000001")
    #expect(
      mother.post("/chengdu/me/organisations", [("kind", "family")]).text.contains("家庭组已建立"))
    #expect(mother.post("/chengdu/me/organisations", [("kind", "family")]).status == 409)
    let home = "/chengdu/organisations/1"
    let page = mother.post(home + "/invitations", [("uses", "9")]).text
    let code = try #require(between(page, "key mono\">", "<"))
    // Six at most, says the pack.
    for number in 2...6 {
      let one = try opened(town, "1380000000\(number)")
      #expect(one.post("/chengdu/me/organisations/join", [("code", code)]).status == 200)
    }
    let seventh = try opened(town, "13800000007")
    #expect(seventh.post("/chengdu/me/organisations/join", [("code", code)]).status == 409)
    #expect(
      seventh.post("/chengdu/me/organisations/request", [("number", "1")]).status == 404)
    let staff = try town.staffBrowser("administrator")
    #expect(staff.get("/console/chengdu/organisations/1").status == 404)
    #expect(!staff.get("/console/chengdu/organisations").text.contains("/organisations/1\""))
  }

  @Test func staffChangeTheirPasswordsInTime() throws {
    let town = try Town()
    defer { town.close() }
    let admin = try town.staffBrowser("administrator")
    let weak = admin.post(
      "/console/staff", [("username", "wei"), ("name", "魏"), ("password", "aaaaaaaaaaaa")])
    #expect(weak.status == 422 && weak.text.contains("三种"))
    _ = admin.post(
      "/console/staff",
      [
        ("username", "wei"), ("name", "魏"), ("password", "First-pass-2026"), ("role", "operator"),
      ])
    let browser = Browser(port: town.server.port)
    _ = browser.get("/console/login")
    let login = [("username", "wei"), ("password", "First-pass-2026")]
    let first = browser.post("/console/login", login)
    #expect(first.status == 403 && first.text.contains("初始密码"))
    #expect(browser.cookies["tph_staff"] == nil)
    func change(_ new: String, _ again: String) -> Browser.Page {
      browser.post("/console/password", login + [("new", new), ("again", again)])
    }
    #expect(change("Second-pass-2026", "Second-pass-2027").status == 422)
    #expect(change("First-pass-2026", "First-pass-2026").status == 422, "the same again")
    #expect(change("wei-Wei-12345", "wei-Wei-12345").status == 422, "names the account")
    #expect(change("Second-pass-2026", "Second-pass-2026").status == 303)
    #expect(
      browser.post("/console/login", [("username", "wei"), ("password", "Second-pass-2026")])
        .status == 303)
    let id = try #require(try town.vault.staff().first { $0.username == "wei" }).id
    let later = Instant(milliseconds: systemClock().milliseconds + 90 * 86_400_000)
    #expect(try town.vault.passwordStanding(of: id, at: later) == .expired)
    #expect(try town.vault.passwordStanding(of: id, at: systemClock()) == .good)
  }
}
