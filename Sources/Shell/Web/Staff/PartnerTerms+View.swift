// SPDX-License-Identifier: Apache-2.0
import Archive
import Behaviour
import Storage
import Units

/// What the partner's page shows besides keys and scenes.
package struct PartnerTermsModel: Sendable {
  package var terms: PartnerTerms
  package var use: Quotas.Use
  package var verifiers: [PartnerVerifier]
  package var withdrawals: [WithdrawalLine]
}

extension Console {
  static func partnerTerms(
    _ visit: Visit, _ here: Link, _ row: PartnerRow, _ model: PartnerTermsModel
  ) -> HTML {
    let mayChange = (visit.staff?.roles.contains(.administrator) ?? false) && !row.isClosed
    return """
      \(useCard(visit, here, row, model))
      \(verifierCard(visit, here, model, mayChange))
      \(when: mayChange, termsForm(visit, here, model.terms))
      \(withdrawalCard(visit, row, model))
      """
  }

  private static func useCard(
    _ visit: Visit, _ here: Link, _ row: PartnerRow, _ model: PartnerTermsModel
  ) -> HTML {
    let t = visit.t
    func most(_ number: Int) -> HTML { number == 0 ? t("不限", "no limit") : "\(grouped(number))" }
    return """
      <section class="card1"><h2>\(t("用量与约定", "Use and terms"))</h2><dl class="facts">
      <dt>\(t("本分钟请求", "Requests this minute"))</dt><dd class="num">\
      \(grouped(model.use.requestsThisMinute)) / \(most(model.terms.requestsPerMinute))</dd>
      <dt>\(t("今日数据", "Events today"))</dt><dd class="num">\
      \(grouped(model.use.eventsToday)) / \(most(model.terms.eventsPerDay))</dd>
      <dt>\(t("今日被限流", "Turned down today"))</dt><dd class="num">\
      \(grouped(model.use.refusedToday))</dd>
      <dt>\(t("请求签名", "Signatures"))</dt><dd>\
      \(model.terms.requiresSignature
        ? t("必须签名", "required") : t("可签可不签", "taken, not required"))</dd></dl>
      <p><a href="/\(Link("\(visit.mechanism?.code ?? "")"))/dictionary">\
      \(t("数据字典", "Field dictionary")) →</a> · \
      <a href="\(here)/receipts">\(t("每日合计", "Days in sums")) →</a> · \
      <a href="\(here)/hooks">\(t("回调与投递记录", "Webhooks and deliveries")) →</a></p></section>
      """
  }

  private static func verifierCard(
    _ visit: Visit, _ here: Link, _ model: PartnerTermsModel, _ mayChange: Bool
  ) -> HTML {
    let t = visit.t
    return """
      <section class="card1"><h2>\(t("签名密钥", "Signing keys"))</h2>
      <p class="soft small">\(t("""
        请求可按 RFC 9421 签名：hmac-sha256、ed25519；sm2-sm3 是本平台的扩展。
        """, """
        Requests may be signed as RFC 9421 says: hmac-sha256, ed25519; sm2-sm3 is an extension of \
        this platform.
        """))</p>
      \(table(
        [
          .init(t("编号", "keyid")), .init(t("算法", "Algorithm")), .init(t("登记时间", "Made")),
          .init(t("状态", "State")), .init(t("操作", "Action")),
        ],
        model.verifiers.map { key in
          [
            "<code>\(key.keyID)</code>", "\(key.algorithm.rawValue)", visit.time(key.created),
            key.revoked.map {
              "<span class=\"tag off\">\(t("已吊销", "Revoked"))</span> \(visit.time($0))"
            } ?? "<span class=\"tag\">\(t("有效", "Good"))</span>",
            key.revoked == nil && mayChange
              ? """
              <form method="post" action="\(here)/signing/revoke">\(visit.formField)<input \
              type="hidden" name="key" value="\(key.keyID)"><button class="link-btn bad">\
              \(t("吊销", "Revoke"))</button></form>
              """ : "—",
          ]
        }, empty: t("还没有签名密钥。", "No signing key yet.")))
      \(when: mayChange, """
        <form method="post" action="\(here)/signing">\(visit.formField)
        <div class="field"><label class="form-label" for="algorithm">\
        \(t("算法", "Algorithm"))</label><select class="form-select" id="algorithm" name="algorithm">\
        \(each: RequestAlgorithm.allCases, { "<option>\($0.rawValue)</option>" })</select></div>
        <div class="field"><label class="form-label" for="public">\
        \(t("平台的公钥（PEM；hmac-sha256 留空，由本平台生成）",
          "The partner's public key (PEM; leave empty for hmac-sha256: the secret is made here)"))\
        </label><textarea class="form-control mono" id="public" name="public" rows="4" \
        maxlength="2000"></textarea></div>
        <button class="btn btn-light">\(t("登记签名密钥", "Add a signing key"))</button></form>
        """)</section>
      """
  }

  private static func termsForm(_ visit: Visit, _ here: Link, _ terms: PartnerTerms) -> HTML {
    let t = visit.t
    return """
      <section class="card1"><h2>\(t("限流与签名约定", "Limits and signatures"))</h2>
      <form method="post" action="\(here)/terms">\(visit.formField)
      <div class="field"><label class="form-label" for="minute">\
      \(t("每分钟请求上限（0 为不限）", "Requests a minute at the most (0: no limit)"))</label><input \
      class="form-control" id="minute" name="minute" type="number" min="0" \
      value="\(terms.requestsPerMinute)" required></div>
      <div class="field"><label class="form-label" for="day">\
      \(t("每日数据配额（条，0 为不限）", "Events a day at the most (0: no limit)"))</label><input \
      class="form-control" id="day" name="day" type="number" min="0" \
      value="\(terms.eventsPerDay)" required></div>
      <div class="field form-check"><input class="form-check-input" type="checkbox" name="signed" \
      id="signed" value="yes"\(when: terms.requiresSignature, " checked")><label \
      class="form-check-label" for="signed">\
      \(t("必须签名：不收未签名的请求", "Unsigned requests are not taken"))</label></div>
      <button class="btn btn-primary">\(t("保存", "Save"))</button></form></section>
      """
  }

  private static func withdrawalCard(
    _ visit: Visit, _ row: PartnerRow, _ model: PartnerTermsModel
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(visit.mechanism?.code ?? "")"
    return """
      <section class="card1"><h2>\(t("最近的撤回", "Withdrawn lately"))</h2>
      \(table(
        [
          .init(t("时间", "Time")), .init(t("原因", "Reason")), .init(t("原状态", "It was")),
          .init(t("减排量（克）", "Grams"), isNumber: true),
          .init(t("积分", "Points"), isNumber: true), .init(t("账本", "Fact"), isNumber: true),
        ],
        model.withdrawals.map { line in
          [
            visit.time(line.time), "\(line.grounds.title(t))", RuleText.outcome(line.outcome, t),
            "\(line.grams == 0 ? "0" : "−" + grouped(line.grams))",
            "\(line.points == 0 ? "0" : "−" + grouped(line.points))",
            "<a href=\"/\(m)/proof/\(Link("\(line.fact.raw)"))\">\(grouped(line.fact.raw))</a>",
          ]
        }, empty: t("没有撤回过数据。", "Nothing was taken back.")))</section>
      """
  }
}
