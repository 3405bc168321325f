// SPDX-License-Identifier: Apache-2.0
import Journal
import Mechanism
import Storage
import Units

/// What the clerk works with: the state, the frame being written, the chain and the log's tree.
package struct Core: ~Copyable {
  package var state: State
  package let writer: FrameWriter
  package private(set) var log: MerkleLog
  package private(set) var lastHash: Journal.Digest
  /// Where snapshots go; nil for none.
  let snapshots: SnapshotFile?
  /// The next fact as the file there now has it; 0 where none fits.
  private var snapshotAt: FactNumber

  /// Facts between two snapshots: about a minute of the heaviest load, so that a start after a
  /// crash replays at most a second or two.
  static let factsBetweenSnapshots: UInt64 = 5_000_000

  /// Opens a mechanism: from its snapshot where there is one that fits, and the journal after it.
  package init(
    code: String, store: any JournalStore, algorithm: HashAlgorithm = .sm3,
    snapshots: SnapshotFile? = nil, citizensMax: Int = 1 << 26,
    progress: (UInt64) -> Void = { _ in }
  ) throws {
    self.snapshots = snapshots
    var opened: Core.Opened
    var covered = FactNumber(0)
    if let found = try snapshots?.read(code: code, citizensMax: citizensMax, store: store) {
      opened = found
      covered = opened.state.nextFact
    } else {
      opened = Opened(state: State(code: code, citizensMax: citizensMax))
    }
    try opened.replay(store, progress)
    state = opened.state
    log = opened.log
    lastHash = opened.lastHash
    writer = FrameWriter(opened.algorithm ?? algorithm)
    snapshotAt = covered
  }

  /// Begins a frame; time never runs backwards within a journal.
  mutating func begin(_ now: Instant) -> Instant {
    writer.begin()
    return max(now, state.lastTime)
  }

  /// Makes durable what was decided since `begin`; nothing where no fact was written.
  mutating func seal(_ now: Instant, into store: any JournalStore) throws(StoreFailure) {
    guard writer.factCount > 0 else { return }
    let sequence = state.lastSequence + 1
    let first = FactNumber(state.nextFact.raw - UInt64(writer.factCount))
    let hash = writer.seal(sequence: sequence, time: now, firstFact: first, previous: lastHash)
    try store.append(
      writer.buffer.bytes,
      at: FramePlace(sequence: sequence, firstFact: first, factCount: writer.factCount))
    state.sealed(sequence: sequence, time: now)
    lastHash = hash
    log.append(hash, writer.digester)
  }

  mutating func takeSnapshotIfDue() {
    if state.nextFact.raw - snapshotAt.raw >= Core.factsBetweenSnapshots { takeSnapshot() }
  }

  mutating func takeSnapshot() {
    guard let snapshots, state.nextFact != snapshotAt || !snapshots.exists else { return }
    snapshots.write(state, log: log, lastHash: lastHash, digester: writer.digester)
    snapshotAt = state.nextFact
  }

  /// The head of the log as it stands.
  package func head() -> LogHead {
    LogHead(
      mechanism: state.code, algorithm: writer.digester.algorithm, frames: state.lastSequence,
      facts: state.nextFact.raw - 1,
      root: log.root(size: log.count, writer.digester), time: state.lastTime)
  }

  /// A mechanism on its way up.
  struct Opened: ~Copyable {
    var state: State
    var log = MerkleLog()
    var lastHash = Journal.Digest.zero
    var algorithm: HashAlgorithm?

    init(state: consuming State) { self.state = state }

    /// A long journal's reports find their tables large enough.
    private mutating func makeRoom(upTo last: FramePlace?) {
      guard let last else { return }
      let coming = last.firstFact.raw + UInt64(last.factCount) - state.nextFact.raw
      if coming >= UInt64(RoomAhead.least) { state.makeRoom(for: Int(coming)) }
    }

    /// Follows the journal from where the state stands. The chain is checked; that facts hash to
    /// their root is checked for the last frame, where a crash could have torn it, and for all of
    /// them by `verify`.
    mutating func replay(_ store: any JournalStore, _ progress: (UInt64) -> Void) throws {
      let last = try store.last()
      makeRoom(upTo: last)
      var digester: Digester? = algorithm.map { Digester($0) }
      var hash = lastHash
      var tree = log
      var algorithm = algorithm
      var fault: (UInt64, FrameFault)?
      try store.readAhead(from: state.lastSequence + 1) { place, bytes in
        do throws(FrameFault) {
          let frame = try FrameView(bytes)
          let current = digester ?? Digester(frame.header.algorithm)
          digester = current
          algorithm = frame.header.algorithm
          guard frame.header.previous == hash else {
            throw FrameFault("does not name the hash of the frame before it")
          }
          if place.sequence == last?.sequence { try frame.verify(current) }
          try state.apply(frame)
          hash = frame.hash(current)
          tree.append(hash, current)
        } catch {
          fault = (place.sequence, error)
          return false
        }
        progress(place.sequence)
        return true
      }
      if let (sequence, fault) = fault {
        throw StoreFailure(
          .corrupt, "open the journal of \(state.code)", cause: "frame \(sequence) \(fault)",
          advice: "Restore the data folder from a backup, or run `tanpuhui verify` to see more.")
      }
      lastHash = hash
      log = tree
      self.algorithm = algorithm
    }
  }
}
