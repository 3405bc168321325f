// SPDX-License-Identifier: Apache-2.0
import HTTP
import Mechanism
import Rewards
import Storage
import Units

/// 商户收银台: what a merchant's clerks see, each their own merchant's and nothing else.
enum ShopDesk {
  /// The caller's shop. A clerk of another mechanism's shop, or of none, finds nothing here.
  private static func shop(_ call: Call, _ office: Office) throws -> MerchantModel {
    guard let staff = call.staff, let clerk = try call.site.vault.shopClerk(staff.id),
      clerk.mechanism == office.code, let merchant = office.merchant(clerk.merchant)
    else {
      throw Trouble(
        404, "shop-unknown", "您的账号没有绑定本机制的商户，请联系运营方。",
        "Your account belongs to no shop of this mechanism. Ask the operator.")
    }
    return merchant
  }

  /// Where a clerk's login leads.
  static func home(_ call: Call) throws -> Response {
    guard let staff = call.staff, let clerk = try call.site.vault.shopClerk(staff.id) else {
      throw Trouble(
        404, "shop-unknown", "您的账号没有绑定商户，请联系运营方。",
        "Your account belongs to no shop. Ask the operator.")
    }
    return call.go("/console/\(clerk.mechanism)/shop")
  }

  static func till(_ call: Call) throws -> Response {
    let office = try call.office()
    let shop = try shop(call, office)
    let today = call.now.day(offset: office.zone)
    let month = office.settlement(
      of: shop.number, year: today.civil.year, month: today.civil.month)
    let used = month.rows.filter { $0.order.ended.day(offset: office.zone) == today }
    return call.html(
      Till.home(
        call.visit(office), code: office.code, shop, today: used.reversed(), month: month))
  }

  /// A code was scanned or typed: what it is, before anything happens.
  static func look(_ call: Call) throws -> Response {
    let office = try call.office()
    let shop = try shop(call, office)
    let code = call.request.query["code"] ?? ""
    guard !code.isEmpty else { return call.go("/console/\(office.code)/shop") }
    return try show(call, office, shop, code)
  }

  private static func show(
    _ call: Call, _ office: Office, _ shop: MerchantModel, _ code: String,
    done: Bool = false, problem: Trouble? = nil
  ) throws -> Response {
    var problem = problem
    var voucher = office.voucher(code: code)
    if voucher == nil {
      problem = Trouble(
        404, "voucher-unknown", "没有这个券码，请核对后重试。", "There is no such code. Check it and try again.")
    } else if voucher?.offer.merchant != shop.number {
      // Another shop's: not a word about whose or what.
      voucher = nil
      problem = Trouble(404, "voucher-foreign", "该券不在本店使用。", "This voucher is not for your shop.")
    }
    return call.html(
      Till.voucher(
        call.visit(office), code: office.code, shop, voucher, typed: code,
        use: Storage.hexadecimal(randomBytes(16)), isDone: done,
        problem: problem?.sentence(call.t)), status: problem?.status ?? 200)
  }

  /// 核销
  static func redeem(_ call: Call) throws -> Response {
    let office = try call.office()
    let shop = try shop(call, office)
    let code = call.form["code"] ?? ""
    guard let use = OrderID(call.form["use"] ?? ""), let staff = call.staff else {
      throw Trouble.unreadableForm
    }
    let (high, low) = Vault.voucherDigest(code)
    do {
      let result = try office.perform(
        .redeem(CodeDigest(high, low), at: shop.number, by: staff.username, use: use),
        office.zone)
      if !result.isRepeat {
        try call.log("redeem", "\(office.code)/voucher/\(result.number)")
      }
      return try show(call, office, shop, code, done: true)
    } catch let trouble as Trouble {
      return try show(call, office, shop, code, problem: trouble)
    }
  }

