// SPDX-License-Identifier: Apache-2.0
import Desk
import HTTP
import Mechanism
import Membership
import Storage
import Units

/// 我的数据: seeing, taking along, closing.
enum DataDesk {
  static func show(_ call: Call) throws -> Response { try page(call, try call.office()) }

  private static func page(
    _ call: Call, _ office: Office, problem: HTML? = nil, status: Int = 200
  ) throws -> Response {
    let t = call.t
    let person = try CitizenDesk.person(call)
    let record = try call.site.vault.fields(of: person)
    let shown = PersonalField.allCases.compactMap { field -> (String, String)? in
      guard let value = record[field] else { return nil }
      return (Layout.label(field, t), field == .phone ? Layout.masked(value) : value)
    }
    let consents = try call.site.vault.consents(of: person).map {
      ConsentRow(
        purpose: $0.purpose, receiver: $0.receiver, textVersion: $0.textVersion, given: $0.given,
        withdrawn: $0.withdrawn)
    }
    return call.html(
      Layout.personalData(
        call.visit(office), code: office.code, fields: shown, consents: consents,
        closing: t(
          "未使用的碳积分归还机制，减排量仍计入全市累计。",
          "Points left over go back to the programme; the reductions stay in the city's total."),
        problem: problem), status: status)
  }

  static func export(_ call: Call) throws -> Response {
    let office = try call.office()
    let record = try PersonalRecord.read(
      call.site, try CitizenDesk.person(call), t: call.t, at: call.now)
    return file(record, office.code)
  }

  static func file(_ record: PersonalRecord, _ code: String) -> Response {
    var response = Response.json(record.json.bytes)
    response["Content-Disposition"] = "attachment; filename=\"tanpuhui-\(code).json\""
    return response
  }

  /// The same for reading, and for printing.
  static func readable(_ call: Call) throws -> Response {
    let office = try call.office()
    let record = try PersonalRecord.read(
      call.site, try CitizenDesk.person(call), t: call.t, at: call.now)
    return call.html(Layout.record(call.visit(office), code: office.code, record))
  }

  static func close(_ call: Call) throws -> Response {
    let office = try call.office()
    let person = try CitizenDesk.person(call)
    guard isConfirmed(call) else {
      return try page(
        call, office,
        problem: call.t("未注销：请输入“注销”二字以确认。", "Not closed: type “close” to confirm."), status: 422)
    }
    try erase(person, call.site, at: call.now)
    var response = call.html(
      Layout.apology(
        call.visit(office), status: 200, title: call.t("账户已注销", "Your account is closed"),
        sentence: call.t(
          "您的个人信息已经删除。感谢您为低碳所做的一切。", "Your personal data are deleted. Thank you for all you did."),
        next: (call.t("回到首页", "To the first page"), "/")))
    response.headers.append(("Set-Cookie", call.site.cookie(Site.citizenCookie, "", seconds: 0)))
    return response
  }

  static func isConfirmed(_ call: Call) -> Bool {
    let word = call.form["confirm"] ?? ""
    return word == "注销" || word.lowercased() == "close"
  }

  /// 注销 in every mechanism: unlinks, forgets the partners' ids, closes the accounts in the books,
  /// and at last destroys the person's key. Cut off in the middle it is simply done again: the
  /// person can still log in until the last step.
  static func erase(_ person: PersonID, _ site: Site, at now: Instant) throws {
    for account in try site.vault.accounts(of: person) {
      guard let place = site.office(account.mechanism) else { continue }
      for alias in place.aliases(of: account.citizen) {
        _ = try place.perform(.membership(.unlink(alias)))
        try place.aliases.erase(alias)
      }
      for paused in try site.vault.pausedLinks(of: person, mechanism: place.code) {
        try place.aliases.erase(paused.alias)
      }
      if !place.clerk.read({ $0.membership.isClosed(account.citizen) }) {
        _ = try place.perform(.closeAccount(account.citizen))
      }
    }
    try site.vault.erase(person, at: now)
  }
}
