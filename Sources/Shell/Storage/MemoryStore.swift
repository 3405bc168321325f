// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

/// What a memory store writes on: it outlives the store, as a disk outlives a process, so that
/// simulations can stop a store and open another on what was kept.
package final class MemoryDisk: @unchecked Sendable {  // guarded by `lock`
  fileprivate let lock = Lock()
  fileprivate var frames: [(place: FramePlace, bytes: [UInt8])] = []
  fileprivate var taken = false
  package init() {}
}

/// A journal in memory, for tests, simulations and dry runs.
package final class MemoryStore: JournalStore {
  private let disk: MemoryDisk

  package init(on disk: MemoryDisk = MemoryDisk()) throws(StoreFailure) {
    disk.lock.lock()
    defer { disk.lock.unlock() }
    guard !disk.taken else {
      throw StoreFailure(
        .inUse, "open a journal in memory", cause: "another store writes on it",
        advice: "Close the first store.")
    }
    disk.taken = true
    self.disk = disk
  }

  package func last() throws(StoreFailure) -> FramePlace? {
    disk.lock.with { disk.frames.last?.place }
  }

  package func append(
    _ frame: UnsafeRawBufferPointer, at place: FramePlace
  ) throws(StoreFailure) {
    let bytes = Array(frame)
    disk.lock.lock()
    defer { disk.lock.unlock() }
    try place.follows(disk.frames.last?.place)
    disk.frames.append((place, bytes))
  }

  package func read(
    from sequence: UInt64, _ body: (FramePlace, UnsafeRawBufferPointer) throws -> Bool
  ) throws {
    var index = Int(max(sequence, 1)) - 1
    while let frame = disk.lock.with({ index < disk.frames.count ? disk.frames[index] : nil }) {
      guard try frame.bytes.withUnsafeBytes({ try body(frame.place, $0) }) else { return }
      index += 1
    }
  }

  package func place(of fact: FactNumber) throws(StoreFailure) -> FramePlace? {
    disk.lock.lock()
    defer { disk.lock.unlock() }
    return try FramePlace.search(fact, last: disk.frames.last?.place) {
      disk.frames[Int($0) - 1].place
    }
  }

  package func close() { disk.lock.with { disk.taken = false } }
}
