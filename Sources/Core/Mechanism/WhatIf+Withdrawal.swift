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

/// The draft's facts of events that are going to be withdrawn, by the first half of the event's
/// digest.
struct DraftRecalls {
  var wanted: Set<UInt64> = []
  private var facts: [UInt64: [(FactNumber, Record)]] = [:]

  /// Keeps what the draft has just written of a wanted event.
  mutating func keep(_ number: FactNumber, _ record: Record) {
    guard !wanted.isEmpty, wanted.contains(record.report.id.0) else { return }
    facts[record.report.id.0, default: []].append((number, record))
  }

  /// The same withdrawal under the draft; nil where the draft has no such scene.
  func recall(_ withdrawal: Withdrawal) throws(FrameFault) -> Recall? {
    guard wanted.contains(withdrawal.id.0) else {
      throw FrameFault("withdraws an event that `expect` was not told of: read the journal twice")
    }
    guard let kept = facts[withdrawal.id.0] else { return nil }
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
        if let withdrawal = row.withdrawal { recalled.wanted.insert(withdrawal.id.0) }
      }
      at += Int(header.length)
    }
  }

  /// Takes an event back under the draft, and out of both sides' sums.
  mutating func withdraw(_ row: WithdrawalRow, _ time: Instant) throws(FrameFault) {
    guard let withdrawal = row.withdrawal else { return }
    if withdrawal.outcome == .accepted { before.remove(Record(credited: withdrawal), zone: zone) }
    guard let recall = try recalled.recall(withdrawal) else { return }
    if let record = recall.facts.last?.1 { after.remove(record, zone: zone) }
    _ = state.perform(.withdraw([recall]), now: time, writer: writer)
  }
}

extension Record {
  /// What a withdrawal says that was credited.
  fileprivate init(credited withdrawal: Withdrawal) {
    self.init()
    outcome = .accepted
    grams = withdrawal.grams
    points = withdrawal.points
    report.citizen = withdrawal.citizen
    report.scene = withdrawal.scene
    report.partner = withdrawal.partner
    report.ended = withdrawal.ended
  }
}
