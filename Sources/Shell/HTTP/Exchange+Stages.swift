// SPDX-License-Identifier: Apache-2.0
import CMicroHTTPD
import Glibc
import Synchronization

extension Exchange {
  /// The head is there: admits the request, or answers at once and closes.
  func begin(method: UnsafePointer<CChar>, version: UnsafePointer<CChar>) -> MHD_Result {
    stage = .receiving
    isLive = true
    server.live.add(1, ordering: .sequentiallyConsistent)
    do throws(Refusal) {
      try admit(method: method, version: version)
      return .YES
    } catch {
      return writeRefusal(error)
    }
  }

  private func admit(
    method: UnsafePointer<CChar>, version: UnsafePointer<CChar>
  ) throws(Refusal) {
    head = try readHead(method: method, version: version)
    let isHTTP11 = strcmp(version, "HTTP/1.1") == 0
    guard isHTTP11 || strcmp(version, "HTTP/1.0") == 0 else {
      throw Refusal(505, "This server speaks HTTP/1.1 and HTTP/1.0.")
    }
    try head.checkFraming(isHTTP11: isHTTP11)
    guard let known = Method(rawValue: String(cString: method)) else {
      throw Refusal(501, "This server knows GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS.")
    }
    self.method = known
    let parsed = try Target(target, host: head["Host"])
    (path, query) = (parsed.path, parsed.query)
    let length = head["Content-Length"].flatMap { Int($0) }
    let isChunked = head.count(of: "Transfer-Encoding") > 0
    guard isChunked || (length ?? 0) > 0 else { return }
    limit = server.limits.body(known, path)
    if let length, length > limit { throw Unpacking.tooLong(limit) }
    guard head.count(of: "Content-Encoding") <= 1 else {
      throw Refusal(415, "A body is packed once: send one Content-Encoding.")
    }
    unpacking = try Unpacking(
      encoding: head["Content-Encoding"], expecting: length ?? 0, limit: limit)
    deadline = monotonicMilliseconds() + Int64(server.limits.uploadSeconds) * 1000
  }

  /// Checks the bytes that the library has already read, as drawn in `Head`.
  private func readHead(
    method: UnsafePointer<CChar>, version: UnsafePointer<CChar>
  ) throws(Refusal) -> Head {
    let start = UnsafeRawPointer(method)
    let methodLength = strlen(method)
    let versionPlace = UnsafeRawPointer(version) - start
    guard targetAddress - start == methodLength + 1,
      versionPlace == methodLength + 1 + target.utf8.count + 1,
      let size = connectionInfo(connection, .CONNECTION_INFO_REQUEST_HEADER_SIZE)
    else { throw Refusal(400, "The first line of a request is a method, an address, HTTP/1.1.") }
    let block = UnsafeRawBufferPointer(start: start, count: size.pointee.header_size)
    var collector = Collector(block: block)
    collector.places.reserveCapacity(16)
    _ = withUnsafeMutablePointer(to: &collector) {
      MHD_get_connection_values_n(connection, .HEADER_KIND, collectLine, $0)
    }
    guard !collector.isOutside else {
      throw Refusal(400, "A header's value stands on one line.")
    }
    return try Head(
      block: block, places: collector.places, firstLine: versionPlace + strlen(version) + 2)
  }

  /// One piece of the body. A body that was refused is read to its end, so that its sender hears
  /// the answer; but not for ever.
  func receive(_ piece: UnsafeRawBufferPointer) -> MHD_Result {
    arrived += piece.count
    guard monotonicMilliseconds() < deadline else { return .NO }
    if refusal != nil { return arrived > 2 * limit + (1 << 20) ? .NO : .YES }
    do throws(Refusal) {
      try unpacking?.append(piece)
    } catch {
      refuseBody(error)
    }
    return .YES
  }

