// SPDX-License-Identifier: Apache-2.0
import CSodium
import Units

/// What the journal knows of an event's id and of a vehicle: keyed digests, so that an order number
/// or a number plate is found again by whoever has it, and read out of the journal by nobody.
package struct EventDigests: Sendable {
  private let events: SubjectHash
  private let vehicles: SubjectHash

  init(_ secret: [UInt8], mechanism: String) {
    events = SubjectHash(secret, "events/\(mechanism)")
    vehicles = SubjectHash(secret, "vehicles/\(mechanism)")
  }

  /// An event is named by its partner, its source and its id; `room` is memory for at least 2 +
  /// both.
  @inline(__always)
  package func event(
    partner: PartnerID, source: UnsafeRawBufferPointer, id: UnsafeRawBufferPointer,
    room: UnsafeMutableRawPointer
  ) -> (UInt64, UInt64) {
    room.storeBytes(of: partner.raw.littleEndian, as: UInt16.self)
    room.storeBytes(of: UInt16(source.count).littleEndian, toByteOffset: 2, as: UInt16.self)
    if let start = source.baseAddress {
      (room + 4).copyMemory(from: start, byteCount: source.count)
    }
    if let start = id.baseAddress {
      (room + 4 + source.count).copyMemory(from: start, byteCount: id.count)
    }
    return events.digest(
      UnsafeRawBufferPointer(start: room, count: 4 + source.count + id.count)
    ).words
  }

  /// Zero means no vehicle, and is no vehicle's digest.
  package func vehicle(_ name: UnsafeRawBufferPointer) -> UInt64 {
    max(1, vehicles.digest(name).words.0)
  }
}

extension Vault {
  package func eventDigests(of mechanism: String) -> EventDigests {
    EventDigests(secrets.aliasIndex, mechanism: mechanism)
  }
}
