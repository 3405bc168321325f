// SPDX-License-Identifier: Apache-2.0
// ACTIVITY LOG. Who did what when, in twelve bytes an activity: enough for caps and overlaps.
//
//   heads[owner] ──▶ block ──▶ block ──▶ …      newest first; ten activities in 128 bytes
//
// A block remembers the latest end in itself and all older blocks, so that a search for "this day"
// or "this hour" stops at the first block that is older as a whole. Reports that come in order
// touch one block; reports that come years late are found all the same.

import CPlatform
import Units

struct Activity: BitwiseCopyable {
  /// Seconds since 2000-01-01T00:00:00Z.
  var ended: UInt32
  /// Seconds, at most 65,535: a pack may not ask for overlaps of anything longer.
  var duration: UInt16
  var scene: UInt16
  /// Points in the upper 20 bits, partner in the lower 12.
  var pointsAndPartner: UInt32

  static let epoch: Int64 = 946_684_800
  static let pointsMax: Int64 = (1 << 20) - 1
  static let partnersMax = (1 << 12) - 1

  var points: Int64 { Int64(pointsAndPartner >> 12) }
  var partner: UInt16 { UInt16(pointsAndPartner & 0xfff) }
}

struct ActivityLog: ~Copyable {
  /// How many activities a block holds: (128 - 8) / 12.
  static let perBlock = 10

  private struct Block: BitwiseCopyable {
    /// The next older block in the upper 28 bits, the number of activities in the lower 4.
    var older: UInt32 = 0
    var latest: UInt32 = 0
  }

  private var heads: MappedArray<UInt32>
  private var blocks: MappedArray<(Int64, Int64, Int64, Int64)>

  init(ownersMax: Int = 1 << 26) {
    heads = MappedArray(limit: ownersMax)
    // 2^28 blocks of four quarters of 32 bytes: 32 GiB of addresses, touched as they fill.
    blocks = MappedArray(limit: 4 << 28)
    blocks.reach(3)
  }

  var footprint: Int { heads.count * 4 + blocks.count * 32 }

  @inline(__always) private func block(_ index: UInt32) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(blocks.base + Int(index) * 4)
  }

  @inline(__always) func knows(_ owner: UInt32) -> Bool { Int(owner) < heads.count }
  @inline(__always) func prefetchHead(_ owner: UInt32) { heads.prefetch(Int(owner)) }
  @inline(__always) func prefetchBlock(_ owner: UInt32) {
    let head = block(heads[Int(owner)])
    tph_prefetch(head)
    tph_prefetch(head + 64)
  }

  mutating func append(_ activity: Activity, to owner: UInt32) {
    heads.reach(Int(owner))
    var head = heads[Int(owner)]
    var count: UInt32 = 0
    var latest: UInt32 = 0
    if head != 0 {
      let word = block(head).load(as: UInt32.self)
      count = word & 15
      latest = block(head).load(fromByteOffset: 4, as: UInt32.self)
    }
    if head == 0 || count == ActivityLog.perBlock {
      let fresh = UInt32(blocks.count / 4)
      blocks.reach(blocks.count + 3)
      block(fresh).storeBytes(of: head << 4, as: UInt32.self)
      heads[Int(owner)] = fresh
      head = fresh
      count = 0
    }
    let place = block(head)
    place.storeBytes(of: max(latest, activity.ended), toByteOffset: 4, as: UInt32.self)
    (place + 8 + Int(count) * 12).storeBytes(of: activity, as: Activity.self)
    place.storeBytes(of: (place.load(as: UInt32.self) & ~15) | (count + 1), as: UInt32.self)
  }

  /// Hands over an owner's activities that may have ended at `since` or later, newest block first,
  /// until the body answers false.
  @inline(__always)
  func search(_ owner: UInt32, since: UInt32, _ body: (Activity) -> Bool) {
    guard Int(owner) < heads.count else { return }
    var at = heads[Int(owner)]
    while at != 0 {
      let place = block(at)
      if place.load(fromByteOffset: 4, as: UInt32.self) < since { return }
      let word = place.load(as: UInt32.self)
      for index in 0..<Int(word & 15) {
        let activity = (place + 8 + index * 12).load(as: Activity.self)
        if !body(activity) { return }
      }
      at = word >> 4
    }
  }

  func dump(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    try body(heads.bytes)
    try body(blocks.bytes)
  }

  mutating func load(heads: UnsafeRawBufferPointer, blocks: UnsafeRawBufferPointer) {
    self.heads.load(heads)
    self.blocks.load(blocks)
  }
}
