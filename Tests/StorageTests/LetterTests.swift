// SPDX-License-Identifier: Apache-2.0
import Journal
import Testing
import Units

@testable import Storage

/// Texts between citizens and the operator.
@Suite struct LetterTests {
  @Test("a letter is sealed under its person's key and goes with it")
  func letters() throws {
    let folder = TrialFolder()
    let vault = try VaultTests.vault(folder)
    let noon = VaultTests.noon
    let (lin, _) = try vault.personOrNew(phone: "13800000001", at: noon)
    let (ma, _) = try vault.personOrNew(phone: "13800000002", at: noon)
    func keep(_ text: String, _ person: PersonID) throws -> String {
      try #require(try vault.keep(letter: text, mechanism: "chengdu", of: person, at: noon))
    }
    let first = try keep("我的行程没有入账", lin)
    let second = try keep("我的行程没有入账", ma)
    #expect(first != second && first.utf8.count == 64, "nobody's words are told from the digest")
    #expect(try vault.letter(mechanism: "chengdu", digest: first) == "我的行程没有入账")
    #expect(try vault.letter(mechanism: "shenzhen", digest: first) == nil)
    try vault.removeLetter(mechanism: "chengdu", digest: second)
    #expect(try vault.letter(mechanism: "chengdu", digest: second) == nil)
    try vault.erase(lin, at: noon)
    #expect(try vault.letter(mechanism: "chengdu", digest: first) == nil)
    #expect(try vault.keep(letter: "再写", mechanism: "chengdu", of: lin, at: noon) == nil)
  }
}