  /// 无法兑付: the points go back at once.
  static func decline(_ call: Call) throws -> Response {
    let office = try call.office()
    let shop = try shop(call, office)
    let code = call.form["code"] ?? ""
    guard let voucher = office.voucher(code: code), voucher.offer.merchant == shop.number,
      let staff = call.staff
    else { return try show(call, office, shop, code) }
    let reason = String((call.form["reason"] ?? "").prefix(200))
    do {
      let result = try office.perform(
        .refund(
          voucher.number, merchant: shop.number, by: staff.username,
          reason: call.site.vault.noteDigest(reason)), office.zone)
      if !result.isRepeat {
        try call.site.vault.keepNote(reason, mechanism: office.code, voucher: voucher.number)
        try MallDesk.payBack(call, voucher)
        try call.log("decline voucher", "\(office.code)/voucher/\(voucher.number)")
      }
      return try show(call, office, shop, code)
    } catch let trouble as Trouble {
      return try show(call, office, shop, code, problem: trouble)
    }
  }

  /// 本店兑换品: what the shop has on sale, and the form for more.
  static func offers(_ call: Call) throws -> Response {
    let office = try call.office()
    let shop = try shop(call, office)
    let offers = office.offers(at: call.now).filter { $0.offer.merchant == shop.number }
    return try call.file(office, Sheet.offers(offers, call.t))
      ?? call.html(Till.offers(call.visit(office), code: office.code, shop, offers))
  }

  static func propose(_ call: Call) throws -> Response {
    let office = try call.office()
    let shop = try shop(call, office)
    guard let staff = call.staff else { throw Trouble.forbidden }
    let offer = OfferForm.read(call.form, merchant: shop.number, by: staff.username)
    let result = try office.perform(.propose(offer), office.zone)
    try call.log("propose offer", "\(office.code)/offer/\(result.number)")
    return call.go("/console/\(office.code)/shop/offers")
  }

  /// `2026-11`, from the request; this month where none is given.
  static func month(_ call: Call, _ office: Office) -> (year: Int, month: Int) {
    let today = call.now.day(offset: office.zone).civil
    guard let text = call.request.query["month"], let day = Day(text + "-01") else {
      return (today.year, today.month)
    }
    return (day.civil.year, day.civil.month)
  }

  static func statement(_ call: Call) throws -> Response {
    let office = try call.office()
    let shop = try shop(call, office)
    let (year, month) = month(call, office)
    let settlement = office.settlement(of: shop.number, year: year, month: month)
    return try call.file(office, Sheet.settlement(settlement, call.t))
      ?? call.html(Till.statement(call.visit(office), code: office.code, shop, settlement))
  }

  static func statementTable(_ call: Call) throws -> Response {
    let office = try call.office()
    let shop = try shop(call, office)
    let (year, month) = month(call, office)
    let settlement = office.settlement(of: shop.number, year: year, month: month)
    return try call.file(office, Sheet.settlement(settlement, call.t)) ?? table(settlement, office)
  }

  /// The statement as CSV, with a mark by which spreadsheets know UTF-8.
  static func table(_ settlement: Settlement, _ office: Office) -> Response {
    var text = "\u{feff}券号,兑换品,核销时间,店员,积分,平台结算（元）,顾客支付（元）,应付（元）\r\n"
    for row in settlement.rows {
      let order = row.order
      let cells = [
        "\(row.number)", row.offer.name.chinese, order.ended.plain(offset: office.zone),
        order.endedBy, "\(order.points)", plainYuan(order.settles), plainYuan(order.cash),
        plainYuan(order.settles + order.cash),
      ]
      text += cells.map(CSVWriter.quoted).joined(separator: ",") + "\r\n"
    }
    text +=
      "合计,\(settlement.rows.count) 张,,,\(settlement.points),\(plainYuan(settlement.settles)),"
      + "\(plainYuan(settlement.cash)),\(plainYuan(settlement.due))\r\n"
    var response = Response.bytes(Array(text.utf8), type: "text/csv; charset=utf-8")
    let month = settlement.month < 10 ? "0\(settlement.month)" : "\(settlement.month)"
    response["Content-Disposition"] =
      "attachment; filename=\"settlement-\(settlement.merchant)-\(settlement.year)-\(month).csv\""
    return response
  }

  /// Without thousands' commas, which a table would take for the next column.
  private static func plainYuan(_ fen: Int64) -> String { yuan(fen).filter { $0 != "," } }
}
