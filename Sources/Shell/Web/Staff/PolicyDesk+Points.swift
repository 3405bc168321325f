// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Desk
import HTTP
import Ledger
import Mechanism
import Policy
import Units

/// 兑换比例、积分总量、有效期.
extension PolicyDesk {
  static func ratios(_ call: Call) throws -> Response {
    let office = try call.office()
    let today = call.now.day(offset: office.zone)
    if let file = try call.file(office, try Sheet.proposals(call, office, ratios: true)) {
      return file
    }
    let (now, pack) = office.clerk.read { ($0.ratio(on: today), $0.pack) }
    return call.html(
      Console.ratios(
        call.visit(office), all: StaffDesk.all(call), code: office.code, now: now, pack: pack,
        office.proposals().filter { !$0.isPack }, issued: office.totals().points,
        names: try names(call)))
  }

  static func proposeRatio(_ call: Call) throws -> Response {
    let office = try call.office()
    guard let day = Day(call.form["effective"] ?? "") else { throw noDay }
    func number(_ name: String) -> Int64 {
      let text = call.form[name] ?? ""
      return text.isEmpty && name == "grams" ? 0 : Int64(text) ?? -1
    }
    let ratio = Ratio(points: number("points"), fen: number("fen"), grams: number("grams"))
    _ = try office.perform(
      .policy(
        .proposeRatio(ratio, effective: day, by: try by(call), opinion: try opinion(call))))
    let made = office.proposals().count
    try call.log(
      "propose ratio", "\(office.code)/proposal/\(made)",
      after: "\(ratio.points) points \(ratio.fen) fen \(ratio.grams) g from \(day)")
    return call.go(proposal(office, made))
  }

  static func budget(_ call: Call) throws -> Response {
    let office = try call.office()
    let budgets = try office.budgets(on: call.now.day(offset: office.zone), call.t)
    if let file = try call.file(office, Sheet.budgets(budgets, call.t)) { return file }
    return call.html(
      Console.budgets(
        call.visit(office), all: StaffDesk.all(call), code: office.code,
        budgets,
        years: office.clerk.read { $0.ledger.issuingYears }))
  }

  static func expiry(_ call: Call) throws -> Response {
    let office = try call.office()
    return try call.file(office, try Sheet.expiry(call, office)) ?? expiryPage(call)
  }

  private static func expiryPage(_ call: Call, done: ExpiryRun? = nil) throws -> Response {
    let office = try call.office()
    let (runs, pack) = office.clerk.read { ($0.expiryRuns, $0.pack) }
    return call.html(
      Console.expiry(
        call.visit(office), all: StaffDesk.all(call), code: office.code, pack: pack,
        runs.reversed(), names: try names(call)))
  }

  static func runExpiry(_ call: Call) throws -> Response {
    let office = try call.office()
    guard let day = Day(call.form["day"] ?? "") else { throw noDay }
    let by = try by(call)
    let before = office.clerk.read { $0.expiryRuns.last?.points ?? 0 }
    // Some citizens a frame: others are served in between.
    var isUnfinished = true
    while isUnfinished {
      _ = try office.perform(.policy(.expire(day, by: by)))
      isUnfinished = office.clerk.read { $0.expiryRuns.last?.done == false }
    }
    let run = office.clerk.read { $0.expiryRuns.last }
    try call.log(
      "run expiry", "\(office.code)/expiry/\(day)", before: "\(before)",
      after: "\(run?.points ?? 0)")
    return call.go("/console/\(Link("\(office.code)"))/policy/expiry")
  }
}

extension Office {
  /// The budgets of the pack in force, the latest year first.
  func budgets(on today: Day, _ t: Tongue) throws -> [BudgetModel] {
    let budgets = try pack().behaviour.budgets
    let pace = try days(30).filter { $0.day.number > today.number - 30 && $0.day <= today }
      .reduce(0) { $0 + $1.points.count }
    // This year first: it is what people come for.
    let order = budgets.sorted {
      ($0.year == today.civil.year ? 1 : 0, $0.year) > (
        $1.year == today.civil.year ? 1 : 0, $1.year
      )
    }
    return order.map { budget in
      let used = clerk.read { $0.ledger.issued(in: budget.year).count }
      var model = BudgetModel(
        year: budget.year, points: budget.points, source: "",
        isOurs: budget.source == .setByThisProject, used: used,
        released: budget.released(on: today),
        releases: budget.releases.map { ($0.from, $0.points) })
      if case .document(let text) = budget.source { model.source = text }
      guard budget.year == today.civil.year, let end = Day(year: budget.year, month: 12, day: 31)
      else { return model }
      model.forecast = used + pace * Int64(end.number - today.number) / 30
      if pace > 0, model.left * 30 / pace < Int64(end.number - today.number) {
        model.usedUp = Day(today.number + Int32(model.left * 30 / pace))
      }
      return model
    }
  }

  func lots(of citizen: CitizenID) -> [Lot] { clerk.read { $0.lots(of: citizen) } }
}

extension CitizenDesk {
  static func points(_ call: Call) throws -> Response {
    let office = try call.office()
    let citizen = try required(call, office)
    let model = office.clerk.read { state in
      PointsModel(
        code: state.code, balance: state.ledger.points(of: citizen).count,
        lots: state.lots(of: citizen), movements: state.ledger.movements(of: citizen),
        expired: state.ledger.expired(of: citizen).count,
        validity: state.pack?.points.validity)
    }
    if let file = try call.file(office, Sheet.points(model, call.t)) { return file }
    return call.html(
      Layout.points(call.visit(office), model, today: call.now.day(offset: office.zone)))
  }
}
