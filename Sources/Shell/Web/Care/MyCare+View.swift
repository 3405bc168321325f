// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Governance
import Units

extension Layout {
  private static func careCrumb(_ m: Link, _ t: Tongue, _ more: HTML) -> HTML {
    "<nav class=\"crumb\"><a href=\"/\(m)/me\">\(t("我的碳账户", "My account"))</a> / \(more)</nav>"
  }

  static func cases(
    _ visit: Visit, code: String, _ cases: [Numbered<Case>], rules: Governance.Rules?,
    debt: Int64
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let title = t("处理措施与申诉", "Measures and appeals")
    return city(
      visit, title: title, place: .account, width: .slim,
      """
      \(careCrumb(m, t, title))<h1>\(title)</h1>
      <p class="soft">\(t("任何措施都由两名工作人员决定，程序不会自动处罚。您可以看到依据并提出申诉。", """
          Every measure is decided by two members of staff; no program decides one. You see what \
          it rests on, and may appeal.
          """))</p>
      \(when: debt > 0, owed(debt, t))
      <section class="card1"><ul class="list">\(each: cases, { row in
        let measures = row.item.measures.filter(\.wasConfirmed)
        return """
          <li><a class="entry" href="/\(m)/me/cases/\(Link("\(row.number)"))"><span><b>\
          \(CareText.rule(row.item, rules, t))</b></span>\
          <span class="gain">\(each: measures, { CareText.status($0.status, t) })</span>
          <span class="soft">\(each: measures, { "\(CareText.kind($0.kind, t)) " })· \
          \(visit.time(Instant(milliseconds: row.item.opened)))</span></a></li>
          """
      })\(when: cases.isEmpty,
        "<li class=\"soft\">\(t("没有对您的处理措施。", "There is no measure about you."))</li>")</ul>\
      </section>
      """)
  }

  private static func owed(_ debt: Int64, _ t: Tongue) -> HTML {
    """
    <div class="note1 dev"><p>\(t("待偿积分", "Points owed")): <b>\(grouped(debt))</b>. \
    \(t("不会从以后的积分中自动扣除，由您决定何时偿还。",
      "Later points are not taken for it; you decide when to repay."))</p></div>
    """
  }

  static func `case`(_ visit: Visit, _ model: MyCaseModel) -> HTML {
    let t = visit.t
    let m: Link = "\(model.code)"
    let title = t("处理措施", "Measure") + " \(model.number)"
    return city(
      visit, title: title, place: .account, width: .slim,
      """
      \(careCrumb(m, t, """
        <a href="/\(m)/me/cases">\(t("处理措施与申诉", "Measures and appeals"))</a> / \(title)
        """))
      <h1>\(CareText.rule(model.found, model.rules, t))</h1>
      <p>\(Console.reason(model.found, model.rules, t))</p>
      \(each: model.found.measures.enumerated().filter { $0.1.wasConfirmed }, { index, measure in
        myMeasure(visit, model, index + 1, measure)
      })
      <h2>\(t("依据的记录", "What it rests on"))</h2>
      <section class="card1"><ul class="list">\(each: model.entries, { entry in
        let time = Instant(milliseconds: entry.record.report.ended)
        return """
          <li><a class="entry" href="/\(m)/me/entries/\(Link("\(entry.number.raw)"))"><span><b>\
          \(entry.scene.map { t($0.name) } ?? "?")</b></span><span class="gain">\
          \(t("事实", "fact")) \(entry.number.raw)</span><span class="soft">\
          \(String(time.plain(offset: visit.zone).dropLast(3))) · \(entry.partner)</span></a></li>
          """
      })</ul></section>
      """)
  }

