// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Units

extension Console {
  /// 待审核数据: what was held back, for a reviewer.
  package static func quarantine(
    _ visit: Visit, all: [MechanismBadge], code: String, entries: [Entry], total: Int,
    scenes: [(code: String, name: String)], chosen: String, notice: HTML? = nil
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let mayJudge = visit.staff?.roles.contains(.reviewer) ?? false
    return page(
      visit, title: t("待审核数据", "Quarantine"), place: .quarantine, all: all,
      """
      \(some: notice, { "<div class=\"note1\"><p>\($0)</p></div>" })
      \(reviewTabs(m, t, held: total, decided: false))
      <form class="query" method="get" action="/console/\(m)/quarantine"><div><label \
      class="form-label" for="scene">\(t("场景", "Scene"))</label>
      <select class="form-select" id="scene" name="scene"><option value="">\(t("全部", "All"))\
      </option>\(each: scenes, { code, name in """
        <option value="\(code)"\(when: code == chosen, " selected")>\(name)</option>
        """ })\
      </select></div>
      <button class="btn btn-primary">\(t("查询", "Search"))</button><a class="btn btn-light" \
      href="/console/\(m)/quarantine">\(t("重置", "Reset"))</a></form>
      <div class="tools"><span class="count">\(t("共", "")) \(grouped(total)) \(t("条待审核", "held"))\
      \(when: entries.count < total,
        " · \(t("显示前", "showing the first")) \(entries.count) \(t("条", ""))")</span>\
      \(Layout.exports(visit))</div>
      \(entryTable(
        visit, m, entries,
        action: { """
          <a href=\"/console/\(m)/quarantine/\(Link("\($0.number.raw)"))\">\
          \(mayJudge ? t("审核", "Review") : t("查看", "View"))</a>
          """ },
        empty: t("没有待审核的数据。", "Nothing is held.")))
      """)
  }

  package static func held(
    _ visit: Visit, all: [MechanismBadge], code: String, _ entry: Entry, limits: [String],
    problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let mayJudge = visit.staff?.roles.contains(.reviewer) ?? false
    let number = entry.number.raw
    return page(
      visit, title: t("审核", "Review") + " \(grouped(number))", place: .quarantine, all: all,
      crumbs: [(t("待审核数据", "Quarantine"), "/console/\(m)/quarantine")],
      """
      \(Layout.alert(problem))
      <div class="split"><section class="card1"><h2>\(entry.scene.map { t($0.name) } ?? "?") \
      \(RuleText.outcome(entry.record.outcome, t))</h2>
      <div class="note1 dev"><p>\(RuleText.reason(entry.record.reason, t))</p></div>
      <dl class="facts"><dt>\(t("行为结束时间", "Ended"))</dt><dd>\
      \(visit.time(Instant(milliseconds: entry.record.report.ended)))</dd>
      \(each: entry.values, { """
          <dt>\($0.field.label(t))</dt><dd class=\"num\">\($0.value.text(of: $0.field, t)) <span \
          class=\"soft small\">(\($0.value.description) \($0.field.unit))</span></dd>
          """ })
      \(when: !limits.isEmpty,
        "<dt>\(t("合理性限值", "Plausibility"))</dt><dd>\(each: limits, { "<div>\($0)</div>" })</dd>")
      <dt>\(t("上报平台", "Partner"))</dt><dd>\(entry.partner)</dd>
      <dt>\(t("账户号", "Account"))</dt><dd>\
      \(entry.record.report.citizen.isNone ? "—" : "\(entry.record.report.citizen.raw)")</dd>
      <dt>\(t("事实编号", "Fact"))</dt><dd><a href="/\(m)/proof/\(Link("\(number)"))">\
      \(grouped(number))</a></dd></dl></section>
      \(mayJudge ? judgement(visit, m, number) : """
          <section class=\"card1\"><p class=\"soft\">\
          \(t("只有审核角色可以放行或驳回。", "Only a reviewer may release or reject."))</p></section>
          """)</div>
      """)
  }

