// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A mutual exclusion of the system's threads, with a condition to wait for.
///
/// `Synchronization.Mutex` would do as well, but the thread sanitizer does not understand it on
/// Linux and reports races that are none; with this one its silence means something.
package final class Lock: @unchecked Sendable {  // guarded by itself
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  package init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    condition = .allocate(capacity: 1)
    condition.initialize(to: pthread_cond_t())
    let code = pthread_mutex_init(mutex, nil) | pthread_cond_init(condition, nil)
    precondition(code == 0, "the system has no mutex left")
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  package func lock() { pthread_mutex_lock(mutex) }
  package func unlock() { pthread_mutex_unlock(mutex) }

  package func with<R, E>(_ body: () throws(E) -> R) throws(E) -> R {
    lock()
    defer { unlock() }
    return try body()
  }

  /// Inside `with`: sleeps until somebody wakes us.
  package func wait() { pthread_cond_wait(condition, mutex) }
  package func wake() { pthread_cond_broadcast(condition) }
}

/// Many readers or one writer.
package final class ReadWriteLock: @unchecked Sendable {  // guarded by itself
  private let inner: UnsafeMutablePointer<pthread_rwlock_t>

  package init() {
    inner = .allocate(capacity: 1)
    inner.initialize(to: pthread_rwlock_t())
    let code = pthread_rwlock_init(inner, nil)
    precondition(code == 0, "the system has no lock left")
  }

  deinit {
    pthread_rwlock_destroy(inner)
    inner.deallocate()
  }

  package func lockReading() { pthread_rwlock_rdlock(inner) }
  package func lockWriting() { pthread_rwlock_wrlock(inner) }
  package func unlock() { pthread_rwlock_unlock(inner) }
}
