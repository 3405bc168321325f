// SPDX-License-Identifier: Apache-2.0
import Units

/// Re-hashes a journal and names the first frame that is not as it was written.
///
/// A chain alone says only that two neighbours do not fit. Which of them was changed is known once
/// somebody vouches for the second: its own successor, or a head that was signed. So a misfit is held
/// back for one frame.
///
///   n ◀──?── n+1 ◀──fits── n+2      n+1 is as it was written, so n was changed
///   n ◀──?── n+1 ◀──?───── n+2      n+1 was changed
///
/// Without a head nothing vouches for the last frame's header: publish heads.
public struct JournalCheck {
  public struct Fault: Error, CustomStringConvertible, Sendable {
    public var sequence: UInt64
    public var fault: FrameFault
    public var description: String { "frame \(sequence) \(fault)" }
  }

  private let head: LogHead?
  private let algorithm: HashAlgorithm?
  private var digester: Digester?
  private var log = MerkleLog()
  private var sequence: UInt64 = 0
  private var nextFact = FactNumber(1)
  private var hash = Digest.zero
  /// What a frame named as the hash before it, where that did not fit.
  private var named: Digest?

  /// `head`: one that was published, if there is any. The journal may have grown since.
  public init(head: LogHead? = nil) {
    self.head = head
    algorithm = head?.algorithm
  }

  /// Looks at the next frame; nil where it is in order so far.
  public mutating func next(_ bytes: UnsafeRawBufferPointer) -> Fault? {
    let frame: FrameView
    do throws(FrameFault) {
      frame = try FrameView(bytes)
      let digester = self.digester ?? Digester(algorithm ?? frame.header.algorithm)
      self.digester = digester
      try check(frame, digester)
    } catch {
      return named == nil ? Fault(sequence: sequence + 1, fault: error) : changed(sequence)
    }
    if named != nil {
      // The frame before did not fit its predecessor; this one says whether it is to blame.
      return changed(frame.header.previous == hash ? sequence - 1 : sequence)
    }
    if frame.header.previous != hash {
      if sequence == 0 { return changed(1) }
      named = frame.header.previous
    }
    sequence += 1
    nextFact = FactNumber(nextFact.raw &+ UInt64(frame.header.factCount))
    hash = frame.hash(digester!)
    log.append(hash, digester!)
    return headFault()
  }

  /// Looks at the end; nil where the journal is whole.
  public mutating func finish() -> Fault? {
    if named != nil { return changed(sequence) }
    guard let head, head.frames > sequence else { return nil }
    return Fault(
      sequence: sequence + 1, fault: FrameFault("is missing: the head names \(head.frames)"))
  }

  private func check(_ frame: FrameView, _ digester: Digester) throws(FrameFault) {
    guard frame.header.algorithm == digester.algorithm else {
      throw FrameFault("changes the hash algorithm within a journal")
    }
    guard frame.header.sequence == sequence + 1 else {
      throw FrameFault("has sequence \(frame.header.sequence) where \(sequence + 1) must come")
    }
    guard frame.header.firstFact == nextFact else {
      throw FrameFault("numbers its facts from \(frame.header.firstFact.raw), not \(nextFact.raw)")
    }
    try frame.verify(digester)
  }

  /// Compares with the head once its last frame is there.
  private func headFault() -> Fault? {
    guard let head, head.frames == sequence, let digester else { return nil }
    let root = log.root(size: log.count, digester)
    if root == head.root { return named == nil ? nil : changed(sequence) }
    guard let named else { return changed(sequence) }
    // With the hash that this frame names in place of its predecessor's: is it the head's journal?
    var mended = MerkleLog()
    for index in 0..<log.count {
      mended.append(index == log.count - 2 ? named : log.leaf(index), digester)
    }
    return changed(mended.root(size: log.count, digester) == head.root ? sequence - 1 : sequence)
  }

  private func changed(_ sequence: UInt64) -> Fault {
    Fault(
      sequence: sequence,
      fault: FrameFault("has a header that was changed: its neighbours or the head know another"))
  }
}
