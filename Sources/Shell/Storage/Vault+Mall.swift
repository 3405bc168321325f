// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

/// 商户店员: a staff account that works at one merchant's till.
package struct ShopClerk: Sendable, Hashable {
  package var staff: StaffID
  package var mechanism: String
  package var merchant: UInt32
  package init(staff: StaffID, mechanism: String, merchant: UInt32) {
    self.staff = staff
    self.mechanism = mechanism
    self.merchant = merchant
  }
}

/// What is known of a merchant and must not stand in a journal.
package struct MerchantDetail: Sendable, Hashable {
  package var licence: String
  package var contact: String
  package var phone: String
  package init(licence: String, contact: String, phone: String) {
    self.licence = licence
    self.contact = contact
    self.phone = phone
  }
}

extension Vault {
  static let mallSchema = """
    CREATE TABLE shop_clerk(
      staff INTEGER PRIMARY KEY REFERENCES staff(id), mechanism TEXT NOT NULL,
      merchant INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX shop_clerk_by_merchant ON shop_clerk(mechanism, merchant);
    CREATE TABLE merchant_detail(
      mechanism TEXT NOT NULL, merchant INTEGER NOT NULL, sealed BLOB NOT NULL,
      PRIMARY KEY (mechanism, merchant)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE voucher_note(
      mechanism TEXT NOT NULL, voucher INTEGER NOT NULL, sealed BLOB NOT NULL,
      PRIMARY KEY (mechanism, voucher)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE wish(
      mechanism TEXT NOT NULL, person INTEGER NOT NULL REFERENCES person(id) ON DELETE CASCADE,
      offer INTEGER NOT NULL, since INTEGER NOT NULL,
      PRIMARY KEY (mechanism, person, offer)
    ) STRICT, WITHOUT ROWID;
    """

  // MARK: - Codes

  /// A voucher's code: sixteen letters and digits that nobody can foresee without the vault's
  /// secret. The same order always has the same one, so that it need not be kept anywhere.
  package func voucherCode(mechanism: String, order: String) -> String {
    let tag = suite.digest.authenticate(
      Array("voucher/\(mechanism)/\(order)".utf8), key: secrets.blindIndex)
    return base32(Array(tag.prefix(10)))
  }

  /// Two words of a code's digest, as the journal has them; the code as people type it, with or
  /// without hyphens, in small or capital letters.
  package static func voucherDigest(_ code: String) -> (UInt64, UInt64) {
    let plain = code.utf8.compactMap { byte -> UInt8? in
      switch byte {
      case 65...90: byte + 32
      case 97...122, 50...55: byte
      default: nil
      }
    }
    let bytes = Digest.sha256.hash(plain)
    func word(_ from: Int) -> UInt64 {
      bytes[from..<from + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }
    return (word(0), word(8))
  }

  /// A digest of a licence's number under the vault's secret, for the journal.
  package func licenceDigest(_ licence: String) -> String {
    let plain = licence.filter { !$0.isWhitespace }.uppercased()
    guard !plain.isEmpty else { return "" }
    return hexadecimal(
      suite.digest.authenticate(Array("licence/\(plain)".utf8), key: secrets.blindIndex))
  }

  /// A digest of a text that staff wrote, for the journal.
  package func noteDigest(_ text: String) -> String {
    text.isEmpty
      ? ""
      : hexadecimal(
        suite.digest.authenticate(Array("note/\(text)".utf8), key: secrets.blindIndex))
  }

  // MARK: - Merchants

  package func keep(
    _ detail: MerchantDetail, mechanism: String, merchant: UInt32
  ) throws(StoreFailure) {
    let text = [detail.licence, detail.contact, detail.phone].joined(separator: "\u{1f}")
    let sealed = Cipher.seal(
      Array(text.utf8), key: secrets.staff, place: "merchant/\(mechanism)/\(merchant)",
      suite: suite)
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "INSERT OR REPLACE INTO merchant_detail VALUES (?, ?, ?)", .text(mechanism),
      .integer(Int64(merchant)), .bytes(sealed))
  }

