// SPDX-License-Identifier: Apache-2.0
import Rewards
import Storage
import Units

extension Console {
  private static func sections(_ visit: Visit, _ m: Link, _ at: Int) -> HTML {
    let t = visit.t
    let tabs: [(Link, HTML)] = [
      ("/console/\(m)/mall", t("兑换品与库存", "Offers and stock")),
      ("/console/\(m)/mall/merchants", t("商户", "Merchants")),
      ("/console/\(m)/mall/vouchers", t("券与订单", "Vouchers")),
    ]
    return """
      <nav class="tabs1">\(each: tabs.enumerated(), { index, tab in
        "<a href=\"\(tab.0)\"\(when: index == at, " class=\"on\"")>\(tab.1)</a>" })</nav>
      """
  }

  /// `/console/{mechanism}/mall`
  package static func mall(
    _ visit: Visit, all: [MechanismBadge], code: String, offers: [OfferModel],
    merchants: [MerchantModel], hasResources: Bool, year: Int
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let mayChange = visit.staff?.roles.contains(.operators) ?? false
    return page(
      visit, title: t("普惠商城", "Mall"), place: .mall, all: all,
      """
      \(sections(visit, m, 0))
      \(when: mayChange && hasResources, """
          <form class="query" method="post" action="/console/\(m)/mall/resources">\
          \(visit.formField)<div><label class="form-label" for="year">\
          \(t("按政策包发放政府资源", "Open the pack's resources"))</label><select class="form-select" \
          id="year" name="year"><option value="\(year)">\(year)</option><option \
          value="\(year + 1)">\(year + 1)</option></select></div><button \
          class="btn btn-primary">\(t("发放该年度库存", "Open that year's stock"))</button></form>
          """)
      \(Layout.exports(visit))
      \(table(
        [
          Column("#", isNumber: true), Column(t("兑换品", "Offer")),
          Column(t("商户", "Merchant")), Column(t("价格", "Price")),
          Column(t("已投放", "Released"), isNumber: true),
          Column(t("剩余", "Left"), isNumber: true),
          Column(t("待使用", "Open"), isNumber: true), Column(t("已核销", "Used"), isNumber: true),
          Column(t("失效", "Lapsed"), isNumber: true), Column(t("状态", "Status")),
          Column(t("操作", "Action")),
        ],
        offers.map { offerRow(visit, m, $0) },
        empty: t("还没有兑换品。先发放政府资源，或请商户入驻。",
          "No offers yet. Open the resources, or let merchants join.")))
      \(when: mayChange && !merchants.isEmpty, proposal(visit, m, merchants))
      """)
  }

  private static func offerRow(_ visit: Visit, _ m: Link, _ row: OfferModel) -> [HTML] {
    let t = visit.t
    return [
      "\(row.number)", HTML(t(row.offer.name)), HTML(t(row.merchant)), HTML(row.offer.price(t)),
      HTML(grouped(row.released)),
      row.offer.isUnlimited ? t("不限", "no end") : HTML(grouped(row.remaining)),
      HTML(grouped(row.reserved)), HTML(grouped(row.used)), HTML(grouped(row.lapsed)),
      MallText.standing(row.offer.standing, t),
      """
      <a href="/console/\(m)/mall/offers/\(Link("\(row.number)"))">\(t("查看", "View"))</a>
      """,
    ]
  }

  private static func proposal(_ visit: Visit, _ m: Link, _ merchants: [MerchantModel]) -> HTML {
    let t = visit.t
    return OfferForm.card(
      visit, action: "/console/\(m)/mall/offers",
      """
      <div><label class="form-label" for="merchant">\(t("商户", "Merchant"))</label>\
      <select class="form-select" id="merchant" name="merchant">\(
        each: merchants, {
          "<option value=\"\($0.number)\">\(t($0.merchant.name))</option>" })</select></div>
      """)
  }

