// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Desk
import Governance
import HTTP
import Mechanism
import Storage
import Units

/// 个案: staff look at evidence, propose, confirm each other's proposals, decide appeals.
enum CaseDesk {
  static func list(_ call: Call) throws -> Response {
    let office = try call.office()
    return call.html(
      Console.cases(
        call.visit(office), all: StaffDesk.all(call),
        CasesModel(
          code: office.code, rules: office.careRules, cases: office.cases(),
          chosen: call.request.query["status"] ?? "open", runs: office.riskRuns(),
          counts: office.careCounts(on: today(call, office)), names: try PolicyDesk.names(call),
          notice: notice(call))))
  }

  private static func today(_ call: Call, _ office: Office) -> Day {
    call.now.day(offset: office.zone)
  }

  private static func notice(_ call: Call) -> HTML? {
    guard let opened = call.request.query["opened"].flatMap({ Int($0) }) else { return nil }
    return call.t("筛查完成，新立案：", "The run is done; cases opened:") + " \(opened)"
  }

  static func open(_ call: Call) throws -> Response {
    let office = try call.office()
    let citizen = CitizenID(UInt32(call.form["citizen"] ?? "") ?? 0)
    let evidence = try numbers(call.form["evidence"] ?? "").map { FactNumber($0) }
    for fact in evidence where try office.entry(fact)?.record.report.citizen != citizen {
      throw Trouble(
        409, "evidenceInvalid", "事实 \(fact.raw) 不是该账户的记录，请核对编号。",
        "Fact \(fact.raw) is no report of this account; check the number.", next: .back)
    }
    let by = try PolicyDesk.by(call)
    let result = try office.perform(
      .open(
        citizen, rule: call.form["rule"] ?? "", reason: call.form["reason"] ?? "",
        evidence: evidence, by: by))
    try call.log(
      "open case", "\(office.code)/case/\(result.number)", after: "citizen \(citizen.raw)")
    return go(call, office, UInt64(result.number))
  }

  static func numbers(_ text: String) throws -> [UInt64] {
    let words = text.split { !$0.isNumber }.compactMap { UInt64($0) }
    return words.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private static func go(_ call: Call, _ office: Office, _ number: UInt64) -> Response {
    call.go("/console/\(Link("\(office.code)"))/cases/\(Link("\(number)"))")
  }

  static func run(_ call: Call) throws -> Response {
    let office = try call.office()
    _ = try office.care()
    guard let day = Day(call.form["day"] ?? "") else { throw Trouble.unreadableForm }
    let opened = try office.screen(day, by: try PolicyDesk.by(call))
    try call.log("run risk rules", "\(office.code)/risk/\(day)", after: "\(opened) cases")
    return call.go("/console/\(Link("\(office.code)"))/cases?opened=\(Link("\(opened)"))")
  }

  static func show(_ call: Call) throws -> Response {
    let office = try call.office()
    let number = try call.number("number")
    let found = try found(number, office)
    let citizen = CitizenID(found.citizen)
    let entries = try found.evidence.suffix(RiskFinding.evidenceMax).compactMap {
      try office.entry(FactNumber($0))
    }
    var appeals: [Int: String] = [:]
    for (index, measure) in found.measures.enumerated() {
      guard let digest = measure.appeal?.digest else { continue }
      appeals[index + 1] = try LetterText.text(digest, call, office)
    }
    return call.html(
      Console.case(
        call.visit(office), all: StaffDesk.all(call),
        CaseModel(
          code: office.code, number: number, found: found,
          rules: office.careRules, entries: entries,
          balance: office.balance(of: citizen), debt: office.debt(of: citizen),
          appeals: appeals, names: try PolicyDesk.names(call),
          others: office.cases(of: citizen).map(\.number).filter { UInt64($0) != number },
          me: try PolicyDesk.by(call))))
  }

  private static func found(_ number: UInt64, _ office: Office) throws -> Case {
    guard let found = office.found(number) else {
      throw Trouble(CommandRefusal("caseUnknown", Governance.Refusal.caseUnknown.sentence))
    }
    return found
  }

  static func propose(_ call: Call) throws -> Response {
    let office = try call.office()
    let number = try call.number("number")
    let found = try found(number, office)
    guard let kind = Measure.Kind(rawValue: call.form["kind"] ?? "") else {
      throw Trouble.unreadableForm
    }
    var awards: [NamedAward]?
    if kind == .clawBack {
      let facts = try numbers(
        (call.form.all("award") + [call.form["awards"] ?? ""]).joined(separator: " "))
      awards = try facts.map { try award($0, of: CitizenID(found.citizen), office) }
    }
    let measure = Measure(
      kind, by: try PolicyDesk.by(call), reason: call.form["reason"] ?? "",
      until: kind == .freeze ? Day(call.form["until"] ?? "") : nil, awards: awards,
      target: kind == .lifting ? Int(call.form["target"] ?? "") : nil)
    try office.perform(.propose(UInt32(clamping: number), measure))
    try call.log(
      "propose \(kind.rawValue)", "\(office.code)/case/\(number)", after: measure.reason)
    return go(call, office, number)
  }

  /// What a named entry had given; the journal says it, not the form.
  private static func award(
    _ fact: UInt64, of citizen: CitizenID, _ office: Office
  ) throws -> NamedAward {
    guard let record = try office.entry(FactNumber(fact))?.record,
      record.report.citizen == citizen, record.outcome == .accepted
    else {
      throw Trouble(
        409, "awardsInvalid", "事实 \(fact) 不是该账户已入账的记录，请核对编号。",
        "Fact \(fact) is no credited entry of this account; check the number.", next: .back)
    }
    return NamedAward(fact: fact, points: Int64(record.points), grams: record.grams)
  }

  private static func measure(_ call: Call) throws -> Int {
    Int(clamping: try call.number("id"))
  }

  static func rule(_ call: Call) throws -> Response {
    let office = try call.office()
    let number = try call.number("number")
    guard let ruling = Ruling(rawValue: call.form["decision"] ?? ""), ruling != .end else {
      throw Trouble.unreadableForm
    }
    let at = try measure(call)
    try office.perform(
      .rule(
        UInt32(clamping: number), measure: at, ruling, by: try PolicyDesk.by(call),
        opinion: call.form["opinion"] ?? ""))
    try call.log(
      "\(ruling.rawValue) measure", "\(office.code)/case/\(number)/\(at)", before: "proposed",
      after: call.form["opinion"] ?? "")
    return go(call, office, number)
  }

  static func judge(_ call: Call) throws -> Response {
    let office = try call.office()
    let number = try call.number("number")
    guard let decision = call.form["decision"], ["uphold", "dismiss"].contains(decision) else {
      throw Trouble.unreadableForm
    }
    let at = try measure(call)
    try office.perform(
      .judge(
        UInt32(clamping: number), measure: at, upheld: decision == "uphold",
        by: try PolicyDesk.by(call), reason: call.form["reason"] ?? ""))
    try call.log(
      "\(decision) appeal", "\(office.code)/case/\(number)/\(at)",
      after: call.form["reason"] ?? "")
    return go(call, office, number)
  }

  static func close(_ call: Call) throws -> Response {
    let office = try call.office()
    let number = try call.number("number")
    try office.perform(
      .close(
        UInt32(clamping: number), by: try PolicyDesk.by(call),
        reason: call.form["reason"] ?? ""))
    try call.log(
      "close case", "\(office.code)/case/\(number)", before: "open",
      after: call.form["reason"] ?? "")
    return go(call, office, number)
  }
}
