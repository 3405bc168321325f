// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Units

/// `/{mechanism}/me`
package struct AccountModel: Sendable {
  package var code: String
  package var citizen: CitizenID
  package var phone: String
  package var balance: Balance
  package var entries: [Entry]
  /// Where the next page begins; nil at the end.
  package var older: FactNumber?
  package var isFirstPage: Bool
  package var waiting: [Entry]
  /// The next points that end, where that is soon.
  package var ending: EndingPoints?
  /// Partners that wait until a new text is agreed to.
  package var askedAgain = 0
  package init(
    code: String, citizen: CitizenID, phone: String, balance: Balance, entries: [Entry],
    older: FactNumber?, isFirstPage: Bool = true, waiting: [Entry] = []
  ) {
    self.code = code
    self.citizen = citizen
    self.phone = phone
    self.balance = balance
    self.entries = entries
    self.older = older
    self.isFirstPage = isFirstPage
    self.waiting = waiting
  }
}

extension Layout {
  package static func account(_ visit: Visit, _ model: AccountModel, notice: HTML? = nil) -> HTML {
    let t = visit.t
    let m: Link = "\(model.code)"
    let mass = Mass(model.balance.grams)
    return city(
      visit, title: t("我的碳账户", "My account"), place: .account, width: .slim,
      """
      <h1>\(t("我的碳账户", "My account"))</h1>
      <p class="soft">\(masked(model.phone)) · \(t("账户号", "Account")) \(model.citizen.raw)</p>
      \(some: notice, { "<div class=\"note1\">\($0)</div>" })
      \(when: model.askedAgain > 0, """
          <div class="note1 bad"><p>\(t("授权文本已更新，有", "The text has changed. Waiting for you:")) \
          \(model.askedAgain) \(t("个平台在等您重新同意，期间暂不入账。",
            "partner(s); nothing is credited meanwhile."))</p><p><a href="/\(m)/me/links">\
          \(t("去确认", "See them")) →</a></p></div>
          """)
      \(when: model.balance.isFrozen, """
          <div class=\"note1 bad\">\
          \(t("账户已冻结：新的行为会先留待审核。", "This account is frozen: new behaviour is held for review."))
          <a href=\"/\(m)/me/cases\">\
          \(t("查看原因、期限，提出申诉", "See why, until when, and appeal"))</a></div>
          """)
      <div class="duo light"><div class="pts"><b>\(grouped(model.balance.points.count))<small>\
      \(t("分", "points"))</small></b><span>\(t("碳积分", "Carbon points"))</span></div>
      <div><b>\(mass.value)<small>\(mass.unit)</small></b><span>\
      \(t("累计减排量 CO₂e", "Reduction, CO₂e"))</span></div></div>
      <p class="soft small">\
      \(t("碳积分可以使用，减排量是环境贡献的记录；两者分别记账，不能互换。",
        "Points can be spent; the reduction records what was saved. They are kept apart."))</p>
      \(some: model.ending, { ending($0, model.code, t) })
      \(waitingCard(visit, model))
      \(debtNote(visit, model.balance))
      <h2>\(t("明细", "History"))</h2>
      \(historyCard(visit, model))
      \(when: !model.entries.isEmpty, exports(visit))
      <h2>\(t("账户", "Account"))</h2>
      <section class="card1"><ul class="list">
      <li><a class="entry" href="/\(m)/me/vouchers"><span>\(t("我的券包", "My vouchers"))</span>\
      <span class="soft">→</span></a></li>
      <li><a class="entry" href="/\(m)/me/recognition"><span>\
      \(t("积分互认：与其他项目兑换", "Exchange points with other programmes"))</span>\
      <span class="soft">→</span></a></li>
      <li><a class="entry" href="/\(m)/me/points"><span>\
      \(t("积分批次与有效期", "Points and how long they hold"))</span><span class="soft">→</span></a></li>
      <li><a class="entry" href="/\(m)/me/letters"><span>\
      \(t("缺失申诉与建言献策", "Missing points, suggestions, complaints"))</span>\
      <span class="soft">→</span></a></li>
      <li><a class="entry" href="/\(m)/me/cases"><span>\
      \(t("处理措施与申诉", "Measures about me, and appeals"))</span><span class="soft">→</span></a></li>
      <li><a class="entry" href="/\(m)/me/links"><span>\(t("场景授权", "Consents"))\
      \(when: model.askedAgain > 0, " <span class=\"tag held\">\(model.askedAgain)</span>")</span>\
      <span class="soft">→</span></a></li>
      <li><a class="entry" href="/\(m)/me/organisations"><span>\(t("我的组织与家庭", "Organisations"))\
      </span><span class="soft">→</span></a></li>
      <li><a class="entry" href="/\(m)/me/children"><span>\(t("孩子的账户", "Children"))</span>\
      <span class="soft">→</span></a></li>
      <li><a class="entry" href="/\(m)/me/data"><span>\
      \(t("我的数据、同意记录与注销", "My data, consents, closing the account"))</span><span class="soft">→\
      </span></a></li>
      </ul></section>
      <form method="post" action="/logout">\(visit.formField)<button class="btn btn-light wide">\
      \(t("退出登录", "Log out"))</button></form>
      """)
  }

