// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A partner's file, read once from front to back in chunks; memory does not grow with its length.
struct TableFile {
  enum Outcome: Hashable, Sendable {
    case event(TableEvent)
    case fault(TableFault)
  }

  struct Progress: Sendable {
    var bytesRead: Int64
    var bytesTotal: Int64
  }

  static let chunkBytes = 1 << 18

  var path: String
  var map: TableMap
  var format: TableMap.Format

  init(path: String, map: TableMap) throws(TableFailure) {
    self.path = path
    self.map = map
    if let format = map.format {
      self.format = format
      return
    }
    let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    switch ending {
    case "csv", "txt": format = .csv
    case "tsv", "tab": format = .tsv
    case "jsonl", "ndjson": format = .jsonl
    default:
      throw TableFailure(
        "what \(path) holds is not clear from its name; write \"format\": \"csv\", \"tsv\" or "
          + "\"jsonl\" in the map")
    }
  }

  /// Hands over every row in order, as events and faults mixed, a batch at a time. The body answers
  /// false to stop. Throws a `TableFailure` where the file cannot be used at all, and what the body
  /// throws.
  func read(
    batch: Int = 1000, _ body: ([Outcome], Progress) throws -> Bool
  ) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw TableFailure("\(path) cannot be opened: \(reason(errno))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
      throw TableFailure("\(path) is a folder; name a file")
    }
    var progress = Progress(bytesRead: 0, bytesTotal: Int64(status.st_size))
    var text = try TableText(map.encoding)
    var reader = TableReader(map: map, format: format)
    var outcomes: [Outcome] = []
    var final = false
    while !final {
      let chunk = try TableFile.chunk(descriptor, path)
      final = chunk.isEmpty
      progress.bytesRead += Int64(chunk.count)
      reader.take(try text.convert(chunk, final: final))
      if final { reader.finish() }
      while let outcome = try reader.next() {
        outcomes.append(outcome)
        guard outcomes.count >= batch else { continue }
        guard try body(outcomes, progress) else { return }
        outcomes.removeAll(keepingCapacity: true)
      }
    }
    guard reader.began else { throw TableFailure("\(path) is empty: it has no head") }
    if !outcomes.isEmpty { _ = try body(outcomes, progress) }
  }

  private static func chunk(_ descriptor: Int32, _ path: String) throws -> [UInt8] {
    var cause: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: chunkBytes) { buffer, count in
      var got: Int
      repeat {
        got = Glibc.read(descriptor, buffer.baseAddress!, buffer.count)
        cause = got < 0 ? errno : 0
      } while cause == EINTR
      count = max(got, 0)
    }
    guard cause == 0 else { throw TableFailure("\(path) cannot be read: \(reason(cause))") }
    return bytes
  }

  /// A small file's bytes; nil where it is not there, or longer than `limit`.
  static func whole(_ path: String, limit: Int) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    while let next = try? chunk(descriptor, path), bytes.count <= limit {
      if next.isEmpty { return bytes }
      bytes += next
    }
    return nil
  }
}

extension TableMap {
  /// Reads a map from its file.
  init(path: String) throws(TableFailure) {
    guard let bytes = TableFile.whole(path, limit: 1 << 20) else {
      throw TableFailure(
        "the map \(path) cannot be read; check the path (Examples/maps holds two to begin with)")
    }
    do {
      try self.init(json: bytes)
    } catch {
      throw TableFailure("\(path): \(error.description)")
    }
  }
}

private func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
