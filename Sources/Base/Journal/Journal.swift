// SPDX-License-Identifier: Apache-2.0
// JOURNAL. What a mechanism knows, in the order in which it learnt it.
//
//   frame 1 ◀─hash─ frame 2 ◀─hash─ frame 3 …          a frame is what one commit wrote
//   facts 1…k       facts k+1…m                        a fact is what was decided, and from what
//
// A frame, version 1, little-endian:
//
//   offset size
//        0    4  "TPHF"
//        4    1  version, 1
//        5    1  hash algorithm: 1 SM3, 2 SHA-256
//        6    2  partition, 0 while a mechanism has one desk
//        8    8  sequence, from 1 up without gaps
//       16    8  time of commit, milliseconds since 1970 UTC
//       24    8  number of the first fact (facts count from 1 up without gaps)
//       32    4  number of facts
//       36    4  bytes of facts
//       40   32  hash of the frame before; zeros in frame 1
//       72   32  Merkle root over the facts
//      104    n  the facts
//    104+n   32  the frame's own hash, H(0x00 || bytes 0…103)
//
// The own hash stands in the frame so that one changed byte is found even in the last frame; its
// successor names it, the log's tree has it as a leaf, and signed heads cover it. Every fact starts
// with eight bytes:
//
//        0    1  kind      which room and which layout; 64 and above are readable JSON
//        1    1  version   of that layout
//        2    2  for the room
//        4    4  length of the whole fact, these eight bytes included
//
// Invariants: sequences and fact numbers have no gaps; a frame that is not whole is no frame;
// nothing is ever changed in place; no personal data.

import Units

/// The fixed head of a frame.
public struct FrameHeader: Hashable, Sendable {
  public static let size = 104
  public static let version: UInt8 = 1

  public var algorithm: HashAlgorithm
  public var partition: UInt16
  public var sequence: UInt64
  public var time: Instant
  public var firstFact: FactNumber
  public var factCount: UInt32
  public var factBytes: UInt32
  public var previous: Digest
  public var factsRoot: Digest

  public var place: FramePlace {
    FramePlace(sequence: sequence, firstFact: firstFact, factCount: factCount)
  }

  /// Reads the first 104 bytes; throws what is wrong with them.
  public init(reading bytes: UnsafeRawBufferPointer) throws(FrameFault) {
    guard bytes.count >= FrameHeader.size else { throw FrameFault("is shorter than its header") }
    var reader = ByteReader(bytes)
    guard reader.next(UInt32.self) == 0x4648_5054 else { throw FrameFault("does not begin TPHF") }
    let version = reader.next(UInt8.self)
    guard version == FrameHeader.version else {
      throw FrameFault("has version \(version), this program reads 1: use a newer program")
    }
    guard let algorithm = HashAlgorithm(rawValue: reader.next()) else {
      throw FrameFault("names no known hash algorithm")
    }
    self.algorithm = algorithm
    partition = reader.next()
    sequence = reader.next()
    time = Instant(milliseconds: reader.next())
    firstFact = FactNumber(reader.next())
    factCount = reader.next()
    factBytes = reader.next()
    previous = reader.digest()
    factsRoot = reader.digest()
  }
}

/// What is wrong with a frame, as the end of a sentence that begins "frame 17 …".
public struct FrameFault: Error, CustomStringConvertible, Sendable {
  public var description: String
  public init(_ description: String) { self.description = description }
}

/// The eight bytes every fact begins with.
@frozen public struct FactHeader: Sendable {
  public static let size = 8
  /// Kinds from here up carry JSON after the eight bytes.
  public static let firstReadable: UInt8 = 64

  public var kind: UInt8
  public var version: UInt8
  public var detail: UInt16
  public var length: UInt32

  @inlinable public init(kind: UInt8, version: UInt8, detail: UInt16, length: UInt32) {
    self.kind = kind
    self.version = version
    self.detail = detail
    self.length = length
  }

  @inlinable public init(_ fact: UnsafeRawPointer) {
    kind = fact.load(as: UInt8.self)
    version = fact.load(fromByteOffset: 1, as: UInt8.self)
    detail = UInt16(littleEndian: fact.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
    length = UInt32(littleEndian: fact.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
  }

  @inlinable public func store(to fact: UnsafeMutableRawPointer) {
    fact.storeBytes(of: kind, as: UInt8.self)
    fact.storeBytes(of: version, toByteOffset: 1, as: UInt8.self)
    fact.storeBytes(of: detail.littleEndian, toByteOffset: 2, as: UInt16.self)
    fact.storeBytes(of: length.littleEndian, toByteOffset: 4, as: UInt32.self)
  }
}
