// SPDX-License-Identifier: Apache-2.0
import Desk
import Glibc
import HTTP
import Mechanism
import Storage
import Synchronization
import Testing
import Units

@testable import Web

/// A partner is told, until it says that it heard.
@Suite(.serialized) struct HookTests {
  /// A partner's server: keeps what it was told, and answers as it is bid.
  final class Listener: Sendable {
    struct Heard: Sendable {
      var body: String
      var headers: [String: String]
    }
    private let state = Mutex<(status: Int, heard: [Heard])>((200, []))

    func answer(_ status: Int) { state.withLock { $0.status = status } }
    var all: [Heard] { state.withLock { $0.heard } }
    func take(_ request: Request, _ reply: Reply) {
      let status = state.withLock { state in
        var headers: [String: String] = [:]
        for (name, value) in request.headers.lines { headers[name.lowercased()] = value }
        state.heard.append(
          Heard(body: String(decoding: request.body, as: UTF8.self), headers: headers))
        return state.status
      }
      reply.send(.text("", status: status))
    }
  }

  @Test func everyMessageIsSignedRetriedAndShown() throws {
    let town = try Town()
    defer { town.close() }
    let listener = Listener()
    let server = try Server(listen: "127.0.0.1", port: 0) { listener.take($0, $1) }
    try server.start()
    defer { server.stop(grace: 1) }
    let courier = Courier(town.site)
    let admin = try town.staffBrowser("administrator")
    let page = "/console/chengdu/partners/tianfutong/hooks"
    let address = "http://127.0.0.1:\(server.port)/told"
    #expect(
      admin.post(page, [("address", "http://example.com/"), ("topic", "batch.decided")]).status
        == 422)
    let topics = Courier.topics.map { ("topic", $0) }
    let made = admin.post(page, [("address", address)] + topics)
    let at = try #require(made.text.firstRange(of: "whsec_")).upperBound
    let secret = try #require(bytes(base64: String(made.text[at...].prefix { $0 != "<" })))
    #expect(!admin.get(page).text.contains("whsec_"), "shown once")

    // It waits, it is credited by a link, it is withdrawn: a message each, and one for the batch.
    let computer = RecallTests.computer(town)
    let ride = Array("[\(RecallTests.ride("h-1"))]".utf8)
    _ = computer.ask("POST", "/api/v1/chengdu/behaviours", ride, RecallTests.batch)
    _ = try RecallTests.ma(town)
    let row = Array("[{\"source\":\"/tft\",\"id\":\"h-1\",\"reason\":\"test\"}]".utf8)
    _ = computer.ask("POST", "/api/v1/chengdu/behaviours/withdrawals", row, "application/json")

    listener.answer(500)
    let now = systemClock()
    try courier.step(at: now)
    let first = listener.all
    // The town's own rides of tianfutong began before the hook: only what came after is told. Those
    // of a rider named like Ma's user were nobody's.
    #expect(first.count == 3)
    for heard in first {
      let id = heard.headers["webhook-id"] ?? ""
      let time = Int64(heard.headers["webhook-timestamp"] ?? "") ?? 0
      #expect(
        heard.headers["webhook-signature"]
          == Courier.signature(id, time, heard.body, secret: secret))
      #expect(!heard.body.contains("\"ma\"") && !heard.body.contains("h-1"))
    }
    let types = ["batch.decided", "waiting.credited", "event.withdrawn"]
    #expect(types.allSatisfy { type in first.contains { $0.body.contains(type) } })
    try heardInTheEnd(town, listener, courier, admin, from: now)
  }

  private func heardInTheEnd(
    _ town: Town, _ listener: Listener, _ courier: Courier, _ admin: Browser, from start: Instant
  ) throws {
    let page = "/console/chengdu/partners/tianfutong/hooks"
    var now = start
    // Not before its time; then again under the same id; at last it is heard.
    try courier.step(at: now)
    #expect(listener.all.count == 3)
    #expect(admin.get(page).text.contains("HTTP 500"))
    listener.answer(204)
    now = Instant(milliseconds: now.milliseconds + Courier.pauses[0] * 1000)
    try courier.step(at: now)
    #expect(listener.all.count == 6)
    #expect(Set(listener.all.map { $0.headers["webhook-id"] }).count == 3)
    try courier.step(at: Instant(milliseconds: now.milliseconds + 86_400_000))
    #expect(listener.all.count == 6)
    let log = admin.get(page).text
    #expect(log.contains("已送达") && log.contains("HTTP 204"))
    // Once more, by hand; and nothing after the hook has ended.
    let message = try #require(log.firstRange(of: "name=\"message\" value=\"")).upperBound
    let number = String(log[message...].prefix { $0.isNumber })
    _ = admin.post(page + "/redeliver", [("message", number)])
    try courier.step(at: systemClock())
    #expect(listener.all.count == 7)
    let hook = try #require(log.firstRange(of: "name=\"hook\" value=\"")).upperBound
    _ = admin.post(page + "/end", [("hook", String(log[hook...].prefix { $0.isNumber }))])
    _ = RecallTests.computer(town).ask(
      "POST", "/api/v1/chengdu/behaviours", Array("[\(RecallTests.ride("h-2"))]".utf8),
      RecallTests.batch)
    try courier.step(at: systemClock())
    #expect(listener.all.count == 7)
  }

  @Test func aDeadPartnerIsGivenUpInTheEnd() throws {
    let town = try Town()
    defer { town.close() }
    let courier = Courier(town.site)
    _ = try town.vault.addHook(
      mechanism: "chengdu", partner: PartnerID(1), address: "http://127.0.0.1:9/",
      topics: ["batch.decided"], from: town.clerk.statistics.lastSequence, at: systemClock())
    _ = RecallTests.computer(town).ask(
      "POST", "/api/v1/chengdu/behaviours", Array("[\(RecallTests.ride("g-1"))]".utf8),
      RecallTests.batch)
    var now = systemClock()
    for pause in [0] + Courier.pauses {
      now = Instant(milliseconds: now.milliseconds + pause * 1000)
      try courier.step(at: now)
    }
    let left = try town.vault.deliveries(mechanism: "chengdu", partner: PartnerID(1), limit: 9)
    #expect(left.count == 1 && left[0].due == nil && left[0].delivered == nil)
    #expect(left[0].tries == Courier.pauses.count + 1)
    #expect(left[0].said?.contains("takes no connections") == true)
  }

  @Test func nobodyMakesTheServerCallItsOwnNetwork() {
    #expect(Destination("https://example.com/x?y=1")?.path == "/x?y=1")
    #expect(Destination("https://example.com")?.port == 443)
    for text in [
      "ftp://x/", "https://", "https://a@b/", "https://a:b/", "https://a/#b", "https://a b/",
      "//a/", "https://a:1:2/",
    ] { #expect(Destination(text) == nil, "\(text)") }
    #expect(Destination("http://127.0.0.1:1/")?.mayBeCalled(development: true) == true)
    #expect(Destination("http://127.0.0.1:1/")?.mayBeCalled(development: false) == false)
    #expect(Destination("http://example.com/")?.mayBeCalled(development: true) == false)
  }
}
