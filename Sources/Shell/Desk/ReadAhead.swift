// SPDX-License-Identifier: Apache-2.0
import Journal
import Storage

extension JournalStore {
  /// `read`, with a thread of its own that fetches the next frames while `body` works on these.
  package func readAhead(
    from sequence: UInt64, _ body: (FramePlace, UnsafeRawBufferPointer) throws -> Bool
  ) throws {
    let belt = Belt()
    let reader = Worker("read ahead") { [self] in
      var load = belt.empty()
      do {
        try read(from: sequence) { place, bytes in
          guard let current = load else { return false }
          current.add(place, bytes)
          if current.isFull {
            belt.send(current)
            load = belt.empty()
          }
          return true
        }
        belt.end(load, nil)
      } catch {
        belt.end(load, error)
      }
    }
    reader.start()
    defer {
      belt.stop()
      reader.join()
    }
    while let load = try belt.next() {
      for (place, start, count) in load.frames {
        let bytes = UnsafeRawBufferPointer(start: load.bytes.base + start, count: count)
        guard try body(place, bytes) else { return }
      }
      belt.takeBack(load)
    }
  }
}

/// Some frames on their way from the reading thread to the working one.
private final class Load {
  let bytes = ByteBuffer(capacity: 1 << 20)
  private(set) var frames: [(place: FramePlace, start: Int, count: Int)] = []

  var isFull: Bool { bytes.count >= 1 << 19 }

  func add(_ place: FramePlace, _ frame: UnsafeRawBufferPointer) {
    frames.append((place, bytes.count, frame.count))
    bytes.append(frame)
    // Each frame begins at a multiple of eight, as it does where it is written.
    let odd = bytes.count % 8
    if odd > 0 { _ = bytes.extend(by: 8 - odd) }
  }

  func clear() {
    bytes.clear()
    frames.removeAll(keepingCapacity: true)
  }
}

/// A few loads that go round. `@unchecked Sendable`: guarded by `lock`; a load belongs to whoever
/// took it.
private final class Belt: @unchecked Sendable {
  private let lock = Lock()
  private var idle = [Load(), Load(), Load(), Load()]
  private var ready: [Load] = []
  private var failure: (any Error)?
  private var hasEnded = false
  private var isStopped = false

  /// One to fill; nil when nobody wants any more.
  func empty() -> Load? {
    lock.with {
      while idle.isEmpty, !isStopped { lock.wait() }
      return isStopped ? nil : idle.removeLast()
    }
  }

  func send(_ load: Load) {
    lock.with {
      ready.append(load)
      lock.wake()
    }
  }

  func end(_ load: Load?, _ failure: (any Error)?) {
    lock.with {
      if let load { ready.append(load) }
      self.failure = failure
      hasEnded = true
      lock.wake()
    }
  }

  /// The next full one; nil at the end; what went wrong comes after all that was read before it.
  func next() throws -> Load? {
    try lock.with { () throws -> Load? in
      while ready.isEmpty, !hasEnded { lock.wait() }
      if !ready.isEmpty { return ready.removeFirst() }
      if let failure { throw failure }
      return nil
    }
  }

  func takeBack(_ load: Load) {
    load.clear()
    lock.with {
      idle.append(load)
      lock.wake()
    }
  }

  func stop() {
    lock.with {
      isStopped = true
      lock.wake()
    }
  }
}
