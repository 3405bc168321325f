// SPDX-License-Identifier: Apache-2.0
import HTTP
import Mechanism
import Policy
import Rewards
import Storage
import Units

/// 普惠商城: what citizens see and do.
enum MallDesk {
  /// The caller's purse; nil for strangers and for who has no account here.
  private static func purse(_ call: Call, _ office: Office) throws -> Purse? {
    guard let person = call.person, let citizen = try CitizenDesk.citizen(call, office) else {
      return nil
    }
    let balance = office.balance(of: citizen)
    return Purse(
      points: balance.points.count, isFrozen: balance.isFrozen,
      wishes: Set(try call.site.vault.wishes(of: person, mechanism: office.code)))
  }

  static func list(_ call: Call) throws -> Response {
    let office = try call.office()
    let open = office.offers(at: call.now).filter(\.isOpen)
    let kind = call.request.query["kind"].flatMap { Offer.Kind(rawValue: $0) }
    let district = call.request.query["district"] ?? ""
    let chosen = open.filter { row in
      (kind == nil || row.offer.kind == kind)
        && (district.isEmpty || row.offer.districts.isEmpty
          || row.offer.districts.contains { $0.chinese == district })
    }
    var districts: [Label] = []
    for label in open.flatMap(\.offer.districts) where !districts.contains(label) {
      districts.append(label)
    }
    let model = MallModel(
      code: office.code, purse: try purse(call, office), kind: kind, district: district,
      districts: districts,
      // What can be had at once comes first, the cheapest at the head.
      offers: chosen.sorted {
        ($0.isAvailable ? 0 : 1, $0.offer.points, $0.number)
          < ($1.isAvailable ? 0 : 1, $1.offer.points, $1.number)
      })
    return call.html(Layout.mall(call.visit(office), model))
  }

  private static func found(_ call: Call, _ office: Office) throws -> OfferModel {
    guard let number = UInt16(exactly: try call.number("number")),
      let offer = office.offer(number, at: call.now), offer.isOpen
    else {
      throw Trouble(
        404, "offer-unknown", "没有这个兑换品，或已下架。请回到商城。",
        "There is no such offer, or it was taken off. See the mall.")
    }
    return offer
  }

  static func offer(_ call: Call) throws -> Response {
    let office = try call.office()
    let offer = try found(call, office)
    let source = try office.pack().mall.resources.first { $0.code == offer.offer.resource }?.source
    return call.html(
      Layout.offer(
        call.visit(office), code: office.code, offer, purse: try purse(call, office),
        // The order's number is made with the page, so that a form sent twice is one order.
        order: Storage.hexadecimal(randomBytes(16)), source: source,
        canPay: canPay(call, offer.offer)))
  }

  private static func canPay(_ call: Call, _ offer: Offer) -> Bool {
    offer.cash == 0 || !call.site.settings.payment.isTest || call.site.settings.isDevelopment
  }

  static func reserve(_ call: Call) throws -> Response {
    let office = try call.office()
    let citizen = try CitizenDesk.required(call, office)
    let offer = try found(call, office)
    guard let id = OrderID(call.form["order"] ?? "") else { throw Trouble.unreadableForm }
    guard canPay(call, offer.offer) else {
      throw Trouble(
        503, "payment-not-set", "本服务器没有接入支付，暂不能兑换需付现金的商品。",
        "This server has no provider of payments, so offers with cash can't be had here.")
    }
    let code = call.site.vault.voucherCode(mechanism: office.code, order: id.description)
    let (high, low) = Vault.voucherDigest(code)
    let result = try office.perform(
      .reserve(
        Reservation(
          id: id, citizen: citizen, offer: offer.number, code: CodeDigest(high, low))),
      office.zone)
    return call.go("/\(Link("\(office.code)"))/me/vouchers/\(Link("\(result.number)"))")
  }

