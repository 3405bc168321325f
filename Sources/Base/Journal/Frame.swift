// SPDX-License-Identifier: Apache-2.0
import Units

/// Writes one frame after another into the same memory.
///
/// Use: `begin`, facts into `buffer`, `seal`; the sealed bytes are valid until the next `begin`.
public final class FrameWriter {
  public let buffer = ByteBuffer(capacity: 1 << 20)
  public let digester: Digester
  /// How many facts stand in the frame being written.
  public private(set) var factCount: UInt32 = 0
  private var leaves: [Digest] = []

  public init(_ algorithm: HashAlgorithm) { digester = Digester(algorithm) }

  public func begin() {
    buffer.clear()
    factCount = 0
    _ = buffer.extend(by: FrameHeader.size)
  }

  /// Room for one fact of `length` bytes; the caller writes all of them, header first.
  @inline(__always) public func fact(length: Int) -> UnsafeMutableRawPointer {
    factCount += 1
    return buffer.extend(by: length)
  }

  /// One readable fact.
  public func readable(kind: UInt8, version: UInt8 = 1, detail: UInt16 = 0, json: [UInt8]) {
    precondition(kind >= FactHeader.firstReadable, "kind \(kind) is a binary layout")
    let length = FactHeader.size + json.count
    let place = fact(length: length)
    FactHeader(kind: kind, version: version, detail: detail, length: UInt32(length)).store(
      to: place)
    json.withUnsafeBytes {
      guard let source = $0.baseAddress else { return }
      (place + FactHeader.size).copyMemory(from: source, byteCount: json.count)
    }
  }

  /// Completes the frame and returns its hash.
  public func seal(
    sequence: UInt64, time: Instant, firstFact: FactNumber, previous: Digest, partition: UInt16 = 0
  ) -> Digest {
    leaves.removeAll(keepingCapacity: true)
    var at = FrameHeader.size
    while at < buffer.count {
      let length = Int(FactHeader(buffer.base + at).length)
      leaves.append(digester.leaf(UnsafeRawBufferPointer(start: buffer.base + at, count: length)))
      at += length
    }
    precondition(leaves.count == Int(factCount) && at == buffer.count, "facts with wrong lengths")
    let root = leaves.withUnsafeMutableBufferPointer { merkleRoot($0, digester) }
    buffer.store(UInt32(0x4648_5054), at: 0)
    buffer.store(FrameHeader.version, at: 4)
    buffer.store(digester.algorithm.rawValue, at: 5)
    buffer.store(partition, at: 6)
    buffer.store(sequence, at: 8)
    buffer.store(time.milliseconds, at: 16)
    buffer.store(firstFact.raw, at: 24)
    buffer.store(factCount, at: 32)
    buffer.store(UInt32(buffer.count - FrameHeader.size), at: 36)
    previous.withBytes { (buffer.base + 40).copyMemory(from: $0.baseAddress!, byteCount: 32) }
    root.withBytes { (buffer.base + 72).copyMemory(from: $0.baseAddress!, byteCount: 32) }
    let hash = digester.leaf(UnsafeRawBufferPointer(start: buffer.base, count: FrameHeader.size))
    buffer.append(hash)
    return hash
  }
}

/// A frame as it lies in memory that somebody else owns.
public struct FrameView {
  public let header: FrameHeader
  public let bytes: UnsafeRawBufferPointer
  /// Where the facts end and the frame's own hash begins.
  public let factsEnd: Int

  /// Checks the header and that the facts' lengths fill the frame; not the hashes.
  public init(_ bytes: UnsafeRawBufferPointer) throws(FrameFault) {
    header = try FrameHeader(reading: bytes)
    self.bytes = bytes
    factsEnd = FrameHeader.size + Int(header.factBytes)
    guard bytes.count == factsEnd + 32 else {
      throw FrameFault("has \(bytes.count) bytes where its header says \(factsEnd + 32)")
    }
    var count: UInt32 = 0
    var at = FrameHeader.size
    while at < factsEnd {
      guard factsEnd - at >= FactHeader.size else { throw FrameFault("ends within a fact") }
      let length = Int(FactHeader(bytes.baseAddress! + at).length)
      guard length >= FactHeader.size, length <= factsEnd - at else {
        throw FrameFault("has a fact that runs beyond its end")
      }
      at += length
      count += 1
    }
    guard count == header.factCount else {
      throw FrameFault("holds \(count) facts where its header says \(header.factCount)")
    }
  }

