// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import HTTP

/// Requests that two readers of the same bytes could read differently. Each is followed by a second
/// request on the same connection, which must never be answered.
@Suite struct SmugglingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var request: String
    /// Zero: the connection may be closed without an answer.
    var status: Int
    var testDescription: String { name }
    init(_ name: String, _ request: String, _ status: Int) {
      (self.name, self.request, self.status) = (name, request, status)
    }
  }

  static let post = "POST /echo HTTP/1.1\r\nHost: a\r\n"
  static let cases: [Case] = [
    Case(
      "length and chunked",
      post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    Case(
      "chunked and length",
      post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
    Case(
      "two lengths that differ", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400),
    Case("two lengths alike", post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400),
    Case("two lengths in one line", post + "Content-Length: 5, 5\r\n\r\nhello", 400),
    Case("a length with a sign", post + "Content-Length: +5\r\n\r\nhello", 400),
    Case("a negative length", post + "Content-Length: -5\r\n\r\nhello", 400),
    Case("a hexadecimal length", post + "Content-Length: 0x5\r\n\r\nhello", 400),
    Case("an empty length", post + "Content-Length:\r\n\r\nhello", 400),
    Case("a huge length", post + "Content-Length: 99999999999999999999\r\n\r\nhello", 413),
    Case("xchunked", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
    Case("gzip, chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    Case(
      "chunked twice",
      post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    Case("identity", post + "Transfer-Encoding: identity\r\n\r\n", 501),
    Case("chunked behind a tab", post + "Transfer-Encoding: \u{0B}chunked\r\n\r\n0\r\n\r\n", 400),
    Case(
      "chunked in HTTP/1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      400),
    Case("space before the colon", post + "Content-Length : 5\r\n\r\nhello", 400),
    Case("a folded line", post + "X: a\r\n b\r\nContent-Length: 0\r\n\r\n", 400),
    Case("a folded length", post + "Content-Length: 0\r\n 5\r\n\r\nhello", 400),
    Case("a folded chunked", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400),
    Case("a fold before any line", "POST /echo HTTP/1.1\r\n Host: a\r\nHost: a\r\n\r\n", 400),
    Case("a bare line feed", "GET /hello HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400),
    Case("bare line feeds only", "GET /hello HTTP/1.1\nHost: a\n\n", 400),
    Case("a bare line feed at the end", "GET /hello HTTP/1.1\r\nHost: a\r\n\n", 400),
    Case("a bare carriage return", "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\rY: b\r\n\r\n", 400),
    Case("a zero in a value", "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400),
    Case(
      "two zeros in a value", "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\0\0b\r\nY: c\r\n\r\n", 400),
    Case("zeros at the end of a value", "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\0\0\r\n\r\n", 400),
    Case("a zero in a name", "GET /hello HTTP/1.1\r\nHost: a\r\nX\0Y: b\r\n\r\n", 400),
    Case("a zero at the start of a line", "GET /hello HTTP/1.1\r\nHost: a\r\n\0X: b\r\n\r\n", 400),
    Case("a zero in the address", "GET /he\0llo HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("a zero after the address", "GET /hello\0 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("a zero in the query", "GET /hello?a\0b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case(
      "a control character in a value", "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\u{01}b\r\n\r\n", 400
    ),
    Case("DEL in a value", "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\u{7F}b\r\n\r\n", 400),
    Case("a name that is no name", "GET /hello HTTP/1.1\r\nHost: a\r\nX(: b\r\n\r\n", 400),
    Case("an empty name", "GET /hello HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400),
    Case("a line without a colon", "GET /hello HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400),
    Case("no Host", "GET /hello HTTP/1.1\r\n\r\n", 400),
    Case("two Hosts", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    Case("two Hosts alike", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    Case("a Host with a path", "GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    Case("another host in the address", "GET http://b/hello HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("two spaces", "GET  /hello HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("a space in the address", "GET /hel lo HTTP/1.1\r\nHost: a\r\n\r\n", 0),
    Case("a space after the version", "GET /hello HTTP/1.1 \r\nHost: a\r\n\r\n", 0),
    Case("no version", "GET /hello\r\nHost: a\r\n\r\n", 0),
    Case("HTTP/1.2", "GET /hello HTTP/1.2\r\nHost: a\r\n\r\n", 505),
    Case("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    Case("lower-case version", "GET /hello http/1.1\r\nHost: a\r\n\r\n", 0),
    Case("an unknown method", "BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    Case("a method in lower case", "get /hello HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    Case("CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    Case("a bad percent", "GET /a%2 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("a bad percent in the query", "GET /a?b=%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("an encoded zero", "GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("an encoded zero in the query", "GET /a?b=%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("a path that is not UTF-8", "GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("overlong UTF-8", "GET /%c0%af HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("dot segments", "GET /a/../hello HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("encoded dot segments", "GET /a/%2e%2E/hello HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("one dot at the end", "GET /hello/. HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("an encoded slash", "GET /a%2fhello HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("a backslash", "GET /a\\hello HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("a relative address", "GET hello HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case("letters beyond ASCII", "GET /碳 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Case(
      "a chunk size with a prefix",
      post + "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n", 400),
    Case(
      "a chunk longer than it says",
      post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", 400),
    Case(
      "a negative chunk", post + "Transfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n0\r\n\r\n", 400),
  ]

  @Test(arguments: cases) func isRefusedAndClosed(_ example: Case) throws {
    let trial = try Trial()
    let wire = trial.connect()
    wire.send(example.request)
    wire.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
    let answer = wire.read()
    if example.status != 0 {
      #expect(answer?.status == example.status, "\(answer?.text ?? "closed without an answer")")
    } else {
      #expect(answer == nil || (400..<600).contains(answer!.status))
    }
    #expect(wire.read() == nil, "a second request was answered")
    #expect(wire.isClosedByServer())
  }

  static let fine: [Case] = [
    Case("an absolute address", "GET http://a/hello HTTP/1.1\r\nHost: a\r\n\r\n", 200),
    Case("white space around values", "GET /hello HTTP/1.1\r\nHost: \t a \t \r\nX:\r\n\r\n", 200),
    Case("HTTP/1.0 without a Host", "GET /hello HTTP/1.0\r\n\r\n", 200),
    Case("a length of zero", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 200),
    Case("letters beyond ASCII in a value", "GET /hello HTTP/1.1\r\nHost: a\r\nX: 碳\r\n\r\n", 200),
    Case("dots within names", "GET /.well-known/a..b HTTP/1.1\r\nHost: a\r\n\r\n", 404),
    Case(
      "a long head",
      "GET /hello HTTP/1.1\r\nHost: a\r\n"
        + "X: \(String(repeating: "x", count: 30_000))\r\nY: b\r\n\r\n",
      200),
    Case(
      "many lines",
      "GET /hello HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X-Line: value\r\n", count: 300)
        + "\r\n", 200),
    Case(
      "chunks",
      post + "Transfer-Encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: u\r\n\r\n", 200),
  ]

  @Test(arguments: fine) func isServed(_ example: Case) throws {
    #expect(try Trial().ask(example.request)?.status == example.status)
  }

  @Test func anyBytesLeaveTheServerStanding() throws {
    let trial = try Trial()
    var random = Seeded(state: 7)
    let bits = Array("\r\n\0 \t:;,/?%.-+0159afxGETHost".utf8) + [0x80, 0xFF, 0x7F]
    for turn in 0..<150 {
      let cases = turn % 2 == 0 ? Self.cases : Self.fine
      var bytes = Array(cases.randomElement(using: &random)!.request.utf8.prefix(2000))
      for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = bits.randomElement(using: &random)!
        case 1: bytes.insert(bits.randomElement(using: &random)!, at: place)
        default: bytes.remove(at: place)
        }
      }
      // Some of these promise more than they send, and would be waited for.
      let wire = Wire(port: trial.server.port, milliseconds: 10)
      wire.send(bytes)
      while let answer = wire.read() { #expect((100..<600).contains(answer.status)) }
    }
    #expect(trial.get("/hello")?.status == 200)
  }

  @Test func aHeadThatNeverEndsIsRefused() throws {
    let answer = try Trial().ask(
      "GET /hello HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 200_000))
    #expect(answer == nil || answer?.status == 431)
  }
}
