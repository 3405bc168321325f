// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Mechanism
import Policy
import Units

extension Console {
  /// 兑换比例: what points are worth, since when, and by whose decision.
  static func ratios(
    _ visit: Visit, all: [MechanismBadge], code: String, now: Ratio?, pack: Pack?,
    _ proposals: [Proposal], issued: Points, names: [String: String]
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let mayPropose = visit.staff.map { !$0.roles.isDisjoint(with: Roles.proposers) } ?? false
    return page(
      visit, title: t("兑换比例", "Exchange ratio"), place: .policy, all: all,
      crumbs: [(t("积分政策", "Points policy"), "/console/\(m)/policy")],
      """
      \(policyTabs(m, t, "ratios"))
      <section class="card1"><h2>\(t("现行比例", "In force"))</h2><p><b>\
      \(now.map { words($0, t) } ?? t.plain("没有规定", "none set"))</b></p>
      \(some: now, { """
          <p class="soft">\(t("累计发放", "Given so far:")) \(grouped(issued.count)) \
          \(t("分，折合", "points, worth")) \(yuan($0.worth(of: issued).count)) \(t("元", "yuan"))</p>
          """ })
      \(some: pack?.points.worth, { """
          <p class="soft small">\(t("政策包初始比例", "The pack's own")): \(words($0, t)) \
          \(Tags.source(pack?.points.worthSource ?? .setByThisProject, t))</p>
          """ })</section>
      <h2>\(t("调节记录", "History"))</h2>
      \(Layout.exports(visit))
      \(proposalTable(visit, m, proposals.reversed(), names))
      \(when: mayPropose, ratioForm(visit, m, now))
      """)
  }

  private static func ratioForm(_ visit: Visit, _ m: Link, _ now: Ratio?) -> HTML {
    let t = visit.t
    let tomorrow = Day(visit.now.day(offset: visit.zone).number + 1)
    func field(_ name: String, _ label: HTML, _ value: Int64?, _ least: Int) -> HTML {
      """
      <div class="field"><label class="form-label" for="\(name)">\(label)</label>
      <input class="form-control" type="number" id="\(name)" name="\(name)" min="\(least)" \
      max="1000000" value="\(value.map { "\($0)" } ?? "")"\
      \(when: name != "grams", " required")></div>
      """
    }
    return """
      <h2>\(t("提出新比例", "Propose another"))</h2>
      <section class="card1"><form method="post" action="/console/\(m)/policy/ratios">\
      \(visit.formField)
      \(field("points", t("积分（分）", "Points"), now?.points ?? 100, 1))
      \(field("fen", t("折合金额（分钱，1 元 = 100）", "Worth, in fen (1 yuan = 100)"), now?.fen, 0))
      \(field("grams", t("折合减排量（克，不兑换则留空）", "Grams of reduction (empty: none)"),
        now.flatMap { $0.grams > 0 ? $0.grams : nil }, 0))
      <div class="field"><label class="form-label" for="effective">\(t("生效日期", "Holds from"))\
      </label><input class="form-control" type="date" id="effective" name="effective" required \
      min="\(visit.now.day(offset: visit.zone).description)" value="\(tomorrow.description)"></div>
      \(opinionField(t, t("理由", "Why")))
      <p class="soft small">\(t("须由另一人审批。", "Somebody else must decide."))</p>
      <button class="btn btn-primary">\(t("提交", "Propose"))</button></form></section>
      """
  }

  /// 积分总量: used, released, left, forecast; and each year's account.
  static func budgets(
    _ visit: Visit, all: [MechanismBadge], code: String, _ budgets: [BudgetModel],
    years: [(year: Int, points: Points)]
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return page(
      visit, title: t("积分总量", "Budget"), place: .policy, all: all,
      crumbs: [(t("积分政策", "Points policy"), "/console/\(m)/policy")],
      """
      \(policyTabs(m, t, "budget"))
      \(Layout.exports(visit))
      \(each: budgets, { budgetCard($0, t) })
      \(when: budgets.isEmpty, """
          <section class="card1"><p class="soft">\(t(
            "现行政策包没有规定年度总量（budget）。", "The pack in force has no `budget`."))</p></section>
          """)
      <h2>\(t("年度账户", "By year"))</h2>
      \(table(
        [.init(t("年度", "Year")), .init(t("发放积分（已扣冲正）", "Points given, net"), isNumber: true)],
        years.reversed().map { ["\($0.year)", "\(grouped($0.points.count))"] },
        empty: t("还没有发放积分。", "No points were given yet.")))
      """)
  }

