// SPDX-License-Identifier: Apache-2.0
import Governance
import HTTP
import Units

extension Layout {
  static func letters(_ visit: Visit, _ model: MyLettersModel) -> HTML {
    let t = visit.t
    let m: Link = "\(model.code)"
    let title = t("缺失申诉与建言献策", "Claims and suggestions")
    return city(
      visit, title: title, place: .account, width: .slim,
      """
      <nav class="crumb"><a href="/\(m)/me">\(t("我的碳账户", "My account"))</a> / \(title)</nav>
      <h1>\(title)</h1>\(alert(model.problem))
      \(some: model.rules, { "\(claimForm(visit, model, $0))\(letterForm(visit, model, $0))" })
      <h2>\(t("我的来信", "My letters"))</h2>
      <section class="card1"><ul class="list">\(each: model.letters, { row in
        """
        <li><a class="entry" href="/\(m)/me/letters/\(Link("\(row.number)"))"><span><b>\
        \(CareText.kind(row.item.kind, t))</b> \(row.number)</span><span class="gain">\
        \(CareText.status(row.item.status, t))</span><span class="soft">\
        \(visit.time(Instant(milliseconds: row.item.filed)))\(when: row.item.isWaiting,
          " · \(t("承诺答复", "answer by")) \(CareText.due(row.item.dueDay, isOpen: true, visit))")\
        </span></a></li>
        """
      })\(when: model.letters.isEmpty,
        "<li class=\"soft\">\(t("还没有。", "None yet."))</li>")</ul></section>
      """)
  }

  private static func claimForm(
    _ visit: Visit, _ model: MyLettersModel, _ rules: Governance.Rules
  ) -> HTML {
    let t = visit.t
    let form = model.form
    return """
      <section class="card1"><h2>\(t("行程没有入账？", "A trip was not credited?"))</h2>
      <p class="soft">\(t("承诺 ", "Answered within "))\(rules.claimWorkingDays)\
      \(t(" 个工作日内答复；属实的由平台补报后按规则入账。",
        " working days; what is right is reported by the partner and credited by the rules."))</p>
      <form method="post" action="/\(Link("\(model.code)"))/me/letters">\(visit.formField)\
      <input type="hidden" name="kind" value="claim">
      <div class="field"><label class="form-label" for="partner">\(t("平台", "Partner"))</label>\
      <select class="form-select" id="partner" name="partner" required>\
      \(each: model.partners, { code, name in
        "<option value=\"\(code)\"\(when: form["partner"] == code, " selected")>\(name)</option>"
      })</select></div>
      <div class="field"><label class="form-label" for="scene">\(t("场景", "Scene"))</label>\
      <select class="form-select" id="scene" name="scene" required>\
      \(each: model.scenes, { scene in """
          <option value="\(scene.code)"\(when: form["scene"] == scene.code, " selected")>\
          \(scene.name)</option>
          """ })</select></div>
      <div class="field"><label class="form-label" for="happened">\
      \(t("大约什么时间结束", "About when it ended"))</label><input class="form-control" \
      type="datetime-local" id="happened" name="happened" required \
      value="\(form["happened"] ?? "")"></div>
      <div class="field"><label class="form-label" for="order">\
      \(t("订单号（如有）", "Order number, if there is one"))</label><input class="form-control" \
      id="order" name="order" maxlength="100" autocomplete="off" value="\(form["order"] ?? "")">\
      </div>
      <div class="field"><label class="form-label" for="claim-text">\(t("说明", "What happened"))\
      </label><textarea class="form-control" id="claim-text" name="text" rows="2" required \
      maxlength="2000">\(form["kind"] == "claim" ? form["text"] ?? "" : "")</textarea></div>
      <button class="btn btn-primary wide">\(t("提交缺失申诉", "Send the claim"))</button></form>\
      </section>
      """
  }

  private static func letterForm(
    _ visit: Visit, _ model: MyLettersModel, _ rules: Governance.Rules
  ) -> HTML {
    let t = visit.t
    return """
      <section class="card1"><h2>\(t("建言献策与投诉", "Suggest or complain"))</h2>
      <p class="soft">\(t("承诺 ", "Answered within "))\(rules.letterWorkingDays)\
      \(t(" 个工作日内答复。", " working days."))</p>
      <form method="post" action="/\(Link("\(model.code)"))/me/letters">\(visit.formField)
      <div class="field"><label class="form-label" for="kind">\(t("类别", "Kind"))</label>\
      <select class="form-select" id="kind" name="kind">\
      <option value="suggestion">\(CareText.kind(Petition.Kind.suggestion, t))</option>\
      <option value="complaint">\(CareText.kind(Petition.Kind.complaint, t))</option></select></div>
      <div class="field"><label class="form-label" for="letter-text">\(t("内容", "Text"))</label>\
      <textarea class="form-control" id="letter-text" name="text" rows="4" required \
      maxlength="2000">\(model.form["kind"] == "claim" ? "" : model.form["text"] ?? "")</textarea>\
      </div>
      <button class="btn btn-light wide">\(t("提交", "Send"))</button></form></section>
      """
  }

  static func letter(_ visit: Visit, _ model: LetterModel) -> HTML {
    let t = visit.t
    let m: Link = "\(model.code)"
    let title = CareText.kind(model.petition.kind, t) + " \(model.number)"
    return city(
      visit, title: title, place: .account, width: .slim,
      """
      <nav class="crumb"><a href="/\(m)/me">\(t("我的碳账户", "My account"))</a> / \
      <a href="/\(m)/me/letters">\(t("缺失申诉与建言献策", "Claims and suggestions"))</a> / \(title)</nav>
      <h1>\(title) \(CareText.status(model.petition.status, t))</h1>
      <section class="card1"><dl class="facts">\(LetterText.claimFacts(visit, model))
      \(when: model.petition.isWaiting, """
          <dt>\(t("承诺答复", "Answer promised by"))</dt><dd>\
          \(CareText.due(model.petition.dueDay, isOpen: true, visit))</dd>
          """)</dl>
      \(LetterText.history(visit, model, names: nil))</section>
      <section class="card1"><form method="post" \
      action="/\(m)/me/letters/\(Link("\(model.number)"))">\(visit.formField)
      <div class="field"><label class="form-label" for="text">\(t("补充说明", "Write again"))</label>\
      <textarea class="form-control" id="text" name="text" rows="3" required maxlength="2000">\
      </textarea></div><button class="btn btn-light wide">\(t("提交", "Send"))</button></form>\
      </section>
      """)
  }
}
