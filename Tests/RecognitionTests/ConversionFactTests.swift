// SPDX-License-Identifier: Apache-2.0
import Journal
import Ledger
import Recognition
import Testing
import Units

@testable import Mechanism

/// Facts 85 to 87 as they are written, for ever: the texts below were written by hand from
/// Docs/journal.md. If one of them ever has to change, add a new version of that fact instead.
@Suite("golden facts of recognition") struct ConversionFactTests {
  /// 2026-03-02T12:00+08:00 is 1772424000 s; the day is number 20514.
  static let began = """
    {"conversion":{"account":1001,"began":1772424000000,"citizen":1,"day":20514,\
    "deadline":1772424600000,"direction":"out",\
    "id":"00000000000000070000000000000001","isTold":false,"lead":"ours","ours":50,\
    "programme":"traffic","rateOurs":5,"rateTheirs":2,"status":"open","theirs":20},"number":1}
    """
  static let confirmed = #"{"number":1,"status":"confirmed","time":1772424000000}"#
  static let told = #"{"number":1,"time":1772424000000,"told":true}"#
  static let cancelled =
    #"{"number":2,"reason":"test","status":"cancelled","time":1772424000000}"#
  static let report = """
    {"report":{"by":"staff/2","day":20514,"differences":[{"direction":"out","filedOurs":0,\
    "filedTheirs":0,"id":"00000000000000070000000000000001","kind":"missingThere","ours":50,\
    "theirs":20}],"digest":"ab","filed":{"count":0,"oursIn":0,"oursOut":0,"theirsIn":0,\
    "theirsOut":0},"ours":{"count":1,"oursIn":0,"oursOut":50,"theirsIn":0,"theirsOut":20},\
    "programme":"traffic","time":1772424000000,"underWay":0}}
    """

  private static func story() -> Counter {
    var counter = Counter()
    counter.must(.recognition(begin(1, .out, 50)))
    counter.must(.recognition(confirm(1)))
    counter.must(.recognition(.told(id(1), programme: "traffic")))
    counter.must(.recognition(begin(2, .in, 30, lead: .theirs)))
    counter.must(.recognition(cancel(2, .theirs)))
    counter.must(
      .recognition(
        .reconcile(
          programme: "traffic", day: Day("2026-03-02")!, rows: [], digest: "ab", by: "staff/2")))
    return counter
  }

  @Test func areWrittenAsTheyWereOnTheFirstDay() throws {
    let counter = Self.story()
    var found: [(UInt8, String)] = []
    for frame in counter.frames.suffix(6) {
      try frame.withUnsafeBytes { bytes in
        try FrameView(bytes).forEachFact { _, fact in
          let header = FactHeader(fact.baseAddress!)
          #expect(header.version == 1)
          found.append(
            (header.kind, String(decoding: fact.dropFirst(FactHeader.size), as: UTF8.self)))
        }
      }
    }
    #expect(found.map(\.0) == [85, 66, 86, 66, 86, 85, 66, 86, 66, 87])
    let ours = found.filter { $0.0 != 66 }.map(\.1)
    #expect(ours.count == 6)
    #expect(ours[0] == Self.began)
    #expect(ours[1] == Self.confirmed)
    #expect(ours[2] == Self.told)
    #expect(ours[4] == Self.cancelled)
    #expect(ours[5] == Self.report)
    #expect(
      found[1].1
        == #"{"transfers":[{"amount":50,"id":"636f6e76000000010000000000000001","linked":false,"#
        + #""purpose":"recognition-out","source":"citizen:1:points","status":"pending","#
        + #""step":"pending@1772424600000","target":"programme:1001:points"}]}"#)
    counter.check("golden facts")
  }

  /// A fact in good order that our rules would not have written is refused in a sentence.
  private static let strange: [(UInt8, String)] = [
    (85, began),
    (85, began.replacing("\"number\":1", with: "\"number\":3")),
    (85, next(began).replacing("\"theirs\":20", with: "\"theirs\":21")),
    (85, next(began).replacing("\"ours\":50", with: "\"ours\":-50")),
    (85, next(began).replacing("\"citizen\":1,", with: "\"citizen\":77,")),
    (85, next(began).replacing("\"account\":1001", with: "\"account\":83")),
    (85, next(began).replacing("\"isTold\":false", with: "\"isTold\":true")),
    (86, confirmed), (86, told), (86, confirmed.replacing("\"number\":1", with: "\"number\":9")),
    (86, told.replacing("\"number\":1", with: "\"number\":2")),
    (86, #"{"number":1}"#),
    (87, report.replacing("\"ours\":50,\"theirs\":20}]", with: "\"ours\":40,\"theirs\":20}]")),
    (87, report.replacing("\"oursOut\":50", with: "\"oursOut\":9000000000000000000")),
  ]

  private static func next(_ text: String) -> String {
    text.replacing("\"number\":1", with: "\"number\":3").replacing("0001\"", with: "0009\"")
  }

  @Test("impossible facts are refused by replay", arguments: strange)
  func impossible(_ kind: UInt8, _ text: String) throws {
    #expect(Self.fault(after: Self.story(), kind, text) != nil, "\(text)")
  }

  @Test func thePatternOfTheImpossibleIsPossible() {
    #expect(Self.fault(after: Self.story(), 85, Self.next(Self.began)) == nil)
  }

  private static func fault(
    after story: consuming Counter, _ kind: UInt8, _ text: String
  ) -> FrameFault? {
    let writer = FrameWriter(.sm3)
    writer.begin()
    writer.readable(kind: kind, json: Array(text.utf8))
    _ = writer.seal(
      sequence: story.state.lastSequence + 1, time: story.now, firstFact: story.state.nextFact,
      previous: .zero)
    let bytes = Array(writer.buffer.bytes)
    return bytes.withUnsafeBytes { raw -> FrameFault? in
      do throws(FrameFault) {
        try story.state.apply(try FrameView(raw))
        return nil
      } catch { return error }
    }
  }
}
