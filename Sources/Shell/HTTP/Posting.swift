// SPDX-License-Identifier: Apache-2.0
// POSTING. The one thing this program sends by itself: a small body to an address that somebody
// registered, and back comes a status.
//
//   destination ──resolved──▶ an address we may call ──TLS──▶ POST ──▶ status line
//
// Who registers an address must not make this server speak to its own network: only https is
// called, and no address that is private, of this machine, or of this link. A development server
// may call loopback, by http too. Redirects are not followed. One connection a call; everything has
// a deadline.

import CTLS
import Glibc

/// Where something is posted.
package struct Destination: Sendable, Equatable {
  package var isSecure: Bool
  package var host: String
  package var port: UInt16
  package var path: String

  /// Nil for what is no such address: `https://host[:port]/path`.
  package init?(_ text: String) {
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
}

/// Why nothing came back.
package struct PostingFailure: Error, Sendable {
  package var sentence: String
  package init(sentence: String) { self.sentence = sentence }
}

package enum Posting {
  static let timeoutSeconds = 10

  /// Posts and answers the status.
  package static func post(
    _ destination: Destination, headers: [(name: String, value: String)], body: [UInt8],
    development: Bool
  ) throws(PostingFailure) -> Int {
    guard destination.mayBeCalled(development: development) else {
      throw PostingFailure(sentence: "only https is called")
    }
    let socket = try connected(destination, development: development)
    defer { close(socket) }
    let standard = destination.port == (destination.isSecure ? 443 : 80)
    var head = "POST \(destination.path) HTTP/1.1\r\n"
    head += "Host: \(destination.host)\(standard ? "" : ":\(destination.port)")\r\n"
    head += "Content-Length: \(body.count)\r\nConnection: close\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    let bytes = Array((head + "\r\n").utf8) + body
    let answer =
      destination.isSecure
      ? try securely(socket, destination.host, bytes) : try plainly(socket, bytes)
    // HTTP/1.1 204 No Content
    let words = answer.split(separator: 32, maxSplits: 2)
    guard words.count >= 2, words[0].starts(with: Array("HTTP/1.".utf8)),
      let status = Int(String(decoding: words[1].prefix(3), as: UTF8.self))
    else { throw PostingFailure(sentence: "the answer is no HTTP") }
    return status
  }

  private static func connected(
    _ destination: Destination, development: Bool
  ) throws(PostingFailure) -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(destination.host, "\(destination.port)", &hints, &found) == 0 else {
      throw PostingFailure(sentence: "the name \(destination.host) is not known")
    }
    defer { freeaddrinfo(found) }
    var isForbidden = false
    var next = found
    while let entry = next?.pointee {
      next = entry.ai_next
      guard mayCall(Address(entry.ai_addr), development: development) else {
        isForbidden = true
        continue
      }
      let socket = socket(entry.ai_family, entry.ai_socktype, entry.ai_protocol)
      guard socket >= 0 else { continue }
      var limit = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
      let size = socklen_t(MemoryLayout<timeval>.size)
      setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
      setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
      if connect(socket, entry.ai_addr, entry.ai_addrlen) == 0 { return socket }
      close(socket)
    }
    throw PostingFailure(
      sentence: isForbidden
        ? "the address is of this machine or a private network" : "nobody answers there")
  }

  /// Not this machine, not a private network, not this link.
  static func mayCall(_ address: Address, development: Bool) -> Bool {
    let mapped = address.isIPv6 && address.description.hasPrefix("::ffff:")
    let text = mapped ? String(address.description.dropFirst(7)) : address.description
    if !address.isIPv6 || mapped {
      let parts = text.split(separator: ".").compactMap { UInt8($0) }
      guard parts.count == 4 else { return false }
      switch (parts[0], parts[1]) {
      case (127, _): return development
      case (0, _), (10, _), (169, 254), (192, 168), (224..., _): return false
      case (172, 16...31), (100, 64...127): return false
      default: return true
      }
    }
    if text == "::1" { return development }
    return !["fc", "fd", "fe8", "fe9", "fea", "feb", "ff"].contains { text.hasPrefix($0) }
      && text != "::"
  }

  private static func plainly(
    _ socket: Int32, _ bytes: [UInt8]
  ) throws(PostingFailure) -> [UInt8] {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        send(socket, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw PostingFailure(sentence: "the connection broke") }
      sent += count
    }
    return try read { recv(socket, $0, $1, 0) }
  }

  private static func securely(
    _ socket: Int32, _ host: String, _ bytes: [UInt8]
  ) throws(PostingFailure) -> [UInt8] {
    let context = SSL_CTX_new(TLS_client_method())
    defer { SSL_CTX_free(context) }
    SSL_CTX_set_default_verify_paths(context)
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
    let session = SSL_new(context)
    defer { SSL_free(session) }
    SSL_set_fd(session, socket)
    SSL_set1_host(session, host)
    // SSL_set_tlsext_host_name is a macro: the name of the server, for those that have several.
    _ = host.withCString { name in
      SSL_ctrl(
        session, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name),
        UnsafeMutableRawPointer(mutating: name))
    }
    guard SSL_connect(session) == 1 else {
      let why = SSL_get_verify_result(session)
      ERR_clear_error()
      throw PostingFailure(
        sentence: why == X509_V_OK
          ? "no TLS connection" : "its certificate is not to be trusted (\(why))")
    }
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        SSL_write(session, $0.baseAddress! + sent, Int32(bytes.count - sent))
      }
      guard count > 0 else { throw PostingFailure(sentence: "the connection broke") }
      sent += Int(count)
    }
    let answer = try read { Int(SSL_read(session, $0, Int32($1))) }
    SSL_shutdown(session)
    return answer
  }

  /// As much as the status line needs.
  private static func read(
    _ body: (UnsafeMutableRawPointer, Int) -> Int
  ) throws(PostingFailure) -> [UInt8] {
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while answer.count < 4096, !answer.contains(10) {
      let count = buffer.withUnsafeMutableBytes { body($0.baseAddress!, $0.count) }
      guard count > 0 else { break }
      answer += buffer[0..<count]
    }
    guard !answer.isEmpty else { throw PostingFailure(sentence: "no answer came in time") }
    return answer
  }
}
