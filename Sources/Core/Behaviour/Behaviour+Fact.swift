// SPDX-License-Identifier: Apache-2.0
// A report as a fact: kind 1, version 1, little-endian.
//
//   offset size
//        0    8  fact header; its detail: outcome in the low byte, reason in the high byte
//        8    2  scene
//       10    2  rule, its index within the scene in the pack in force
//       12    2  partner
//       14    1  origin: 0 reported, 1 was waiting, 2 was quarantined
//       15    1  number of values, 0 to 4; in the upper four bits which slots were filled
//       16    4  alias
//       20    4  citizen, 0 while waiting
//       24   16  keyed digest of source and id
//       40    8  when the behaviour ended, milliseconds since 1970 UTC
//       48    8  keyed digest of the vehicle, 0 for none
//       56    8  grams
//       64    4  points
//       68    4  points before caps
//       72    8  the citizen's fact before this one, 0 for none
//       80    8  origin 1, 2: the fact that was waiting or quarantined; origin 0: the event's place
//                in its batch, from 0
//       88  8·n  measured values in millionths, by slot

import Journal
import Units

/// A report's fact, decoded.
package struct Record: BitwiseCopyable, Sendable {
  package static let kind: UInt8 = 1
  package static let version: UInt8 = 1
  static let fixed = 88

  package enum Origin: UInt8, BitwiseCopyable, Sendable { case reported, waited, quarantined }

  package var report = Report()
  package var outcome = Outcome.refused
  package var reason = Reason.none
  package var rule: UInt16 = 0
  package var origin = Origin.reported
  package var valueCount: UInt8 = 0
  package var grams: Int64 = 0
  package var points: Int32 = 0
  package var pointsBeforeCaps: Int32 = 0
  package var previous = FactNumber(0)
  package var originFact = FactNumber(0)

  package init() {}

  var length: Int { Record.fixed + Int(valueCount) * 8 }

  @inline(__always) func store(to place: UnsafeMutableRawPointer) {
    FactHeader(
      kind: Record.kind, version: Record.version,
      detail: UInt16(outcome.rawValue) | UInt16(reason.rawValue) << 8, length: UInt32(length)
    ).store(to: place)
    place.storeBytes(of: report.scene.raw.littleEndian, toByteOffset: 8, as: UInt16.self)
    place.storeBytes(of: rule.littleEndian, toByteOffset: 10, as: UInt16.self)
    place.storeBytes(of: report.partner.raw.littleEndian, toByteOffset: 12, as: UInt16.self)
    place.storeBytes(of: origin.rawValue, toByteOffset: 14, as: UInt8.self)
    place.storeBytes(of: valueCount | report.present << 4, toByteOffset: 15, as: UInt8.self)
    place.storeBytes(of: report.alias.raw.littleEndian, toByteOffset: 16, as: UInt32.self)
    place.storeBytes(of: report.citizen.raw.littleEndian, toByteOffset: 20, as: UInt32.self)
    place.storeBytes(of: report.id.0.littleEndian, toByteOffset: 24, as: UInt64.self)
    place.storeBytes(of: report.id.1.littleEndian, toByteOffset: 32, as: UInt64.self)
    place.storeBytes(of: report.ended.littleEndian, toByteOffset: 40, as: Int64.self)
    place.storeBytes(of: report.vehicle.littleEndian, toByteOffset: 48, as: UInt64.self)
    place.storeBytes(of: grams.littleEndian, toByteOffset: 56, as: Int64.self)
    place.storeBytes(of: points.littleEndian, toByteOffset: 64, as: Int32.self)
    place.storeBytes(of: pointsBeforeCaps.littleEndian, toByteOffset: 68, as: Int32.self)
    place.storeBytes(of: previous.raw.littleEndian, toByteOffset: 72, as: UInt64.self)
    place.storeBytes(of: originFact.raw.littleEndian, toByteOffset: 80, as: UInt64.self)
    if valueCount > 0 {
      place.storeBytes(of: report.values.0.littleEndian, toByteOffset: 88, as: Int64.self)
    }
    if valueCount > 1 {
      place.storeBytes(of: report.values.1.littleEndian, toByteOffset: 96, as: Int64.self)
    }
    if valueCount > 2 {
      place.storeBytes(of: report.values.2.littleEndian, toByteOffset: 104, as: Int64.self)
    }
    if valueCount > 3 {
      place.storeBytes(of: report.values.3.littleEndian, toByteOffset: 112, as: Int64.self)
    }
  }

  /// Reads a fact of kind 1; throws what is wrong with it.
  @inline(__always) package init(reading fact: UnsafeRawBufferPointer) throws(FrameFault) {
    guard fact.count >= Record.fixed else { throw FrameFault("holds a report that is cut short") }
    let place = fact.baseAddress!
    let header = FactHeader(place)
    guard header.kind == Record.kind, header.version == Record.version,
      let outcome = Outcome(rawValue: UInt8(header.detail & 0xff)),
      let reason = Reason(rawValue: UInt8(header.detail >> 8)),
      let origin = Origin(rawValue: place.load(fromByteOffset: 14, as: UInt8.self))
    else { throw FrameFault("holds a report in a layout this program does not know") }
    func word<T: FixedWidthInteger>(_ offset: Int, _ type: T.Type = T.self) -> T {
      T(littleEndian: place.loadUnaligned(fromByteOffset: offset, as: T.self))
    }
    self.outcome = outcome
    self.reason = reason
    self.origin = origin
    let counts = place.load(fromByteOffset: 15, as: UInt8.self)
    valueCount = counts & 15
    guard valueCount <= 4, fact.count == Record.fixed + Int(valueCount) * 8 else {
      throw FrameFault("holds a report with a wrong number of values")
    }
    report.present = counts >> 4
    report.scene = SceneID(word(8))
    rule = word(10)
    report.partner = PartnerID(word(12))
    report.alias = AliasID(word(16))
    report.citizen = CitizenID(word(20))
    report.id = (word(24), word(32))
    report.ended = word(40)
    report.vehicle = word(48)
    grams = word(56)
    points = word(64)
    pointsBeforeCaps = word(68)
    previous = FactNumber(word(72))
    originFact = FactNumber(word(80))
    if valueCount > 0 { report.values.0 = word(88) }
    if valueCount > 1 { report.values.1 = word(96) }
    if valueCount > 2 { report.values.2 = word(104) }
    if valueCount > 3 { report.values.3 = word(112) }
  }
}

