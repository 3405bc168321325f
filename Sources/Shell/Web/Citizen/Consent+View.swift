// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Policy
import Units

/// `/{mechanism}/me/links`: 场景授权.
package struct ConsentModel: Sendable {
  /// One partner, with all that it would report.
  package struct Source: Sendable {
    package var code: String
    package var name: String
    package var terms: ConsentTerms
    /// Scenes it may report, with what each measures.
    package var scenes: [(name: String, fields: String)]
    package var links: [LinkRow]
    /// Links that wait until the new text is agreed to.
    package var paused: [LinkRow]
    /// When today's text was agreed to.
    package var given: Instant?
    package init(
      code: String, name: String, terms: ConsentTerms, scenes: [(name: String, fields: String)],
      links: [LinkRow], paused: [LinkRow], given: Instant?
    ) {
      self.code = code
      self.name = name
      self.terms = terms
      self.scenes = scenes
      self.links = links
      self.paused = paused
      self.given = given
    }
  }
  package struct Receiver: Sendable {
    package var terms: ConsentTerms
    package var given: Instant?
    /// An older text was agreed to.
    package var isOutdated: Bool
    package init(terms: ConsentTerms, given: Instant?, isOutdated: Bool) {
      self.terms = terms
      self.given = given
      self.isOutdated = isOutdated
    }
  }
  package var code: String
  package var sources: [Source]
  package var receivers: [Receiver]
  package init(code: String, sources: [Source], receivers: [Receiver]) {
    self.code = code
    self.sources = sources
    self.receivers = receivers
  }
}

extension Layout {
  package static func consents(
    _ visit: Visit, _ model: ConsentModel, notice: HTML? = nil, problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(model.code)"
    let waiting = model.sources.filter { !$0.paused.isEmpty }
    let linked = model.sources.filter { $0.paused.isEmpty && !$0.links.isEmpty }
    let others = model.sources.filter { $0.paused.isEmpty && $0.links.isEmpty }
    return city(
      visit, title: t("场景授权", "Consents"), place: .account, width: .slim,
      """
      <nav class="crumb"><a href="/\(m)/me">\(t("我的碳账户", "My account"))</a></nav>
      <h1>\(t("场景授权", "Consents"))</h1>
      <p class="soft">\(t("哪些平台提供您的哪些数据、用于什么、保存多久，都列在这里；随时可以撤回。", """
          Which partner gives which of your data, for what and for how long; withdraw whenever you \
          like.
          """))</p>
      \(some: notice, { "<div class=\"note1\"><p>\($0)</p></div>" })\(alert(problem))
      \(when: !waiting.isEmpty, "<h2>\(t("需要重新同意", "Asked again"))</h2>")
      \(each: waiting, { askedAgain(visit, m, $0) })
      <h2>\(t("已授权的数据来源", "Sources you agreed to"))</h2>
      \(when: linked.isEmpty, """
          <section class=\"card1 empty\"><p>\(t("还没有绑定任何平台。", "No partner is linked yet."))</p>\
          </section>
          """)
      \(each: linked, { linkedSource(visit, m, $0) })
      <h2>\(t("绑定新的平台", "Link another"))</h2>
      \(newSource(visit, m, others, all: model.sources))
      \(when: !model.receivers.isEmpty, "<h2>\(t("谁可以看到", "Who may be shown"))</h2>")
      \(each: model.receivers, { receiver(visit, m, $0) })
      <p class="pager"><a href="/\(m)/me/data">\(t("同意记录与我的数据", "Records and my data")) →</a></p>
      """)
  }

  /// Which data, for what, for how long.
  static func terms(_ terms: ConsentTerms, scenes: [(name: String, fields: String)], _ t: Tongue)
    -> HTML
  {
    """
    <dl class="facts"><dt>\(t("提供的数据", "Data"))</dt><dd>\(t(terms.data))</dd>
    \(when: !scenes.isEmpty, """
        <dt>\(t("涉及场景", "Scenes"))</dt><dd>\(each: scenes, {
          "\($0.name)<span class=\"soft\">（\($0.fields)）</span> "
        })</dd>
        """)
    <dt>\(t("用途", "For"))</dt><dd>\(t(terms.purpose))</dd>
    <dt>\(t("保存期限", "Kept"))</dt><dd>\(t(terms.keep))</dd>
    <dt>\(t("文本版本", "Text"))</dt><dd><code>\(terms.version)</code></dd></dl>
    """
  }

  static func words(_ terms: ConsentTerms, _ t: Tongue) -> HTML {
    "<div class=\"soft small\">\(each: terms.text, { "<p>\(t($0))</p>" })</div>"
  }

