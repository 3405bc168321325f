// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Governance
import Units

extension Console {
  /// One case: evidence, what was done, what may be done next.
  static func `case`(_ visit: Visit, all: [MechanismBadge], _ model: CaseModel) -> HTML {
    let t = visit.t
    let m: Link = "\(model.code)"
    let found = model.found
    let roles = visit.staff?.roles ?? []
    let mayAct = !roles.isDisjoint(with: Roles.caretakers)
    let waits = found.measures.contains { $0.status == .proposed }
    return page(
      visit, title: t("个案", "Case") + " \(model.number)", place: .cases, all: all,
      crumbs: [(t("个案与处理", "Cases"), "/console/\(m)/cases")],
      """
      <section class="card1"><dl class="facts">
      <dt>\(t("账户号", "Account"))</dt><dd class="num">\(found.citizen) \
      \(when: model.balance.isFrozen, "<span class=\"tag bad\">\(t("冻结", "frozen"))</span>")</dd>
      <dt>\(t("碳积分", "Points"))</dt><dd class="num">\(grouped(model.balance.points.count))</dd>
      <dt>\(t("待偿积分", "Owed"))</dt><dd class="num">\(grouped(model.debt))</dd>
      <dt>\(t("依据规则", "Rule"))</dt><dd>\(CareText.rule(found, model.rules, t))</dd>
      <dt>\(t("立案", "Opened"))</dt><dd>\(visit.time(Instant(milliseconds: found.opened))) · \
      \(opener(found, model.names, t))</dd>
      <dt>\(t("理由", "Reason"))</dt><dd>\(reason(found, model.rules, t))</dd>
      \(when: !model.others.isEmpty, """
          <dt>\(t("同一账户的其他个案", "Other cases of this account"))</dt><dd>\
          \(each: model.others, {
            "<a href=\"/console/\(m)/cases/\(Link("\($0)"))\">\($0)</a> " })</dd>
          """)
      \(some: found.closed, { """
          <dt>\(t("结案", "Closed"))</dt><dd>\(visit.time(Instant(milliseconds: $0))) · \
          \(model.names[found.closedBy ?? ""] ?? found.closedBy ?? "") · \
          \(found.closedReason ?? "")\
          </dd>
          """ })</dl></section>
      <h2>\(t("处理措施", "Measures"))</h2>
      \(each: found.measures.enumerated(), { index, measure in
        measureCard(visit, model, index + 1, measure, mayAct: mayAct)
      })
      \(when: found.measures.isEmpty, "<p class=\"soft\">\(t("还没有措施。", "None yet."))</p>")
      <form id="propose" method="post" action="/console/\(m)/cases/\(Link("\(model.number)"))\
      /measures">\(visit.formField)</form>
      <h2>\(t("依据", "Evidence"))</h2>
      \(evidenceTable(visit, m, model, choosing: mayAct && found.isOpen && !waits))
      \(when: mayAct && found.isOpen && !waits, proposeForm(visit, model))
      \(when: mayAct && found.isOpen, closeForm(visit, m, model.number))
      """)
  }

  /// A risk rule's reason is what it counted.
  static func reason(_ found: Case, _ rules: Governance.Rules?, _ t: Tongue) -> HTML {
    guard found.by == Case.byRule else { return HTML(found.reason) }
    let looks = rules?.risk(found.rule).map { CareText.looksAt($0.kind, $0.atLeast, $0.days, t) }
    return HTML(
      (looks.map { $0 + t.plain("；本次：", "; here: ") } ?? "") + found.reason)
  }

  private static func evidenceTable(
    _ visit: Visit, _ m: Link, _ model: CaseModel, choosing: Bool
  ) -> HTML {
    let t = visit.t
    return table(
      (choosing ? [.init(t("收回", "Take"))] : []) + [
        .init(t("事实编号", "Fact"), isNumber: true), .init(t("场景", "Scene")),
        .init(t("平台", "Partner")), .init(t("行为时间", "Ended")), .init(t("测量值", "Measured")),
        .init(t("结果", "Outcome")), .init(t("积分", "Points"), isNumber: true),
      ],
      model.entries.map { entry in
        let number = entry.number.raw
        let box: [HTML] =
          choosing
          ? [
            entry.record.outcome == .accepted
              ? """
              <label class="nowrap"><input class="form-check-input" type="checkbox" name="award" \
              form="propose" value="\(number)"> \(t("选", "take"))</label>
              """ : ""
          ] : []
        return box + [
          "<a href=\"/\(m)/proof/\(Link("\(number)"))\">\(grouped(number))</a>",
          "\(entry.scene.map { t($0.name) } ?? "?")", "\(entry.partner)",
          visit.time(Instant(milliseconds: entry.record.report.ended)), measured(entry, t),
          RuleText.outcome(entry.record.outcome, t), "\(grouped(entry.record.points))",
        ]
      }, empty: t("没有可显示的记录。", "There is nothing to show."))
  }