  private static func myMeasure(
    _ visit: Visit, _ model: MyCaseModel, _ at: Int, _ measure: Measure
  ) -> HTML {
    let t = visit.t
    return """
      <section class="card1"><h2>\(CareText.kind(measure.kind, t)) \
      \(CareText.status(measure.status, t))</h2>
      <p>\(measure.reason)</p><dl class="facts">
      \(some: measure.decided, {
        "<dt>\(t("决定时间", "Decided"))</dt><dd>\(visit.time(Instant(milliseconds: $0)))</dd>" })
      \(Console.measureTerms(measure, t))</dl>
      \(when: measure.kind == .freeze && measure.status == .inForce, """
          <p class="soft">\(t("冻结期间新的行为先留待审核，不会丢失；到期自动解除。", """
              New behaviour is held for review and not lost; the freeze ends by itself on its day.
              """))</p>
          """)
      \(when: measure.status == .inForce && measure.owed > 0, repayForm(visit, model, at, measure))
      \(appealPart(visit, model, at, measure))</section>
      """
  }

  private static func repayForm(
    _ visit: Visit, _ model: MyCaseModel, _ at: Int, _ measure: Measure
  ) -> HTML {
    let t = visit.t
    let most = min(measure.owed, model.points)
    return """
      \(owed(measure.owed, t))
      \(when: most > 0, """
          <form method="post" action="/\(Link("\(model.code)"))/me/cases/\
          \(Link("\(model.number)"))/repay/\(Link("\(at)"))">\(visit.formField)
          <div class="field"><label class="form-label" for="points-\(at)">\
          \(t("偿还多少分", "How many points to repay"))</label><input class="form-control" \
          type="number" id="points-\(at)" name="points" min="1" max="\(most)" required></div>
          <button class="btn btn-light">\(t("偿还", "Repay"))</button></form>
          """)
      """
  }

  private static func appealPart(
    _ visit: Visit, _ model: MyCaseModel, _ at: Int, _ measure: Measure
  ) -> HTML {
    let t = visit.t
    if let appeal = measure.appeal {
      return """
        <h3>\(t("我的申诉", "My appeal"))</h3>
        <p class="pre">\(model.appeals[at] ?? "")</p>
        <p class="soft">\(t("提出", "Filed")) \(visit.time(Instant(milliseconds: appeal.filed))) · \
        \(t("承诺答复", "answer promised by")) \
        \(CareText.due(appeal.dueDay, isOpen: appeal.isOpen, visit))</p>
        \(some: appeal.decided, { """
            <div class="note1"><p><b>\
            \(appeal.upheld == true ? t("申诉成立，措施已解除", "Upheld: the measure is lifted")
              : t("维持原措施", "The measure stands"))</b> \
            \(visit.time(Instant(milliseconds: $0)))</p><p>\(appeal.reason ?? "")</p></div>
            """ })
        """
    }
    guard measure.status == .inForce, let rules = model.rules, let decided = measure.decided else {
      return ""
    }
    let last = Day(
      Instant(milliseconds: decided).day(offset: visit.zone).number + Int32(rules.appealDays))
    guard visit.now.day(offset: visit.zone) <= last else {
      return "<p class=\"soft\">\(t("申诉期限已过。", "The time for an appeal is over."))</p>"
    }
    return """
      <h3>\(t("不同意？提出申诉", "You disagree? Appeal"))</h3>
      <p class="soft">\(t("最迟", "Until")) \(last.description)\
      \(t("；由没有参与过的人在 ", "; decided, with reasons, by somebody new to it within "))\
      \(rules.appealWorkingDays)\(t(" 个工作日内作出有理由的答复。", " working days."))</p>
      <form method="post" action="/\(Link("\(model.code)"))/me/cases/\(Link("\(model.number)"))\
      /appeal/\(Link("\(at)"))">\(visit.formField)
      <div class="field"><label class="form-label" for="text-\(at)">\
      \(t("请说明情况", "Say what happened"))</label><textarea class="form-control" id="text-\(at)" \
      name="text" rows="4" required maxlength="2000"></textarea></div>
      <button class="btn btn-primary wide">\(t("提交申诉", "Send the appeal"))</button></form>
      """
  }
}
