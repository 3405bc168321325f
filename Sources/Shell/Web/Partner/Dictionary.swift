// SPDX-License-Identifier: Apache-2.0
// 数据字典: what a report of each scene must carry, made from the pack in force, so that it is never
// behind the rules. One entry is one scene: its fields with units, what is believed, and an event
// that would be taken as it stands.

import Behaviour
import HTTP
import Policy
import Units

struct DictionaryEntry: Sendable {
  struct Row: Sendable {
    var name: String
    var unit: String
    var label: String
  }

  var scene: Scene
  var rows: [Row]
  var limits: [String]
  /// An event that is well-formed and believable.
  var example: [(field: Field, value: Measured)]
  var exampleTime: Instant

  init(_ scene: Scene, _ pack: Pack, _ t: Tongue) {
    self.scene = scene
    rows = scene.fields.map { Row(name: $0.name, unit: $0.unit, label: $0.label(t)) }
    limits = scene.limits.map(\.text)
    let told = pack.examples.lazy.compactMap { line -> Example.Report? in
      guard case .report(let report) = line.step, report.scene == scene.code,
        case .accepted = report.expected, !report.isRepeat
      else { return nil }
      return report
    }.first
    exampleTime = told?.time ?? Instant("2026-03-02T08:25:00+08:00")!
    if let told {
      example = scene.fields.map { field in
        (field, told.values.first { $0.field == field }?.measured ?? Measured(1))
      }
    } else {
      example = DictionaryEntry.typical(scene)
    }
  }

  /// Values within the scene's limits.
  private static func typical(_ scene: Scene) -> [(field: Field, value: Measured)] {
    var values = scene.fields.map { field -> Int64 in
      switch field {
      case .distanceMetres: 3_000
      case .durationSeconds: 900
      case .energyWattHours: 5_000
      case .massGrams: 500
      case .steps: 8_000
      default: 1
      }
    }.map { $0 * 1_000_000 }
    for limit in scene.limits {
      guard case .value(let slot) = limit.quantity else { continue }
      values[slot] = min(max(values[slot], limit.minimum), limit.maximum)
    }
    return zip(scene.fields, values).map { ($0, Measured(millionths: $1)) }
  }

  /// The example as it would be sent.
  var event: String {
    var data = example.map { "\"\($0.field.name)\": \($0.value)" }
    if scene.needsVehicle { data.append("\"vehicle\": \"vehicle-07\"") }
    return """
      {"specversion": "1.0", "id": "example-\(scene.code)", "source": "/your/system",
       "type": "\(scene.code)", "subject": "user-17", "time": "\(exampleTime)",
       "data": {\(data.joined(separator: ", "))}}
      """
  }

  var json: JSON {
    [
      "scene": .text(scene.code),
      "name": ["zh": .text(scene.name.chinese), "en": .text(scene.name.english)],
      "closed": .truth(scene.closed),
      "fields": .list(
        rows.map {
          ["name": .text($0.name), "unit": .text($0.unit), "required": true]
        }
          + [
            ["name": "vehicle", "unit": "", "required": .truth(scene.needsVehicle)]
          ]),
      "limits": .list(limits.map { .text($0) }), "example": .text(event),
    ]
  }
}

enum DictionaryDesk {
  private static func entries(_ call: Call, _ office: Office) throws -> [DictionaryEntry] {
    let pack = try office.pack()
    return pack.behaviour.scenes.filter { !$0.closed }.map { DictionaryEntry($0, pack, call.t) }
  }

  static func program(_ call: Call) throws -> Response {
    let office = try call.office()
    var response = Response.json(
      JSON.object([
        ("mechanism", .text(office.code)), ("pack", .text(try office.pack().version)),
        ("scenes", .list(try entries(call, office).map(\.json))),
      ]).bytes)
    response["Cache-Control"] = "no-cache"
    response["Access-Control-Allow-Origin"] = "*"
    return response
  }

  static func page(_ call: Call) throws -> Response {
    let office = try call.office()
    return call.html(
      Layout.dictionary(call.visit(office), code: office.code, try entries(call, office)))
  }
}

extension Layout {
  static func dictionary(_ visit: Visit, code: String, _ entries: [DictionaryEntry]) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return city(
      visit, title: t("数据字典", "Field dictionary"), place: .scenes,
      """
      <h1>\(t("数据字典", "Field dictionary"))</h1>
      <p class="soft">\(t("由现行政策包生成，供接入平台对照。机器可读：", """
        Made from the pack in force, for partners. For programs:
        """)) <a href="/api/v1/\(m)/dictionary">/api/v1/\(m)/dictionary</a></p>
      <p class="soft">\(t("每条数据还须有 id、source、type（场景代码）、subject（用户）和 time（结束时间，带时区）。", """
        Every event also carries id, source, type (the scene's code), subject (your user) and time \
        (when it ended, with its zone).
        """))</p>
      <section class="card1"><ul class="list">\(each: entries, { entry in """
        <li><a href="#\(Link("\(entry.scene.code)"))">\(t(entry.scene.name))</a> \
        <code>\(entry.scene.code)</code></li>
        """ })</ul></section>
      \(each: entries, { dictionaryEntry($0, m, visit) })
      <p><a class="btn btn-light" href="/\(m)/join">\(t("申请接入", "Become a partner"))</a></p>
      """)
  }

  private static func dictionaryEntry(
    _ entry: DictionaryEntry, _ m: Link, _ visit: Visit
  ) -> HTML {
    let t = visit.t
    let vehicle: [[HTML]] =
      entry.scene.needsVehicle
      ? [["<code>vehicle</code>", t("车辆编号", "the vehicle"), "—", t("是", "yes")]] : []
    return """
      <section class="card1" id="\(entry.scene.code)"><h2>\(t(entry.scene.name)) \
      <code>\(entry.scene.code)</code></h2>
      \(Console.table(
        [
          .init(t("字段", "Field")), .init(t("含义", "Meaning")), .init(t("单位", "Unit")),
          .init(t("必填", "Required")),
        ],
        entry.rows.map { row in
          [
            "<code>\(row.name)</code>", "\(row.label)", "\(row.unit == "1" ? "—" : row.unit)",
            t("是", "yes"),
          ]
        } + vehicle, empty: t("除公共字段外不需要其他数据。", "Nothing besides the common members.")))
      \(when: !entry.limits.isEmpty, """
        <p>\(t("合理范围：", "Believed: "))\(entry.limits.joined(separator: t.plain("；", "; ")))</p>
        """)
      <p class="soft small">\(t("示例", "Example"))</p><pre class="code" \
      tabindex="0">\(entry.event)</pre>
      <p><a href="/\(m)/scenes/\(Link("\(entry.scene.code)"))">\
      \(t("积分与减排规则", "Points and reduction")) →</a></p></section>
      """
  }
}