  private static func waitingCard(_ visit: Visit, _ model: AccountModel) -> HTML {
    guard !model.waiting.isEmpty else { return "" }
    let t = visit.t
    return """
      <h2>\(t("待处理", "Pending")) <span class="tag held">\(model.waiting.count)</span></h2>
      <section class="card1"><ul class="list">\
      \(each: model.waiting, { row($0, model.code, visit) })</ul></section>
      """
  }

  private static func historyCard(_ visit: Visit, _ model: AccountModel) -> HTML {
    let t = visit.t
    let m: Link = "\(model.code)"
    guard !model.entries.isEmpty else {
      return """
        <section class="card1 empty"><p>\
        \(t("还没有记录。绑定一个平台，下一次低碳行为就会出现在这里。",
          "Nothing yet. Link a partner, and the next low-carbon act appears here."))</p>
        <a class="btn btn-primary" href="/\(m)/me/links">\(t("去绑定", "Link a partner"))</a>\
        </section>
        """
    }
    return """
      <section class="card1"><ul class="list">\
      \(each: model.entries, { row($0, model.code, visit) })</ul></section>
      <p class="pager">\
      \(model.isFirstPage ? "<span></span>" : "<a href=\"/\(m)/me\">← \(t("最新", "Newest"))</a>")\
      \(some: model.older, {
        "<a href=\"/\(m)/me?before=\(Link("\($0.raw)"))\">\(t("更早", "Older")) →</a>" })</p>
      """
  }

  private static func row(_ entry: Entry, _ code: String, _ visit: Visit) -> HTML {
    if let recall = entry.recall, recall.isStep { return withdrawalRow(entry, recall, code, visit) }
    let t = visit.t
    let record = entry.record
    let values = entry.values.map { $0.value.text(of: $0.field, t) }.joined(separator: " · ")
    let mass = Mass(Grams(record.grams))
    let credited = record.outcome == .accepted
    let time = Instant(milliseconds: record.report.ended).plain(offset: visit.zone)
    return """
      <li><a class="entry" href="/\(Link("\(code)"))/me/entries/\(Link("\(entry.number.raw)"))">\
      <span><b>\(entry.scene.map { t($0.name) } ?? t.plain("未知场景", "Unknown scene"))</b>\
      \(when: !credited, " \(RuleText.outcome(record.outcome, t))")\
      \(some: entry.recall, { recallTag($0, t) })</span>
      <span class="gain">\(credited ? "<i>+\(grouped(record.points)) \(t("分", "pts"))</i>" : "")\
      </span>
      <span class="soft">\(String(time.dropLast(3)))\(when: !values.isEmpty, " · ")\(values) · \
      \(entry.partner)</span>
      <span class="gain">\(credited ? "<b>\(mass.value) \(mass.unit)</b>" : "")</span>
      \(when: record.reason != .none,
        "<span class=\"soft\">\(RuleText.reason(record.reason, t))</span>")
      <span class="why">\(t("查看计算", "See why"))</span></a></li>
      """
  }

  /// A logged-in person without an account in this mechanism.
  package static func openAccount(
    _ visit: Visit, code: String, partners: [(String, String)], years: Int
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return city(
      visit, title: t("开通碳账户", "Open an account"), place: .account, width: .slim,
      """
      <section class="card1"><h1>\(t("开通碳账户", "Open an account"))</h1>
      <p>\(t("您还没有本机制的碳账户。开通后即可绑定平台，累计减排量和碳积分。", """
          You have no account in this mechanism yet. Open one, link partners, and collect \
          reductions and points.
          """))</p>
      <form method="post" action="/\(m)/me/open">\(visit.formField)\
      \(birthFields(visit, years: years))<button class="btn btn-primary wide">\
      \(t("立即开通", "Open it now"))</button></form></section>
      \(when: visit.isDevelopment && !partners.isEmpty, claim(visit, m, partners))
      """)
  }

  /// Where a partner opened an anonymous account on first report, its owner takes it over.
  private static func claim(_ visit: Visit, _ m: Link, _ partners: [(String, String)]) -> HTML {
    let t = visit.t
    return """
      <section class="card1"><h2>\(t("已通过平台参与？认领账户", "Already taking part through a partner?"))\
      </h2>
      <p class="soft">\(t("有的平台在首次上报时为用户开立了匿名账户，认领后历史记录归您。", """
          Some partners open an anonymous account at the first report. Take yours over, with its \
          history.
          """))</p>
      <div class="note1 dev"><p>\
      \(t("开发步骤：正式环境由平台授权页证明您是该用户；这里直接输入。", """
          Development step: in service the partner's own page proves who you are; here you just \
          say it.
          """))</p></div>
      <form method="post" action="/\(m)/me/claim">\(visit.formField)\
      \(partnerFields(visit, partners))
      <button class="btn btn-light wide">\(t("认领", "Take it over"))</button></form></section>
      """
  }

  static func partnerFields(_ visit: Visit, _ partners: [(String, String)]) -> HTML {
    let t = visit.t
    return """
      <div class="field"><label class="form-label" for="partner">\(t("平台", "Partner"))</label>
      <select class="form-select" id="partner" name="partner" required>\
      \(each: partners, { "<option value=\"\($0.0)\">\($0.1)</option>" })</select></div>
      <div class="field"><label class="form-label" for="subject">\
      \(t("您在该平台的用户编号", "Your user id there"))</label>
      <input class="form-control" id="subject" name="subject" required maxlength="200" \
      autocomplete="off"></div>
      """
  }
}