  package func merchantDetail(
    mechanism: String, merchant: UInt32
  ) throws(StoreFailure) -> MerchantDetail? {
    lock.lock()
    defer { lock.unlock() }
    let sealed = try connection.first(
      "SELECT sealed FROM merchant_detail WHERE mechanism = ? AND merchant = ?",
      .text(mechanism), .integer(Int64(merchant))
    ) { $0.bytes(0) }
    guard let sealed else { return nil }
    guard
      let bytes = Cipher.open(
        sealed, key: secrets.staff, place: "merchant/\(mechanism)/\(merchant)")
    else { throw damaged("merchant \(merchant) of \(mechanism)") }
    let parts = String(decoding: bytes, as: UTF8.self)
      .split(separator: "\u{1f}", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3 else { return nil }
    return MerchantDetail(licence: parts[0], contact: parts[1], phone: parts[2])
  }

  /// Why a voucher was refunded, in the words of who did it.
  package func keepNote(
    _ text: String, mechanism: String, voucher: UInt32
  ) throws(StoreFailure) {
    let sealed = Cipher.seal(
      Array(text.utf8), key: secrets.staff, place: "voucher-note/\(mechanism)/\(voucher)",
      suite: suite)
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "INSERT OR IGNORE INTO voucher_note VALUES (?, ?, ?)", .text(mechanism),
      .integer(Int64(voucher)), .bytes(sealed))
  }

  package func note(mechanism: String, voucher: UInt32) throws(StoreFailure) -> String? {
    lock.lock()
    defer { lock.unlock() }
    let sealed = try connection.first(
      "SELECT sealed FROM voucher_note WHERE mechanism = ? AND voucher = ?", .text(mechanism),
      .integer(Int64(voucher))
    ) { $0.bytes(0) }
    return sealed.flatMap {
      Cipher.open($0, key: secrets.staff, place: "voucher-note/\(mechanism)/\(voucher)")
    }.map { String(decoding: $0, as: UTF8.self) }
  }

  // MARK: - Clerks

  /// Binds a staff account to one merchant; one that is bound already moves there.
  package func bindClerk(_ clerk: ShopClerk) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "INSERT OR REPLACE INTO shop_clerk VALUES (?, ?, ?)", .integer(Int64(clerk.staff.raw)),
      .text(clerk.mechanism), .integer(Int64(clerk.merchant)))
  }

  package func shopClerk(_ staff: StaffID) throws(StoreFailure) -> ShopClerk? {
    lock.lock()
    defer { lock.unlock() }
    return try connection.first(
      "SELECT mechanism, merchant FROM shop_clerk WHERE staff = ?", .integer(Int64(staff.raw))
    ) {
      ShopClerk(
        staff: staff, mechanism: $0.text(0), merchant: UInt32(truncatingIfNeeded: $0.integer(1)))
    }
  }

  package func shopClerks(
    mechanism: String, merchant: UInt32
  ) throws(StoreFailure) -> [Staff] {
    lock.lock()
    defer { lock.unlock() }
    return try connection.rows(
      "SELECT \(Staff.columns) FROM staff WHERE id IN "
        + "(SELECT staff FROM shop_clerk WHERE mechanism = ? AND merchant = ?) ORDER BY id",
      .text(mechanism), .integer(Int64(merchant))
    ) { Staff(row: $0) }
  }

  // MARK: - Wishes

  /// 到货提醒: notes or forgets that a person waits for an offer.
  package func setWish(
    _ wishes: Bool, person: PersonID, mechanism: String, offer: UInt16, at time: Instant
  ) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    if wishes {
      try connection.run(
        "INSERT OR IGNORE INTO wish VALUES (?, ?, ?, ?)", .text(mechanism),
        .integer(person.signed), .integer(Int64(offer)), .integer(time.milliseconds))
    } else {
      try connection.run(
        "DELETE FROM wish WHERE mechanism = ? AND person = ? AND offer = ?", .text(mechanism),
        .integer(person.signed), .integer(Int64(offer)))
    }
  }

  package func wishes(
    of person: PersonID, mechanism: String
  ) throws(StoreFailure) -> [UInt16] {
    lock.lock()
    defer { lock.unlock() }
    return try connection.rows(
      "SELECT offer FROM wish WHERE mechanism = ? AND person = ? ORDER BY since",
      .text(mechanism), .integer(person.signed)
    ) { UInt16(truncatingIfNeeded: $0.integer(0)) }
  }
}
