// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A pthread mutex: unlike `Synchronization.Mutex`, the thread sanitizer understands it.
///
/// Sendable because `value` is touched with `mutex` held only.
final class Locked<Value>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private var value: Value

  init(_ value: Value) {
    self.value = value
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  func with<Result>(_ body: (inout Value) -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body(&value)
  }
}

/// The exchanges whose connections sleep: the server must wake them before it may end.
struct Sleepers: Sendable {
  private let list = Locked<[ObjectIdentifier: Exchange]>([:])
  func insert(_ exchange: Exchange) { list.with { $0[ObjectIdentifier(exchange)] = exchange } }
  func remove(_ exchange: Exchange) { list.with { $0[ObjectIdentifier(exchange)] = nil } }
  var all: [Exchange] { list.with { Array($0.values) } }
}
