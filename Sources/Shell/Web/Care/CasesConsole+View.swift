// SPDX-License-Identifier: Apache-2.0
import Governance
import Units

extension Console {
  /// What waits, on the dashboard.
  static func careStats(_ counts: CareCounts, _ m: Link, _ t: Tongue) -> HTML {
    """
    <a class="stat\(when: counts.proposed > 0, " hot")" href="/console/\(m)/cases?status=waiting">\
    <b>\(grouped(counts.proposed))</b><span>\(t("措施待确认", "Measures to confirm"))</span></a>
    <a class="stat\(when: counts.appeals > 0, " hot")" href="/console/\(m)/cases?status=appeals">\
    <b>\(grouped(counts.appeals))</b><span>\(t("申诉待裁决", "Appeals to decide"))</span></a>
    <a class="stat" href="/console/\(m)/letters"><b>\(grouped(counts.letters))</b><span>\
    \(t("来信待答复", "Letters to answer"))</span></a>
    <a class="stat\(when: counts.overdue > 0, " hot")" href="/console/\(m)/letters"><b>\
    \(grouped(counts.overdue))</b><span>\(t("申诉与来信已逾期", "Overdue"))</span></a>
    """
  }

  /// 个案与处理: what is open, what waits for a second person, and the runs of the risk rules.
  static func cases(_ visit: Visit, all: [MechanismBadge], _ model: CasesModel) -> HTML {
    let t = visit.t
    let m: Link = "\(model.code)"
    let mayAct = visit.staff.map { !$0.roles.isDisjoint(with: Roles.caretakers) } ?? false
    let tabs: [(String, HTML)] = [
      ("open", t("办理中", "Open") + " \(model.counts.cases)"),
      ("waiting", t("措施待确认", "To confirm") + " \(model.counts.proposed)"),
      ("appeals", t("申诉待裁决", "Appeals") + " \(model.counts.appeals)"),
      ("closed", t("已结案", "Closed")),
    ]
    return page(
      visit, title: t("个案与处理", "Cases"), place: .cases, all: all,
      """
      \(some: model.notice, { "<div class=\"note1\"><p>\($0)</p></div>" })
      <nav class="tabs1">\(each: tabs, { tab in
        """
        <a href="/console/\(m)/cases?status=\(Link("\(tab.0)"))"\
        \(when: tab.0 == model.chosen, " class=\"on\"")>\(tab.1)</a>
        """
      })</nav>
      \(table(
        [
          .init(t("编号", "No."), isNumber: true), .init(t("账户号", "Account"), isNumber: true),
          .init(t("依据规则", "Rule")), .init(t("立案", "Opened")), .init(t("立案人", "By")),
          .init(t("措施", "Measures")), .init(t("操作", "Action")),
        ],
        model.shown.prefix(200).map { row in
          [
            "\(row.number)", "\(row.item.citizen)", CareText.rule(row.item, model.rules, t),
            visit.time(Instant(milliseconds: row.item.opened)),
            opener(row.item, model.names, t),
            """
            \(each: row.item.measures, {
              "<div>\(CareText.kind($0.kind, t)) \(CareText.status($0.status, t))</div>" })
            """,
            "<a href=\"/console/\(m)/cases/\(Link("\(row.number)"))\">\(t("办理", "Open it"))</a>",
          ]
        }, empty: t("没有这样的个案。", "There are none.")))
      \(when: mayAct && model.rules != nil, openForm(visit, m, model.rules))
      \(riskSection(visit, m, model, mayRun: mayAct))
      """)
  }

  static func opener(_ found: Case, _ names: [String: String], _ t: Tongue) -> HTML {
    found.by == Case.byRule ? t("风险筛查", "risk rules") : HTML(names[found.by] ?? found.by)
  }

