// SPDX-License-Identifier: Apache-2.0
import CMicroHTTPD
import Glibc

/// One request, whole: its head was checked and its body unpacked.
package struct Request: Sendable {
  package let method: Method
  /// As it stood in the request line.
  package let target: String
  /// Decoded: no `.` or `..`, no encoded slash, no control character.
  package let path: String
  package let headers: Head
  package let body: [UInt8]
  package let remote: Address
  let rawQuery: String

  init(
    method: Method, target: String, path: String, rawQuery: String, headers: Head, body: [UInt8],
    remote: Address
  ) {
    self.method = method
    self.target = target
    self.path = path
    self.rawQuery = rawQuery
    self.headers = headers
    self.body = body
    self.remote = remote
  }

  /// A request that came through no socket, as tests of the rooms above make them; nil for a target
  /// that the server would have refused.
  package init?(
    _ method: Method, _ target: String, headers: [(name: String, value: String)] = [],
    body: [UInt8] = []
  ) {
    let head = Head(lines: headers)
    guard let parsed = try? Target(target, host: head["Host"]) else { return nil }
    self.init(
      method: method, target: target, path: parsed.path, rawQuery: parsed.query, headers: head,
      body: body, remote: Address())
  }

  /// After the question mark; `+` is a space.
  package var query: Pairs { Pairs(encoded: Substring(rawQuery)) ?? Pairs() }

  package var cookies: Pairs {
    var pairs = Pairs()
    for header in headers.all("Cookie") {
      for cookie in header.split(separator: ";") {
        guard let equals = cookie.firstIndex(of: "=") else { continue }
        let value = trimmed(cookie[cookie.index(after: equals)...])
        pairs.append(trimmed(cookie[..<equals]), value)
      }
    }
    return pairs
  }

  /// The media type of the body in lower case, without parameters: `application/json`.
  package var mediaType: String {
    let value = headers["Content-Type"] ?? ""
    return trimmed(value.prefix { $0 != ";" }).lowercased()
  }

  /// The fields of a form; nil for another media type, or a form that is not well encoded.
  package func form() -> Pairs? {
    if mediaType == "multipart/form-data" {
      return parts().map { parts in
        var pairs = Pairs()
        for part in parts where part.fileName == nil {
          pairs.append(part.name, String(decoding: part.bytes, as: UTF8.self))
        }
        return pairs
      }
    }
    guard mediaType == "application/x-www-form-urlencoded",
      let text = String(validating: body, as: UTF8.self)
    else { return nil }
    return Pairs(encoded: Substring(text))
  }
}

/// Names with values, in the order they were sent; a name may come more than once.
package struct Pairs: Sendable, Sequence {
  private var pairs: [(name: String, value: String)] = []

  package init() {}

  /// `a=1&b=two+words`; nil where the encoding is broken.
  init?(encoded text: Substring) {
    for part in text.split(separator: "&") {
      let equals = part.firstIndex(of: "=") ?? part.endIndex
      let rest = equals == part.endIndex ? "" : part[part.index(after: equals)...]
      guard let name = percentDecoded(part[..<equals], plusIsSpace: true),
        let value = percentDecoded(rest, plusIsSpace: true)
      else { return nil }
      pairs.append((name, value))
    }
  }

  /// The first value of a name.
  package subscript(_ name: String) -> String? { pairs.first { $0.name == name }?.value }
  package func all(_ name: String) -> [String] {
    pairs.filter { $0.name == name }.map(\.value)
  }
  package func makeIterator() -> IndexingIterator<[(name: String, value: String)]> {
    pairs.makeIterator()
  }
  mutating func append(_ name: String, _ value: String) { pairs.append((name, value)) }
}

/// The address a connection came from.
package struct Address: Hashable, Sendable, CustomStringConvertible {
  var isIPv6 = false
  var high: UInt64 = 0
  var low: UInt64 = 0

  init() {}

  init(_ address: UnsafePointer<sockaddr>?) {
    guard let address else { return }
    let raw = UnsafeRawPointer(address)
    if address.pointee.sa_family == sa_family_t(AF_INET6) {
      isIPv6 = true
      high = raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
      low = raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
    } else if address.pointee.sa_family == sa_family_t(AF_INET) {
      low = UInt64(raw.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    }
  }

  package var description: String {
    var bytes = (high, low)
    var narrow = UInt32(truncatingIfNeeded: low)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
      let made =
        isIPv6
        ? inet_ntop(AF_INET6, &bytes, text.baseAddress!, 64)
        : inet_ntop(AF_INET, &narrow, text.baseAddress!, 64)
      return made.map { String(cString: $0) } ?? "unknown"
    }
  }
}
