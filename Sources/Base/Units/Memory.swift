// SPDX-License-Identifier: Apache-2.0
import CPlatform

/// A zeroed array in mapped memory that starts with room for all it may ever hold and touches only
/// what is used, so that it grows without copying and dumps into a snapshot as it lies.
@frozen public struct MappedArray<Element: BitwiseCopyable>: ~Copyable {
  public let base: UnsafeMutablePointer<Element>
  /// How many elements there may ever be.
  public let limit: Int
  /// One more than the highest index in use.
  public private(set) var count = 0

  @inlinable public init(limit: Int) {
    self.limit = limit
    base = tph_map(limit * MemoryLayout<Element>.stride).assumingMemoryBound(to: Element.self)
  }

  deinit { tph_unmap(base, limit * MemoryLayout<Element>.stride) }

  @inlinable public subscript(_ index: Int) -> Element {
    get { base[index] }
    nonmutating set { base[index] = newValue }
  }

  /// Counts the elements up to `index` as in use.
  @inlinable public mutating func reach(_ index: Int) {
    precondition(index < limit, "a table is full: this mechanism needs another partition")
    if index >= count { setCount(index + 1) }
  }

  @usableFromInline mutating func setCount(_ count: Int) { self.count = count }

  @inlinable public func prefetch(_ index: Int) { tph_prefetch(base + index) }

  public var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base, count: count * MemoryLayout<Element>.stride)
  }

  /// Takes over what `bytes` were dumped from.
  public mutating func load(_ bytes: UnsafeRawBufferPointer) {
    let elements = bytes.count / MemoryLayout<Element>.stride
    precondition(elements <= limit, "a snapshot holds more than a table can")
    if let source = bytes.baseAddress {
      UnsafeMutableRawPointer(base).copyMemory(from: source, byteCount: bytes.count)
    }
    count = elements
  }
}

/// A hash table from well-mixed 64-bit keys to two 32-bit words, sixteen bytes an entry, filled up
/// to
/// 7/8, growing in 32 parts one at a time so that no growth is ever felt.
///
/// Key 0 is not allowed. The layout depends only on the order of insertions, so that two replays of
/// one journal dump the same bytes.
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
    @usableFromInline var base: UnsafeMutablePointer<Entry>
    @usableFromInline var capacity: UInt64
    @usableFromInline var used: UInt64
  }

  /// How many pieces `dump` hands over.
  public static let partCount = 32

  @usableFromInline let parts: UnsafeMutablePointer<Part>
  public private(set) var count = 0

  public init() {
    parts = .allocate(capacity: 32)
    for part in 0..<32 { parts[part] = KeyTable.part(capacity: 32) }
  }

  deinit {
    for part in 0..<32 { KeyTable.free(parts[part]) }
    parts.deallocate()
  }

  static func part(capacity: UInt64) -> Part {
    let size = Int(capacity) * MemoryLayout<Entry>.stride
    return Part(
      base: tph_map(size).assumingMemoryBound(to: Entry.self), capacity: capacity, used: 0)
  }

  static func free(_ part: Part) {
    tph_unmap(part.base, Int(part.capacity) * MemoryLayout<Entry>.stride)
  }

  @inlinable @inline(__always) func place(_ key: UInt64, _ part: Part) -> Int {
    Int((key << 5).multipliedFullWidth(by: part.capacity).high)
  }

  @inlinable @inline(__always) public func prefetch(_ key: UInt64) {
    let part = parts[Int(key >> 59)]
    tph_prefetch(part.base + place(key, part))
  }

  /// The entry of a key, valid until the next insertion; nil when there is none.
  @inlinable @inline(__always) public func find(_ key: UInt64) -> UnsafeMutablePointer<Entry>? {
    let part = parts[Int(key >> 59)]
    var at = place(key, part)
    while true {
      let entry = part.base + at
      if entry.pointee.key == key { return entry }
      if entry.pointee.key == 0 { return nil }
      at += 1
      if at == Int(part.capacity) { at = 0 }
    }
  }

  /// Adds a key that is not there yet.
  @inlinable @inline(__always) public mutating func insert(
    _ key: UInt64, value: UInt32, extra: UInt32
  ) {
    let index = Int(key >> 59)
    if (parts[index].used + 1) * 8 > parts[index].capacity * 7 { grow(index) }
    put(Entry(key: key, value: value, extra: extra), into: index)
    countUp()
  }

  @usableFromInline mutating func countUp() { count += 1 }

  @inlinable func put(_ entry: Entry, into index: Int) {
    let part = parts[index]
    var at = place(entry.key, part)
    while part.base[at].key != 0 {
      at += 1
      if at == Int(part.capacity) { at = 0 }
    }
    part.base[at] = entry
    parts[index].used += 1
  }

  @usableFromInline func grow(_ index: Int) {
    let old = parts[index]
    parts[index] = KeyTable.part(capacity: KeyTable.capacity(after: old.capacity))
    for at in 0..<Int(old.capacity) where old.base[at].key != 0 { put(old.base[at], into: index) }
    KeyTable.free(old)
  }

  /// Small, then a whole huge page at once, then a quarter as much again: random access to many
  /// small pages costs more than the access itself.
  static func capacity(after capacity: UInt64) -> UInt64 {
    let hugePage = UInt64(2 << 20) / UInt64(MemoryLayout<Entry>.stride)
    if capacity < 1024 { return capacity * 4 }
    if capacity < hugePage { return hugePage }
    return (capacity + capacity / 4 + hugePage - 1) / hugePage * hugePage
  }

  /// Memory in bytes.
  public var footprint: Int {
    (0..<32).reduce(0) { $0 + Int(parts[$1].capacity) * MemoryLayout<Entry>.stride }
  }

  /// Hands over the table in 32 pieces: how many entries the piece holds, and its memory.
  public func dump(_ body: (UInt64, UnsafeRawBufferPointer) throws -> Void) rethrows {
    for index in 0..<32 {
      let part = parts[index]
      let size = Int(part.capacity) * MemoryLayout<Entry>.stride
      try body(part.used, UnsafeRawBufferPointer(start: part.base, count: size))
    }
  }

  /// Takes over one dumped piece.
  public mutating func load(_ index: Int, used: UInt64, _ bytes: UnsafeRawBufferPointer) {
    KeyTable.free(parts[index])
    parts[index] = KeyTable.part(capacity: UInt64(bytes.count / MemoryLayout<Entry>.stride))
    parts[index].used = used
    if let source = bytes.baseAddress {
      UnsafeMutableRawPointer(parts[index].base).copyMemory(from: source, byteCount: bytes.count)
    }
    count += Int(used)
  }
}

/// Spreads 64 bits over 64 bits, so that close numbers land far apart (SplitMix64's finish).
@inlinable public func mixed(_ value: UInt64) -> UInt64 {
  var z = value &+ 0x9e37_79b9_7f4a_7c15
  z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
  z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
  return z ^ (z >> 31)
}