extension Report {
  /// The id's key in the table of seen ids.
  var key: UInt64 { id.0 == 0 ? 1 : id.0 }

  /// A check of everything the partner said besides the id, so that the same id with other content
  /// is told from the same event sent twice.
  var content: UInt32 {
    // Four products that do not wait for each other; each field has its own constant, so that no
    // two can change places.
    let times = folded(
      UInt64(bitPattern: ended) ^ 0x9e37_79b9_7f4a_7c15, id.1 ^ 0xbf58_476d_1ce4_e5b9)
    let first = folded(
      UInt64(bitPattern: values.0) ^ 0x94d0_49bb_1331_11eb,
      UInt64(bitPattern: values.1) ^ 0xd6e8_feb8_6659_fd93)
    let second = folded(
      UInt64(bitPattern: values.2) ^ 0xa5a3_564e_27f1_b0c5,
      UInt64(bitPattern: values.3) ^ 0xc2b2_ae3d_27d4_eb4f)
    let parties = UInt64(alias.raw) << 32 | UInt64(scene.raw) << 16 | UInt64(partner.raw)
    let who = folded(vehicle ^ 0x8ebc_6af0_9c88_c6e3, parties ^ 0x5895_65bd_1d8c_4f4d)
    return UInt32(
      truncatingIfNeeded: folded(times ^ first, second &+ who ^ 0x1656_67b1_9e37_79f9) >> 32)
  }
}

/// Both halves of a product, one over the other.
@inline(__always) private func folded(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let product = a.multipliedFullWidth(by: b)
  return product.high ^ product.low
}
