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

  static func length(_ valueCount: UInt8) -> Int { fixed + Int(valueCount) * 8 }

  /// Writes a decided report's fact straight from what was reported and what was decided.
  @inline(__always) static func store(
    _ report: UnsafePointer<Report>, _ verdict: UnsafePointer<Verdict>, valueCount: UInt8,
    origin: Origin, previous: FactNumber, originFact: FactNumber, to place: UnsafeMutableRawPointer
  ) {
    FactHeader(
      kind: kind, version: version,
      detail: UInt16(verdict.pointee.outcome.rawValue)
        | UInt16(verdict.pointee.reason.rawValue) << 8, length: UInt32(length(valueCount))
    ).store(to: place)
    func put<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, _ offset: Int) {
      place.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
    }
    put(report.pointee.scene.raw, 8)
    put(verdict.pointee.rule, 10)
    put(report.pointee.partner.raw, 12)
    put(origin.rawValue, 14)
    put(valueCount | report.pointee.present << 4, 15)
    put(report.pointee.alias.raw, 16)
    put(report.pointee.citizen.raw, 20)
    put(report.pointee.id.0, 24)
    put(report.pointee.id.1, 32)
    put(report.pointee.ended, 40)
    put(report.pointee.vehicle, 48)
    put(verdict.pointee.grams, 56)
    put(verdict.pointee.points, 64)
    put(verdict.pointee.pointsBeforeCaps, 68)
    put(previous.raw, 72)
    put(originFact.raw, 80)
    if valueCount > 0 { put(report.pointee.values.0, 88) }
    if valueCount > 1 { put(report.pointee.values.1, 96) }
    if valueCount > 2 { put(report.pointee.values.2, 104) }
    if valueCount > 3 { put(report.pointee.values.3, 112) }
  }

  /// Reads a fact of kind 1; throws what is wrong with it.
  package init(reading fact: UnsafeRawBufferPointer) throws(FrameFault) {
    self.init(try RecordView(reading: fact))
  }

  package init(_ view: RecordView) {
    outcome = view.outcome
    reason = view.reason
    origin = view.origin
    valueCount = UInt8(view.valueCount)
    report.present = view.present
    report.scene = view.scene
    rule = view.rule
    report.partner = view.partner
    report.alias = view.alias
    report.citizen = view.citizen
    report.id = view.id
    report.ended = view.ended
    report.vehicle = view.vehicle
    grams = view.grams
    points = view.points
    pointsBeforeCaps = view.pointsBeforeCaps
    previous = view.previous
    originFact = view.originFact
    report.values = (view.value(0), view.value(1), view.value(2), view.value(3))
  }

  /// What was credited, or nil where nothing was.
  package var award: Award? {
    outcome == .accepted
      ? Award(citizen: report.citizen, scene: report.scene, points: points, grams: grams) : nil
  }
}

extension Report {
  /// The id's key in the table of seen ids.
  var key: UInt64 { id.0 == 0 ? 1 : id.0 }

  /// A check of everything the partner said besides the id, so that the same id with other content
  /// is told from the same event sent twice.
  var content: UInt32 {
    contentCheck(
      ended: ended, id: id.1, vehicle: vehicle, values: values, alias: alias, scene: scene,
      partner: partner)
  }
}

/// Four products that do not wait for each other; each field has its own constant, so that no two
/// can change places.
@inline(__always) func contentCheck(
  ended: Int64, id: UInt64, vehicle: UInt64, values: (Int64, Int64, Int64, Int64), alias: AliasID,
  scene: SceneID, partner: PartnerID
) -> UInt32 {
  let times = folded(
    UInt64(bitPattern: ended) ^ 0x9e37_79b9_7f4a_7c15, id ^ 0xbf58_476d_1ce4_e5b9)
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

/// Both halves of a product, one over the other.
@inline(__always) private func folded(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let product = a.multipliedFullWidth(by: b)
  return product.high ^ product.low
}
