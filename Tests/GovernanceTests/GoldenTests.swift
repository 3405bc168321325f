// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Governance
import Journal
import Testing
import Units

@testable import Mechanism

/// Facts 88 to 91 as they are written, for ever: the texts below were written by hand from
/// Docs/journal.md. If one of them ever has to change, add a new version of that fact instead.
@Suite("golden facts of sanctions and care") struct GoldenTests {
  static let digest = Care.digest
  /// 2026-03-02 12:00 in the mechanism's zone.
  static let opened = """
    {"case":{"by":"staff/1","citizen":1,"evidence":[13],"measures":[],"opened":1772424000000,\
    "reason":"看看","rule":"two-places"},"number":1}
    """
  static let proposed = """
    {"measure":{"awards":[{"fact":13,"grams":183,"points":3}],"by":"staff/1","debt":0,"grams":0,\
    "kind":"clawBack","proposed":1772424000000,"reason":"虚假行程","repaid":0,"repayments":0,\
    "status":"proposed","taken":0},"number":1}
    """
  static let confirmed = """
    {"number":1,"ruling":{"by":"staff/2","debt":0,"grams":183,"measure":1,"opinion":"同意",\
    "ruling":"confirm","taken":3,"time":1772424000000}}
    """
  static let appealed = """
    {"appeal":{"digest":"\(digest)","due":"2026-03-09","filed":1772424000000},"measure":1,\
    "number":1}
    """
  static let judged = """
    {"judgement":{"by":"staff/3","reason":"属实","time":1772424000000,"upheld":true},"measure":1,\
    "number":1}
    """
  static let filed = """
    {"number":1,"petition":{"citizen":1,"due":"2026-03-16","entries":[{"by":"citizen",\
    "digest":"\(digest)","status":"open","time":1772424000000}],"kind":"suggestion"}}
    """
  static let answered = """
    {"due":"2026-03-16","entry":{"by":"staff/1","digest":"\(digest)","status":"answered",\
    "time":1772424000000},"number":1}
    """
  static let run = """
    {"run":{"by":"staff/1","day":"2026-03-01","findings":0,"opened":[],"time":1772424000000}}
    """

  private static func told() -> Care {
    var care = Care()
    let ride = care.ride(Care.lin)
    let number = care.open(Care.lin, ride.fact)
    care.take(number, CareTests.clawBack([(ride.fact, 3)]))
    care.must(.appeal(number, measure: 1, Care.lin, digest: digest))
    care.must(.judge(number, measure: 1, upheld: true, by: "staff/3", reason: "属实"))
    let suggestion = Petition(.suggestion, citizen: Care.lin)
    care.must(.file(suggestion, digest: digest))
    care.must(.answer(1, .answered, by: "staff/1", digest: digest, fact: nil))
    care.must(.screen(Day("2026-03-01")!, [], by: "staff/1"))
    return care
  }

  private static func texts(_ frame: [UInt8]) throws -> [(kind: UInt8, text: String)] {
    var found: [(UInt8, String)] = []
    try frame.withUnsafeBytes { bytes in
      try FrameView(bytes).forEachFact { _, fact in
        let header = FactHeader(fact.baseAddress!)
        #expect(header.version == 1)
        found.append(
          (header.kind, String(decoding: fact.dropFirst(FactHeader.size), as: UTF8.self)))
      }
    }
    return found
  }

  @Test func areWrittenAsTheyWereOnTheFirstDay() throws {
    let care = Self.told()
    let all = try care.frames.flatMap { try Self.texts($0) }
    let own = all.filter { (88...91).contains($0.kind) }
    #expect(own.map(\.kind) == [88, 88, 88, 89, 89, 90, 90, 91])
    #expect(
      own.map(\.text) == [
        Self.opened, Self.proposed, Self.confirmed, Self.appealed, Self.judged, Self.filed,
        Self.answered, Self.run,
      ])
    // Behind what moves points stand its transfers: taken, and given back.
    let moves = all.filter { $0.kind == 66 }.map(\.text)
    #expect(moves.count == 2)
    #expect(moves[0].contains("\"source\":\"citizen:1:points\""))
    #expect(moves[0].contains("\"target\":\"programme:88:points\""))
    #expect(moves[0].contains("\"id\":\"63617265000000010000000100000001\""))
    #expect(moves[1].contains("\"purpose\":\"reversal-claw-back\""))
    care.check("golden facts")
  }

  /// Facts in good order that our rules would not have written are refused in a sentence.
  static let strange: [(UInt8, String)] = [
    (88, opened.replacing("\"number\":1", with: "\"number\":2")),
    (88, opened.replacing("\"evidence\":[13]", with: "\"evidence\":[9999]")),
    (88, opened.replacing("\"citizen\":1", with: "\"citizen\":99")),
    (88, proposed), (88, confirmed), (89, appealed), (89, judged), (90, answered),
    (90, filed.replacing("\"citizen\":1,", with: "\"citizen\":0,")),
    (91, run.replacing("2026-03-01", with: "2026-03-41")),
    (91, run.replacing("\"opened\":[]", with: "\"opened\":[4]")),
    (89, opened),
  ]

  @Test("impossible facts are refused by replay", arguments: strange)
  func impossibleFactsAreRefused(_ kind: UInt8, _ text: String) throws {
    var care = Care()
    care.ride(Care.lin)
    let writer = FrameWriter(.sm3)
    writer.begin()
    writer.readable(kind: kind, json: Array(text.utf8))
    let sequence = care.state.lastSequence + 1
    let next = care.state.nextFact
    let last = try care.frames.last!.withUnsafeBytes { try FrameView($0).hash(Digester(.sm3)) }
    _ = writer.seal(sequence: sequence, time: care.now, firstFact: next, previous: last)
    let bytes = Array(writer.buffer.bytes)
    #expect(throws: FrameFault.self) {
      try bytes.withUnsafeBytes { try care.state.apply(FrameView($0)) }
    }
  }
}
