// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Journal
import Policy
import Testing
import Units

/// A pack's examples told to the room of Behaviour alone. Linking, the ledger and the journal are
/// the mechanism's tests' affair.
private struct Teller: ~Copyable {
  let pack: Pack
  let hot: HotRules
  var state = Behaviour.State(citizensMax: 1000)
  var next = FactNumber(1)
  var last: [String: Behaviour.Report] = [:]
  var held: [String: (grams: Int64, points: Int64)] = [:]
  var citizens: [String: CitizenID] = [:]
  var names: [String: UInt64] = [:]
  var events: UInt64 = 0

  init(_ pack: Pack) {
    self.pack = pack
    hot = HotRules(pack.behaviour)
  }

  mutating func number(_ name: String) -> UInt64 {
    if names[name] == nil { names[name] = UInt64(names.count) + 1 }
    return names[name]!
  }

  mutating func tell(_ line: Example.Report) -> Verdict {
    var report = Behaviour.Report()
    if line.isRepeat, let before = last[line.person] {
      report = before
    } else {
      events += 1
      report.id = (events &* 0x9E37_79B9_7F4A_7C15, events)
      report.ended = line.time.milliseconds
      report.citizen = citizens[line.person] ?? .none
      report.alias = AliasID(UInt32(number(line.person)))
      report.scene = pack.registry[line.scene] ?? .none
      report.partner = PartnerID(UInt16(number("partner \(line.partner ?? "")")))
      if let vehicle = line.vehicle { report.vehicle = number("vehicle \(vehicle)") << 40 }
      for value in line.values {
        guard let slot = pack.scene(line.scene)?.slot(of: value.field) else { continue }
        report.present |= 1 << UInt8(slot)
        switch slot {
        case 0: report.values.0 = value.measured.millionths
        case 1: report.values.1 = value.measured.millionths
        case 2: report.values.2 = value.measured.millionths
        default: report.values.3 = value.measured.millionths
        }
      }
      last[line.person] = report
    }
    let batch = ReportBatch()
    batch.append(report)
    let writer = FrameWriter(.sm3)
    writer.begin()
    var awards = AwardList()
    state.admit(batch, hot, now: line.received, writer: writer, next: &next, awards: &awards)
    for award in awards.awards {
      let before = held[line.person] ?? (0, 0)
      held[line.person] = (before.grams + award.grams, before.points + Int64(award.points))
    }
    return batch.verdicts[0]
  }
}

@Test("each pack's examples come out", arguments: Shipped.allCases)
func comeOut(_ shipped: Shipped) throws {
  let pack = try shipped.pack()
  var teller = Teller(pack)
  for example in pack.examples {
    let place = Comment(rawValue: "\(shipped)/\(example.file):\(example.line): \(example.text)")
    switch example.step {
    case .citizen(let name):
      teller.citizens[name] = CitizenID(UInt32(teller.citizens.count) + 1)
    case .stranger: continue
    case .holds(let name, let grams, let points):
      if let grams { #expect(teller.held[name]?.grams ?? 0 == grams, place) }
      if let points { #expect(teller.held[name]?.points ?? 0 == points, place) }
    case .report(let line):
      let verdict = teller.tell(line)
      switch line.expected {
      case .accepted(let grams, let points):
        #expect(verdict.outcome == .accepted, place)
        #expect(verdict.grams == grams, place)
        #expect(Int64(verdict.points) == points, place)
      case .refused(let reason):
        #expect(verdict.outcome == .refused, place)
        #expect("\(verdict.reason)" == reason.rawValue, place)
      case .quarantined(let reason):
        #expect(verdict.outcome == .quarantined, place)
        #expect("\(verdict.reason)" == reason.rawValue, place)
      case .waiting: #expect(verdict.outcome == .waiting, place)
      case .duplicate: #expect(verdict.outcome == .duplicate, place)
      }
    }
  }
}
