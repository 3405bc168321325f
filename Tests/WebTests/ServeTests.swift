// SPDX-License-Identifier: Apache-2.0
import Glibc
import HTTP
import Testing

@testable import Web

/// With SERVE=port a town is served until the process is ended: for looking at pages by hand.
@Suite struct ServeTests {
  @Test(.enabled(if: getenv("SERVE") != nil)) func serves() throws {
    let town = try Town(port: UInt16(String(cString: getenv("SERVE")!))!, riders: 12)
    print("http://127.0.0.1:\(town.server.port)/  key \(town.key)")
    while true { sleep(60) }
  }
}
