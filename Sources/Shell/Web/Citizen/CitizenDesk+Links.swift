// SPDX-License-Identifier: Apache-2.0
import Behaviour
import HTTP
import Mechanism
import Membership
import Storage
import Units

/// Opening, linking, taking data along, closing.
extension CitizenDesk {
  static func open(_ call: Call) throws -> Response {
    let office = try call.office()
    let person = try person(call)
    if try citizen(call, office) == nil {
      let opened = try office.perform(.membership(.enrol)).citizen
      _ = try call.site.vault.link(
        Account(mechanism: office.code, citizen: opened), to: person)
    }
    return call.go("/\(Link("\(office.code)"))/me?done=opened")
  }

  /// Development's step in place of a partner's own page: whoever says so is the partner's user.
  private static func subject(_ call: Call, _ office: Office) throws -> (PartnerID, String, [UInt8])
  {
    guard call.site.settings.isDevelopment else {
      throw Trouble(
        404, "partner-page", "请在平台的应用中绑定，由平台确认您的身份。",
        "Link in the partner's own application, which knows who you are.", next: .back)
    }
    let code = call.form["partner"] ?? ""
    let subject = Array((call.form["subject"] ?? "").utf8)
    guard let partner = office.partnerID(code), !subject.isEmpty, subject.count <= 256 else {
      throw Trouble(
        422, "partner-unknown", "请选择平台，并填写您在该平台的用户编号。",
        "Choose a partner and give your user id there.", next: .back)
    }
    return (partner, code, subject)
  }

  static func claim(_ call: Call) throws -> Response {
    let office = try call.office()
    let person = try person(call)
    let (partner, code, subject) = try subject(call, office)
    guard let alias = office.aliases.find(subject, of: partner) else { throw unknownSubject }
    let citizen = office.citizen(of: alias)
    let account = Account(mechanism: office.code, citizen: citizen)
    guard !citizen.isNone else { throw unknownSubject }
    guard try call.site.vault.person(of: account) == nil,
      try self.citizen(call, office) == nil,
      try call.site.vault.link(account, to: person)
    else {
      throw Trouble(
        409, "account-taken", "该账户已属于他人，或您已有碳账户。",
        "That account is somebody's, or you have one already.",
        next: .back)
    }
    try call.site.vault.giveConsent(
      of: person, purpose: "link", receiver: code, textVersion: ConsentText.linkVersion,
      at: call.now)
    return call.go("/\(Link("\(office.code)"))/me?done=claimed")
  }

  private static let unknownSubject = Trouble(
    404, "subject-unknown", "该平台还没有上报过这个用户，或该用户没有账户。请核对编号，或直接开通新账户。",
    """
    The partner has not reported this user yet, or the user has no account. Check the id, or \
    open a 
    """
      + "new account.", next: .back)

  static func links(_ call: Call) throws -> Response {
    let office = try call.office()
    _ = try required(call, office)
    return try linksPage(call, office)
  }

  private static func linksPage(
    _ call: Call, _ office: Office, notice: HTML? = nil, problem: HTML? = nil, status: Int = 200
  ) throws -> Response {
    let citizen = try required(call, office)
    let partners = office.partners()
    let rows = try office.aliases(of: citizen).compactMap { alias -> LinkRow? in
      guard let (partner, subject) = try office.aliases.subject(of: alias) else { return nil }
      let known = Int(partner.raw) <= partners.count ? partners[Int(partner.raw) - 1] : nil
      return LinkRow(
        alias: alias, partnerCode: known?.code ?? "", partner: known?.name ?? "",
        subject: String(decoding: subject, as: UTF8.self))
    }
    return call.html(
      Layout.links(
        call.visit(office), code: office.code, links: rows, partners: office.openPartners(),
        notice: notice, problem: problem), status: status)
  }

  static func link(_ call: Call) throws -> Response {
    let t = call.t
    let office = try call.office()
    let citizen = try required(call, office)
    let (partner, code, subject) = try subject(call, office)
    guard call.form["agree"] == "yes" else {
      return try linksPage(
        call, office,
        problem: t("绑定需要您的单独同意。", "Linking needs your consent to this partner."), status: 422)
    }
    let alias = try office.aliases.resolve(subject, of: partner)
    try call.site.vault.giveConsent(
      of: try person(call), purpose: "link", receiver: code, textVersion: ConsentText.linkVersion,
      at: call.now)
    do {
      let sum = try office.perform(.membership(.link(alias, citizen))).summary
      return try linksPage(
        call, office,
        notice: t("已绑定。补记待入账行为", "Linked. Behaviour that waited and is now decided:")
          + " \(sum.received) " + t("条，入账", "; credited:")
          + " \(sum.accepted) " + t("条。", "."))
    } catch let refusal as CommandRefusal {
      return try linksPage(call, office, problem: Trouble(refusal).sentence(t), status: 409)
    }
  }

