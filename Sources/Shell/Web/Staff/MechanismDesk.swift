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
    let model = DashboardModel(
      code: office.code, totals: office.totals(), queue: office.clerk.statistics.waitingNow,
      days: office.days(30),
      batches: Array(try office.batches(before: nil, limit: 50).rows.prefix(8)))
    return call.html(Console.dashboard(call.visit(office), all: StaffDesk.all(call), model))
  }

  static func batches(_ call: Call) throws -> Response {
    let office = try call.office()
    let before = call.request.query["before"].flatMap { UInt64($0) }
    return call.html(
      Console.batches(
        call.visit(office), all: StaffDesk.all(call), code: office.code,
        try office.batches(before: before, limit: 50)))
  }

  static func batch(_ call: Call) throws -> Response {
    let office = try call.office()
    let number = try call.number("number")
    let outcome = call.request.query["outcome"].flatMap { UInt8($0) }.flatMap {
      Outcome(rawValue: $0)
    }
    guard let (time, entries, counts) = try office.batch(number, outcome: outcome, limit: 500)
    else { throw Trouble.noFact }
    return call.html(
      Console.batch(
        call.visit(office), all: StaffDesk.all(call), code: office.code, number: number,
        time: time, entries: entries, counts: counts, shown: outcome))
  }

  static func quarantine(_ call: Call) throws -> Response {
    let office = try call.office()
    let chosen = call.request.query["scene"] ?? ""
    let scene = chosen.isEmpty ? nil : try office.pack().registry[chosen]
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
    let (entries, total) = office.waiting(limit: 100)
    return call.html(
      Console.waiting(
        call.visit(office), all: StaffDesk.all(call), code: office.code, entries: entries,
        total: total))
  }

  static func packs(_ call: Call) throws -> Response {
    let office = try call.office()
    return call.html(
      Console.packs(
        call.visit(office), all: StaffDesk.all(call), code: office.code,
        adoptions: office.adoptionRows(), pack: office.adoptions().last?.pack))
  }

  static func packVersion(_ call: Call) throws -> Response {
    let office = try call.office()
    let number = Int(clamping: try call.number("number"))
    let adoptions = office.adoptions()
    guard number <= adoptions.count else { throw Trouble.notFound }
    let older = number > 1 ? adoptions[number - 2].files : []
    let files = adoptions[number - 1].files.map { file in
      let old = older.first { $0.path == file.path }
        .map { String(decoding: $0.bytes, as: UTF8.self) }
      return (
        path: file.path,
        lines: DiffLine.compare(
          number > 1 ? old ?? "" : nil, String(decoding: file.bytes, as: UTF8.self))
      )
    }
    return call.html(
      Console.packVersion(
        call.visit(office), all: StaffDesk.all(call), code: office.code,
        office.adoptionRows()[number - 1], files: files))
  }

  static func journal(_ call: Call) throws -> Response { try journalPage(call, nil) }

  private static func journalPage(
    _ call: Call, _ verification: VerificationModel?
  ) throws -> Response {
    let office = try call.office()
    return call.html(
      Console.journal(
        call.visit(office), all: StaffDesk.all(call), code: office.code,
        head: office.signed(office.head()), frames: try office.frames(before: nil, limit: 20),
        verification: verification))
  }

  static func verify(_ call: Call) throws -> Response {
    let office = try call.office()
    let count = min(max(Int(call.form["frames"] ?? "") ?? 1_000, 1), 100_000)
    let result = try office.verify(last: count, clock: call.site.clock)
    try call.log(
      "verify", "\(office.code)/journal", after: result.fault ?? "\(result.frames) frames good")
    return try journalPage(call, result)
  }
}
