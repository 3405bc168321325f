// SPDX-License-Identifier: Apache-2.0
// 回执与对账: a partner's day, from our books and against its own.
//
//   GET  …/receipts?day=          every event of the day as it stands now, NDJSON or CSV
//   GET  …/receipts/daily?day=    the day in sums
//   POST …/reconciliations?day=   the partner's own file of the day; answered with the differences
//                                 both ways
//
// A day is the behaviour's civil day in the mechanism's zone. An event is named by a keyed digest
// of its source and id, because the journal knows nothing else; who uploads ids is answered with
// ids.

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

enum ReceiptDesk {
  /// Rows of one answer; the next begin where the `Link` header says.
  static let rowsMax = 200_000
  /// Differences that are listed; beyond, only counted.
  static let listedMax = 10_000

  static func day(_ call: Call) throws -> Day {
    guard let day = call.request.query["day"].flatMap({ Day($0) }) else {
      throw Trouble(
        400, "day-missing", "请给出日期：?day=2026-03-01。", "Say which day: ?day=2026-03-01.")
    }
    return day
  }

  static func list(_ call: Call) throws -> Response {
    let office = try call.office()
    let partner = try RecallDesk.partner(call, office)
    let day = try day(call)
    let after = call.request.query["after"].flatMap { UInt64($0) } ?? 0
    let isTable = call.request.query["format"] == "csv"
    let rest = try office.receipts(of: partner, on: day).filter { $0.first.raw > after }
    let rows = rest.prefix(rowsMax)
    let scenes = office.sceneCodes()
    var json = JSONWriter()
    json.reserve(rows.count * 200)
    if isTable {
      json.raw("digest,scene,time,received,outcome,reason,grams,points,fact,last\n")
    }
    for row in rows { write(row, scenes, isTable: isTable, office.zone, &json) }
    var response = Response.bytes(
      json.bytes, type: isTable ? "text/csv; charset=utf-8" : "application/x-ndjson")
    if rows.count < rest.count, let last = rows.last {
      response["Link"] =
        "<\(call.request.path)?day=\(day)&after=\(last.first.raw)"
        + "\(isTable ? "&format=csv" : "")>; rel=\"next\""
    }
    return response
  }

  private static func write(
    _ row: Receipt, _ scenes: [SceneID: String], isTable: Bool, _ zone: Int32,
    _ out: inout JSONWriter
  ) {
    let scene = scenes[row.record.report.scene] ?? ""
    let time = Instant(milliseconds: row.record.report.ended)
    let reason =
      row.withdrawn.map { "\($0)" } ?? (row.record.reason == .none ? "" : row.record.reason.name)
    guard !isTable else {
      out.raw("\(row.digest),\(scene),\(time),\(row.received),\(row.outcome),\(reason),")
      out.raw("\(row.grams),\(row.points),\(row.first.raw),\(row.last.raw)\n")
      return
    }
    out.raw("{\"digest\":\"\(row.digest)\",\"scene\":\"\(scene)\",\"time\":\"\(time)\",")
    out.raw("\"received\":\"\(row.received)\",\"outcome\":\"\(row.outcome)\",")
    if !reason.isEmpty { out.raw("\"reason\":\"\(reason)\",") }
    out.raw("\"grams\":\(row.grams),\"points\":\(row.points),\"fact\":\(row.first.raw),")
    out.raw("\"last\":\(row.last.raw)}\n")
  }

  static func daily(_ call: Call) throws -> Response {
    let office = try call.office()
    let partner = try RecallDesk.partner(call, office)
    let day = try day(call)
    return Response.json(
      totals(day, DayOfPartner(try office.receipts(of: partner, on: day)), office).bytes)
  }

  private static func totals(_ day: Day, _ sum: DayOfPartner, _ office: Office) -> JSON {
    let codes = office.sceneCodes()
    return [
      "day": .text("\(day)"), "events": .number(sum.events),
      "outcomes": .object(
        DayOfPartner.names.map { ($0, .number(sum.outcomes[$0] ?? 0)) }),
      "grams": .number(sum.grams), "points": .number(sum.points),
      "scenes": .list(
        sum.scenes.sorted { $0.key < $1.key }.map { scene, row in
          [
            "scene": .text(codes[scene] ?? ""), "events": .number(row.events),
            "accepted": .number(row.accepted), "grams": .number(row.grams),
            "points": .number(row.points),
          ]
        }),
    ]
  }

  // MARK: - The partner's own file

  private struct Row: Decodable {
    var source: String?
    var id: String?
  }

  /// One row of the file: its id, and the whole event where it was sent.
  private struct Theirs {
    var source: String
    var id: String
    var key: DigestKey
    var event: Report?
  }

  static func reconcile(_ call: Call) throws -> Response {
    let office = try call.office()
    let partner = try RecallDesk.partner(call, office)
    let day = try day(call)
    let theirs = try read(call, office, partner)
    let ours = try office.receipts(of: partner, on: day)
    var left: [DigestKey: Receipt] = [:]
    for receipt in ours { left[DigestKey(receipt.record.report.id)] = receipt }
    let byKey = left
    var differences = Differences()
    let unknown = theirs.indices.filter { byKey[theirs[$0].key] == nil }
    let known = elsewhere(unknown.map { theirs[$0].key }, office)
    var seen: Set<DigestKey> = []
    for (index, row) in theirs.enumerated() {
      guard seen.insert(row.key).inserted else {
        differences.add(twice: index, row.id)
        continue
      }
      guard let receipt = byKey[row.key] else {
        if let fact = known[row.key] {
          differences.add(different: index, row.id, fact, ["time"])
        } else {
          differences.add(unknown: index, row.source, row.id)
        }
        continue
      }
      left[row.key] = nil
      let fields = row.event.map { self.fields(of: $0, unlike: receipt.record, office) } ?? []
      if fields.isEmpty {
        differences.same += 1
      } else {
        differences.add(different: index, row.id, receipt.first, fields)
      }
    }
    for receipt in ours where left[DigestKey(receipt.record.report.id)] != nil {
      differences.add(missing: receipt)
    }
    return Response.json(
      differences.json(theirs.count, totals(day, DayOfPartner(ours), office)).bytes)
  }

