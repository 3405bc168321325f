// SPDX-License-Identifier: Apache-2.0
import CZlib
import CZstd
import Glibc
import Synchronization
import Testing

@testable import HTTP

@Suite struct ServerTests {
  @Test func answersStandInTheOrderOfTheirRequests() throws {
    let trial = try Trial()
    let wire = trial.connect()
    wire.send(
      "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
        + "GET /later?ms=150&name=two HTTP/1.1\r\nHost: a\r\n\r\n"
        + "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(wire.read()?.text == #"{"hello":"world"}"#)
    #expect(wire.read()?.text == "later two")
    #expect(wire.read()?.text == #"{"hello":"world"}"#)
  }

  @Test func pipelinedRequestsOfAClientThatHasSaidAllAreAnswered() throws {
    let trial = try Trial()
    let wire = trial.connect()
    wire.send(
      "GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /later?ms=50&name=x HTTP/1.1\r\nHost: a\r\n\r\n"
        + "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
    wire.halfClose()
    #expect((1...3).map { _ in wire.read()?.status } == [200, 200, 200])
  }

  @Test func aDroppedReplyIsAnError() throws {
    let answer = try Trial().get("/dropped")
    #expect(answer?.status == 500)
    #expect(answer?.text.contains("no answer") == true)
  }

  @Test func theFirstAnswerCounts() throws {
    #expect(try Trial().get("/twice")?.text == "first")
  }

  @Test func aLineBreakInAHeaderDoesNotSplitTheAnswer() throws {
    let answer = try Trial().get("/split")
    #expect(answer?.status == 500)
    #expect(answer?.headers["set-cookie"] == nil)
  }

  @Test func headHasTheLengthAndNoBody() throws {
    let trial = try Trial()
    let wire = trial.connect()
    wire.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(wire.read(isHead: true)?.headers["content-length"] == "17")
    #expect(wire.read()?.text == #"{"hello":"world"}"#)
  }

  @Test func headersCookiesAndQueriesAreRead() throws {
    let answer = try Trial().get(
      "/headers?a=1&b=x&a=two+%E7%A2%B3",
      headers: "X-Name:  value \r\nCookie: theme=dark; session=abc=\r\n")
    #expect(answer?.text == #"value|abc=|["1", "two 碳"]"#)
  }

  @Test func formsAreRead() throws {
    let trial = try Trial()
    let type = "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
    let body = Array("name=Lin%20A&note=%E7%A2%B3+%26".utf8)
    #expect(trial.post("/form", body, headers: type)?.text == "Lin A|碳 &")
    #expect(trial.post("/form", Array("name=%4".utf8), headers: type)?.text == "none|none")
    #expect(trial.post("/form", body, headers: "Content-Type: text/plain\r\n")?.text == "none|none")
  }

  @Test func aLongTextIsPackedForThoseWhoAsk() throws {
    let trial = try Trial()
    let plain = try #require(trial.get("/page"))
    let packed = try #require(trial.get("/page", headers: "Accept-Encoding: br, gzip;q=0.8\r\n"))
    let refused = try #require(trial.get("/page", headers: "Accept-Encoding: gzip;q=0\r\n"))
    #expect(plain.headers["content-encoding"] == nil)
    #expect(plain.headers["vary"] == "Accept-Encoding")
    #expect(packed.headers["content-encoding"] == "gzip")
    #expect(packed.body.count < plain.body.count / 10)
    #expect(refused.body == plain.body)
    var unpacking = try Unpacking(encoding: "gzip", expecting: 0, limit: 1 << 20)
    defer { unpacking.close() }
    try packed.body.withUnsafeBytes { try unpacking.append($0) }
    #expect(unpacking.bytes == plain.body)
  }

  @Test func anUnchangedPageIsNotSentAgain() throws {
    let trial = try Trial()
    #expect(trial.get("/page")?.headers["etag"] == "\"v1\"")
    let answer = trial.get("/page", headers: "If-None-Match: \"v0\", W/\"v1\"\r\n")
    #expect(answer?.status == 304)
    #expect(answer?.body == [])
  }

  @Test func connectionsSleepAndWakeUnderLoadAndNoneIsLost() throws {
    let trial = try Trial()
    let port = trial.server.port
    let counters = Counters()
    for client in 0..<64 {
      later {
        let wire = Wire(port: port)
        for turn in 0..<50 {
          let name = "c\(client)t\(turn)"
          wire.send("GET /later?ms=\(turn % 3)&name=\(name) HTTP/1.1\r\nHost: a\r\n\r\n")
          if wire.read()?.text == "later \(name)" { counters.answered.add(1, ordering: .relaxed) }
        }
        counters.ended.add(1, ordering: .relaxed)
      }
    }
    while counters.ended.load(ordering: .relaxed) < 64 { usleep(10_000) }
    #expect(counters.answered.load(ordering: .relaxed) == 64 * 50)
  }

  @Test func stoppingWaitsForARunningRequest() throws {
    let trial = try Trial()
    let wire = trial.connect()
    wire.send("GET /later?ms=400&name=slow HTTP/1.1\r\nHost: a\r\n\r\n")
    usleep(100_000)
    trial.server.stop(grace: 5)
    let answer = wire.read()
    #expect(answer?.text == "later slow")
    #expect(wire.isClosedByServer())
  }

  @Test func stoppingTellsThoseWhoWaitTooLong() throws {
    let trial = try Trial()
    let wire = trial.connect()
    wire.send("GET /later?ms=1500&name=slow HTTP/1.1\r\nHost: a\r\n\r\n")
    usleep(100_000)
    trial.server.stop(grace: 0.1)
    #expect(wire.read()?.status == 503)
    usleep(1_600_000)  // the late answer must find nothing to break
  }

  @Test func stoppingSurvivesAHandlerThatHoldsItsThread() throws {
    let trial = try Trial()
    let wire = trial.connect()
    wire.send("GET /stubborn HTTP/1.1\r\nHost: a\r\n\r\n")
    usleep(100_000)
    trial.server.stop(grace: 0.1)
    let answer = wire.read()
    #expect(answer == nil || answer?.status == 503)
    usleep(200_000)
  }

  @Test func stoppingUnderLoadBreaksNothing() throws {
    for _ in 0..<10 {
      let trial = try Trial()
      let port = trial.server.port
      let counters = Counters()
      for _ in 0..<16 {
        later {
          let wire = Wire(port: port)
          while true {
            wire.send("GET /later?ms=1&name=x HTTP/1.1\r\nHost: a\r\n\r\n")
            guard let answer = wire.read() else { break }
            if answer.status != 200 { counters.answered.add(1, ordering: .relaxed) }
          }
          counters.ended.add(1, ordering: .relaxed)
        }
      }
      usleep(60_000)
      trial.server.stop(grace: 2)
      while counters.ended.load(ordering: .relaxed) < 16 { usleep(5000) }
      #expect(counters.answered.load(ordering: .relaxed) == 0)
    }
  }

  @Test func handlersCanBeCalledWithoutASocket() throws {
    let request = try #require(
      Request(.get, "/headers?a=1", headers: [("X-Name", "b"), ("cookie", "session=s")]))
    let answers = Locked<[Response]>([])
    Trial.answer(request, Reply { response in answers.with { $0.append(response) } })
    guard case .bytes(let body)? = answers.with({ $0 }).first?.body else { throw Failed() }
    #expect(String(decoding: body, as: UTF8.self) == #"b|s|["1"]"#)
    #expect(Request(.get, "/a/../b") == nil)
  }
  struct Failed: Error {}

  @Test func aPortInUseIsSaid() throws {
    let trial = try Trial()
    let failure = #expect(throws: ServerFailure.self) {
      _ = try Server(listen: "127.0.0.1", port: trial.server.port) { _, _ in }
    }
    #expect(failure?.cause == "Address already in use")
  }

  @Test func anIdleConnectionIsClosed() throws {
    let trial = try Trial { $0.idleSeconds = 1 }
    let wire = trial.connect()
    wire.send("GET /hello HT")
    #expect(wire.isClosedByServer())
  }
}

/// What the clients of the load test did.
final class Counters: Sendable {
  let answered = Atomic<Int>(0)
  let ended = Atomic<Int>(0)
}
