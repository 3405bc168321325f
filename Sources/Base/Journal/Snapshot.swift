// SPDX-License-Identifier: Apache-2.0

/// Takes a state's memory piece by piece, each preceded by its length; to a file, or to a digest.
///
/// A snapshot is disposable: it is made by one build of the program, read by the same, and left
/// alone by every other. What must last is the journal.
public final class SnapshotSink {
  private let body: (UnsafeRawBufferPointer) throws -> Void
  public init(_ body: @escaping (UnsafeRawBufferPointer) throws -> Void) { self.body = body }

  public func word(_ value: UInt64) throws {
    try withUnsafeBytes(of: value.littleEndian) { try body($0) }
  }
  public func section(_ bytes: UnsafeRawBufferPointer) throws {
    try word(UInt64(bytes.count))
    if !bytes.isEmpty { try body(bytes) }
  }
  public func section(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try section($0) } }
}

extension ByteReader {
  public mutating func word() -> UInt64 { next(UInt64.self) }
  public mutating func section() -> UnsafeRawBufferPointer { take(Int(clamping: word())) }
}
