// SPDX-License-Identifier: Apache-2.0
import CPlatform

/// A hash table from well-mixed 64-bit keys to two 32-bit words, sixteen bytes an entry and one
/// byte beside it, filled up to 7/8.
///
///     key ──upper 5 bits──▶ part ──next bits × groups──▶ group
///      └───lower 7 bits──▶ tag: one comparison of sixteen says where to look, or that it is new
///
///     group, 272 bytes:   sixteen tags │ sixteen entries
///
/// Tags lie beside their entries, because finding the page costs more than reading the memory. It
/// grows in 32 parts, one at a time and where it lies, so that no growth is ever felt. Key 0 is not
/// allowed. The layout depends only on the order of insertions and the room made, so that two
/// replays of one journal dump the same bytes.
@frozen public struct KeyTable: ~Copyable {
  @frozen public struct Entry: BitwiseCopyable {
    public var key: UInt64
    public var value: UInt32
    public var extra: UInt32
    @inlinable public init(key: UInt64, value: UInt32, extra: UInt32) {
      self.key = key
      self.value = value
      self.extra = extra
    }
  }

  @frozen @usableFromInline struct Part: BitwiseCopyable {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var groups: UInt64
    @usableFromInline var used: UInt64

    @inlinable @inline(__always) init(base: UnsafeMutableRawPointer, groups: UInt64) {
      self.base = base
      self.groups = groups
      used = 0
    }

    @inlinable @inline(__always) func home(_ key: UInt64) -> UInt64 {
      (key << 5).multipliedFullWidth(by: groups).high
    }

    /// A byte for each entry: 0 where it is free, else the key's lower bits and a one.
    @inlinable @inline(__always) func tags(_ group: UInt64) -> UnsafeMutablePointer<UInt8> {
      (base + Int(group) * KeyTable.groupBytes).assumingMemoryBound(to: UInt8.self)
    }

    @inlinable @inline(__always)
    func entry(_ group: UInt64, _ index: Int) -> UnsafeMutablePointer<Entry> {
      (base + Int(group) * KeyTable.groupBytes + KeyTable.perGroup + index * 16)
        .assumingMemoryBound(to: Entry.self)
    }

    @inlinable @inline(__always) func after(_ group: UInt64) -> UInt64 {
      group + 1 == groups ? 0 : group + 1
    }

    var bytes: Int { Int(groups) * KeyTable.groupBytes }
  }

  /// How many pieces `dump` hands over.
  public static let partCount = 32
  @usableFromInline static let perGroup = 16
  @usableFromInline static let groupBytes = 272
  private static let hugePage = 2 << 20
  /// Addresses that are kept for a part.
  private let partBytes: Int

  @usableFromInline let parts: UnsafeMutablePointer<Part>
  private let memory: UnsafeMutableRawPointer

  /// How many entries there are.
  public var count: Int { (0..<KeyTable.partCount).reduce(0) { $0 + Int(parts[$1].used) } }

  /// Room for `limit` entries and some more is kept, in addresses only: 2^32 by default, as many
  /// facts as a partition holds.
  public init(limit: Int = 1 << 32) {
    partBytes =
      (limit / 32 / 16 * 3 / 2 * KeyTable.groupBytes / KeyTable.hugePage + 1) * KeyTable.hugePage
    parts = .allocate(capacity: KeyTable.partCount)
    memory = tph_reserve(partBytes * KeyTable.partCount)
    for index in 0..<KeyTable.partCount {
      parts[index] = Part(base: memory + index * partBytes, groups: 2)
    }
  }

  deinit {
    tph_unmap(memory, partBytes * KeyTable.partCount)
    parts.deallocate()
  }

  @inlinable @inline(__always) static func tag(_ key: UInt64) -> UInt8 {
    UInt8(truncatingIfNeeded: key) | 0x80
  }

