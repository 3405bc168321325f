// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

/// 接入申请: an organisation that wants to report. Who to ring up is personal, so it lies sealed; of an
/// application that was declined nothing is kept but that there was one.
package struct PartnerApplication: Sendable, Equatable {
  package enum State: String, Sendable { case filed, approved, declined }

  package var id: Int64 = 0
  package var mechanism: String
  package var created: Instant
  /// `public`, or `staff/7`: who reviews it is somebody else.
  package var filedBy: String
  package var organisation: String
  package var contact: String
  package var telephone: String
  package var purpose: String
  package var scenes: [String]
  package var state = State.filed
  package var decidedBy: String?
  package var decided: Instant?
  /// Code of the partner that it became.
  package var partner: String?

  package init(
    mechanism: String, created: Instant, filedBy: String, organisation: String, contact: String,
    telephone: String, purpose: String, scenes: [String]
  ) {
    self.mechanism = mechanism
    self.created = created
    self.filedBy = filedBy
    self.organisation = organisation
    self.contact = contact
    self.telephone = telephone
    self.purpose = purpose
    self.scenes = scenes
  }
}

extension Vault {
  /// Between the sealed texts; a form's texts hold no control characters.
  private static let separator = Character("\u{1f}")

  private static func place(_ mechanism: String, _ created: Instant) -> String {
    "application/\(mechanism)/\(created.milliseconds)"
  }

  @discardableResult
  package func file(_ application: PartnerApplication) throws(StoreFailure) -> Int64 {
    let texts = [
      application.organisation, application.contact, application.telephone, application.purpose,
    ]
    let plain = texts.map { $0.filter { $0 != Vault.separator } }
      .joined(separator: String(Vault.separator))
    let sealed = Cipher.seal(
      Array(plain.utf8), key: secrets.staff,
      place: Vault.place(application.mechanism, application.created), suite: suite)
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "INSERT INTO partner_application(mechanism, created, filed_by, sealed, scenes, state) "
        + "VALUES (?, ?, ?, ?, ?, 'filed')", .text(application.mechanism),
      .integer(application.created.milliseconds), .text(application.filedBy), .bytes(sealed),
      .text(application.scenes.joined(separator: ",")))
    return connection.lastRow
  }

  /// A mechanism's applications, newest first.
  package func applications(
    mechanism: String, limit: Int
  ) throws(StoreFailure) -> [PartnerApplication] {
    lock.lock()
    defer { lock.unlock() }
    return try connection.rows(
      "SELECT * FROM partner_application WHERE mechanism = ? ORDER BY id DESC LIMIT ?",
      .text(mechanism), .integer(Int64(limit))
    ) { self.application($0) }
  }

  package func partnerApplication(
    _ id: Int64, mechanism: String
  ) throws(StoreFailure) -> PartnerApplication? {
    lock.lock()
    defer { lock.unlock() }
    return try connection.first(
      "SELECT * FROM partner_application WHERE id = ? AND mechanism = ?", .integer(id),
      .text(mechanism)
    ) { self.application($0) }
  }

  /// False where it was decided before. What was declined is forgotten.
  package func decide(
    _ id: Int64, _ state: PartnerApplication.State, by staff: String, partner: String?,
    at time: Instant
  ) throws(StoreFailure) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    return try connection.run(
      "UPDATE partner_application SET state = ?, decided = ?, decided_by = ?, partner = ?, "
        + "sealed = CASE WHEN ? = 'declined' THEN x'' ELSE sealed END "
        + "WHERE id = ? AND state = 'filed'", .text(state.rawValue), .integer(time.milliseconds),
      .text(staff), partner.map { .text($0) } ?? .null, .text(state.rawValue), .integer(id)) == 1
  }

  private func application(_ row: borrowing Statement) -> PartnerApplication {
    let (mechanism, created) = (row.text(1), Instant(milliseconds: row.integer(2)))
    let opened = Cipher.open(
      row.bytes(4), key: secrets.staff, place: Vault.place(mechanism, created))
    var texts = String(decoding: opened ?? [], as: UTF8.self)
      .split(separator: Vault.separator, omittingEmptySubsequences: false).map(String.init)
    while texts.count < 4 { texts.append("") }
    var application = PartnerApplication(
      mechanism: mechanism, created: created, filedBy: row.text(3), organisation: texts[0],
      contact: texts[1], telephone: texts[2], purpose: texts[3],
      scenes: row.text(5).split(separator: ",").map(String.init))
    application.id = row.integer(0)
    application.state = PartnerApplication.State(rawValue: row.text(6)) ?? .filed
    application.decided = row.isNull(7) ? nil : Instant(milliseconds: row.integer(7))
    application.decidedBy = row.isNull(8) ? nil : row.text(8)
    application.partner = row.isNull(9) ? nil : row.text(9)
    return application
  }
}
