// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Desk
import Governance
import HTTP
import Mechanism
import Membership
import Policy
import Storage
import Units

/// 缺失申诉与来信: staff answer what citizens wrote.
enum LetterDesk {
  static func list(_ call: Call) throws -> Response {
    let office = try call.office()
    let chosen = call.request.query["status"] ?? "waiting"
    let partner = call.request.query["partner"] ?? ""
    let id = partner.isEmpty ? nil : office.partnerID(partner)
    let letters = office.letters().filter {
      (chosen == "all" || $0.item.isWaiting == (chosen == "waiting"))
        && (id == nil || $0.item.partner == id?.raw)
    }
    return call.html(
      Console.letters(
        call.visit(office), all: StaffDesk.all(call), code: office.code, letters,
        chosen: chosen, partners: office.openPartners(), partner: partner,
        names: partnerNames(office)))
  }

  private static func partnerNames(_ office: Office) -> [UInt16: String] {
    Dictionary(
      office.partners().enumerated().map { (UInt16($0 + 1), $1.name) },
      uniquingKeysWith: { first, _ in first })
  }

  static func model(
    _ call: Call, _ office: Office, _ number: UInt64, _ petition: Petition
  ) throws -> LetterModel {
    let (order, texts) = try LetterText.read(call, office, petition)
    let scene = petition.scene.flatMap { code in
      office.clerk.read { $0.pack }?.scene(code).map { call.t($0.name) }
    }
    return LetterModel(
      code: office.code, number: number, petition: petition, order: order, texts: texts,
      partner: petition.partner.flatMap { partnerNames(office)[$0] } ?? "",
      scene: scene ?? petition.scene ?? "")
  }

  static func show(_ call: Call) throws -> Response { try page(call) }

  private static func page(_ call: Call, problem: HTML? = nil) throws -> Response {
    let office = try call.office()
    let number = try call.number("number")
    guard let petition = office.petition(number) else {
      throw Trouble(
        CommandRefusal("petitionUnknown", Governance.Refusal.petitionUnknown.sentence))
    }
    // What came in around that time, so that staff need not search for it.
    let citizen = CitizenID(petition.citizen)
    let near = try petition.happened.map { happened in
      let (entries, _) = try office.history(of: citizen, before: nil, limit: 200)
      return (entries + office.held(of: citizen, limit: 50)).filter {
        abs($0.record.report.ended - happened) < 86_400_000
      }
    }
    return call.html(
      Console.letter(
        call.visit(office), all: StaffDesk.all(call), try model(call, office, number, petition),
        near: near ?? [], names: try PolicyDesk.names(call), problem: problem),
      status: problem == nil ? 200 : 422)
  }

  static func answer(_ call: Call) throws -> Response {
    let office = try call.office()
    let number = try call.number("number")
    guard let petition = office.petition(number) else {
      throw Trouble(
        CommandRefusal("petitionUnknown", Governance.Refusal.petitionUnknown.sentence))
    }
    guard let status = Petition.Status(rawValue: call.form["decision"] ?? "") else {
      return try page(call, problem: call.t("请选择处理结果。", "Choose what it comes to."))
    }
    var fact: FactNumber?
    if status == .credited {
      let number = FactNumber(UInt64(call.form["fact"] ?? "") ?? 0)
      guard let record = try office.entry(number)?.record, record.outcome == .accepted,
        record.report.citizen.raw == petition.citizen,
        record.report.partner.raw == petition.partner,
        record.report.scene
          == petition.scene.flatMap({ code in
            office.clerk.read { $0.scene(code: code) }
          })
      else {
        return try page(
          call,
          problem: HTML(
            call.t.plain(
              CareText.refusals["creditInvalid"] ?? "",
              Governance.Refusal.creditInvalid.sentence)))
      }
      fact = number
    }
    let by = try PolicyDesk.by(call)
    let citizen = CitizenID(petition.citizen)
    do {
      try LetterText.keep(call.form["text"] ?? "", call, office, of: citizen) { digest in
        try office.perform(
          .answer(UInt32(clamping: number), status, by: by, digest: digest, fact: fact))
      }
    } catch let refusal as CommandRefusal {
      return try page(call, problem: Trouble(refusal).sentence(call.t))
    }
    try call.log(
      "answer letter", "\(office.code)/letter/\(number)", before: petition.status.rawValue,
      after: status.rawValue)
    return call.go("/console/\(Link("\(office.code)"))/letters/\(Link("\(number)"))")
  }
}
