// SPDX-License-Identifier: Apache-2.0
import Desk
import FoundationEssentials
import Glibc
import Journal
import Mechanism
import Policy
import Storage
import Synchronization
import Units

/// 模拟测算: a draft tried over the whole journal while the server works on. One at a time for each
/// mechanism; its result is kept in the Vault, beside the draft.
///
/// It has a connection to the journal of its own, a state of its own and a thread of its own, which
/// asks the kernel for what nobody else wants.
final class Rehearsal: Sendable {
  enum State: Sendable {
    case idle
    case running(digest: String, since: Instant, frame: UInt64, of: UInt64)
    case failed(digest: String, String)
  }

  private struct Guarded {
    var state = State.idle
    var worker: Worker?
    var isStopping = false
  }

  /// The kernel's lowest priority for threads that share a processor.
  private static let niceness: Int32 = 19
  private let guarded = Mutex(Guarded())

  var state: State { guarded.withLock { $0.state } }

  /// False where one is on its way already.
  func start(
    _ office: Office, _ draft: PackDraft, _ files: [Pack.File], by staff: StaffID, vault: Vault,
    clock: @escaping Clock
  ) -> Bool {
    guarded.withLock { guarded in
      if case .running = guarded.state { return false }
      let last = office.clerk.statistics.lastSequence
      guarded.state = .running(digest: draft.digest, since: clock(), frame: 0, of: last)
      guarded.worker?.join()
      let worker = Worker("what if \(office.code)") { [unowned office] in
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Rehearsal.niceness)
        self.run(office, draft, files, staff, vault, clock)
      }
      guarded.worker = worker
      worker.start()
      return true
    }
  }

  /// Ends what is on its way, at the next frame.
  func stop() {
    let worker = guarded.withLock { guarded in
      defer { guarded.worker = nil }
      guarded.isStopping = true
      return guarded.worker
    }
    worker?.join()
  }

  private func run(
    _ office: Office, _ draft: PackDraft, _ files: [Pack.File], _ staff: StaffID, _ vault: Vault,
    _ clock: Clock
  ) {
    let began = clock()
    let setting = office.clerk.read { WhatIfReport.Setting($0) }
    do {
      let store = try office.followingStore()
      defer { if office.journalPath != nil { store.close() } }
      let report = try WhatIfReport.run(
        code: office.code, store: store, draft: files, setting: setting, clock: clock
      ) { frame in
        guard frame % 16 == 0 else { return true }
        return guarded.withLock { guarded in
          guarded.state = .running(
            digest: draft.digest, since: began, frame: frame, of: setting.last)
          return !guarded.isStopping
        }
      }
      if let report {
        let result = try JSONEncoder().encode(report)
        try vault.keepTrial(
          mechanism: office.code, digest: draft.digest, result: Array(result), by: staff,
          at: clock())
      }
      guarded.withLock { $0.state = .idle }
    } catch {
      guarded.withLock { $0.state = .failed(digest: draft.digest, "\(error)") }
    }
  }
}

extension Office {
  /// The journal through a connection that the desk does not share.
  func followingStore() throws -> any JournalStore {
    guard let journalPath else { return store }
    return try SQLiteStore(path: journalPath, access: .follow)
  }
}