  /// First of two steps ahead of `find` or `insert`: the tags.
  @inlinable @inline(__always) public func prefetchTags(_ key: UInt64) {
    let part = parts[Int(key >> 59)]
    tph_prefetch(part.tags(part.home(key)))
  }

  /// The second: the entry that the tags point to, or the place a new one would take.
  @inlinable @inline(__always) public func prefetchEntry(_ key: UInt64) {
    let part = parts[Int(key >> 59)]
    let group = part.home(key)
    let free = tph_match(part.tags(group), 0)
    // A full group: what is looked for may be in the next.
    if free == 0 { tph_prefetch(part.tags(part.after(group))) }
    let known = tph_match(part.tags(group), KeyTable.tag(key))
    let chosen = known != 0 ? known : free
    tph_prefetch(part.entry(group, chosen != 0 ? chosen.trailingZeroBitCount : 0))
  }

  /// The entry of a key, valid until the next insertion; nil when there is none.
  @inlinable @inline(__always) public func find(_ key: UInt64) -> UnsafeMutablePointer<Entry>? {
    let part = parts[Int(key >> 59)]
    let tag = KeyTable.tag(key)
    var group = part.home(key)
    while true {
      var hits = tph_match(part.tags(group), tag)
      while hits != 0 {
        let entry = part.entry(group, hits.trailingZeroBitCount)
        if entry.pointee.key == key { return entry }
        hits &= hits - 1
      }
      if tph_match(part.tags(group), 0) != 0 { return nil }
      group = part.after(group)
    }
  }

  /// Adds a key that is not there yet.
  @inlinable @inline(__always) public mutating func insert(
    _ key: UInt64, value: UInt32, extra: UInt32
  ) {
    let index = Int(key >> 59)
    if parts[index].used == parts[index].groups * 14 { growByItself(index) }
    KeyTable.put(Entry(key: key, value: value, extra: extra), into: parts[index])
    parts[index].used += 1
  }

  /// Makes one part ready for its share of so many more, so that adding them finds its memory there
  /// and nothing to move.
  public mutating func makeRoom(for more: Int, part index: Int) {
    // Keys do not spread quite evenly.
    let expected = parts[index].used + UInt64(more / KeyTable.partCount)
    let needed = (expected + expected / 100) / 14 + 1
    if needed > parts[index].groups { grow(index, to: needed) }
    tph_populate(parts[index].base, parts[index].bytes)
  }

  @inlinable @inline(__always) static func put(_ entry: Entry, into part: Part) {
    var group = part.home(entry.key)
    while true {
      let free = tph_match(part.tags(group), 0)
      if free != 0 {
        let index = free.trailingZeroBitCount
        part.tags(group)[index] = tag(entry.key)
        part.entry(group, index).pointee = entry
        return
      }
      group = part.after(group)
    }
  }

  @usableFromInline func growByItself(_ index: Int) {
    grow(index, to: KeyTable.groups(after: parts[index].groups, index))
  }

  /// Spreads a part over more groups where it lies, from the last group down: an entry moves up, to
  /// where all is settled. One that would fall among those not yet looked at, or run over the end
  /// into them, waits until all are.
  private func grow(_ index: Int, to groups: UInt64) {
    let former = parts[index].groups
    resize(index, groups: groups)
    let part = parts[index]
    var waiting: [Entry] = []
    withUnsafeTemporaryAllocation(of: (group: UInt64, free: UInt64).self, capacity: 8) { slots in
      slots.initialize(repeating: (.max, 0))
      let room = Room(part: part, slots: slots.baseAddress!)
      withUnsafeTemporaryAllocation(of: Entry.self, capacity: KeyTable.perGroup) { taken in
        let taken = taken.baseAddress!
        var group = former
        while group > 0 {
          group -= 1
          let count = take(part, group, into: taken)
          room.clear(group)
          var place = 0
          while place < count {
            let home = part.home(taken[place].key)
            if home < group || !room.put(taken[place], home, wraps: false) {
              waiting.append(taken[place])
            }
            place += 1
          }
        }
      }
      for entry in waiting { _ = room.put(entry, part.home(entry.key), wraps: true) }
    }
  }

