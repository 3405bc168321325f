// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Desk
import Journal
import Mechanism
import Membership
import Methodology
import Policy
import Storage
import Units

extension Office {
  /// One frame, copied.
  private func frame(_ sequence: UInt64) throws -> [UInt8]? {
    var copy: [UInt8]?
    try clerk.store.read(from: sequence) { place, bytes in
      if place.sequence == sequence { copy = Array(bytes) }
      return false
    }
    return copy
  }

  /// A fact's bytes and when it was written; nil where there is none.
  func fact(_ number: FactNumber) throws -> (bytes: [UInt8], time: Instant)? {
    guard !number.isNone, let place = try clerk.store.place(of: number),
      let frame = try frame(place.sequence)
    else { return nil }
    return try frame.withUnsafeBytes { bytes in
      let view = try FrameView(bytes)
      return view.fact(number).map { (Array($0), view.header.time) }
    }
  }

  /// A report's fact with its scene as it was when it was decided; nil for other facts.
  func entry(_ number: FactNumber) throws -> Entry? {
    guard let (bytes, time) = try fact(number), bytes.first == Record.kind else { return nil }
    let record = try bytes.withUnsafeBytes { try Record(reading: $0) }
    return clerk.read { Office.entry(number, record, time, $0) }
  }

  private static func entry(
    _ number: FactNumber, _ record: Record, _ time: Instant, _ state: borrowing Mechanism.State
  ) -> Entry {
    Entry(
      number: number, record: record,
      scene: state.adoption(at: number)?.hot.scene(record.report.scene),
      partner: state.membership.partner(record.report.partner)?.name ?? "", recorded: time)
  }

  /// A citizen's reports, newest first: each fact names the one before it.
  func history(
    of citizen: CitizenID, before: FactNumber?, limit: Int
  ) throws -> (entries: [Entry], older: FactNumber?) {
    var number = before ?? clerk.read { $0.behaviour.newestFact(of: citizen) }
    var entries: [Entry] = []
    while !number.isNone, entries.count < limit {
      guard let entry = try entry(number), entry.record.report.citizen == citizen else { break }
      entries.append(entry)
      number = entry.record.previous
    }
    return (entries, number.isNone || entries.count < limit ? nil : number)
  }

  /// How the grams of an entry came about; nil where no method was used.
  func explanation(of entry: Entry) -> Explanation? {
    guard let rule = entry.rule, case .method(let method) = rule.reduction else { return nil }
    let year = Instant(milliseconds: entry.record.report.ended).day(offset: zone).civil.year
    return withUnsafePointer(to: entry.record.report.values) {
      $0.withMemoryRebound(to: Int64.self, capacity: 4) { method.explain($0, year: year) }
    }
  }

  func packVersion(at number: FactNumber) -> String {
    clerk.read { $0.adoption(at: number)?.pack.version ?? "" }
  }

  func head() -> LogHead { clerk.ask { $0.head() } }

  func signed(_ head: LogHead) -> HeadModel {
    let statement = Array(head.statement.utf8)
    return HeadModel(
      statement: head.statement, facts: head.facts, frames: head.frames,
      root: head.root.description, time: head.time, algorithm: head.algorithm.name,
      signatures: SignatureAlgorithm.allCases.map {
        ($0.rawValue, Storage.hexadecimal(keys.sign(statement, $0)))
      })
  }

  /// A proof under the head of this moment; nil where there is no such fact.
  func proof(of number: FactNumber) throws -> (proof: InclusionProof, time: Instant, kind: UInt8)? {
    guard !number.isNone, let place = try clerk.store.place(of: number),
      let frame = try frame(place.sequence)
    else { return nil }
    let made: (InclusionProof, Instant)? = clerk.ask { core in
      frame.withUnsafeBytes { bytes in
        guard let view = try? FrameView(bytes) else { return nil }
        let proof = InclusionProof(
          of: number, in: view, log: core.log, head: core.head(), core.writer.digester)
        return (proof, view.header.time)
      }
    }
    return made.map { ($0.0, $0.1, $0.0.fact.first ?? 0) }
  }

  func consistency(from old: UInt64, to new: UInt64) -> [Journal.Digest]? {
    clerk.ask { core in
      guard old > 0, old <= new, new <= UInt64(core.log.count) else { return nil }
      return core.log.consistency(from: Int(old), to: Int(new), core.writer.digester)
    }
  }

