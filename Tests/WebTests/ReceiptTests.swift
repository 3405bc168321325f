// SPDX-License-Identifier: Apache-2.0
import Desk
import Storage
import Testing
import Units

@testable import Web

/// A partner's day: its receipts, its sums, and its own file beside them.
@Suite(.serialized) struct ReceiptTests {
  static let path = "/api/v1/chengdu"

  /// A metro ride that ended at an hour of a day of March 2026, by Chengdu's clock.
  private func ride(
    _ id: String, _ day: Int, hour: Int, metres: Int = 8_000, subject: String = "ma"
  ) -> String {
    """
    {"specversion":"1.0","id":"\(id)","source":"/tft","type":"metro","subject":"\(subject)",\
    "time":"2026-03-\(day < 10 ? "0" : "")\(day)T\(hour < 10 ? "0" : "")\(hour):00:00+08:00",\
    "data":{"distanceMetres":\(metres),"durationSeconds":1200}}
    """
  }

  @Test func aDayIsTheSameInBothBooksOrTheDifferencesAreNamed() throws {
    let town = try Town()
    defer { town.close() }
    _ = try RecallTests.ma(town)
    let computer = RecallTests.computer(town)
    func post(_ path: String, _ body: String, _ type: String = RecallTests.batch) -> Browser.Page {
      computer.ask("POST", Self.path + path, Array(body.utf8), type)
    }
    // Two of Ma, one of somebody who is not linked, one too short, and one of the day after.
    let day = [
      ride("a", 2, hour: 8), ride("b", 2, hour: 10), ride("c", 2, hour: 9, subject: "stranger"),
      ride("d", 2, hour: 11, metres: 3),
    ]
    let sent = post("/behaviours", "[\((day + [ride("e", 3, hour: 8)]).joined(separator: ","))]")
    let points = try #require(RecallTests.number(sent.text, "points"))
    _ = post(
      "/behaviours/withdrawals", "[{\"source\":\"/tft\",\"id\":\"b\",\"reason\":\"cancelled\"}]",
      "application/json")

    let receipts = computer.get(Self.path + "/receipts?day=2026-03-02")
    #expect(receipts.status == 200)
    let lines = receipts.text.split(separator: "\n")
    #expect(lines.count == 4)
    let outcomes = lines.map { line in
      DayOfPartner.names.first { line.contains("\"outcome\":\"\($0)\"") } ?? ""
    }
    #expect(outcomes.sorted() == ["accepted", "refused", "waiting", "withdrawn"])
    #expect(lines.contains { $0.contains("\"reason\":\"cancelled\"") })
    let table = computer.get(Self.path + "/receipts?day=2026-03-02&format=csv").text
    #expect(table.hasPrefix("digest,scene,time,") && table.split(separator: "\n").count == 5)
    #expect(computer.get(Self.path + "/receipts").status == 400)
    let daily = computer.get(Self.path + "/receipts/daily?day=2026-03-02").text
    #expect(daily.contains("\"events\":4"))
    #expect(daily.contains("\"accepted\":1,\"waiting\":1"))
    // Of three rides alike that were credited, one is withdrawn and one is of the next day.
    #expect(daily.contains("\"points\":\(points / 3),\"scenes\""), "\(daily), \(points)")

    let page = try town.staffBrowser("auditor").get(
      "/console/chengdu/partners/tianfutong/receipts?day=2026-03-02")
    #expect(page.status == 200 && page.text.contains("已撤回</dt><dd class=\"num\">1<"))
    // The very file: the same.
    let same = post(
      "/reconciliations?day=2026-03-02", day.joined(separator: "\n"), "application/x-ndjson"
    ).text
    #expect(same.contains("\"theirs\":4,\"same\":4,\"theirsNotOurs\":{\"count\":0"), "\(same)")
    // Another: one more, one less, one with other values, one of another day, one twice; and of `c`
    // only the id.
    let other = [
      ride("a", 2, hour: 8, metres: 8_100), ride("e", 2, hour: 8), ride("x", 2, hour: 9),
      "{\"source\":\"/tft\",\"id\":\"c\"}", ride("b", 2, hour: 10), ride("b", 2, hour: 10),
    ]
    let differs = post(
      "/reconciliations?day=2026-03-02", "[\(other.joined(separator: ","))]", "application/json"
    ).text
    #expect(differs.contains("\"theirs\":6,\"same\":2"), "\(differs)")
    #expect(
      differs.contains(
        "\"theirsNotOurs\":{\"count\":1,\"rows\":[{\"index\":2,\"source\":\"/tft\",\"id\":\"x\"}]"))
    #expect(
      differs.contains("\"oursNotTheirs\":{\"count\":1")
        && differs.contains("\"sentTwice\":{\"count\":1"))
    #expect(differs.contains("\"fields\":[\"distanceMetres\"]"))
    #expect(differs.contains("\"fields\":[\"time\"]"))
    // Nothing was written by comparing, and sending the day again changes nothing.
    let facts = town.office.totals().facts
    let again = post("/behaviours", "[\(day.joined(separator: ","))]").text
    #expect(again.contains("\"duplicates\":4") && town.office.totals().facts == facts)
    #expect(post("/reconciliations?day=2026-03-02", "{", "application/json").status == 400)
  }

  @Test func onesOwnDayOnly() throws {
    let town = try Town()
    defer { town.close() }
    _ = RecallTests.computer(town).ask(
      "POST", Self.path + "/behaviours", Array("[\(ride("a", 2, hour: 8))]".utf8),
      RecallTests.batch)
    let key = try town.vault.newPartnerKey(
      mechanism: "chengdu", partner: PartnerID(2), at: systemClock())
    let other = RecallTests.computer(town, key)
    #expect(other.get(Self.path + "/receipts?day=2026-03-02").text.isEmpty)
    let row = Array("[{\"source\":\"/tft\",\"id\":\"a\",\"reason\":\"test\"}]".utf8)
    let taken = other.ask("POST", Self.path + "/behaviours/withdrawals", row, "application/json")
    #expect(taken.text.contains("eventUnknown"))
  }
}
