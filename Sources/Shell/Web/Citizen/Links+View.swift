// SPDX-License-Identifier: Apache-2.0
import Units

extension Layout {
  /// `/{mechanism}/me/links`: 场景授权.
  package static func links(
    _ visit: Visit, code: String, links: [LinkRow], partners: [(String, String)],
    notice: HTML? = nil, problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return city(
      visit, title: t("场景授权与绑定", "Linked partners"), place: .account, width: .slim,
      """
      <nav class="crumb"><a href="/\(m)/me">\(t("我的碳账户", "My account"))</a></nav>
      <h1>\(t("场景授权与绑定", "Linked partners"))</h1>
      \(some: notice, { "<div class=\"note1\"><p>\($0)</p></div>" })\(alert(problem))
      <section class="card1"><h2>\(t("已绑定", "Linked"))</h2>
      \(when: links.isEmpty,
        "<p class=\"soft\">\(t("还没有绑定任何平台。", "No partner is linked yet."))</p>")
      <ul class="list">\(
        each: links, { link in
          """
          <li class=\"entry\"><span><b>\(link.partner)</b><br><span class=\"soft\">\
          \(t("用户编号", "User id")) \(link.subject)</span></span><form method=\"post\" action=\"/\
          \(m)/me/links/remove\">\(visit.formField)<input type=\"hidden\" name=\"alias\" value=\"\
          \(link.alias.raw)\"><button class=\"btn btn-light btn-sm\">\(t("撤回授权", "Withdraw"))\
          </button></form></li>
          """
        })</ul></section>
      <section class="card1"><h2>\(t("绑定新的平台", "Link another"))</h2>
      \(partners.isEmpty
        ? """
          <p class=\"soft\">\(t("运营方还没有接入平台。", "The operator has not connected any partner yet."))\
          </p>
          """
        : linkForm(visit, m, partners))</section>
      """)
  }

  private static func linkForm(_ visit: Visit, _ m: Link, _ partners: [(String, String)]) -> HTML {
    let t = visit.t
    guard visit.isDevelopment else {
      return
        """
        <p class=\"soft\">\(t("请在平台的应用中选择“绑定碳账户”，由平台确认您的身份。", """
              Choose “link carbon account” in the partner's own application, which knows who you \
              are.
              """))</p>
        """
    }
    return """
      <div class="note1 dev"><p>\
      \(t("开发步骤：正式环境由平台授权页证明您是该用户；这里直接输入。", """
          Development step: in service the partner's own page proves who you are; here you just \
          say it.
          """))</p></div>
      <form method="post" action="/\(m)/me/links">\(visit.formField)\
      \(partnerFields(visit, partners))
      <div class="field form-check"><input class="form-check-input" type="checkbox" id="agree" \
      name="agree" value="yes" required>
      <label class="form-check-label" for="agree">\(t("单独同意", "I consent to this partner"))\
      </label></div>
      <p class="soft small">\(ConsentText.link(t("该平台", "the partner"), t))</p>
      <button class="btn btn-primary wide">\(t("同意并绑定", "Consent and link"))</button></form>
      """
  }

  /// `/{mechanism}/me/data`
  package static func personalData(
    _ visit: Visit, code: String, fields: [(String, String)], consents: [ConsentRow],
    problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return city(
      visit, title: t("我的数据", "My data"), place: .account, width: .slim,
      """
      <nav class="crumb"><a href="/\(m)/me">\(t("我的碳账户", "My account"))</a></nav>
      <h1>\(t("我的数据", "My data"))</h1>\(alert(problem))
      <section class="card1"><h2>\(t("我们保存的个人信息", "What we keep about you"))</h2>
      <dl class="facts">\(each: fields, { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" })</dl>
      <a class="btn btn-light" href="/\(m)/me/data.json">\
      \(t("导出全部数据（JSON）", "Export everything (JSON)"))</a></section>
      <section class="card1"><h2>\(t("同意记录", "Consents"))</h2>
      \(Console.table(
        [.init(t("事项", "Purpose")), .init(t("接收方", "Receiver")), .init(t("文本版本", "Text")), .init(t(
        "同意时间", "Given")), .init(t("撤回时间", "Withdrawn"))],
        consents.map { consent in
          ["\(purpose(consent.purpose, t))",
        "\(consent.receiver.isEmpty ? "—" : consent.receiver)",
        "<code>\(consent.textVersion)</code>", visit.time(consent.given), consent.withdrawn.map {
        visit.time($0) } ?? "—"]
        }, empty: t("没有记录。", "None.")))</section>
      <section class="card1"><h2>\(t("注销账户", "Close the account"))</h2>
      <p>\(t("注销后，手机号等个人信息立即删除且不能恢复，所有平台解除绑定，碳积分不再可用。账本中的匿名记录保留，但无法再关联到您。", """
          Closing deletes your phone and everything personal at once, for good, unlinks all \
          partners, and ends the use of your points. Anonymous records stay in the books; nothing \
          leads from them to you.
          """))</p>
      <form method="post" action="/\(m)/me/close">\(visit.formField)<div class="field"><label \
      class="form-label" for="confirm">\(t("请输入“注销”以确认", "Type “close” to confirm"))</label>
      <input class="form-control" id="confirm" name="confirm" required autocomplete="off"></div>
      <button class="btn btn-danger">\(t("注销账户", "Close the account"))</button></form></section>
      """)
  }

  private static func purpose(_ purpose: String, _ t: Tongue) -> String {
    switch purpose {
    case "account": t.plain("开立账户", "account")
    case "link": t.plain("平台数据授权", "data of a partner")
    default: purpose
    }
  }
}
