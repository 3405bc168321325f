// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization
import Testing

@testable import HTTP

/// Serves `/hello` and `/later` for a load generator, so many seconds as `HTTP_SERVE` says:
///
///     HTTP_SERVE=30 swift test -c release -Xswiftc -enable-testing --filter serve &
///     wrk -t1 -c64 --latency http://127.0.0.1:8089/hello
@Suite struct LoadTests {
  @Test(.enabled(if: getenv("HTTP_SERVE") != nil)) func serve() throws {
    let seconds = UInt32(String(cString: getenv("HTTP_SERVE"))) ?? 10
    let waiting = Locked<[Reply]>([])
    let hello = Array(#"{"hello":"world"}"#.utf8)
    let server = try Server(listen: "127.0.0.1", port: 8089, threads: 2) { request, reply in
      if request.path == "/later" {
        waiting.with { $0.append(reply) }
      } else {
        reply.send(.json(hello))
      }
    }
    try server.start()
    let isOver = Flag()
    // Answers all that wait, as a writer does that commits in groups.
    later {
      while !isOver.value.load(ordering: .relaxed) {
        let all = waiting.with { replies in
          defer { replies.removeAll(keepingCapacity: true) }
          return replies
        }
        for reply in all { reply.send(.json(hello)) }
        usleep(200)
      }
    }
    sleep(seconds)
    isOver.value.store(true, ordering: .relaxed)
    server.stop(grace: 2)
  }
}

private final class Flag: Sendable { let value = Atomic<Bool>(false) }
