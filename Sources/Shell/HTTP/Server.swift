// SPDX-License-Identifier: Apache-2.0
import CMicroHTTPD
import Glibc
import Synchronization

/// A server on one address. Made, started and stopped by one thread; its handler runs on many.
///
/// Sendable: `daemon` is written by `start` and `stop` only, all else is constant or atomic.
package final class Server: @unchecked Sendable {
  package typealias Handler = @Sendable (Request, Reply) -> Void
  enum Phase { static let running: UInt8 = 0, draining: UInt8 = 1, ended: UInt8 = 2 }

  /// The port that is listened on, also where any free one was asked for.
  package let port: UInt16
  let handler: Handler
  let limits: Limits
  let sleepers = Sleepers()
  let phase = Atomic<UInt8>(Phase.running)
  let live = Atomic<Int>(0)
  /// How a refusal of this room looks: in plain text, unless the house wants it otherwise.
  let refuse: @Sendable (Int, String) -> Response
  private let threads: Int
  private let socket: Int32
  private var daemon: OpaquePointer?

  /// Listens at once, so that a port in use is found here; connections wait until `start`.
  package init(
    listen host: String, port: UInt16, threads: Int = 2, limits: Limits = Limits(),
    refuse: @escaping @Sendable (Int, String) -> Response = { .text($1 + "\n", status: $0) },
    handler: @escaping Handler
  ) throws(ServerFailure) {
    (socket, self.port) = try listening(host: host, port: port)
    self.threads = threads
    self.limits = limits
    self.refuse = refuse
    self.handler = handler
  }

  deinit {
    stop(grace: 0)
  }

  package func start() throws(ServerFailure) {
    precondition(daemon == nil, "A server is started once.")
    let me = Unmanaged.passUnretained(self).toOpaque()
    var options = [
      option(.LISTEN_SOCKET, Int(socket)),
      option(.CONNECTION_MEMORY_LIMIT, limits.headBytes),
      option(.CONNECTION_LIMIT, limits.connections),
      option(.PER_IP_CONNECTION_LIMIT, limits.connectionsPerAddress),
      option(.CONNECTION_TIMEOUT, limits.idleSeconds),
      option(.STRICT_FOR_CLIENT, 1),
      option(.URI_LOG_CALLBACK, unsafeBitCast(requestBegins, to: Int.self), me),
      option(.NOTIFY_COMPLETED, unsafeBitCast(requestEnds, to: Int.self), me),
      option(.NOTIFY_CONNECTION, unsafeBitCast(connectionChanges, to: Int.self), me),
      option(.UNESCAPE_CALLBACK, unsafeBitCast(leaveEscaped, to: Int.self)),
    ]
    if threads > 1 { options.append(option(.THREAD_POOL_SIZE, threads)) }
    options.append(option(.END, 0))
    let flags =
      MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
      | MHD_USE_TURBO.rawValue
    daemon = options.withUnsafeMutableBufferPointer { options in
      withVaList([
        Int32(bitPattern: MHD_OPTION.ARRAY.rawValue), options.baseAddress!,
        Int32(bitPattern: MHD_OPTION.END.rawValue),
      ]) { MHD_start_daemon_va(flags, port, nil, nil, requestContinues, me, $0) }
    }
    guard daemon != nil else {
      throw ServerFailure(
        operation: "Starting the HTTP server on port \(port)",
        cause: String(cString: strerror(errno)),
        advice: "Look at the limits on threads and open files of this account.")
    }
  }

  /// Takes no new connections, answers what is under way for at most `grace` seconds, and ends.
  ///
  /// Who still waits for an answer after that is told 503. Not to be called from a handler.
  package func stop(grace seconds: Double) {
    guard let daemon else {
      if phase.exchange(Phase.ended, ordering: .relaxed) != Phase.ended { close(socket) }
      return
    }
    self.daemon = nil
    phase.store(Phase.draining, ordering: .sequentiallyConsistent)
    let listener = MHD_quiesce_daemon(daemon)
    if listener >= 0 { close(listener) }
    waitUntilIdle(seconds)
    phase.store(Phase.ended, ordering: .sequentiallyConsistent)
    // The library ends the process when a connection still sleeps as its daemon stops.
    repeat {
      for exchange in sleepers.all {
        exchange.answer(stopping)
      }
      waitUntilIdle(0.2)
    } while !sleepers.all.isEmpty
    MHD_stop_daemon(daemon)
  }

  var stopping: Response {
    refuse(503, "The server is stopping: send this again in a moment.")
  }

  private func waitUntilIdle(_ seconds: Double) {
    let end = monotonicMilliseconds() + Int64(seconds * 1000)
    while live.load(ordering: .sequentiallyConsistent) > 0, monotonicMilliseconds() < end {
      usleep(5000)
    }
  }
}

func monotonicMilliseconds() -> Int64 {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now)
  return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
}

private func option(
  _ option: MHD_OPTION, _ value: Int, _ pointer: UnsafeMutableRawPointer? = nil
) -> MHD_OptionItem {
  MHD_OptionItem(option: option, value: value, ptr_value: pointer)
}

/// A listening socket and its port.
private func listening(host: String, port: UInt16) throws(ServerFailure) -> (Int32, UInt16) {
  func failure(_ cause: String) -> ServerFailure {
    ServerFailure(
      operation: "Listening on \(host) port \(port)", cause: cause,
      advice: "Choose another address or port with --listen, or end the program that uses it.")
  }
  var hints = addrinfo()
  hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
  var found: UnsafeMutablePointer<addrinfo>?
  let status = getaddrinfo(host, String(port), &hints, &found)
  guard status == 0, let address = found else {
    throw failure(String(cString: gai_strerror(status)))
  }
  defer { freeaddrinfo(found) }
  let kind = address.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
  let socket = Glibc.socket(address.pointee.ai_family, kind, 0)
  guard socket >= 0 else { throw failure(String(cString: strerror(errno))) }
  var yes: Int32 = 1
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
  guard bind(socket, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0,
    Glibc.listen(socket, 1024) == 0
  else {
    let cause = String(cString: strerror(errno))
    close(socket)
    throw failure(cause)
  }
  var name = sockaddr_in6()
  var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
  let given = withUnsafeMutablePointer(to: &name) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
  }
  // The port stands at the same place in both families.
  return (socket, given == 0 ? UInt16(bigEndian: name.sin6_port) : port)
}
