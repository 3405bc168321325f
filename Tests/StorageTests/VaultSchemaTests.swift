// SPDX-License-Identifier: Apache-2.0
import Testing
import Units

@testable import Storage

/// An older vault becomes a newer one without losing what it holds.
@Suite struct VaultSchemaTests {
  private func schema(_ path: String) throws -> [String] {
    try Connection(path, .readOnly).rows(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
    ) { $0.text(0) }
  }

  @Test func theTablesOfPartnersComeToAnOlderVault() throws {
    let folder = TrialFolder()
    let path = folder.path + "/vault.sqlite"
    var vault = try VaultTests.vault(folder)
    let key = try vault.newPartnerKey(
      mechanism: "chengdu", partner: PartnerID(1), at: VaultTests.noon)
    vault.close()
    let whole = try schema(path)
    let step = try #require(Vault.steps.firstIndex(of: Vault.partnerSchema))
    do {
      let connection = try Connection(path, .readWrite)
      // The partners' tables, and those of all steps after them.
      for match in Vault.steps[step...].joined().matches(of: /CREATE TABLE (\w+)/) {
        try connection.run(script: "DROP TABLE \(match.1);")
      }
      try connection.run(script: "PRAGMA user_version=\(step + 1);")
    }
    #expect(try schema(path).count < whole.count)
    vault = try VaultTests.vault(folder)
    #expect(vault.partnerKey(Array(key.utf8))?.partner == PartnerID(1))
    vault.close()
    #expect(try schema(path) == whole)
  }

  @Test func keysSecretsAndTermsOutliveTheProcess() throws {
    let folder = TrialFolder()
    var vault = try VaultTests.vault(folder)
    let partner = PartnerID(3)
    let old = try vault.newPartnerKey(
      mechanism: "chengdu", partner: partner, at: VaultTests.noon)
    let new = try vault.rotatePartnerKey(
      mechanism: "chengdu", partner: partner, olderEnds: VaultTests.after(60),
      at: VaultTests.noon)
    let (made, secret) = try vault.newSharedSecret(
      mechanism: "chengdu", partner: partner, at: VaultTests.noon)
    var terms = PartnerTerms()
    terms.eventsPerDay = 7
    terms.requiresSignature = true
    try vault.setTerms(terms, mechanism: "chengdu", partner: partner)
    #expect(!contains(folder.everything(), secret), "the secret is sealed")
    vault.close()
    vault = try VaultTests.vault(folder)
    let key = try #require(vault.partnerKey(Array(old.utf8)))
    #expect(key.holds(at: VaultTests.after(59)) && !key.holds(at: VaultTests.after(60)))
    #expect(vault.partnerKey(Array((new ?? "").utf8))?.ends == nil)
    #expect(vault.terms(mechanism: "chengdu", partner: partner) == terms)
    let found = try #require(vault.verifier(made.keyID, of: key))
    let tag = Digest.sha256.authenticate([1, 2, 3], key: secret)
    #expect(found.verify([1, 2, 3], signature: tag))
    #expect(!found.verify([1, 2, 4], signature: tag))
    vault.close()
  }
}
