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
  func frame(_ sequence: UInt64) throws -> [UInt8]? {
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

  /// A report's fact, or its withdrawal, with its scene as it was when it was decided; nil for
  /// other facts.
  func entry(_ number: FactNumber) throws -> Entry? {
    guard let (bytes, time) = try fact(number) else { return nil }
    if bytes.first == WithdrawalRow.kind { return withdrawalEntry(number, bytes, time) }
    guard bytes.first == Record.kind else { return nil }
    let record = try bytes.withUnsafeBytes { try Record(reading: $0) }
    return clerk.read { Office.entry(number, record, time, $0) }
  }

  static func entry(
    _ number: FactNumber, _ record: Record, _ time: Instant, _ state: borrowing Mechanism.State
  ) -> Entry {
    var entry = Entry(
      number: number, record: record,
      scene: state.adoption(at: number)?.hot.scene(record.report.scene),
      partner: state.membership.partner(record.report.partner)?.name ?? "", recorded: time)
    entry.recall = EntryRecall(of: number, state)
    return entry
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
    let last = try before.map { $0 == 0 ? 0 : $0 - 1 } ?? clerk.store.last()?.sequence ?? 0
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

  /// The last head that was signed and kept; nil where none was yet.
  func lastSigned() throws -> SignedHead? { try heads.read().last }
}
