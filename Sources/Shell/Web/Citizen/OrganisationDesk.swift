// SPDX-License-Identifier: Apache-2.0
import Desk
import HTTP
import Mechanism
import Membership
import Policy
import Storage
import Units

/// 组织与家庭: founding, joining, leaving, and what delegates do for it.
///
/// Who may is asked by the route (`within`); here is what it leads to.
enum OrganisationDesk {
  /// How many people one invitation may let in.
  static let invitedMax = 200

  // MARK: - One's own

  static func mine(_ call: Call) throws -> Response { try minePage(call, try call.office()) }

  private static func minePage(
    _ call: Call, _ office: Office, notice: HTML? = nil, problem: HTML? = nil, status: Int = 200
  ) throws -> Response {
    let citizen = try CitizenDesk.required(call, office)
    let person = try CitizenDesk.person(call)
    let rows = office.clerk.read { state in
      state.membership.organisations(of: citizen).compactMap { id in
        state.membership.group(id).map { OrganisationRow(id, $0, of: citizen) }
      }
    }
    let applications = try call.site.vault.applications(mechanism: office.code, person: person)
    return call.html(
      Layout.organisations(
        call.visit(office), code: office.code, rows, applications,
        familyMax: try office.pack().people.familyMembersMax, notice: notice, problem: problem),
      status: status)
  }

  /// A family is founded at once; all others are asked for, and staff decide.
  static func apply(_ call: Call) throws -> Response {
    let t = call.t
    let office = try call.office()
    let citizen = try CitizenDesk.required(call, office)
    guard let kind = Organisation.Kind(rawValue: call.form["kind"] ?? "") else {
      return try minePage(
        call, office, problem: t("请选择组织类型。", "Choose a kind of organisation."), status: 422)
    }
    if kind == .family {
      return try carryOut(call, office, t("家庭组已建立。", "Your family is founded.")) {
        _ = try office.perform(
          .group(.found(Organisation(kind: .family, name: ""), by: citizen)))
      }
    }
    let name = call.form["name"] ?? ""
    let contact = call.form["contact"] ?? ""
    guard (2...60).contains(name.count), (2...200).contains(contact.count),
      (name + contact).unicodeScalars.allSatisfy({ $0.value >= 32 })
    else {
      return try minePage(
        call, office,
        problem: t(
          "请填写组织名称（2 至 60 字）和联系人、电话（200 字以内）。",
          "Give the organisation's name (2 to 60 characters) and a contact with a phone."),
        status: 422)
    }
    let number = try call.site.vault.apply(
      mechanism: office.code, person: try CitizenDesk.person(call), kind: kind.rawValue,
      name: name, contact: contact, at: call.now)
    guard number != nil else {
      return try minePage(
        call, office,
        problem: t(
          "您有多个申请正在审核，请等结果。", "Several of your applications wait; see what comes of them."),
        status: 409)
    }
    return try minePage(call, office, notice: t("已提交，等待审核。", "Sent; staff will decide."))
  }

  static func join(_ call: Call) throws -> Response {
    let office = try call.office()
    let citizen = try CitizenDesk.required(call, office)
    let code = call.form["code"] ?? ""
    try call.site.throttle.count(call.address, at: call.now)
    guard
      let number = try call.site.vault.invitation(
        code: code, mechanism: office.code, at: call.now)
    else {
      return try minePage(
        call, office,
        problem: call.t(
          "邀请码不对、已用完或已过期，请向组织要新的。",
          "The code is wrong, used up or expired; ask the organisation for a new one."), status: 422
      )
    }
    return try carryOut(call, office, call.t("已加入。", "You are a member.")) {
      _ = try office.perform(.group(.join(OrganisationID(number), citizen)))
      _ = try call.site.vault.useInvitation(code: code)
      _ = try call.site.vault.endRequest(
        mechanism: office.code, organisation: number, citizen: citizen)
    }
  }

  /// Asks to be let in, by the organisation's number; a family is joined by invitation only.
  static func request(_ call: Call) throws -> Response {
    let office = try call.office()
    let citizen = try CitizenDesk.required(call, office)
    let number = UInt32(call.form["number"] ?? "") ?? 0
    guard let group = office.clerk.read({ $0.membership.group(OrganisationID(number)) }),
      group.organisation.kind != .family, !group.organisation.isClosed
    else {
      return try minePage(
        call, office,
        problem: call.t(
          "没有这个编号的组织。家庭组只能凭邀请码加入。",
          "No organisation has this number. A family is joined by its code only."), status: 404)
    }
    guard group.members[citizen.raw] == nil else {
      return try minePage(
        call, office, problem: call.t("您已经是成员。", "You are a member already."), status: 409)
    }
    try call.site.vault.requestMembership(
      mechanism: office.code, organisation: number, person: try CitizenDesk.person(call),
      citizen: citizen, at: call.now)
    return try minePage(call, office, notice: call.t("已申请，等待该组织同意。", "Asked; they will answer."))
  }