  /// `/console/{mechanism}/mall/offers/{number}`
  package static func offer(
    _ visit: Visit, all: [MechanismBadge], code: String, _ row: OfferModel,
    releases: [(number: UInt32, release: Release)], id: String
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let offer = row.offer
    return page(
      visit, title: HTML(t(offer.name)), place: .mall, all: all,
      crumbs: [(t("普惠商城", "Mall"), "/console/\(m)/mall")],
      """
      <section class="card1"><p>\(MallText.standing(offer.standing, t)) \(t(row.merchant))</p>
      <dl class="facts"><dt>\(t("价格", "Price"))</dt><dd>\(offer.price(t))</dd>
      <dt>\(t("平台结算", "Programme pays"))</dt><dd>¥\(yuan(offer.settles))</dd>
      <dt>\(t("限兑", "Limit"))</dt><dd>\(offer.perYear)</dd>
      <dt>\(t("有效天数", "Days valid"))</dt><dd>\(offer.validDays)</dd>
      <dt>\(t("到期规则", "On expiry"))</dt><dd>\(MallText.expiry(offer.expiry, t))</dd>
      \(when: offer.resource != nil,
        "<dt>\(t("政策包资源", "Pack's resource"))</dt><dd><code>\(offer.resource ?? "")</code></dd>")
      <dt>\(t("申请 / 审核", "Proposed / judged"))</dt><dd>\(offer.proposedBy) / \
      \(offer.judgedBy)</dd></dl>
      \(decision(visit, offer.standing, "/console/\(m)/mall/offers/\(Link("\(row.number)"))"))\
      </section>
      <h2>\(t("库存投放", "Releases"))</h2>
      \(table(
        [
          Column("#", isNumber: true), Column(t("起", "From")), Column(t("止", "Until")),
          Column(t("投放", "Released"), isNumber: true), Column(t("剩余", "Left"), isNumber: true),
          Column(t("待使用", "Open"), isNumber: true), Column(t("已核销", "Used"), isNumber: true),
          Column(t("失效", "Lapsed"), isNumber: true),
        ],
        releases.map { number, release in
          [
            "\(number)", visit.time(release.from), visit.time(release.until),
            HTML(grouped(release.quantity)), HTML(grouped(release.left)),
            HTML(grouped(release.reserved)), HTML(grouped(release.used)),
            HTML(grouped(release.lapsed)),
          ]
        }, empty: t("还没有投放库存。", "Nothing was released yet.")))
      \(when: offer.resource == nil && row.isOpen
        && visit.staff?.roles.contains(.operators) ?? false, """
          <form class="query" method="post" \
          action="/console/\(m)/mall/offers/\(Link("\(row.number)"))/releases">\(visit.formField)\
          <input type="hidden" name="id" value="\(id)">
          \(OfferForm.input(t("数量", "Quantity"), "quantity", required: true, value: "100"))
          \(OfferForm.input(t("起售日", "From"), "from", required: true, type: "date"))
          \(OfferForm.input(t("最后一天", "Last day"), "until", required: true, type: "date"))
          <button class="btn btn-primary">\(t("投放", "Release"))</button></form>
          """)
      """)
  }

  /// 通过、不予通过、停用: what may come next of a standing.
  private static func decision(_ visit: Visit, _ standing: Standing, _ address: Link) -> HTML {
    let t = visit.t
    let may = !(visit.staff?.roles ?? []).isDisjoint(with: [.operators, .reviewer])
    guard may else { return "" }
    func button(_ value: HTML, _ label: HTML, _ kind: HTML) -> HTML {
      "<button class=\"btn \(kind)\" name=\"decision\" value=\"\(value)\">\(label)</button> "
    }
    switch standing {
    case .applied:
      return """
        <form method="post" action="\(address)">\(visit.formField)\
        \(button("approved", t("通过", "Approve"), "btn-primary"))\
        \(button("refused", t("不予通过", "Turn down"), "btn-light"))</form>
        <p class="soft small">\(t("申请人不能审核自己的申请。", "Not by who applied for it."))</p>
        """
    case .approved:
      return """
        <form method="post" action="\(address)">\(visit.formField)\
        \(button("closed", t("停用", "Close"), "btn-light"))</form>
        """
    case .refused, .closed: return ""
    }
  }

