// SPDX-License-Identifier: Apache-2.0
// 撤回与更正, as partners ask for them.
//
//   POST …/behaviours/withdrawals   [{"source", "id", "reason"}, …]
//   POST …/behaviours/corrections   a batch of events; each with `corrects`: the id it replaces,
//                                   of the same source, and `reason`
//
// Every row is answered for itself; the same body again is answered with the same rows. The answer
// comes when all of it is durable.

import Behaviour
import CEvents
import Desk
import FoundationEssentials
import HTTP
import Journal
import Mechanism
import Membership
import Storage
import Units

enum RecallDesk {
  /// More rows than this in one body are refused: split them. They are one frame of the journal.
  static let rowsMax = 1_000
  static let bodyMax = 4 << 20

  private struct Row: Decodable {
    var source: String?
    var id: String?
    var reason: String?
    var corrects: String?

    enum Key: CodingKey { case source, id, reason, corrects }

    /// What is of another type counts as missing: the row says so, and its neighbours are read.
    init(from decoder: any Decoder) throws {
      let values = try? decoder.container(keyedBy: Key.self)
      source = try? values?.decode(String.self, forKey: .source)
      id = try? values?.decode(String.self, forKey: .id)
      reason = try? values?.decode(String.self, forKey: .reason)
      corrects = try? values?.decode(String.self, forKey: .corrects)
    }
  }

  /// What is wrong with a row before anybody is asked.
  private struct Fault {
    var name: String
    var field: String
    var chinese: String
    var english: String
  }

  static func partner(_ call: Call, _ office: Office) throws -> PartnerID {
    guard case .partner(let key) = call.actor else { throw Trouble.noKey }
    guard office.clerk.published.partner(key.partner)?.isClosed == false else {
      throw Trouble(
        403, "partner-closed", "该平台已停用。请联系运营方。",
        "This partner is closed. Ask the operator.")
    }
    return key.partner
  }

  private static func rows(_ call: Call) throws -> [Row] {
    let rows: [Row]
    do {
      rows = try JSONDecoder().decode([Row].self, from: Data(call.request.body))
    } catch {
      throw Trouble(
        400, "body-unreadable", "请求体不是 JSON 数组。请按接口说明改正后重发。",
        "The body is no JSON array. Mend it as the API describes and send it again.")
    }
    guard rows.count <= rowsMax else {
      throw Trouble(
        413, "too-many-rows", "一次最多 \(rowsMax) 条，请分批发送。",
        "At most \(rowsMax) rows at a time: split them.")
    }
    return rows
  }

  private static func fault(_ row: Row, corrects: Bool) -> Fault? {
    func missing(_ field: String) -> Fault {
      Fault(
        name: "missingField", field: field, chinese: "缺少必填字段 \(field)，请补上后重发。",
        english: "The field \(field) is missing; add it and send the row again.")
    }
    if row.source == nil { return missing("source") }
    if (row.id ?? "").isEmpty { return missing("id") }
    if corrects, (row.corrects ?? "").isEmpty { return missing("corrects") }
    guard let reason = row.reason else { return missing("reason") }
    let known = Grounds.allCases.map(\.rawValue).joined(separator: ", ")
    if Grounds(rawValue: reason) == nil {
      return Fault(
        name: "badValue", field: "reason", chinese: "reason 只能是：\(known)。",
        english: "reason must be one of: \(known).")
    }
    if (corrects ? row.corrects : row.id)!.utf8.count > 256 || row.source!.utf8.count > 1024 {
      return Fault(
        name: "badValue", field: corrects ? "corrects" : "id", chinese: "编号过长，不可能上报过。",
        english: "The id is longer than any that can have been reported.")
    }
    return nil
  }

  static func digest(
    _ source: String, _ id: String, _ partner: PartnerID, _ digests: EventDigests
  ) -> (UInt64, UInt64) {
    let room = UnsafeMutableRawPointer.allocate(byteCount: 4096, alignment: 16)
    defer { room.deallocate() }
    return Array(source.utf8).withUnsafeBytes { source in
      Array(id.utf8).withUnsafeBytes { id in
        digests.event(partner: partner, source: source, id: id, room: room)
      }
    }
  }

  static func withdraw(_ call: Call) throws -> Response {
    let office = try call.office()
    let partner = try partner(call, office)
    let rows = try rows(call)
    return try answer(call, office, partner, rows, events: nil)
  }

  static func correct(_ call: Call) throws -> Response {
    let office = try call.office()
    let partner = try partner(call, office)
    let rows = try rows(call)
    if case .partner(let key) = call.actor,
      let refusal = office.takeEvents(rows.count, key, call.site.vault, call.request, at: call.now)
    {
      return refusal
    }
    let tray = Tray(try Intake(clerk: office.clerk, vault: call.site.vault))
    if let refusal = tray.decode(call.request.body, TPH_BODY_BATCH) {
      throw Trouble(400, "body-unreadable", refusal.sentence, refusal.sentence)
    }
    tray.fill(partner, office.clerk.published)
    try tray.intake.finish()
    let batch = tray.intake.batch
    guard batch.count == rows.count else {
      throw Trouble(
        400, "body-unreadable", "请求体不是 JSON 数组。请按接口说明改正后重发。",
        "The body is no JSON array. Mend it as the API describes and send it again.")
    }
    return try answer(
      call, office, partner, rows, events: (0..<batch.count).map { batch.reports[$0] })
  }

