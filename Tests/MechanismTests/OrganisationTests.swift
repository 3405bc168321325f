// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Journal
import Ledger
import Membership
import Testing
import Units

@testable import Mechanism

/// Organisations and closed accounts in the mechanism: every refusal once, the very bytes of each
/// fact, replay, and journals that somebody changed.
@Suite("organisations") struct OrganisationTests {
  private static let school = Organisation(kind: .school, name: "一中")
  private static let family = Organisation(kind: .family, name: "")
  private static let (one, two, three) = (CitizenID(1), CitizenID(2), CitizenID(3))
  private static let first = OrganisationID(1)

  /// A state with three citizens and its frames; no pack is needed for who belongs where.
  private struct Told: ~Copyable {
    var state = Mechanism.State(code: "golden", citizensMax: 1 << 10)
    var frames: [[UInt8]] = []
    let writer = FrameWriter(.sm3)
    var hash = Journal.Digest.zero

    init(citizens: Int = 3) { for _ in 0..<citizens { _ = perform(.membership(.enrol)) } }

    mutating func perform(_ command: Mechanism.Command) -> CommandRefusal? {
      writer.begin()
      let now = Instant(milliseconds: 1_772_352_900_000)
      if case .failure(let refusal) = state.perform(command, now: now, writer: writer) {
        return refusal
      }
      let (sequence, time) = (state.lastSequence + 1, now)
      hash = writer.seal(
        sequence: sequence, time: time,
        firstFact: FactNumber(state.nextFact.raw - UInt64(writer.factCount)), previous: hash)
      state.sealed(sequence: sequence, time: time)
      frames.append(Array(writer.buffer.bytes))
      return nil
    }

    mutating func group(_ command: GroupCommand) -> String? { perform(.group(command))?.name }

    mutating func award(_ citizen: CitizenID, points: Int64, grams: Int64) {
      let scene = SceneID(1)
      func move(_ number: UInt64, _ amount: Int64, _ asset: Asset) -> Transfer {
        Transfer(
          id: TransferID(number, UInt64(state.nextFact.raw)), source: .issuing(scene, asset),
          target: .citizen(citizen, asset), amount: amount, purpose: "trial")
      }
      _ = perform(.transfers([move(1, points, .points), move(2, grams, .grams)]))
    }
  }

