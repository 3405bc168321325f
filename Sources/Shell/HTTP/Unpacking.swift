// SPDX-License-Identifier: Apache-2.0
import CZlib
import CZstd

/// A body on its way in: unpacked piece by piece, never beyond its limit.
struct Unpacking {
  private enum Packing { case none, gzip, zstd }
  /// 8 MiB of history, as RFC 8878 recommends to be able to expect.
  private static let zstdWindowLog: Int32 = 23

  private(set) var bytes: [UInt8] = []
  private let limit: Int
  private let packing: Packing
  private var stream: UnsafeMutablePointer<z_stream>?
  private var context: OpaquePointer?
  private var hasEnded = true

  init(encoding: String?, expecting length: Int, limit: Int) throws(Refusal) {
    self.limit = limit
    switch encoding?.lowercased() {
    case nil, "", "identity": packing = .none
    case "gzip", "x-gzip": packing = .gzip
    case "zstd": packing = .zstd
    default:
      throw Refusal(415, "This Content-Encoding is not known here: send it plain, gzip or zstd.")
    }
    if packing == .none {
      // Not more than a megabyte on a mere promise: the rest as it comes.
      bytes.reserveCapacity(min(length, 1 << 20))
    }
  }

  /// Frees what the decoders hold; the bytes stay.
  mutating func close() {
    if let stream {
      inflateEnd(stream)
      stream.deallocate()
    }
    stream = nil
    if let context { ZSTD_freeDCtx(context) }
    context = nil
  }

  mutating func append(_ piece: UnsafeRawBufferPointer) throws(Refusal) {
    switch packing {
    case .none:
      guard bytes.count + piece.count <= limit else { throw Unpacking.tooLong(limit) }
      bytes.append(contentsOf: piece)
    case .gzip: try inflate(piece)
    case .zstd: try decompress(piece)
    }
  }

  mutating func finish() throws(Refusal) {
    guard hasEnded else {
      throw Refusal(400, "The packed body ends before its data does: send it again whole.")
    }
  }

  static func tooLong(_ limit: Int) -> Refusal {
    Refusal(413, "The body is longer than the \(limit) bytes taken here: send it in parts.")
  }

  private var bomb: Refusal {
    Refusal(
      413, "Unpacked, the body is longer than the \(limit) bytes taken here: send it in parts.")
  }

  private mutating func inflate(_ piece: UnsafeRawBufferPointer) throws(Refusal) {
    if stream == nil {
      let fresh = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
      fresh.initialize(to: z_stream())
      guard
        inflateInit2_(fresh, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
      else {
        fresh.deallocate()
        throw Refusal(503, "There is no memory to unpack this body: try again later.")
      }
      stream = fresh
    }
    guard let stream, let start = piece.baseAddress else { return }
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: start.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(piece.count)
    while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0 {
      // A gzip file may be several, one after the other.
      if hasEnded, stream.pointee.avail_in > 0 { inflateReset(stream) }
      var result = Z_OK
      try grow { (room: UnsafeMutableBufferPointer<UInt8>) in
        stream.pointee.next_out = room.baseAddress
        stream.pointee.avail_out = UInt32(room.count)
        result = CZlib.inflate(stream, Z_NO_FLUSH)
        return room.count - Int(stream.pointee.avail_out)
      }
      hasEnded = result == Z_STREAM_END
      if result == Z_BUF_ERROR { break }
      guard result == Z_OK || result == Z_STREAM_END else {
        throw Refusal(400, "The body is not gzip, although its Content-Encoding says so.")
      }
      if hasEnded, stream.pointee.avail_in == 0 { break }
    }
  }

  private mutating func decompress(_ piece: UnsafeRawBufferPointer) throws(Refusal) {
    if context == nil {
      context = ZSTD_createDCtx()
      ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Unpacking.zstdWindowLog)
    }
    let context = context
    var input = ZSTD_inBuffer(src: piece.baseAddress, size: piece.count, pos: 0)
    var isFull = false
    while input.pos < input.size || isFull {
      var result = 0
      try grow { (room: UnsafeMutableBufferPointer<UInt8>) in
        var output = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
        result = ZSTD_decompressStream(context, &output, &input)
        isFull = output.pos == output.size
        return output.pos
      }
      guard ZSTD_isError(result) == 0 else {
        throw Refusal(
          400, "The body is not zstd with a window of at most 8 MiB, as its encoding says.")
      }
      hasEnded = result == 0
      if hasEnded, input.pos == input.size { break }
    }
  }

  /// Lets `fill` write the next bytes and say how many.
  private mutating func grow(
    _ fill: (UnsafeMutableBufferPointer<UInt8>) -> Int
  ) throws(Refusal) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64 << 10) { room in
      let count = fill(room)
      bytes.append(contentsOf: UnsafeMutableBufferPointer(rebasing: room[..<count]))
    }
    guard bytes.count <= limit else { throw bomb }
  }
}
