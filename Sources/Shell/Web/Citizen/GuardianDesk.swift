// SPDX-License-Identifier: Apache-2.0
import Behaviour
import HTTP
import Mechanism
import Membership
import Policy
import Storage
import Units

/// 监护人: a child under the pack's age opens an account only when a guardian agrees.
///
///     child: birth date ──▶ code on the child's page ──told──▶ guardian's page: agrees ──▶ account
enum GuardianDesk {
  static let childMayNot = Trouble(
    403, "child-may-not", "未满年龄的孩子不能自行同意这一项，请由监护人决定。",
    "A child can't agree to this by itself; ask the guardian.", next: .back)

  /// Whether the vault knows a birth date that makes the person a child today.
  static func isChild(_ call: Call, _ office: Office, _ person: PersonID) throws -> Bool {
    guard let birth = try call.site.vault.fields(of: person)[.birthDate].flatMap({ Day($0) }) else {
      return false
    }
    return try years(since: birth, call.now.day(offset: office.zone))
      < office.pack().people.guardianYears
  }

  /// Whole years: who was born on the 29th of February is a year older on the 1st of March.
  static func years(since birth: Day, _ today: Day) -> Int {
    let (then, now) = (birth.civil, today.civil)
    let hasHadBirthday = (now.month, now.day) >= (then.month, then.day)
    return now.year - then.year - (hasHadBirthday ? 0 : 1)
  }

  /// Asked before an account is opened: the page that sends a child to its guardian, or nil.
  static func beforeOpening(
    _ call: Call, _ office: Office, _ person: PersonID
  ) throws -> Response? {
    let vault = call.site.vault
    if call.form["child"] == "yes" || call.form["birth"]?.isEmpty == false {
      let today = call.now.day(offset: office.zone)
      guard let birth = Day(call.form["birth"] ?? ""), birth <= today,
        years(since: birth, today) < 130
      else {
        throw Trouble(
          422, "birth-date-invalid", "请填写正确的出生日期，如 2015-06-01。",
          "Give a birth date such as 2015-06-01.", next: .back)
      }
      // The first word stands: a child is no older because it says so the second time.
      if try vault.fields(of: person)[.birthDate] == nil {
        _ = try vault.set(.birthDate, to: birth.description, of: person)
      }
    }
    guard try isChild(call, office, person), try vault.guardian(of: person) == nil else {
      return nil
    }
    let code = try vault.newGuardianCode(child: person, mechanism: office.code, at: call.now)
    return call.html(Layout.guardianWanted(call.visit(office), code: office.code, sign: code))
  }

  static func show(_ call: Call) throws -> Response { try page(call, try call.office()) }

  private static func page(
    _ call: Call, _ office: Office, notice: HTML? = nil, problem: HTML? = nil, status: Int = 200
  ) throws -> Response {
    let vault = call.site.vault
    let children = try vault.children(of: try CitizenDesk.person(call)).compactMap {
      ward -> ChildRow? in
      guard let citizen = try account(of: ward.child, call, office) else { return nil }
      let phone = try vault.fields(of: ward.child)[.phone] ?? ""
      return ChildRow(
        citizen: citizen, phone: phone, since: ward.given, balance: office.balance(of: citizen))
    }
    return call.html(
      Layout.children(
        call.visit(office), code: office.code, children, terms: try office.pack().guardianTerms,
        notice: notice, problem: problem), status: status)
  }

  private static func account(
    of child: PersonID, _ call: Call, _ office: Office
  ) throws -> CitizenID? {
    try call.site.vault.accounts(of: child).first { $0.mechanism == office.code }?.citizen
  }

  /// The guardian enters the child's code and agrees: the account is opened.
  static func agree(_ call: Call) throws -> Response {
    let t = call.t
    let office = try call.office()
    let person = try CitizenDesk.person(call)
    let vault = call.site.vault
    try call.site.throttle.count(call.address, at: call.now)
    guard call.form["agree"] == "yes" else {
      return try page(
        call, office, problem: t("需要您的同意。", "Your consent is needed."), status: 422)
    }
    guard try !isChild(call, office, person) else { throw childMayNot }
    guard
      let child = try vault.child(
        code: call.form["code"] ?? "", mechanism: office.code, at: call.now), child != person
    else {
      return try page(
        call, office,
        problem: t(
          "监护码不对或已过期，请让孩子重新获取。",
          "The code is wrong or has expired; let the child ask "
            + "for a new one."), status: 422)
    }
    let version = try office.pack().guardianTerms.version
    guard try vault.setGuardian(person, of: child, textVersion: version, at: call.now) else {
      return try page(
        call, office, problem: t("该孩子已有监护人。", "The child has a guardian already."), status: 409)
    }
    try vault.giveConsent(
      of: person, purpose: "guardian", receiver: office.receiver("child"), textVersion: version,
      at: call.now)
    if try account(of: child, call, office) == nil {
      try CitizenDesk.open(office, child, in: vault)
    }
    return try page(call, office, notice: t("已同意，孩子的碳账户已开通。", "Agreed; the account is open."))
  }

  /// The child of the account in the address; 404 for anybody who is not its guardian.
  private static func ward(_ call: Call, _ office: Office) throws -> (PersonID, CitizenID) {
    let citizen = CitizenID(UInt32(clamping: try call.number("number")))
    let account = Account(mechanism: office.code, citizen: citizen)
    guard let child = try call.site.vault.person(of: account),
      try call.site.vault.guardian(of: child) == (try CitizenDesk.person(call))
    else { throw Trouble.noFact }
    return (child, citizen)
  }

  static func child(_ call: Call) throws -> Response {
    try childPage(call, try call.office())
  }

  private static func childPage(
    _ call: Call, _ office: Office, problem: HTML? = nil, status: Int = 200
  ) throws -> Response {
    let (child, _) = try ward(call, office)
    let record = try PersonalRecord.read(call.site, child, t: call.t, at: call.now)
    return call.html(
      Layout.child(
        call.visit(office), code: office.code, number: try call.number("number"), record,
        problem: problem), status: status)
  }

  static func export(_ call: Call) throws -> Response {
    let office = try call.office()
    let (child, _) = try ward(call, office)
    return DataDesk.file(
      try PersonalRecord.read(call.site, child, t: call.t, at: call.now), office.code)
  }

  static func close(_ call: Call) throws -> Response {
    let office = try call.office()
    let (child, _) = try ward(call, office)
    guard DataDesk.isConfirmed(call) else {
      return try childPage(
        call, office,
        problem: call.t("未注销：请输入“注销”二字以确认。", "Not closed: type “close” to confirm."), status: 422)
    }
    try DataDesk.erase(child, call.site, at: call.now)
    return try page(call, office, notice: call.t("孩子的账户已注销。", "The child's account is closed."))
  }
}
