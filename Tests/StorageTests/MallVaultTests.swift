// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing
import Units

@testable import Storage

@Suite("what the vault keeps for the mall") struct MallVaultTests {
  private func folder() -> String {
    var template = Array("/tmp/tanpuhui-mall-XXXXXX".utf8CString)
    return String(cString: mkdtemp(&template)!)
  }

  /// The tables of a vault's file, as the engine writes them down.
  private func tables(_ connection: borrowing Connection) throws -> [String] {
    try connection.rows("SELECT name, sql FROM sqlite_schema ORDER BY name") {
      $0.text(0) + " " + ($0.isNull(1) ? "" : $0.text(1))
    }
  }

  @Test("steps from the first version lead to the schema as it is")
  func steps() throws {
    let folder = folder()
    let fresh = try Connection(folder + "/fresh.sqlite")
    try fresh.run(script: Vault.schema)
    let old = try Connection(folder + "/old.sqlite")
    let first = String(Vault.schema.prefix { _ in true })
    // The first version is the schema without what the steps add.
    var base = first
    for step in Vault.steps { base = base.replacing(step, with: "") }
    try old.run(script: base + "PRAGMA user_version=1;")
    try Vault.migrate(old)
    #expect(try tables(old) == tables(fresh))
    let version = try old.first("PRAGMA user_version") { $0.integer(0) }
    #expect(version == Int64(Vault.version))
  }

  @Test("a voucher's code is long, the same for one order, and no order's but its own")
  func codes() throws {
    let vault = try Vault(path: folder() + "/vault.sqlite", keys: folder())
    let code = vault.voucherCode(mechanism: "chengdu", order: "1")
    #expect(code.utf8.count == 16 && code == vault.voucherCode(mechanism: "chengdu", order: "1"))
    #expect(code != vault.voucherCode(mechanism: "chengdu", order: "2"))
    #expect(code != vault.voucherCode(mechanism: "zhangye", order: "1"))
    let other = try Vault(path: folder() + "/vault.sqlite", keys: folder())
    #expect(code != other.voucherCode(mechanism: "chengdu", order: "1"))
    // Typed in capitals with hyphens, it is the same code.
    let typed = code.uppercased().prefix(4) + "-" + code.uppercased().dropFirst(4)
    #expect(Vault.voucherDigest(String(typed)) == Vault.voucherDigest(code))
  }

  @Test("a merchant's contact is not in the file in the clear; a clerk has one shop")
  func merchants() throws {
    let place = folder()
    let vault = try Vault(path: place + "/vault.sqlite", keys: place)
    let detail = MerchantDetail(licence: "91510100MA6C0000XX", contact: "李老板", phone: "13800000000")
    try vault.keep(detail, mechanism: "chengdu", merchant: 3)
    #expect(try vault.merchantDetail(mechanism: "chengdu", merchant: 3) == detail)
    #expect(try vault.merchantDetail(mechanism: "zhangye", merchant: 3) == nil)
    let now = Instant(milliseconds: 1)
    let id = try vault.addStaff(
      username: "till", displayName: "店员", roles: ["merchant"], password: "secret", at: now,
      strength: .weak)!
    try vault.bindClerk(ShopClerk(staff: id, mechanism: "chengdu", merchant: 3))
    try vault.bindClerk(ShopClerk(staff: id, mechanism: "chengdu", merchant: 4))
    #expect(try vault.shopClerk(id)?.merchant == 4)
    #expect(try vault.shopClerks(mechanism: "chengdu", merchant: 3).isEmpty)
    vault.close()
    chmod(place + "/vault.sqlite", 0o600)
    let bytes = try Files.readSecret(place + "/vault.sqlite")
    let text = String(decoding: bytes, as: UTF8.self)
    for secret in ["91510100MA6C0000XX", "李老板", "13800000000"] {
      #expect(!text.contains(secret))
    }
  }

  @Test("wishes go with the person")
  func wishes() throws {
    let place = folder()
    let vault = try Vault(path: place + "/vault.sqlite", keys: place)
    let now = Instant(milliseconds: 1)
    let (person, _) = try vault.personOrNew(phone: "13800000001", at: now)
    try vault.setWish(true, person: person, mechanism: "chengdu", offer: 7, at: now)
    try vault.setWish(true, person: person, mechanism: "chengdu", offer: 7, at: now)
    #expect(try vault.wishes(of: person, mechanism: "chengdu") == [7])
    try vault.setWish(false, person: person, mechanism: "chengdu", offer: 7, at: now)
    #expect(try vault.wishes(of: person, mechanism: "chengdu").isEmpty)
    try vault.setWish(true, person: person, mechanism: "chengdu", offer: 8, at: now)
    try vault.erase(person, at: now)
  }
}
