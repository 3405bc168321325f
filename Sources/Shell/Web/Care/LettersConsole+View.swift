// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Governance
import Units

extension Console {
  static func letters(
    _ visit: Visit, all: [MechanismBadge], code: String, _ letters: [Numbered<Petition>],
    chosen: String, partners: [(String, String)], partner: String, names: [UInt16: String]
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let tabs: [(String, HTML)] = [
      ("waiting", t("待办", "To do")), ("done", t("已办", "Done")), ("all", t("全部", "All")),
    ]
    return page(
      visit, title: t("缺失申诉与来信", "Claims and letters"), place: .letters, all: all,
      """
      <nav class="tabs1">\(each: tabs, { tab in
        """
        <a href="/console/\(m)/letters?status=\(Link("\(tab.0)"))"\
        \(when: tab.0 == chosen, " class=\"on\"")>\(tab.1)</a>
        """
      })</nav>
      <form class="query" method="get" action="/console/\(m)/letters"><input type="hidden" \
      name="status" value="\(chosen)"><div><label class="form-label" for="partner">\
      \(t("平台", "Partner"))</label><select class="form-select" id="partner" name="partner">\
      <option value="">\(t("全部", "All"))</option>\(each: partners, { code, name in
        "<option value=\"\(code)\"\(when: code == partner, " selected")>\(name)</option>"
      })</select></div><button class="btn btn-primary">\(t("查询", "Search"))</button></form>
      \(table(
        [
          .init(t("编号", "No."), isNumber: true), .init(t("类别", "Kind")),
          .init(t("账户号", "Account"), isNumber: true), .init(t("平台", "Partner")),
          .init(t("提交", "Sent")), .init(t("承诺答复", "Promised by")), .init(t("状态", "State")),
          .init(t("操作", "Action")),
        ],
        letters.prefix(200).map { row in
          [
            "\(row.number)", CareText.kind(row.item.kind, t), "\(row.item.citizen)",
            HTML(row.item.partner.flatMap { names[$0] } ?? "—"),
            visit.time(Instant(milliseconds: row.item.filed)),
            CareText.due(row.item.dueDay, isOpen: row.item.isWaiting, visit),
            CareText.status(row.item.status, t),
            "<a href=\"/console/\(m)/letters/\(Link("\(row.number)"))\">\(t("查看", "View"))</a>",
          ]
        }, empty: t("没有来信。", "There are no letters.")))
      """)
  }

  static func letter(
    _ visit: Visit, all: [MechanismBadge], _ model: LetterModel, near: [Entry],
    names: [String: String], problem: HTML?
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(model.code)"
    let mayAnswer = visit.staff.map { !$0.roles.isDisjoint(with: Roles.caretakers) } ?? false
    return page(
      visit, title: CareText.kind(model.petition.kind, t) + " \(model.number)", place: .letters,
      all: all, crumbs: [(t("缺失申诉与来信", "Claims and letters"), "/console/\(m)/letters")],
      """
      \(Layout.alert(problem))
      <div class="split"><section class="card1"><dl class="facts">
      <dt>\(t("状态", "State"))</dt><dd>\(CareText.status(model.petition.status, t))</dd>
      <dt>\(t("账户号", "Account"))</dt><dd class="num">\(model.petition.citizen)</dd>
      <dt>\(t("承诺答复", "Promised by"))</dt><dd>\
      \(CareText.due(model.petition.dueDay, isOpen: model.petition.isWaiting, visit))</dd>
      \(LetterText.claimFacts(visit, model))</dl>
      \(LetterText.history(visit, model, names: names))</section>
      \(when: mayAnswer && model.petition.isWaiting, answerForm(visit, m, model))</div>
      \(when: model.petition.kind == .claim, """
          <h2>\(t("该居民前后一日的记录", "This citizen's entries within a day of it"))</h2>
          \(entryTable(
            visit, m, near,
            action: { entry in
              entry.record.outcome == .quarantined
                ? """
                <a href="/console/\(m)/quarantine/\(Link("\(entry.number.raw)"))">\
                \(t("去审核", "Review it"))</a>
                """
                : "<a href=\"/\(m)/proof/\(Link("\(entry.number.raw)"))\">\(t("证明", "Proof"))</a>"
            },
            empty: t("没有记录：属实的请平台补报。", "None: where it is right, the partner reports it.")))
          """)
      """)
  }

