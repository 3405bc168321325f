// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Journal
import Ledger
import Membership
import Policy
import Reference
import Testing
import Units

@testable import Mechanism

/// The fixture world: a small city with two citizens, Lin and Ma, the 113 bus, shared bikes, and a
/// charging pole; three partners report. Everything that happens is sealed into frames, so that
/// every story can be replayed.
struct Trial: ~Copyable {
  enum Person: UInt32, CaseIterable {
    case lin = 1
    case ma, stranger, guest
  }
  enum Company: UInt16, CaseIterable {
    case bikes = 1
    case buses, greeters
  }

  static let lin = CitizenID(1)
  static let ma = CitizenID(2)

  var state: Mechanism.State
  let writer = FrameWriter(.sm3)
  let batch = ReportBatch(capacity: 16)
  var now = Trial.moment("2026-03-02 12:00")
  private(set) var frames: [[UInt8]] = []
  private var lastHash = Digest.zero
  private var events: UInt64 = 0

  init(pack: [Pack.File] = [Trial.pack()], code: String = "trial", people: Bool = true) {
    state = Mechanism.State(code: code, citizensMax: 1 << 12)
    must(.adopt(pack))
    guard people else { return }
    for company in Company.allCases {
      must(.membership(.addPartner(partner(company))))
    }
    for person in [Person.lin, .ma] {
      must(.membership(.enrol))
      for company in Company.allCases {
        must(.membership(.link(Trial.alias(person, company), CitizenID(person.rawValue))))
      }
    }
  }

  /// `buses` may not report rides of bikes; `greeters` open an account for whoever they report
  /// first.
  func partner(_ company: Company) -> Partner {
    Partner(
      code: "\(company)", name: "\(company)",
      scenes: ["bus", "charging", "card"] + (company == .buses ? [] : ["shared-bike"]),
      enrols: company == .greeters)
  }

  /// Each person is another user for each partner.
  static func alias(_ person: Person, _ company: Company) -> AliasID {
    AliasID(person.rawValue * 10 + UInt32(company.rawValue))
  }

  /// A local time in the mechanism's zone: `2026-03-02 08:00`, with seconds where they matter.
  static func moment(_ text: String) -> Instant {
    let seconds = text.utf8.count == 16 ? ":00" : ""
    return Instant(text.replacing(" ", with: "T") + seconds + "+08:00")!
  }

  /// A report as the intake would make it, each with an id of its own unless one is given.
  mutating func made(
    _ person: Person, _ scene: String, _ values: [Measured], at time: String,
    by company: Company = .bikes, vehicle: UInt64 = 0, id: UInt64? = nil
  ) -> Report {
    events += 1
    var report = Report()
    let number = id ?? events + 1_000_000
    report.id = (mixed(number), mixed(number ^ 0x5555))
    report.ended = Trial.moment(time).milliseconds
    report.vehicle = vehicle
    let four = values.map(\.millionths) + [0, 0, 0, 0]
    report.values = (four[0], four[1], four[2], four[3])
    report.present = UInt8((1 << values.count) - 1)
    report.alias = Trial.alias(person, company)
    report.scene = state.scene(code: scene) ?? .none
    report.partner = PartnerID(company.rawValue)
    return report
  }

  mutating func report(
    _ person: Person, _ scene: String, _ values: [Measured], at time: String,
    by company: Company = .bikes, vehicle: UInt64 = 0, id: UInt64? = nil
  ) -> Verdict {
    admit([made(person, scene, values, at: time, by: company, vehicle: vehicle, id: id)])[0]
  }

  /// The 113 bus: 6.1 km in 25 minutes, 183 g.
  mutating func bus(
    _ person: Person, at time: String, by company: Company = .buses, id: UInt64? = nil
  ) -> Verdict {
    report(person, "bus", [Measured(6100), Measured(1500)], at: time, by: company, id: id)
  }

