// SPDX-License-Identifier: Apache-2.0
// A partner's address that we call. Who registers one must not make this server speak to its own
// network: only https is called, and `Outgoing` opens no connection to an address that is private,
// of this machine, or of this link. A development server may call loopback, by http too.

import Outgoing

/// Where something is posted.
package struct Destination: Sendable, Equatable {
  package var text: String
  package var isSecure: Bool
  package var host: String
  package var port: UInt16
  package var path: String

  /// Nil for what is no such address: `https://host[:port]/path`.
  package init?(_ text: String) {
    self.text = text
    guard text.utf8.count <= 500, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { return nil }
    let rest: Substring
    if text.hasPrefix("https://") {
      (isSecure, rest) = (true, text.dropFirst("https://".count))
    } else if text.hasPrefix("http://") {
      (isSecure, rest) = (false, text.dropFirst("http://".count))
    } else {
      return nil
    }
    let place = rest.prefix { $0 != "/" }
    let parts = place.split(separator: ":", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), !parts[0].isEmpty, !place.contains("@"),
      !rest.contains("#")
    else { return nil }
    host = String(parts[0])
    guard let number = parts.count == 2 ? UInt16(parts[1]) : isSecure ? 443 : 80 else {
      return nil
    }
    port = number
    path = rest.count == place.count ? "/" : String(rest[place.endIndex...])
  }

  /// Whether it may be registered: https, or, for development, this machine.
  package func mayBeCalled(development: Bool) -> Bool {
    isSecure || development && ["127.0.0.1", "localhost"].contains(host)
  }

  package func reach(development: Bool) -> OutgoingCall.Reach {
    development ? .publicOrThisMachine : .publicOnly
  }
}
