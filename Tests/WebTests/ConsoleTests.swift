// SPDX-License-Identifier: Apache-2.0
import Archive
import Behaviour
import Desk
import Glibc
import HTTP
import Journal
import Mechanism
import Policy
import Storage
import Testing
import Units

@testable import Web

/// What the console shows, with a real archive behind it.
@Suite(.serialized) struct ConsoleTests {
  /// A good ride, the same again, one without a time, one too long, one too short.
  private static func batch() -> [UInt8] {
    let ended = "\"time\":\"2026-03-01T08:15:00+08:00\","
    func event(_ id: String, _ time: String, _ metres: Int, _ bike: String) -> String {
      """
      {"specversion":"1.0","id":"\(id)","source":"/x","type":"shared-bike","subject":"ma",\(time)\
      "data":{"distanceMetres":\(metres),"durationSeconds":1200,"vehicle":"\(bike)"}}
      """
    }
    let events = [
      event("a", ended, 4_000, "1"), event("a", ended, 4_000, "1"), event("b", "", 4_000, "2"),
      event("c", ended, 21_000, "3"), event("d", ended, 499, "4"),
    ]
    return Array("[\(events.joined(separator: ","))]".utf8)
  }

  private func posted(_ town: Town) -> Browser.Page {
    let computer = Browser(port: town.server.port)
    computer.headers["Authorization"] = "Bearer \(town.key)"
    let page = computer.ask(
      "POST", "/api/v1/chengdu/behaviours", Self.batch(), "application/cloudevents-batch+json")
    town.settle()
    return page
  }

  @Test func everyRowThatWasNotSimplyCreditedIsShownWithItsReason() throws {
    let town = try Town()
    defer { town.close() }
    // Linked, so that the rides of "ma" are decided and do not wait.
    let citizen = try town.citizenBrowser("13800000009")
    _ = citizen.post("/chengdu/me/open")
    let linked = citizen.post(
      "/chengdu/me/links", [("partner", "tianfutong"), ("subject", "ma"), ("agree", "yes")])
    #expect(linked.text.contains("已绑定"))
    let answer = posted(town)
    #expect(
      answer.text.contains("\"received\":5,\"accepted\":1,\"duplicates\":1"), "\(answer.text)")

