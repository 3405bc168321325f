// SPDX-License-Identifier: Apache-2.0
import Desk
import Journal
import Mechanism
import Storage
import Synchronization
import Units

/// 核验: the whole journal checked again while the server works on, as `tanpuhui verify` does it:
/// every hash, the chain, a replay, the audits of every room, the signed heads, and the Archive
/// beside the books. One at a time for each mechanism; the last result is kept.
final class Checkup: Sendable {
  struct Result: Sendable {
    var began: Instant
    var ended: Instant
    var by: String
    var verification: Verification
    /// Whether the Archive could be compared: it lags while much is written.
    var hasComparedArchive: Bool
  }

  enum State: Sendable {
    case idle
    case running(since: Instant, frame: UInt64, of: UInt64)
    case done(Result)
  }

  private struct Guarded {
    var state = State.idle
    var worker: Worker?
  }

  private let guarded = Mutex(Guarded())

  var state: State { guarded.withLock { $0.state } }

  /// False where one is on its way already.
  func start(_ office: Office, by: String, clock: @escaping Clock) -> Bool {
    guarded.withLock { guarded in
      if case .running = guarded.state { return false }
      guarded.state = .running(since: clock(), frame: 0, of: office.clerk.statistics.lastSequence)
      guarded.worker?.join()
      let worker = Worker("verify \(office.code)") { [unowned office] in
        self.run(office, by, clock)
      }
      guarded.worker = worker
      worker.start()
      return true
    }
  }

  /// Waits for what is on its way: it reads the journal's files.
  func stop() {
    let worker = guarded.withLock { guarded in
      defer { guarded.worker = nil }
      return guarded.worker
    }
    worker?.join()
  }

  private func run(_ office: Office, _ by: String, _ clock: Clock) {
    let began = clock()
    let last = office.clerk.statistics.lastSequence
    var hasCompared = false
    var report = Verification(mechanism: office.code)
    do {
      report = try Verification.run(
        code: office.code, store: office.store, heads: office.heads,
        progress: { frame in
          guard frame % 64 == 0 else { return }
          guarded.withLock { $0.state = .running(since: began, frame: frame, of: last) }
        })
      if report.isGood {
        report.faults += try office.archiveDifferences()
        hasCompared = true
      }
    } catch {
      report.faults.append("\(error)")
    }
    let result = Result(
      began: began, ended: clock(), by: by, verification: report, hasComparedArchive: hasCompared)
    guarded.withLock { $0.state = .done(result) }
  }
}
