// SPDX-License-Identifier: Apache-2.0
import Behaviour
import HTTP
import Mechanism
import Membership
import Storage
import Units

/// Opening an account, and taking over one that a partner opened.
extension CitizenDesk {
  static func open(_ call: Call) throws -> Response {
    let office = try call.office()
    let person = try person(call)
    if try citizen(call, office) == nil {
      if let page = try GuardianDesk.beforeOpening(call, office, person) { return page }
      try open(office, person, in: call.site.vault)
    }
    return call.go("/\(Link("\(office.code)"))/me?done=opened")
  }

  static func open(_ office: Office, _ person: PersonID, in vault: Vault) throws {
    let opened = try office.perform(.membership(.enrol)).citizen
    _ = try vault.link(Account(mechanism: office.code, citizen: opened), to: person)
  }

  /// Development's step in place of a partner's own page: whoever says so is the partner's user.
  static func subject(_ call: Call, _ office: Office) throws -> (PartnerID, String, [UInt8]) {
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
    if let page = try GuardianDesk.beforeOpening(call, office, person) { return page }
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
    _ = try office.agree(person, citizen, toPartner: code, in: call.site.vault, at: call.now)
    return call.go("/\(Link("\(office.code)"))/me?done=claimed")
  }

  private static let unknownSubject = Trouble(
    404, "subject-unknown", "该平台还没有上报过这个用户，或该用户没有账户。请核对编号，或直接开通新账户。",
    """
    The partner has not reported this user yet, or the user has no account. Check the id, or \
    open a 
    """
      + "new account.", next: .back)
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
