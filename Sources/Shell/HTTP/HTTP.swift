// SPDX-License-Identifier: Apache-2.0
// HTTP. Sockets, requests, answers. Knows no carbon, no pages, no partners.
//
//   socket ──▶ libmicrohttpd (a pool of threads with epoll)
//                │ head          ──admit──▶ refused and closed: a head that two readers of the
//                │                          same bytes could read differently, or a body too long
//                │ body, piece by piece ──▶ Exchange: collected, unpacked, bounded
//                ▼
//              handler(Request, Reply)
//                │ reply.send within the handler ──▶ written at once
//                └ reply.send later, any thread  ──▶ connection sleeps meanwhile, then is resumed
//
// Invariants
// - Every request that reaches the handler is answered exactly once: a Reply that is dropped sends
//   500, one that is used twice keeps its first answer.
// - The head is what its bytes say. The library below forgives line ends, folded lines, zeros,
//   repeated lengths; `Head` checks the bytes again and refuses all of them before any body.
// - What a client can make us hold is bounded: head, body before and after unpacking, connections,
//   idle time, time for a whole upload.
// - The handler runs on a thread of the pool: it must not wait. What takes time answers later.
// - Stopping answers what is under way and takes in nothing new.

package enum Method: String, Sendable, CaseIterable {
  case get = "GET"
  case head = "HEAD"
  case post = "POST"
  case put = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
  case options = "OPTIONS"
}

/// What clients may make the server hold.
package struct Limits: Sendable {
  /// Bytes of a request's head, and the largest piece of a body that is handed over at once.
  package var headBytes = 64 << 10
  /// Bytes of a body, before and after unpacking, decided at the head.
  package var body: @Sendable (Method, _ path: String) -> Int = { _, _ in 1 << 20 }
  /// A connection without a byte in either direction for so long is closed.
  /// So is one whose client said in one go all it had to say: the library's edge-triggered epoll
  /// can miss an end of input that arrives together with the last bytes. Its request is answered.
  package var idleSeconds = 60
  /// A body must have arrived whole after so long, however lively its connection is.
  package var uploadSeconds = 600
  package var connections = 10_000
  /// Zero: no limit for one address, as behind a proxy all have the same.
  package var connectionsPerAddress = 0
  package init() {}
}

/// The server could not start: what was tried, and what to do.
package struct ServerFailure: Error, CustomStringConvertible, Sendable {
  package var operation: String
  package var cause: String
  package var advice: String
  package var description: String { "\(operation): \(cause). \(advice)" }
}