  private static func proposeForm(_ visit: Visit, _ model: CaseModel) -> HTML {
    let t = visit.t
    let lifts = model.found.measures.enumerated().filter { $1.status == .inForce }
    return """
      <section class="card1"><h2>\(t("提出措施", "Propose a measure"))</h2>
      <p class="soft">\(t("由另一名工作人员确认后才生效。当事人会看到理由、依据、期限和申诉办法。", """
          It holds only after a second member of staff confirms it. The citizen will see reason, \
          evidence, time and how to appeal.
          """))</p>
      <div class="field"><label class="form-label" for="kind">\(t("措施", "Measure"))</label><select \
      class="form-select" id="kind" name="kind" form="propose" required>\
      \(each: Measure.Kind.allCases.filter { $0 != .lifting || !lifts.isEmpty }, {
        "<option value=\"\($0.rawValue)\">\(CareText.kind($0, t))</option>" })</select></div>
      <div class="field"><label class="form-label" for="until">\
      \(t("冻结至（最后一日，仅冻结填写）", "Frozen through (for a freeze)"))</label><input \
      class="form-control" type="date" id="until" name="until" form="propose"></div>
      <div class="field"><label class="form-label" for="awards">\
      \(t("收回的事实编号（仅收回积分填写；也可在上表勾选）",
        "Entries to claw back (for a claw-back; or tick them above)"))</label><input \
      class="form-control" id="awards" name="awards" form="propose"></div>
      \(when: !lifts.isEmpty, """
          <div class="field"><label class="form-label" for="target">\
          \(t("解除哪一项（仅解除填写）", "Which one to lift (for a lifting)"))</label><select \
          class="form-select" id="target" name="target" form="propose">\
          \(each: lifts, { index, measure in
            "<option value=\"\(index + 1)\">\(index + 1) \(CareText.kind(measure.kind, t))</option>"
          })</select></div>
          """)
      <div class="field"><label class="form-label" for="reason">\
      \(t("理由（不含个人信息）", "Reason (nothing personal)"))</label><textarea class="form-control" \
      id="reason" name="reason" rows="2" required maxlength="500" form="propose"></textarea></div>
      <button class="btn btn-primary" form="propose">\(t("提出", "Propose"))</button></section>
      """
  }

  private static func closeForm(_ visit: Visit, _ m: Link, _ number: UInt64) -> HTML {
    let t = visit.t
    return """
      <details class="card1"><summary>\(t("结案", "Close the case"))</summary><form method="post" \
      action="/console/\(m)/cases/\(Link("\(number)"))/close">\(visit.formField)\
      \(reasonField(t, "close-reason", t("结案理由", "Why")))
      <button class="btn btn-light">\(t("结案", "Close"))</button></form></details>
      """
  }
}