  /// 到货提醒
  static func wish(_ call: Call) throws -> Response {
    let office = try call.office()
    let offer = try found(call, office)
    try call.site.vault.setWish(
      call.form["wish"] == "yes", person: try CitizenDesk.person(call), mechanism: office.code,
      offer: offer.number, at: call.now)
    return call.go("/\(Link("\(office.code)"))/mall/\(Link("\(offer.number)"))")
  }

  static func wallet(_ call: Call) throws -> Response {
    let office = try call.office()
    let citizen = try CitizenDesk.required(call, office)
    if let file = try call.file(office, Sheet.wallet(office.vouchers(of: citizen), call.t)) {
      return file
    }
    let wishes = try call.site.vault.wishes(
      of: try CitizenDesk.person(call), mechanism: office.code)
    return call.html(
      Layout.wallet(
        call.visit(office), code: office.code, vouchers: office.vouchers(of: citizen),
        back: wishes.compactMap { office.offer($0, at: call.now) }.filter(\.isAvailable)))
  }

  /// The caller's own voucher; somebody else's is none.
  private static func own(_ call: Call, _ office: Office) throws -> VoucherModel {
    let citizen = try CitizenDesk.required(call, office)
    guard let number = UInt32(exactly: try call.number("number")),
      let voucher = office.voucher(number), voucher.order.citizen == citizen
    else {
      throw Trouble(
        404, "voucher-unknown", "没有这张券。请查看您的券包。", "There is no such voucher. See your vouchers.")
    }
    return voucher
  }

  static func voucher(_ call: Call) throws -> Response {
    let office = try call.office()
    return try page(call, office, try own(call, office))
  }

  private static func page(
    _ call: Call, _ office: Office, _ voucher: VoucherModel, problem: HTML? = nil
  ) throws -> Response {
    let code = call.site.vault.voucherCode(
      mechanism: office.code, order: voucher.order.id.description)
    let host = call.request.headers["Host"] ?? ""
    let scheme = call.site.settings.isSecure ? "https" : "http"
    return call.html(
      Layout.voucher(
        call.visit(office), code: office.code, voucher, secret: MallText.code(code),
        address: "\(scheme)://\(host)/console/\(office.code)/shop/use?code=\(code)",
        isTest: call.site.settings.payment.isTest, problem: problem),
      status: problem == nil ? 200 : 422)
  }

  static func pay(_ call: Call) throws -> Response {
    let office = try call.office()
    let voucher = try own(call, office)
    let order = voucher.order
    let here: Link = "/\(office.code)/me/vouchers/\(voucher.number)"
    guard order.status == .paying, call.now < order.deadline else { return call.go(here) }
    let payment = call.site.settings.payment
    guard !payment.isTest || call.site.settings.isDevelopment else { throw Trouble.forbidden }
    let request = PaymentRequest(
      order: order.id.description, amount: Fen(order.cash), title: voucher.offer.name.chinese,
      choice: call.form["choice"] ?? "")
    switch try payment.pay(request) {
    case .declined:
      return try page(
        call, office, voucher,
        problem: call.t(
          "支付未完成，积分未扣除，可在时限内再次支付。",
          "The payment did not go through. Nothing was spent; you can try again in time."))
    case .paid(let reference):
      do {
        _ = try office.perform(.pay(order.id, payment: reference), office.zone)
      } catch {
        try payment.refund(reference, Fen(order.cash))
        throw error
      }
      return call.go(here)
    }
  }

  /// 取消、退回
  static func giveUp(_ call: Call) throws -> Response {
    let office = try call.office()
    let voucher = try own(call, office)
    let result = try office.perform(
      .giveUp(voucher.order.id, voucher.order.citizen), office.zone)
    if !result.isRepeat { try payBack(call, voucher) }
    return call.go("/\(office.code)/me/vouchers/\(voucher.number)")
  }

  /// The money of a voucher that came back.
  static func payBack(_ call: Call, _ voucher: VoucherModel) throws {
    guard !voucher.order.payment.isEmpty else { return }
    try call.site.settings.payment.refund(voucher.order.payment, Fen(voucher.order.cash))
  }
}
