// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Desk
import HTTP
import Policy
import Storage
import Testing
import Units

@testable import Web

/// From the form to the first report: dictionary, application, sandbox.
@Suite(.serialized) struct OnboardingTests {
  @Test func theDictionarysExamplesAreTakenAsTheyStand() throws {
    let town = try Town()
    defer { town.close() }
    let pack = try town.office.pack()
    let open = pack.behaviour.scenes.filter { !$0.closed }
    let admin = try town.staffBrowser("administrator")
    let made = admin.post(
      "/console/chengdu/partners",
      [("code", "all"), ("name", "全部场景"), ("enrols", "yes")] + open.map { ("scene", $0.code) })
    let key = try #require(made.text.firstRange(of: "tph_")).lowerBound
    let computer = RecallTests.computer(town, String(made.text[key...].prefix(44)))
    for scene in open {
      let entry = DictionaryEntry(scene, pack, .chinese)
      let answer = computer.ask(
        "POST", "/api/v1/chengdu/behaviours?detail=all", Array("[\(entry.event)]".utf8),
        RecallTests.batch)
      #expect(answer.text.contains("\"accepted\":1"), "\(scene.code): \(answer.text)")
    }
    let page = Browser(port: town.server.port).get("/chengdu/dictionary")
    #expect(page.status == 200 && page.text.contains("distanceMetres"))
    #expect(open.allSatisfy { page.text.contains("id=\"\($0.code)\"") })
    let json = Browser(port: town.server.port).get("/api/v1/chengdu/dictionary").text
    #expect(json.contains("\"scene\":\"shared-bike\"") && json.contains("\"required\":true"))
    #expect(admin.get("/console/chengdu/partners/all").text.contains("/chengdu/dictionary"))
  }

  private static let form = [
    ("organisation", "绿行科技"), ("contact", "张三"), ("telephone", "13800001234"),
    ("purpose", "骑行订单"), ("scene", "shared-bike"),
  ]

  @Test func anApplicationBecomesAPartnerBySomebodyElsesHand() throws {
    let town = try Town()
    defer { town.close() }
    let visitor = Browser(port: town.server.port)
    #expect(visitor.get("/chengdu/join").text.contains("申请接入"))
    #expect(visitor.post("/chengdu/join", Array(Self.form.dropLast())).status == 422)
    #expect(visitor.post("/chengdu/join", Self.form).text.contains("申请已提交"))
    // Who to ring up stands in no file in the clear.
    for name in ["/vault.sqlite", "/vault.sqlite-wal"] {
      let text = String(decoding: Fixture.read(town.folder + name), as: UTF8.self)
      #expect(!text.contains("13800001234") && !text.contains("张三"))
    }
    // One that staff filed is not theirs to decide.
    let officer = try town.staffBrowser("operator")
    #expect(officer.post("/console/chengdu/partner-applications", Self.form).status == 303)
    let own = officer.post(
      "/console/chengdu/partner-applications/2",
      [("decision", "approve"), ("code", "green"), ("scene", "shared-bike")])
    #expect(own.status == 422 && own.text.contains("须由他人审核"))
    #expect(
      try town.staffBrowser("reviewer").post("/console/chengdu/partner-applications/1").status
        == 403)

    let admin = try town.staffBrowser("administrator")
    #expect(admin.get("/console/chengdu/partner-applications").text.contains("绿行科技"))
    let bad = admin.post(
      "/console/chengdu/partner-applications/1",
      [("decision", "approve"), ("code", "Not Good"), ("scene", "shared-bike")])
    #expect(bad.status == 422)
    let made = admin.post(
      "/console/chengdu/partner-applications/1",
      [("decision", "approve"), ("code", "green"), ("scene", "shared-bike")])
    let at = try #require(made.text.firstRange(of: "tph_")).lowerBound
    let key = String(made.text[at...].prefix(44))
    #expect(
      !admin.get("/console/chengdu/partner-applications/1").text.contains("tph_"), "shown once")
    let sent = RecallTests.computer(town, key).ask(
      "POST", "/api/v1/chengdu/behaviours", [91, 93], RecallTests.batch)
    #expect(sent.status == 200)
    let again = admin.post(
      "/console/chengdu/partner-applications/1", [("decision", "decline")])
    #expect(again.text.contains("已经处理过"))
    // What is declined is forgotten.
    #expect(
      admin.post("/console/chengdu/partner-applications/2", [("decision", "decline")]).status == 303
    )
    #expect(try town.vault.partnerApplication(2, mechanism: "chengdu")?.organisation == "")
  }

  @Test func aSandboxRunsTheSamePackUnderItsOwnName() throws {
    let town = try Town()
    defer { town.close() }
    // The same pack in a mechanism of its own, as `init --sandbox` makes it.
    let sandbox = try Fixture.sandbox(town.vault, town.folder)
    defer { sandbox.close() }
    let visit = Visit(
      t: .chinese, mechanism: sandbox.office.badge(.chinese), now: systemClock())
    let pack = try sandbox.office.pack()
    #expect(pack.code == "chengdu-sandbox" && sandbox.office.isSandbox)
    let page = Layout.scenes(visit, pack, sandbox.office.totals()).text
    #expect(page.contains("（沙箱）") && page.contains("不计入任何统计"))
    #expect(page.contains("/chengdu-sandbox/scenes/") && !page.contains("href=\"/chengdu/"))
    let site = Site(
      offices: [town.office, sandbox.office], vault: town.vault,
      settings: SiteSettings(assetsFolder: "/nowhere")
    ) { _, _, _, _ in }
    defer { site.stop() }
    #expect(site.cities.map(\.code) == ["chengdu"])
    #expect(site.sandbox(of: "chengdu")?.code == "chengdu-sandbox")
  }
}