  private static func budgetCard(_ budget: BudgetModel, _ t: Tongue) -> HTML {
    """
    <section class="card1"><h2>\(budget.year) \(t("年度", "")) \
    \(budget.isOurs ? Tags.provisional(t) : "<span class=\"src\">\(budget.source)</span>")</h2>
    \(Chart.gauge([
      (budget.used, "#0d7a53"), (budget.released, "#a9d7c0"), (budget.points, "#edf4f0"),
    ]))
    <dl class="facts">
    <dt>\(t("已用", "Used"))</dt><dd class="num">\(grouped(budget.used))</dd>
    <dt>\(t("已释放", "Released"))</dt><dd class="num">\(grouped(budget.released))</dd>
    <dt>\(t("可用余量", "Left of it"))</dt><dd class="num"><b>\(grouped(budget.left))</b></dd>
    <dt>\(t("年度总量", "The year's points"))</dt><dd class="num">\(grouped(budget.points))</dd>
    \(some: budget.forecast, { """
        <dt>\(t("全年预测", "Forecast"))</dt><dd class="num">\(grouped($0)) <span class="soft small">\
        \(t("按近 30 日平均", "at the pace of the last 30 days"))</span></dd>
        """ })
    \(some: budget.usedUp, { """
        <dt>\(t("预计用完", "Used up about"))</dt><dd>\($0.description) <span class="soft small">\
        \(t("不计后续释放", "without further releases"))</span></dd>
        """ })</dl>
    <details><summary>\(t("释放计划", "Release schedule"))</summary>\(table(
      [.init(t("自", "From")), .init(t("累计释放", "Released in all"), isNumber: true)],
      budget.releases.map { ["\($0.from.description)", "\(grouped($0.points))"] }, empty: ""))\
    </details></section>
    """
  }

  /// 有效期: the rule, and what expired on which day.
  static func expiry(
    _ visit: Visit, all: [MechanismBadge], code: String, pack: Pack?, _ runs: [ExpiryRun],
    names: [String: String]
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let yesterday = Day(visit.now.day(offset: visit.zone).number - 1)
    let mayRun = visit.staff.map { !$0.roles.isDisjoint(with: Roles.proposers) } ?? false
    return page(
      visit, title: t("积分有效期", "Expiry"), place: .policy, all: all,
      crumbs: [(t("积分政策", "Points policy"), "/console/\(m)/policy")],
      """
      \(policyTabs(m, t, "expiry"))
      \(Layout.exports(visit))
      <section class="card1"><h2>\(t("规则", "Rule"))</h2><p>\
      \(some: pack?.points.validity, {
        "\(PolicyText.validity($0, t)) \(Tags.source($0.source, t))" })\
      \(when: pack?.points.validity == nil,
        t("现行政策包没有规定有效期。", "The pack in force sets no end to points."))</p></section>
      \(when: mayRun && pack?.points.validity != nil, """
          <section class="card1"><h2>\(t("执行过期处理", "Run it"))</h2><form method="post" \
          action="/console/\(m)/policy/expiry">\(visit.formField)<div class="field">\
          <label class="form-label" for="day">\(t("截至日期（已结束的一天）", "Through (a day that is over)"))\
          </label><input class="form-control" type="date" id="day" name="day" required \
          max="\(yesterday.description)" value="\(yesterday.description)"></div>
          <p class="soft small">\(t(
            "同一日期重复执行不会再次扣减。", "The same day again takes nothing twice."))</p>
          <button class="btn btn-primary">\(t("执行", "Run"))</button></form></section>
          """)
      <h2>\(t("处理记录", "Runs"))</h2>
      \(table(
        [
          .init(t("截至日期", "Through")), .init(t("执行时间", "Run")), .init(t("执行人", "By")),
          .init(t("涉及人数", "People"), isNumber: true),
          .init(t("过期积分", "Points"), isNumber: true), .init(t("状态", "State")),
          .init(t("事实", "Fact"), isNumber: true),
        ],
        runs.map { run in
          [
            "\(Day(run.day).description)", visit.time(Instant(milliseconds: run.time)),
            who(run.by, names), "\(grouped(run.citizens))", "\(grouped(run.points))",
            run.done
              ? "<span class=\"tag\">\(t("完成", "done"))</span>"
              : "<span class=\"tag held\">\(t("未完成", "unfinished"))</span>",
            fact(run.fact, m),
          ]
        }, empty: t("还没有执行过。", "It was never run.")))
      """)
  }
}
