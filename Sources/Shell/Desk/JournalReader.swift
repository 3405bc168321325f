// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Journal
import Units

/// Single facts out of a journal. Keeps the frame it read last, because facts that are asked for
/// together mostly lie together. One per thread.
package final class JournalReader {
  private let store: any JournalStore
  private var place: FramePlace?
  private var bytes: [UInt8] = []

  package init(store: any JournalStore) { self.store = store }

  /// A report's fact and when it was written; nil where the fact is none or of another kind.
  package func record(_ fact: FactNumber) throws -> (Record, Instant)? {
    try self.fact(fact) { bytes, time in
      FactHeader(bytes.baseAddress!).kind == Record.kind ? (try Record(reading: bytes), time) : nil
    } ?? nil
  }

  /// Hands over one fact's bytes; nil beyond the end of the journal.
  package func fact<T>(
    _ fact: FactNumber, _ body: (UnsafeRawBufferPointer, Instant) throws -> T
  ) throws -> T? {
    guard try load(fact) else { return nil }
    return try bytes.withUnsafeBytes { bytes in
      let frame = try FrameView(bytes)
      guard let found = frame.fact(fact) else { return nil }
      return try body(found, frame.header.time)
    }
  }

  /// A citizen's facts, newest first, from `newest` on.
  package func history(
    from newest: FactNumber, limit: Int
  ) throws -> [(number: FactNumber, record: Record, time: Instant)] {
    var rows: [(number: FactNumber, record: Record, time: Instant)] = []
    var at = newest
    while !at.isNone, rows.count < limit, let (record, time) = try record(at) {
      rows.append((at, record, time))
      at = record.previous
    }
    return rows
  }

  private func load(_ fact: FactNumber) throws -> Bool {
    if let place, fact >= place.firstFact,
      fact.raw < place.firstFact.raw + UInt64(place.factCount)
    {
      return true
    }
    guard let found = try store.place(of: fact) else { return false }
    try store.read(from: found.sequence) { place, bytes in
      self.bytes = Array(bytes)
      self.place = place
      return false
    }
    return true
  }
}