  /// The last frames, newest first, below `before`.
  func frames(before: UInt64?, limit: Int) throws -> [FrameRow] {
    let last = try before.map { $0 - 1 } ?? clerk.store.last()?.sequence ?? 0
    guard last > 0 else { return [] }
    let first = last >= UInt64(limit) ? last - UInt64(limit) + 1 : 1
    var rows: [FrameRow] = []
    var digester: Digester?
    try clerk.store.read(from: first) { place, bytes in
      guard place.sequence <= last else { return false }
      let view = try FrameView(bytes)
      let current = digester ?? Digester(view.header.algorithm)
      digester = current
      rows.append(
        FrameRow(
          sequence: place.sequence, time: view.header.time, firstFact: place.firstFact,
          factCount: place.factCount, bytes: bytes.count, hash: view.hash(current).description))
      return true
    }
    return rows.reversed()
  }

  /// Frames that hold reports, as batches: what one frame holds of one partner.
  func batches(before: UInt64?, limit: Int) throws -> Listed<BatchRow> {
    let last = try before.map { $0 - 1 } ?? clerk.store.last()?.sequence ?? 0
    guard last > 0 else { return Listed(rows: []) }
    let first = last >= UInt64(limit) ? last - UInt64(limit) + 1 : 1
    let names = partners().map(\.name)
    var rows: [BatchRow] = []
    try clerk.store.read(from: first) { place, bytes in
      guard place.sequence <= last else { return false }
      let view = try FrameView(bytes)
      var byPartner: [UInt16: BatchSummary] = [:]
      try view.forEachFact { _, fact in
        guard fact.first == Record.kind else { return }
        let record = try Record(reading: fact)
        byPartner[record.report.partner.raw, default: BatchSummary()].add(record.verdict)
      }
      for (partner, summary) in byPartner.sorted(by: { $0.key < $1.key }) {
        let name = Int(partner) <= names.count && partner > 0 ? names[Int(partner) - 1] : ""
        rows.append(
          BatchRow(
            number: place.sequence, time: view.header.time, partner: name, channel: "",
            summary: summary))
      }
      return true
    }
    return Listed(rows: rows.reversed(), next: first > 1 ? first : nil, isFirst: before == nil)
  }

  /// Every report of one frame, at most `limit` of the chosen outcome, and counts of all outcomes.
  func batch(
    _ sequence: UInt64, outcome: Outcome?, limit: Int
  ) throws -> (time: Instant, entries: [Entry], counts: [(Outcome, Int)])? {
    guard let frame = try frame(sequence) else { return nil }
    var chosen: [(FactNumber, Record)] = []
    var counts: [Outcome: Int] = [:]
    let time = try frame.withUnsafeBytes { bytes in
      let view = try FrameView(bytes)
      try view.forEachFact { number, fact in
        guard fact.first == Record.kind else { return }
        let record = try Record(reading: fact)
        counts[record.outcome, default: 0] += 1
        if outcome == nil || record.outcome == outcome, chosen.count < limit {
          chosen.append((number, record))
        }
      }
      return view.header.time
    }
    let facts = chosen
    let entries = clerk.read { state in facts.map { Office.entry($0.0, $0.1, time, state) } }
    return (time, entries, Outcome.allCases.compactMap { one in counts[one].map { (one, $0) } })
  }

  /// Hashes the last frames again and follows the chain to the head.
  func verify(last count: Int, clock: Clock) throws -> VerificationModel {
    let began = clock().milliseconds
    let head = head()
    let first = head.frames >= UInt64(count) ? head.frames - UInt64(count) + 1 : 1
    var facts = 0
    var frames = 0
    var fault: String?
    var previous: Journal.Digest?
    let digester = Digester(head.algorithm)
    try clerk.store.read(from: first) { place, bytes in
      guard place.sequence <= head.frames else { return false }
      do throws(FrameFault) {
        let view = try FrameView(bytes)
        try view.verify(digester)
        if let previous, view.header.previous != previous {
          throw FrameFault("does not name the hash of the frame before it")
        }
        previous = view.hash(digester)
        frames += 1
        facts += Int(view.header.factCount)
        return true
      } catch {
        fault = "frame \(place.sequence) \(error)"
        return false
      }
    }
    if fault == nil, let previous, previous != clerk.ask({ $0.log.leaf(Int(head.frames) - 1) }) {
      fault = "frame \(head.frames) is not the one in the log"
    }
    return VerificationModel(
      frames: frames, facts: facts, milliseconds: Int(clock().milliseconds - began), fault: fault)
  }
}

extension Record {
  var verdict: Verdict {
    var verdict = Verdict()
    verdict.outcome = outcome
    verdict.reason = reason
    verdict.points = points
    verdict.grams = grams
    return verdict
  }
}
