// SPDX-License-Identifier: Apache-2.0
// WHAT IF. Everything that was ever reported, decided again under a draft pack.
//
//   journal ──reports as they came, links, staff's decisions──▶ a second state under the draft
//
// Every event that is withdrawn must be known beforehand: the journal is read twice, first by
// `expect` (WhatIf+Withdrawal).
//
// The real state is not touched. Reports keep the time at which they came in, so that "from the
// future" and dated rules mean what they meant then.

import Behaviour
import FoundationEssentials
import Journal
import Ledger
import Membership
import Policy
import Rewards
import Units

package struct WhatIf: ~Copyable {
  package internal(set) var state: State
  package private(set) var summary = BatchSummary()
  /// As it was, and as the draft has it.
  package internal(set) var before = WhatIfSide()
  package internal(set) var after = WhatIfSide()
  /// Reports read so far.
  package private(set) var reports: UInt64 = 0
  private let batch = ReportBatch(capacity: 4096)
  let writer = FrameWriter(.sha256)
  /// The pack under which the reports being read were made.
  private var made: Pack?
  /// Which event the journal held, by its fact; and the draft's fact that holds an event. An event
  /// may be held at its report, or later, when it no longer waits.
  private var heldEvents: [FactNumber: UInt64] = [:]
  private var held: [UInt64: FactNumber] = [:]
  private var registry: [String: SceneID] = [:]
  private let files: [Pack.File]
  var recalled = DraftRecalls()

  /// `files` is the draft; everything wrong with it is in the error.
  package init(code: String, draft files: [Pack.File], citizensMax: Int = 1 << 26) {
    state = State(code: code, citizensMax: citizensMax)
    self.files = files
  }

  /// Takes the next frame of the journal.
  package mutating func take(_ frame: FrameView) throws(FrameFault) {
    let time = frame.header.time
    batch.clear()
    var at = FrameHeader.size
    var number = frame.header.firstFact
    while at < frame.factsEnd {
      let header = FactHeader(frame.bytes.baseAddress! + at)
      let fact = UnsafeRawBufferPointer(
        rebasing: frame.bytes[at..<(at + Int(header.length))])
      if header.kind == Record.kind {
        let record = try Record(reading: fact)
        before.add(record, zone: zone)
        if record.outcome == .quarantined { heldEvents[number] = record.report.id.0 }
        if record.origin == .reported { add(record) }
      } else if header.kind == BatchRecord.kind {
        // A batch is decided by itself, as it was: its rides are put in order among themselves.
        try flush(time)
      } else {
        try flush(time)
        try take(fact, header.kind, number, time)
      }
      at += Int(header.length)
      number = FactNumber(number.raw + 1)
    }
    try flush(time)
    state.ledger.close(state.day(of: time).civil.year)
  }

  var zone: Int32 { state.hot?.rules.zone ?? 28_800 }

  private mutating func add(_ record: Record) {
    var report = record.report
    guard let old = made?.behaviour.scenes[Int(report.scene.raw) - 1],
      let new = state.scene(report.scene)
    else { return }
    if old.fields != new.fields {
      let values = [
        record.report.values.0, record.report.values.1, record.report.values.2,
        record.report.values.3,
      ]
      var moved: [Int64] = [0, 0, 0, 0]
      report.present = 0
      for (slot, field) in new.fields.enumerated() {
        guard let from = old.slot(of: field) else { continue }
        moved[slot] = values[from]
        report.present |= 1 << UInt8(slot)
      }
      report.values = (moved[0], moved[1], moved[2], moved[3])
    }
    batch.append(report)
    reports += 1
  }

  private mutating func flush(_ time: Instant) throws(FrameFault) {
    guard batch.count > 0 else { return }
    writer.begin()
    state.prepare(time)
    state.admit(batch, now: time, writer: writer)
    summary += batch.summary
    batch.clear()
    try takeBack()
  }

  /// Adds up what the draft decided, and remembers what it holds.
  private mutating func takeBack() throws(FrameFault) {
    var number = FactNumber(state.nextFact.raw - UInt64(writer.factCount))
    var at = FrameHeader.size
    let bytes = writer.buffer.bytes
    while at < bytes.count {
      let header = FactHeader(bytes.baseAddress! + at)
      let length = Int(header.length)
      if header.kind == Record.kind {
        let record = try Record(
          reading: UnsafeRawBufferPointer(rebasing: bytes[at..<(at + length)]))
        after.add(record, zone: zone)
        if record.outcome == .quarantined { held[record.report.id.0] = number }
        recalled.keep(number, record)
      }
      number = FactNumber(number.raw + 1)
      at += length
    }
  }

  private mutating func take(
    _ fact: UnsafeRawBufferPointer, _ kind: UInt8, _ number: FactNumber, _ time: Instant
  ) throws(FrameFault) {
    writer.begin()
    state.prepare(time)
    try redo(fact, kind, number, time)
    try takeBack()
  }

  private mutating func redo(
    _ fact: UnsafeRawBufferPointer, _ kind: UInt8, _ number: FactNumber, _ time: Instant
  ) throws(FrameFault) {
    switch kind {
    case AdoptionRow.kind:
      let row: AdoptionRow = try State.decode(fact)
      if case .success(let pack) = Pack.parse(
        files: row.packFiles, registry: row.scenes.mapValues { SceneID($0) })
      {
        made = pack
      }
      registry = row.scenes.mapValues { SceneID($0) }
      try adopt(number, time)
    case Membership.Fact.enrolledKind, Membership.Fact.linkedKind, Membership.Fact.unlinkedKind:
      let fact = try Membership.Fact(reading: fact)
      if case .linked(let alias, let citizen) = fact {
        _ = state.perform(.membership(.link(alias, citizen)), now: time, writer: writer)
      } else {
        state.apply(fact)
      }
    case Membership.Fact.readableKind:
      let row: Membership.FactRow = try State.decode(fact)
      if let fact = row.fact { state.apply(fact) }
    case Ledger.Fact.kind:
      let row: Ledger.FactRow = try State.decode(fact)
      if let fact = row.fact { state.ledger.apply(fact) }
    case Rewards.Fact.mallKind, Rewards.Fact.orderKind:
      let row: Rewards.FactRow = try State.decode(fact)
      if let fact = row.fact { state.rewards.apply(fact) }
    case WithdrawalRow.kind:
      try withdraw(State.decode(fact), time)
    case NoteRow.kind:
      let note: NoteRow = try State.decode(fact)
      guard let event = heldEvents[FactNumber(note.fact)], let mine = held[event] else { return }
      let command: Command =
        note.decision == "release"
        ? .release(mine, by: note.by, opinion: note.opinion)
        : .reject(mine, by: note.by, opinion: note.opinion)
      _ = state.perform(command, now: time, writer: writer)
    default: break
    }
  }

  /// The draft is in force from the first adoption on; scenes keep the journal's numbers.
  private mutating func adopt(_ number: FactNumber, _ time: Instant) throws(FrameFault) {
    switch Pack.parse(files: files, registry: registry) {
    case .failure(let faults): throw FrameFault("can't be tried under the draft: \(faults)")
    case .success(let pack):
      let row = AdoptionRow(
        version: pack.version, files: files, scenes: pack.registry.mapValues(\.raw))
      state.apply(adoption: row, number: state.nextFact, time: time)
    }
  }
}
