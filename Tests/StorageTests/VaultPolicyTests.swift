// SPDX-License-Identifier: Apache-2.0
import Journal
import Testing
import Units

@testable import Storage

/// Drafts of packs and what came of trying them.
@Suite struct VaultPolicyTests {
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
