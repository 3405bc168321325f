// SPDX-License-Identifier: Apache-2.0
import Mechanism
import Rewards
import Units

extension Tongue {
  package func callAsFunction(_ label: Label) -> String {
    self == .chinese || label.english.isEmpty ? label.chinese : label.english
  }
}

/// `12.50`: fen as yuan.
package func yuan(_ fen: Int64) -> String {
  let size = fen.magnitude
  let cents = String(100 + size % 100).dropFirst()
  return (fen < 0 ? "-" : "") + grouped(size / 100) + "." + cents
}

extension Offer {
  /// `50 分 + ¥9.90`
  package func price(_ t: Tongue) -> String {
    let points = points > 0 ? t.plain("\(grouped(points)) 分", "\(grouped(points)) points") : ""
    guard cash > 0 else { return points }
    return (points.isEmpty ? "" : points + " + ") + "¥" + yuan(cash)
  }
}

enum MallText {
  static func kind(_ kind: Offer.Kind, _ t: Tongue) -> String {
    switch kind {
    case .ticket: t.plain("门票", "Ticket")
    case .parking: t.plain("停车", "Parking")
    case .service: t.plain("服务", "Service")
    case .coupon: t.plain("消费券", "Coupon")
    case .goods: t.plain("商品", "Goods")
    }
  }

  static func status(_ status: Order.Status, _ t: Tongue) -> HTML {
    switch status {
    case .paying: "<span class=\"tag held\">\(t("待支付", "To be paid"))</span>"
    case .open: "<span class=\"tag\">\(t("待使用", "Ready to use"))</span>"
    case .used: "<span class=\"tag off\">\(t("已使用", "Used"))</span>"
    case .cancelled: "<span class=\"tag off\">\(t("已取消", "Cancelled"))</span>"
    case .late: "<span class=\"tag off\">\(t("超时未付", "Not paid in time"))</span>"
    case .returned: "<span class=\"tag off\">\(t("已退回", "Given back"))</span>"
    case .refunded: "<span class=\"tag wait\">\(t("已退款", "Refunded"))</span>"
    case .expired: "<span class=\"tag bad\">\(t("已过期", "Expired"))</span>"
    }
  }

  static func statusName(_ status: Order.Status, _ t: Tongue) -> String {
    switch status {
    case .paying: t.plain("待支付", "To be paid")
    case .open: t.plain("待使用", "Ready to use")
    case .used: t.plain("已使用", "Used")
    case .cancelled: t.plain("已取消", "Cancelled")
    case .late: t.plain("超时未付", "Not paid in time")
    case .returned: t.plain("已退回", "Given back")
    case .refunded: t.plain("已退款", "Refunded")
    case .expired: t.plain("已过期", "Expired")
    }
  }

  static func standing(_ standing: Standing, _ t: Tongue) -> HTML {
    switch standing {
    case .applied: "<span class=\"tag held\">\(t("待审核", "To be reviewed"))</span>"
    case .approved: "<span class=\"tag\">\(t("已通过", "Approved"))</span>"
    case .refused: "<span class=\"tag bad\">\(t("未通过", "Turned down"))</span>"
    case .closed: "<span class=\"tag off\">\(t("已停用", "Closed"))</span>"
    }
  }

  static func expiry(_ expiry: Offer.Expiry, _ t: Tongue) -> HTML {
    switch expiry {
    case .returns:
      t("过期未使用，积分自动退回。", "Not used in time, the points come back by themselves.")
    case .forfeits: t("过期未使用，积分不退回。", "Not used in time, the points are gone.")
    }
  }

  /// `2026-11-22 — 2026-12-21`: the last day counts in full.
  static func validity(_ order: Order, _ visit: Visit) -> HTML {
    let first = order.validFrom.day(offset: visit.zone)
    let last = Instant(milliseconds: order.validUntil.milliseconds - 1).day(offset: visit.zone)
    return """
      <span class="nowrap">\(first.description)</span> — <span class="nowrap">\
      \(last.description)</span> \(visit.t("（含当日）", "(included)"))
      """
  }

