// SPDX-License-Identifier: Apache-2.0
// A batch as a fact: kind 5, version 1, little-endian; it follows the reports it counts.
//
//   offset size
//        0    8  fact header; its detail: 0
//        8    2  partner
//       10    2  zero
//       12    4  received
//       16    4  accepted
//       20    4  duplicates
//       24    4  waiting
//       28    4  quarantined
//       32    4  refused
//       36    4  how many of them are written: the facts of kind 1 just before this one
//       40    8  grams
//       48    8  points
//
// A batch of nothing but duplicates and malformed events leaves no trace.

import Journal
import Units

package struct BatchRecord: Sendable {
  package static let kind: UInt8 = 5
  static let length = 56

  package var partner: PartnerID
  package var summary: BatchSummary
  package var written: UInt32

  package init(partner: PartnerID, summary: BatchSummary, written: UInt32) {
    self.partner = partner
    self.summary = summary
    self.written = written
  }

  package func store(to writer: FrameWriter) {
    let place = writer.fact(length: BatchRecord.length)
    FactHeader(kind: BatchRecord.kind, version: 1, detail: 0, length: UInt32(BatchRecord.length))
      .store(to: place)
    place.storeBytes(of: UInt32(partner.raw).littleEndian, toByteOffset: 8, as: UInt32.self)
    // No array: a batch is to cost no allocation.
    func put(_ count: Int, _ offset: Int) {
      place.storeBytes(of: UInt32(count).littleEndian, toByteOffset: offset, as: UInt32.self)
    }
    put(summary.received, 12)
    put(summary.accepted, 16)
    put(summary.duplicates, 20)
    put(summary.waiting, 24)
    put(summary.quarantined, 28)
    put(summary.refused, 32)
    put(Int(written), 36)
    place.storeBytes(of: summary.grams.count.littleEndian, toByteOffset: 40, as: Int64.self)
    place.storeBytes(of: summary.points.count.littleEndian, toByteOffset: 48, as: Int64.self)
  }

  package init(reading fact: UnsafeRawBufferPointer) throws(FrameFault) {
    guard fact.count == BatchRecord.length, FactHeader(fact.baseAddress!).version == 1 else {
      throw FrameFault("holds a batch in a layout this program does not know")
    }
    var reader = ByteReader(fact)
    _ = reader.take(8)
    partner = PartnerID(reader.next())
    _ = reader.next(UInt16.self)
    var sum = BatchSummary()
    sum.received = Int(reader.next(UInt32.self))
    sum.accepted = Int(reader.next(UInt32.self))
    sum.duplicates = Int(reader.next(UInt32.self))
    sum.waiting = Int(reader.next(UInt32.self))
    sum.quarantined = Int(reader.next(UInt32.self))
    sum.refused = Int(reader.next(UInt32.self))
    written = reader.next()
    sum.grams = Grams(reader.next())
    sum.points = Points(reader.next())
    summary = sum
  }
}
