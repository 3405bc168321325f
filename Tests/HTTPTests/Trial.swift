// SPDX-License-Identifier: Apache-2.0
import CZlib
import Glibc
import Synchronization

@testable import HTTP

/// A real server on loopback, with a handler for each habit that a room above can have.
///
///   /hello         answers at once           /later?ms=N   answers from another thread
///   /echo          length, sum, and method   /dropped      lets go of its Reply
///   /twice         answers two times         /page         a long text
final class Trial: Sendable {
  let server: Server

  init(
    bodyLimit: Int = 32 << 20, threads: Int = 2, prepare: (inout Limits) -> Void = { _ in }
  ) throws {
    var limits = Limits()
    limits.body = { _, path in path == "/small" ? 1000 : bodyLimit }
    limits.idleSeconds = 10
    prepare(&limits)
    server = try Server(
      listen: "127.0.0.1", port: 0, threads: threads, limits: limits, handler: Trial.answer)
    try server.start()
  }

  deinit { server.stop(grace: 1) }

  @Sendable static func answer(_ request: Request, _ reply: Reply) {
    switch request.path {
    case "/hello":
      reply.send(.json(Array(#"{"hello":"world"}"#.utf8)))
    case "/echo":
      let sum = request.body.reduce(into: UInt64(0)) { $0 = ($0 &* 31) &+ UInt64($1) }
      reply.send(.text("\(request.method.rawValue) \(request.body.count) \(sum)"))
    case "/later":
      let delay = UInt32(request.query["ms"] ?? "0") ?? 0
      let name = request.query["name"] ?? ""
      later {
        if delay > 0 { usleep(delay * 1000) }
        reply.send(.text("later \(name)"))
      }
    case "/stubborn":
      usleep(600_000)  // holds up its thread, and only then lets another answer
      later {
        usleep(50_000)
        reply.send(.text("too late"))
      }
    case "/dropped":
      break
    case "/twice":
      reply.send(.text("first"))
      reply.send(.text("second"))
    case "/page":
      reply.send(
        Response.html(String(repeating: "<p>碳普惠</p>\n", count: 500))
          .unlessUnchanged(request, tag: "v1"))
    case "/split":
      reply.send(Response(headers: [("X-Name", "a\r\nSet-Cookie: b")]))
    case "/headers":
      let cookie = request.cookies["session"] ?? "none"
      reply.send(
        .text("\(request.headers["x-NAME"] ?? "none")|\(cookie)|\(request.query.all("a"))"))
    case "/form":
      let form = request.form()
      reply.send(.text("\(form?["name"] ?? "none")|\(form?["note"] ?? "none")"))
    default:
      reply.send(.text(request.path, status: 404))
    }
  }

  func connect() -> Wire { Wire(port: server.port) }

  /// One request on a connection of its own.
  func ask(_ request: String, body: [UInt8] = []) -> Answer? {
    let wire = connect()
    wire.send(request)
    wire.send(body)
    return wire.read()
  }

  func get(_ target: String, headers: String = "") -> Answer? {
    ask("GET \(target) HTTP/1.1\r\nHost: a.example\r\n\(headers)\r\n")
  }

  func post(_ target: String, _ body: [UInt8], headers: String = "") -> Answer? {
    ask(
      "POST \(target) HTTP/1.1\r\nHost: a.example\r\n"
        + "Content-Length: \(body.count)\r\n\(headers)\r\n",
      body: body)
  }
}

/// Runs on a thread of its own, as a room above would.
func later(_ work: @escaping @Sendable () -> Void) {
  let box = Unmanaged.passRetained(Work(work)).toOpaque()
  var thread = pthread_t()
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  let made = pthread_create(
    &thread, &attributes,
    { opaque in
      Unmanaged<Work>.fromOpaque(opaque!).takeRetainedValue().run()
      return nil
    }, box)
  precondition(made == 0, "The test could not start a thread.")
  pthread_attr_destroy(&attributes)
}

private final class Work: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

struct Answer: Equatable {
  var status: Int
  var headers: [String: String]
  var body: [UInt8]
  var text: String { String(decoding: body, as: UTF8.self) }
}

/// A socket and nothing else, so that requests can be as wrong as they like.
final class Wire {
  let socket: Int32
  private var unread: [UInt8] = []

  init(port: UInt16, milliseconds: Int = 10_000) {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var timeout = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
    setsockopt(
      socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    precondition(status == 0, "The test could not connect to its own server.")
  }

  deinit { close(socket) }

  func send(_ text: String) { send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(
          socket, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  func halfClose() { shutdown(socket, Int32(SHUT_WR)) }

  /// Reads more; false at the end, an error, or after the time is over.
  private func fill() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(socket, &buffer, buffer.count, 0)
    guard count > 0 else { return false }
    unread.append(contentsOf: buffer[..<count])
    return true
  }

  /// The next answer; nil when the connection ended without one.
  func read(isHead: Bool = false) -> Answer? {
    var end: Int?
    while true {
      end = unread.indices.first { unread[$0...].starts(with: "\r\n\r\n".utf8) }
      if end != nil { break }
      guard fill() else { return nil }
    }
    let lines = String(decoding: unread[..<end!], as: UTF8.self).split(separator: "\r\n")
    let status = Int(lines[0].split(separator: " ")[1])!
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let colon = line.firstIndex(of: ":")!
      headers[line[..<colon].lowercased()] = String(
        line[line.index(after: colon)...].drop { $0 == " " })
    }
    unread.removeFirst(end! + 4)
    if status == 100 { return Answer(status: 100, headers: headers, body: []) }
    let length = isHead ? 0 : Int(headers["content-length"] ?? "0")!
    while unread.count < length { guard fill() else { return nil } }
    let body = Array(unread.prefix(length))
    unread.removeFirst(length)
    return Answer(status: status, headers: headers, body: body)
  }

  /// Whether the server ends the connection, within the time a read may take.
  func isClosedByServer() -> Bool {
    var byte: UInt8 = 0
    let count = recv(socket, &byte, 1, 0)
    return count == 0 || (count < 0 && errno == ECONNRESET)
  }
}
