// SPDX-License-Identifier: Apache-2.0
// Two facts are hot and binary (a first report may enrol a million people in a minute):
//
//   kind 2, version 1: enrolled       kind 3, version 1: linked     kind 4, version 1: unlinked
//   offset size
//        0    8  fact header; its detail: 0
//        8    4  alias, 0 for an account opened without a partner
//       12    4  citizen
//
// The others are readable JSON of kind 65, version 1:
//
//   {"partner":{"code":"tianfutong",…},"number":1}
//   {"citizen":17,"frozen":true,"reason":"…"}

import Journal
import Units

package enum Fact: Sendable {
  package static let readableKind: UInt8 = 65
  package static let enrolledKind: UInt8 = 2
  package static let linkedKind: UInt8 = 3
  package static let unlinkedKind: UInt8 = 4
  static let length = 16

  case partner(PartnerID, Partner)
  case enrolled(CitizenID, AliasID)
  case linked(AliasID, CitizenID)
  case unlinked(AliasID, CitizenID)
  case marked(CitizenID, frozen: Bool, reason: String)

  /// Writes a binary fact; answers false for those that are JSON.
  package func store(to writer: FrameWriter) -> Bool {
    switch self {
    case .enrolled(let citizen, let alias): Fact.store(Fact.enrolledKind, alias, citizen, writer)
    case .linked(let alias, let citizen): Fact.store(Fact.linkedKind, alias, citizen, writer)
    case .unlinked(let alias, let citizen): Fact.store(Fact.unlinkedKind, alias, citizen, writer)
    case .partner, .marked: return false
    }
    return true
  }

  static func store(
    _ kind: UInt8, _ alias: AliasID, _ citizen: CitizenID, _ writer: FrameWriter
  ) {
    let place = writer.fact(length: length)
    FactHeader(kind: kind, version: 1, detail: 0, length: UInt32(length)).store(to: place)
    place.storeBytes(of: alias.raw.littleEndian, toByteOffset: 8, as: UInt32.self)
    place.storeBytes(of: citizen.raw.littleEndian, toByteOffset: 12, as: UInt32.self)
  }

  /// Reads a binary fact.
  package init(reading fact: UnsafeRawBufferPointer) throws(FrameFault) {
    guard fact.count == Fact.length, let place = fact.baseAddress,
      FactHeader(place).version == 1
    else { throw FrameFault("holds a membership fact in a layout this program does not know") }
    let alias = AliasID(
      UInt32(littleEndian: place.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
    let citizen = CitizenID(
      UInt32(littleEndian: place.loadUnaligned(fromByteOffset: 12, as: UInt32.self)))
    switch FactHeader(place).kind {
    case Fact.enrolledKind: self = .enrolled(citizen, alias)
    case Fact.linkedKind: self = .linked(alias, citizen)
    case Fact.unlinkedKind: self = .unlinked(alias, citizen)
    default: throw FrameFault("holds a membership fact of an unknown kind")
    }
  }
}

/// The readable facts' JSON.
package struct FactRow: Codable, Sendable {
  var partner: Partner?
  var number: UInt16?
  var citizen: UInt32?
  var frozen: Bool?
  var reason: String?

  package init?(_ fact: Fact) {
    switch fact {
    case .partner(let id, let partner):
      self.partner = partner
      number = id.raw
    case .marked(let citizen, let frozen, let reason):
      self.citizen = citizen.raw
      self.frozen = frozen
      self.reason = reason
    case .enrolled, .linked, .unlinked: return nil
    }
  }

  package var fact: Fact? {
    if let partner, let number { return .partner(PartnerID(number), partner) }
    guard let citizen, let frozen else { return nil }
    return .marked(CitizenID(citizen), frozen: frozen, reason: reason ?? "")
  }
}
