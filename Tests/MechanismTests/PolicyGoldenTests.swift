// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Journal
import Ledger
import Policy
import Testing
import Units

@testable import Mechanism

/// Facts 81 to 83 as they are written, for ever: the texts below were written by hand from
/// Docs/journal.md. If one of them ever has to change, add a new version of that fact instead.
@Suite("golden facts of points policy") struct PolicyGoldenTests {
  static let ratio = """
    {"by":"staff/1","effective":"2026-04-01","number":1,"opinion":"预算 \\"紧\\"/1",\
    "ratio":{"fen":80,"grams":0,"points":100}}
    """
  static let approval = """
    {"by":"staff/2","decision":"approve","opinion":"同意","proposal":1}
    """
  static let expiry = """
    {"by":"staff/1","citizens":[1],"day":"2027-03-31","done":true,"from":1,"points":[3],"through":2}
    """

  private static func told() -> Trial {
    var trial = Trial(pack: [Trial.pack(extra: "points\n  valid  12 months  [T]\n")])
    _ = trial.bus(.lin, at: "2026-03-02 08:00")
    trial.must(
      .policy(
        .proposeRatio(
          Ratio(points: 100, fen: 80), effective: Day("2026-04-01")!, by: "staff/1",
          opinion: "预算 \"紧\"/1")))
    trial.must(.policy(.approve(1, by: "staff/2", opinion: "同意")))
    trial.now = Trial.moment("2027-04-01 00:00")
    trial.must(.policy(.expire(Day("2027-03-31")!, by: "staff/1")))
    return trial
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
    let trial = Self.told()
    let last = try trial.frames.suffix(3).flatMap { try Self.texts($0) }
    #expect(last.map(\.kind) == [81, 82, 83])
    #expect(last.map(\.text) == [Self.ratio, Self.approval, Self.expiry])
    trial.check("golden facts")
  }

  @Test func aPackIsProposedWithItsWholeTextAndItsAdoptionNamesTheProposal() throws {
    var trial = Trial()
    let busRule = PointsPolicyTests.richer
    PointsPolicyTests.propose(
      &trial, Trial.pack(version: "2", busRule: busRule), from: "2026-03-02")
    trial.must(.policy(.approve(1, by: "staff/2", opinion: "同意")))
    let facts = try trial.frames.suffix(2).flatMap { try Self.texts($0) }
    #expect(facts.map(\.kind) == [81, 82, 64], "of today: in force in the frame of the approval")
    let start = """
      {"by":"staff/1","effective":"2026-03-02","files":[{"path":"pack.txt","text":"document T  trial
      """
    #expect(facts[0].text.hasPrefix(start))
    #expect(
      facts[0].text.hasSuffix(
        "\"}],\"number\":1,\"opinion\":\"for the new year\",\"version\":\"2\"}"))
    #expect(facts[2].text.contains("\"}],\"proposal\":1,\"scenes\":{"))
  }

  /// A fact in good order that our rules would not have written is refused in a sentence.
  private static let strange: [(UInt8, String)] = [
    (81, ratio.replacing("\"number\":1", with: "\"number\":5")),
    (81, ratio.replacing("\"points\":100", with: "\"points\":0")),
    (81, ratio.replacing("2026-04-01", with: "2026-04-31")),
    (82, approval.replacing("staff/2", with: "staff/1")),
    (82, approval.replacing("\"proposal\":1", with: "\"proposal\":9")),
    (82, approval), (83, expiry),
    (83, expiry.replacing("2027-03-31", with: "2027-04-30")),
    (83, expiry.replacing("2027-03-31", with: "2027-04-30").replacing("[3]", with: "[0]")),
  ]

  @Test("impossible facts are refused by replay", arguments: strange)
  func impossible(_ kind: UInt8, _ text: String) throws {
    var trial = Self.told()
    // The story again, and one fact more that does not fit it.
    let writer = FrameWriter(.sm3)
    writer.begin()
    writer.readable(kind: kind, json: Array(text.utf8))
    _ = writer.seal(
      sequence: trial.state.lastSequence + 1, time: trial.now, firstFact: trial.state.nextFact,
      previous: .zero)
    let bytes = Array(writer.buffer.bytes)
    let fault = bytes.withUnsafeBytes { raw -> FrameFault? in
      do throws(FrameFault) {
        try trial.state.apply(try FrameView(raw))
        return nil
      } catch { return error }
    }
    #expect(fault != nil, "\(text)")
  }
}
