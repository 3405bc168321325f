// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

/// A report's fact where it lies, read field by field and never copied.
///
/// The desk writes a fact and applies it from the frame; a replay applies it from the disk's bytes:
/// the same code on the same bytes, so that what is applied is what was written. Valid as long as
/// the frame's memory.
package struct RecordView: BitwiseCopyable {
  let place: UnsafeRawPointer

  /// A fact that this program has just written, or that `init(reading:)` has looked at.
  @inline(__always) init(_ place: UnsafeRawPointer) { self.place = place }

  /// Throws what is wrong with a fact of kind 1.
  @inline(__always) package init(reading fact: UnsafeRawBufferPointer) throws(FrameFault) {
    guard fact.count >= Record.fixed else { throw FrameFault("holds a report that is cut short") }
    place = fact.baseAddress!
    let header = FactHeader(place)
    guard header.kind == Record.kind, header.version == Record.version,
      let outcome = Outcome(rawValue: UInt8(header.detail & 0xff)), outcome != .duplicate,
      Reason(rawValue: UInt8(header.detail >> 8)) != nil,
      Record.Origin(rawValue: byte(14)) != nil
    else { throw FrameFault("holds a report in a layout this program does not know") }
    guard valueCount <= 4, fact.count == Record.fixed + valueCount * 8 else {
      throw FrameFault("holds a report with a wrong number of values")
    }
  }

  @inline(__always) private func byte(_ offset: Int) -> UInt8 {
    place.load(fromByteOffset: offset, as: UInt8.self)
  }
  @inline(__always) private func word<T: FixedWidthInteger & BitwiseCopyable>(
    _ offset: Int, _ type: T.Type = T.self
  ) -> T { T(littleEndian: place.loadUnaligned(fromByteOffset: offset, as: T.self)) }

  // Which outcomes, reasons and origins there are was looked at when the fact was read.
  @inline(__always) package var outcome: Outcome { Outcome(rawValue: byte(2)) ?? .refused }
  @inline(__always) package var reason: Reason { Reason(rawValue: byte(3)) ?? .none }
  @inline(__always) package var origin: Record.Origin {
    Record.Origin(rawValue: byte(14)) ?? .reported
  }
  @inline(__always) package var scene: SceneID { SceneID(word(8)) }
  @inline(__always) package var rule: UInt16 { word(10) }
  @inline(__always) package var partner: PartnerID { PartnerID(word(12)) }
  @inline(__always) package var valueCount: Int { Int(byte(15) & 15) }
  @inline(__always) package var present: UInt8 { byte(15) >> 4 }
  @inline(__always) package var alias: AliasID { AliasID(word(16)) }
  @inline(__always) package var citizen: CitizenID { CitizenID(word(20)) }
  @inline(__always) package var id: (UInt64, UInt64) { (word(24), word(32)) }
  @inline(__always) package var ended: Int64 { word(40) }
  @inline(__always) package var vehicle: UInt64 { word(48) }
  @inline(__always) package var grams: Int64 { word(56) }
  @inline(__always) package var points: Int32 { word(64) }
  @inline(__always) package var pointsBeforeCaps: Int32 { word(68) }
  @inline(__always) package var previous: FactNumber { FactNumber(word(72)) }
  @inline(__always) package var originFact: FactNumber { FactNumber(word(80)) }

  /// A measured value in millionths; zero for a slot that was not written.
  @inline(__always) package func value(_ slot: Int) -> Int64 {
    slot < valueCount ? word(Record.fixed + slot * 8) : 0
  }

  /// What was credited, or nil where nothing was.
  @inline(__always) package var award: Award? {
    outcome == .accepted
      ? Award(citizen: citizen, scene: scene, points: points, grams: grams) : nil
  }

  /// The event id's key in the table of seen ids.
  @inline(__always) var key: UInt64 { max(1, word(24)) }

  /// See `Report.content`.
  @inline(__always) var content: UInt32 {
    contentCheck(
      ended: ended, id: word(32), vehicle: vehicle,
      values: (value(0), value(1), value(2), value(3)),
      alias: alias, scene: scene, partner: partner)
  }

  /// Start and end in seconds since 2000.
  @inline(__always) func interval(_ scene: UnsafePointer<HotScene>) -> (UInt32, UInt32) {
    Activity.interval(ended: ended, duration: value(Int(scene.pointee.durationSlot)))
  }
}
