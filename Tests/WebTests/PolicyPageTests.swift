// SPDX-License-Identifier: Apache-2.0
import Desk
import FoundationEssentials
import Glibc
import HTTP
import Journal
import Ledger
import Mechanism
import Policy
import Storage
import Testing
import Units

@testable import Web

/// Points policy through a real server: drafts, two persons, what-if, ratios, budget, expiry.
@Suite(.serialized) struct PolicyPageTests {
  /// Chengdu's pack with another version and six points a bike ride instead of one for each 40 g.
  private static func draft(_ change: (String) -> String = { $0 }) throws -> [(String, String)] {
    try Fixture.packFiles("chengdu").map { file in
      var text = String(decoding: file.bytes, as: UTF8.self)
      if file.path == "pack.txt" { text = text.replacing("2022.1", with: "2026.9") }
      if file.path == "scenes.txt" { text = change(text) }
      return ("chengdu/" + file.path, text)
    }
  }

  private static func upload(
    _ browser: Browser, _ files: [(String, String)], raw: [(String, [UInt8])] = []
  ) -> Browser.Page {
    let mark = "----tanpuhui-test"
    var body: [UInt8] = []
    func part(_ head: String, _ bytes: [UInt8]) {
      body += Array("--\(mark)\r\nContent-Disposition: form-data; \(head)\r\n\r\n".utf8)
      body += bytes + [13, 10]
    }
    part("name=\"csrf\"", Array(browser.csrf.utf8))
    for (path, text) in files {
      part("name=\"files\"; filename=\"\(path)\"\r\nContent-Type: text/plain", Array(text.utf8))
    }
    for (path, bytes) in raw { part("name=\"files\"; filename=\"\(path)\"", bytes) }
    body += Array("--\(mark)--\r\n".utf8)
    return browser.ask(
      "POST", "/console/chengdu/policy/drafts", body, "multipart/form-data; boundary=\(mark)")
  }

  private static func tomorrow() -> Day {
    Day(systemClock().day(offset: 28_800).number + 1)
  }

  /// Waits for what runs behind the pages.
  private static func rest(_ town: Town) {
    for _ in 0..<400 {
      if case .running = town.office.rehearsal.state { usleep(20_000) } else { return }
    }
  }

  private static func cheaper(_ text: String) -> String {
    text.replacing("points   3 ", with: "points   1 ")
  }

