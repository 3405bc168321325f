// SPDX-License-Identifier: Apache-2.0
import HTTP
import Mechanism
import Rewards
import Storage
import Units

/// 商户入驻: a merchant applies for itself, through whoever speaks for it.
enum JoinDesk {
  static func show(_ call: Call) throws -> Response {
    let office = try call.office()
    return call.html(
      Layout.join(
        call.visit(office), code: office.code,
        mayApply: try call.person != nil && CitizenDesk.citizen(call, office) != nil))
  }

  static func apply(_ call: Call) throws -> Response {
    let office = try call.office()
    let citizen = try CitizenDesk.required(call, office)
    // The applicant is named by number: the journal knows no person.
    let number = try apply(call, office, by: "citizen:\(citizen.raw)")
    return call.html(
      Layout.apology(
        call.visit(office), status: 200, title: call.t("申请已提交", "Your application is in"),
        sentence: call.t("编号", "Its number is") + " \(number)"
          + call.t(
            "。运营方审核后会按您留下的电话联系您，并为店员开通账号。",
            ". The operator reviews it, calls you, and makes accounts for your clerks."),
        next: (call.t("回到商城", "To the mall"), "/\(office.code)/mall")))
  }

  /// The application of a form, from the merchant itself or from an operator on its behalf.
  static func apply(_ call: Call, _ office: Office, by: String) throws -> UInt32 {
    let vault = call.site.vault
    let form = call.form
    guard form["agree"] == "yes" else {
      throw Trouble(
        422, "terms-missing", "商户须接受合作条款才能入驻。", "A merchant joins only on the contract's terms.",
        next: .back)
    }
    let licence = form["licence"] ?? ""
    let detail = MerchantDetail(
      licence: licence, contact: form["contact"] ?? "", phone: form["phone"] ?? "")
    guard !detail.contact.isEmpty, (5...20).contains(detail.phone.utf8.count),
      licence.utf8.count <= 60, detail.contact.utf8.count <= 100
    else {
      throw Trouble(
        422, "contact-missing", "请填写联系人和联系电话。", "Give a contact and a telephone number.",
        next: .back)
    }
    let result = try office.perform(
      .apply(
        Merchant(
          name: Label(form["name"] ?? "", form["english"] ?? ""),
          licence: vault.licenceDigest(licence), terms: MallConsoleDesk.terms, appliedBy: by)),
      office.zone)
    try vault.keep(detail, mechanism: office.code, merchant: result.number)
    try call.log("merchant applies", "\(office.code)/merchant/\(result.number)")
    return result.number
  }
}

extension Layout {
  /// `/{mechanism}/mall/join`
  static func join(_ visit: Visit, code: String, mayApply: Bool) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return city(
      visit, title: t("商户入驻", "Join as a merchant"), place: .mall, width: .slim,
      """
      <p><a href="/\(m)/mall">← \(t("商城", "Mall"))</a></p>
      <section class="card1"><h1>\(t("商户入驻", "Join as a merchant"))</h1>
      <h2>\(t("合作条款", "Terms")) \(MallConsoleDesk.terms)</h2>
      <ol><li>\(t("凭有效券码提供所列商品或服务，不另收费用。",
        "A good code gets the customer what the offer says, at no further cost."))</li>
      <li>\(t("不能兑付时当场退款，积分立即返还顾客。",
        "What can't be honoured is refunded on the spot; the points go back at once."))</li>
      <li>\(t("每张券只核销一次，按月出具结算单，按核销券码逐张结算，精确到分。",
        "Each code counts once; a monthly statement lists every one, to the cent."))</li>
      <li>\(t("上架的价格和规则不再变更；需要变更时先下架再重新申请。",
        "Approved terms don't change: close the offer and propose another."))</li></ol></section>
      \(mayApply ? form(visit, m) : """
        <p><a class="btn btn-primary wide" href="/\(m)/me">\
        \(t("先登录并开通碳账户", "Log in and open an account first"))</a></p>
        """)
      """)
  }

  private static func form(_ visit: Visit, _ m: Link) -> HTML {
    let t = visit.t
    return """
      <section class="card1"><form method="post" action="/\(m)/mall/join">\(visit.formField)
      \(OfferForm.input(t("商户名称（中文）", "Name (Chinese)"), "name", required: true))
      \(OfferForm.input(t("商户名称（英文）", "Name (English)"), "english"))
      \(OfferForm.input(t("统一社会信用代码", "Business licence number"), "licence", required: true))
      \(OfferForm.input(t("联系人", "Contact"), "contact", required: true))
      \(OfferForm.input(t("联系电话", "Telephone"), "phone", required: true))
      <div class="field form-check"><input class="form-check-input" type="checkbox" id="agree" \
      name="agree" value="yes" required><label class="form-check-label" for="agree">\
      \(t("我代表商户接受以上合作条款", "For the merchant I accept these terms"))</label></div>
      <p class="soft small">\(t("执照号、联系人和电话加密保存，不写入账本。",
        "Licence, contact and telephone are kept encrypted and never in the journal."))</p>
      <button class="btn btn-primary wide">\(t("提交申请", "Apply"))</button></form></section>
      """
  }
}
