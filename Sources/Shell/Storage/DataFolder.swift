// SPDX-License-Identifier: Apache-2.0
// DATA FOLDER. Everything one server keeps, in one place that can be copied as a whole.
//
//   tanpuhui.json      {"format":1,"mechanisms":["chengdu","shenzhen"]}
//   lock               held while a process works here
//   keys/  vault.sqlite  <mechanism>/
//
// Opened for work by one process at a time; a second is told which process has it. A process that
// only reads along (`.follow`) takes no lock and writes nothing.
import FoundationEssentials
import Glibc
import Journal

package final class DataFolder: Sendable {
  package enum Access: Sendable { case work, follow }

  package let path: String
  private let guardian: Guardian?
  private let lock = Lock()
  nonisolated(unsafe) private var contents: Contents  // guarded by `lock`

  /// Opens a folder, or makes it where `create` allows and there is none yet.
  package init(
    _ path: String, create: Bool, access: Access = .work
  ) throws(StoreFailure) {
    let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    self.path = path
    if !Files.exists(path) {
      guard create, access == .work else { throw DataFolder.absent(path) }
      try Files.makeFolder(path)
    }
    let description = path + "/tanpuhui.json"
    let isNew = !Files.exists(description)
    if isNew {
      guard create, access == .work else { throw DataFolder.absent(path) }
      // The lock may be there from a start that ended before the description was written.
      let strangers = try Files.names(in: path).filter {
        !["lock", "keys"].contains($0) && !$0.hasPrefix(".writable")
      }
      guard strangers.isEmpty else {
        throw StoreFailure(
          .unavailable, "make the data folder \(path)",
          cause: "it holds other files (\(strangers.prefix(3).joined(separator: ", ")))",
          advice: "Give an empty folder, or one that does not exist yet.")
      }
    }
    guardian = try access == .work ? Guardian(path) : nil
    contents = try isNew ? Contents(format: Contents.known, mechanisms: []) : Contents(description)
    guard access == .work else { return }
    try Files.makeFolder(path + "/keys")
    if isNew { try contents.write(to: description) }
    for mechanism in contents.mechanisms { try DataFolder.lay(path, mechanism) }
  }

  package var mechanisms: [String] { lock.with { contents.mechanisms } }

  /// Makes a mechanism's places; adding one that is there already changes nothing.
  package func add(mechanism code: String) throws(StoreFailure) {
    guard DataFolder.isCode(code) else {
      throw StoreFailure(
        .unavailable, "add the mechanism `\(code)`", cause: "this is not a mechanism's code",
        advice: "Use 2 to 32 lower-case letters, digits and hyphens, a letter first, "
          + "and not `keys` or `lock`.")
    }
    guard guardian != nil else {
      throw StoreFailure(
        .readOnly, "add the mechanism \(code)", cause: "the folder was opened to follow",
        advice: "Open the folder for work.")
    }
    lock.lock()
    defer { lock.unlock() }
    guard !contents.mechanisms.contains(code) else { return }
    try DataFolder.lay(path, code)
    var longer = contents
    longer.mechanisms.append(code)
    try longer.write(to: path + "/tanpuhui.json")
    contents = longer
  }

  package var vaultPath: String { path + "/vault.sqlite" }
  package var keysPath: String { path + "/keys" }
  package func folder(of mechanism: String) -> String { "\(path)/\(mechanism)" }
  package func journalPath(of mechanism: String) -> String { "\(path)/\(mechanism)/journal.sqlite" }
  package func archivePath(of mechanism: String) -> String { "\(path)/\(mechanism)/archive.sqlite" }
  package func signingKeysPath(of mechanism: String) -> String { "\(path)/\(mechanism)/keys" }

  package func snapshotPath(of mechanism: String, sequence: UInt64) -> String {
    "\(path)/\(mechanism)/snapshot-\(sequence)"
  }

  /// The sequences that have a snapshot, newest first.
  package func snapshots(of mechanism: String) throws(StoreFailure) -> [UInt64] {
    let prefix = "snapshot-"
    return try Files.names(in: folder(of: mechanism))
      .filter { $0.hasPrefix(prefix) }.compactMap { UInt64($0.dropFirst(prefix.count)) }
      .sorted(by: >)
  }

  package static func isCode(_ code: String) -> Bool {
    let letters = Array(code.utf8)
    guard (2...32).contains(letters.count), (97...122).contains(letters[0]),
      code != "keys", code != "lock"
    else { return false }
    return letters.allSatisfy {
      (97...122).contains($0) || (48...57).contains($0) || $0 == 45
    }
  }

  private static func lay(_ path: String, _ mechanism: String) throws(StoreFailure) {
    try Files.makeFolder("\(path)/\(mechanism)")
    try Files.makeFolder("\(path)/\(mechanism)/keys")
    try Files.synchronize(folder: path)
  }

  private static func absent(_ path: String) -> StoreFailure {
    StoreFailure(
      .unavailable, "open the data folder \(path)", cause: "there is no data folder here",
      advice: "Make one with `tanpuhui init --data \(path) --pack PACKDIR`.")
  }
}

/// Holds the lock, and has seen that the folder can be written.
private final class Guardian: Sendable {
  private let lock: FileLock

  init(_ path: String) throws(StoreFailure) {
    lock = try FileLock(path + "/lock", guarding: "the data folder \(path)")
    // Said at the start rather than at the first report: a full disk, a read-only mount.
    let trial = path + "/.writable"
    try Files.write([UInt8](repeating: 46, count: 4096), to: trial, mode: 0o600)
    unlink(trial)
  }
}

private struct Contents: Codable {
  static let known = 1
  var format: Int
  var mechanisms: [String]

  init(format: Int, mechanisms: [String]) {
    self.format = format
    self.mechanisms = mechanisms
  }

  init(_ path: String) throws(StoreFailure) {
    let bytes = try Files.read(path)
    guard let read = try? JSONDecoder().decode(Contents.self, from: Data(bytes)),
      read.mechanisms.allSatisfy(DataFolder.isCode)
    else {
      throw StoreFailure(
        .corrupt, "read \(path)", cause: "it does not describe a data folder",
        advice: "Restore this file from a backup; it says {\"format\":1,\"mechanisms\":[…]}.")
    }
    guard read.format <= Contents.known else {
      throw StoreFailure(
        .unavailable, "open \(path)", cause: "it was made by a newer tanpuhui",
        advice: "Run a tanpuhui at least as new as the one that made it.")
    }
    self = read
  }

  func write(to path: String) throws(StoreFailure) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let data = try? encoder.encode(self) else { preconditionFailure("text must encode") }
    try Files.write(Array(data) + [10], to: path, mode: 0o600)
  }
}
