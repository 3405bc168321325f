// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Storage
import Units

extension Layout {
  /// `/{mechanism}/me/data`
  package static func personalData(
    _ visit: Visit, code: String, fields: [(String, String)], consents: [ConsentRow],
    closing: HTML, problem: HTML? = nil
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
      <p><a class="btn btn-light" href="/\(m)/me/data.json">\
      \(t("导出全部数据（JSON）", "Export everything (JSON)"))</a>
      <a class="btn btn-light" href="/\(m)/me/record">\(t("逐项查看", "Read it all"))</a></p>\
      \(when: visit.isWeChat, "<p class=\"soft small\">\(saving(visit.t))</p>")</section>
      <section class="card1"><h2>\(t("同意记录", "Consents"))</h2>
      \(consentTable(visit, consents))
      <p><a href="/\(m)/me/links">\(t("管理授权", "Manage consents")) →</a></p></section>
      <section class="card1"><h2>\(t("注销账户", "Close the account"))</h2>
      <p>\(t("注销后，手机号等个人信息立即删除且不能恢复，所有平台解除绑定，并退出所有组织。账本中的匿名记录保留，但无法再关联到您。", """
          Closing deletes your phone and everything personal at once, for good, unlinks all \
          partners and leaves all organisations. Anonymous records stay in the books; nothing \
          leads from them to you.
          """)) \(closing)</p>
      \(closingForm(visit, "/\(m)/me/close"))</section>
      """)
  }

  static func closingForm(_ visit: Visit, _ action: Link) -> HTML {
    let t = visit.t
    return """
      <form method="post" action="\(action)">\(visit.formField)<div class="field"><label \
      class="form-label" for="confirm">\(t("请输入“注销”以确认", "Type “close” to confirm"))</label>
      <input class="form-control" id="confirm" name="confirm" required autocomplete="off"></div>
      <button class="btn btn-danger">\(t("注销账户", "Close the account"))</button></form>
      """
  }

  private static func consentTable(_ visit: Visit, _ consents: [ConsentRow]) -> HTML {
    let t = visit.t
    return Console.table(
      [
        .init(t("事项", "Purpose")), .init(t("接收方", "Receiver")), .init(t("文本版本", "Text")),
        .init(t("同意时间", "Given")), .init(t("撤回或更新", "Ended")),
      ],
      consents.map { consent in
        [
          "\(purpose(consent.purpose, t))",
          "\(consent.receiver.isEmpty ? "—" : consent.receiver)",
          "<code>\(consent.textVersion)</code>", visit.time(consent.given),
          consent.withdrawn.map { visit.time($0) } ?? "—",
        ]
      }, empty: t("没有记录。", "None."))
  }

  private static func purpose(_ purpose: String, _ t: Tongue) -> String {
    switch purpose {
    case "account": t.plain("开立账户", "account")
    case "source", "link": t.plain("平台数据授权", "data of a partner")
    case "receiver": t.plain("向接收方提供", "given to a receiver")
    case "guardian": t.plain("监护人同意", "as a guardian")
    default: purpose
    }
  }

  static func label(_ field: PersonalField, _ t: Tongue) -> String {
    switch field {
    case .phone: t.plain("手机号", "Phone")
    case .name: t.plain("姓名", "Name")
    case .identityNumber: t.plain("证件号码", "Identity number")
    case .email: t.plain("电子邮箱", "E-mail")
    case .address: t.plain("地址", "Address")
    case .bankAccount: t.plain("银行账号", "Bank account")
    case .birthDate: t.plain("出生日期", "Birth date")
    }
  }

  /// `/{mechanism}/me/record`: all of it, to be read or printed.
  package static func record(_ visit: Visit, code: String, _ record: PersonalRecord) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return city(
      visit, title: t("个人数据全录", "All my data"), place: .account, width: .slim,
      """
      <nav class="crumb"><a href="/\(m)/me/data">\(t("我的数据", "My data"))</a></nav>
      <h1>\(t("个人数据全录", "All my data"))</h1>
      <p class="soft">\(t("生成于", "Made")) \(visit.time(record.made))。\
      \(t("除此之外，平台没有保存您的其他信息。", "Nothing else is kept about you."))</p>
      <section class="card1"><h2>\(t("个人信息", "Personal"))</h2><dl class="facts">\(
        each: record.fields, { "<dt>\(label($0.field, t))</dt><dd>\($0.value)</dd>" })\(
        each: record.identities, {
          "<dt>\(t("统一身份登录", "Log in with"))</dt><dd>\($0.provider) \(visit.time($0.since))</dd>"
        })\(some: record.guardianSince, {
          "<dt>\(t("监护人同意于", "Guardian agreed"))</dt><dd>\(visit.time($0))</dd>" })\(
        each: record.children, {
          "<dt>\(t("作为监护人同意于", "Agreed as a guardian"))</dt><dd>\(visit.time($0))</dd>"
        })</dl></section>
      <h2>\(t("同意记录", "Consents"))</h2>\(consentTable(visit, record.consents))
      \(each: record.mechanisms, { mechanism(visit, $0) })
      """)
  }

  static func mechanism(_ visit: Visit, _ one: PersonalRecord.OfMechanism) -> HTML {
    let t = visit.t
    let mass = Mass(one.balance.grams)
    return """
      <h2>\(one.name)</h2><section class="card1"><dl class="facts">
      <dt>\(t("账户号", "Account"))</dt><dd>\(one.citizen.raw)</dd>
      <dt>\(t("碳积分", "Points"))</dt><dd>\(grouped(one.balance.points.count))</dd>
      <dt>\(t("累计减排量", "Reduction"))</dt><dd>\(mass.value) \(mass.unit)</dd>
      \(each: one.links, {
        "<dt>\(t("已绑定", "Linked"))</dt><dd>\($0.partner) · \($0.subject)</dd>" })\
      \(each: one.paused, {
        "<dt>\(t("等待重新同意", "Waits for consent"))</dt><dd>\($0.partner) · \($0.subject)</dd>" })\
      \(each: one.organisations, { """
          <dt>\(t("组织", "Organisation"))</dt><dd>\
          \(organisationName($0.name, number: $0.number, kind: $0.kind, t))</dd>
          """ })\
      \(each: one.applications, {
        "<dt>\(t("组织申请", "Application"))</dt><dd>\($0.name) · \($0.contact)</dd>" })</dl></section>
      \(Console.table(
        [
          .init(t("时间", "Time")), .init(t("场景", "Scene")), .init(t("平台", "Partner")),
          .init(t("数值", "Values")), .init(t("结果", "Outcome")),
          .init(t("减排量", "Grams"), isNumber: true), .init(t("积分", "Points"), isNumber: true),
        ],
        (one.held + one.entries).map { entry in
          [
            visit.time(Instant(milliseconds: entry.record.report.ended)),
            "\(entry.scene.map { t($0.name) } ?? "—")", "\(entry.partner)",
            "\(entry.values.map { $0.value.text(of: $0.field, t) }.joined(separator: " · "))",
            RuleText.outcome(entry.record.outcome, t), "\(grouped(entry.record.grams)) g",
            "\(grouped(entry.record.points))",
          ]
        }, empty: t("没有行为记录。", "No behaviour yet.")))
      """
  }
}
