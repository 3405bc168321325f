// SPDX-License-Identifier: Apache-2.0
import HTTP
import Mechanism
import Recognition
import Storage
import Units

/// 积分互认: what staff see and do.
enum RecognitionOffice {
  private static func found(_ call: Call, _ office: Office) throws -> ProgrammeModel {
    guard let model = office.programme(call.values["programme"] ?? "") else {
      throw CommandRefusal(Objection(.programmeUnknown)).asNotFound
    }
    return model
  }

  static func list(_ call: Call) throws -> Response {
    let office = try call.office()
    let rows = try office.programmes().map { model in
      ProgrammeRow(
        model: model,
        peer: try call.site.vault.programmePeer(
          model.programme.code, mechanism: office.code),
        isSilent: call.site.couriers[office.code]?.isSilent(model.programme.code) ?? false,
        last: office.recognitionDays(with: model.programme.code, limit: 1).first)
    }
    return call.html(
      Console.programmes(call.visit(office), all: StaffDesk.all(call), code: office.code, rows))
  }

  static func show(_ call: Call) throws -> Response { try page(call, try call.office()) }

  private static func page(
    _ call: Call, _ office: Office, key: String? = nil, problem: HTML? = nil
  ) throws -> Response {
    let model = try found(call, office)
    let code = model.programme.code
    let row = ProgrammeRow(
      model: model,
      peer: try call.site.vault.programmePeer(code, mechanism: office.code),
      isSilent: call.site.couriers[office.code]?.isSilent(code) ?? false, last: nil)
    return call.html(
      Console.programme(
        call.visit(office), all: StaffDesk.all(call), code: office.code, row,
        days: office.recognitionDays(with: code, limit: 60),
        unsettled: office.unsettled().filter { $0.conversion.programme == code }, key: key,
        problem: problem), status: problem == nil ? 200 : 422)
  }

  static func connect(_ call: Call) throws -> Response {
    let office = try call.office()
    let model = try found(call, office)
    guard let address = PeerAddress.read(call.form["address"] ?? "") else {
      return try page(
        call, office,
        problem: call.t(
          "接口地址须以 https:// 开头（本机测试可用 http://127.0.0.1）。",
          "The address begins with https:// (http://127.0.0.1 for a try on this machine)."))
    }
    let code = model.programme.code
    let before = try call.site.vault.programmePeer(code, mechanism: office.code)?.address ?? ""
    let key = try call.site.vault.connectProgramme(
      code, mechanism: office.code, address: address, at: call.now)
    try call.log(
      "connect programme", "\(office.code)/programme/\(code)", before: before, after: address)
    return try page(call, office, key: key)
  }

  private static func day(_ call: Call) throws -> Day {
    guard let day = Day(call.values["day"] ?? "") else { throw Trouble.notFound }
    return day
  }

  static func day(_ call: Call) throws -> Response {
    try dayPage(call, try call.office(), problem: nil)
  }

  private static func dayPage(
    _ call: Call, _ office: Office, problem: HTML?
  ) throws -> Response {
    let model = try found(call, office)
    let day: Day = try day(call)
    var names: [String: String] = [:]
    for staff in try call.site.vault.staff() { names["staff/\(staff.id.raw)"] = staff.displayName }
    return call.html(
      Console.recognitionDay(
        call.visit(office), all: StaffDesk.all(call), code: office.code, model.programme,
        office.recognitionDay(with: model.programme.code, day), names: names, problem: problem),
      status: problem == nil ? 200 : 422)
  }

  static func reconcile(_ call: Call) throws -> Response {
    let office = try call.office()
    let model = try found(call, office)
    let day: Day = try day(call)
    guard let staff = call.staff else { throw Trouble.forbidden }
    guard let part = call.request.parts()?.first(where: { $0.name == "file" }),
      !part.bytes.isEmpty
    else {
      return try dayPage(
        call, office, problem: call.t("请选择对方的日文件。", "Choose the other side's file of the day."))
    }
    let code = model.programme.code
    let rows: [DayRow]
    do {
      rows = try DayFile.read(part.bytes, mechanism: office.code, programme: code)
    } catch {
      return try dayPage(
        call, office,
        problem: HTML(
          call.t.plain(
            "第 \(error.line) 行：\(error.chinese)。", "Line \(error.line): \(error.english).")))
    }
    do {
      _ = try office.perform(
        .recognition(
          .reconcile(
            programme: code, day: day, rows: rows, digest: DayFile.digest(part.bytes),
            by: "staff/\(staff.id.raw)")))
    } catch let refusal as CommandRefusal {
      return try dayPage(call, office, problem: Trouble(refusal).sentence(call.t))
    }
    let report = office.recognitionDay(with: code, day).report
    try call.log(
      "compare day", "\(office.code)/programme/\(code)/\(day)",
      after: "\(report?.differences.count ?? 0) differences")
    return call.go(
      "/console/\(Link("\(office.code)"))/recognition/\(Link("\(code)"))/days/\(day.description)")
  }

  static func file(_ call: Call) throws -> Response {
    let office = try call.office()
    let model = try found(call, office)
    let day: Day = try day(call)
    var response = Response.bytes(
      DayFile.write(
        office.dayConversions(with: model.programme.code, day), mechanism: office.code),
      type: "text/csv; charset=utf-8")
    response["Content-Disposition"] =
      "attachment; filename=\"\(office.code)-\(model.programme.code)-\(day).csv\""
    return response
  }
}

/// Where another programme's server may be.
package enum PeerAddress {
  /// Without a slash at its end; nil for anything but https, or http on this machine.
  package static func read(_ text: String) -> String? {
    var address = text.filter { $0 != " " }
    while address.hasSuffix("/") { address.removeLast() }
    let isPlain = address.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != 63 && $0 != 35 }
    guard isPlain, address.utf8.count <= 300 else { return nil }
    if address.hasPrefix("https://"), address.utf8.count > 10 { return address }
    for host in ["127.0.0.1", "localhost", "[::1]"] {
      let start = "http://\(host)"
      guard address.hasPrefix(start) else { continue }
      let rest = address.dropFirst(start.count)
      if rest.isEmpty || rest.first == ":" || rest.first == "/" { return address }
    }
    return nil
  }
}
