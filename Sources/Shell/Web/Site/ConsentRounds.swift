// SPDX-License-Identifier: Apache-2.0
import Desk
import Glibc
import Storage
import Synchronization

/// Asks again when texts change: once before the site answers anybody, then whenever a pack was
/// adopted, seen within a quarter of a second.
final class ConsentRounds: Sendable {
  private let isStopping = Atomic(false)
  private let worker: Mutex<Worker?>

  init(_ offices: [Office], _ vault: Vault, _ clock: @escaping Clock) {
    worker = Mutex(nil)
    for office in offices { ConsentRounds.run(office, vault, clock) }
    let thread = Worker("consents") { [weak self] in
      while let stops = self?.isStopping.load(ordering: .relaxed), !stops {
        usleep(250_000)
        for office in offices { ConsentRounds.run(office, vault, clock) }
      }
    }
    worker.withLock { $0 = thread }
    thread.start()
  }

  func stop() {
    isStopping.store(true, ordering: .relaxed)
    worker.withLock { worker in
      defer { worker = nil }
      return worker
    }?.join()
  }

  /// A round that fails is tried again: it is only marked as done at its end.
  private static func run(_ office: Office, _ vault: Vault, _ clock: Clock) {
    _ = try? office.renewConsents(vault, at: clock())
  }
}
