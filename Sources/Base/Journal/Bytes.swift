// SPDX-License-Identifier: Apache-2.0

/// A growing run of bytes that is reused: it grows to the largest frame ever written and stays
/// there.
///
/// Integers are little-endian. Not thread-safe.
public final class ByteBuffer {
  public private(set) var base: UnsafeMutableRawPointer
  public private(set) var count = 0
  private var capacity: Int

  public init(capacity: Int = 1 << 16) {
    self.capacity = capacity
    base = .allocate(byteCount: capacity, alignment: 16)
  }

  deinit { base.deallocate() }

  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  public func clear() { count = 0 }

  /// Room for `size` more bytes, counted as written; the caller fills all of them.
  public func extend(by size: Int) -> UnsafeMutableRawPointer {
    if count + size > capacity { grow(to: count + size) }
    let place = base + count
    count += size
    return place
  }

  /// Takes back what was written after `count`.
  public func shrink(to count: Int) {
    precondition(count <= self.count, "a buffer does not shrink upwards")
    self.count = count
  }

  public func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
    extend(by: bytes.count).copyMemory(from: source, byteCount: bytes.count)
  }
  public func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }
  public func append<T: FixedWidthInteger>(_ value: T) {
    extend(by: MemoryLayout<T>.size).storeBytes(of: value.littleEndian, as: T.self)
  }
  public func append(_ digest: Digest) { digest.withBytes { append($0) } }

  public func store<T: FixedWidthInteger>(_ value: T, at offset: Int) {
    precondition(offset + MemoryLayout<T>.size <= count, "store beyond the buffer")
    (base + offset).storeBytes(of: value.littleEndian, as: T.self)
  }

  private func grow(to needed: Int) {
    var size = capacity
    while size < needed { size *= 2 }
    let larger = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    larger.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = larger
    capacity = size
  }
}

/// Reads little-endian integers from bytes that come from a disk: past the end it reads zeros and
/// remembers that it did, so that a reader checks once at its end.
public struct ByteReader {
  public let bytes: UnsafeRawBufferPointer
  public private(set) var at = 0
  public private(set) var overrun = false

  public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  public var remaining: Int { bytes.count - at }

  public mutating func next<T: FixedWidthInteger>(_ type: T.Type = T.self) -> T {
    guard remaining >= MemoryLayout<T>.size else {
      overrun = true
      return 0
    }
    defer { at += MemoryLayout<T>.size }
    return T(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: T.self))
  }

  public mutating func take(_ count: Int) -> UnsafeRawBufferPointer {
    guard count >= 0, remaining >= count else {
      overrun = true
      return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    defer { at += count }
    return UnsafeRawBufferPointer(rebasing: bytes[at..<(at + count)])
  }

  public mutating func digest() -> Digest {
    let bytes = take(32)
    return bytes.count == 32 ? Digest(bytes) : .zero
  }
}
