// SPDX-License-Identifier: Apache-2.0
import Behaviour
import FoundationEssentials
import Journal
import Ledger
import Membership
import Policy
import Units

extension State {
  /// Notes that the facts written since the last frame are one frame.
  package mutating func sealed(sequence: UInt64, time: Instant) {
    lastSequence = sequence
    lastTime = time
  }

  /// Takes over a frame of the journal.
  package mutating func apply(_ frame: FrameView) throws(FrameFault) {
    let header = frame.header
    guard header.sequence == lastSequence + 1, header.firstFact == nextFact else {
      throw FrameFault("does not follow what was replayed before it")
    }
    awards.removeAll(keepingCapacity: true)
    var at = FrameHeader.size
    var far = at
    var near = at
    let end = frame.factsEnd
    let base = frame.bytes.baseAddress!
    for _ in 0..<16 { far = prefetchFar(base, far, end) }
    for _ in 0..<8 { near = prefetchNear(base, near, end) }
    var step = 0
    var hot = hot
    while at < end {
      // Eight at a time: the processor looks up several pages at once.
      if step & 7 == 0 {
        for _ in 0..<8 { far = prefetchFar(base, far, end) }
        for _ in 0..<8 { near = prefetchNear(base, near, end) }
      }
      step += 1
      let length = Int(FactHeader(base + at).length)
      let fact = UnsafeRawBufferPointer(start: base + at, count: length)
      if FactHeader(base + at).kind == Record.kind {
        guard let hot else { throw FrameFault("reports behaviour before a pack was adopted") }
        try apply(report: fact, nextFact, hot)
      } else {
        try apply(fact, nextFact, time: header.time)
        hot = self.hot
      }
      nextFact = FactNumber(nextFact.raw + 1)
      at += length
    }
    postAwards()
    sealed(sequence: header.sequence, time: header.time)
  }

  @inline(__always) private func prefetchFar(
    _ base: UnsafeRawPointer, _ at: Int, _ end: Int
  ) -> Int {
    guard at < end else { return at }
    let header = FactHeader(base + at)
    if header.kind == Record.kind { behaviour.prefetchFar(fact: base + at) }
    return at + Int(header.length)
  }

  @inline(__always) private func prefetchNear(
    _ base: UnsafeRawPointer, _ at: Int, _ end: Int
  ) -> Int {
    guard at < end else { return at }
    let header = FactHeader(base + at)
    if header.kind == Record.kind { behaviour.prefetchNear(fact: base + at) }
    return at + Int(header.length)
  }

  @inline(__always) private mutating func apply(
    report fact: UnsafeRawBufferPointer, _ number: FactNumber, _ hot: HotRules
  ) throws(FrameFault) {
    let record = try Record(reading: fact)
    try check(record, hot)
    behaviour.apply(record, number, hot)
    if let award = record.award { awards.append(award) }
  }

  private mutating func apply(
    _ fact: UnsafeRawBufferPointer, _ number: FactNumber, time: Instant
  ) throws(FrameFault) {
    let kind = FactHeader(fact.baseAddress!).kind
    switch kind {
    case Membership.Fact.enrolledKind, Membership.Fact.linkedKind, Membership.Fact.unlinkedKind:
      let fact = try Membership.Fact(reading: fact)
      try check(fact)
      apply(fact)
    case BatchRecord.kind: _ = try BatchRecord(reading: fact)
    case AdoptionRow.kind:
      let row: AdoptionRow = try State.decode(fact)
      try State.check(row)
      apply(adoption: row, number: number, time: time)
    case Membership.Fact.readableKind:
      let row: Membership.FactRow = try State.decode(fact)
      guard let fact = row.fact else { throw FrameFault("holds a membership fact of no meaning") }
      try check(fact)
      apply(fact)
    case Ledger.Fact.kind:
      let row: Ledger.FactRow = try State.decode(fact)
      guard let fact = row.fact else { throw FrameFault("holds a ledger fact of no meaning") }
      try check(fact)
      ledger.apply(fact)
    case NoteRow.kind:
      let _: NoteRow = try State.decode(fact)
    default:
      throw FrameFault(
        "holds a fact of kind \(kind), which this program does not know: use a newer")
    }
  }

  mutating func apply(_ fact: Membership.Fact) {
    membership.apply(fact)
    if case .partner = fact { renewGrants() }
  }

  mutating func apply(adoption row: AdoptionRow, number: FactNumber, time: Instant) {
    let files = row.packFiles
    let numbers = row.scenes.mapValues { SceneID($0) }
    switch Pack.parse(files: files, registry: numbers) {
    case .failure(let problems):
      preconditionFailure("an adopted pack does not read any more: \(problems)")
    case .success(let pack):
      sceneNumbers = numbers
      adoptions.append(
        Adoption(
          fact: number, time: time, pack: pack, hot: HotRules(pack.behaviour), files: files))
      renewGrants()
    }
  }

  static func decode<Row: Decodable>(
    _ fact: UnsafeRawBufferPointer
  ) throws(FrameFault) -> Row {
    let json = Data(fact.dropFirst(FactHeader.size))
    do {
      return try JSONDecoder().decode(Row.self, from: json)
    } catch {
      throw FrameFault("holds a readable fact that does not read: \(error)")
    }
  }
}
