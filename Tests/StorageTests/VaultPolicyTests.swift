// SPDX-License-Identifier: Apache-2.0
import Journal
import Testing
import Units

@testable import Storage

/// Drafts of packs and what came of trying them.
@Suite struct VaultPolicyTests {
  private func layout(_ connection: borrowing Connection) throws -> [String] {
    try connection.rows(
      "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
    ) { "\($0.text(0)): \($0.text(1))" }
  }

  @Test("a vault of the version before becomes what a new one is")
  func migrates() throws {
    let folder = TrialFolder()
    let fresh = try Connection(folder.path + "/fresh.sqlite")
    try Vault.migrate(fresh)
    let old = try Connection(folder.path + "/old.sqlite")
    let before = Vault.schema.replacing(Vault.policySchema, with: "")
    try old.run(script: before + " PRAGMA user_version=1;")
    try #require(try layout(old) != layout(fresh))
    try Vault.migrate(old)
    #expect(try layout(old) == layout(fresh))
    #expect(try old.first("PRAGMA user_version") { $0.integer(0) } == Int64(Vault.version))
  }

  @Test("a draft is kept once, and its trial beside it")
  func drafts() throws {
    let folder = TrialFolder()
    let vault = try VaultTests.vault(folder)
    let noon = VaultTests.noon
    func keep(_ digest: String, _ mechanism: String = "chengdu") throws -> Int64 {
      try vault.keepDraft(
        mechanism: mechanism, digest: digest, files: Array("[]".utf8), by: StaffID(3), at: noon)
    }
    let first = try keep("aa")
    #expect(try keep("aa") == first)
    #expect(try keep("bb") != first)
    #expect(try vault.drafts(mechanism: "chengdu", limit: 9).map(\.digest) == ["bb", "aa"])
    let draft = try #require(try vault.draft(first, mechanism: "chengdu"))
    #expect(draft.staff == StaffID(3) && draft.files == Array("[]".utf8))
    // Another mechanism's draft is not found by its number.
    #expect(try vault.draft(first, mechanism: "shenzhen") == nil)
    #expect(try vault.trial(mechanism: "chengdu", digest: "aa") == nil)
    for result in ["1", "2"] {
      try vault.keepTrial(
        mechanism: "chengdu", digest: "aa", result: Array(result.utf8), by: StaffID(4), at: noon)
    }
    #expect(try vault.trial(mechanism: "chengdu", digest: "aa")?.result == Array("2".utf8))
    #expect(try vault.trial(mechanism: "shenzhen", digest: "aa") == nil)
    vault.close()
  }
}