  @Test func aDraftGoesFromOnePersonToAnotherAndStaysToBeSeen() throws {
    let town = try Town()
    defer { town.close() }
    let proposer = try town.staffBrowser("operator")
    #expect(
      proposer.get("/console/chengdu/policy").text.contains("enctype=\"multipart/form-data\""))
    let sent = Self.upload(proposer, try Self.draft(Self.cheaper))
    #expect(sent.status == 303 && sent.header("location") == "/console/chengdu/policy/drafts/1")
    let page = proposer.get("/console/chengdu/policy/drafts/1").text
    #expect(page.contains("2026.9") && page.contains("<del>") && page.contains("每次 1 分"))
    // The same again is the same draft.
    #expect(
      Self.upload(proposer, try Self.draft(Self.cheaper)).header("location")
        == "/console/chengdu/policy/drafts/1")
    let proposed = proposer.post(
      "/console/chengdu/policy/drafts/1/propose",
      [("effective", "\(Self.tomorrow())"), ("opinion", "公交积分从紧")])
    #expect(proposed.header("location") == "/console/chengdu/policy/proposals/1")
    // Whoever proposed it sees no decision, and cannot send one either.
    #expect(!proposer.get("/console/chengdu/policy/proposals/1").text.contains("value=\"approve\""))
    let path = "/console/chengdu/policy/proposals/1"
    #expect(proposer.post(path, [("decision", "approve"), ("opinion", "好")]).status == 403)

    let decider = try town.staffBrowser("reviewer")
    #expect(decider.get(path).text.contains("公交积分从紧"))
    #expect(decider.post(path, [("decision", "approve"), ("opinion", "")]).status == 422)
    #expect(decider.post(path, [("decision", "approve"), ("opinion", "同意施行")]).status == 303)
    let after = decider.get(path).text
    #expect(after.contains("已同意，待生效") && after.contains("同意施行") && after.contains("林运营"))
    #expect(after.contains("马审核") && after.contains("<del>"))
    #expect(decider.post(path, [("decision", "reject"), ("opinion", "悔")]).status == 409)
    #expect(town.clerk.read { $0.pack?.version } == "2022.1")
    #expect(
      decider.get("/console/chengdu/policy?lang=en").text.contains("Approved, not yet in force"))
  }

  @Test func anAdministratorMayProposeAndDecideButNotTheirOwn() throws {
    let town = try Town()
    defer { town.close() }
    let chief = try town.staffBrowser("administrator")
    _ = Self.upload(chief, try Self.draft(Self.cheaper))
    let today = systemClock().day(offset: 28_800)
    _ = chief.post(
      "/console/chengdu/policy/drafts/1/propose", [("effective", "\(today)"), ("opinion", "自提")])
    let path = "/console/chengdu/policy/proposals/1"
    let own = chief.post(path, [("decision", "approve"), ("opinion", "自批")])
    #expect(own.status == 409 && own.text.contains("不能审批自己提出的提案"))
    #expect(town.clerk.read { $0.adoptions.count } == 1)
    #expect(
      try town.staffBrowser("regulator").post(
        path, [("decision", "approve"), ("opinion", "同意")]
      ).status == 303)
    // Of today: in force at once, and the partners' decoders know it.
    #expect(town.clerk.read { $0.pack?.version } == "2026.9")
    #expect(chief.get(path).text.contains("已采纳"))
    let log = try town.staffBrowser("auditor").get("/console/log").text
    #expect(log.contains("propose pack") && log.contains("decide proposal"))
  }

  @Test func everythingThatIsWrongIsSaidAtOnceAndNothingIsKept() throws {
    let town = try Town()
    defer { town.close() }
    let staff = try town.staffBrowser("operator")
    _ = staff.get("/console/chengdu/policy")
    let wrong = try Self.draft {
      $0.replacing("measures   distance, duration", with: "measures   distanz, duration")
    }
    let page = Self.upload(staff, wrong)
    #expect(page.status == 422)
    #expect(page.text.contains("<code>scenes.txt</code>") && page.text.contains("distanz"))
    #expect(Self.upload(staff, []).status == 422)
    #expect(
      Self.upload(staff, [], raw: [("a.zip", Array("PK\u{3}\u{4}nonsense".utf8))]).status == 422)
    #expect(Self.upload(staff, [], raw: [("pack.txt", [0xff, 0xfe, 0])]).status == 422)
    let foreign = try Fixture.packFiles("zhangye").map {
      ($0.path, String(decoding: $0.bytes, as: UTF8.self))
    }
    #expect(Self.upload(staff, foreign).text.contains("另一个机制"))
    #expect(try town.vault.drafts(mechanism: "chengdu", limit: 9).isEmpty)
    // A form from elsewhere, and without its token, is no form of ours.
    staff.csrf = "0"
    #expect(Self.upload(staff, try Self.draft()).status == 403)
  }

  @Test func aDraftIsTriedOverWhatWasReallyReported() throws {
    let town = try Town(riders: 4)
    defer { town.close() }
    let staff = try town.staffBrowser("operator")
    _ = staff.get("/console/chengdu/policy")
    let before = town.clerk.read { $0.totals.points.count }
    _ = Self.upload(
      staff,
      try Self.draft {
        $0.replacing("points   1 per 40 g", with: "points   0").replacing(
          "points   1 per 100 g", with: "points   0")
      })
    let path = "/console/chengdu/policy/drafts/1"
    #expect(staff.get(path + "/result").status == 404)
    #expect(staff.post(path + "/try").status == 303)
    Self.rest(town)
    let kept = try #require(
      try town.vault.trial(
        mechanism: "chengdu", digest: town.vault.draft(1, mechanism: "chengdu")!.digest))
    let report = try JSONDecoder().decode(WhatIfReport.self, from: Data(kept.result))
    #expect(report.total.before.points == before && before > 0)
    #expect(report.total.after.points == 0)
    #expect(report.total.after.grams == report.total.before.grams)
    // A point is worth a fen.
    #expect(report.total.fenBefore == before && report.total.fenAfter == 0)
    #expect(report.lose == 4 && report.gain == 0 && report.lost == before)
    #expect(report.scenes.reduce(0) { $0 + $1.before.points } == before)
    #expect(report.months.reduce(0) { $0 + $1.before.points } == before)
    #expect(report.partners.reduce(0) { $0 + $1.before.points } == before)
    let page = staff.get(path + "/result").text
    #expect(page.contains("账本不含居民所在区县") && page.contains("<svg"))
    let table = staff.get(path + "/result.csv")
    #expect(table.header("content-type")?.hasPrefix("text/csv") == true)
    #expect(table.text.contains("total,,,") && table.text.contains("scene,shared-bike,"))
    // The books did not move.
    #expect(town.clerk.read { $0.totals.points.count } == before)
  }

  @Test func ratiosAreProposedAndDecidedByTwo() throws {
    let town = try Town()
    defer { town.close() }
    let staff = try town.staffBrowser("operator")
    #expect(staff.get("/console/chengdu/policy/ratios").text.contains("100 积分 = 1.00 元"))
    let day = Self.tomorrow()
    func propose(_ fen: String) -> Browser.Page {
      staff.post(
        "/console/chengdu/policy/ratios",
        [
          ("points", "100"), ("fen", fen), ("grams", ""), ("effective", "\(day)"),
          ("opinion", "预算收紧"),
        ])
    }
    #expect(propose("abc").status == 409)
    #expect(propose("80").status == 303)
    let judge = try town.staffBrowser("regulator")
    _ = judge.post(
      "/console/chengdu/policy/proposals/1", [("decision", "approve"), ("opinion", "同意")])
    #expect(town.clerk.read { $0.ratio(on: day) } == Ratio(points: 100, fen: 80))
    #expect(judge.get("/console/chengdu/policy/ratios").text.contains("100 积分 = 0.80 元"))
  }

  @Test func aCitizenSeesTheirOwnLotsAndWhenTheyEnd() throws {
    let town = try Town()
    defer { town.close() }
    let citizen = try town.citizenBrowser("13800000001")
    _ = citizen.post(
      "/chengdu/me/claim", [("partner", "bikes"), ("subject", "rider-0"), ("agree", "yes")])
    let number = try #require(
      try town.vault.accounts(of: town.vault.personOrNew(phone: "13800000001", at: systemClock()).0)
        .first?.citizen)
    let left = town.clerk.read { $0.lots(of: number).reduce(0) { $0 + $1.left } }
    #expect(left == town.clerk.read { $0.ledger.points(of: number).count } && left > 0)
    _ = try town.clerk.perform(
      .transfers([
        Transfer(
          id: TransferID(7, 7), source: .citizen(number, .points),
          target: AccountID(.organisation, 1, .points), amount: 2, purpose: "redemption")
      ]))
    let page = citizen.get("/chengdu/me/points").text
    let year = systemClock().day(offset: 28_800).civil.year
    #expect(page.contains("有效至 \(year + 2)-12-31") && page.contains("−2 分"))
    #expect(page.contains("兑换") && page.contains("\(left - 2)"))
    let stranger = try town.citizenBrowser("13800000002")
    #expect(stranger.get("/chengdu/me/points").status == 404, "no account, no lots of another's")
    let staff = try town.staffBrowser("operator")
    #expect(staff.get("/console/chengdu/policy/expiry").text.contains("24 个月"))
    let today = systemClock().day(offset: 28_800)
    #expect(staff.post("/console/chengdu/policy/expiry", [("day", "\(today)")]).status == 409)
    let run = staff.post("/console/chengdu/policy/expiry", [("day", "\(Day(today.number - 1))")])
    #expect(run.status == 303)
    #expect(staff.get("/console/chengdu/policy/expiry").text.contains("完成"))
    #expect(staff.get("/console/chengdu/policy/budget").text.contains("\(year)"))
  }

  @Test func anEntryNamesTheCampaignThatRaisedIt() throws {
    let town = try Town()
    defer { town.close() }
    let today = systemClock().day(offset: 28_800)
    let files = try Fixture.packFiles("chengdu").map { file in
      guard file.path == "points.txt" else { return file }
      let text = """
        campaign trial-week
          name    试验周 | Trial Week
          from    \(Day(today.number - 2)) to \(today)  [set by this project: a trial]
          scene   bus
          times   3                              [set by this project: a trial]

        """
      return Pack.File(path: file.path, bytes: Array(text.utf8))
    }
    _ = try town.clerk.perform(.adopt(files))
    let computer = Browser(port: town.server.port)
    let key = try town.vault.newPartnerKey(
      mechanism: "chengdu", partner: PartnerID(2), at: systemClock())
    computer.headers["Authorization"] = "Bearer \(key)"
    let ended = Instant(milliseconds: systemClock().milliseconds - 3_600_000)
    let event = """
      [{"specversion":"1.0","id":"one","source":"/x","type":"bus","subject":"su",\
      "time":"\(ended)","data":{"distanceMetres":6100,"durationSeconds":1500}}]
      """
    let answer = computer.ask(
      "POST", "/api/v1/chengdu/behaviours", Array(event.utf8),
      "application/cloudevents-batch+json")
    // Three points times three.
    #expect(answer.text.contains("\"points\":9"), "\(answer.text)")
    let citizen = try town.citizenBrowser("13800000031")
    _ = citizen.post(
      "/chengdu/me/claim", [("partner", "bikes"), ("subject", "su"), ("agree", "yes")])
    let list = citizen.get("/chengdu/me").text
    let path = try #require(list.firstRange(of: "/chengdu/me/entries/"))
    let number = list[path.upperBound...].prefix { $0.isNumber }
    let page = citizen.get("/chengdu/me/entries/\(number)").text
    #expect(page.contains("试验周") && page.contains("×3") && page.contains("+trial-week"))
  }

  @Test func warningsComeThirtySevenAndOneDayBefore() {
    let end = Day("2027-12-31")!
    let lots = [Lot(from: Day("2025-03-01")!, credited: 9, left: 5, lastDay: end)]
    #expect(lots.ending(on: Day("2027-11-30")!) == nil)
    for (day, days, warning) in [
      ("2027-12-01", 30, 30), ("2027-12-23", 8, 30), ("2027-12-24", 7, 7), ("2027-12-30", 1, 1),
      ("2027-12-31", 0, 1),
    ] {
      let ending = lots.ending(on: Day(day)!)
      #expect(ending?.points == 5 && ending?.days == days && ending?.warning == warning)
    }
    #expect(lots.ending(on: Day("2028-01-01")!) == nil)
  }

  /// Credits from many connections at once never pass what is released.
  @Test func concurrentBatchesNeverPassTheBudget() throws {
    let town = try Town()
    defer { town.close() }
    let year = systemClock().day(offset: 28_800).civil.year
    let issued = town.clerk.read { $0.ledger.issued(in: year).count }
    let limit = issued + 100
    let files = try Fixture.packFiles("chengdu").map { file in
      guard file.path == "points.txt" else { return file }
      let text = """
        budget \(year)
          points   \(limit)  [set by this project: a trial]
          release  by year   [set by this project: a trial]

        """
      return Pack.File(path: file.path, bytes: Array(text.utf8))
    }
    _ = try town.clerk.perform(.adopt(files))
    let riders = 0..<40
    // The partner that opens an account for whoever it reports first.
    let key = try town.vault.newPartnerKey(
      mechanism: "chengdu", partner: PartnerID(2), at: systemClock())
    let ended = Instant(milliseconds: systemClock().milliseconds - 3_600_000)
    let threads = (0..<8).map { thread in
      Worker("load \(thread)") {
        let browser = Browser(port: town.server.port)
        browser.headers["Authorization"] = "Bearer \(key)"
        for batch in 0..<5 {
          let events = riders.map { rider in
            """
            {"specversion":"1.0","id":"c-\(thread)-\(batch)-\(rider)","source":"/load",\
            "type":"bus",\
            "subject":"load-\(rider)","time":"\(ended)",\
            "data":{"distanceMetres":6100,"durationSeconds":1500}}
            """
          }.joined(separator: ",")
          _ = browser.ask(
            "POST", "/api/v1/chengdu/behaviours", Array("[\(events)]".utf8),
            "application/cloudevents-batch+json")
        }
      }
    }
    for thread in threads { thread.start() }
    for thread in threads { thread.join() }
    // 40 riders times 12 points a day would be 480.
    #expect(town.clerk.read { $0.ledger.issued(in: year).count } == limit)
    #expect(town.clerk.read { $0.audit() } == nil)
  }
}
