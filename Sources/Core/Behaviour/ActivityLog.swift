// SPDX-License-Identifier: Apache-2.0
// ACTIVITY LOG. Who did what when, in ten bytes an activity: enough for caps and overlaps.
//
//   cards[owner] ──▶ block ──▶ block ──▶ …      newest first; eleven activities in 128 bytes
//
//   card, block: the next older block, how many this one holds │ the latest end in all older ones │
//                the owner's newest fact (cards only) │ activities
//   activity:    ended │ points, pair of scene and partner │ duration
//
// A full card is copied into a block and begins anew. Who looks for "this day" or "this hour" knows
// from one card whether an older block can matter, and mostly touches that card only. Reports that
// come years late are found all the same.

import CPlatform
import Units

struct Activity: BitwiseCopyable {
  /// Seconds since 2000-01-01T00:00:00Z.
  var ended: UInt32
  /// Points in the upper 18 bits, a number of `Pairs` in the lower 14.
  var pointsAndPair: UInt32
  /// Seconds, at most 65,535: a pack may not ask for overlaps of anything longer.
  var duration: UInt16

  static let epoch: Int64 = 946_684_800
  static let pointsMax: Int64 = (1 << 18) - 1

  var points: Int64 { Int64(pointsAndPair >> 14) }
  var pair: Int { Int(pointsAndPair & 0x3fff) }
  var started: UInt32 { ended &- UInt32(duration) }

  /// From milliseconds since 1970 and millionths of a second to start and end in our seconds.
  @inline(__always) static func interval(ended: Int64, duration: Int64) -> (UInt32, UInt32) {
    let end = UInt32(clamping: ended / 1000 - epoch)
    let length = UInt32(clamping: min(duration / 1_000_000, 65_535))
    return (end > length ? end - length : 0, end)
  }
}

struct ActivityLog: ~Copyable {
  /// (128 - 12) / 10
  static let perBlock = 11

  /// Two lines of the processor's cache.
  typealias Block = (Int64, Int64, Int64, Int64, Int64, Int64, Int64, Int64)
  enum Offset {
    static let latest = 4
    static let newest = 8
    static let activities = 12
  }

  var cards: MappedArray<(Block, Block)>
  var blocks: MappedArray<(Block, Block)>

  init(ownersMax: Int = 1 << 26) {
    cards = MappedArray(limit: ownersMax)
    blocks = MappedArray(limit: 1 << 28)
    blocks.reach(0)
  }

  /// Makes room for so many more activities.
  func makeRoom(for more: Int) { blocks.makeRoom(for: more / ActivityLog.perBlock) }

  var footprint: Int { (cards.count + blocks.count) * 128 }

  @inline(__always) func card(_ owner: UInt32) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(cards.base + Int(owner))
  }

  @inline(__always) func knows(_ owner: UInt32) -> Bool { Int(owner) < cards.count }
  @inline(__always) func prefetch(_ owner: UInt32) {
    tph_prefetch(card(owner))
    tph_prefetch(card(owner) + 64)
  }

  /// The newest fact about an owner, 0 for none.
  @inline(__always) func newest(_ owner: UInt32) -> UInt32 {
    knows(owner) ? card(owner).load(fromByteOffset: Offset.newest, as: UInt32.self) : 0
  }

  @inline(__always) mutating func setNewest(_ fact: UInt32, of owner: UInt32) {
    cards.reach(Int(owner))
    card(owner).storeBytes(of: fact, toByteOffset: Offset.newest, as: UInt32.self)
  }

  @inline(__always) static func activity(
    _ block: UnsafeRawPointer, _ index: Int
  ) -> Activity {
    let place = block + Offset.activities + index * 10
    return Activity(
      ended: place.loadUnaligned(as: UInt32.self),
      pointsAndPair: place.loadUnaligned(fromByteOffset: 4, as: UInt32.self),
      duration: place.loadUnaligned(fromByteOffset: 8, as: UInt16.self))
  }

  @inline(__always) mutating func append(_ activity: Activity, to owner: UInt32) {
    cards.reach(Int(owner))
    if Int(card(owner).load(as: UInt32.self) & 15) == ActivityLog.perBlock { putAside(owner) }
    let card = card(owner)
    let word = card.load(as: UInt32.self)
    let place = card + Offset.activities + Int(word & 15) * 10
    place.storeBytes(of: activity.ended, as: UInt32.self)
    place.storeBytes(of: activity.pointsAndPair, toByteOffset: 4, as: UInt32.self)
    place.storeBytes(of: activity.duration, toByteOffset: 8, as: UInt16.self)
    card.storeBytes(of: word + 1, as: UInt32.self)
  }

  /// Makes a block of a full card.
  private mutating func putAside(_ owner: UInt32) {
    let card = card(owner)
    let fresh = blocks.count
    blocks.reach(fresh)
    UnsafeMutableRawPointer(blocks.base + fresh).copyMemory(from: card, byteCount: 128)
    var latest = card.load(fromByteOffset: Offset.latest, as: UInt32.self)
    for index in 0..<ActivityLog.perBlock {
      latest = max(latest, ActivityLog.activity(card, index).ended)
    }
    card.storeBytes(of: UInt32(fresh) << 4, as: UInt32.self)
    card.storeBytes(of: latest, toByteOffset: Offset.latest, as: UInt32.self)
  }

  /// Hands over an owner's activities that may have ended at `since` or later, newest block first,
  /// until the body answers false.
  @inline(__always)
  func search(_ owner: UInt32, since: UInt32, _ body: (Activity) -> Bool) {
    guard knows(owner) else { return }
    var place = card(owner)
    while true {
      let word = place.load(as: UInt32.self)
      for index in 0..<Int(word & 15) {
        if !body(ActivityLog.activity(place, index)) { return }
      }
      guard word >> 4 != 0, place.load(fromByteOffset: Offset.latest, as: UInt32.self) >= since
      else { return }
      place = UnsafeMutableRawPointer(blocks.base + Int(word >> 4))
    }
  }

  func dump(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    try body(cards.bytes)
    try body(blocks.bytes)
  }

  mutating func load(cards: UnsafeRawBufferPointer, blocks: UnsafeRawBufferPointer) {
    self.cards.load(cards)
    self.blocks.load(blocks)
  }
}
