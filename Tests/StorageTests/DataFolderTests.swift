// SPDX-License-Identifier: Apache-2.0
import Glibc
import Journal
import Storage
import Testing

/// One folder, one process, and a clear word to everybody else.
@Suite struct DataFolderTests {
  @Test func aFolderIsMadeFilledAndFoundAgain() throws {
    let folder = TrialFolder()
    let path = folder.path + "/data"
    let absent = #expect(throws: StoreFailure.self) { _ = try DataFolder(path, create: false) }
    #expect(absent?.advice.contains("tanpuhui init") == true)
    do {
      let data = try DataFolder(path, create: true)
      try data.add(mechanism: "chengdu")
      try data.add(mechanism: "shenzhen")
      try data.add(mechanism: "chengdu")
      #expect(throws: StoreFailure.self) { try data.add(mechanism: "../etc") }
      #expect(throws: StoreFailure.self) { try data.add(mechanism: "keys") }
      let store = try SQLiteStore(path: data.journalPath(of: "chengdu"))
      store.close()
      #expect(write([1], data.snapshotPath(of: "chengdu", sequence: 90)))
      #expect(write([1], data.snapshotPath(of: "chengdu", sequence: 1000)))
      let vault = try Vault(path: data.vaultPath, keys: data.keysPath)
      vault.close()
    }
    let data = try DataFolder(path + "/", create: false)
    #expect(data.mechanisms == ["chengdu", "shenzhen"])
    #expect(try data.snapshots(of: "chengdu") == [1000, 90])
    let text = String(
      decoding: run(["/bin/cat", path + "/tanpuhui.json"]).output, as: UTF8.self)
    #expect(text == "{\"format\":1,\"mechanisms\":[\"chengdu\",\"shenzhen\"]}\n")
    #expect(access(path + "/keys/master.key", F_OK) == 0)
  }

  @Test func aSecondProcessIsToldWhoTheFirstIs() throws {
    let folder = TrialFolder()
    let path = folder.path + "/data"
    let data = try DataFolder(path, create: true)
    let second = #expect(throws: StoreFailure.self) { _ = try DataFolder(path, create: false) }
    #expect(second?.kind == .inUse)
    #expect(second?.cause == "process \(getpid()) is using it")
    let other = run(["/usr/bin/flock", "-n", path + "/lock", "/bin/true"])
    #expect(other.status == 1)
    let follower = try DataFolder(path, create: false, access: .follow)
    #expect(follower.mechanisms == data.mechanisms)
    #expect(throws: StoreFailure.self) { try follower.add(mechanism: "chengdu") }
  }

  @Test func somebodyElsesFolderIsLeftAlone() throws {
    let folder = TrialFolder()
    #expect(write([1], folder.path + "/thesis.txt"))
    let failure = #expect(throws: StoreFailure.self) {
      _ = try DataFolder(folder.path, create: true)
    }
    #expect(failure?.cause.contains("thesis.txt") == true)
    #expect(run(["/bin/ls", "-A", folder.path]).output == Array("thesis.txt\n".utf8))
    #expect(write(Array("{\"format\":9,\"mechanisms\":[]}".utf8), folder.path + "/tanpuhui.json"))
    let newer = #expect(throws: StoreFailure.self) {
      _ = try DataFolder(folder.path, create: false)
    }
    #expect(newer?.advice.contains("at least as new") == true)
  }
}
