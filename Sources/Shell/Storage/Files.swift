// SPDX-License-Identifier: Apache-2.0
import Glibc
import Journal

/// Small files, whole.
enum Files {
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func read(_ path: String) throws(StoreFailure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("open \(path)", errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count >= 0 else { throw .system("read \(path)", errno) }
      if count == 0 { return bytes }
      bytes += buffer[0..<count]
    }
  }

  /// Puts a file in its place in one step, durably: after a power cut there is the old one or the
  /// new one.
  static func write(
    _ bytes: [UInt8], to path: String, mode: mode_t
  ) throws(StoreFailure) {
    let draft = "\(path).\(getpid()).new"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw .system("open \(draft)", errno) }
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 { break }
      written += count
    }
    let flushed = written == bytes.count && fsync(descriptor) == 0
    let code = errno
    close(descriptor)
    guard flushed else {
      unlink(draft)
      throw .system("write \(draft)", code)
    }
    guard rename(draft, path) == 0 else {
      let code = errno
      unlink(draft)
      throw .system("write \(path)", code)
    }
    try synchronize(folder: parent(path))
  }

  static func makeFolder(_ path: String) throws(StoreFailure) {
    guard mkdir(path, 0o700) != 0 else { return }
    let code = errno
    var status = stat()
    guard code == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw .system("make the folder \(path)", code)
    }
  }

  /// Makes names that were added to a folder survive a power cut.
  static func synchronize(folder: String) throws(StoreFailure) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("open \(folder)", errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .system("write \(folder)", errno) }
  }

  static func names(in folder: String) throws(StoreFailure) -> [String] {
    guard let stream = opendir(folder) else { throw .system("open \(folder)", errno) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// A secret that others can read is no secret: such a file is refused rather than used.
  static func readSecret(_ path: String) throws(StoreFailure) -> [UInt8] {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .system("open \(path)", errno) }
    guard status.st_mode & 0o077 == 0 else {
      throw StoreFailure(
        .unavailable, "read the secret key \(path)",
        cause: "other users of this machine can read it",
        advice: "Run `chmod 600 \(path)`, and consider the key known to those users.")
    }
    return try read(path)
  }

  private static func parent(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
