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

  /// `small`: few of its pages are ever touched, and they lie far apart.
  @inlinable public init(limit: Int, small: Bool = false) {
    self.limit = limit
    let bytes = limit * MemoryLayout<Element>.stride
    base = (small ? tph_reserve(bytes) : tph_map(bytes)).assumingMemoryBound(to: Element.self)
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

  /// Gets the memory of so many elements beyond those in use now, not when they are touched.
  public func makeRoom(for more: Int) {
    let end = Swift.min(count + more, limit)
    guard end > count else { return }
    tph_populate(base + count, (end - count) * MemoryLayout<Element>.stride)
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

/// Spreads 64 bits over 64 bits, so that close numbers land far apart (SplitMix64's finish).
@inlinable public func mixed(_ value: UInt64) -> UInt64 {
  var z = value &+ 0x9e37_79b9_7f4a_7c15
  z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
  z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
  return z ^ (z >> 31)
}
