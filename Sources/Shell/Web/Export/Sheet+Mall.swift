// SPDX-License-Identifier: Apache-2.0
import Rewards
import Units

// Offers, merchants, vouchers and what merchants are owed.
extension Sheet {
  static func offers(_ rows: [OfferModel], _ t: Tongue) -> Sheet {
    Sheet(
      "offers",
      [
        t.plain("编号", "No."), t.plain("兑换品", "Offer"), t.plain("商户", "Merchant"),
        t.plain("种类", "Kind"), t.plain("积分", "Points"), t.plain("金额 (元)", "Cash (yuan)"),
        t.plain("平台结算 (元)", "Programme pays (yuan)"), t.plain("已投放", "Released"),
        t.plain("剩余", "Left"), t.plain("待使用", "Open"), t.plain("已核销", "Used"),
        t.plain("失效", "Lapsed"), t.plain("状态", "Status"),
      ]
    ) { add in
      for row in rows {
        try add([
          .count(row.number), .text(t(row.offer.name)), .text(t(row.merchant)),
          .text(MallText.kind(row.offer.kind, t)), .number(row.offer.points),
          .fen(row.offer.cash), .fen(row.offer.settles), .number(row.released),
          row.offer.isUnlimited ? .blank : .number(row.remaining), .number(row.reserved),
          .number(row.used), .number(row.lapsed), .text(words(row.offer.standing, t)),
        ])
      }
    }
  }

  private static func words(_ standing: Standing, _ t: Tongue) -> String {
    switch standing {
    case .applied: t.plain("待审核", "To be reviewed")
    case .approved: t.plain("已通过", "Approved")
    case .refused: t.plain("未通过", "Turned down")
    case .closed: t.plain("已停用", "Closed")
    }
  }

  static func merchants(_ rows: [MerchantModel], _ t: Tongue) -> Sheet {
    Sheet(
      "merchants",
      [
        t.plain("编号", "No."), t.plain("名称", "Name"), t.plain("来源", "Origin"),
        t.plain("兑换品", "Offers"), t.plain("已核销", "Redeemed"), t.plain("状态", "Status"),
      ]
    ) { add in
      for row in rows {
        try add([
          .count(row.number), .text(t(row.merchant.name)),
          .text(
            row.merchant.provider == nil
              ? t.plain("入驻", "joined") : t.plain("政策文件", "by a document")),
          .count(row.offers), .count(row.used), .text(words(row.merchant.standing, t)),
        ])
      }
    }
  }

  private static func voucherColumns(_ t: Tongue) -> [String] {
    [
      t.plain("券号", "No."), t.plain("兑换品", "Offer"), t.plain("商户", "Merchant"),
      t.plain("兑换时间", "Taken"), t.plain("积分", "Points"), t.plain("金额 (元)", "Cash (yuan)"),
      t.plain("状态", "Status"), t.plain("结束时间", "Ended"),
    ]
  }

  private static func cells(_ row: VoucherModel, _ t: Tongue) -> [Cell] {
    let order = row.order
    let isOver = order.status != .open && order.status != .paying
    return [
      .count(row.number), .text(t(row.offer.name)), .text(t(row.merchant)), .time(order.placed),
      .number(order.points), .fen(order.cash), .text(MallText.statusName(order.status, t)),
      isOver ? .time(order.ended) : .blank,
    ]
  }

  /// All vouchers of a status, newest first.
  static func vouchers(_ office: Office, _ status: Order.Status?, _ t: Tongue) -> Sheet {
    Sheet("vouchers", voucherColumns(t) + [t.plain("账户号", "Account")]) { add in
      var before: UInt32?
      while true {
        let rows = office.vouchers(status: status, before: before, limit: 500).rows
        for row in rows { try add(cells(row, t) + [.count(row.order.citizen.raw)]) }
        guard rows.count == 500, let last = rows.last else { return }
        before = last.number
      }
    }
  }

  /// A citizen's own.
  static func wallet(_ rows: [VoucherModel], _ t: Tongue) -> Sheet {
    Sheet("vouchers", voucherColumns(t)) { add in
      for row in rows { try add(cells(row, t)) }
    }
  }

  /// 结算单: what a merchant redeemed in a month, and the sum.
  static func settlement(_ month: Settlement, _ t: Tongue) -> Sheet {
    Sheet(
      "settlement-\(month.merchant)-\(month.year)-\(month.month < 10 ? "0" : "")\(month.month)",
      [
        t.plain("券号", "No."), t.plain("兑换品", "Offer"), t.plain("核销时间", "Redeemed"),
        t.plain("店员", "Clerk"), t.plain("积分", "Points"),
        t.plain("平台结算 (元)", "Programme pays (yuan)"),
        t.plain("顾客支付 (元)", "Customers paid (yuan)"), t.plain("应付 (元)", "Due (yuan)"),
      ]
    ) { add in
      for row in month.rows {
        let order = row.order
        try add([
          .count(row.number), .text(t(row.offer.name)), .time(order.ended),
          .text(order.endedBy), .number(order.points), .fen(order.settles), .fen(order.cash),
          .fen(order.settles + order.cash),
        ])
      }
      try add([
        .text(t.plain("合计", "Sum")), .count(month.rows.count), .blank, .blank,
        .number(month.points), .fen(month.settles), .fen(month.cash), .fen(month.due),
      ])
    }
  }
}
