// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Governance
import Journal
import Ledger
import Membership
import Policy
import Reference
import Testing
import Units

@testable import Mechanism

/// The fixture world of this room: a city with three citizens, two partners, the 113 bus at 183 g
/// and three points a ride, and deadlines. Everything is sealed into frames, to be replayed.
struct Care: ~Copyable {
  static let promises = """
    care
      appeal         30 days          [set by this project: test]
      appeal-answer  5 working days   [set by this project: test]
      claim          60 days          [set by this project: test]
      claim-answer   3 working days   [set by this project: test]
      letter-answer  10 working days  [set by this project: test]
      freeze         90 days          [set by this project: test]
    risk two-places
      name      两地 | two places
      looks-at  overlap
      at-least  1  [set by this project: test]
      within    7 days  [set by this project: test]

    """

  static let lin = CitizenID(1)
  static let ma = CitizenID(2)
  static let digest = String(repeating: "ab", count: 32)
  /// A Monday.
  static let start = Instant("2026-03-02T12:00:00+08:00")!

  var state = Mechanism.State(code: "trial", citizensMax: 1 << 12)
  let writer = FrameWriter(.sm3)
  let batch = ReportBatch(capacity: 16)
  var now = Care.start
  private(set) var frames: [[UInt8]] = []
  private var lastHash = Digest.zero
  private var events: UInt64 = 0

  init(promises: String = Care.promises) {
    let text = TrialPack.text(extra: promises)
    must(.adopt([Pack.File(path: "pack.txt", bytes: Array(text.utf8))]))
    for code in ["buses", "bikes"] {
      must(
        .membership(
          .addPartner(
            Partner(code: code, name: code, scenes: ["bus", "shared-bike"], enrols: false))))
    }
    for citizen in 1...3 as ClosedRange<UInt32> {
      must(.membership(.enrol))
      for partner in 1...2 as ClosedRange<UInt32> {
        must(.membership(.link(AliasID(citizen * 10 + partner), CitizenID(citizen))))
      }
    }
  }

  /// One ride; answers its fact.
  @discardableResult
  mutating func ride(
    _ citizen: CitizenID, _ scene: String = "bus", partner: UInt32 = 1, hoursAgo: Int64 = 1,
    metres: Int64 = 6100
  ) -> Verdict {
    events += 1
    var report = Report()
    report.id = (mixed(events), mixed(events ^ 0x5555))
    report.ended = now.milliseconds - hoursAgo * 3_600_000
    report.values = (metres * 1_000_000, 1500 * 1_000_000, 0, 0)
    report.present = 3
    report.alias = AliasID(citizen.raw * 10 + partner)
    report.scene = state.scene(code: scene) ?? .none
    report.partner = PartnerID(UInt16(partner))
    batch.clear()
    batch.append(report)
    writer.begin()
    state.prepare(now, writer: writer)
    state.admit(batch, now: now, writer: writer)
    seal()
    return batch.verdicts[0]
  }

  private func mixed(_ word: UInt64) -> UInt64 {
    (word &* 0x9e37_79b9_7f4a_7c15) ^ (word &* 0xbf58_476d_1ce4_e5b9) >> 31
  }

  mutating func perform(
    _ command: Mechanism.Command
  ) -> Result<CommandResult, CommandRefusal> {
    writer.begin()
    state.prepare(now, writer: writer)
    let result = state.perform(command, now: now, writer: writer)
    seal()
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

  @discardableResult mutating func must(_ command: Governance.Command) -> CommandResult {
    must(.governance(command))
  }

  /// The name of the refusal; empty where it was done.
  mutating func refusal(_ command: Governance.Command) -> String {
    if case .failure(let refusal) = perform(.governance(command)) { return refusal.name }
    return ""
  }

  /// Takes a ride back, as its partner does.
  mutating func withdraw(_ fact: FactNumber) -> Recalled? {
    for bytes in frames {
      let facts = bytes.withUnsafeBytes { frame -> [(FactNumber, Record)] in
        guard let view = try? FrameView(frame), let found = view.fact(fact),
          let record = try? Record(reading: found)
        else { return [] }
        return [(fact, record)]
      }
      guard let id = facts.first?.1.report.id else { continue }
      return must(.withdraw([Recall(id: id, facts: facts, grounds: .cancelled)])).recalled.first
    }
    return nil
  }

  private mutating func seal() {
    guard writer.factCount > 0 else { return }
    let first = FactNumber(state.nextFact.raw - UInt64(writer.factCount))
    lastHash = writer.seal(
      sequence: state.lastSequence + 1, time: now, firstFact: first, previous: lastHash)
    state.sealed(sequence: state.lastSequence + 1, time: now)
    frames.append(Array(writer.buffer.bytes))
  }

  mutating func pass(days: Int64) {
    now = Instant(milliseconds: now.milliseconds + days * 86_400_000)
  }

  func points(_ citizen: CitizenID) -> Int64 { state.ledger.points(of: citizen).count }
  func grams(_ citizen: CitizenID) -> Int64 { state.ledger.grams(of: citizen).count }
  func isFrozen(_ citizen: CitizenID) -> Bool { state.membership.isFrozen(citizen) }
  func found(_ number: UInt32) -> Case? { state.governance.found(number) }
  func petition(_ number: UInt32) -> Petition? { state.governance.petition(number) }
  func debt(_ citizen: CitizenID) -> Int64 {
    state.ledger.balance(of: AccountID(.debt, citizen.raw, .points))
  }
  var programme: Int64 { state.ledger.balance(of: .clawedBack(.points)) }

  /// Opens a case about a ride and answers its number.
  mutating func open(
    _ citizen: CitizenID, _ evidence: FactNumber, by: String = "staff/1"
  ) -> UInt32 {
    must(.open(citizen, rule: "two-places", reason: "看看", evidence: [evidence], by: by)).number
  }

  /// Proposes and confirms; answers the measure's place in the case.
  @discardableResult
  mutating func take(_ number: UInt32, _ measure: Measure, by other: String = "staff/2") -> Int {
    must(.propose(number, measure))
    let at = state.governance.found(number)!.measures.count
    must(.rule(number, measure: at, .confirm, by: other, opinion: "同意"))
    return at
  }

  /// The chain holds, a replay gives the same state byte for byte, a snapshot loads, audits are
  /// silent.
  func check(_ story: String) {
    if let fault = state.audit() { Issue.record("\(story): \(fault)") }
    let dump = Care.dump(state)
    do {
      var fresh = Mechanism.State(code: "trial", citizensMax: 1 << 12)
      var chain = ChainVerifier()
      for frame in frames {
        try frame.withUnsafeBytes { try fresh.apply(chain.next($0, deep: true)) }
      }
      #expect(Care.dump(fresh) == dump, "\(story): the journal tells another story")
      try dump.withUnsafeBytes { bytes in
        let loaded = try Mechanism.State(code: "trial", citizensMax: 1 << 12, snapshot: bytes)
        #expect(Care.dump(loaded) == dump, "\(story): the snapshot tells another story")
      }
    } catch { Issue.record("\(story): \(error)") }
  }

  static func dump(_ state: borrowing Mechanism.State) -> [UInt8] {
    let buffer = ByteBuffer()
    do { try state.dump(to: SnapshotSink { buffer.append($0) }) } catch { Issue.record("\(error)") }
    return Array(buffer.bytes)
  }
}