  static func unlink(_ call: Call) throws -> Response {
    let office = try call.office()
    let citizen = try required(call, office)
    let alias = AliasID(UInt32(call.form["alias"] ?? "") ?? 0)
    guard !alias.isNone, office.citizen(of: alias) == citizen else { throw Trouble.noFact }
    let partner = try office.aliases.subject(of: alias)?.partner
    _ = try office.perform(.membership(.unlink(alias)))
    let partners = office.partners()
    if let partner, Int(partner.raw) <= partners.count {
      _ = try call.site.vault.withdrawConsent(
        of: try person(call), purpose: "link", receiver: partners[Int(partner.raw) - 1].code,
        at: call.now)
    }
    return try linksPage(
      call, office,
      notice: call.t(
        "已撤回授权。今后该平台的行为不再计入您的账户。", "Withdrawn. Nothing more of that partner is counted."))
  }

  static func personalData(_ call: Call) throws -> Response {
    try dataPage(call, try call.office())
  }

  private static func dataPage(
    _ call: Call, _ office: Office, problem: HTML? = nil, status: Int = 200
  ) throws -> Response {
    let t = call.t
    let person = try person(call)
    let fields = try call.site.vault.fields(of: person)
    let shown = PersonalField.allCases.compactMap { field -> (String, String)? in
      guard let value = fields[field] else { return nil }
      return (
        field == .phone ? t.plain("手机号", "Phone") : field.rawValue,
        field == .phone ? Layout.masked(value) : value
      )
    }
    return call.html(
      Layout.personalData(
        call.visit(office), code: office.code, fields: shown,
        consents: try consents(call, person), problem: problem), status: status)
  }

  private static func consents(_ call: Call, _ person: PersonID) throws -> [ConsentRow] {
    try call.site.vault.consents(of: person).map {
      ConsentRow(
        purpose: $0.purpose, receiver: $0.receiver, textVersion: $0.textVersion, given: $0.given,
        withdrawn: $0.withdrawn)
    }
  }

  /// At most this many entries in one export; who has more asks the operator for a file.
  private static let exportMax = 10_000

  static func export(_ call: Call) throws -> Response {
    let office = try call.office()
    let person = try person(call)
    let citizen = try required(call, office)
    let fields = try call.site.vault.fields(of: person)
    let (entries, _) = try office.history(of: citizen, before: nil, limit: exportMax)
    let balance = office.balance(of: citizen)
    let body: JSON = [
      "mechanism": .text(office.code), "account": .number(citizen.raw),
      "exported": .text(call.now.description),
      "personal": .object(
        PersonalField.allCases.compactMap { field in
          fields[field].map { (field.rawValue, .text($0)) }
        }),
      "points": .number(balance.points.count), "grams": .number(balance.grams.count),
      "consents": .list(
        try consents(call, person).map {
          [
            "purpose": .text($0.purpose), "receiver": .text($0.receiver),
            "text": .text($0.textVersion), "given": .text($0.given.description),
            "withdrawn": $0.withdrawn.map { .text($0.description) } ?? .null,
          ]
        }),
      "entries": .list(entries.map(Program.entry)),
    ]
    var response = Response.json(body.bytes)
    response["Content-Disposition"] = "attachment; filename=\"tanpuhui-\(office.code).json\""
    return response
  }

  /// 注销: unlinks in every mechanism, forgets the partners' ids, erases the person.
  static func close(_ call: Call) throws -> Response {
    let office = try call.office()
    let person = try person(call)
    let word = call.form["confirm"] ?? ""
    guard word == "注销" || word.lowercased() == "close" else {
      return try dataPage(
        call, office,
        problem: call.t("未注销：请输入“注销”二字以确认。", "Not closed: type “close” to confirm."), status: 422)
    }
    for account in try call.site.vault.accounts(of: person) {
      guard let place = call.site.office(account.mechanism) else { continue }
      for alias in place.aliases(of: account.citizen) {
        _ = try place.perform(.membership(.unlink(alias)))
        try place.aliases.erase(alias)
      }
    }
    try call.site.vault.erase(person, at: call.now)
    var response = call.html(
      Layout.apology(
        call.visit(office), status: 200, title: call.t("账户已注销", "Your account is closed"),
        sentence: call.t(
          "您的个人信息已经删除。感谢您为低碳所做的一切。", "Your personal data are deleted. Thank you for all you did."),
        next: (call.t("回到首页", "To the first page"), "/")))
    response.headers.append(("Set-Cookie", call.site.cookie(Site.citizenCookie, "", seconds: 0)))
    return response
  }
}

extension Aliases {
  /// The number of one subject; a new one gets a number.
  func resolve(_ subject: [UInt8], of partner: PartnerID) throws -> AliasID {
    var result: [AliasID] = [.none]
    try subject.withUnsafeBytes { bytes in
      try [bytes].withUnsafeBufferPointer { subjects in
        try result.withUnsafeMutableBufferPointer {
          try resolve(subjects, of: partner, into: $0)
        }
      }
    }
    return result[0]
  }
}