  /// Hands over each fact with its number, in order.
  @inline(__always)
  public func forEachFact(_ body: (FactNumber, UnsafeRawBufferPointer) throws -> Void) rethrows {
    var at = FrameHeader.size
    var number = header.firstFact.raw
    while at < factsEnd {
      let length = Int(FactHeader(bytes.baseAddress! + at).length)
      try body(
        FactNumber(number),
        UnsafeRawBufferPointer(start: bytes.baseAddress! + at, count: length))
      at += length
      number += 1
    }
  }

  /// One fact's bytes, or nil where the frame does not hold it.
  public func fact(_ number: FactNumber) -> UnsafeRawBufferPointer? {
    guard number >= header.firstFact,
      number.raw < header.firstFact.raw + UInt64(header.factCount)
    else { return nil }
    var found: UnsafeRawBufferPointer?
    var at = FrameHeader.size
    for _ in 0...(number.raw - header.firstFact.raw) {
      let length = Int(FactHeader(bytes.baseAddress! + at).length)
      found = UnsafeRawBufferPointer(start: bytes.baseAddress! + at, count: length)
      at += length
    }
    return found
  }

  public func leaves(_ digester: Digester) -> [Digest] {
    var leaves: [Digest] = []
    leaves.reserveCapacity(Int(header.factCount))
    forEachFact { leaves.append(digester.leaf($1)) }
    return leaves
  }

  public func hash(_ digester: Digester) -> Digest {
    digester.leaf(UnsafeRawBufferPointer(rebasing: bytes[..<FrameHeader.size]))
  }

  /// Re-hashes the facts and the header and compares with what is written.
  public func verify(_ digester: Digester) throws(FrameFault) {
    guard hash(digester) == Digest(UnsafeRawBufferPointer(rebasing: bytes[factsEnd...])) else {
      throw FrameFault(
        "has a header that does not hash to the frame's own hash: a byte was changed")
    }
    var leaves = leaves(digester)
    let root = leaves.withUnsafeMutableBufferPointer { merkleRoot($0, digester) }
    guard root == header.factsRoot else {
      throw FrameFault("has facts that do not hash to the root in its header: a byte was changed")
    }
  }
}

/// Follows a journal frame by frame and says what breaks the chain.
public struct ChainVerifier {
  public private(set) var sequence: UInt64 = 0
  public private(set) var nextFact = FactNumber(1)
  public private(set) var hash = Digest.zero
  public private(set) var log = MerkleLog()
  public private(set) var digester: Digester?

  public init() {}

  /// Checks order and chain, and with `deep` the facts' hashes too. Returns the frame.
  public mutating func next(
    _ bytes: UnsafeRawBufferPointer, deep: Bool
  ) throws(FrameFault) -> FrameView {
    let frame = try FrameView(bytes)
    let digester = self.digester ?? Digester(frame.header.algorithm)
    self.digester = digester
    guard frame.header.algorithm == digester.algorithm else {
      throw FrameFault("changes the hash algorithm within a journal")
    }
    guard frame.header.sequence == sequence + 1 else {
      throw FrameFault("has sequence \(frame.header.sequence) where \(sequence + 1) must come")
    }
    guard frame.header.firstFact == nextFact else {
      throw FrameFault("numbers its facts from \(frame.header.firstFact.raw), not \(nextFact.raw)")
    }
    guard frame.header.previous == hash else {
      throw FrameFault("does not name the hash of the frame before it")
    }
    if deep { try frame.verify(digester) }
    sequence += 1
    nextFact = FactNumber(nextFact.raw + UInt64(frame.header.factCount))
    hash = frame.hash(digester)
    log.append(hash, digester)
    return frame
  }
}
