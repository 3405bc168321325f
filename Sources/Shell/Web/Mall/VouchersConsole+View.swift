// SPDX-License-Identifier: Apache-2.0
import Rewards
import Units

extension Console {
  /// `/console/{mechanism}/mall/vouchers`
  package static func vouchers(
    _ visit: Visit, all: [MechanismBadge], code: String, _ rows: [VoucherModel], total: Int,
    status: Order.Status?, isFirst: Bool
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return page(
      visit, title: t("券与订单", "Vouchers"), place: .mall, all: all,
      crumbs: [(t("普惠商城", "Mall"), "/console/\(m)/mall")],
      """
      <nav class="tabs1"><a href="/console/\(m)/mall">\(t("兑换品与库存", "Offers and stock"))</a>
      <a href="/console/\(m)/mall/merchants">\(t("商户", "Merchants"))</a>
      <a class="on" href="/console/\(m)/mall/vouchers">\(t("券与订单", "Vouchers"))</a></nav>
      <form class="query" method="get" action="/console/\(m)/mall/vouchers"><div><label \
      class="form-label" for="status">\(t("状态", "Status"))</label><select class="form-select" \
      id="status" name="status"><option value="">\(t("全部", "All"))</option>\(
        each: Order.Status.allCases, { one in
          """
          <option value="\(one.rawValue)"\(when: one == status, " selected")>\
          \(MallText.statusName(one, t))</option>
          """
        })</select></div><div><label class="form-label" for="number">\(t("券号", "Number"))</label>\
      <input class="form-control" id="number" name="number" inputmode="numeric" \
      autocomplete="off"></div><button class="btn btn-primary">\(t("查询", "Search"))</button>\
      <a class="btn btn-light" href="/console/\(m)/mall/vouchers">\(t("重置", "Reset"))</a></form>
      <div class="tools"><span class="count">\(t("共", "")) \(grouped(total)) \
      \(t("张", "vouchers"))</span>\(Layout.exports(visit))</div>
      \(table(
        [
          Column(t("券号", "No."), isNumber: true), Column(t("兑换品", "Offer")),
          Column(t("账户号", "Account"), isNumber: true), Column(t("兑换时间", "Taken")),
          Column(t("积分", "Points"), isNumber: true), Column(t("状态", "Status")),
          Column(t("操作", "Action")),
        ],
        rows.map { row in
          [
            "\(row.number)", HTML(t(row.offer.name)), "\(row.order.citizen.raw)",
            visit.time(row.order.placed), HTML(grouped(row.order.points)),
            MallText.status(row.order.status, t),
            """
            <a href="/console/\(m)/mall/vouchers/\(Link("\(row.number)"))">\(t("查看", "View"))</a>
            """,
          ]
        }, empty: t("没有符合条件的券。", "No voucher fits.")))
      \(some: rows.count == 50 ? rows.last : nil, {
        """
        <p class="pager"><span></span><a href="/console/\(m)/mall/vouchers?before=\
        \(Link("\($0.number)"))&status=\(Link("\(status?.rawValue ?? "")"))">\
        \(t("更早", "Older")) →</a></p>
        """ })
      """)
  }

  /// `/console/{mechanism}/mall/vouchers/{number}`
  package static func voucher(
    _ visit: Visit, all: [MechanismBadge], code: String, _ row: VoucherModel, note: String?
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let order = row.order
    let mayRefund =
      order.status == .open && (visit.staff?.roles.contains(.operators) ?? false)
    return page(
      visit, title: t("券", "Voucher") + " \(row.number)", place: .mall, all: all,
      crumbs: [(t("券与订单", "Vouchers"), "/console/\(m)/mall/vouchers")],
      """
      <section class="card1"><h2>\(t(row.offer.name))</h2>
      <p>\(MallText.status(order.status, t))</p>
      <dl class="facts"><dt>\(t("商户", "Merchant"))</dt><dd>\(t(row.merchant))</dd>
      <dt>\(t("账户号", "Account"))</dt><dd class="num">\(order.citizen.raw)</dd>
      <dt>\(t("价格", "Price"))</dt><dd>\(row.offer.price(t))</dd>
      <dt>\(t("兑换时间", "Taken"))</dt><dd>\(visit.time(order.placed))</dd>
      <dt>\(t("有效期", "Valid"))</dt><dd>\(MallText.validity(order, visit))</dd>
      \(when: !order.endedBy.isEmpty, """
          <dt>\(t("结束", "Ended"))</dt><dd>\(visit.time(order.ended)) · \(order.endedBy)</dd>
          """)
      \(when: !order.payment.isEmpty,
        "<dt>\(t("支付流水号", "Payment"))</dt><dd><code>\(order.payment)</code></dd>")
      \(some: note, { "<dt>\(t("退款原因", "Why refunded"))</dt><dd>\($0)</dd>" })
      </dl></section>
      \(when: mayRefund, """
          <section class="card1"><h2>\(t("商户未兑付，退款", "Refund: the shop did not honour it"))</h2>
          <form method="post" action="/console/\(m)/mall/vouchers/\(Link("\(row.number)"))/refund">\
          \(visit.formField)<div class="field"><label class="form-label" for="reason">\
          \(t("原因（加密保存，账本只记摘要）", "Why (kept encrypted; the journal has a digest)"))</label>\
          <input class="form-control" id="reason" name="reason" required maxlength="200" \
          autocomplete="off"></div><button class="btn btn-primary">\
          \(t("退款，积分立即返还", "Refund: the points go back at once"))</button></form></section>
          """)
      """)
  }
}
