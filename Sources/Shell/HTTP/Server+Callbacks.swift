// SPDX-License-Identifier: Apache-2.0
// CALLBACKS. What libmicrohttpd calls, in the order of a request:
//
//   connectionChanges ─▶ requestBegins ─▶ requestContinues: head
//                                         requestContinues: each piece of the body
//                                         requestContinues: end  (again after a sleep)
//                                      ─▶ requestEnds
//
// All of them run on the connection's own thread.
import CMicroHTTPD
import Glibc
import Synchronization

let leaveEscaped:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<CChar>?
  ) -> Int = { _, _, text in text.map { strlen($0) } ?? 0 }

let connectionChanges:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    MHD_ConnectionNotificationCode
  ) -> Void = { _, connection, _, change in
    guard change == .CONNECTION_NOTIFY_STARTED,
      let info = connectionInfo(connection, .CONNECTION_INFO_CONNECTION_FD)
    else { return }
    var yes: Int32 = 1
    setsockopt(
      info.pointee.connect_fd, Int32(IPPROTO_TCP), TCP_NODELAY, &yes,
      socklen_t(MemoryLayout<Int32>.size))
  }

let requestBegins:
  @convention(c) (
    UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?
  ) -> UnsafeMutableRawPointer? = { server, target, connection in
    guard let server, let target, let connection else { return nil }
    let exchange = Exchange(
      server: Unmanaged<Server>.fromOpaque(server).takeUnretainedValue(), connection: connection,
      targetAddress: UnsafeRawPointer(target), target: String(cString: target))
    return Unmanaged.passRetained(exchange).toOpaque()
  }

let requestEnds:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    MHD_RequestTerminationCode
  ) -> Void = { _, _, context, _ in
    guard let opaque = context?.pointee else { return }
    context?.pointee = nil
    let exchange = Unmanaged<Exchange>.fromOpaque(opaque).takeRetainedValue()
    exchange.stage = .over
    if exchange.isLive { exchange.server.live.subtract(1, ordering: .sequentiallyConsistent) }
  }

let requestContinues:
  @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?,
    UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafeMutablePointer<Int>?,
    UnsafeMutablePointer<UnsafeMutableRawPointer?>?
  ) -> MHD_Result = { _, _, _, method, version, piece, size, context in
    // Without a target there is no exchange: HTTP/0.9 and its like.
    guard let opaque = context?.pointee, let method, let version, let size else { return .NO }
    let exchange = Unmanaged<Exchange>.fromOpaque(opaque).takeUnretainedValue()
    switch exchange.stage {
    case .begun:
      return exchange.begin(method: method, version: version)
    case .receiving:
      guard size.pointee > 0 else { return exchange.handle() }
      let bytes = UnsafeRawBufferPointer(start: piece, count: size.pointee)
      size.pointee = 0
      return exchange.receive(bytes)
    case .handled:
      return exchange.takeAnswerOrSleep().map { exchange.write($0) } ?? .YES
    case .over:
      return .NO
    }
  }

func connectionInfo(
  _ connection: OpaquePointer?, _ kind: MHD_ConnectionInfoType
) -> UnsafePointer<MHD_ConnectionInfo>? {
  connection.flatMap { tph_connection_info($0, kind) }
}
