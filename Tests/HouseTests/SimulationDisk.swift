// SPDX-License-Identifier: Apache-2.0
import Journal
import Storage
import Units

/// A disk that keeps what was made durable and nothing else, and that breaks when it is told to.
final class FakeDisk: JournalStore, @unchecked Sendable {  // guarded by `lock`
  /// Where an append breaks off, as a process does that is killed there.
  enum Crash: CaseIterable {
    /// Nothing was written.
    case before
    /// Half of the frame reached the disk; on opening it is no frame and is cut off.
    case inside
    /// The frame is durable, but nobody was told.
    case after
  }

  private let lock = Storage.Lock()
  private var frames: [(place: FramePlace, bytes: [UInt8])] = []
  private var torn: [UInt8] = []
  private var crash: (atAppend: Int, how: Crash)?
  private var appends = 0
  private var isDead = false
  /// A canary: tells that a frame is durable, and loses every so many of them in a crash.
  private let lies: Bool
  private var cached: [(place: FramePlace, bytes: [UInt8])] = []

  init(lies: Bool = false) { self.lies = lies }

  /// Breaks at the append after so many others.
  func willCrash(after appends: Int, _ how: Crash) {
    lock.with { crash = (self.appends + appends, how) }
  }

  /// What a new process finds.
  func reopened() {
    lock.with {
      (torn, crash, isDead, cached) = ([], nil, false, [])
    }
  }

  func last() throws(StoreFailure) -> FramePlace? {
    lock.with { (frames + cached).last?.place }
  }

  func append(_ frame: UnsafeRawBufferPointer, at place: FramePlace) throws(StoreFailure) {
    let bytes = Array(frame)
    let died = lock.with { () -> Bool in
      precondition(!isDead, "a dead process appends")
      let expected = (frames + cached).last.map { $0.place.sequence + 1 } ?? 1
      precondition(
        place.sequence == expected, "frame \(place.sequence) where \(expected) must come")
      appends += 1
      guard let crash, appends > crash.atAppend else {
        if lies { cached.append((place, bytes)) } else { frames.append((place, bytes)) }
        return false
      }
      isDead = true
      switch crash.how {
      case .before: break
      case .inside: torn = Array(bytes.prefix(bytes.count / 2))
      case .after: if !lies { frames.append((place, bytes)) }
      }
      return true
    }
    if died {
      throw StoreFailure(.unavailable, "append", cause: "the power went", advice: "Start again.")
    }
  }

  func read(
    from sequence: UInt64, _ body: (FramePlace, UnsafeRawBufferPointer) throws -> Bool
  ) throws {
    for frame in lock.with({ frames + cached }) where frame.place.sequence >= sequence {
      guard try frame.bytes.withUnsafeBytes({ try body(frame.place, $0) }) else { return }
    }
  }

  func place(of fact: FactNumber) throws(StoreFailure) -> FramePlace? {
    lock.with {
      frames.map(\.place).first {
        $0.firstFact <= fact && fact.raw < $0.firstFact.raw + UInt64($0.factCount)
      }
    }
  }

  func close() {}
}
