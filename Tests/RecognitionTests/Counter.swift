// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Journal
import Ledger
import Membership
import Policy
import Recognition
import Testing
import Units

@testable import Mechanism

/// A small city that recognises two programmes' points; Lin holds 500 points, Ma 500, the poor one
/// 10. Everything is sealed into frames, so that every story can be replayed.
struct Counter: ~Copyable {
  static let lin = CitizenID(1)
  static let ma = CitizenID(2)
  static let poor = CitizenID(3)

  var state = Mechanism.State(code: "trial", citizensMax: 1 << 12)
  let writer = FrameWriter(.sm3)
  var now = Counter.moment("2026-03-02 12:00")
  private(set) var frames: [[UInt8]] = []
  private var lastHash = Digest.zero

  static func moment(_ text: String) -> Instant {
    Instant(text.replacing(" ", with: "T") + ":00+08:00")!
  }

  static let manifest = """
    document T A document for tests
    mechanism trial
      name       试 | Trial
      city       试 | Trial
      version    1
      effective  2022-12-05          [T]
      zone       +08:00
      area       nowhere
      language   zh-CN 简体中文
    family travel
      name     绿色出行 | Green travel
      clause   [T]
    scene card
      name       卡 | Card
      family     travel
      clause     [T]
      evidence   单 | order
      rule from 2010-01-01 [T]
        grams    0 g   [T]
        points   5     [T]

    """

  /// Out: 2 of theirs for 5 of ours, from March 10 on 1 for 5. In: 3 of theirs for 10 of ours.
  static let programmes = """
    programme traffic
      name       交 | Traffic
      points     交分 | Traffic points
      clause     [T-1]
      direction  both                              [T]
      account    1001                              [T]
      deadline   10 min                            [T]
      rate       out 2026-01-01 2 of theirs for 5 ours   [T]
      rate       out 2026-03-10 1 of theirs for 5 ours   [T]
      rate       in 2026-01-01 3 of theirs for 10 ours   [T]
      limit      out 100 a day each                [T]
      limit      out 250 a month each              [T]
      limit      out 150 a day all                 [T]
      limit      in 60 a day each                  [T]
    programme shops
      name       商 | Shops
      points     商分 | Shop points
      clause     [T-1]
      direction  in                                [T]
      account    1002                              [T]
      deadline   1 h                               [T]
      rate       in 2026-01-01 1 of theirs for 1 ours    [T]
      limit      in 1000 a day each                [T]

    """

  init() {
    let text = Counter.manifest + Counter.programmes
    must(.adopt([Pack.File(path: "pack.txt", bytes: Array(text.utf8))]))
    for (index, points) in [Int64(500), 500, 10].enumerated() {
      let citizen = must(.membership(.enrol)).citizen
      must(
        .transfers([
          Transfer(
            id: TransferID(9, UInt64(index + 1)), source: AccountID(.issuing, 1, .points),
            target: .citizen(citizen, .points), amount: points, purpose: "test")
        ]))
    }
  }

  mutating func perform(_ command: Mechanism.Command) -> Result<CommandResult, CommandRefusal> {
    writer.begin()
    let result = state.perform(command, now: now, writer: writer)
    guard writer.factCount > 0 else { return result }
    let first = FactNumber(state.nextFact.raw - UInt64(writer.factCount))
    lastHash = writer.seal(
      sequence: state.lastSequence + 1, time: now, firstFact: first, previous: lastHash)
    state.sealed(sequence: state.lastSequence + 1, time: now)
    frames.append(Array(writer.buffer.bytes))
    return result
  }

  @discardableResult mutating func must(_ command: Mechanism.Command) -> CommandResult {
    switch perform(command) {
    case .success(let result): return result
    case .failure(let refusal):
      Issue.record("\(command) was refused: \(refusal.message)")
      return CommandResult()
    }
  }

  /// "done", "again", or the name of the refusal.
  mutating func ask(_ command: Recognition.Command) -> String {
    switch perform(.recognition(command)) {
    case .success(let result): result.isRepeat ? "again" : "done"
    case .failure(let refusal): refusal.name
    }
  }

  mutating func wait(minutes: Int64) {
    now = Instant(milliseconds: now.milliseconds + minutes * 60_000)
  }

  /// What a citizen can spend.
  func spendable(_ citizen: CitizenID) -> Int64 { state.ledger.available(to: citizen) }
  func balance(_ name: String) -> Int64 { state.ledger.balance(of: AccountID(name: name)!) }

  /// The audits are silent; the journal replayed and a snapshot loaded give the same state.
  func check(_ story: String) {
    if let fault = state.audit() { Issue.record("\(story): \(fault)") }
    let dump = Counter.dump(state)
    do {
      var fresh = Mechanism.State(code: state.code, citizensMax: 1 << 12)
      var chain = ChainVerifier()
      for frame in frames {
        try frame.withUnsafeBytes { try fresh.apply(chain.next($0, deep: true)) }
      }
      #expect(Counter.dump(fresh) == dump, "\(story): the journal tells another story")
      try dump.withUnsafeBytes { bytes in
        let loaded = try Mechanism.State(
          code: state.code, citizensMax: 1 << 12, snapshot: bytes)
        #expect(Counter.dump(loaded) == dump, "\(story): the snapshot tells another story")
        if let fault = loaded.audit() { Issue.record("\(story), loaded: \(fault)") }
      }
    } catch { Issue.record("\(story): \(error)") }
  }

  static func dump(_ state: borrowing Mechanism.State) -> [UInt8] {
    let buffer = ByteBuffer()
    do { try state.dump(to: SnapshotSink { buffer.append($0) }) } catch { Issue.record("\(error)") }
    return Array(buffer.bytes)
  }
}

func id(_ number: UInt64) -> ConversionID { ConversionID(7, number) }

func begin(
  _ number: UInt64, _ direction: Direction, _ points: Int64, _ citizen: CitizenID = Counter.lin,
  lead: Lead = .ours, programme: String = "traffic", theirs: Int64? = nil, day: Day? = nil
) -> Recognition.Command {
  .begin(
    ConversionRequest(
      id: id(number), programme: programme, direction: direction, lead: lead, citizen: citizen,
      ours: points, theirs: theirs, day: day))
}

func confirm(_ number: UInt64, _ lead: Lead = .ours) -> Recognition.Command {
  .confirm(id(number), programme: "traffic", lead: lead)
}

func cancel(_ number: UInt64, _ lead: Lead = .ours) -> Recognition.Command {
  .cancel(id(number), programme: "traffic", lead: lead, reason: "test")
}
