// SPDX-License-Identifier: Apache-2.0
import CZlib
import CZstd
import Glibc
import Synchronization
import Testing

@testable import HTTP

@Suite struct BodyTests {
  /// Bytes that do not repeat soon, so that a lost or doubled piece changes the sum.
  static func bytes(_ count: Int) -> [UInt8] {
    var state: UInt64 = 88_172_645_463_325_252
    return (0..<count).map { _ in
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return UInt8(truncatingIfNeeded: state)
    }
  }

  static func echo(_ bytes: [UInt8]) -> String {
    let sum = bytes.reduce(into: UInt64(0)) { $0 = ($0 &* 31) &+ UInt64($1) }
    return "POST \(bytes.count) \(sum)"
  }

  static func gzip(_ plain: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(
      &stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    let room = Int(deflateBound(&stream, UInt(plain.count)))
    var input = plain
    return [UInt8](unsafeUninitializedCapacity: room) { output, count in
      input.withUnsafeMutableBufferPointer {
        stream.next_in = $0.baseAddress
        stream.avail_in = UInt32($0.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(room)
        deflate(&stream, Z_FINISH)
      }
      count = room - Int(stream.avail_out)
    }
  }

  static func zstd(_ plain: [UInt8]) -> [UInt8] {
    let room = ZSTD_compressBound(plain.count)
    return [UInt8](unsafeUninitializedCapacity: room) { output, count in
      count = ZSTD_compress(output.baseAddress, room, plain, plain.count, 3)
    }
  }

  @Test func tenMegabytesArriveWhole() throws {
    let body = Self.bytes(10 << 20)
    #expect(try Trial().post("/echo", body)?.text == Self.echo(body))
  }

  @Test func packedBodiesAreUnpacked() throws {
    let trial = try Trial()
    let plain = Array(String(repeating: #"{"id":"a1","type":"shared-bike"}"#, count: 40_000).utf8)
    for (encoding, packed) in [
      ("gzip", Self.gzip(plain)), ("x-gzip", Self.gzip(plain)), ("zstd", Self.zstd(plain)),
      ("gzip", Self.gzip(plain.dropLast(1000)) + Self.gzip(plain.suffix(1000))),
      ("zstd", Self.zstd(plain.dropLast(1000)) + Self.zstd(plain.suffix(1000))),
      ("identity", plain),
    ] as [(String, [UInt8])] {
      let answer = trial.post("/echo", packed, headers: "Content-Encoding: \(encoding)\r\n")
      #expect(answer?.text == Self.echo(plain), "\(encoding)")
    }
    let random = Self.bytes(3 << 20)
    for (encoding, packed) in [("gzip", Self.gzip(random)), ("zstd", Self.zstd(random))] {
      let answer = trial.post("/echo", packed, headers: "Content-Encoding: \(encoding)\r\n")
      #expect(answer?.text == Self.echo(random), "\(encoding)")
    }
  }

  @Test func packedBodiesArriveByteByByteToo() throws {
    let trial = try Trial()
    let plain = Self.bytes(300)
    for (encoding, packed) in [("gzip", Self.gzip(plain)), ("zstd", Self.zstd(plain))] {
      let wire = trial.connect()
      wire.send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Encoding: \(encoding)\r\n"
          + "Transfer-Encoding: chunked\r\n\r\n")
      for byte in packed { wire.send(Array("1\r\n".utf8) + [byte] + Array("\r\n".utf8)) }
      wire.send("0\r\n\r\n")
      #expect(wire.read()?.text == Self.echo(plain), "\(encoding)")
    }
  }

  @Test func bombsAreRefused() throws {
    let trial = try Trial(bodyLimit: 1 << 20)
    let zeros = [UInt8](repeating: 0, count: 64 << 20)
    for (encoding, packed) in [("gzip", Self.gzip(zeros)), ("zstd", Self.zstd(zeros))] {
      let answer = trial.post("/echo", packed, headers: "Content-Encoding: \(encoding)\r\n")
      #expect(answer?.status == 413, "\(encoding)")
      #expect(answer?.text.contains("Unpacked") == true)
    }
  }

  @Test func brokenPackingIsRefused() throws {
    let trial = try Trial()
    let plain = Self.bytes(5000)
    let cut = "The packed body ends before its data does: send it again whole.\n"
    for (encoding, packed) in [("gzip", Self.gzip(plain)), ("zstd", Self.zstd(plain))] {
      let header = "Content-Encoding: \(encoding)\r\n"
      #expect(trial.post("/echo", Array(packed.dropLast(9)), headers: header)?.text == cut)
      let answer = trial.post("/echo", plain, headers: header)
      #expect(answer?.status == 400)
      #expect(answer?.text.contains("is not \(encoding)") == true)
    }
    let unknown = trial.post("/echo", plain, headers: "Content-Encoding: br\r\n")
    #expect(unknown?.status == 415)
    let twice = trial.post("/echo", plain, headers: "Content-Encoding: gzip, gzip\r\n")
    #expect(twice?.status == 415)
  }

  @Test func aLongBodyIsRefusedBeforeItIsSent() throws {
    let trial = try Trial()
    let wire = trial.connect()
    wire.send(
      "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n")
    let answer = wire.read()
    #expect(answer?.status == 413)
    #expect(
      answer?.text == "The body is longer than the 1000 bytes taken here: send it in parts.\n")
    #expect(wire.isClosedByServer())
    #expect(trial.post("/small", Self.bytes(1000))?.status == 404)
  }

  @Test func aClientThatSendsALongBodyAllTheSameHearsTheAnswer() throws {
    let trial = try Trial()
    for _ in 0..<10 {
      #expect(trial.post("/small", [UInt8](repeating: 1, count: 5 << 20))?.status == 413)
    }
  }

  @Test func aLongBodyOfUnknownLengthIsRefused() throws {
    let trial = try Trial()
    let wire = trial.connect()
    wire.send("POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in 0..<11 { wire.send("64\r\n" + String(repeating: "x", count: 100) + "\r\n") }
    wire.send("0\r\n\r\n")
    #expect(wire.read()?.status == 413)
  }

  @Test func aClientThatAsksFirstIsTold() throws {
    let trial = try Trial()
    let asking = trial.connect()
    asking.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    #expect(asking.read()?.status == 100)
    asking.send("hello")
    #expect(asking.read()?.text == Self.echo(Array("hello".utf8)))
  }

  @Test func aClientThatLeavesInMidBodyHarmsNobody() throws {
    let trial = try Trial()
    for _ in 0..<50 {
      let wire = trial.connect()
      wire.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhello")
    }
    let asleep = trial.connect()
    asleep.send("GET /later?ms=100&name=gone HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(trial.get("/hello")?.status == 200)
    // However busy the machine is: sooner or later all are gone.
    for _ in 0..<500 where trial.server.live.load(ordering: .relaxed) > 1 { usleep(20_000) }
    #expect(trial.server.live.load(ordering: .relaxed) <= 1)
  }

  @Test func aSlowClientHoldsUpNobody() throws {
    let trial = try Trial(threads: 1)
    let slow = trial.connect()
    let body = Array("hello world".utf8)
    let head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n"
    for byte in Array(head.utf8) + body {
      slow.send([byte])
      usleep(2000)
      if byte == 32 { #expect(trial.get("/hello")?.status == 200) }
    }
    #expect(slow.read()?.text == Self.echo(body))
  }

  @Test func anUploadThatTakesTooLongIsCut() throws {
    let trial = try Trial { $0.uploadSeconds = 1 }
    let wire = trial.connect()
    wire.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
    for _ in 0..<16 {
      usleep(100_000)
      wire.send("x")
    }
    #expect(wire.isClosedByServer())
  }
}
