// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Journal
import Storage
import Units

/// 签名树头: a head with both signatures, over its statement's bytes.
package struct SignedHead: Sendable {
  package var head: LogHead
  package var ed25519: [UInt8]
  package var sm2: [UInt8]
  /// Whether both signatures are good under the keys it was checked with.
  package var isSigned: Bool

  package init(_ head: LogHead, _ keys: SigningKeys) {
    self.head = head
    let statement = Array(head.statement.utf8)
    ed25519 = keys.sign(statement, .ed25519)
    sm2 = keys.sign(statement, .sm2)
    isSigned = true
  }

  private init(_ head: LogHead, ed25519: [UInt8], sm2: [UInt8], _ keys: SigningKeys) {
    self.head = head
    self.ed25519 = ed25519
    self.sm2 = sm2
    let statement = Array(head.statement.utf8)
    isSigned =
      SigningKeys.verify(
        statement, signature: ed25519, publicKey: keys.publicKey(.ed25519), .ed25519)
      && SigningKeys.verify(statement, signature: sm2, publicKey: keys.publicKey(.sm2), .sm2)
  }

  private struct Row: Codable {
    var mechanism: String
    var algorithm: String
    var frames: UInt64
    var facts: UInt64
    var root: String
    var time: Int64
    var ed25519: Data
    var sm2: Data
  }

  fileprivate var line: [UInt8] {
    let row = Row(
      mechanism: head.mechanism, algorithm: head.algorithm.name, frames: head.frames,
      facts: head.facts, root: "\(head.root)", time: head.time.milliseconds,
      ed25519: Data(ed25519), sm2: Data(sm2))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return ((try? encoder.encode(row)).map { Array($0) } ?? []) + [0x0a]
  }

  fileprivate init?(line: ArraySlice<UInt8>, _ keys: SigningKeys) {
    guard let row = try? JSONDecoder().decode(Row.self, from: Data(line)),
      let algorithm = HashAlgorithm(name: row.algorithm), let root = Journal.Digest(hex: row.root)
    else { return nil }
    self.init(
      LogHead(
        mechanism: row.mechanism, algorithm: algorithm, frames: row.frames, facts: row.facts,
        root: root, time: Instant(milliseconds: row.time)),
      ed25519: Array(row.ed25519), sm2: Array(row.sm2), keys)
  }
}

/// Heads that were signed and published, a JSON line each, appended.
package struct HeadFile: Sendable {
  package let path: String
  package let keys: SigningKeys

  package init(path: String, keys: SigningKeys) {
    self.path = path
    self.keys = keys
  }

  /// Signs a head and keeps it.
  package func publish(_ head: LogHead) throws(StoreFailure) -> SignedHead {
    let signed = SignedHead(head, keys)
    let line = signed.line
    let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    defer { if descriptor >= 0 { Glibc.close(descriptor) } }
    guard descriptor >= 0, HeadFile.cutTornLine(descriptor),
      write(descriptor, line, line.count) == line.count, fsync(descriptor) == 0
    else {
      throw StoreFailure(
        .unavailable, "keep a signed head in \(path)", cause: String(cString: strerror(errno)),
        advice: "See to it that the data folder can be written and has room.")
    }
    return signed
  }

  /// The heads, oldest first. A last line without its end is a head that was being written when
  /// the process was killed, the disk was full or the power went: nobody was shown it.
  package func read() throws(StoreFailure) -> [SignedHead] {
    guard access(path, F_OK) == 0 else { return [] }
    guard let bytes = HeadFile.bytes(of: path) else {
      throw StoreFailure(
        .unavailable, "read the signed heads in \(path)", cause: String(cString: strerror(errno)),
        advice: "See to it that the file can be read.")
    }
    var heads: [SignedHead] = []
    let whole = bytes.prefix(bytes.lastIndex(of: 0x0a) ?? 0)
    for (index, line) in whole.split(separator: 0x0a).enumerated() {
      guard let head = SignedHead(line: line, keys) else {
        throw StoreFailure(
          .corrupt, "read the signed heads in \(path)", cause: "line \(index + 1) does not read",
          advice: "Restore the file from a backup; the journal itself is not touched by this.")
      }
      heads.append(head)
    }
    return heads
  }

  /// Takes away what `read` passes over, lest the next head continue a torn line. False where the
  /// file can't be changed.
  private static func cutTornLine(_ descriptor: Int32) -> Bool {
    var end = lseek(descriptor, 0, SEEK_END)
    let size = end
    var last: UInt8 = 0
    while end > 0, pread(descriptor, &last, 1, end - 1) == 1, last != 0x0a { end -= 1 }
    return end == size || ftruncate(descriptor, end) == 0
  }

  private static func bytes(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { return ferror(file) == 0 ? bytes : nil }
      bytes += chunk[..<count]
    }
  }
}
