// SPDX-License-Identifier: Apache-2.0
import Glibc
import Journal

/// Holds a file so that no second process, nor a second opening in this one, can hold it too.
///
/// The system lets go of it when the process ends, however it ends; nothing is ever left to clear
/// away by hand. The file keeps the holder's process number for the message to the second comer.
package struct FileLock: ~Copyable {
  private let descriptor: Int32

  package init(_ path: String, guarding what: String) throws(StoreFailure) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system("open \(path)", errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      let holder = FileLock.holder(descriptor)
      close(descriptor)
      guard code == EWOULDBLOCK else { throw .system("lock \(path)", code) }
      throw StoreFailure(
        .inUse, "open \(what)",
        cause: holder.map { "process \($0) is using it" } ?? "another process is using it",
        advice: holder.map {
          "Stop that process (kill \($0)), or give this one another data folder."
        } ?? "Stop that process, or give this one another data folder.")
    }
    let text = Array("\(getpid())\n".utf8)
    guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count
    else {
      let code = errno
      close(descriptor)
      throw .system("write \(path)", code)
    }
    self.descriptor = descriptor
  }

  // Let go by name, not only by closing: a program that is being started at this moment has a copy
  // of the descriptor until it runs.
  deinit {
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  private static func holder(_ descriptor: Int32) -> Int32? {
    var buffer = [UInt8](repeating: 0, count: 16)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return nil }
    return Int32(String(decoding: buffer[0..<count].prefix { $0 != 10 }, as: UTF8.self))
  }
}