  /// `/console/{mechanism}/mall/merchants`
  package static func merchants(
    _ visit: Visit, all: [MechanismBadge], code: String, _ rows: [MerchantModel], terms: String
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let mayApply = visit.staff?.roles.contains(.operators) ?? false
    return page(
      visit, title: t("商户", "Merchants"), place: .mall, all: all,
      crumbs: [(t("普惠商城", "Mall"), "/console/\(m)/mall")],
      """
      \(sections(visit, m, 1))
      \(Layout.exports(visit))
      \(table(
        [
          Column("#", isNumber: true), Column(t("名称", "Name")), Column(t("来源", "Origin")),
          Column(t("兑换品", "Offers"), isNumber: true),
          Column(t("已核销", "Redeemed"), isNumber: true), Column(t("状态", "Status")),
          Column(t("操作", "Action")),
        ],
        rows.map { row in
          [
            "\(row.number)", HTML(t(row.merchant.name)),
            row.merchant.provider == nil ? t("入驻", "joined") : t("政策文件", "by a document"),
            "\(row.offers)", HTML(grouped(row.used)),
            MallText.standing(row.merchant.standing, t),
            """
            <a href="/console/\(m)/mall/merchants/\(Link("\(row.number)"))">\(t("查看", "View"))</a>
            """,
          ]
        }, empty: t("还没有商户。", "No merchants yet.")))
      \(when: mayApply, """
          <section class="card1"><h2>\(t("入驻申请", "A merchant joins"))</h2>
          <form method="post" action="/console/\(m)/mall/merchants">\(visit.formField)\
          <div class="cards">
          \(OfferForm.input(t("商户名称（中文）", "Name (Chinese)"), "name", required: true))
          \(OfferForm.input(t("商户名称（英文）", "Name (English)"), "english"))
          \(OfferForm.input(t("统一社会信用代码", "Business licence number"), "licence", required: true))
          \(OfferForm.input(t("联系人", "Contact"), "contact", required: true))
          \(OfferForm.input(t("联系电话", "Telephone"), "phone", required: true))</div>
          <div class="field form-check"><input class="form-check-input" type="checkbox" id="agree" \
          name="agree" value="yes" required><label class="form-check-label" for="agree">\
          \(t("商户已签署合作条款", "The merchant signed the contract's terms")) \(terms)</label></div>
          <p class="soft small">\(t("执照号、联系人和电话加密保存，不写入账本。",
            "Licence, contact and telephone are kept encrypted and never in the journal."))</p>
          <button class="btn btn-primary">\(t("提交审核", "Submit for review"))</button></form>\
          </section>
          """)
      """)
  }

  /// `/console/{mechanism}/mall/merchants/{number}`
  package static func merchant(
    _ visit: Visit, all: [MechanismBadge], code: String, _ row: MerchantModel,
    detail: MerchantDetail?, clerks: [(String, String)], newClerk: (String, String)?,
    settlement: Settlement
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let here: Link = "/console/\(m)/mall/merchants/\(Link("\(row.number)"))"
    let mayAdd = !(visit.staff?.roles ?? []).isDisjoint(with: [.operators, .administrator])
    return page(
      visit, title: HTML(t(row.merchant.name)), place: .mall, all: all,
      crumbs: [(t("商户", "Merchants"), "/console/\(m)/mall/merchants")],
      """
      <section class="card1"><p>\(MallText.standing(row.merchant.standing, t))</p>
      <dl class="facts">
      \(some: detail, { """
          <dt>\(t("执照", "Licence"))</dt><dd>\(Layout.masked($0.licence))</dd>
          <dt>\(t("联系人", "Contact"))</dt><dd>\($0.contact.prefix(1) + "**") · \
          \(Layout.masked($0.phone))</dd>
          """ })
      <dt>\(t("合作条款", "Terms"))</dt><dd>\(row.merchant.terms)</dd>
      <dt>\(t("申请 / 审核", "Applied / judged"))</dt><dd>\(row.merchant.appliedBy) / \
      \(row.merchant.judgedBy)</dd></dl>
      \(decision(visit, row.merchant.standing, here))</section>
      \(when: row.merchant.standing == .approved, """
          <section class="card1"><h2>\(t("店员", "Clerks"))</h2>
          \(some: newClerk, { """
              <div class="note1"><p>\(t("新店员账号，密码只显示一次：",
                "The new clerk; the password is shown this once:"))</p>\
              <p class="key">\($0.0) / \($0.1)</p></div>
              """ })
          \(clerks.isEmpty ? "<p class=\"soft\">\(t("还没有店员账号。", "No clerk yet."))</p>" :
            "<ul class=\"list\">\(each: clerks, { "<li>\($0.1) <code>\($0.0)</code></li>" })</ul>")
          \(when: mayAdd, """
              <form class="query" method="post" action="\(here)/clerks">\(visit.formField)
              \(OfferForm.input(t("用户名", "Username"), "username", required: true))
              \(OfferForm.input(t("姓名", "Name"), "display", required: true))
              <button class="btn btn-primary">\(t("新建店员", "Add a clerk"))</button></form>
              """)</section>
          <h2>\(t("月结算单", "Month's statement"))</h2>
          \(Till.sheet(visit, settlement, page: here, table: "\(here)/statement.csv"))
          """)
      """)
  }
}