  /// Does it and says so on one's own page; a refusal is told there too.
  private static func carryOut(
    _ call: Call, _ office: Office, _ notice: HTML, _ body: () throws -> Void
  ) throws -> Response {
    do {
      try body()
    } catch let refusal as CommandRefusal {
      return try minePage(
        call, office, problem: Trouble(group: refusal).sentence(call.t), status: 409)
    }
    return try minePage(call, office, notice: notice)
  }

  // MARK: - An organisation

  private static func id(_ call: Call) throws -> OrganisationID {
    OrganisationID(UInt32(clamping: try call.number("id")))
  }

  static func show(_ call: Call) throws -> Response { try showPage(call, try call.office()) }

  private static func showPage(
    _ call: Call, _ office: Office, invitation: String? = nil, problem: HTML? = nil
  ) throws -> Response {
    let id = try id(call)
    let citizen = try CitizenDesk.required(call, office)
    let least = try office.pack().people.sumMembersMin
    guard let model = office.organisation(id, for: citizen, sumMembersMin: least) else {
      throw Trouble.noOrganisation
    }
    return call.html(
      Layout.organisation(
        call.visit(office), code: office.code, model, invitation: invitation, problem: problem),
      status: problem == nil ? 200 : 409)
  }

  static func leave(_ call: Call) throws -> Response {
    let office = try call.office()
    let citizen = try CitizenDesk.required(call, office)
    do {
      _ = try office.perform(.group(.leave(try id(call), citizen)))
    } catch let refusal as CommandRefusal {
      return try showPage(call, office, problem: Trouble(group: refusal).sentence(call.t))
    }
    return call.go("/\(Link("\(office.code)"))/me/organisations")
  }

  static func invite(_ call: Call) throws -> Response {
    let office = try call.office()
    let uses = Int(call.form["uses"] ?? "1") ?? 0
    guard (1...invitedMax).contains(uses) else {
      return try showPage(
        call, office,
        problem: call.t("可邀请人数为 1 至 200。", "An invitation is for 1 to 200 people."))
    }
    let code = try call.site.vault.newInvitation(
      mechanism: office.code, organisation: try id(call).raw, uses: uses, at: call.now)
    return try showPage(call, office, invitation: code)
  }

  static func members(_ call: Call) throws -> Response {
    try membersPage(call, try call.office())
  }

  /// Delegates see account numbers, masked phones of nobody.
  private static func membersPage(
    _ call: Call, _ office: Office, problem: HTML? = nil
  ) throws -> Response {
    let id = try id(call)
    let citizen = try CitizenDesk.required(call, office)
    let least = try office.pack().people.sumMembersMin
    guard let model = office.organisation(id, for: citizen, sumMembersMin: least) else {
      throw Trouble.noOrganisation
    }
    let rows = office.clerk.read { state in
      (state.membership.group(id)?.members ?? [:]).sorted { $0.key < $1.key }.map {
        MemberRow(citizen: CitizenID($0.key), right: $0.value.right)
      }
    }
    let requests = try call.site.vault.membershipRequests(
      mechanism: office.code, organisation: id.raw)
    return call.html(
      Layout.members(
        call.visit(office), code: office.code, model, rows,
        requests.map { MemberRow(citizen: $0.citizen, right: nil) }, me: citizen,
        problem: problem), status: problem == nil ? 200 : 409)
  }

  private static func named(_ call: Call) throws -> CitizenID {
    guard let number = UInt32(call.form["citizen"] ?? ""), number > 0 else {
      throw Trouble.notFound
    }
    return CitizenID(number)
  }

  /// Lets somebody in who asked, or not.
  static func answer(_ call: Call) throws -> Response {
    let office = try call.office()
    let (id, citizen) = (try id(call), try named(call))
    guard
      try call.site.vault.membershipRequests(mechanism: office.code, organisation: id.raw)
        .contains(where: { $0.citizen == citizen })
    else { throw Trouble.notFound }
    do {
      if call.form["answer"] == "yes" { _ = try office.perform(.group(.join(id, citizen))) }
    } catch let refusal as CommandRefusal {
      return try membersPage(call, office, problem: Trouble(group: refusal).sentence(call.t))
    }
    _ = try call.site.vault.endRequest(
      mechanism: office.code, organisation: id.raw, citizen: citizen)
    return try membersPage(call, office)
  }

  /// Gives a right, takes it, or removes a member.
  static func changeMember(_ call: Call) throws -> Response {
    let office = try call.office()
    let (id, citizen) = (try id(call), try named(call))
    let command: GroupCommand
    switch call.form["right"] ?? "" {
    case "remove": command = .leave(id, citizen)
    case "none": command = .grant(id, citizen, nil)
    case let word:
      guard let right = Right(rawValue: word) else { throw Trouble.notFound }
      command = .grant(id, citizen, right)
    }
    do {
      _ = try office.perform(.group(command))
    } catch let refusal as CommandRefusal {
      return try membersPage(call, office, problem: Trouble(group: refusal).sentence(call.t))
    }
    return try membersPage(call, office)
  }
}
