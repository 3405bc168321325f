// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Desk
import Glibc
import Journal
import Mechanism
import Policy
import Storage
import Units

/// What a command could not do, as a sentence that says what to do.
struct CommandFailure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// A data folder opened for work: its vault, and a clerk for every mechanism.
final class Opened {
  let folder: DataFolder
  let vault: Vault
  private(set) var clerks: [Clerk] = []

  /// `only`: just this mechanism; the others stay closed. Empty: none, just the vault.
  init(_ path: String, create: Bool = false, only: String? = nil) throws {
    folder = try DataFolder(path, create: create)
    vault = try Vault(
      path: folder.vaultPath, keys: folder.keysPath, create: folder.mechanisms.isEmpty)
    if only == "" { return }
    if let only, !folder.mechanisms.contains(only) {
      throw CommandFailure(
        "the data folder \(path) has no mechanism \"\(only)\"; it has: "
          + folder.mechanisms.joined(separator: ", "))
    }
    for code in folder.mechanisms where only == nil || code == only { try open(code) }
  }

  func clerk(_ code: String) throws -> Clerk {
    guard let clerk = clerks.first(where: { $0.code == code }) else {
      throw CommandFailure("there is no mechanism \"\(code)\" in \(folder.path)")
    }
    return clerk
  }

  /// Opens a mechanism that was just added to the folder.
  func openNew(_ code: String) throws -> Clerk { try open(code) }

  @discardableResult
  private func open(_ code: String, hash: HashAlgorithm = .sm3) throws -> Clerk {
    let store = try SQLiteStore(path: folder.journalPath(of: code))
    let core = try Core(
      code: code, store: store, algorithm: hash,
      snapshots: SnapshotFile(path: folder.folder(of: code) + "/snapshot"))
    try compare(vault, with: core.state)
    let clerk = Clerk(core: core, store: store)
    clerk.start()
    clerks.append(clerk)
    return clerk
  }

  /// A vault older than the journal would give numbers a second time, and credit strangers.
  private func compare(_ vault: Vault, with state: borrowing Mechanism.State) throws {
    let given = try vault.highestAlias(of: state.code)
    let known = state.highestAlias
    guard known > given else { return }
    throw CommandFailure(
      "the vault \(folder.vaultPath) does not go with the journal of \(state.code): the journal "
        + "knows user \(known.raw) of its partners, the vault only \(given.raw). Restore "
        + "vault.sqlite from a backup that is no older than the journal; nothing was changed.")
  }

  /// Adopts a pack, opening its mechanism where it is new; nothing changes where the very same pack
  /// is in force. `hash`: of a journal that has no frame yet; one that has keeps its own.
  func adopt(
    _ directory: String, hash: HashAlgorithm = .sm3, sandbox: Bool = false
  ) throws -> (code: String, version: String, changed: Bool) {
    let files = try PackFolder.read(directory)
    let pack = try PackFolder.parse(files, directory)
    let code = sandbox ? pack.code + State.sandboxEnding : pack.code
    if !folder.mechanisms.contains(code) { try folder.add(mechanism: code) }
    let clerk = try clerks.first { $0.code == code } ?? open(code, hash: hash)
    let result = try clerk.perform(.adopt(files))
    return (code, pack.version, !result.result.fact.isNone)
  }

  /// Ends all work: what was taken in is durable, snapshots are written, and what the journals have
  /// grown to is signed, so that frames cut off their ends are missed.
  func close() {
    for clerk in clerks {
      do {
        try publishHead(of: clerk)
      } catch {
        complain("tanpuhui: \(error)\n")
      }
      clerk.stop()
      clerk.store.close()
    }
    vault.close()
  }
}

extension Opened {
  /// Signs the journal as it stands, unless it was signed so before.
  func publishHead(of clerk: Clerk) throws {
    let head = clerk.ask { $0.head() }
    let keys = try SigningKeys.openOrCreate(folder.signingKeysPath(of: clerk.code))
    let file = HeadFile(path: folder.folder(of: clerk.code) + "/heads.jsonl", keys: keys)
    guard head.frames > (try file.read().last?.head.frames ?? 0) else { return }
    _ = try file.publish(head)
  }
}

/// A pack's folder on the disk.
enum PackFolder {
  /// The folder's text files, in order of their names; folders in it are entered.
  static func read(_ directory: String) throws -> [Pack.File] {
    var files: [Pack.File] = []
    try collect(directory, prefix: "", into: &files)
    guard !files.isEmpty else {
      throw CommandFailure("\(directory) holds no pack: there is no .txt file in it")
    }
    return files.sorted { $0.path < $1.path }
  }

  static func parse(_ files: [Pack.File], _ directory: String) throws -> Pack {
    switch Pack.parse(files: files) {
    case .success(let pack): return pack
    case .failure(let faults):
      throw CommandFailure("the pack in \(directory) is refused:\n\(faults.description)")
    }
  }

  private static func collect(
    _ directory: String, prefix: String, into files: inout [Pack.File]
  ) throws {
    guard let handle = opendir(directory) else {
      throw CommandFailure("\(directory) can't be read: \(String(cString: strerror(errno)))")
    }
    defer { closedir(handle) }
    while let entry = readdir(handle) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard !name.hasPrefix(".") else { continue }
      let path = directory + "/" + name
      var status = stat()
      guard stat(path, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        try collect(path, prefix: prefix + name + "/", into: &files)
      } else if name.hasSuffix(".txt") {
        guard let bytes = TableFile.whole(path, limit: 4 << 20) else {
          throw CommandFailure("\(path) can't be read, or is longer than 4 MiB")
        }
        files.append(Pack.File(path: prefix + name, bytes: bytes))
      }
    }
  }
}
