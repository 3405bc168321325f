// SPDX-License-Identifier: Apache-2.0
import Archive
import HTTP
import Membership
import Storage
import Units

/// What a partner's computer is held to: signing keys, limits, withdrawals; staff's half.
enum PartnerTermsDesk {
  /// After how long an older key ends, by the choice in the form.
  static let ends: [(code: String, milliseconds: Int64)] = [
    ("hour", 3_600_000), ("day", 86_400_000), ("week", 7 * 86_400_000), ("month", 30 * 86_400_000),
  ]

  static func addVerifier(_ call: Call) throws -> Response {
    let office = try call.office()
    let (id, partner) = try PartnerDesk.find(call, office)
    let object = "\(office.code)/partner/\(partner.code)"
    let algorithm = RequestAlgorithm(rawValue: call.form["algorithm"] ?? "") ?? .hmac
    if algorithm == .hmac {
      let (made, secret) = try call.site.vault.newSharedSecret(
        mechanism: office.code, partner: id, at: call.now)
      try call.log("make signing key", object, after: made.keyID)
      return try PartnerDesk.page(
        call, office,
        key: "keyid=\(made.keyID) alg=hmac-sha256 secret(base64)=\(base64(secret))")
    }
    let text = (call.form["public"] ?? "").replacing("\r\n", with: "\n")
    guard
      let made = try call.site.vault.addVerifier(
        mechanism: office.code, partner: id, algorithm, publicKey: text, at: call.now)
    else {
      return try PartnerDesk.page(
        call, office,
        problem: call.t(
          "这不是该算法的公钥（PEM）。请平台重新提供。",
          "That is no public key of this algorithm as PEM. Ask the partner for it again."))
    }
    try call.log("add signing key", object, after: made.keyID)
    return try PartnerDesk.page(call, office)
  }

  static func revokeVerifier(_ call: Call) throws -> Response {
    let office = try call.office()
    let (id, partner) = try PartnerDesk.find(call, office)
    let name = call.form["key"] ?? ""
    guard
      try call.site.vault.revokeVerifier(
        name, mechanism: office.code, partner: id, at: call.now)
    else {
      return try PartnerDesk.page(
        call, office, problem: call.t("没有这个有效密钥。", "There is no such key that still holds."))
    }
    try call.log("revoke signing key", "\(office.code)/partner/\(partner.code)", before: name)
    return try PartnerDesk.page(call, office)
  }

  static func setTerms(_ call: Call) throws -> Response {
    let office = try call.office()
    let (id, partner) = try PartnerDesk.find(call, office)
    let vault = call.site.vault
    let old = vault.terms(mechanism: office.code, partner: id)
    guard let minute = Int(call.form["minute"] ?? ""), (0...1_000_000).contains(minute),
      let day = Int(call.form["day"] ?? ""), (0...1_000_000_000).contains(day)
    else {
      return try PartnerDesk.page(
        call, office,
        problem: call.t("请填写不小于零的整数，零为不限。", "Give whole numbers from zero up; zero is no limit."))
    }
    var terms = PartnerTerms()
    terms.requiresSignature = call.form["signed"] == "yes"
    terms.requestsPerMinute = minute
    terms.eventsPerDay = day
    if terms.requiresSignature,
      !vault.verifiers(mechanism: office.code, partner: id).contains(where: { $0.revoked == nil })
    {
      return try PartnerDesk.page(
        call, office,
        problem: call.t("请先登记签名密钥，再要求签名。", "Register a signing key first, then require it."))
    }
    try vault.setTerms(terms, mechanism: office.code, partner: id)
    try call.log(
      "change terms", "\(office.code)/partner/\(partner.code)", before: "\(old)",
      after: "\(terms)")
    return try PartnerDesk.page(call, office)
  }

  static func model(_ call: Call, _ office: Office, _ id: PartnerID) throws -> PartnerTermsModel {
    let vault = call.site.vault
    return PartnerTermsModel(
      terms: vault.terms(mechanism: office.code, partner: id),
      use: office.quotas.use(id, at: call.now),
      verifiers: vault.verifiers(mechanism: office.code, partner: id),
      withdrawals: try office.archive.withdrawals(partner: id, limit: 20))
  }
}