  /// `abcd efgh ijkl mnop`, in capitals, in groups of four.
  static func code(_ code: String) -> String {
    var text = ""
    for (index, character) in code.uppercased().enumerated() {
      if index > 0, index % 4 == 0 { text += "-" }
      text.append(character)
    }
    return text
  }
}

extension Trouble {
  /// A refusal of the mall, in a sentence that says what to do.
  init(mall refusal: CommandRefusal, zone: Int32) {
    let count = refusal.detail["count"].flatMap { Int64($0) } ?? 0
    let at = refusal.detail["at"].flatMap { Int64($0) }.map { Instant(milliseconds: $0) }
    let when = at.map { $0.plain(offset: zone) } ?? ""
    let who = refusal.detail["by"] ?? ""
    let texts: [String: (String, String)] = [
      "soldOut": when.isEmpty
        ? ("已兑完。请看看其他兑换品。", "Sold out. See the mall for others.")
        : ("已兑完，下次投放时间 \(when)。", "Sold out. The next come at \(when)."),
      "notEnoughPoints": (
        "碳积分不足，还差 \(grouped(count)) 分。坚持绿色出行，很快就能兑换。",
        "You are \(grouped(count)) points short. A few more green trips will do."
      ),
      "perPersonLimit": (
        "每人每年限兑 \(count) 份，您已兑满。", "One person may have \(count) a year, and you have had them."
      ),
      "offerClosed": ("该兑换品未上架，请看看其他兑换品。", "This is not on sale. See the mall for others."),
      "accountFrozen": ("账户已冻结，请联系运营方。", "The account is frozen. Ask the operator."),
      "idReused": ("请返回页面重新兑换。", "Go back to the page and order again."),
      "codeReused": ("请返回页面重新兑换。", "Go back to the page and order again."),
      "paymentLate": (
        "订单已超过支付时限，积分已释放；如已付款将原路退回。请重新兑换。",
        "The order was no longer waiting. What you paid is paid back; order again."
      ),
      "notReturnable": ("该兑换品不支持退回。", "The terms of this offer do not let it be given back."),
      "orderUnknown": ("没有这个订单，请查看券包。", "There is no such order. See your vouchers."),
      "voucherUnknown": ("没有这个券码，请核对后重试。", "There is no such code. Check it and try again."),
      "wrongMerchant": ("该券不在本店使用。", "This voucher is not for your shop."),
      "notPaid": ("该券尚未支付，请顾客先完成支付。", "Not paid yet: the holder pays first."),
      "alreadyUsed": ("该券已于 \(when) 使用（\(who)）。", "Used at \(when) (\(who))."),
      "voucherReturned": ("该券已于 \(when) 退回或退款。", "Given back or refunded at \(when)."),
      "voucherExpired": ("该券已于 \(when) 过期。", "It was good until \(when)."),
      "notYetValid": ("该券自 \(when) 起可用。", "It is good from \(when) on."),
      "samePerson": ("申请人不能审核自己的申请，请由他人审核。", "Somebody else than the applicant has to approve it."),
      "alreadyJudged": ("已由他人处理，请刷新查看。", "Decided before. Look at it again."),
      "licenceTaken": ("该营业执照已入驻，或未填写。", "This licence is on the list already, or none is given."),
      "merchantNotOpen": ("商户尚未通过审核。", "The merchant is not approved yet."),
      "offerInvalid": ("名称、价格、限兑数量或有效期不正确。", "Name, price, limit or validity cannot be."),
      "releaseInvalid": (
        "投放数量或日期不正确；政府资源请按年度发放。",
        "Quantity or days cannot be; what a document promises is opened by the year."
      ),
      "yearInvalid": ("只能发放今年或明年的资源。", "Resources open for this year or the next."),
      "unchanged": ("该年度资源已全部发放，没有变化。", "All of that year is open already."),
      "noResources": ("现行政策包没有政府资源。", "The pack in force promises no resources."),
    ]
    let (chinese, english) =
      texts[refusal.name] ?? ("操作未执行（\(refusal.name)）。", refusal.message)
    self.init(409, refusal.name, chinese, english, next: .back)
  }
}