  private static func answerForm(_ visit: Visit, _ m: Link, _ model: LetterModel) -> HTML {
    let t = visit.t
    let choices: [(Petition.Status, HTML)] =
      model.petition.kind == .claim
      ? [
        (.accepted, t("属实：请平台补报或审核放行", "Right: the partner reports it, or staff release it")),
        (.credited, t("已入账：行为已补报并入账", "Credited: it was reported and credited")),
        (.declined, t("不予支持", "Declined")),
      ] : [(.answered, t("答复", "Answer"))]
    return """
      <section class="card1"><h2>\(t("答复", "Answer"))</h2>
      <p class="soft">\(t("申诉属实也不手工加分：由平台补报，或在待审核数据中放行，按规则入账。", """
          Nobody adds points by hand: the partner reports the trip, or a held report is released, \
          and the rules credit it.
          """))</p>
      <form method="post" action="/console/\(m)/letters/\(Link("\(model.number)"))">\
      \(visit.formField)
      \(each: choices.filter { $0.0 != model.petition.status }, { status, label in """
          <div class="field form-check"><input class="form-check-input" type="radio" \
          name="decision" id="d-\(status.rawValue)" value="\(status.rawValue)" required\
          \(when: choices.count == 1, " checked")><label class="form-check-label" \
          for="d-\(status.rawValue)">\(label)</label></div>
          """ })
      \(when: model.petition.kind == .claim, """
          <div class="field"><label class="form-label" for="fact">\
          \(t("入账的事实编号（选“已入账”时填写）", "The fact that was credited (for “credited”)"))</label>\
          <input class="form-control" id="fact" name="fact" inputmode="numeric"></div>
          """)
      <div class="field"><label class="form-label" for="text">\
      \(t("给居民的答复与理由", "Answer and reason, for the citizen"))</label><textarea \
      class="form-control" id="text" name="text" rows="4" required maxlength="2000"></textarea>\
      </div>
      <button class="btn btn-primary">\(t("提交答复", "Send"))</button></form></section>
      """
  }
}

extension LetterText {
  static func claimFacts(_ visit: Visit, _ model: LetterModel) -> HTML {
    let t = visit.t
    guard model.petition.kind == .claim else { return "" }
    return """
      <dt>\(t("平台", "Partner"))</dt><dd>\(model.partner)</dd>
      <dt>\(t("场景", "Scene"))</dt><dd>\(model.scene)</dd>
      \(some: model.petition.happened, {
        "<dt>\(t("行为时间", "When"))</dt><dd>\(visit.time(Instant(milliseconds: $0)))</dd>" })
      <dt>\(t("订单号", "Order"))</dt><dd class="mono">\(model.order.isEmpty ? "—" : model.order)</dd>
      """
  }

  /// What was written back and forth. Citizens see no names of staff: they hear the operator.
  static func history(
    _ visit: Visit, _ model: LetterModel, names: [String: String]?
  ) -> HTML {
    let t = visit.t
    return """
      <ul class="list">\(each: model.petition.entries.enumerated(), { index, entry in
        let isCitizen = entry.by == "citizen"
        let who: HTML =
          isCitizen
          ? (names == nil ? t("我", "I") : t("居民", "Citizen"))
          : names.map { HTML($0[entry.by] ?? entry.by) } ?? t("运营方", "The operator")
        return """
          <li><p><b>\(who)</b> <span class="soft small">\
          \(visit.time(Instant(milliseconds: entry.time)))</span> \
          \(when: !isCitizen, "\(CareText.status(entry.status, t))")\
          \(some: entry.fact, { " <span class=\"num\">\(t("事实", "fact")) \($0)</span>" })</p>
          <p class="pre">\(model.texts[index] ?? t.plain("（已随注销删除）", "(erased with the account)"))\
          </p></li>
          """
      })</ul>
      """
  }
}