  private static func askedAgain(_ visit: Visit, _ m: Link, _ source: ConsentModel.Source) -> HTML {
    let t = visit.t
    return """
      <section class="card1"><h3>\(source.name) <span class="tag held">\
      \(t("授权文本已更新", "The text has changed"))</span></h3>
      <p>\(t("在您同意新文本之前，该平台的行为先等待，不入账也不丢失。", """
          Until you agree to the new text, this partner's behaviour waits: nothing is credited, \
          nothing is lost.
          """))</p>
      \(terms(source.terms, scenes: source.scenes, t))\(words(source.terms, t))
      <form method="post" action="/\(m)/me/consents/renew">\(visit.formField)<input type="hidden" \
      name="partner" value="\(source.code)"><button class="btn btn-primary wide">\
      \(t("同意新文本，继续计入", "Agree, and go on"))</button></form>
      \(each: source.paused, { withdrawal(visit, m, $0) })</section>
      """
  }

  private static func linkedSource(
    _ visit: Visit, _ m: Link, _ source: ConsentModel.Source
  ) -> HTML {
    let t = visit.t
    return """
      <section class="card1"><h3>\(source.name) <span class="tag">\(t("已授权", "Agreed"))</span></h3>
      \(some: source.given, { "<p class=\"soft\">\(t("同意于", "Agreed")) \(visit.time($0))</p>" })
      \(terms(source.terms, scenes: source.scenes, t))
      <ul class="list">\(each: source.links, { "<li>\(withdrawal(visit, m, $0))</li>" })</ul>\
      </section>
      """
  }

  private static func withdrawal(_ visit: Visit, _ m: Link, _ link: LinkRow) -> HTML {
    let t = visit.t
    return """
      <div class="entry"><span class="soft">\(t("用户编号", "User id")) \(link.subject)</span>
      <form method="post" action="/\(m)/me/links/remove">\(visit.formField)<input type="hidden" \
      name="alias" value="\(link.alias.raw)"><button class="btn btn-light btn-sm">\
      \(t("撤回授权", "Withdraw"))</button></form></div>
      """
  }

  private static func newSource(
    _ visit: Visit, _ m: Link, _ others: [ConsentModel.Source], all: [ConsentModel.Source]
  ) -> HTML {
    let t = visit.t
    guard !all.isEmpty else {
      return """
        <section class="card1 empty"><p>\
        \(t("运营方还没有接入平台。", "The operator has not connected any partner yet."))</p></section>
        """
    }
    return """
      <section class="card1">\(linkForm(visit, m, all))
      \(each: others, { other in """
          <details><summary>\(other.name) · \(t("会提供哪些数据", "which data"))</summary>
          \(terms(other.terms, scenes: other.scenes, t))\(words(other.terms, t))</details>
          """ })</section>
      """
  }

  private static func linkForm(
    _ visit: Visit, _ m: Link, _ sources: [ConsentModel.Source]
  ) -> HTML {
    let t = visit.t
    guard visit.isDevelopment, let first = sources.first else {
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
      \(partnerFields(visit, sources.map { ($0.code, $0.name) }))
      <div class="field form-check"><input class="form-check-input" type="checkbox" id="agree" \
      name="agree" value="yes" required>
      <label class="form-check-label" for="agree">\(t("单独同意", "I consent to this partner"))\
      </label></div>
      \(words(first.terms, t))
      <button class="btn btn-primary wide">\(t("同意并绑定", "Consent and link"))</button></form>
      """
  }

  private static func receiver(
    _ visit: Visit, _ m: Link, _ receiver: ConsentModel.Receiver
  ) -> HTML {
    let t = visit.t
    let holds = receiver.given != nil
    return """
      <section class="card1"><h3>\(t(receiver.terms.name)) \(holds
        ? "<span class=\"tag\">\(t("已同意", "Agreed"))</span>"
        : receiver.isOutdated
          ? "<span class=\"tag held\">\(t("文本已更新，请重新确认", "The text has changed"))</span>"
          : "<span class=\"tag off\">\(t("未同意", "Not agreed"))</span>")</h3>
      \(some: receiver.given, { "<p class=\"soft\">\(t("同意于", "Agreed")) \(visit.time($0))</p>" })
      \(terms(receiver.terms, scenes: [], t))\(words(receiver.terms, t))
      <form method="post" action="/\(m)/me/consents">\(visit.formField)<input type="hidden" \
      name="receiver" value="\(receiver.terms.code)"><input type="hidden" name="agree" value="\
      \(holds ? "no" : "yes")"><button class="btn btn-light">\
      \(holds ? t("撤回同意", "Withdraw") : t("同意", "Agree"))</button></form></section>
      """
  }
}
