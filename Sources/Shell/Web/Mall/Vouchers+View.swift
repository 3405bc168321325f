// SPDX-License-Identifier: Apache-2.0
import Rewards
import Units

extension Layout {
  /// `/{mechanism}/me/vouchers`
  package static func wallet(
    _ visit: Visit, code: String, vouchers: [VoucherModel], back: [OfferModel]
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let open = vouchers.filter { $0.order.status == .open || $0.order.status == .paying }
    let over = vouchers.filter { $0.order.status != .open && $0.order.status != .paying }
    return city(
      visit, title: t("我的券包", "My vouchers"), place: .account, width: .slim,
      """
      <h1>\(t("我的券包", "My vouchers"))</h1>
      \(when: !vouchers.isEmpty, exports(visit))
      \(when: !back.isEmpty, """
          <div class="note1"><p>\(t("您关注的兑换品到货了：", "Back in stock, as you wished:")) \(
            each: back, {
              "<a href=\"/\(m)/mall/\(Link("\($0.number)"))\">\(t($0.offer.name))</a> " })</p></div>
          """)
      \(open.isEmpty ? """
        <section class="card1 empty"><p>\(t("没有待使用的券。", "No voucher is waiting to be used."))</p>\
        <a class="btn btn-primary" href="/\(m)/mall">\(t("去商城", "To the mall"))</a></section>
        """ : """
        <section class="card1"><ul class="list">\(each: open, { row(visit, m, $0) })</ul></section>
        """)
      \(when: !over.isEmpty, """
          <h2>\(t("历史", "Past"))</h2><section class="card1"><ul class="list">\
          \(each: over.prefix(100), { row(visit, m, $0) })</ul></section>
          """)
      """)
  }

  private static func row(_ visit: Visit, _ m: Link, _ voucher: VoucherModel) -> HTML {
    let t = visit.t
    return """
      <li><a class="entry" href="/\(m)/me/vouchers/\(Link("\(voucher.number)"))">\
      <span><b>\(t(voucher.offer.name))</b> \(MallText.status(voucher.order.status, t))</span>
      <span class="gain"><i>−\(grouped(voucher.order.points)) \(t("分", "pts"))</i></span>
      <span class="soft">\(t(voucher.merchant))</span><span class="gain soft">\
      \(String(voucher.order.placed.plain(offset: visit.zone).prefix(10)))</span></a></li>
      """
  }

  /// `/{mechanism}/me/vouchers/{number}`
  package static func voucher(
    _ visit: Visit, code: String, _ voucher: VoucherModel, secret: String, address: String,
    isTest: Bool, problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let order = voucher.order
    return city(
      visit, title: HTML(t(voucher.offer.name)), place: .account, width: .slim,
      """
      <p><a href="/\(m)/me/vouchers">← \(t("我的券包", "My vouchers"))</a></p>
      <section class="card1 voucher"><h1>\(t(voucher.offer.name))</h1>
      <p>\(MallText.status(order.status, t)) <span class="soft">\(t(voucher.merchant))</span></p>
      \(alert(problem))
      \(when: order.status == .open, """
          \(QRCode.svg(address) ?? "")
          <p class="code">\(secret)</p>
          <p class="soft">\(t("请向店员出示二维码，或报出券码。核销前请勿外传。",
            "Show this to the shop's staff, or read them the code; show it to nobody else."))</p>
          """)
      \(when: order.status == .paying, paying(visit, m, voucher, isTest))
      \(ending(visit, voucher))
      <dl class="facts">
      <dt>\(t("支付", "Price"))</dt><dd>\(voucher.offer.price(t))</dd>
      <dt>\(t("有效期", "Valid"))</dt><dd>\(MallText.validity(order, visit))</dd>
      <dt>\(t("兑换时间", "Taken"))</dt><dd>\(visit.time(order.placed))</dd>
      <dt>\(t("券号", "Number"))</dt><dd class="num">\(voucher.number)</dd>
      <dt>\(t("到期与退回", "Expiry"))</dt><dd>\(MallText.expiry(voucher.offer.expiry, t))</dd>
      </dl></section>
      \(when: order.status == .open && voucher.offer.isReturnable, """
          <form method="post" action="/\(m)/me/vouchers/\(Link("\(voucher.number)"))/give-up">\
          \(visit.formField)<button class="btn btn-light wide">\
          \(t("退回这张券，积分返还", "Give it back for your points"))</button></form>
          """)
      """)
  }

  private static func paying(
    _ visit: Visit, _ m: Link, _ voucher: VoucherModel, _ isTest: Bool
  ) -> HTML {
    let t = visit.t
    let here: Link = "/\(m)/me/vouchers/\(Link("\(voucher.number)"))"
    return """
      \(when: isTest, """
        <div class="note1 dev"><p><b>\(t("测试支付", "Test payment"))</b> · \
        \(t("不产生真实扣款。", "No money changes hands."))</p></div>
        """)
      <p>\(t("请在此之前支付：", "To be paid by")) \(visit.time(voucher.order.deadline))</p>
      <form method="post" action="\(here)/pay">\(visit.formField)\
      <button class="btn btn-primary wide" name="choice" value="pay">\(t("支付", "Pay")) \
      ¥\(yuan(voucher.order.cash))</button>\(when: isTest, """
         <button class="btn btn-light wide" name="choice" value="decline">\
        \(t("模拟支付失败", "Try a payment that fails"))</button>
        """)</form>
      <form method="post" action="\(here)/give-up">\(visit.formField)<button class="link-btn bad">\
      \(t("取消订单，释放积分", "Cancel, and free the points"))</button></form>
      """
  }

  /// What became of it, so that nobody wonders where the points are.
  private static func ending(_ visit: Visit, _ voucher: VoucherModel) -> HTML {
    let t = visit.t
    let order = voucher.order
    let when = visit.time(order.ended)
    let back: HTML = """
      \(grouped(order.points)) \(t("分已返还", "points came back"))\
      \(when: !order.payment.isEmpty, " · ¥\(yuan(order.cash)) \(t("原路退回", "paid back"))")
      """
    switch order.status {
    case .paying, .open: return ""
    case .used:
      return """
        <div class="note1"><p>\(t("已于", "Used at")) \(when) \(t("在", "at")) \(t(voucher.merchant)) \
        \(t("使用。", "."))</p></div>
        """
    case .cancelled, .late:
      return "<div class=\"note1\"><p>\(when) · \(t("未扣积分。", "No points were spent."))</p></div>"
    case .returned: return "<div class=\"note1\"><p>\(when) · \(back)</p></div>"
    case .refunded:
      return """
        <div class="note1"><p>\(t("商户未能兑付，", "The shop did not honour it;")) \(when) · \
        \(back)</p></div>
        """
    case .expired:
      return """
        <div class="note1"><p>\(when) · \(voucher.offer.expiry == .returns ? back :
          t("按规则积分不退回。", "By its rule the points are gone."))</p></div>
        """
    }
  }
}
