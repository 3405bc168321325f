// SPDX-License-Identifier: Apache-2.0
import HTTP

// The mall: for everybody, for citizens, for merchants' clerks, for staff.
extension Routes {
  static let mall: [Route] = mallOfCitizens + mallOfMerchants + mallOfStaff

  private static let mallOfCitizens: [Route] = [
    Route(
      .get, "/api/v1/{m}/offers", .anyone, "兑换品与余量", "Offers and what is left of them",
      .page(Program.offers)),
    Route(.get, "/{m}/mall", .anyone, "普惠商城", "Mall", .page(MallDesk.list)),
    Route(.get, "/{m}/mall/join", .anyone, "商户入驻", "Joining as a merchant", .page(JoinDesk.show)),
    Route(
      .post, "/{m}/mall/join", .citizen, "提交入驻申请", "Apply as a merchant", .page(JoinDesk.apply)),
    Route(.get, "/{m}/mall/{number}", .anyone, "兑换品", "One offer", .page(MallDesk.offer)),
    Route(
      .post, "/{m}/mall/{number}/order", .citizen, "兑换", "Take an offer",
      .page(MallDesk.reserve)),
    Route(
      .post, "/{m}/mall/{number}/wish", .citizen, "到货提醒", "Wish for an offer",
      .page(MallDesk.wish)),
    Route(.get, "/{m}/me/vouchers", .citizen, "我的券包", "My vouchers", .page(MallDesk.wallet)),
    Route(
      .get, "/{m}/me/vouchers/{number}", .citizen, "我的一张券", "One voucher",
      .page(MallDesk.voucher)),
    Route(
      .post, "/{m}/me/vouchers/{number}/pay", .citizen, "支付", "Pay", .page(MallDesk.pay)),
    Route(
      .post, "/{m}/me/vouchers/{number}/give-up", .citizen, "取消或退回", "Give back",
      .page(MallDesk.giveUp)),
  ]

  private static let mallOfMerchants: [Route] = [
    Route(.get, "/console/{m}/shop", .merchant, "商户核销台", "Till", .page(ShopDesk.till)),
    Route(
      .get, "/console/{m}/shop/use", .merchant, "查询券码", "Look up a code",
      .page(ShopDesk.look)),
    Route(.post, "/console/{m}/shop/use", .merchant, "核销", "Redeem", .page(ShopDesk.redeem)),
    Route(
      .post, "/console/{m}/shop/decline", .merchant, "无法兑付", "Can't honour a voucher",
      .page(ShopDesk.decline)),
    Route(
      .get, "/console/{m}/shop/offers", .merchant, "本店兑换品", "The shop's offers",
      .page(ShopDesk.offers)),
    Route(
      .post, "/console/{m}/shop/offers", .merchant, "商户上架申请", "A shop proposes an offer",
      .page(ShopDesk.propose)),
    Route(
      .get, "/console/{m}/shop/statement", .merchant, "月结算单", "Month's statement",
      .page(ShopDesk.statement)),
    Route(
      .get, "/console/{m}/shop/statement.csv", .merchant, "导出结算单", "Statement as CSV",
      .page(ShopDesk.statementTable)),
  ]

  private static let mallOfStaff: [Route] = [
    Route(
      .get, "/console/{m}/mall", .staff, "商城管理", "Mall, for staff",
      .page(MallConsoleDesk.overview)),
    Route(
      .post, "/console/{m}/mall/resources", .operators, "发放政府资源", "Open a year's resources",
      .page(MallConsoleDesk.openResources)),
    Route(
      .get, "/console/{m}/mall/merchants", .staff, "商户", "Merchants",
      .page(MallConsoleDesk.merchants)),
    Route(
      .post, "/console/{m}/mall/merchants", .operators, "商户入驻申请", "A merchant applies",
      .page(MallConsoleDesk.apply)),
    Route(
      .get, "/console/{m}/mall/merchants/{number}", .staff, "一个商户", "One merchant",
      .page(MallConsoleDesk.showMerchant)),
    Route(
      .post, "/console/{m}/mall/merchants/{number}", [.operators, .reviewer], "商户审核",
      "Judge a merchant", .page(MallConsoleDesk.judgeMerchant)),
    Route(
      .post, "/console/{m}/mall/merchants/{number}/clerks", [.operators, .administrator],
      "新建店员", "Add a clerk", .page(MallConsoleDesk.addClerk)),
    Route(
      .get, "/console/{m}/mall/merchants/{number}/statement.csv", .staff, "商户结算单",
      "A merchant's statement as CSV", .page(MallConsoleDesk.merchantStatement)),
    Route(
      .post, "/console/{m}/mall/offers", .operators, "上架申请", "Propose an offer",
      .page(MallConsoleDesk.propose)),
    Route(
      .get, "/console/{m}/mall/offers/{number}", .staff, "一个兑换品", "One offer, for staff",
      .page(MallConsoleDesk.showOffer)),
    Route(
      .post, "/console/{m}/mall/offers/{number}", [.operators, .reviewer], "上架审核与下架",
      "Judge or close an offer", .page(MallConsoleDesk.judgeOffer)),
    Route(
      .post, "/console/{m}/mall/offers/{number}/releases", .operators, "投放库存",
      "Release stock", .page(MallConsoleDesk.release)),
    Route(
      .get, "/console/{m}/mall/vouchers", .staff, "券与订单", "Vouchers",
      .page(MallConsoleDesk.vouchers)),
    Route(
      .get, "/console/{m}/mall/vouchers/{number}", .staff, "一张券", "One voucher, for staff",
      .page(MallConsoleDesk.showVoucher)),
    Route(
      .post, "/console/{m}/mall/vouchers/{number}/refund", .operators, "退款", "Refund a voucher",
      .page(MallConsoleDesk.refund)),
  ]
}
