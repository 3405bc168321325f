// SPDX-License-Identifier: Apache-2.0
// EXCHANGE. One request and its answer, as the library below sees them.
//
//   begun ──head──▶ receiving ──body──▶ handled ──▶ answered ──▶ over
//     │               │                   │  ▲
//     └──refused──────┴──────────────────▶│  └─ resumed
//                                         └─▶ asleep (the handler will answer later)
//
// The thread that runs the handler and the one that answers meet in `state` alone:
//
//   handler returned:   working ─▶ asleep      or finds `answered` and goes on
//   reply.send:         working ─▶ answered    or finds `asleep` and resumes the connection
//
// `response` is written before the exchange of `state`, and read after it.
import CMicroHTTPD
import Glibc
import Synchronization

/// Sendable by its two rules: `response` is guarded by `state` as above, and everything else is
/// touched by the connection's own thread only.
final class Exchange: @unchecked Sendable {
  enum Stage { case begun, receiving, handled, over }
  static let working: UInt8 = 0
  static let answered: UInt8 = 1
  static let asleep: UInt8 = 2

  let server: Server
  let connection: OpaquePointer
  let targetAddress: UnsafeRawPointer
  let target: String
  var stage = Stage.begun
  var method = Method.get
  var path = ""
  var query = ""
  var head = Head()
  var unpacking: Unpacking?
  var refusal: Refusal?
  var limit = 0
  /// Bytes of the body as they came, of a body that is refused too.
  var arrived = 0
  var deadline: Int64 = 0
  var isLive = false

  private let state = Atomic<UInt8>(Exchange.working)
  private let isClaimed = Atomic<Bool>(false)
  private var response: Response?

  init(server: Server, connection: OpaquePointer, targetAddress: UnsafeRawPointer, target: String) {
    self.server = server
    self.connection = connection
    self.targetAddress = targetAddress
    self.target = target
  }

  deinit { unpacking?.close() }

  var isAnswered: Bool { isClaimed.load(ordering: .acquiring) }

  /// The answer, once and from any thread; false when there is one already.
  @discardableResult func answer(_ response: Response) -> Bool {
    guard !isClaimed.exchange(true, ordering: .acquiringAndReleasing) else { return false }
    var response = response
    response.compress(for: head)
    self.response = response
    let before = state.exchange(Exchange.answered, ordering: .acquiringAndReleasing)
    if before == Exchange.asleep {
      // In this order: who stops the server must see this connection until it is resumed.
      MHD_resume_connection(connection)
      server.sleepers.remove(self)
    }
    return true
  }

  /// The answer, if there is one; else the connection sleeps until it comes.
  func takeAnswerOrSleep() -> Response? {
    if state.load(ordering: .acquiring) == Exchange.answered { return response }
    server.sleepers.insert(self)
    if server.phase.load(ordering: .sequentiallyConsistent) == Server.Phase.ended {
      // The daemon may be ending already, and must find no connection asleep.
      server.sleepers.remove(self)
      answer(server.stopping)
      while state.load(ordering: .acquiring) != Exchange.answered { sched_yield() }
      return response
    }
    MHD_suspend_connection(connection)
    let (wentAsleep, _) = state.compareExchange(
      expected: Exchange.working, desired: Exchange.asleep, ordering: .acquiringAndReleasing)
    if !wentAsleep {
      // Answered between the two lines above: nobody else will resume it.
      MHD_resume_connection(connection)
      server.sleepers.remove(self)
    }
    return nil
  }
}

/// The one answer to a request. Send it within the handler where you can: then the connection need
/// not sleep. Dropped without an answer it sends 500.
package final class Reply: Sendable {
  private enum Receiver {
    case exchange(Exchange)
    case body(@Sendable (Response) -> Void, wasSent: Locked<Bool>)
  }
  private let receiver: Receiver

  init(_ exchange: Exchange) { receiver = .exchange(exchange) }

  /// For a handler that is called without a server, as tests of the rooms above do.
  package init(to body: @escaping @Sendable (Response) -> Void) {
    receiver = .body(body, wasSent: Locked(false))
  }

  /// From any thread; only the first counts.
  package func send(_ response: Response) {
    switch receiver {
    case .exchange(let exchange):
      exchange.answer(response)
    case .body(let body, let wasSent):
      let isFirst = wasSent.with { sent in
        defer { sent = true }
        return !sent
      }
      if isFirst { body(response) }
    }
  }

  deinit {
    let sentence = "The server found no answer to this request: tell its operator."
    switch receiver {
    case .exchange(let exchange):
      if !exchange.isAnswered { exchange.answer(exchange.server.refuse(500, sentence)) }
    case .body(let body, let wasSent):
      if !wasSent.with({ $0 }) { body(.text(sentence + "\n", status: 500)) }
    }
  }
}
