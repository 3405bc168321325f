// SPDX-License-Identifier: Apache-2.0
// DESK. The one writer of a mechanism.
//
//   HTTP threads ──batch, command, question──▶ queue ──▶ the clerk's thread
//                                                          │  takes all that waits
//                                                          │  decides each in turn
//                                                          │  seals one frame
//                                                          │  makes it durable: one fsync for all
//                                                          ▼
//   HTTP threads ◀──answers── only now
//
// Invariants
//   - Nobody is answered before what they caused is durable.
//   - A failed append ends the process: the state ran ahead of the journal, and replay is the undo.
//   - Questions are answered between two commits: they see what is durable, and all of it.

import CPlatform
import Glibc

/// A thread of our own, with a name that `top -H` shows.
package final class Worker: @unchecked Sendable {
  // Written before the thread starts and by `join` only: no lock needed.
  private var thread = pthread_t()
  private let name: String
  private let body: @Sendable () -> Void

  package init(_ name: String, _ body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }

  package func start() {
    let failure = pthread_create(
      &thread, nil,
      { pointer in
        let worker = Unmanaged<Worker>.fromOpaque(pointer!).takeRetainedValue()
        tph_name_thread(String(worker.name.prefix(15)))
        worker.body()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    precondition(failure == 0, "the system gives no more threads: raise its limit")
  }

  package func join() { pthread_join(thread, nil) }
}