  /// The request is whole: hands it over, and writes the answer if there is one already.
  func handle() -> MHD_Result {
    stage = .handled
    do throws(Refusal) {
      if refusal == nil { try unpacking?.finish() }
    } catch {
      refuseBody(error)
    }
    if let refusal { return writeRefusal(refusal) }
    if server.phase.load(ordering: .relaxed) == Server.Phase.ended {
      return write(server.stopping)
    }
    let body = unpacking?.bytes ?? []
    unpacking?.close()
    unpacking = nil
    let address = connectionInfo(connection, .CONNECTION_INFO_CLIENT_ADDRESS)
    let request = Request(
      method: method, target: target, path: path, rawQuery: query, headers: head, body: body,
      remote: Address(address?.pointee.client_addr))
    server.handler(request, Reply(self))
    return takeAnswerOrSleep().map { write($0) } ?? .YES
  }

  private func refuseBody(_ refusal: Refusal) {
    self.refusal = refusal
    unpacking?.close()
    unpacking = nil
  }

  private func writeRefusal(_ refusal: Refusal) -> MHD_Result {
    stage = .handled
    var response = server.refuse(refusal.status, refusal.sentence)
    response.closes = true
    return write(response)
  }

  func write(_ response: Response) -> MHD_Result {
    guard let made = assemble(response) else {
      let failure = server.refuse(500, "The answer to this request could not be written.")
      guard let made = assemble(failure) else { return .NO }
      defer { MHD_destroy_response(made) }
      return MHD_queue_response(connection, 500, made)
    }
    defer { MHD_destroy_response(made) }
    return MHD_queue_response(connection, UInt32(response.status), made)
  }

  /// Nil where a file cannot be read, or a header has a line break in it.
  private func assemble(_ response: Response) -> OpaquePointer? {
    let made: OpaquePointer?
    switch response.body {
    case .bytes(let bytes):
      made = bytes.withUnsafeBytes {
        MHD_create_response_from_buffer(
          $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
      }
    case .fixed(let fixed):
      made = MHD_create_response_from_buffer(
        fixed.bytes.count, UnsafeMutableRawPointer(mutating: fixed.bytes.baseAddress),
        .RESPMEM_PERSISTENT)
    case .file(let path):
      made = openFile(path)
    case .opened(let file):
      made = respond(withCopyOf: file)
    }
    guard let made else { return nil }
    var headers = response.headers
    if response.closes || server.phase.load(ordering: .relaxed) != Server.Phase.running {
      headers.append(("Connection", "close"))
    }
    for (name, value) in headers where MHD_add_response_header(made, name, value) != .YES {
      MHD_destroy_response(made)
      return nil
    }
    return made
  }

  /// The library closes what it is given, so it is given a second descriptor of the same file.
  private func respond(withCopyOf file: OpenFile) -> OpaquePointer? {
    let copy = fcntl(file.descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { return nil }
    var status = stat()
    guard fstat(copy, &status) == 0,
      let made = MHD_create_response_from_fd_at_offset64(UInt64(status.st_size), copy, 0)
    else {
      close(copy)
      return nil
    }
    return made
  }

  private func openFile(_ path: String) -> OpaquePointer? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      let made = MHD_create_response_from_fd64(UInt64(status.st_size), file)
    else {
      close(file)
      return nil
    }
    return made
  }
}

private struct Collector {
  var block: UnsafeRawBufferPointer
  var places: [Head.Entry] = []
  var isOutside = false

  mutating func add(
    _ name: UnsafeRawPointer, _ nameSize: Int, _ value: UnsafeRawPointer, _ valueSize: Int
  ) {
    let base = block.baseAddress!
    let (nameAt, valueAt) = (name - base, value - base)
    guard nameAt >= 0, valueAt >= 0, nameAt + nameSize <= block.count,
      valueAt + valueSize <= block.count
    else {
      isOutside = true
      return
    }
    places.append(
      Head.Entry(name: nameAt..<(nameAt + nameSize), value: valueAt..<(valueAt + valueSize)))
  }
}

private let collectLine:
  @convention(c) (
    UnsafeMutableRawPointer?, MHD_ValueKind, UnsafePointer<CChar>?, Int, UnsafePointer<CChar>?, Int
  ) -> MHD_Result = { collector, _, name, nameSize, value, valueSize in
    guard let collector, let name else { return .NO }
    let list = collector.assumingMemoryBound(to: Collector.self)
    guard let value else {
      list.pointee.isOutside = true
      return .NO
    }
    list.pointee.add(name, nameSize, value, valueSize)
    return .YES
  }
