// SPDX-License-Identifier: Apache-2.0
import Rewards
import Units

/// `/{mechanism}/mall`
package struct MallModel: Sendable {
  package var code: String
  package var purse: Purse?
  package var kind: Offer.Kind?
  package var district: String
  package var districts: [Label]
  package var offers: [OfferModel]
}

extension Layout {
  package static func mall(_ visit: Visit, _ model: MallModel) -> HTML {
    let t = visit.t
    let m: Link = "\(model.code)"
    return city(
      visit, title: t("普惠商城", "Mall"), place: .mall,
      """
      <h1>\(t("普惠商城", "Mall"))</h1>
      \(purseLine(visit, model.purse, m))
      <form class="query" method="get" action="/\(m)/mall"><div><label class="form-label" \
      for="district">\(t("区域", "District"))</label><select class="form-select" id="district" \
      name="district"><option value="">\(t("全市", "Whole city"))</option>\(
        each: model.districts, { label in
          """
          <option value="\(label.chinese)"\(when: label.chinese == model.district, " selected")>\
          \(t(label))</option>
          """
        })</select></div>
      <div><label class="form-label" for="kind">\(t("种类", "Kind"))</label><select \
      class="form-select" id="kind" name="kind"><option value="">\(t("全部", "All"))</option>\(
        each: Offer.Kind.allCases, { kind in
          """
          <option value="\(kind.rawValue)"\(when: kind == model.kind, " selected")>\
          \(MallText.kind(kind, t))</option>
          """
        })</select></div>
      <button class="btn btn-primary">\(t("筛选", "Filter"))</button></form>
      \(model.offers.isEmpty ? """
        <section class="card1 empty"><p>\(t("没有符合条件的兑换品，换个条件试试。",
          "Nothing fits. Try another district or kind."))</p></section>
        """ : """
        <div class="cards">\(each: model.offers, { card(visit, $0, model.purse, m) })</div>
        """)
      <p class="soft small"><a href="/\(m)/mall/join">\
      \(t("我是商户，申请入驻", "I keep a shop and want to join"))</a></p>
      """)
  }

  private static func purseLine(_ visit: Visit, _ purse: Purse?, _ m: Link) -> HTML {
    let t = visit.t
    guard let purse else {
      return """
        <p class="soft">\(t("用碳积分兑换门票、停车券和本地好物。", """
          Tickets, parking and local goods for your carbon points.
          """)) <a href="/\(m)/me">\(t("登录后查看您还差多少分", "Log in to see how far you are"))</a></p>
        """
    }
    return """
      <p class="soft">\(t("可用碳积分", "Points you can spend")) <b class="num">\
      \(grouped(purse.points))</b> · <a href="/\(m)/me/vouchers">\(t("我的券包", "My vouchers"))</a></p>
      """
  }

  private static func card(_ visit: Visit, _ row: OfferModel, _ purse: Purse?, _ m: Link) -> HTML {
    let t = visit.t
    return """
      <a class="card1" href="/\(m)/mall/\(Link("\(row.number)"))">
      <span><span class="tag wait">\(MallText.kind(row.offer.kind, t))</span>\
      \(when: row.offer.resource != nil,
        " <span class=\"tag\">\(t("政府资源", "Public resource"))</span>")</span>
      <h2>\(t(row.offer.name))</h2>
      <span class="soft small">\(t(row.merchant))</span>
      <span class="end"><b class="price">\(row.offer.price(t))</b> · \(stock(visit, row))</span>
      <span>\(reach(visit, row, purse))</span></a>
      """
  }

  /// 余量
  static func stock(_ visit: Visit, _ row: OfferModel) -> HTML {
    let t = visit.t
    guard let left = row.left else { return t("不限量", "no end of it") }
    if left > 0 { return "\(t("剩余", "left:")) <span class=\"num\">\(grouped(left))</span>" }
    guard let next = row.next else { return t("已兑完", "sold out") }
    return "\(t("已兑完，下次投放", "sold out, next:")) \(visit.time(next))"
  }

  /// 还差 N 分
  static func reach(_ visit: Visit, _ row: OfferModel, _ purse: Purse?) -> HTML {
    let t = visit.t
    guard let purse else { return "" }
    let short = row.offer.points - purse.points
    if short > 0 {
      return """
        <span class="tag held">\(t("还差", "short by")) \(grouped(short)) \(t("分", "points"))</span>
        """
    }
    return row.isAvailable ? "<span class=\"tag\">\(t("可兑换", "Yours to take"))</span>" : ""
  }

