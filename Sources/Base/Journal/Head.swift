// SPDX-License-Identifier: Apache-2.0
import Units

/// 签名树头: what the operator signs and publishes, so that nobody is shown a different journal.
///
/// The signed statement is text, so that any tool can check it:
///
///     tanpuhui head v1
///     mechanism chengdu
///     algorithm sm3
///     frames 1024
///     facts 1000000
///     root 66c7f0f4…
///     time 2026-03-01T08:15:00Z
public struct LogHead: Hashable, Sendable {
  public var mechanism: String
  public var algorithm: HashAlgorithm
  public var frames: UInt64
  public var facts: UInt64
  public var root: Digest
  public var time: Instant

  public init(
    mechanism: String, algorithm: HashAlgorithm, frames: UInt64, facts: UInt64, root: Digest,
    time: Instant
  ) {
    self.mechanism = mechanism
    self.algorithm = algorithm
    self.frames = frames
    self.facts = facts
    self.root = root
    self.time = time
  }

  public var statement: String {
    """
    tanpuhui head v1
    mechanism \(mechanism)
    algorithm \(algorithm.name)
    frames \(frames)
    facts \(facts)
    root \(root)
    time \(time)

    """
  }
}

/// 存在性证明: everything a stranger needs to see that a fact stands in the journal under a head.
public struct InclusionProof: Sendable {
  public var fact: [UInt8]
  public var number: FactNumber
  public var indexInFrame: Int
  public var factsInFrame: Int
  public var pathInFrame: [Digest]
  public var header: [UInt8]
  public var frameIndex: Int
  public var pathInLog: [Digest]
  public var head: LogHead

  public init(
    of number: FactNumber, in frame: FrameView, log: MerkleLog, head: LogHead, _ digester: Digester
  ) {
    let leaves = frame.leaves(digester)
    let index = Int(number.raw - frame.header.firstFact.raw)
    self.number = number
    fact = Array(frame.fact(number)!)
    indexInFrame = index
    factsInFrame = leaves.count
    pathInFrame = merklePath(leaves, index: index, digester)
    header = Array(frame.bytes[..<FrameHeader.size])
    frameIndex = Int(frame.header.sequence) - 1
    pathInLog = log.inclusion(of: frameIndex, size: Int(head.frames), digester)
    self.head = head
  }

  /// Nil when the proof holds, else what fails. That the head is the one that was signed and
  /// published is for the reader to check.
  public func fault() -> String? {
    guard frameIndex >= 0, indexInFrame >= 0 else { return "a place is below zero" }
    let digester = Digester(head.algorithm)
    guard self.header.count == FrameHeader.size,
      let header = try? self.header.withUnsafeBytes({ try FrameHeader(reading: $0) })
    else { return "the header can't be read" }
    guard header.algorithm == head.algorithm else {
      return "the header hashes by another algorithm"
    }
    guard Int(header.factCount) == factsInFrame else { return "the frame has another size" }
    guard header.sequence == UInt64(frameIndex) + 1 else { return "the frame has another place" }
    let leaf = fact.withUnsafeBytes { digester.leaf($0) }
    guard
      merkleVerify(
        leaf: leaf, index: indexInFrame, count: factsInFrame, path: pathInFrame,
        root: header.factsRoot, digester)
    else { return "the fact is not in the frame" }
    guard header.firstFact.raw &+ UInt64(indexInFrame) == number.raw else {
      return "the fact has another number"
    }
    let frame = self.header.withUnsafeBytes { digester.leaf($0) }
    guard
      merkleVerify(
        leaf: frame, index: frameIndex, count: Int(head.frames), path: pathInLog, root: head.root,
        digester)
    else { return "the frame is not in the log under this head" }
    return nil
  }
}
