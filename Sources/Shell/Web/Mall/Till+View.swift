// SPDX-License-Identifier: Apache-2.0
import Rewards
import Units

/// The frame of a merchant's pages: for a phone in one hand.
package struct Till: Sendable {
  enum Place: Sendable { case redeem, offers, statement }

  private static func page(
    _ visit: Visit, code: String, _ shop: MerchantModel, title: HTML, place: Place, _ body: HTML
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return Layout.document(
      visit, title: title, bodyClass: "staff",
      """
      <a class="skip" href="#main">\(t("跳到正文", "Skip to content"))</a>
      <header class="top"><div class="in"><a class="brand" href="/console/\(m)/shop">\
      \(Drawing.mark)<span>\(t(shop.merchant.name))</span></a>
      <span class="switches">\(Layout.switches(visit))</span></div></header>
      <main id="main" class="wrap slim">\(Layout.demo(visit))
      <nav class="tabs1" aria-label="\(t("菜单", "Menu"))">
      <a href="/console/\(m)/shop"\(when: place == .redeem, " class=\"on\"")>\
      \(t("核销", "Redeem"))</a>
      <a href="/console/\(m)/shop/offers"\(when: place == .offers, " class=\"on\"")>\
      \(t("兑换品", "Offers"))</a>
      <a href="/console/\(m)/shop/statement"\(when: place == .statement, " class=\"on\"")>\
      \(t("结算单", "Statement"))</a></nav>
      <h1>\(title)</h1>
      \(body)
      <form method="post" action="/console/logout">\(visit.formField)\
      <span class="soft">\(visit.staff?.name ?? "")</span> <button class="link-btn">\
      \(t("退出", "Log out"))</button></form>
      </main>
      """)
  }

  private static func field(_ visit: Visit, _ m: Link, _ typed: String) -> HTML {
    let t = visit.t
    return """
      <section class="card1"><form method="get" action="/console/\(m)/shop/use">
      <div class="field"><label class="form-label" for="code">\(t("券码", "Voucher code"))</label>
      <input class="form-control code-field" id="code" name="code" value="\(typed)" required \
      maxlength="40" autocomplete="off" autocapitalize="characters" \
      placeholder="ABCD-EFGH-IJKL-MNOP">
      <div class="form-text">\(t("用手机相机扫顾客的二维码会直接打开本页；也可手工输入。",
        "Your phone's camera opens the customer's QR code here; or type the code."))</div></div>
      <button class="btn btn-primary wide">\(t("查询", "Look it up"))</button></form></section>
      """
  }

  static func home(
    _ visit: Visit, code: String, _ shop: MerchantModel, today: [VoucherModel],
    month: Settlement
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return page(
      visit, code: code, shop, title: t("核销", "Redeem"), place: .redeem,
      """
      \(field(visit, m, ""))
      <div class="stats"><div class="stat"><b>\(today.count)</b><span>\
      \(t("今日核销（张）", "redeemed today"))</span></div>
      <a class="stat" href="/console/\(m)/shop/statement"><b>¥\(yuan(month.due))</b><span>\
      \(t("本月应结算", "due this month"))</span></a></div>
      \(when: !today.isEmpty, """
          <h2>\(t("今日", "Today"))</h2><section class="card1"><ul class="list">\(
            each: today.prefix(50), { row in
              """
              <li class="entry"><span><b>\(t(row.offer.name))</b></span><span class="gain num">\
              \(String(row.order.ended.plain(offset: visit.zone).suffix(8)))</span>
              <span class="soft">\(t("券号", "No.")) \(row.number) · \(row.order.endedBy)</span>\
              </li>
              """
            })</ul></section>
          """)
      """)
  }

  static func voucher(
    _ visit: Visit, code: String, _ shop: MerchantModel, _ voucher: VoucherModel?,
    typed: String, use: String, isDone: Bool, problem: HTML?
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return page(
      visit, code: code, shop, title: isDone ? t("核销成功", "Redeemed") : t("核销", "Redeem"),
      place: .redeem,
      """
      \(Layout.alert(problem))
      \(some: voucher, { card(visit, m, $0, typed: typed, use: use, isDone: isDone) })
      \(voucher == nil ? field(visit, m, typed) : """
        <p><a class="btn btn-light wide" href="/console/\(m)/shop">\
        \(t("下一张", "Next voucher"))</a></p>
        """)
      """)
  }

  private static func card(
    _ visit: Visit, _ m: Link, _ voucher: VoucherModel, typed: String, use: String, isDone: Bool
  ) -> HTML {
    let t = visit.t
    let order = voucher.order
    let isOpen = order.status == .open && visit.now < order.validUntil
    return """
      <section class="card1"><h2>\(t(voucher.offer.name))</h2>
      <p>\(MallText.status(order.status, t))</p>
      \(when: isDone, """
          <div class="note1"><p>\(t("请为顾客提供商品或服务。",
            "Give the customer what it is for."))</p></div>
          """)
      <dl class="facts"><dt>\(t("券号", "Number"))</dt><dd class="num">\(voucher.number)</dd>
      <dt>\(t("有效期", "Valid"))</dt><dd>\(MallText.validity(order, visit))</dd>
      \(when: order.status == .used, """
          <dt>\(t("核销", "Redeemed"))</dt><dd>\(visit.time(order.ended)) · \
          \(t(voucher.merchant)) · \(order.endedBy)</dd>
          """)
      \(when: order.settles + order.cash > 0,
        "<dt>\(t("本券结算", "You are paid"))</dt><dd>¥\(yuan(order.settles + order.cash))</dd>")
      </dl>
      \(when: isOpen, """
          <form method="post" action="/console/\(m)/shop/use">\(visit.formField)\
          <input type="hidden" name="code" value="\(typed)"><input type="hidden" name="use" \
          value="\(use)"><button class="btn btn-primary wide">\(t("确认核销", "Redeem it"))</button>\
          </form>
          <details><summary>\(t("无法兑付？", "Can't honour it?"))</summary>
          <form method="post" action="/console/\(m)/shop/decline">\(visit.formField)\
          <input type="hidden" name="code" value="\(typed)">
          <div class="field"><label class="form-label" for="reason">\(t("原因", "Why"))</label>
          <input class="form-control" id="reason" name="reason" required maxlength="200" \
          autocomplete="off"></div>
          <button class="btn btn-light wide">\
          \(t("退款给顾客，积分立即返还", "Refund: the points go back at once"))</button></form></details>
          """)
      </section>
      """
  }

  static func offers(
    _ visit: Visit, code: String, _ shop: MerchantModel, _ rows: [OfferModel]
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return page(
      visit, code: code, shop, title: t("本店兑换品", "What the shop offers"), place: .offers,
      """
      \(Layout.exports(visit))
      \(Console.table(
        [
          Console.Column(t("兑换品", "Offer")), Console.Column(t("价格", "Price")),
          Console.Column(t("剩余", "Left"), isNumber: true),
          Console.Column(t("待使用", "Open"), isNumber: true),
          Console.Column(t("已核销", "Used"), isNumber: true), Console.Column(t("状态", "Status")),
        ],
        rows.map { row in
          [
            HTML(t(row.offer.name)), HTML(row.offer.price(t)),
            row.offer.isUnlimited ? t("不限", "no end") : HTML(grouped(row.remaining)),
            HTML(grouped(row.reserved)), HTML(grouped(row.used)),
            MallText.standing(row.offer.standing, t),
          ]
        }, empty: t("还没有兑换品，在下面提交第一个。", "Nothing yet: propose the first below.")))
      \(OfferForm.card(visit, action: "/console/\(m)/shop/offers"))
      """)
  }

  static func statement(
    _ visit: Visit, code: String, _ shop: MerchantModel, _ settlement: Settlement
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return page(
      visit, code: code, shop, title: t("月结算单", "Month's statement"), place: .statement,
      sheet(
        visit, settlement, page: "/console/\(m)/shop/statement",
        table: "/console/\(m)/shop/statement.csv"))
  }

  /// A month's statement: for the merchant itself, and for the operator.
  static func sheet(_ visit: Visit, _ settlement: Settlement, page: Link, table: Link) -> HTML {
    let t = visit.t
    let month = "\(settlement.year)-\(settlement.month < 10 ? "0" : "")\(settlement.month)"
    return """
      <form class="query" method="get" action="\(page)"><div><label class="form-label" \
      for="month">\(t("月份", "Month"))</label><input class="form-control" id="month" \
      name="month" type="month" value="\(month)" required></div>
      <button class="btn btn-primary">\(t("查询", "Show"))</button>
      <a class="btn btn-light" href="\(table)?month=\(Link("\(month)"))">\
      \(t("导出 CSV", "CSV"))</a>
      <a class="btn btn-light" href="\(table)?month=\(Link("\(month)"))&amp;as=xlsx">\
      \(t("导出 XLSX", "XLSX"))</a></form>
      <div class="stats"><div class="stat"><b>\(settlement.rows.count)</b><span>\
      \(t("核销张数", "vouchers"))</span></div>
      <div class="stat"><b>\(grouped(settlement.points))</b><span>\(t("积分", "points"))</span></div>
      <div class="stat"><b>¥\(yuan(settlement.settles))</b><span>\
      \(t("平台结算", "the programme pays"))</span></div>
      <div class="stat"><b>¥\(yuan(settlement.cash))</b><span>\
      \(t("顾客支付", "customers paid"))</span></div>
      <div class="stat hot"><b>¥\(yuan(settlement.due))</b><span>\(t("应付合计", "due"))</span></div>\
      </div>
      \(Console.table(
        [
          Console.Column(t("券号", "No."), isNumber: true), Console.Column(t("兑换品", "Offer")),
          Console.Column(t("核销时间", "Redeemed")), Console.Column(t("店员", "Clerk")),
          Console.Column(t("积分", "Points"), isNumber: true),
          Console.Column(t("应付（元）", "Due (yuan)"), isNumber: true),
        ],
        settlement.rows.map { row in
          [
            "\(row.number)", HTML(t(row.offer.name)), visit.time(row.order.ended),
            HTML(row.order.endedBy), HTML(grouped(row.order.points)),
            HTML(yuan(row.order.settles + row.order.cash)),
          ]
        }, empty: t("这个月没有核销。", "Nothing was redeemed in this month.")))
      """
  }
}
