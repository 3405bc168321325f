// SPDX-License-Identifier: Apache-2.0
// A snapshot file, disposable:
//
//   "TPHSNAP1" │ sequence │ hash of that frame │ SHA-256 of the rest │ leaves of the log │ state
//
// Written beside and renamed, so that there is a whole one or none. A file that does not fit
// (another version, another journal, a changed byte) is left alone and the journal is replayed
// instead.

import CPlatform
import Glibc
import Journal
import Mechanism
import Storage
import Units

package struct SnapshotFile: Sendable {
  package let path: String
  package init(path: String) { self.path = path }

  private static let magic: [UInt8] = Array("TPHSNAP1".utf8)

  var exists: Bool { access(path, F_OK) == 0 }

  /// Writes; a failure is reported and otherwise ignored, because the journal has everything.
  func write(
    _ state: borrowing State, log: MerkleLog, lastHash: Journal.Digest, digester: Digester
  ) {
    let temporary = path + ".new"
    guard let file = fopen(temporary, "w") else { return complain("open \(temporary)") }
    setvbuf(file, nil, _IOFBF, 1 << 20)
    let sum = StreamDigest(.sha256)
    var header = SnapshotFile.magic
    withUnsafeBytes(of: state.lastSequence.littleEndian) { header += $0 }
    header += lastHash.bytes
    header.append(digester.algorithm.rawValue)
    header += [UInt8](repeating: 0, count: 7)
    var good = fwrite(header, 1, header.count, file) == header.count
    good = good && fwrite([UInt8](repeating: 0, count: 32), 1, 32, file) == 32
    let sink = SnapshotSink { bytes in
      sum.update(bytes)
      if fwrite(bytes.baseAddress, 1, bytes.count, file) != bytes.count { good = false }
    }
    var leaves: [UInt8] = []
    leaves.reserveCapacity(log.count * 32)
    for index in 0..<log.count { leaves += log.leaf(index).bytes }
    try? sink.section(leaves)
    try? state.dump(to: sink)
    good = good && fseek(file, header.count, SEEK_SET) == 0
    good = good && fwrite(sum.finish().bytes, 1, 32, file) == 32
    good = fclose(file) == 0 && good
    guard good, rename(temporary, path) == 0 else {
      unlink(temporary)
      return complain("write \(path)")
    }
  }

  private func complain(_ what: String) {
    tph_complain(
      "tanpuhui: can't \(what): \(String(cString: strerror(errno))). "
        + "The next start replays the journal instead, which takes longer.")
  }

  /// The state at a snapshot, or nil where there is none that fits.
  func read(
    code: String, citizensMax: Int, store: any JournalStore
  ) throws -> Core.Opened? {
    let descriptor = Glibc.open(path, O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { Glibc.close(descriptor) }
    let size = Int(lseek(descriptor, 0, SEEK_END))
    guard size > 88, let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0),
      memory != MAP_FAILED
    else { return nil }
    defer { munmap(memory, size) }
    madvise(memory, size, MADV_SEQUENTIAL)
    var source = ByteReader(UnsafeRawBufferPointer(start: memory, count: size))
    guard Array(source.take(8)) == SnapshotFile.magic else { return nil }
    let sequence = source.word()
    let hash = source.digest()
    guard let algorithm = HashAlgorithm(rawValue: source.next()) else { return nil }
    _ = source.take(7)
    let sum = source.digest()
    let rest = UnsafeRawBufferPointer(
      rebasing: UnsafeRawBufferPointer(start: memory, count: size)[source.at...])
    guard Digester(.sha256).digest(rest) == sum, try holds(sequence, hash, algorithm, store) else {
      return nil
    }
    var body = ByteReader(rest)
    let leaves = body.section()
    let dump = body.take(body.remaining)
    guard let state = try? State(code: code, citizensMax: citizensMax, snapshot: dump) else {
      return nil
    }
    var opened = Core.Opened(state: state)
    let digester = Digester(algorithm)
    for index in 0..<leaves.count / 32 {
      let leaf = UnsafeRawBufferPointer(rebasing: leaves[(index * 32)..<(index * 32 + 32)])
      opened.log.append(Digest(leaf), digester)
    }
    opened.lastHash = hash
    opened.algorithm = algorithm
    return opened
  }

  /// Whether the journal has that very frame, whole: a start with a snapshot must find a torn last
  /// frame as well as one without.
  private func holds(
    _ sequence: UInt64, _ hash: Journal.Digest, _ algorithm: HashAlgorithm,
    _ store: any JournalStore
  ) throws -> Bool {
    guard sequence > 0 else { return false }
    var same = false
    try store.read(from: sequence) { place, bytes in
      if place.sequence == sequence, let frame = try? FrameView(bytes) {
        let digester = Digester(algorithm)
        same = frame.hash(digester) == hash && (try? frame.verify(digester)) != nil
      }
      return false
    }
    return same
  }
}
