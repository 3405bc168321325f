// SPDX-License-Identifier: Apache-2.0
import Desk
import HTTP
import Mechanism
import Membership
import Storage
import Units

/// 组织与申请: staff decide who becomes an organisation, and mend what its own people can't.
enum OrganisationOffice {
  static func list(_ call: Call) throws -> Response {
    let office = try call.office()
    if let file = try call.file(office, Sheet.organisations(office, call.t)) { return file }
    let waiting = try call.site.vault.applications(mechanism: office.code, state: .waiting)
    let (rows, total, families) = office.organisations(limit: 200)
    return call.html(
      Console.organisations(
        call.visit(office), all: StaffDesk.all(call), code: office.code, waiting, rows,
        total: total, families: families))
  }

  /// Whom to call is personal: who looks is written down.
  static func application(_ call: Call) throws -> Response {
    let office = try call.office()
    if mayCall(call), try !found(call, office).contact.isEmpty {
      try call.log("see contact", "\(office.code)/application/\(try call.number("number"))")
    }
    return try applicationPage(call, office)
  }

  /// Who may decide may call; others see that there is a contact, and no more.
  private static func mayCall(_ call: Call) -> Bool {
    !call.actor.roles.isDisjoint(with: [.operators, .administrator])
  }

  private static func found(_ call: Call, _ office: Office) throws -> OrganisationApplication {
    guard
      let application = try call.site.vault.application(
        Int64(clamping: try call.number("number")), mechanism: office.code)
    else { throw Trouble.notFound }
    return application
  }

  private static func applicationPage(
    _ call: Call, _ office: Office, problem: HTML? = nil, status: Int = 422
  ) throws -> Response {
    call.html(
      Console.application(
        call.visit(office), all: StaffDesk.all(call), code: office.code,
        try found(call, office), showsContact: mayCall(call), problem: problem),
      status: problem == nil ? 200 : status)
  }

  static func decide(_ call: Call) throws -> Response {
    let t = call.t
    let office = try call.office()
    let application = try found(call, office)
    let opinion = call.form["opinion"] ?? ""
    let approves = call.form["decision"] == "approve"
    guard approves || call.form["decision"] == "refuse", (2...300).contains(opinion.count) else {
      return try applicationPage(
        call, office,
        problem: t("请选择结论并写明意见（2 至 300 字）。", "Decide, and write an opinion (2 to 300 characters)."))
    }
    guard application.state == .waiting, let staff = call.staff else {
      return try applicationPage(
        call, office, problem: t("该申请已由他人处理。", "Somebody decided it before."), status: 409)
    }
    var number: UInt32?
    if approves {
      guard let kind = Organisation.Kind(rawValue: application.kind) else { throw Trouble.notFound }
      let founder = try call.site.vault.accounts(of: application.person)
        .first { $0.mechanism == office.code }?.citizen
      do {
        number = try office.perform(
          .group(.found(Organisation(kind: kind, name: application.name), by: founder))
        ).organisation.raw
      } catch let refusal as CommandRefusal {
        return try applicationPage(
          call, office, problem: Trouble(group: refusal).sentence(t), status: 409)
      }
    }
    _ = try call.site.vault.decide(
      application: application.number, approved: number, by: staff.id, opinion: opinion,
      at: call.now)
    try call.log(
      approves ? "approve organisation" : "refuse organisation",
      "\(office.code)/application/\(application.number)",
      after: number.map { "organisation \($0)" } ?? "")
    return call.go("/console/\(Link("\(office.code)"))/organisations")
  }

  static func show(_ call: Call) throws -> Response { try page(call, try call.office()) }

  private static func page(
    _ call: Call, _ office: Office, problem: HTML? = nil
  ) throws -> Response {
    let id = OrganisationID(UInt32(clamping: try call.number("id")))
    // Families are nobody's business.
    guard let model = office.organisation(id, sumMembersMin: 1),
      model.row.organisation.kind != .family
    else { throw Trouble.notFound }
    let administrators = office.clerk.read { state in
      (state.membership.group(id)?.members ?? [:]).filter { $0.value.right == .administer }
        .keys.sorted()
    }
    return call.html(
      Console.organisation(
        call.visit(office), all: StaffDesk.all(call), code: office.code, model,
        administrators: administrators, problem: problem), status: problem == nil ? 200 : 409)
  }

  /// Renames, closes, opens again, or appoints an administrator among the members.
  static func change(_ call: Call) throws -> Response {
    let office = try call.office()
    let id = OrganisationID(UInt32(clamping: try call.number("id")))
    guard let old = office.clerk.read({ $0.membership.group(id)?.organisation }),
      old.kind != .family
    else { throw Trouble.notFound }
    let command: GroupCommand
    if let citizen = UInt32(call.form["administrator"] ?? "") {
      command = .grant(id, CitizenID(citizen), .administer)
    } else {
      command = .change(
        id,
        Organisation(
          kind: old.kind, name: call.form["name"] ?? old.name,
          isClosed: call.form["closed"] == "yes"))
    }
    do {
      _ = try office.perform(.group(command))
    } catch let refusal as CommandRefusal {
      return try page(call, office, problem: Trouble(group: refusal).sentence(call.t))
    }
    try call.log(
      "change organisation", "\(office.code)/organisation/\(id.raw)",
      before: old.name + (old.isClosed ? " closed" : ""), after: "\(command)")
    return try page(call, office)
  }
}
