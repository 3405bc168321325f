// SPDX-License-Identifier: Apache-2.0
// ALIAS INDEX. From a subject's digest to its number, for millions, in memory.
//
//   slot (16 bytes) = digest bits 0…95 ‖ alias (32 bits; 0 free, all ones erased)
//   home slot = digest's first 64 bits × capacity / 2^64, then the next ones in turn
//
// The digest is keyed, so nobody can choose subjects that meet in one slot, nor two subjects of one
// digest: among 100 million subjects two share 96 bits with a chance of one in 10^13. The home slot
// keeps the digest's order, so growing walks both tables from front to back; therefore the table
// may grow by a quarter at a time, and an entry costs 19 to 24 bytes.
import CPlatform

struct AliasDigest: Hashable {
  var high: UInt64
  var low: UInt32
}

struct AliasIndex: ~Copyable {
  private struct Slot {
    var high: UInt64
    var low: UInt32
    var alias: UInt32
  }

  private var slots: UnsafeMutablePointer<Slot>
  private(set) var capacity: Int
  /// Slots that are not free, erased ones included.
  private var used = 0

  private static let erased = UInt32.max

  init(expecting count: Int) {
    capacity = max(1024, count + count / 4)
    slots = AliasIndex.allocate(capacity)
  }

  deinit { tph_unmap(slots, capacity * MemoryLayout<Slot>.stride) }

  func prefetch(_ digest: AliasDigest) { tph_prefetch(slots + home(digest)) }

  /// The alias, or 0.
  func find(_ digest: AliasDigest) -> UInt32 {
    var at = home(digest)
    while slots[at].alias != 0 {
      if slots[at].high == digest.high, slots[at].low == digest.low,
        slots[at].alias != AliasIndex.erased
      {
        return slots[at].alias
      }
      at = at + 1 == capacity ? 0 : at + 1
    }
    return 0
  }

  /// The digest must not be there yet.
  mutating func insert(_ digest: AliasDigest, _ alias: UInt32) {
    precondition(alias != 0 && alias != AliasIndex.erased, "an alias is numbered from 1 up")
    if used + used / 5 >= capacity { grow() }
    place(Slot(high: digest.high, low: digest.low, alias: alias))
    used += 1
  }

  mutating func erase(_ digest: AliasDigest) {
    var at = home(digest)
    while slots[at].alias != 0 {
      if slots[at].high == digest.high, slots[at].low == digest.low {
        slots[at] = Slot(high: 0, low: 0, alias: AliasIndex.erased)
        return
      }
      at = at + 1 == capacity ? 0 : at + 1
    }
  }

  private func home(_ digest: AliasDigest) -> Int {
    Int(digest.high.multipliedFullWidth(by: UInt64(capacity)).high)
  }

  private mutating func place(_ slot: Slot) {
    var at = home(AliasDigest(high: slot.high, low: slot.low))
    while slots[at].alias != 0 { at = at + 1 == capacity ? 0 : at + 1 }
    slots[at] = slot
  }

  private mutating func grow() {
    let old = slots
    let oldCapacity = capacity
    capacity = oldCapacity + oldCapacity / 4
    slots = AliasIndex.allocate(capacity)
    used = 0
    for index in 0..<oldCapacity
    where old[index].alias != 0 && old[index].alias != AliasIndex.erased {
      place(old[index])
      used += 1
    }
    tph_unmap(old, oldCapacity * MemoryLayout<Slot>.stride)
  }

  private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<Slot> {
    tph_map(capacity * MemoryLayout<Slot>.stride).bindMemory(to: Slot.self, capacity: capacity)
  }
}
