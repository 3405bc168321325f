// SPDX-License-Identifier: Apache-2.0
import Behaviour
import CPlatform
import Glibc
import Journal
import Mechanism
import Storage
import Units

/// What a batch or a command came to, told after it is durable.
package struct Committed<Result: Sendable>: Sendable {
  package var result: Result
  /// The frame that holds it; the last one where nothing had to be written.
  package var sequence: UInt64
}

/// Where the clerk gets the time; replaced in simulations.
package typealias Clock = @Sendable () -> Instant

package func systemClock() -> Instant {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
}

/// The one writer of a mechanism, on its own thread.
///
/// `@unchecked Sendable`: the queue and the counters are guarded by `lock`; the core belongs to the
/// clerk's thread alone.
package final class Clerk: @unchecked Sendable {
  /// At most this many reports in one frame: a frame of 100,000 reports is some 10 MB, written in
  /// well under a second.
  static let reportsPerFrameMax = 100_000

  package let code: String
  package let store: any JournalStore
  private let clock: Clock
  private let lock = Lock()
  private var queue: [Item] = []
  private var isStopping = false
  private var worker: Worker?
  /// The clerk's thread's own.
  private var core: Core
  /// The clerk's thread's own.
  private var room = RoomAhead()
  private let onFailure: @Sendable (StoreFailure) -> Void
  /// The clerk's thread's own: after a failed append the state is ahead of the journal, so nothing
  /// is decided or answered any more, and no snapshot of it is kept.
  private var hasFailed = false
  private var counters = Counters()
  private var publishedNow: Published

  /// What happened since the program started.
  package struct Counters: Sendable {
    package var frames: UInt64 = 0
    package var facts: UInt64 = 0
    package var reports: UInt64 = 0
    package var waitingNow = 0
    package var outcomes: [UInt64] = .init(repeating: 0, count: 8)
    package var lastSequence: UInt64 = 0
    package var footprint = 0
  }

  private enum Item {
    case batch(ReportBatch, @Sendable (UInt64) -> Void)
    case command(
      Command, @Sendable (Result<Committed<CommandResult>, CommandRefusal>) -> Void)
    case question(@Sendable (inout Core) -> Void)
  }

  /// Takes over an opened core; `start` sets the clerk to work.
  package init(
    core: consuming Core, store: any JournalStore, clock: @escaping Clock = systemClock,
    onFailure: @escaping @Sendable (StoreFailure) -> Void = Clerk.endProcess
  ) {
    code = core.state.code
    counters.lastSequence = core.state.lastSequence
    counters.facts = core.state.nextFact.raw - 1
    publishedNow = Published(core.state)
    self.core = core
    self.store = store
    self.clock = clock
    self.onFailure = onFailure
  }

  /// The state ran ahead of the journal: going on would answer for what is not written.
  package static func endProcess(_ failure: StoreFailure) {
    tph_complain(
      "tanpuhui: the journal can't be written, so nothing more is accepted. \(failure)\n"
        + "Nothing that was answered is lost. Mend the cause and start again.")
    _exit(74)
  }

  package func start() {
    // The thread holds the clerk: one that nobody stops must not vanish under its own thread.
    let worker = Worker("desk \(code)") { [self] in work() }
    self.worker = worker
    worker.start()
  }

  /// Finishes what is in the queue, takes a snapshot, and ends the thread.
  package func stop() {
    guard let worker else { return }
    lock.with {
      isStopping = true
      lock.wake()
    }
    worker.join()
    self.worker = nil
  }

  /// Hands in a batch; `reply` is called on the clerk's thread when it is durable, with the frame's
  /// sequence. The batch belongs to the clerk until then.
  package func submit(_ batch: ReportBatch, reply: @escaping @Sendable (UInt64) -> Void) {
    enqueue(.batch(batch, reply))
  }

  /// Hands in a command; `reply` is called on the clerk's thread when it is durable, or refused.
  package func perform(
    _ command: Command,
    reply: @escaping @Sendable (Result<Committed<CommandResult>, CommandRefusal>) -> Void
  ) { enqueue(.command(command, reply)) }

  /// Hands in a command and waits.
  package func perform(_ command: Command) throws(CommandRefusal) -> Committed<CommandResult> {
    let answer = Answer<Result<Committed<CommandResult>, CommandRefusal>>()
    perform(command) { answer.give($0) }
    return try answer.take().get()
  }

  /// Hands in a batch and waits; answers the frame's sequence.
  package func submit(_ batch: ReportBatch) -> UInt64 {
    let answer = Answer<UInt64>()
    submit(batch) { answer.give($0) }
    return answer.take()
  }

  /// Asks the state, between two commits.
  package func read<T: Sendable>(_ body: @escaping @Sendable (borrowing Mechanism.State) -> T) -> T
  {
    ask { core in body(core.state) }
  }

  /// Asks state, log and keys, between two commits.
  package func ask<T: Sendable>(_ body: @escaping @Sendable (inout Core) -> T) -> T {
    let answer = Answer<T>()
    enqueue(.question { answer.give(body(&$0)) })
    return answer.take()
  }

  /// What decoders need to know, as of the last command: no question to the clerk's thread.
  package var published: Published { lock.with { publishedNow } }

  package var statistics: Counters {
    lock.with {
      var counters = counters
      counters.waitingNow = queue.count
      return counters
    }
  }

  private func enqueue(_ item: Item) {
    lock.with {
      precondition(!isStopping, "the desk of \(code) has closed")
      queue.append(item)
      lock.wake()
    }
  }

  private func work() {
    var items: [Item] = []
    while true {
      let isIdle = lock.with { queue.isEmpty && !isStopping }
      if isIdle, !hasFailed, room.step(&core.state) { continue }
      let stopping = lock.with {
        while queue.isEmpty, !isStopping { lock.wait() }
        swap(&items, &queue)
        return isStopping
      }
      if items.isEmpty, stopping { break }
      serve(items)
      items.removeAll(keepingCapacity: true)
    }
    if !hasFailed { core.takeSnapshot() }
  }

  /// One group after another, each one frame.
  private func serve(_ items: [Item]) {
    var at = 0
    while at < items.count, !hasFailed {
      var end = at
      var reports = 0
      while end < items.count, end == at || reports < Clerk.reportsPerFrameMax {
        if case .batch(let batch, _) = items[end] { reports += batch.count }
        end += 1
      }
      commit(items[at..<end])
      at = end
    }
  }

  private func commit(_ group: ArraySlice<Item>) {
    let now = core.begin(clock())
    // What was approved for today holds before anything else of today is decided.
    let adopted = core.state.adoptions.count
    core.state.prepare(now, writer: core.writer)
    let hasNewPack = core.state.adoptions.count > adopted
    var results: [Result<CommandResult, CommandRefusal>] = []
    for item in group {
      switch item {
      case .batch(let batch, _): core.state.admit(batch, now: now, writer: core.writer)
      case .command(let command, _):
        results.append(core.state.perform(command, now: now, writer: core.writer))
      case .question: break
      }
    }
    do {
      try core.seal(now, into: store)
    } catch {
      hasFailed = true
      onFailure(error)
      return
    }
    answer(group, results, hasNewPack)
  }

  private func answer(
    _ group: ArraySlice<Item>, _ results: [Result<CommandResult, CommandRefusal>],
    _ hasNewPack: Bool
  ) {
    let sequence = core.state.lastSequence
    count(group, sequence)
    if !results.isEmpty || hasNewPack {
      let fresh = Published(core.state)
      lock.with { publishedNow = fresh }
    }
    var rest = results[...]
    for item in group {
      switch item {
      case .batch(_, let reply): reply(sequence)
      case .command(_, let reply):
        reply(rest.removeFirst().map { Committed(result: $0, sequence: sequence) })
      case .question(let body): body(&core)
      }
    }
    core.takeSnapshotIfDue()
  }

  private func count(_ group: ArraySlice<Item>, _ sequence: UInt64) {
    var outcomes: [UInt64] = .init(repeating: 0, count: 8)
    var reports: UInt64 = 0
    for case .batch(let batch, _) in group {
      for index in 0..<batch.count { outcomes[Int(batch.verdicts[index].outcome.rawValue)] += 1 }
      reports += UInt64(batch.count)
    }
    let facts = core.state.nextFact.raw - 1
    let footprint = core.state.footprint
    lock.with {
      if counters.lastSequence != sequence { counters.frames += 1 }
      counters.lastSequence = sequence
      counters.facts = facts
      counters.reports += reports
      counters.footprint = footprint
      for index in outcomes.indices { counters.outcomes[index] += outcomes[index] }
    }
  }
}

/// One value handed from one thread to another. `@unchecked Sendable`: guarded by its lock.
package final class Answer<T: Sendable>: @unchecked Sendable {
  private let lock = Lock()
  private var value: T?

  package init() {}

  package func give(_ value: T) {
    lock.with {
      self.value = value
      lock.wake()
    }
  }

  package func take() -> T {
    lock.with {
      while value == nil { lock.wait() }
      return value!
    }
  }
}