extension Console {
  private static func measureCard(
    _ visit: Visit, _ model: CaseModel, _ at: Int, _ measure: Measure, mayAct: Bool
  ) -> HTML {
    let t = visit.t
    let base: Link = "/console/\(model.code)/cases/\(model.number)"
    let id: Link = "\(at)"
    func who(_ by: String?) -> String { by.map { model.names[$0] ?? $0 } ?? "" }
    return """
      <section class="card1"><h3>\(at) · \(CareText.kind(measure.kind, t)) \
      \(CareText.status(measure.status, t))</h3><dl class="facts">
      <dt>\(t("提出", "Proposed"))</dt><dd>\(who(measure.by)) · \
      \(visit.time(Instant(milliseconds: measure.proposed)))</dd>
      <dt>\(t("理由", "Reason"))</dt><dd>\(measure.reason)</dd>
      \(measureTerms(measure, t))
      \(some: measure.decided, { """
          <dt>\(t("决定", "Decided"))</dt><dd>\(who(measure.decidedBy)) · \
          \(visit.time(Instant(milliseconds: $0))) · \(measure.opinion ?? "")</dd>
          """ })</dl>
      \(when: measure.status == .proposed && mayAct && model.found.isOpen, """
          <form method="post" action="\(base)/measures/\(id)">\(visit.formField)
          \(reasonField(t, "opinion-\(at)", t("意见", "Opinion"), name: "opinion"))
          \(measure.by == model.me ? """
              <button class="btn btn-light" name="decision" value="withdraw">\
              \(t("撤回", "Withdraw"))</button>
              """ : """
              <button class="btn btn-primary" name="decision" value="confirm">\
              \(t("确认生效", "Confirm"))</button>
              <button class="btn btn-light" name="decision" value="reject">\
              \(t("否决", "Reject"))</button>
              """)</form>
          """)
      \(some: measure.appeal, { appeal(visit, model, base, at, $0) })</section>
      """
  }

  /// Until when, or how much.
  static func measureTerms(_ measure: Measure, _ t: Tongue) -> HTML {
    """
    \(some: measure.until, { "<dt>\(t("期限至", "Through"))</dt><dd>\($0)</dd>" })\
    \(some: measure.target, { "<dt>\(t("解除第", "Lifts no."))</dt><dd>\($0)</dd>" })\
    \(when: measure.kind == .clawBack, """
        <dt>\(t("收回的记录", "Entries"))</dt><dd class="num">\(each: measure.awards ?? [], {
          "<div>\(t("事实", "fact")) \($0.fact): \($0.points) \(t("分", "points"))</div>" })</dd>
        """)\
    \(when: measure.kind == .clawBack && measure.wasConfirmed, """
        <dt>\(t("已扣 / 待偿 / 已偿还", "Taken / owed at first / repaid"))</dt><dd class="num">\
        \(measure.taken) / \(measure.debt) / \(measure.repaid)</dd>
        """)
    """
  }

  private static func appeal(
    _ visit: Visit, _ model: CaseModel, _ base: Link, _ at: Int, _ appeal: Appeal
  ) -> HTML {
    let t = visit.t
    let roles = visit.staff?.roles ?? []
    let mayJudge = !roles.isDisjoint(with: Roles.appealJudges) && appeal.isOpen
    return """
      <h4>\(t("申诉", "Appeal"))</h4><dl class="facts">
      <dt>\(t("提出", "Filed"))</dt><dd>\(visit.time(Instant(milliseconds: appeal.filed)))</dd>
      <dt>\(t("承诺答复", "Promised by"))</dt><dd>\
      \(CareText.due(appeal.dueDay, isOpen: appeal.isOpen, visit))</dd>
      <dt>\(t("内容", "Text"))</dt><dd class="pre">\
      \(model.appeals[at] ?? t.plain("（已随注销删除）", "(erased with the account)"))</dd>
      \(some: appeal.decided, { """
          <dt>\(t("裁决", "Decision"))</dt><dd>\
          \(appeal.upheld == true ? t("支持，措施解除", "upheld, lifted") : t("维持", "stands")) · \
          \(model.names[appeal.decidedBy ?? ""] ?? appeal.decidedBy ?? "") · \
          \(visit.time(Instant(milliseconds: $0))) · \(appeal.reason ?? "")</dd>
          """ })</dl>
      \(when: mayJudge && model.found.hands.contains(model.me), """
          <p class="soft">\(t("您参与过本案，须由他人裁决。",
            "You had a hand in this case: somebody else has to decide."))</p>
          """)
      \(when: mayJudge && !model.found.hands.contains(model.me), """
          <form method="post" action="\(base)/appeals/\(Link("\(at)"))">\(visit.formField)
          \(reasonField(t, "appeal-\(at)", t("裁决理由（当事人会看到）",
            "Reason (the citizen will read it)")))
          <button class="btn btn-primary" name="decision" value="uphold">\
          \(t("支持申诉，解除措施", "Uphold: lift the measure"))</button>
          <button class="btn btn-light" name="decision" value="dismiss">\
          \(t("维持措施", "Let it stand"))</button></form>
          """)
      """
  }
}
