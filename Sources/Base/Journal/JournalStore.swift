// SPDX-License-Identifier: Apache-2.0
import Units

/// Where one mechanism's frames are kept. Memory, SQLite and PostgreSQL keep them alike: one body
/// of tests runs over all three.
///
/// A store is used by one thread at a time for `append`; `read` may come from other threads while
/// an append is under way and sees every frame whose append has returned.
public protocol JournalStore: AnyObject, Sendable {
  /// The last frame's place, or nil for an empty journal.
  func last() throws(StoreFailure) -> FramePlace?

  /// Makes one frame durable; when this returns, the frame survives a power cut.
  ///
  /// A frame whose sequence is not `last.sequence + 1` is refused with `.outOfOrder`. After any
  /// failure nothing of the frame is stored, and the caller ends the process: replay is the one
  /// undo.
  func append(_ frame: UnsafeRawBufferPointer, at place: FramePlace) throws(StoreFailure)

  /// Hands over frames in order, from the first whose sequence is at least `sequence`, until the
  /// journal ends or the body answers false. The bytes are valid inside the body only.
  func read(
    from sequence: UInt64, _ body: (FramePlace, UnsafeRawBufferPointer) throws -> Bool
  ) throws

  /// The frame that holds a fact, or nil beyond the end.
  func place(of fact: FactNumber) throws(StoreFailure) -> FramePlace?

  func close()
}

/// A frame's place in the journal.
@frozen public struct FramePlace: Hashable, Sendable {
  /// From 1 up without gaps.
  public var sequence: UInt64
  /// The number of its first fact; a frame of no facts has the number the next fact will get.
  public var firstFact: FactNumber
  public var factCount: UInt32
  @inlinable public init(sequence: UInt64, firstFact: FactNumber, factCount: UInt32) {
    self.sequence = sequence
    self.firstFact = firstFact
    self.factCount = factCount
  }
}

/// The world broke: which operation, where, why, and what to do.
public struct StoreFailure: Error, CustomStringConvertible, Sendable {
  public enum Kind: String, Sendable {
    case full, readOnly, inUse, outOfOrder, corrupt, unavailable
  }
  public var kind: Kind
  public var operation: String
  public var cause: String
  public var advice: String
  public init(_ kind: Kind, _ operation: String, cause: String, advice: String) {
    self.kind = kind
    self.operation = operation
    self.cause = cause
    self.advice = advice
  }
  public var description: String { "\(operation): \(cause). \(advice)" }
}
