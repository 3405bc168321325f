// SPDX-License-Identifier: Apache-2.0
// PACKED FOLDER. The files of an archive that somebody sent: zip, tar, tar.gz.
//
// Only what a folder of texts needs: stored and deflated entries of a zip, plain files of a tar.
// Nothing is written anywhere, so a path is only a name; sizes are bounded before anything is
// unpacked.

import CZlib

/// What is wrong with an archive.
package enum PackedFault: Error, Sendable { case damaged, tooLarge }

package struct PackedFolder: Sendable {
  package var files: [(path: String, bytes: [UInt8])] = []

  static let filesMax = 500
  static let bytesMax = 16 << 20

  /// Nil where the bytes are no archive; throws what is wrong with one.
  package init?(_ bytes: [UInt8]) throws(PackedFault) {
    if bytes.starts(with: [0x50, 0x4b, 3, 4]) || bytes.starts(with: [0x50, 0x4b, 5, 6]) {
      try readZip(bytes)
    } else if bytes.starts(with: [0x1f, 0x8b]) {
      guard let plain = PackedFolder.gunzipped(bytes) else { throw PackedFolder.broken }
      try readTar(plain)
    } else if bytes.count > 512, Array(bytes[257..<262]) == Array("ustar".utf8) {
      try readTar(bytes)
    } else {
      return nil
    }
    dropCommonFolder()
  }

  private static let broken = PackedFault.damaged
  private static let tooLarge = PackedFault.tooLarge

  private static func gunzipped(_ bytes: [UInt8]) -> [UInt8]? {
    guard
      var unpacking = try? Unpacking(
        encoding: "gzip", expecting: 0, limit: PackedFolder.bytesMax)
    else { return nil }
    defer { unpacking.close() }
    let isGood = bytes.withUnsafeBytes { raw in (try? unpacking.append(raw)) != nil }
    return isGood && (try? unpacking.finish()) != nil ? unpacking.bytes : nil
  }

  private mutating func add(_ path: String, _ bytes: [UInt8]) throws(PackedFault) {
    guard files.count < PackedFolder.filesMax,
      files.reduce(bytes.count, { $0 + $1.bytes.count }) <= PackedFolder.bytesMax
    else { throw PackedFolder.tooLarge }
    files.append((path, bytes))
  }

  /// An archive of a folder has its name before every path.
  private mutating func dropCommonFolder() {
    guard let first = files.first?.path.split(separator: "/").first.map({ $0 + "/" }),
      files.allSatisfy({ $0.path.hasPrefix(first) })
    else { return }
    for index in files.indices { files[index].path.removeFirst(first.count) }
  }

  // MARK: - Zip (APPNOTE 6.3), by its central directory

  private mutating func readZip(_ bytes: [UInt8]) throws(PackedFault) {
    func number(_ at: Int, _ count: Int) throws(PackedFault) -> Int {
      guard at >= 0, at + count <= bytes.count else { throw PackedFolder.broken }
      var value = 0
      for index in 0..<count { value |= Int(bytes[at + index]) << (8 * index) }
      return value
    }
    var end = bytes.count - 22
    let least = max(0, end - 65_535)
    while end >= least, !bytes[end...].starts(with: [0x50, 0x4b, 5, 6]) { end -= 1 }
    guard end >= least else { throw PackedFolder.broken }
    var at = try number(end + 16, 4)
    for _ in 0..<(try number(end + 10, 2)) {
      guard try number(at, 4) == 0x0201_4b50 else { throw PackedFolder.broken }
      let method = try number(at + 10, 2)
      let (packed, size) = (try number(at + 20, 4), try number(at + 24, 4))
      let nameLength = try number(at + 28, 2)
      let local = try number(at + 42, 4)
      guard at + 46 + nameLength <= bytes.count,
        let name = String(validating: bytes[(at + 46)..<(at + 46 + nameLength)], as: UTF8.self)
      else { throw PackedFolder.broken }
      at += 46 + nameLength + (try number(at + 30, 2)) + (try number(at + 32, 2))
      guard !name.hasSuffix("/") else { continue }
      let start = local + 30 + (try number(local + 26, 2)) + (try number(local + 28, 2))
      guard start + packed <= bytes.count, size <= PackedFolder.bytesMax else {
        throw PackedFolder.broken
      }
      let piece = bytes[start..<(start + packed)]
      switch method {
      case 0: try add(name, Array(piece))
      case 8: try add(name, try PackedFolder.inflated(piece, size))
      default: throw PackedFolder.broken
      }
    }
  }

  private static func inflated(
    _ packed: ArraySlice<UInt8>, _ size: Int
  ) throws(PackedFault) -> [UInt8] {
    var stream = z_stream()
    guard
      inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw broken }
    defer { inflateEnd(&stream) }
    var whole = false
    let bytes = packed.withUnsafeBufferPointer { input in
      [UInt8](unsafeUninitializedCapacity: max(1, size)) { output, count in
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        whole = inflate(&stream, Z_FINISH) == Z_STREAM_END
        count = output.count - Int(stream.avail_out)
      }
    }
    guard whole, bytes.count == size else { throw broken }
    return bytes
  }

  // MARK: - Tar (POSIX ustar)

  private mutating func readTar(_ bytes: [UInt8]) throws(PackedFault) {
    func text(_ at: Int, _ count: Int) throws(PackedFault) -> String {
      let field = bytes[at..<(at + count)].prefix { $0 != 0 }
      guard let text = String(validating: field, as: UTF8.self) else { throw PackedFolder.broken }
      return text
    }
    var at = 0
    while at + 512 <= bytes.count, bytes[at] != 0 {
      var name = try text(at, 100)
      let prefix = try text(at + 345, 155)
      if !prefix.isEmpty { name = prefix + "/" + name }
      let digits = try text(at + 124, 12).filter { $0 != " " }
      guard let size = Int(digits, radix: 8), size <= PackedFolder.bytesMax,
        at + 512 + size <= bytes.count
      else { throw PackedFolder.broken }
      let kind = bytes[at + 156]
      if kind == 48 || kind == 0 {
        if name.hasPrefix("./") { name.removeFirst(2) }
        try add(name, Array(bytes[(at + 512)..<(at + 512 + size)]))
      }
      at += 512 + (size + 511) / 512 * 512
    }
  }
}
