// SPDX-License-Identifier: Apache-2.0
import Policy
import Units

package struct ChildRow: Sendable {
  package var citizen: CitizenID
  package var phone: String
  package var since: Instant
  package var balance: Balance
  package init(citizen: CitizenID, phone: String, since: Instant, balance: Balance) {
    self.citizen = citizen
    self.phone = phone
    self.since = since
    self.balance = balance
  }
}

extension Layout {
  /// On the form that opens an account.
  static func birthFields(_ visit: Visit, years: Int) -> HTML {
    let t = visit.t
    return """
      <details class="field"><summary>\(t("未满", "Under")) \(years) \(t("周岁？", "?"))</summary>
      <p class="soft small">\(t("需要监护人同意后才能开通，请填写出生日期。",
        "A guardian must agree first. Give the birth date."))</p>
      <label class="form-label" for="birth">\(t("出生日期", "Birth date"))</label>
      <input class="form-control" id="birth" name="birth" type="date" autocomplete="bday"></details>
      <p class="soft small">\(t("不填写出生日期即表示您已满", "Leaving it empty says that you are")) \
      \(years) \(t("周岁。", "or older."))</p>
      """
  }

  /// What a child sees: the code to tell.
  package static func guardianWanted(_ visit: Visit, code: String, sign: String) -> HTML {
    let t = visit.t
    return city(
      visit, title: t("需要监护人同意", "Ask your guardian"), place: .account, width: .slim,
      """
      <section class="card1"><h1>\(t("需要监护人同意", "Ask your guardian"))</h1>
      <p>\(t("你还没到可以自己开通的年龄。请爸爸妈妈或其他监护人登录自己的碳账户，打开“孩子的账户”，输入下面的监护码。", """
          You are too young to do this alone. Ask a parent or guardian to log in, open \
          “Children”, and enter this code.
          """))</p>
      <p class="dev-code">\(sign)</p>
      <p class="soft">\(t("48 小时内有效；重新获取后旧码作废。",
        "Good for two days; a new one makes it void."))</p>
      <p><a class="btn btn-light wide" href="/\(Link("\(code)"))/me">\
      \(t("监护人已同意，查看账户", "My guardian has agreed"))</a></p></section>
      """)
  }

  /// `/{mechanism}/me/children`
  package static func children(
    _ visit: Visit, code: String, _ rows: [ChildRow], terms: ConsentTerms, notice: HTML? = nil,
    problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return city(
      visit, title: t("孩子的账户", "Children"), place: .account, width: .slim,
      """
      <nav class="crumb"><a href="/\(m)/me">\(t("我的碳账户", "My account"))</a></nav>
      <h1>\(t("孩子的账户", "Children"))</h1>
      \(some: notice, { "<div class=\"note1\"><p>\($0)</p></div>" })\(alert(problem))
      <section class="card1"><ul class="list">\(each: rows, { row in
          let mass = Mass(row.balance.grams)
          return """
          <li><a class="entry" href="/\(m)/me/children/\(Link("\(row.citizen.raw)"))"><span><b>\
          \(t("账户号", "Account")) \(row.citizen.raw)</b> <span class="soft">\
          \(row.phone.isEmpty ? "" : masked(row.phone))</span></span><span class="gain"><i>\
          \(grouped(row.balance.points.count)) \(t("分", "pts"))</i></span><span class="soft">\
          \(t("同意于", "Agreed")) \(visit.time(row.since))</span><span class="gain"><b>\(mass.value) \
          \(mass.unit)</b></span></a></li>
          """
        })</ul>\(when: rows.isEmpty, """
          <p class="soft">\(t("还没有由您监护的账户。", "You are nobody's guardian here yet."))</p>
          """)</section>
      <section class="card1"><h2>\(t("同意孩子开通账户", "Agree to a child's account"))</h2>
      <p class="soft">\(t("孩子在自己的手机上填写出生日期后，会得到一个监护码。",
        "The child gets a code after giving its birth date."))</p>
      \(Layout.terms(terms, scenes: [], t))\(words(terms, t))
      <form method="post" action="/\(m)/me/children">\(visit.formField)<div class="field">
      <label class="form-label" for="code">\(t("监护码", "The child's code"))</label>
      <input class="form-control" id="code" name="code" required maxlength="20" \
      autocomplete="off"></div><div class="field form-check"><input class="form-check-input" \
      type="checkbox" id="agree" name="agree" value="yes" required><label class="form-check-label" \
      for="agree">\(t("我是其监护人，同意上述说明", "I am the guardian and agree"))</label></div>
      <button class="btn btn-primary wide">\(t("同意开通", "Agree"))</button></form></section>
      """)
  }

  /// `/{mechanism}/me/children/{account}`
  package static func child(
    _ visit: Visit, code: String, number: UInt64, _ record: PersonalRecord, problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    let here: Link = "/\(code)/me/children/\(number)"
    return city(
      visit, title: t("孩子的账户", "A child's account"), place: .account, width: .slim,
      """
      <nav class="crumb"><a href="/\(Link("\(code)"))/me/children">\(t("孩子的账户", "Children"))</a>\
      </nav><h1>\(t("账户号", "Account")) \(number)</h1>\(alert(problem))
      <p><a class="btn btn-light" href="\(here)/data.json">\
      \(t("导出全部数据（JSON）", "Export everything (JSON)"))</a></p>
      \(each: record.mechanisms, { mechanism(visit, $0) })
      <section class="card1"><h2>\(t("注销账户", "Close the account"))</h2>
      <p>\(t("注销后孩子的个人信息立即删除且不能恢复。",
        "Closing deletes all personal data of the child, for good."))</p>
      \(closingForm(visit, "\(here)/close"))</section>
      """)
  }
}
