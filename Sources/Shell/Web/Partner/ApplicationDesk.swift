// SPDX-License-Identifier: Apache-2.0
// 接入申请: from a form that anybody may fill in to a partner with a key.
//
//   /{m}/join ──filed──▶ console: list ──reviewed by somebody else──▶ partner, key shown once
//                                   └──────────declined──────────▶ forgotten
//
// Where the mechanism has a sandbox, an approved partner is made there too, with a key of its own.

import Desk
import HTTP
import Mechanism
import Membership
import Storage
import Units

enum ApplicationDesk {
  static func form(_ call: Call) throws -> Response {
    let office = try call.office()
    return call.html(
      Layout.join(
        call.visit(office), code: office.code, scenes: try office.sceneChoices(call.t)))
  }

  /// What a form says, or the sentence that says what is missing.
  private static func read(
    _ call: Call, _ office: Office, by: String
  ) throws -> Result<PartnerApplication, ApplicationFault> {
    let known = Set(try office.sceneChoices(call.t).map(\.code))
    let application = PartnerApplication(
      mechanism: office.code, created: call.now, filedBy: by,
      organisation: call.form["organisation"] ?? "", contact: call.form["contact"] ?? "",
      telephone: call.form["telephone"] ?? "", purpose: call.form["purpose"] ?? "",
      scenes: call.form.all("scene").filter { known.contains($0) })
    let texts = [
      application.organisation, application.contact, application.telephone, application.purpose,
    ]
    guard texts.allSatisfy({ !$0.isEmpty }), !application.scenes.isEmpty else {
      return .failure(
        ApplicationFault(
          sentence: call.t(
            "请填写全部项目，并至少选择一个场景。", "Fill in everything, and choose at least one scene.")))
    }
    guard texts.allSatisfy({ $0.count <= 500 }) else {
      return .failure(
        ApplicationFault(
          sentence: call.t("每项不超过 500 字。", "At most 500 characters in each field.")))
    }
    return .success(application)
  }

  static func file(_ call: Call) throws -> Response {
    let office = try call.office()
    try call.site.throttle.count(call.request.remote.description, at: call.now)
    let scenes = try office.sceneChoices(call.t)
    switch try read(call, office, by: "public") {
    case .failure(let fault):
      return call.html(
        Layout.join(
          call.visit(office), code: office.code, scenes: scenes, problem: fault.sentence),
        status: 422)
    case .success(let application):
      let number = try call.site.vault.file(application)
      return call.html(Layout.joined(call.visit(office), code: office.code, number))
    }
  }

  /// Staff file for an organisation that rang up; somebody else reviews it.
  static func fileByStaff(_ call: Call) throws -> Response {
    let office = try call.office()
    switch try read(call, office, by: by(call)) {
    case .failure(let fault): return try listPage(call, office, problem: fault.sentence)
    case .success(let application):
      let number = try call.site.vault.file(application)
      try call.log("file application", "\(office.code)/application/\(number)")
      return call.go("/console/\(Link("\(office.code)"))/partner-applications")
    }
  }

  private static func by(_ call: Call) -> String { "staff/\(call.staff?.id.raw ?? 0)" }

  static func list(_ call: Call) throws -> Response {
    let office = try call.office()
    let file = try call.file(
      office,
      Sheet.applications(
        try call.site.vault.applications(mechanism: office.code, limit: .max), call.t))
    return try file ?? listPage(call, office)
  }

  private static func listPage(
    _ call: Call, _ office: Office, problem: HTML? = nil
  ) throws -> Response {
    call.html(
      Console.applications(
        call.visit(office), all: StaffDesk.all(call), code: office.code,
        try call.site.vault.applications(mechanism: office.code, limit: 200),
        scenes: try office.sceneChoices(call.t), problem: problem),
      status: problem == nil ? 200 : 422)
  }

  private static func find(_ call: Call, _ office: Office) throws -> PartnerApplication {
    let id = Int64(clamping: try call.number("number"))
    guard let found = try call.site.vault.partnerApplication(id, mechanism: office.code) else {
      throw Trouble.notFound
    }
    return found
  }

  static func show(_ call: Call) throws -> Response {
    let office = try call.office()
    return try page(call, office, try find(call, office))
  }

  private static func page(
    _ call: Call, _ office: Office, _ application: PartnerApplication,
    keys: [(String, String)] = [], problem: HTML? = nil
  ) throws -> Response {
    call.html(
      Console.application(
        call.visit(office), all: StaffDesk.all(call), code: office.code, application,
        scenes: try office.sceneChoices(call.t), isOwn: application.filedBy == by(call),
        keys: keys, problem: problem), status: problem == nil ? 200 : 422)
  }

  static func decide(_ call: Call) throws -> Response {
    let office = try call.office()
    let application = try find(call, office)
    let object = "\(office.code)/application/\(application.id)"
    guard application.state == .filed else {
      return try page(
        call, office, application,
        problem: call.t("这份申请已经处理过。", "This application was decided before."))
    }
    guard application.filedBy != by(call) else {
      return try page(
        call, office, application,
        problem: call.t("提交人不能审核自己的申请，请由他人审核。", "Somebody else than who filed it reviews it."))
    }
    switch call.form["decision"] {
    case "decline":
      guard
        try call.site.vault.decide(
          application.id, .declined, by: by(call), partner: nil, at: call.now)
      else { return try show(call) }
      try call.log("decline application", object)
      return call.go("/console/\(Link("\(office.code)"))/partner-applications")
    case "approve": return try approve(call, office, application, object)
    default:
      return try page(
        call, office, application,
        problem: call.t("请选择通过或不予通过。", "Choose to approve or to decline."))
    }
  }

  private static func approve(
    _ call: Call, _ office: Office, _ application: PartnerApplication, _ object: String
  ) throws -> Response {
    let partner = Partner(
      code: call.form["code"] ?? "", name: application.organisation,
      scenes: call.form.all("scene"), enrols: false)
    do {
      var keys: [(String, String)] = []
      for place in [office] + [call.site.sandbox(of: office.code)].compactMap({ $0 }) {
        let id = try place.perform(.membership(.addPartner(partner))).partner
        let key = try call.site.vault.newPartnerKey(
          mechanism: place.code, partner: id, at: call.now)
        keys.append((place.code, key))
      }
      _ = try call.site.vault.decide(
        application.id, .approved, by: by(call), partner: partner.code, at: call.now)
      try call.log("approve application", object, after: partner.code)
      return try page(call, office, try find(call, office), keys: keys)
    } catch let refusal as CommandRefusal {
      return try page(call, office, application, problem: Trouble(refusal).sentence(call.t))
    }
  }
}

struct ApplicationFault: Error {
  var sentence: HTML
}
