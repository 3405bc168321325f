// SPDX-License-Identifier: Apache-2.0
import Behaviour
import HTTP
import Journal
import Methodology
import Policy
import Storage
import Units

/// Answers for programs.
enum Program {
  private static func answer(_ body: JSON) -> Response {
    var response = Response.json(body.bytes)
    response["Cache-Control"] = "no-cache"
    response["Access-Control-Allow-Origin"] = "*"
    return response
  }

  private static func head(_ office: Office, _ head: LogHead) -> JSON {
    let signed = office.signed(head)
    return [
      "mechanism": .text(head.mechanism), "algorithm": .text(head.algorithm.name),
      "frames": .number(head.frames), "facts": .number(head.facts),
      "root": .text(head.root.description), "time": .text(head.time.description),
      "statement": .text(signed.statement),
      "signatures": .list(
        signed.signatures.map {
          ["algorithm": .text($0.algorithm), "signature": .text($0.signature)]
        }),
    ]
  }

  static func head(_ call: Call) throws -> Response {
    let office = try call.office()
    return answer(head(office, office.head()))
  }

  static func proof(_ call: Call) throws -> Response {
    let office = try call.office()
    guard let (proof, time, _) = try office.proof(of: FactNumber(try call.number("fact"))) else {
      throw Trouble.noFact
    }
    return answer([
      "fact": .number(proof.number.raw), "bytes": .text(Storage.hexadecimal(proof.fact)),
      "written": .text(time.description),
      "frame": [
        "index": .number(proof.indexInFrame), "count": .number(proof.factsInFrame),
        "path": .list(proof.pathInFrame.map { .text($0.description) }),
        "header": .text(Storage.hexadecimal(proof.header)),
      ],
      "log": [
        "index": .number(proof.frameIndex), "count": .number(proof.head.frames),
        "path": .list(proof.pathInLog.map { .text($0.description) }),
      ],
      "head": head(office, proof.head),
    ])
  }

  static func consistency(_ call: Call) throws -> Response {
    let office = try call.office()
    guard let from = call.request.query["from"].flatMap({ UInt64($0) }),
      let to = call.request.query["to"].flatMap({ UInt64($0) }),
      let path = office.consistency(from: from, to: to)
    else {
      throw Trouble(
        400, "sizes-wrong", "请给出 from 和 to 两个帧数，1 ≤ from ≤ to ≤ 当前帧数。",
        "Give `from` and `to`, numbers of frames with 1 ≤ from ≤ to ≤ the frames of the head.")
    }
    return answer([
      "from": .number(from), "to": .number(to), "path": .list(path.map { .text($0.description) }),
    ])
  }

  static func totals(_ call: Call) throws -> Response {
    let office = try call.office()
    let totals = office.totals()
    let scenes = try office.pack().behaviour.scenes
    return answer([
      "mechanism": .text(office.code), "time": .text(totals.time.description),
      "facts": .number(totals.facts), "grams": .number(totals.grams.count),
      "points": .number(totals.points.count), "citizens": .number(totals.citizens),
      "accepted": .number(totals.accepted), "waiting": .number(totals.waiting),
      "quarantined": .number(totals.quarantined), "refused": .number(totals.refused),
      "scenes": .list(
        totals.scenes.compactMap { row in
          guard let scene = scenes.first(where: { $0.id == row.scene }) else { return nil }
          return [
            "scene": .text(scene.code), "grams": .number(row.grams.count),
            "points": .number(row.points.count), "accepted": .number(row.accepted),
          ]
        }),
    ])
  }

  static func scenes(_ call: Call) throws -> Response {
    let office = try call.office()
    let pack = try office.pack()
    return answer([
      "mechanism": .text(office.code), "pack": .text(pack.version),
      "scenes": .list(
        pack.behaviour.scenes.filter { !$0.closed }.map { scene($0, pack.behaviour) }),
    ])
  }

  private static func scene(_ scene: Scene, _ rules: Rules) -> JSON {
    [
      "code": .text(scene.code),
      "name": ["zh": .text(scene.name.chinese), "en": .text(scene.name.english)],
      "family": .text(rules.families[scene.family].code), "source": source(scene.source),
      "evidence": ["zh": .text(scene.evidence.chinese), "en": .text(scene.evidence.english)],
      "fields": .list(
        scene.fields.map { ["name": .text($0.name), "unit": .text($0.unit)] }),
      "vehicleRequired": .truth(scene.needsVehicle),
      "limits": .list(
        scene.limits.map { ["text": .text($0.text), "source": source($0.source)] }),
      "rules": .list(
        scene.rules.map { rule in
          [
            "code": .text(rule.code), "from": .text(rule.from.description),
            "until": .text(rule.until.description), "method": method(rule),
            "points": .text(RuleText.points(rule, scene, .english)),
            "pointsSource": source(rule.points.source),
            "caps": .list(rule.caps.map { .text(RuleText.cap($0, .english)) }),
          ]
        }),
    ]
  }

  private static func method(_ rule: Rule) -> JSON {
    switch rule.reduction {
    case .method(let method):
      [
        "code": .text(method.code), "version": .text(method.version),
        "formula": .text(method.formulaText), "rounding": .text(method.rounding.rawValue),
      ]
    case .fixed(let grams, _): ["grams": .number(grams)]
    }
  }

  private static func source(_ source: Source) -> JSON {
    switch source {
    case .document(let text): .text(text)
    case .setByThisProject: "set by this project"
    }
  }

  /// One entry of a citizen's own history.
  static func entry(_ entry: Entry) -> JSON {
    let record = entry.record
    return [
      "fact": .number(entry.number.raw), "scene": .text(entry.scene?.code ?? ""),
      "partner": .text(entry.partner),
      "ended": .text(Instant(milliseconds: record.report.ended).description),
      "written": entry.recorded.map { .text($0.description) } ?? .null,
      "values": .object(entry.values.map { ($0.field.name, .text($0.value.description)) }),
      "outcome": .text("\(record.outcome)"), "reason": .text("\(record.reason)"),
      "grams": .number(record.grams), "points": .number(record.points),
      "rule": entry.rule.map { .text($0.code) } ?? .null,
      "recall": entry.recall?.json ?? .null,
    ]
  }
}