  /// Copies a group's entries; answers how many there are.
  @inline(__always) private func take(
    _ part: Part, _ group: UInt64, into taken: UnsafeMutablePointer<Entry>
  ) -> Int {
    var full = ~tph_match(part.tags(group), 0) & 0xffff
    var count = 0
    while full != 0 {
      taken[count] = part.entry(group, full.trailingZeroBitCount).pointee
      count += 1
      full &= full - 1
    }
    return count
  }

  /// Which places are free in the groups that are being filled: to read tags that were just written
  /// one by one would make the processor wait for each.
  private struct Room {
    let part: Part
    let slots: UnsafeMutablePointer<(group: UInt64, free: UInt64)>

    func clear(_ group: UInt64) {
      UnsafeMutableRawPointer(part.tags(group)).initializeMemory(
        as: UInt8.self, repeating: 0, count: KeyTable.groupBytes)
      slots[Int(group & 7)] = (group, 0xffff)
    }

    /// False where it found no place up to the last group and may not go on with the first.
    func put(_ entry: Entry, _ home: UInt64, wraps: Bool) -> Bool {
      var group = home
      while true {
        let slot = slots + Int(group & 7)
        if slot.pointee.group != group {
          slot.pointee = (group, UInt64(tph_match(part.tags(group), 0)))
        }
        let here = slot.pointee.free
        if here != 0 {
          let index = here.trailingZeroBitCount
          part.tags(group)[index] = KeyTable.tag(entry.key)
          part.entry(group, index).pointee = entry
          slot.pointee.free = here & (here - 1)
          return true
        }
        group = part.after(group)
        if group == 0, !wraps { return false }
      }
    }
  }

  /// Gives a part room for so many groups.
  private func resize(_ index: Int, groups: UInt64) {
    let part = parts[index]
    let bytes = Int(groups) * KeyTable.groupBytes
    precondition(
      bytes <= partBytes, "a table is full: this mechanism needs another partition")
    if part.bytes < KeyTable.hugePage, bytes >= KeyTable.hugePage {
      // Small tables live in small pages; from here on each step is a huge one.
      tph_huge(part.base, part.bytes, partBytes)
    }
    parts[index].groups = groups
  }

  /// Twice as much while it is small, then three sixteenths more; the parts' sizes differ, so that
  /// they do not all grow in the same moment.
  private static func groups(after groups: UInt64, _ index: Int) -> UInt64 {
    if groups < 2048 { return groups * 2 }
    return groups == 2048 ? 4096 + UInt64(index) * 24 : groups + groups * 3 / 16
  }

  /// Memory in bytes.
  public var footprint: Int {
    (0..<KeyTable.partCount).reduce(0) { $0 + parts[$1].bytes }
  }

  /// Hands over the table in 32 pieces: how many entries the piece holds, and its memory.
  public func dump(_ body: (UInt64, UnsafeRawBufferPointer) throws -> Void) rethrows {
    for index in 0..<KeyTable.partCount {
      let part = parts[index]
      try body(part.used, UnsafeRawBufferPointer(start: part.base, count: part.bytes))
    }
  }

  /// Takes over one dumped piece, in place of what was there.
  public mutating func load(_ index: Int, used: UInt64, _ bytes: UnsafeRawBufferPointer) {
    precondition(
      bytes.count >= KeyTable.groupBytes && bytes.count % KeyTable.groupBytes == 0,
      "a snapshot's table is cut off")
    let before = parts[index].bytes
    resize(index, groups: UInt64(bytes.count / KeyTable.groupBytes))
    if before > bytes.count {
      (parts[index].base + bytes.count).initializeMemory(
        as: UInt8.self, repeating: 0, count: before - bytes.count)
    }
    if let source = bytes.baseAddress {
      parts[index].base.copyMemory(from: source, byteCount: bytes.count)
    }
    parts[index].used = used
  }
}