  /// A shared bike: 3.2 km in 15 minutes, 155.84 g, so 156 g.
  mutating func bike(
    _ person: Person, at time: String, vehicle: UInt64 = 7, by company: Company = .bikes
  ) -> Verdict {
    report(
      person, "shared-bike", [Measured(3200), Measured(900)], at: time, by: company,
      vehicle: vehicle)
  }

  mutating func admit(_ reports: [Report]) -> [Verdict] {
    batch.clear()
    for report in reports { batch.append(report) }
    writer.begin()
    state.prepare(now, writer: writer)
    state.admit(batch, now: now, writer: writer)
    seal()
    return (0..<batch.count).map { batch.verdicts[$0] }
  }

  mutating func perform(_ command: Mechanism.Command) -> Result<CommandResult, CommandRefusal> {
    writer.begin()
    state.prepare(now, writer: writer)
    let result = state.perform(command, now: now, writer: writer)
    seal()
    return result
  }

  /// A command that is not refused.
  @discardableResult mutating func must(_ command: Mechanism.Command) -> CommandResult {
    switch perform(command) {
    case .success(let result): return result
    case .failure(let refusal):
      Issue.record("\(command) was refused: \(refusal.message)")
      return CommandResult()
    }
  }

  private mutating func seal() {
    guard writer.factCount > 0 else { return }
    let first = FactNumber(state.nextFact.raw - UInt64(writer.factCount))
    lastHash = writer.seal(
      sequence: state.lastSequence + 1, time: now, firstFact: first, previous: lastHash)
    state.sealed(sequence: state.lastSequence + 1, time: now)
    frames.append(Array(writer.buffer.bytes))
  }

  /// What a partner's server hands in to take an event back: its facts, read from the journal.
  func recall(
    _ id: (UInt64, UInt64), _ grounds: Grounds = .cancelled, replacement: Report? = nil
  ) -> Recall {
    var facts: [(FactNumber, Record)] = []
    for frame in frames {
      frame.withUnsafeBytes { bytes in
        try? FrameView(bytes).forEachFact { number, fact in
          if let record = try? Record(reading: fact), record.report.id == id {
            facts.append((number, record))
          }
        }
      }
    }
    return Recall(id: id, facts: facts, grounds: grounds, replacement: replacement)
  }

  /// Points and grams a citizen holds.
  func holds(_ citizen: CitizenID) -> [Int64] {
    [state.ledger.grams(of: citizen).count, state.ledger.points(of: citizen).count]
  }

  /// The frames' chain holds, the journal replayed gives the same state byte for byte, a snapshot
  /// loads as the same state, and the audits are silent.
  func check(_ story: String) {
    if let fault = state.audit() { Issue.record("\(story): \(fault)") }
    let dump = Trial.dump(state)
    do {
      var fresh = Mechanism.State(code: state.code, citizensMax: 1 << 12)
      var chain = ChainVerifier()
      for frame in frames {
        try frame.withUnsafeBytes { try fresh.apply(chain.next($0, deep: true)) }
      }
      #expect(Trial.dump(fresh) == dump, "\(story): the journal tells another story")
      try dump.withUnsafeBytes { bytes in
        let loaded = try Mechanism.State(
          code: state.code, citizensMax: 1 << 12, snapshot: bytes)
        #expect(Trial.dump(loaded) == dump, "\(story): the snapshot tells another story")
      }
    } catch { Issue.record("\(story): \(error)") }
  }

  static func dump(_ state: borrowing Mechanism.State) -> [UInt8] {
    let buffer = ByteBuffer()
    do { try state.dump(to: SnapshotSink { buffer.append($0) }) } catch { Issue.record("\(error)") }
    return Array(buffer.bytes)
  }
}

extension Trial {
  /// The city's pack. `rule` is put into the bus scene instead of its rule in force.
  static func pack(
    version: String = "1", busRule: String = TrialPack.busRule, extra: String = ""
  ) -> Pack.File {
    let text = TrialPack.text(version: version, busRule: busRule, extra: extra)
    return Pack.File(path: "pack.txt", bytes: Array(text.utf8))
  }
}