  package static func offer(
    _ visit: Visit, code: String, _ row: OfferModel, purse: Purse?, order: String,
    source: String?, canPay: Bool
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let offer = row.offer
    return city(
      visit, title: HTML(t(offer.name)), place: .mall, width: .slim,
      """
      <p><a href="/\(m)/mall">← \(t("商城", "Mall"))</a></p>
      <section class="card1"><h1>\(t(offer.name))</h1>
      <p>\(t(offer.about))</p>
      <p><b class="price big">\(offer.price(t))</b> \(reach(visit, row, purse))</p>
      <dl class="facts">
      <dt>\(t("提供方", "Provided by"))</dt><dd>\(t(row.merchant))</dd>
      <dt>\(t("余量", "Stock"))</dt><dd>\(stock(visit, row))\
      \(some: row.left.flatMap { $0 > 0 ? row.next : nil },
        { " · \(t("下次投放", "next release")) \(visit.time($0))" })</dd>
      \(when: offer.worth > 0, "<dt>\(t("面值", "Worth"))</dt><dd>¥\(yuan(offer.worth))</dd>")
      <dt>\(t("限兑", "Limit"))</dt><dd>\(t("每人每年", "per person and year:")) \
      \(offer.perYear) \(t("份", ""))</dd>
      <dt>\(t("有效期", "Valid"))</dt><dd>\(offer.validDays) \
      \(t("天，自兑换当日起；不晚于本期库存的最后一天", "days from the day you take it, within the release"))</dd>
      \(when: !offer.districts.isEmpty, """
          <dt>\(t("适用区域", "Districts"))</dt><dd>\(
            each: offer.districts, { "<span class=\"tag\">\(t($0))</span> " })</dd>
          """)
      <dt>\(t("到期与退回", "Expiry"))</dt><dd>\(MallText.expiry(offer.expiry, t)) \
      \(offer.isReturnable ? t("未使用可随时退回。", "Not used, it can be given back any time.") :
        t("兑换后不可退回。", "Once taken, it can't be given back."))</dd>
      \(some: source, { "<dt>\(t("依据", "Rests on"))</dt><dd class=\"src\">\($0)</dd>" })
      </dl></section>
      \(action(visit, m, row, purse, order, canPay))
      """)
  }

  private static func action(
    _ visit: Visit, _ m: Link, _ row: OfferModel, _ purse: Purse?, _ order: String,
    _ canPay: Bool
  ) -> HTML {
    let t = visit.t
    guard let purse else {
      return """
        <p><a class="btn btn-primary wide" href="/\(m)/me">\
        \(t("登录后兑换", "Log in to take it"))</a></p>
        """
    }
    if purse.isFrozen {
      return """
        <div class="note1 bad"><p>\(t("账户已冻结，请联系运营方。",
          "Your account is frozen. Ask the operator."))</p></div>
        """
    }
    guard row.isAvailable else { return wish(visit, m, row, purse) }
    let short = row.offer.points - purse.points
    if short > 0 {
      return """
        <div class="note1"><p>\(t("还差", "You are")) <b class="num">\(grouped(short))</b> \
        \(t("分。坚持绿色出行，很快就能兑换。", "points short. A few more green trips will do.")) \
        <a href="/\(m)/scenes">\(t("看看怎样得分", "How to earn points"))</a></p></div>
        """
    }
    guard canPay else {
      return """
        <div class="note1"><p>\(t("本服务器没有接入支付，暂不能兑换。",
          "No provider of payments is set up here."))</p></div>
        """
    }
    return """
      <form method="post" action="/\(m)/mall/\(Link("\(row.number)"))/order">\(visit.formField)\
      <input type="hidden" name="order" value="\(order)"><button class="btn btn-primary wide">\
      \(row.offer.cash > 0 ? t("兑换并去支付", "Take it and pay") : t("立即兑换", "Take it"))</button></form>
      """
  }

  private static func wish(_ visit: Visit, _ m: Link, _ row: OfferModel, _ purse: Purse) -> HTML {
    let t = visit.t
    let isWished = purse.wishes.contains(row.number)
    return """
      <div class="note1"><p>\(stock(visit, row))</p></div>
      <form method="post" action="/\(m)/mall/\(Link("\(row.number)"))/wish">\(visit.formField)\
      <input type="hidden" name="wish" value="\(isWished ? "no" : "yes")"><button \
      class="btn btn-light wide">\(isWished ? t("取消到货提醒", "Forget the reminder") :
        t("到货提醒我", "Remind me when it is back"))</button></form>
      """
  }
}