  private static func answer(
    _ call: Call, _ office: Office, _ partner: PartnerID, _ rows: [Row], events: [Report]?
  ) throws -> Response {
    let digests = call.site.vault.eventDigests(of: office.code)
    let faults = rows.map { fault($0, corrects: events != nil) }
    let good = rows.indices.filter { faults[$0] == nil }
    let told = try office.withdraw(
      good.map { index in
        let row = rows[index]
        return Office.Recalling(
          id: digest(row.source!, events == nil ? row.id! : row.corrects!, partner, digests),
          grounds: Grounds(rawValue: row.reason!)!, replacement: events?[index])
      })
    let answers = Dictionary(uniqueKeysWithValues: zip(good, told))
    let chinese = call.request.headers["Accept-Language"]?.hasPrefix("zh") ?? false
    var sum = Sum()
    var lines: [JSON] = []
    for (index, row) in rows.enumerated() {
      var line: [(String, JSON)] = [
        ("index", .number(index)), ("id", row.id.map { .text($0) } ?? .null),
      ]
      if let corrects = row.corrects { line.append(("corrects", .text(corrects))) }
      if let fault = faults[index] {
        sum.refused += 1
        line += refused(fault, chinese)
      } else if let answer = answers[index] {
        line += try self.line(answer, office, &sum, chinese)
      }
      lines.append(.object(line))
    }
    var response = Response.json(
      JSON.object([
        ("received", .number(rows.count)), ("withdrawn", .number(sum.withdrawn)),
        ("refused", .number(sum.refused)), ("grams", .number(sum.grams)),
        ("points", .number(sum.points)), ("results", .list(lines)),
      ]).bytes)
    response.compressible = false
    return response
  }

  /// What the books lost by the rows that were withdrawn.
  private struct Sum {
    var withdrawn = 0
    var refused = 0
    var grams: Int64 = 0
    var points: Int64 = 0
  }

  private static func refused(_ fault: Fault, _ chinese: Bool) -> [(String, JSON)] {
    [
      ("outcome", "refused"), ("reason", .text(fault.name)), ("field", .text(fault.field)),
      ("message", .text(chinese ? fault.chinese : fault.english)),
    ]
  }

  private static func line(
    _ answer: Recalled, _ office: Office, _ sum: inout Sum, _ chinese: Bool
  ) throws -> [(String, JSON)] {
    guard answer.outcome == .withdrawn, let withdrawn = answer.withdrawn else {
      sum.refused += 1
      return refused(fault(answer, chinese), chinese)
    }
    sum.withdrawn += 1
    sum.grams += withdrawn.grams
    sum.points += Int64(withdrawn.points)
    var line: [(String, JSON)] = [
      ("outcome", "withdrawn"), ("was", .text(withdrawn.outcome.name)),
      ("grams", .number(withdrawn.grams)), ("points", .number(withdrawn.points)),
      ("fact", .number(withdrawn.fact.raw)),
    ]
    // Of an event sent again, what was said of it the first time.
    if let told = answer.verdict {
      let verdict = told.outcome == .duplicate ? try office.firstVerdict(told.fact) ?? told : told
      var event: [(String, JSON)] = [("outcome", .text(verdict.outcome.name))]
      if verdict.reason != .none {
        event.append(("reason", .text(verdict.reason.name)))
        event.append(("message", .text(verdict.reason.sentence(chinese: chinese))))
      }
      event.append(("grams", .number(verdict.grams)))
      event.append(("points", .number(verdict.points)))
      event.append(("fact", .number(verdict.fact.raw)))
      line.append(("event", .object(event)))
    }
    return line
  }

  private static func fault(_ answer: Recalled, _ chinese: Bool) -> Fault {
    switch answer.outcome {
    case .unknown:
      return Fault(
        name: "eventUnknown", field: "id", chinese: "您没有上报过这个来源下的这个编号，请核对 source 和 id。",
        english: "You have reported no event of this source and id; check both.")
    case .replacedBefore:
      return Fault(
        name: "correctedBefore", field: "corrects", chinese: "这一条已被另一条更正，请更正那一条。",
        english: "Another event stands in its place already; correct that one.")
    case .clawedBack:
      return Fault(
        name: "clawedBack", field: "id",
        chinese: "这一条的积分和减排量已由工作人员收回，无需再撤回；如收回被解除，可再撤回。",
        english: "Staff have clawed back what this event gave; withdraw it if that is ever lifted.")
    case .notReplaced:
      let reason = answer.verdict?.reason ?? .malformed
      let field = ReportField.name(answer.verdict?.field ?? 0) ?? "id"
      return Fault(
        name: reason.name, field: field,
        chinese: "未更正，原数据不变：" + reason.sentence(chinese: true),
        english: "Nothing was corrected, the old event stands: " + reason.sentence(chinese: false))
    case .changed, .withdrawn:
      return Fault(
        name: "changedMeanwhile", field: "id", chinese: "这一条正在被处理，请稍后重发。",
        english: "This event is being decided just now; send the row again in a moment.")
    }
  }
}
