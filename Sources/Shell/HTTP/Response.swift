// SPDX-License-Identifier: Apache-2.0
import CZlib

/// What goes back.
package struct Response: Sendable {
  package enum Body: Sendable {
    case bytes([UInt8])
    /// Bytes that live as long as the process does, such as assets: sent without a copy.
    case fixed(FixedBytes)
    /// A regular file, sent by the kernel.
    case file(path: String)
    /// A file that is open already, sent by the kernel from its beginning.
    case opened(OpenFile)
  }
  package var status: Int
  package var headers: [(name: String, value: String)]
  package var body: Body
  /// Whether a long text may be packed for a client that asks for it. Off where time matters more.
  package var compressible = true
  /// Ends the connection after this answer.
  package var closes = false

  package init(
    status: Int = 200, headers: [(name: String, value: String)] = [], body: Body = .bytes([])
  ) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  package static func text(_ text: String, status: Int = 200) -> Response {
    bytes(Array(text.utf8), type: "text/plain; charset=utf-8", status: status)
  }
  package static func html(_ text: String, status: Int = 200) -> Response {
    bytes(Array(text.utf8), type: "text/html; charset=utf-8", status: status)
  }
  package static func json(_ bytes: [UInt8], status: Int = 200) -> Response {
    self.bytes(bytes, type: "application/json", status: status)
  }
  package static func bytes(_ bytes: [UInt8], type: String, status: Int = 200) -> Response {
    Response(status: status, headers: [("Content-Type", type)], body: .bytes(bytes))
  }
  package static func file(path: String, type: String) -> Response {
    Response(headers: [("Content-Type", type)], body: .file(path: path))
  }
  /// 303 by default: the browser fetches the new address with GET, so a form is not sent twice.
  package static func redirect(to address: String, status: Int = 303) -> Response {
    Response(status: status, headers: [("Location", address)])
  }

  package subscript(_ name: String) -> String? {
    get { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
    set {
      headers.removeAll { $0.name.lowercased() == name.lowercased() }
      if let newValue { headers.append((name, newValue)) }
    }
  }

  /// Adds the entity tag, and becomes an empty 304 where the client already has this version.
  ///
  /// `tag` is anything that changes with the content, without quotes.
  package func unlessUnchanged(_ request: Request, tag: String) -> Response {
    var response = self
    let quoted = "\"\(tag)\""
    response["ETag"] = quoted
    let known = request.headers.all("If-None-Match").flatMap { $0.split(separator: ",") }
    let isKnown = known.contains { item in
      let text = trimmed(item)
      return text == "*" || text == quoted || text == "W/" + quoted
    }
    guard isKnown, request.method == .get || request.method == .head else { return response }
    response.status = 304
    response.body = .bytes([])
    response["Content-Type"] = nil
    return response
  }
}

/// Bytes that nobody frees or changes: hence free to cross threads.
package struct FixedBytes: @unchecked Sendable {
  package let bytes: UnsafeRawBufferPointer
  /// The caller promises that these bytes stay as they are until the process ends.
  package init(living bytes: UnsafeRawBufferPointer) { self.bytes = bytes }
  /// Keeps a copy for ever.
  package init(keeping bytes: [UInt8]) {
    let kept = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
    kept.copyBytes(from: bytes)
    self.bytes = UnsafeRawBufferPointer(kept)
  }
}

extension Response {
  /// Packed, where the client asks for it and it is worth it.
  mutating func compress(for head: Head) {
    guard compressible, case .bytes(let plain) = body, plain.count > 1024,
      self["Content-Encoding"] == nil, let type = self["Content-Type"], isText(type)
    else { return }
    self["Vary"] = self["Vary"].map { $0 + ", Accept-Encoding" } ?? "Accept-Encoding"
    guard head.lists("gzip", in: "Accept-Encoding"), let packed = gzip(plain) else { return }
    body = .bytes(packed)
    self["Content-Encoding"] = "gzip"
    // The packed bytes are another representation: a strong tag must not name both.
    if let tag = self["ETag"], tag.hasPrefix("\"") { self["ETag"] = "W/" + tag }
  }

  private func isText(_ type: String) -> Bool {
    type.hasPrefix("text/") || type.hasPrefix("application/json")
      || type.hasPrefix("application/javascript") || type.hasPrefix("image/svg+xml")
      || type.hasPrefix("application/openapi")
  }

  private func gzip(_ plain: [UInt8]) -> [UInt8]? {
    var stream = z_stream()
    guard
      deflateInit2_(
        &stream, 5, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { return nil }
    defer { deflateEnd(&stream) }
    let room = Int(deflateBound(&stream, UInt(plain.count)))
    return plain.withUnsafeBufferPointer { input in
      let packed = [UInt8](unsafeUninitializedCapacity: room) { output, count in
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(room)
        count = deflate(&stream, Z_FINISH) == Z_STREAM_END ? room - Int(stream.avail_out) : 0
      }
      return packed.isEmpty ? nil : packed
    }
  }
}