  @Test("every refusal once", arguments: GroupRefusal.allCases)
  func refusals(_ refusal: GroupRefusal) {
    var told = Told(citizens: 8)
    func founded() { #expect(told.group(.found(Self.school, by: Self.one)) == nil) }
    let said: String?
    switch refusal {
    case .organisationUnknown: said = told.group(.join(Self.first, Self.one))
    case .organisationClosed:
      founded()
      _ = told.group(.change(Self.first, Organisation(kind: .school, name: "一中", isClosed: true)))
      said = told.group(.join(Self.first, Self.two))
    case .nameInvalid: said = told.group(.found(Organisation(kind: .school, name: "一"), by: nil))
    case .kindFixed:
      founded()
      said = told.group(.change(Self.first, Organisation(kind: .community, name: "一中")))
    case .accountUnknown:
      founded()
      said = told.group(.join(Self.first, CitizenID(9)))
    case .alreadyMember:
      founded()
      said = told.group(.join(Self.first, Self.one))
    case .notMember:
      founded()
      said = told.group(.leave(Self.first, Self.two))
    case .alreadyInFamily:
      _ = told.group(.found(Self.family, by: Self.one))
      said = told.group(.found(Self.family, by: Self.one))
    case .familyFull:
      _ = told.group(.found(Self.family, by: Self.one))
      for citizen in UInt32(2)...6 {
        #expect(told.group(.join(Self.first, CitizenID(citizen))) == nil)
      }
      said = told.group(.join(Self.first, CitizenID(7)))
    case .tooManyOrganisations:
      for _ in 0..<20 { founded() }
      said = told.group(.found(Self.school, by: Self.one))
    case .lastAdministrator:
      founded()
      _ = told.group(.join(Self.first, Self.two))
      said = told.group(.leave(Self.first, Self.one))
    case .nothingChanges:
      founded()
      said = told.group(.change(Self.first, Self.school))
    }
    #expect(said == "\(refusal)" && !refusal.sentence.isEmpty)
    let fault = told.state.audit()
    #expect(fault == nil)
  }

  /// Frames of every kind of fact about people, their bytes written down here by hand.
  @Test("the facts are these very bytes, for ever")
  func golden() throws {
    var told = Told()
    told.award(Self.two, points: 7, grams: 500)
    let before = told.frames.count
    #expect(told.group(.found(Self.school, by: Self.one)) == nil)
    #expect(told.group(.join(Self.first, Self.two)) == nil)
    told.award(Self.two, points: 3, grams: 120)
    #expect(told.group(.grant(Self.first, Self.two, .act)) == nil)
    #expect(told.group(.grant(Self.first, Self.two, nil)) == nil)
    #expect(told.group(.found(Self.family, by: nil)) == nil)
    #expect(
      told.group(.change(Self.first, Organisation(kind: .school, name: "一中 B"))) == nil)
    #expect(told.group(.leave(Self.first, Self.one)) == "lastAdministrator")
    #expect(told.perform(.closeAccount(Self.two)) == nil)
    #expect(told.group(.leave(Self.first, Self.one)) == nil)
    var facts: [String] = []
    for frame in told.frames[before...] {
      try frame.withUnsafeBytes { bytes in
        try FrameView(bytes).forEachFact { _, fact in
          let header = FactHeader(fact.baseAddress!)
          guard header.kind != Ledger.Fact.kind else { return }
          facts.append(
            "\(header.kind)/\(header.version) "
              + String(decoding: fact.dropFirst(FactHeader.size), as: UTF8.self))
        }
      }
    }
    let school = #"{"isClosed":false,"kind":"school","name":"#
    #expect(
      facts == [
        #"78/1 {"founder":1,"grams":0,"number":1,"organisation":\#(school)"一中"}}"#,
        #"78/1 {"citizen":2,"grams":500,"joined":true,"number":1}"#,
        #"78/1 {"citizen":2,"number":1,"right":"act"}"#,
        #"78/1 {"citizen":2,"number":1,"right":"none"}"#,
        #"78/1 {"number":2,"organisation":{"isClosed":false,"kind":"family","name":""}}"#,
        #"78/1 {"number":1,"organisation":\#(school)"一中 B"}}"#,
        #"79/1 {"citizen":2,"closed":true,"grams":620}"#,
        #"78/1 {"citizen":1,"grams":0,"joined":false,"number":1}"#,
      ])
    // Ten points to the programme, 620 g stay; 120 g of them are the school's.
    let points = told.state.ledger.balance(of: AccountID(.programme, 90, .points))
    let grams = told.state.ledger.grams(of: Self.two).count
    let joint = told.state.jointGrams(of: Self.first).count
    #expect(points == 10 && grams == 620 && joint == 120)
    let empty = told.state.ledger.points(of: Self.two).count
    #expect(empty == 0)
    #expect(told.perform(.closeAccount(Self.two))?.name == "accountUnknown")
    #expect(told.perform(.membership(.link(AliasID(4), Self.two)))?.name == "citizenUnknown")
    try replays(told.frames, as: told.state)
  }

  private func replays(_ frames: [[UInt8]], as state: borrowing Mechanism.State) throws {
    var again = Mechanism.State(code: "golden", citizensMax: 1 << 10)
    for frame in frames { try frame.withUnsafeBytes { try again.apply(try FrameView($0)) } }
    let (mine, theirs) = (Kept(), Kept())
    try state.dump(to: mine.sink)
    try again.dump(to: theirs.sink)
    #expect(mine.bytes == theirs.bytes)
    try mine.bytes.withUnsafeBytes { bytes in
      let loaded = try Mechanism.State(code: "golden", citizensMax: 1 << 10, snapshot: bytes)
      let third = Kept()
      try loaded.dump(to: third.sink)
      #expect(third.bytes == mine.bytes)
      let fault = loaded.audit()
      #expect(fault == nil)
    }
  }

  @Test("a journal with an impossible fact about people is told of in a sentence")
  func damaged() throws {
    let impossible: [(UInt8, String)] = [
      (78, #"{"number":7,"organisation":{"isClosed":false,"kind":"school","name":"一中"}}"#),
      (78, #"{"number":0,"organisation":{"isClosed":false,"kind":"school","name":"一中"}}"#),
      (78, #"{"number":1,"organisation":{"isClosed":false,"kind":"family","name":""}}"#),
      (78, #"{"citizen":9,"grams":0,"joined":true,"number":1}"#),
      (78, #"{"citizen":1,"grams":0,"joined":true,"number":1}"#),
      (78, #"{"citizen":2,"grams":0,"joined":false,"number":1}"#),
      (78, #"{"citizen":1,"number":1,"right":"own"}"#), (78, #"{"citizen":1}"#),
      (78, #"{"citizen":1,"closed":true,"grams":0}"#),
      (79, #"{"citizen":9,"closed":true,"grams":0}"#),
      (79, #"{"citizen":1,"closed":false,"grams":0}"#), (79, "[]"),
    ]
    for (kind, json) in impossible {
      var told = Told()
      #expect(told.group(.found(Self.school, by: Self.one)) == nil)
      told.writer.begin()
      told.writer.readable(kind: kind, json: Array(json.utf8))
      _ = told.writer.seal(
        sequence: told.state.lastSequence + 1, time: told.state.lastTime,
        firstFact: told.state.nextFact, previous: told.hash)
      let frame = Array(told.writer.buffer.bytes)
      var refused: String?
      do {
        try frame.withUnsafeBytes { try told.state.apply(try FrameView($0)) }
      } catch { refused = "\(error)" }
      #expect(refused != nil, "\(json)")
    }
  }
}

/// A snapshot kept in memory.
private final class Kept {
  var bytes: [UInt8] = []
  var sink: SnapshotSink { SnapshotSink { self.bytes += $0 } }
}