  private static func read(
    _ call: Call, _ office: Office, _ partner: PartnerID
  ) throws -> [Theirs] {
    let kind: tph_body_kind =
      call.request.mediaType.hasSuffix("json") && !call.request.mediaType.contains("ndjson")
      ? TPH_BODY_BATCH : TPH_BODY_LINES
    let tray = Tray(try Intake(clerk: office.clerk, vault: call.site.vault))
    if let refusal = tray.decode(call.request.body, kind) {
      throw Trouble(400, "body-unreadable", refusal.sentence, refusal.sentence)
    }
    // Not finished: a file that is only compared gives nobody's users a number.
    tray.fill(partner, office.clerk.published)
    let rows = try rows(call.request.body, kind)
    let batch = tray.intake.batch
    guard rows.count == batch.count else { throw unreadable }
    let digests = call.site.vault.eventDigests(of: office.code)
    return try rows.enumerated().map { index, row in
      guard let source = row.source, let id = row.id, !id.isEmpty, id.utf8.count <= 256,
        source.utf8.count <= 1024
      else {
        throw Trouble(
          400, "row-without-id", "第 \(index + 1) 行没有 source 或 id。",
          "Row \(index + 1) has no source or no id.")
      }
      let report = batch.reports[index]
      return Theirs(
        source: source, id: id,
        key: DigestKey(RecallDesk.digest(source, id, partner, digests)),
        event: report.fault == .none ? report : nil)
    }
  }

  private static let unreadable = Trouble(
    400, "body-unreadable", "文件无法读取：每行一个 JSON 对象，或一个 JSON 数组。",
    "The file can't be read: one JSON object a line, or one JSON array.")

  private static func rows(_ body: [UInt8], _ kind: tph_body_kind) throws -> [Row] {
    let decoder = JSONDecoder()
    if kind == TPH_BODY_BATCH {
      guard let rows = try? decoder.decode([Row].self, from: Data(body)) else { throw unreadable }
      return rows
    }
    return try body.split(separator: 10).filter { !$0.allSatisfy { $0 <= 32 } }.map { line in
      guard let row = try? decoder.decode(Row.self, from: Data(line)) else { throw unreadable }
      return row
    }
  }

  /// Events of the file that we have, on another day.
  private static func elsewhere(
    _ keys: [DigestKey], _ office: Office
  ) -> [DigestKey: FactNumber] {
    office.clerk.read { state in
      var found: [DigestKey: FactNumber] = [:]
      for key in keys { found[key] = state.behaviour.fact(of: (key.high, key.low)) }
      return found
    }
  }

  /// Names of what the partner has otherwise than we. Whose user it was is not compared.
  private static func fields(
    of event: Report, unlike record: Record, _ office: Office
  ) -> [String] {
    var names: [String] = []
    let ours = record.report
    if event.scene != ours.scene { names.append("type") }
    if event.ended != ours.ended { names.append("time") }
    if event.vehicle != ours.vehicle { names.append("vehicle") }
    guard event.scene == ours.scene,
      let fields = office.clerk.published.hot?.scene(ours.scene)?.fields
    else { return names }
    let a = [event.values.0, event.values.1, event.values.2, event.values.3]
    let b = [ours.values.0, ours.values.1, ours.values.2, ours.values.3]
    for (slot, field) in fields.enumerated() where a[slot] != b[slot] { names.append(field.name) }
    return names
  }
}

/// What two files of one day differ in.
struct Differences {
  var same = 0
  private var counts = [0, 0, 0, 0]
  private var lists: [[JSON]] = [[], [], [], []]
  private static let names = ["theirsNotOurs", "oursNotTheirs", "valuesDiffer", "sentTwice"]

  private mutating func add(_ list: Int, _ row: JSON) {
    counts[list] += 1
    if lists[list].count < ReceiptDesk.listedMax { lists[list].append(row) }
  }

  mutating func add(unknown index: Int, _ source: String, _ id: String) {
    add(0, ["index": .number(index), "source": .text(source), "id": .text(id)])
  }
  mutating func add(missing receipt: Receipt) {
    add(
      1,
      [
        "digest": .text(receipt.digest), "fact": .number(receipt.first.raw),
        "outcome": .text(receipt.outcome), "grams": .number(receipt.grams),
        "points": .number(receipt.points),
      ])
  }
  mutating func add(different index: Int, _ id: String, _ fact: FactNumber, _ fields: [String]) {
    add(
      2,
      [
        "index": .number(index), "id": .text(id), "fact": .number(fact.raw),
        "fields": .list(fields.map { .text($0) }),
      ])
  }
  mutating func add(twice index: Int, _ id: String) {
    add(3, ["index": .number(index), "id": .text(id)])
  }

  func json(_ theirs: Int, _ totals: JSON) -> JSON {
    var members: [(String, JSON)] = [
      ("theirs", .number(theirs)), ("same", .number(same)),
    ]
    for (index, name) in Differences.names.enumerated() {
      members.append((name, ["count": .number(counts[index]), "rows": .list(lists[index])]))
    }
    members.append(("ours", totals))
    return .object(members)
  }
}
