// SPDX-License-Identifier: Apache-2.0
import HTTP
import Rewards
import Units

/// The form in which an offer is proposed, by an operator or by a merchant's clerk, and how it is
/// read.
enum OfferForm {
  static func input(
    _ label: HTML, _ name: String, required: Bool = false, value: String = "", type: HTML = "text"
  ) -> HTML {
    """
    <div><label class="form-label" for="\(name)">\(label)</label><input class="form-control" \
    id="\(name)" name="\(name)" type="\(type)" value="\(value)" maxlength="200" \
    autocomplete="off"\(when: required, " required")></div>
    """
  }

  static func card(_ visit: Visit, action: Link, _ first: HTML = "") -> HTML {
    let t = visit.t
    return """
      <section class="card1"><h2>\(t("上架申请", "Propose an offer"))</h2>
      <p class="soft">\(t("由他人审核通过后上架；上架后条款不再变更。", """
        Somebody else approves it; approved terms never change.
        """))</p>
      <form method="post" action="\(action)">\(visit.formField)<div class="cards">\(first)
      \(input(t("名称（中文）", "Name (Chinese)"), "name", required: true))
      \(input(t("名称（英文）", "Name (English)"), "english"))
      \(input(t("说明", "About"), "about"))
      <div><label class="form-label" for="kind">\(t("种类", "Kind"))</label><select \
      class="form-select" id="kind" name="kind">\(
        each: Offer.Kind.allCases, {
          "<option value=\"\($0.rawValue)\">\(MallText.kind($0, t))</option>" })</select></div>
      \(input(t("积分", "Points"), "points", required: true, value: "50"))
      \(input(t("现金（元）", "Cash (yuan)"), "cash", value: "0"))
      \(input(t("平台结算（元/张）", "Programme pays (yuan each)"), "settles", value: "0"))
      \(input(t("每人每年限兑", "Per person and year"), "limit", required: true, value: "5"))
      \(input(t("有效天数", "Days valid"), "days", required: true, value: "30"))
      \(input(t("适用区域（顿号分隔）", "Districts (by commas)"), "districts"))
      <div><label class="form-label" for="expiry">\(t("到期规则", "On expiry"))</label><select \
      class="form-select" id="expiry" name="expiry"><option value="returns">\
      \(t("积分退回", "points come back"))</option><option value="forfeits">\
      \(t("积分不退", "points are gone"))</option></select></div>
      <div class="form-check"><input class="form-check-input" type="checkbox" id="returnable" \
      name="returnable" value="yes" checked><label class="form-check-label" for="returnable">\
      \(t("未使用可退回", "Can be given back"))</label></div></div>
      <p><button class="btn btn-primary">\(t("提交审核", "Submit for review"))</button></p></form>\
      </section>
      """
  }

  /// What the form says; what can't be is left for the Core to refuse.
  static func read(_ form: Pairs, merchant: UInt32, by: String) -> Offer {
    func count(_ name: String) -> Int64 { Int64(form[name] ?? "") ?? -1 }
    var districts: [Label] = []
    for name in (form["districts"] ?? "").split(whereSeparator: { "、,， ".contains($0) }) {
      districts.append(Label(String(name), ""))
    }
    return Offer(
      merchant: merchant, name: Label(form["name"] ?? "", form["english"] ?? ""),
      about: Label(form["about"] ?? "", ""),
      kind: Offer.Kind(rawValue: form["kind"] ?? "") ?? .goods, points: count("points"),
      cash: fen(form["cash"] ?? ""), settles: fen(form["settles"] ?? ""),
      perYear: Int(count("limit")), validDays: Int(count("days")),
      expiry: Offer.Expiry(rawValue: form["expiry"] ?? "") ?? .returns,
      isReturnable: form["returnable"] == "yes", districts: districts, proposedBy: by)
  }

  /// `12.5` yuan in fen; -1 for what is no sum, which the Core refuses.
  static func fen(_ text: String) -> Int64 {
    if text.isEmpty { return 0 }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = Int64(parts[0]), (0...1_000_000).contains(whole),
      parts[0].utf8.first != 43
    else { return -1 }
    guard parts.count == 2 else { return whole * 100 }
    guard parts[1].utf8.count <= 2, parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
      !parts[1].isEmpty
    else { return -1 }
    let cents = Int64(parts[1]) ?? 0
    return whole * 100 + (parts[1].utf8.count == 1 ? cents * 10 : cents)
  }
}