    let staff = try town.staffBrowser("auditor")
    let list = staff.get("/console/chengdu/batches?partner=tianfutong").text
    #expect(list.contains("天府通"))
    let rows = list.split(separator: "<tr>").map(String.init)
    // Newest first: 5 received, 1 credited, 1 duplicate, 0 waiting, 1 held, 2 refused, 4 km.
    #expect(cells(rows[2]).suffix(11).prefix(8) == ["天府通", "5", "1", "1", "0", "1", "2", "195"])
    let path = try #require(between(list, "href=\"/console/chengdu/batches/", "\""))
    let page = staff.get("/console/chengdu/batches/\(path)").text
    let shown = page.split(separator: "<tr>").map(String.init)
    // Two rows that were decided, and the one without a time that could not be read.
    #expect(shown.count == 6, "two headings, two rows and one")
    #expect(cells(shown[5]).first == "3" && shown[5].contains("<code>time</code>"))
    #expect(shown[5].contains("缺少必填数据"))
    let unread = staff.get("/console/chengdu/unread").text
    #expect(unread.contains("天府通") && unread.contains("/console/chengdu/batches/\(path)\""))
    #expect(cells(shown[2]).first == "4" && shown[2].contains("待审核"))
    #expect(
      shown[2].contains("<code>distanceMetres</code>") && shown[2].contains("500 m 至 20.00 km"))
    #expect(shown[2].contains("/console/chengdu/quarantine/"))
    #expect(cells(shown[3]).first == "5" && shown[3].contains("低于该场景的最低要求"))
    #expect(page.contains("未写入账本的行：2</b> (2–3)"), "\(page)")
    let all = staff.get("/console/chengdu/batches/\(path)?show=all").text
    #expect(all.split(separator: "<tr>").count == 5)
    let credited = staff.get("/console/chengdu/batches/\(path)?show=\(Outcome.accepted.rawValue)")
      .text
    #expect(credited.split(separator: "<tr>").count == 3 && credited.contains("4.00 km"))
    #expect(staff.get("/console/chengdu/batches/1").status == 404)
    #expect(staff.get("/console/chengdu/batches?partner=nobody").status == 404)
  }

  @Test func aDecisionStaysToBeSeen() throws {
    let town = try Town()
    defer { town.close() }
    let reviewer = try town.staffBrowser("reviewer")
    let list = reviewer.get("/console/chengdu/quarantine").text
    let number = try #require(between(list, "/console/chengdu/quarantine/", "\"", after: "<tbody>"))
    let sent = reviewer.post(
      "/console/chengdu/quarantine/\(number)",
      [("decision", "reject"), ("opinion", "轨迹<缺失>"), ("confirm", number)])
    #expect(sent.status == 303)
    town.settle()
    let decided = reviewer.get("/console/chengdu/decisions").text
    #expect(decided.contains("轨迹&lt;缺失&gt;") && decided.contains("马审核"))
    #expect(decided.contains("已驳回") && decided.contains("38.00 km"))
    let batches = reviewer.get("/console/chengdu/batches?partner=bikes").text
    let batch = try #require(between(batches, "href=\"/console/chengdu/batches/", "\""))
    #expect(reviewer.get("/console/chengdu/batches/\(batch)").text.contains("已驳回"))
  }

  @Test func aVerificationIsStartedFromThePageAndSaysWhatItFound() throws {
    let town = try Town()
    defer { town.close() }
    town.settle()
    _ = try town.office.heads.publish(town.clerk.ask { $0.head() })
    let auditor = try town.staffBrowser("auditor")
    let before = auditor.get("/console/chengdu/journal").text
    #expect(before.contains("SM2 与 Ed25519 均有效") && before.contains("本次启动后还没有核验过"))
    let good = verified(auditor)
    #expect(good.contains("核验通过") && good.contains("查询库与账目一致"), "\(good)")
    #expect(good.contains("1 个签名树头") && good.contains("陈审计"))

    // Somebody writes into the archive behind the server's back.
    let archive = try Connection(town.folder + "/archive.sqlite", .readWrite)
    try archive.run(script: "UPDATE daily SET grams = grams + 1 WHERE grams > 0")
    let bad = verified(auditor)
    #expect(
      bad.contains("核验不通过") && bad.contains("the archive is not what the journal says"), "\(bad)")
    #expect(try town.vault.staffActions().first?.action.action == "verify")
  }

  private func verified(_ browser: Browser) -> String {
    #expect(browser.post("/console/chengdu/journal/verify").status == 303)
    for _ in 0..<200 {
      let page = browser.get("/console/chengdu/journal").text
      if !page.contains("正在核验") { return page }
      usleep(50_000)
    }
    return ""
  }

  @Test func twoVersionsOfThePackAreComparedInWords() throws {
    let town = try Town()
    defer { town.close() }
    let changed = try Fixture.packFiles("chengdu").map { file in
      guard file.path == "scenes.txt" else { return file }
      let text = String(decoding: file.bytes, as: UTF8.self)
      let place = try #require(text.firstRange(of: "12 a day"))
      let less = text[..<place.lowerBound] + "9 a day" + text[place.upperBound...]
      return Pack.File(path: file.path, bytes: Array(less.utf8))
    }
    _ = try town.clerk.perform(.adopt(changed))
    let regulator = try town.staffBrowser("regulator")
    #expect(regulator.get("/console/chengdu/packs").text.contains("/console/chengdu/packs/2\""))
    let page = regulator.get("/console/chengdu/packs/2").text
    #expect(page.contains("<del>") && page.contains("每日最多 12 分") && page.contains("每日最多 9 分"))
    #expect(page.contains("class=\"add\"") && page.contains("class=\"del\""))
    let english = regulator.get("/console/chengdu/packs/1?against=2&lang=en").text
    #expect(english.contains("<del>") && english.contains("9 points"))
    #expect(regulator.get("/console/chengdu/packs/2?against=2").status == 404)
  }

  @Test func gapsAreTheRowsThatLeftNoTrace() {
    #expect(BatchModel.gaps([0, 3, 4], of: 7) == [1...2, 5...6])
    #expect(BatchModel.gaps([], of: 2) == [0...1])
    #expect(BatchModel.gaps([0, 1], of: 2).isEmpty)
  }

  /// What stands in a row's cells, without marks.
  private func cells(_ row: String) -> [String] {
    row.split(separator: "<td", omittingEmptySubsequences: false).dropFirst().map { cell in
      var text = ""
      var isMark = true
      for character in cell {
        if character == "<" { isMark = true }
        if !isMark { text.append(character) }
        if character == ">" { isMark = false }
      }
      return text
    }
  }

  private func between(
    _ text: String, _ start: String, _ end: Character, after mark: String = ""
  ) -> String? {
    var rest = Substring(text)
    if !mark.isEmpty, let found = rest.firstRange(of: mark) { rest = rest[found.upperBound...] }
    guard let found = rest.firstRange(of: start) else { return nil }
    return String(rest[found.upperBound...].prefix { $0 != end })
  }
}
