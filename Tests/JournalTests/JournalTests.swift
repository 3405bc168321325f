// SPDX-License-Identifier: Apache-2.0
import Journal
import Testing
import Units

/// A small journal: three frames of a few facts, and its head.
struct Sample {
  var frames: [[UInt8]] = []
  var log = MerkleLog()
  let digester: Digester
  var head: LogHead

  init(_ algorithm: HashAlgorithm = .sm3, factsPerFrame: [Int] = [2, 5, 1]) {
    digester = Digester(algorithm)
    let writer = FrameWriter(algorithm)
    var previous = Digest.zero
    var next: UInt64 = 1
    for (index, count) in factsPerFrame.enumerated() {
      writer.begin()
      for fact in 0..<count {
        writer.readable(kind: 67, json: Array("{\"opinion\":\"\(index).\(fact)\"}".utf8))
      }
      previous = writer.seal(
        sequence: UInt64(index + 1), time: Instant(seconds: 1_772_352_900 + Int64(index)),
        firstFact: FactNumber(next), previous: previous)
      next += UInt64(count)
      frames.append(Array(writer.buffer.bytes))
      log.append(previous, digester)
    }
    head = LogHead(
      mechanism: "trial", algorithm: algorithm, frames: UInt64(frames.count), facts: next - 1,
      root: log.root(size: frames.count, digester), time: Instant(seconds: 1_772_353_000))
  }

  /// The first frame that is not as it was written, or nil; with a head, the end has to be the
  /// head's.
  func firstWrong(_ frames: [[UInt8]]) -> UInt64? {
    var chain = ChainVerifier()
    for frame in frames {
      do {
        try frame.withUnsafeBytes { _ = try chain.next($0, deep: true) }
      } catch { return chain.sequence + 1 }
    }
    if chain.sequence < head.frames { return chain.sequence + 1 }
    return chain.log.root(size: frames.count, digester) == head.root ? nil : 0
  }
}

@Suite("journal") struct JournalTests {
  @Test("SM3 and SHA-256 are the standards' own")
  func vectors() {
    let sm3 = Digester(.sm3)
    let sha = Digester(.sha256)
    // GB/T 32905-2016, appendix A, examples 1 and 2; FIPS 180-4's "abc" and empty message.
    #expect(
      "\(sm3.digest(Array("abc".utf8)))"
        == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")
    #expect(
      "\(sm3.digest(Array(String(repeating: "abcd", count: 16).utf8)))"
        == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732")
    #expect(
      "\(sha.digest(Array("abc".utf8)))"
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      "\(sha.digest([]))" == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    let stream = StreamDigest(.sm3)
    for letter in ["a", "b", "c"] { Array(letter.utf8).withUnsafeBytes { stream.update($0) } }
    #expect(stream.finish() == sm3.digest(Array("abc".utf8)))
    #expect(Digest(hex: "\(sm3.digest([]))") == sm3.digest([]))
    #expect(Digest(hex: "66c7") == nil)
    #expect(Digest(hex: String(repeating: "g", count: 64)) == nil)
  }

  @Test("frames of ten years ago are written and read byte by byte", arguments: [0, 1])
  func golden(index: Int) throws {
    let golden = Golden.all[index]
    let frames = golden.frames.map { bytes(hex: $0) }
    var chain = ChainVerifier()
    let writer = FrameWriter(golden.algorithm)
    var previous = Digest.zero
    for frame in frames {
      try frame.withUnsafeBytes { bytes in
        let view = try chain.next(bytes, deep: true)
        // The same facts sealed again are the same bytes.
        writer.begin()
        view.forEachFact { _, fact in
          writer.fact(length: fact.count).copyMemory(
            from: fact.baseAddress!, byteCount: fact.count)
        }
        previous = writer.seal(
          sequence: view.header.sequence, time: view.header.time,
          firstFact: view.header.firstFact, previous: previous)
        #expect(Array(writer.buffer.bytes) == frame)
      }
    }
    #expect("\(chain.hash)" == golden.lastHash)
    #expect("\(chain.log.root(size: 3, chain.digester!))" == golden.root)
    #expect(chain.sequence == 3 && chain.nextFact == FactNumber(8))
  }

  @Test("a golden frame's second fact is found by its number, and reads as it was written")
  func goldenFact() throws {
    let frame = bytes(hex: Golden.all[0].frames[1])
    try frame.withUnsafeBytes { bytes in
      let view = try FrameView(bytes)
      #expect(view.header.factCount == 4 && view.header.firstFact == FactNumber(2))
      let fact = try #require(view.fact(FactNumber(3)))
      #expect(FactHeader(fact.baseAddress!).kind == 1 && fact.count == 104)
      #expect(view.fact(FactNumber(1)) == nil)
      #expect(view.fact(FactNumber(6)) == nil)
      #expect(view.header.time == Instant("2026-03-01T08:15:02Z"))
    }
  }

  @Test("one changed bit anywhere is found, and the first wrong frame is named")
  func everyBit() {
    let sample = Sample()
    #expect(sample.firstWrong(sample.frames) == nil)
    for (index, frame) in sample.frames.enumerated() {
      for at in frame.indices {
        for bit in 0..<8 {
          var frames = sample.frames
          frames[index][at] ^= 1 << UInt8(bit)
          let found = sample.firstWrong(frames)
          if found != UInt64(index + 1) {
            Issue.record("bit \(bit) of byte \(at) of frame \(index + 1): \(found as Any)")
          }
        }
      }
    }
  }

  @Test("a frame lost, doubled, swapped or cut is found")
  func order() {
    let sample = Sample()
    let (a, b, c) = (sample.frames[0], sample.frames[1], sample.frames[2])
    #expect(sample.firstWrong([a, c]) == 2)
    #expect(sample.firstWrong([b, c]) == 1)
    #expect(sample.firstWrong([a, a, b, c]) == 2)
    #expect(sample.firstWrong([b, a, c]) == 1)
    #expect(sample.firstWrong([a, b, Array(c.dropLast())]) == 3)
    #expect(sample.firstWrong([a, b, c + [0]]) == 3)
    #expect(sample.firstWrong([a, b]) == 3)
    #expect(sample.firstWrong([[]]) == 1)
  }

  @Test("a whole journal rewritten in good order is not the one under the head")
  func rewritten() {
    let sample = Sample()
    let other = Sample(factsPerFrame: [2, 4, 2])
    #expect(other.firstWrong(other.frames) == nil)
    #expect(sample.firstWrong(other.frames) == 0)
  }

  @Test("a reader past the end reads zeros and remembers")
  func reader() {
    let bytes: [UInt8] = [1, 2, 3]
    bytes.withUnsafeBytes { raw in
      var reader = ByteReader(raw)
      #expect(reader.next(UInt16.self) == 0x0201)
      #expect(!reader.overrun)
      #expect(reader.next(UInt32.self) == 0 && reader.overrun)
      #expect(reader.take(2).isEmpty)
      #expect(reader.digest() == .zero)
    }
  }
}