  private static func openForm(
    _ visit: Visit, _ m: Link, _ rules: Governance.Rules?
  ) -> HTML {
    let t = visit.t
    return """
      <details class="card1"><summary>\(t("人工立案", "Open a case by hand"))</summary>
      <form method="post" action="/console/\(m)/cases">\(visit.formField)
      <div class="field"><label class="form-label" for="citizen">\(t("账户号", "Account"))</label>\
      <input class="form-control" id="citizen" name="citizen" inputmode="numeric" required></div>
      <div class="field"><label class="form-label" for="rule">\(t("依据规则", "Rule"))</label>\
      <input class="form-control" id="rule" name="rule" required maxlength="64" list="risks">\
      <datalist id="risks">\(each: rules?.risks ?? [], {
        "<option value=\"\($0.code)\">\(t.plain($0.chinese, $0.english))</option>"
      })</datalist></div>
      <div class="field"><label class="form-label" for="evidence">\
      \(t("依据的事实编号（以逗号或空格分隔）", "Facts as evidence, with commas or spaces between"))\
      </label><input class="form-control" id="evidence" name="evidence" required></div>
      \(reasonField(t, "open-reason", t("理由（当事人会看到，不含个人信息）",
        "Reason (the citizen will read it: nothing personal)")))
      <button class="btn btn-primary">\(t("立案", "Open"))</button></form></details>
      """
  }

  static func reasonField(_ t: Tongue, _ id: String, _ label: HTML, name: String = "reason")
    -> HTML
  {
    """
    <div class="field"><label class="form-label" for="\(id)">\(label)</label><textarea \
    class="form-control" id="\(id)" name="\(name)" rows="2" required maxlength="500"></textarea>\
    </div>
    """
  }

  private static func riskSection(
    _ visit: Visit, _ m: Link, _ model: CasesModel, mayRun: Bool
  ) -> HTML {
    let t = visit.t
    guard let rules = model.rules else {
      return """
        <div class="note1 dev"><p>\(t("现行政策包没有 care（期限与风险规则）。",
          "The pack in force has no `care` block: no deadlines, no risk rules."))</p></div>
        """
    }
    let yesterday = Day(visit.now.day(offset: visit.zone).number - 1).description
    return """
      <h2>\(t("风险规则", "Risk rules"))</h2>
      <p class="soft">\(t("风险规则只会立案，由人决定；程序不会自动冻结或收回。",
        "Risk rules open cases for people to look at. No program freezes or claws back."))</p>
      \(table(
        [
          .init(t("规则", "Rule")), .init(t("条件", "Looks for")), .init(t("来源", "Source")),
        ],
        rules.risks.map { rule in
          [
            "\(t.plain(rule.chinese, rule.english)) <code>\(rule.code)</code>",
            "\(CareText.looksAt(rule.kind, rule.atLeast, rule.days, t))",
            "<span class=\"soft small\">\(rule.source)</span>",
          ]
        }, empty: t("没有风险规则。", "There is no risk rule.")))
      \(when: mayRun && !rules.risks.isEmpty, """
          <section class="card1"><form method="post" action="/console/\(m)/cases/run">\
          \(visit.formField)<div class="field"><label class="form-label" for="day">\
          \(t("筛查截至（已结束的一天）", "Look at the days through (a day that is over)"))</label>\
          <input class="form-control" type="date" id="day" name="day" required max="\(yesterday)" \
          value="\(yesterday)"></div><button class="btn btn-primary">\
          \(t("执行筛查", "Run"))</button></form></section>
          """)
      \(table(
        [
          .init(t("截至日期", "Through")), .init(t("执行人", "By")),
          .init(t("命中", "Findings"), isNumber: true), .init(t("新立案", "Cases"), isNumber: true),
        ],
        model.runs.prefix(10).map { run in
          [
            HTML(run.day), HTML(model.names[run.by] ?? run.by), "\(run.findings)",
            "\(run.opened.count)",
          ]
        }, empty: t("还没有筛查过。", "It was never run.")))
      """
  }
}
