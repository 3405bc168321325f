// SPDX-License-Identifier: Apache-2.0
// Withdrawals under a draft. What is taken back is what the draft had given, not what the journal
// says was given, so the draft's own facts of an event must be at hand when its withdrawal comes.
//
//   first reading ──kind 75──▶ which events will be withdrawn     `expect`, frame by frame
//   second reading ──▶ the draft's facts of those, and of no others, are kept
//
// Who leaves out the first reading is told so by the first withdrawal.

import Behaviour
import Journal
import Units

/// The draft's facts of events that are going to be withdrawn.
struct DraftRecalls {
  /// By the journal's first fact of an event.
  var wanted: Set<FactNumber> = []
  private var facts: [FactNumber: [(FactNumber, Record)]] = [:]
  /// By the draft's fact: the journal's first one.
  private var owners: [FactNumber: FactNumber] = [:]

  /// Keeps what the draft has just written of wanted events; `numbers`: the journal's facts of the
  /// batch, by place; `next`: the draft's next fact.
  mutating func follow(_ writer: FrameWriter, _ next: FactNumber, _ numbers: [FactNumber]) {
    guard !wanted.isEmpty, writer.factCount > 0 else { return }
    var number = next.raw - UInt64(writer.factCount)
    var at = FrameHeader.size
    let bytes = writer.buffer.bytes
    for _ in 0..<writer.factCount {
      let length = Int(FactHeader(bytes.baseAddress! + at).length)
      let fact = UnsafeRawBufferPointer(rebasing: bytes[at..<(at + length)])
      if let record = try? Record(reading: fact) {
        keep(FactNumber(number), record, numbers)
      }
      at += length
      number += 1
    }
  }

  private mutating func keep(
    _ number: FactNumber, _ record: Record, _ numbers: [FactNumber]
  ) {
    let place = Int(truncatingIfNeeded: record.originFact.raw)
    let owner =
      record.origin == .reported
      ? (numbers.indices.contains(place) ? numbers[place] : nil) : owners[record.originFact]
    guard let owner, wanted.contains(owner) else { return }
    owners[number] = owner
    facts[owner, default: []].append((number, record))
  }

  /// The same withdrawal under the draft; nil where the draft has no such scene.
  func recall(_ row: WithdrawalRow) throws(FrameFault) -> Recall? {
    guard let withdrawal = row.withdrawal, wanted.contains(withdrawal.first) else {
      throw FrameFault("withdraws an event that `expect` was not told of: read the journal twice")
    }
    guard let kept = facts[withdrawal.first] else { return nil }
    return Recall(id: withdrawal.id, facts: kept, grounds: withdrawal.grounds)
  }
}

extension WhatIf {
  /// The first reading: notes which events a frame withdraws.
  package mutating func expect(_ frame: FrameView) throws(FrameFault) {
    var at = FrameHeader.size
    while at < frame.factsEnd {
      let header = FactHeader(frame.bytes.baseAddress! + at)
      if header.kind == WithdrawalRow.kind {
        let row: WithdrawalRow = try State.decode(
          UnsafeRawBufferPointer(rebasing: frame.bytes[at..<(at + Int(header.length))]))
        recalled.wanted.insert(FactNumber(row.fact))
      }
      at += Int(header.length)
    }
  }
}
