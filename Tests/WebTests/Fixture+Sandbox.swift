// SPDX-License-Identifier: Apache-2.0
import Archive
import Desk
import Journal
import Mechanism
import Storage

@testable import Web

/// Chengdu's sandbox beside the town: the same pack, other books.
struct TrialSandbox {
  let clerk: Clerk
  let archive: Follower
  let office: Office

  func close() {
    archive.stop()
    clerk.stop()
  }
}

extension Fixture {
  static func sandbox(_ vault: Vault, _ folder: String) throws -> TrialSandbox {
    let code = "chengdu-sandbox"
    let store = try MemoryStore()
    let clerk = Clerk(core: try Core(code: code, store: store, citizensMax: 1 << 12), store: store)
    clerk.start()
    _ = try clerk.perform(.adopt(try Fixture.packFiles("chengdu")))
    let keys = try SigningKeys.openOrCreate(folder)
    let archive = try Follower(path: folder + "/sandbox.sqlite", store: store, zone: 28_800)
    archive.start()
    let office = Office(
      clerk: clerk, keys: keys, aliases: try vault.aliases(of: code), archive: archive,
      heads: HeadFile(path: folder + "/sandbox.jsonl", keys: keys))
    return TrialSandbox(clerk: clerk, archive: archive, office: office)
  }
}
