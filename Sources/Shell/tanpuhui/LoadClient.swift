// SPDX-License-Identifier: Apache-2.0
import Glibc
import Units

/// A client for measuring and tormenting a server on this machine: some connections, one thread,
/// one request under way on each.
struct LoadClient {
  struct Connection {
    var socket: Int32
    var body: [UInt8] = []
    var sent = 0
    var answer: [UInt8] = []
    var expected = -1
    var isBusy = false
  }

  let port: UInt16
  let head: String
  private(set) var connections: [Connection] = []

  /// `path` and `headers` are those of every request.
  init(port: UInt16, path: String, headers: [String], connections count: Int) throws {
    self.port = port
    head =
      "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
      + headers.map { $0 + "\r\n" }.joined()
    for _ in 0..<count { connections.append(Connection(socket: try LoadClient.connect(port))) }
  }

  static func connect(_ port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let failure = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard failure == 0 else {
      Glibc.close(descriptor)
      throw CommandFailure("no server answers on port \(port)")
    }
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(4))
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL, 0) | O_NONBLOCK)
    return descriptor
  }

  func close() { for connection in connections { Glibc.close(connection.socket) } }

  /// Sends what `next` gives (nil: no more) and hands every answer's status and body to `done`.
  mutating func run(
    next: (Int) -> [UInt8]?, done: (Int, Int, ArraySlice<UInt8>) throws -> Void
  ) throws {
    var polls = connections.map { pollfd(fd: $0.socket, events: 0, revents: 0) }
    var open = 0
    for index in connections.indices where give(index, next(index)) { open += 1 }
    while open > 0 {
      for index in polls.indices {
        let connection = connections[index]
        polls[index].fd = connection.isBusy ? connection.socket : -1
        polls[index].events = Int16(connection.sent < connection.body.count ? POLLOUT : POLLIN)
      }
      guard poll(&polls, nfds_t(polls.count), 30_000) > 0 else {
        throw CommandFailure("the server did not answer within 30 s")
      }
      for index in polls.indices where polls[index].revents != 0 && connections[index].isBusy {
        if connections[index].sent < connections[index].body.count {
          try send(index)
        } else if try receive(index) {
          let (status, start) = try split(index)
          try done(index, status, connections[index].answer[start...])
          if !give(index, next(index)) { open -= 1 }
        }
      }
    }
  }

  private mutating func give(_ index: Int, _ body: [UInt8]?) -> Bool {
    guard let body else {
      connections[index].isBusy = false
      return false
    }
    connections[index].body = Array((head + "Content-Length: \(body.count)\r\n\r\n").utf8) + body
    connections[index].sent = 0
    connections[index].answer.removeAll(keepingCapacity: true)
    connections[index].expected = -1
    connections[index].isBusy = true
    return true
  }

  private mutating func send(_ index: Int) throws {
    let from = connections[index].sent
    let done = connections[index].body.withUnsafeBytes {
      Glibc.send(
        connections[index].socket, $0.baseAddress! + from, $0.count - from,
        Int32(MSG_NOSIGNAL))
    }
    if done < 0, errno == EAGAIN { return }
    guard done > 0 else { throw CommandFailure("the server closed a connection") }
    connections[index].sent += done
  }

  /// Whether the answer is whole.
  private mutating func receive(_ index: Int) throws -> Bool {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let got = recv(connections[index].socket, &chunk, chunk.count, 0)
    if got < 0, errno == EAGAIN { return false }
    guard got > 0 else { throw CommandFailure("the server closed a connection") }
    connections[index].answer += chunk[..<got]
    if connections[index].expected < 0 {
      guard let end = LoadClient.headEnd(connections[index].answer) else { return false }
      let head = String(decoding: connections[index].answer[..<end], as: UTF8.self).lowercased()
      let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
        .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) }
      connections[index].expected = end + (length ?? 0)
    }
    return connections[index].answer.count >= connections[index].expected
  }

  private func split(_ index: Int) throws -> (Int, Int) {
    let answer = connections[index].answer
    guard answer.count > 12, let end = LoadClient.headEnd(answer),
      let status = Int(String(decoding: answer[9..<12], as: UTF8.self))
    else { throw CommandFailure("the server's answer is not HTTP") }
    return (status, end)
  }

  private static func headEnd(_ bytes: [UInt8]) -> Int? {
    var at = 3
    while at < bytes.count {
      if bytes[at] == 10, bytes[at - 1] == 13, bytes[at - 2] == 10, bytes[at - 3] == 13 {
        return at + 1
      }
      at += 1
    }
    return nil
  }
}

/// Bodies of NDJSON whose events differ in fixed places only, so that writing them costs a client
/// next to nothing.
struct EventBodies {
  let citizens: Int
  private let line: [UInt8]
  private let start = Day(year: 2026, month: 3, day: 1)!
  private let places: (id: Int, subject: Int, day: Int, clock: Int, metres: Int)

  init(citizens: Int) {
    self.citizens = citizens
    let text =
      "{\"specversion\":\"1.0\",\"id\":\"000000000000\",\"source\":\"/bench\",\"type\":\"metro\","
      + "\"subject\":\"u00000000\",\"time\":\"2026-03-11T08:15:00+08:00\",\"datacontenttype\":"
      + "\"application/json\",\"data\":{\"distanceMetres\":10000.0,\"durationSeconds\":1800}}\n"
    let line = Array(text.utf8)
    func place(_ part: String) -> Int {
      let bytes = Array(part.utf8)
      return (0...line.count - bytes.count).first {
        line[$0..<($0 + bytes.count)].elementsEqual(bytes)
      }!
    }
    places = (
      id: place("000000000000"), subject: place("u00000000") + 1, day: place("-03-11T") + 1,
      clock: place("08:15:00"), metres: place("10000.0") + 1
    )
    self.line = line
  }

  /// `count` events from `first` on; one event's citizen, day and distance follow from its number.
  func body(first: Int, count: Int) -> [UInt8] {
    var body = [UInt8](repeating: 0, count: line.count * count)
    body.withUnsafeMutableBufferPointer { body in
      for index in 0..<count {
        let at = body.baseAddress! + index * line.count
        at.update(from: line, count: line.count)
        let number = UInt64(first + index)
        let random = EventBodies.mix(number)
        EventBodies.digits(number, 12, at + places.id)
        // Everybody comes once, then in any order.
        let subject = number < UInt64(citizens) ? number : random % UInt64(citizens)
        EventBodies.digits(subject, 8, at + places.subject)
        // Another day for every round: time goes on, as it does in a city.
        let date = Day(start.number + Int32(number / UInt64(citizens))).civil
        EventBodies.digits(UInt64(date.month), 2, at + places.day)
        EventBodies.digits(UInt64(date.day), 2, at + places.day + 3)
        EventBodies.digits(6 + random >> 32 % 16, 2, at + places.clock)
        EventBodies.digits(random >> 40 % 60, 2, at + places.clock + 3)
        EventBodies.digits(random >> 44 % 10_000, 4, at + places.metres)
      }
    }
    return body
  }

  private static func digits(_ value: UInt64, _ width: Int, _ place: UnsafeMutablePointer<UInt8>) {
    var value = value
    for at in stride(from: width - 1, through: 0, by: -1) {
      place[at] = 48 + UInt8(value % 10)
      value /= 10
    }
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
