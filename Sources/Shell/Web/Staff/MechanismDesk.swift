// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Desk
import HTTP
import Mechanism
import Policy
import Storage
import Units

/// The console's pages about one mechanism.
enum MechanismDesk {
  static func dashboard(_ call: Call) throws -> Response {
    let office = try call.office()
    var model = DashboardModel(
      code: office.code, totals: office.totals(), queue: office.clerk.statistics.waitingNow,
      days: try office.days(30), batches: try office.batches(before: nil, limit: 8).rows)
    model.care = office.careCounts(on: call.now.day(offset: office.zone))
    return call.html(Console.dashboard(call.visit(office), all: StaffDesk.all(call), model))
  }

  static func quarantine(_ call: Call) throws -> Response {
    let office = try call.office()
    let chosen = call.request.query["scene"] ?? ""
    let scene = chosen.isEmpty ? nil : try office.pack().registry[chosen]
    if let file = try call.file(
      office,
      Sheet.entries("quarantine", office.quarantine(scene: scene, limit: .max).entries, call.t))
    {
      return file
    }
    let (entries, total) = office.quarantine(scene: scene, limit: 100)
    let notice: HTML? =
      switch call.request.query["done"] {
      case "release": call.t("已放行，按规则入账。", "Released, and credited by the rules.")
      case "reject": call.t("已驳回。", "Rejected.")
      default: nil
      }
    return call.html(
      Console.quarantine(
        call.visit(office), all: StaffDesk.all(call), code: office.code, entries: entries,
        total: total, scenes: try office.sceneChoices(call.t), chosen: chosen, notice: notice))
  }

  static func held(_ call: Call) throws -> Response {
    let office = try call.office()
    guard let entry = office.held(FactNumber(try call.number("fact"))) else {
      throw Trouble(CommandRefusal("notQuarantined", "this report is not in quarantine"))
    }
    return heldPage(call, office, entry)
  }

  private static func heldPage(
    _ call: Call, _ office: Office, _ entry: Entry, problem: HTML? = nil
  ) -> Response {
    let limits = entry.scene.map { scene in
      scene.limits.map { RuleText.limit($0, scene, call.t) }
    }
    return call.html(
      Console.held(
        call.visit(office), all: StaffDesk.all(call), code: office.code, entry,
        limits: limits ?? [], problem: problem), status: problem == nil ? 200 : 422)
  }

  static func judge(_ call: Call) throws -> Response {
    let office = try call.office()
    let number = FactNumber(try call.number("fact"))
    guard let staff = call.staff, let entry = office.held(number) else {
      throw Trouble(CommandRefusal("notQuarantined", "this report is not in quarantine"))
    }
    let opinion = call.form["opinion"] ?? ""
    let decision = call.form["decision"] ?? ""
    guard call.form["confirm"] == "\(number.raw)" else {
      return heldPage(
        call, office, entry,
        problem: call.t("输入的编号不符，没有提交。", "The number does not match; nothing was done."))
    }
    guard !opinion.isEmpty, opinion.count <= 500, ["release", "reject"].contains(decision) else {
      return heldPage(
        call, office, entry,
        problem: call.t("请选择放行或驳回，并填写意见。", "Choose release or reject, and give an opinion."))
    }
    let by = "staff/\(staff.id.raw)"
    _ = try office.perform(
      decision == "release"
        ? .release(number, by: by, opinion: opinion) : .reject(number, by: by, opinion: opinion))
    try call.log(
      decision, "\(office.code)/fact/\(number.raw)", before: "quarantined", after: opinion)
    return call.go(
      "/console/\(Link("\(office.code)"))/quarantine?done=\(Link("\(decision)"))")
  }

  static func waiting(_ call: Call) throws -> Response {
    let office = try call.office()
    if let file = try call.file(
      office, Sheet.entries("waiting", office.waiting(limit: .max).entries, call.t))
    {
      return file
    }
    let (entries, total) = office.waiting(limit: 100)
    return call.html(
      Console.waiting(
        call.visit(office), all: StaffDesk.all(call), code: office.code, entries: entries,
        total: total))
  }

  static func packs(_ call: Call) throws -> Response {
    let office = try call.office()
    if let file = try call.file(office, Sheet.packs(office, call.t)) { return file }
    return call.html(
      Console.packs(
        call.visit(office), all: StaffDesk.all(call), code: office.code,
        adoptions: office.adoptionRows(), pack: office.adoptions().last?.pack))
  }

  /// A version beside another: by itself beside the one before it.
  static func packVersion(_ call: Call) throws -> Response {
    let office = try call.office()
    let number = Int(clamping: try call.number("number"))
    let adoptions = office.adoptions()
    let against = call.request.query["against"].flatMap { Int($0) } ?? number - 1
    guard number <= adoptions.count, against >= 0, against <= adoptions.count, against != number
    else { throw Trouble.notFound }
    let new = adoptions[number - 1]
    let old = against > 0 ? adoptions[against - 1] : nil
    let paths = new.files.map(\.path) + (old?.files.map(\.path) ?? [])
    var seen = Set<String>()
    let files = paths.filter { seen.insert($0).inserted }.map { path in
      (
        path: path,
        lines: DiffLine.compare(
          old.map { text(of: path, in: $0.files) ?? "" }, text(of: path, in: new.files) ?? "")
      )
    }
    let rows = office.adoptionRows()
    return call.html(
      Console.packVersion(
        call.visit(office), all: StaffDesk.all(call), code: office.code, rows[number - 1],
        against: against > 0 ? rows[against - 1] : nil, versions: rows,
        changes: old.map { PackChange.between($0.pack, new.pack, call.t) } ?? [], files: files))
  }

  private static func text(of path: String, in files: [Pack.File]) -> String? {
    files.first { $0.path == path }.map { String(decoding: $0.bytes, as: UTF8.self) }
  }
}
