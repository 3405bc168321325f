// SPDX-License-Identifier: Apache-2.0
import Glibc
import Storage
import Testing

/// What the tests of this room share: folders that go away, programs that end, a server of our own.
struct TrialFolder: ~Copyable {
  let path: String

  init() {
    var template = Array("/tmp/tanpuhui-storage-XXXXXX".utf8CString)
    path = String(cString: mkdtemp(&template))
  }

  deinit { _ = run(["/bin/rm", "-rf", path]) }

  /// All bytes of all files below, names and all.
  func everything() -> [UInt8] { run(["/bin/tar", "-C", path, "-cf", "-", "."]).output }
}

private let starting = Lock()

/// Runs a program to its end, at most a minute.
@discardableResult
func run(_ words: [String]) -> (status: Int32, output: [UInt8]) {
  var output: [Int32] = [0, 0]
  // One start at a time: a program started meanwhile would inherit the pipe and keep it open.
  starting.lock()
  guard pipe(&output) == 0 else { return (-1, []) }
  for end in output { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  posix_spawn_file_actions_adddup2(&actions, output[1], 1)
  defer { posix_spawn_file_actions_destroy(&actions) }
  var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
  defer { for argument in arguments { free(argument) } }
  var process: pid_t = 0
  let code = posix_spawn(&process, words[0], &actions, nil, &arguments, environ)
  close(output[1])
  starting.unlock()
  defer { close(output[0]) }
  guard code == 0 else { return (code, []) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  var deadline = 60_000
  while deadline > 0 {
    var waiting = pollfd(fd: output[0], events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, 1000) > 0 else {
      deadline -= 1000
      continue
    }
    let count = read(output[0], &buffer, buffer.count)
    if count <= 0 { break }
    bytes += buffer[0..<count]
  }
  if deadline <= 0 { kill(process, SIGKILL) }
  var status: Int32 = 0
  waitpid(process, &status, 0)
  return (status >> 8 & 0xff, bytes)
}

func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
  guard let first = part.first else { return true }
  return bytes.withUnsafeBytes { all in
    var start = 0
    while let found = memchr(all.baseAddress! + start, Int32(first), all.count - start) {
      let at = UnsafeRawPointer(found) - all.baseAddress!
      if all.count - at < part.count { return false }
      if memcmp(found, part, part.count) == 0 { return true }
      start = at + 1
    }
    return false
  }
}

/// One PostgreSQL server for all tests of this process, stopped when the process ends.
enum PrivatePostgres {
  static let script =
    String(#filePath.dropLast("Tests/StorageTests/StorageTests.swift".count))
    + "Tools/postgres-private.sh"
  static let folder = "/tmp/tanpuhui-pg-\(getpid())"

  /// libpq's connection text; nil where PostgreSQL 15 is not installed.
  static let connection: String? = {
    let port = 20_000 + Int(getpid()) % 20_000
    let started = run([script, "start", folder, String(port), String(getpid())])
    guard started.status == 0 else {
      print("*** PostgreSQL does not run here (\(started.status)): its tests are SKIPPED. ***")
      return nil
    }
    atexit { PrivatePostgres.stop() }
    return String(decoding: started.output.dropLast(), as: UTF8.self)
  }()

  static func stop() { run([script, "stop", folder]) }
}
