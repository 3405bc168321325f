// SPDX-License-Identifier: Apache-2.0
import HTTP
import Mechanism
import Membership
import Storage
import Units

/// Partners and their keys.
enum PartnerDesk {
  private static func row(_ call: Call, _ office: Office, _ id: Int, _ partner: Partner)
    -> PartnerRow
  {
    let keys = call.site.vault.partnerKeys(mechanism: office.code)
      .filter { Int($0.partner.raw) == id }
      .map {
        PartnerRow.Key(
          label: $0.label, created: $0.created, revoked: $0.revoked, ends: $0.ends)
      }
    return PartnerRow(
      number: UInt16(id), code: partner.code, name: partner.name, scenes: partner.scenes,
      enrols: partner.enrols, isClosed: partner.isClosed, keys: keys)
  }

  static func find(_ call: Call, _ office: Office) throws -> (PartnerID, Partner) {
    let partners = office.partners()
    guard let index = partners.firstIndex(where: { $0.code == call.values["code"] }) else {
      throw Trouble.notFound
    }
    return (PartnerID(UInt16(index + 1)), partners[index])
  }

  static func list(_ call: Call) throws -> Response {
    let office = try call.office()
    let rows = office.partners().enumerated().map { row(call, office, $0 + 1, $1) }
    return try call.file(office, Sheet.partners(rows, call.t)) ?? listPage(call, office)
  }

  private static func listPage(
    _ call: Call, _ office: Office, key: String? = nil, problem: HTML? = nil
  ) throws -> Response {
    let rows = office.partners().enumerated().map { row(call, office, $0 + 1, $1) }
    return call.html(
      Console.partners(
        call.visit(office), all: StaffDesk.all(call), code: office.code, rows,
        scenes: try office.sceneChoices(call.t), newKey: key, problem: problem),
      status: problem == nil ? 200 : 422)
  }

  static func add(_ call: Call) throws -> Response {
    let office = try call.office()
    let partner = Partner(
      code: call.form["code"] ?? "", name: call.form["name"] ?? "",
      scenes: call.form.all("scene"), enrols: call.form["enrols"] == "yes")
    guard !partner.name.isEmpty, partner.name.count <= 100 else {
      return try listPage(
        call, office, problem: call.t("请填写名称。", "Give the partner a name."))
    }
    do {
      let id = try office.perform(.membership(.addPartner(partner))).partner
      let key = try call.site.vault.newPartnerKey(
        mechanism: office.code, partner: id, at: call.now)
      try call.log(
        "add partner", "\(office.code)/partner/\(partner.code)",
        after: partner.scenes.joined(separator: ","))
      return try listPage(call, office, key: key)
    } catch let refusal as CommandRefusal {
      return try listPage(call, office, problem: Trouble(refusal).sentence(call.t))
    }
  }

  static func show(_ call: Call) throws -> Response { try page(call, try call.office()) }

  static func page(
    _ call: Call, _ office: Office, key: String? = nil, problem: HTML? = nil
  ) throws -> Response {
    let (id, partner) = try find(call, office)
    return call.html(
      Console.partner(
        call.visit(office), all: StaffDesk.all(call), code: office.code,
        row(call, office, Int(id.raw), partner), scenes: try office.sceneChoices(call.t),
        newKey: key, problem: problem, more: try PartnerTermsDesk.model(call, office, id)),
      status: problem == nil ? 200 : 422)
  }

  static func change(_ call: Call) throws -> Response {
    let office = try call.office()
    let (id, old) = try find(call, office)
    let partner = Partner(
      code: old.code, name: call.form["name"] ?? old.name, scenes: call.form.all("scene"),
      enrols: call.form["enrols"] == "yes", isClosed: call.form["closed"] == "yes")
    do {
      _ = try office.perform(.membership(.changePartner(id, partner)))
      try call.log(
        "change partner", "\(office.code)/partner/\(old.code)",
        before: old.scenes.joined(separator: ",") + (old.isClosed ? " closed" : ""),
        after: partner.scenes.joined(separator: ",") + (partner.isClosed ? " closed" : ""))
      return try page(call, office)
    } catch let refusal as CommandRefusal {
      return try page(call, office, problem: Trouble(refusal).sentence(call.t))
    }
  }

  static func makeKey(_ call: Call) throws -> Response {
    let office = try call.office()
    let (id, partner) = try find(call, office)
    let wait =
      PartnerTermsDesk.ends.first { $0.code == call.form["ends"] }?.milliseconds ?? 7 * 86_400_000
    let ends = Instant(milliseconds: call.now.milliseconds + wait)
    guard
      let key = try call.site.vault.rotatePartnerKey(
        mechanism: office.code, partner: id, olderEnds: ends, at: call.now)
    else {
      return try page(
        call, office,
        problem: call.t(
          "已有两把有效密钥。请等旧的到期，或先吊销一把。",
          "Two keys hold already. Wait until the older ends, or revoke one first."))
    }
    try call.log(
      "make key", "\(office.code)/partner/\(partner.code)", after: "older ends \(ends)")
    return try page(call, office, key: key)
  }

  static func revokeKey(_ call: Call) throws -> Response {
    let office = try call.office()
    let (id, partner) = try find(call, office)
    let label = call.form["key"] ?? ""
    let key = call.site.vault.partnerKeys(mechanism: office.code)
      .first { $0.partner == id && $0.label == label && $0.revoked == nil }
    guard let key, try call.site.vault.revokePartnerKey(hash: key.hash, at: call.now) else {
      return try page(
        call, office, problem: call.t("没有这个有效密钥。", "There is no such key that still holds."))
    }
    try call.log("revoke key", "\(office.code)/partner/\(partner.code)", before: label)
    return try page(call, office)
  }
}
