// SPDX-License-Identifier: Apache-2.0
import Behaviour
import FoundationEssentials
import Governance
import Journal
import Ledger
import Membership
import Policy
import Recognition
import Rewards
import Units

extension State {
  /// Notes that the facts written since the last frame are one frame.
  package mutating func sealed(sequence: UInt64, time: Instant) {
    ledger.close(day(of: time).civil.year)
    lastSequence = sequence
    lastTime = time
  }

  /// Takes over a frame of the journal.
  package mutating func apply(_ frame: FrameView) throws(FrameFault) {
    let header = frame.header
    guard header.sequence == lastSequence + 1, header.firstFact == nextFact else {
      throw FrameFault("does not follow what was replayed before it")
    }
    ledger.begin(day(of: header.time))
    awards.removeAll()
    var walk = Walk(frame)
    while walk.at < walk.end {
      if walk.header.kind == Record.kind {
        guard let hot else { throw FrameFault("reports behaviour before a pack was adopted") }
        try apply(reports: &walk, hot)
      } else {
        try apply(walk.fact, nextFact, time: header.time)
        nextFact = FactNumber(nextFact.raw + 1)
        walk.go()
      }
    }
    postAwards()
    sealed(sequence: header.sequence, time: header.time)
  }

  /// All reports up to the next fact of another kind.
  private mutating func apply(reports walk: inout Walk, _ hot: HotRules) throws(FrameFault) {
    while walk.at < walk.end, walk.header.kind == Record.kind {
      // Eight at a time: the processor looks up several pages at once.
      if walk.reports & 7 == 0 {
        for _ in 0..<(walk.reports == 0 ? 24 : 8) {
          if let fact = walk.scoutFar() { behaviour.prefetchFar(fact: fact) }
        }
        for _ in 0..<(walk.reports == 0 ? 16 : 8) {
          if let fact = walk.scoutNear() { behaviour.prefetchNear(fact: fact) }
        }
      }
      let view = try RecordView(reading: walk.fact)
      try check(view, hot)
      behaviour.apply(view, nextFact, hot)
      if let award = view.award { awards.append(award) }
      nextFact = FactNumber(nextFact.raw + 1)
      walk.go()
    }
  }

  /// A way through a frame's facts, and two scouts ahead of it: one for pages, one for places.
  private struct Walk {
    private let base: UnsafeRawPointer
    let end: Int
    private(set) var at = FrameHeader.size
    private(set) var reports = 0
    private var far = FrameHeader.size
    private var near = FrameHeader.size

    init(_ frame: FrameView) {
      base = frame.bytes.baseAddress!
      end = frame.factsEnd
    }

    @inline(__always) var header: FactHeader { FactHeader(base + at) }
    @inline(__always) var fact: UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(start: base + at, count: Int(header.length))
    }

    @inline(__always) mutating func go() {
      if header.kind == Record.kind { reports += 1 }
      at += Int(header.length)
    }

    @inline(__always) mutating func scoutFar() -> UnsafeRawPointer? { scout(&far) }
    @inline(__always) mutating func scoutNear() -> UnsafeRawPointer? { scout(&near) }

    /// Sends a scout one fact on; answers where it stood, if that was a report.
    @inline(__always) private func scout(_ place: inout Int) -> UnsafeRawPointer? {
      place = max(place, at)
      guard place < end else { return nil }
      let fact = base + place
      let header = FactHeader(fact)
      place += Int(header.length)
      return header.kind == Record.kind ? fact : nil
    }
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
      try check(row)
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
    case Rewards.Fact.mallKind, Rewards.Fact.orderKind:
      let row: Rewards.FactRow = try State.decode(fact)
      guard let fact = row.fact else { throw FrameFault("holds a mall's fact of no meaning") }
      try check(fact)
      rewards.apply(fact)
    case GroupFact.kind, GroupFact.closingKind: try apply(group: fact)
    case Recognition.Fact.beganKind, Recognition.Fact.stepKind, Recognition.Fact.reportKind:
      try apply(recognition: fact)
    case Governance.Fact.caseKind...Governance.Fact.runKind:
      let row: Governance.FactRow = try State.decode(fact)
      guard let fact = row.fact, fact.kind == kind else {
        throw FrameFault("holds a fact about a case or a letter of no meaning")
      }
      try check(fact)
      governance.apply(fact)
    case NoteRow.kind:
      let _: NoteRow = try State.decode(fact)
    case ProposalRow.kind, DecisionRow.kind, ExpiryRow.kind:
      try apply(policy: fact, kind, number, time: time)
    case WithdrawalRow.kind: try apply(withdrawal: State.decode(fact), number)
    case ReplacementRow.kind: try apply(replacement: State.decode(fact), number)
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
      if let proposal = row.proposal { proposals[proposal - 1].adopted = number.raw }
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
