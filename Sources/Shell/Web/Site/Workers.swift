// SPDX-License-Identifier: Apache-2.0
import Desk
import Storage
import Synchronization
import Units

/// A few threads for what may wait: a disk, the desk, a password's hash.
///
/// `@unchecked Sendable`: queue and flag are guarded by `lock`.
final class Workers: @unchecked Sendable {
  /// More waiting than this is told to come back: 1,000 pages at a few milliseconds each is as long
  /// as a person waits.
  static let queueMax = 1_000
  private let lock = Lock()
  private var queue: [@Sendable () -> Void] = []
  private var isStopping = false
  private var threads: [Worker] = []

  init(count: Int) {
    for index in 0..<count {
      let thread = Worker("pages \(index)") { [weak self] in self?.work() }
      threads.append(thread)
    }
    for thread in threads { thread.start() }
  }

  /// False where too much waits already.
  func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
    lock.with {
      guard queue.count < Workers.queueMax, !isStopping else { return false }
      queue.append(job)
      lock.wake()
      return true
    }
  }

  /// Finishes what waits and ends the threads.
  func stop() {
    lock.with {
      isStopping = true
      lock.wake()
    }
    for thread in threads { thread.join() }
    threads = []
  }

  private func work() {
    while true {
      let job: (@Sendable () -> Void)? = lock.with {
        while queue.isEmpty, !isStopping { lock.wait() }
        return queue.isEmpty ? nil : queue.removeFirst()
      }
      guard let job else { return }
      job()
    }
  }
}

/// How often somebody at one address may try to log in: thirty times in ten minutes.
final class Throttle: Sendable {
  let triesMax: Int
  let window: Int64
  /// Addresses remembered at once; when there are more, all are forgotten rather than none.
  static let addressesMax = 100_000
  private let tries = Mutex<[String: (since: Int64, count: Int)]>([:])

  init(triesMax: Int = 30, window: Int64 = 600_000) {
    self.triesMax = triesMax
    self.window = window
  }

  /// Counts a try; throws when there were too many.
  func count(_ address: String, at now: Instant) throws {
    let (triesMax, window) = (triesMax, window)
    let wait: Int64? = tries.withLock { tries in
      if tries.count > Throttle.addressesMax { tries.removeAll() }
      var entry = tries[address] ?? (now.milliseconds, 0)
      if now.milliseconds - entry.since >= window { entry = (now.milliseconds, 0) }
      entry.count += 1
      tries[address] = entry
      return entry.count > triesMax
        ? (entry.since + window - now.milliseconds) / 1000 + 1 : nil
    }
    if let wait { throw Trouble.tooOften(wait) }
  }
}