  private static func judgement(_ visit: Visit, _ m: Link, _ number: UInt64) -> HTML {
    let t = visit.t
    return """
      <section class="card1"><h2>\(t("审核意见", "Decision"))</h2>
      <form method="post" action="/console/\(m)/quarantine/\(Link("\(number)"))">\
      \(visit.formField)
      <div class="field"><label class="form-label" for="opinion">\
      \(t("意见（写入账本，不含个人信息）", "Opinion (goes into the journal: nothing personal)"))</label>
      <textarea class="form-control" id="opinion" name="opinion" rows="3" required \
      maxlength="500"></textarea></div>
      <div class="field form-check"><input class="form-check-input" type="radio" name="decision" \
      id="release" value="release" required><label class="form-check-label" for="release">\
      \(t("放行：按规则入账", "Release: credit it by the rules"))</label></div>
      <div class="field form-check"><input class="form-check-input" type="radio" name="decision" \
      id="reject" value="reject"><label class="form-check-label" for="reject">\
      \(t("驳回：不入账", "Reject: credit nothing"))</label></div>
      <div class="field"><label class="form-label" for="confirm">\
      \(t("请输入事实编号", "Type the fact number")) <b class="num">\(number)</b> \
      \(t("以确认", "to confirm"))</label>
      <input class="form-control" id="confirm" name="confirm" inputmode="numeric" required \
      autocomplete="off"></div>
      <button class="btn btn-primary">\(t("提交", "Submit"))</button></form></section>
      """
  }

  private static func reviewTabs(_ m: Link, _ t: Tongue, held: Int, decided: Bool) -> HTML {
    """
    <nav class="tabs1"><a href="/console/\(m)/quarantine"\(when: !decided, " class=\"on\"")>\
    \(t("待审核", "Held")) \(grouped(held))</a><a href="/console/\(m)/decisions"\
    \(when: decided, " class=\"on\"")>\(t("审核记录", "Decided"))</a></nav>
    """
  }

  /// 审核记录: what became of held reports, by whom and why.
  static func decisions(
    _ visit: Visit, all: [MechanismBadge], code: String, _ list: Listed<DecisionLine>,
    names: [String: String], held: Int
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return page(
      visit, title: t("审核记录", "Decisions"), place: .quarantine, all: all,
      crumbs: [(t("待审核数据", "Quarantine"), "/console/\(m)/quarantine")],
      """
      \(reviewTabs(m, t, held: held, decided: true))
      \(Layout.exports(visit))
      \(table(
        [
          .init(t("审核时间", "Decided")), .init(t("决定", "Decision")),
          .init(t("审核人", "By")), .init(t("意见", "Opinion")), .init(t("场景", "Scene")),
          .init(t("测量值", "Measured")), .init(t("原待审原因", "Was held because")),
          .init(t("减排量 (g)", "Grams"), isNumber: true), .init(t("积分", "Points"), isNumber: true),
          .init(t("事实", "Fact"), isNumber: true),
        ],
        list.rows.map { line in
          [
            visit.time(line.time), decision(line, t),
            line.by.isEmpty ? "—" : "\(names[line.by] ?? line.by)",
            line.opinion.isEmpty ? "—" : "\(line.opinion)",
            "\(line.entry?.scene.map { t($0.name) } ?? "—")",
            line.entry.map { measured($0, t) } ?? "—", line.entry.map { why($0, t) } ?? "—",
            "\(grouped(line.outcome?.grams ?? 0))", "\(grouped(line.outcome?.points ?? 0))",
            "<a href=\"/\(m)/proof/\(Link("\(line.number)"))\">\(grouped(line.number))</a>",
          ]
        }, empty: t("还没有审核记录。", "Nothing was decided yet.")))
      \(pager(visit, list, "/console/\(m)/decisions"))
      """)
  }

  /// 待入账: partners' users that nobody has linked yet.
  package static func waiting(
    _ visit: Visit, all: [MechanismBadge], code: String, entries: [Entry], total: Int
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return page(
      visit, title: t("待入账", "Waiting"), place: .waiting, all: all,
      """
      <p class="soft">\(t("这些行为的平台用户还没有绑定碳账户；用户绑定后自动入账，无需人工处理。", """
          These partner users have not linked an account yet. They are credited by themselves \
          upon linking.
          """))</p>
      <div class="tools"><span class="count">\(t("共", "")) \(grouped(total)) \(t("条", "in all"))\
      \(when: entries.count < total, " · \(t("显示前", "showing the first")) \(entries.count)")\
      </span>\(Layout.exports(visit))</div>
      \(entryTable(visit, m, entries, action: nil, empty: t("没有待入账的数据。", "Nothing waits.")))
      """)
  }
}
