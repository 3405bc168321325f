// SPDX-License-Identifier: Apache-2.0
import Behaviour
import HTTP
import Policy
import Storage
import Units

/// A citizen logging in and looking at their account.
enum CitizenDesk {
  static func loginPage(_ call: Call) throws -> Response {
    if call.person != nil { return call.go("/me") }
    return call.html(Layout.login(call.visit(), next: call.request.query["next"] ?? "/me"))
  }

  static func sendCode(_ call: Call) throws -> Response {
    let t = call.t
    let next = call.form["next"] ?? "/me"
    let phone = Vault.normalised(phone: call.form["phone"] ?? "")
    try call.site.throttle.count(call.address, at: call.now)
    guard phone.utf8.count >= 5, phone.utf8.count <= 15 else {
      return call.html(
        Layout.login(
          call.visit(), next: next, phone: call.form["phone"] ?? "",
          problem: t("手机号不正确，请检查后重试。", "That is no phone number. Check it and try again.")),
        status: 422)
    }
    guard call.form["agree"] == "yes" else {
      return call.html(
        Layout.login(
          call.visit(), next: next, phone: phone,
          problem: t("需要您同意个人信息处理说明，才能登录。", "Agree to the processing of your data to log in.")),
        status: 422)
    }
    try call.site.codesByAddress.count(call.address, at: call.now)
    switch try call.site.vault.issueLoginCode(phone: phone, at: call.now) {
    case .issued(let code):
      do {
        try call.site.sender.send(code: code, to: phone)
      } catch {
        // The reason is for whoever runs the server; neither phone nor code stands in it.
        Site.complain("tanpuhui: a login code was not sent: \(error)\n")
        throw Trouble(
          503, "code-not-sent", "验证码没有发出，请一分钟后再试。",
          "The code could not be sent. Try again in a minute.", next: .back)
      }
      return call.html(
        Layout.loginCode(
          call.visit(), next: next, phone: phone,
          shown: call.site.sender.showsOnPage ? code : nil))
    case .tooSoon(let until):
      throw Trouble.tooOften((until.milliseconds - call.now.milliseconds) / 1000 + 1)
    case .tooMany(let until):
      throw Trouble.tooOften((until.milliseconds - call.now.milliseconds) / 1000 + 1)
    }
  }

  static func login(_ call: Call) throws -> Response {
    let t = call.t
    let next = call.form["next"] ?? "/me"
    let phone = Vault.normalised(phone: call.form["phone"] ?? "")
    let vault = call.site.vault
    try call.site.throttle.count(call.address, at: call.now)
    switch try vault.checkLoginCode(phone: phone, code: call.form["code"] ?? "", at: call.now) {
    case .right: break
    case .wrong(let left):
      return call.html(
        Layout.loginCode(
          call.visit(), next: next, phone: phone, shown: nil,
          problem: t("验证码不对，还可以试", "Wrong code; tries left:") + " \(left) " + t("次。", ".")),
        status: 422)
    case .noCode:
      return call.html(
        Layout.login(
          call.visit(), next: next, phone: phone,
          problem: t("验证码已失效，请重新获取。", "The code is no longer good. Ask for a new one.")),
        status: 422)
    }
    let (person, _) = try vault.personOrNew(phone: phone, at: call.now)
    try vault.giveConsent(
      of: person, purpose: "account", textVersion: ConsentText.accountVersion, at: call.now)
    return try entered(call, person, next: next)
  }

  /// Opens a session and leads on.
  static func entered(_ call: Call, _ person: PersonID, next: String) throws -> Response {
    let (token, _) = try call.site.vault.openSession(
      .citizen, subject: person.raw, at: call.now, lifetimeMilliseconds: Site.citizenLifetime)
    var response = call.go(Link(local: next) ?? "/me")
    response.headers.append(
      (
        "Set-Cookie",
        call.site.cookie(Site.citizenCookie, token, seconds: Site.citizenLifetime / 1000)
      ))
    return response
  }

  static func logout(_ call: Call) throws -> Response {
    if case .citizen(_, _, let token) = call.actor {
      try call.site.vault.revokeSession(token: token)
    }
    var response = call.go("/")
    response.headers.append(("Set-Cookie", call.site.cookie(Site.citizenCookie, "", seconds: 0)))
    return response
  }

  /// Where there is one mechanism, or one account, straight to it.
  static func home(_ call: Call) throws -> Response {
    let mine = try call.site.vault.accounts(of: try person(call)).map(\.mechanism)
    let codes = mine.isEmpty ? call.site.cities.map(\.code) : mine
    guard codes.count == 1 else { return try PublicDesk.home(call) }
    return call.go("/\(Link("\(codes[0])"))/me")
  }

  static func person(_ call: Call) throws -> PersonID {
    guard let person = call.person else { throw Trouble.notLoggedIn }
    return person
  }

  static func citizen(_ call: Call, _ office: Office) throws -> CitizenID? {
    try call.site.vault.accounts(of: try person(call)).first { $0.mechanism == office.code }?
      .citizen
  }

  /// The caller's account, or the page that opens one.
  static func required(_ call: Call, _ office: Office) throws -> CitizenID {
    guard let citizen = try citizen(call, office) else {
      throw Trouble(
        404, "no-account", "您在本机制还没有碳账户。请先开通。",
        "You have no account in this mechanism yet. Open one first.")
    }
    return citizen
  }

  static func account(_ call: Call) throws -> Response {
    let office = try call.office()
    guard let citizen = try citizen(call, office) else {
      return call.html(
        Layout.openAccount(
          call.visit(office), code: office.code, partners: office.openPartners(),
          years: try office.pack().people.guardianYears))
    }
    if let file = try call.file(office, Sheet.history(of: citizen, office, call.t)) {
      return file
    }
    let phone = try call.site.vault.fields(of: try person(call))[.phone] ?? ""
    let before = call.request.query["before"].flatMap { UInt64($0) }.map { FactNumber($0) }
    if let before, try office.entry(before)?.record.report.citizen != citizen {
      throw Trouble.noFact
    }
    let (entries, older) = try office.history(of: citizen, before: before, limit: 20)
    var model = AccountModel(
      code: office.code, citizen: citizen, phone: phone, balance: office.balance(of: citizen),
      entries: entries, older: older, isFirstPage: before == nil,
      waiting: before == nil ? office.held(of: citizen, limit: 20) : [])
    model.ending = office.lots(of: citizen).ending(on: call.now.day(offset: office.zone))
    model.askedAgain = try ConsentDesk.waiting(call, office, try person(call))
    return call.html(Layout.account(call.visit(office), model, notice: notice(call)))
  }

  private static func notice(_ call: Call) -> HTML? {
    switch call.request.query["done"] {
    case "opened": call.t("碳账户已开通。", "Your account is open.")
    case "claimed": call.t("账户已认领，历史记录归您。", "The account is yours, with its history.")
    default: nil
    }
  }

  static func entry(_ call: Call) throws -> Response {
    let office = try call.office()
    let citizen = try required(call, office)
    guard let entry = try office.entry(FactNumber(try call.number("fact"))),
      entry.record.report.citizen == citizen
    else { throw Trouble.noFact }
    return call.html(
      Layout.entry(
        call.visit(office), code: office.code, entry, explanation: office.explanation(of: entry),
        packVersion: office.packVersion(at: entry.number)))
  }
}
