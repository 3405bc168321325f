// SPDX-License-Identifier: Apache-2.0
import HTTP
import Mechanism
import Policy
import Rewards
import Storage
import Units

/// 商城管理: merchants, offers, stock and vouchers, for staff.
enum MallConsoleDesk {
  /// Version of the contract's terms that merchants accept when they join.
  static let terms = "2026-1"

  static func overview(_ call: Call) throws -> Response {
    let office = try call.office()
    if let file = try call.file(office, Sheet.offers(office.offers(at: call.now), call.t)) {
      return file
    }
    let merchants = office.merchants().filter { $0.merchant.standing == .approved }
    return call.html(
      Console.mall(
        call.visit(office), all: StaffDesk.all(call), code: office.code,
        offers: office.offers(at: call.now), merchants: merchants,
        hasResources: try !office.pack().mall.resources.isEmpty,
        year: call.now.day(offset: office.zone).civil.year))
  }

  static func openResources(_ call: Call) throws -> Response {
    let office = try call.office()
    let year = Int(call.form["year"] ?? "") ?? 0
    _ = try office.perform(.openResources(year: year, by: try staff(call)), office.zone)
    try call.log("open resources", "\(office.code)/mall/\(year)")
    return call.go("/console/\(office.code)/mall")
  }

  private static func staff(_ call: Call) throws -> String {
    guard let staff = call.staff else { throw Trouble.forbidden }
    return staff.username
  }

  // MARK: - Merchants

  static func merchants(_ call: Call) throws -> Response {
    let office = try call.office()
    if let file = try call.file(office, Sheet.merchants(office.merchants(), call.t)) {
      return file
    }
    return call.html(
      Console.merchants(
        call.visit(office), all: StaffDesk.all(call), code: office.code, office.merchants(),
        terms: terms))
  }

  static func apply(_ call: Call) throws -> Response {
    let office = try call.office()
    let number = try JoinDesk.apply(call, office, by: try staff(call))
    return call.go("/console/\(office.code)/mall/merchants/\(number)")
  }

  private static func merchant(_ call: Call, _ office: Office) throws -> MerchantModel {
    guard let number = UInt32(exactly: try call.number("number")),
      let merchant = office.merchant(number)
    else {
      throw Trouble(
        404, "merchant-unknown", "没有这个商户。请从列表中选择。",
        "There is no such merchant. Choose from the list.")
    }
    return merchant
  }

  static func showMerchant(_ call: Call) throws -> Response {
    let office = try call.office()
    return try merchantPage(call, office, try merchant(call, office))
  }

  private static func merchantPage(
    _ call: Call, _ office: Office, _ merchant: MerchantModel, password: (String, String)? = nil
  ) throws -> Response {
    let vault = call.site.vault
    let (year, month) = ShopDesk.month(call, office)
    return call.html(
      Console.merchant(
        call.visit(office), all: StaffDesk.all(call), code: office.code, merchant,
        detail: try vault.merchantDetail(mechanism: office.code, merchant: merchant.number),
        clerks: try vault.shopClerks(mechanism: office.code, merchant: merchant.number)
          .map { ($0.username, $0.displayName) },
        newClerk: password,
        settlement: office.settlement(of: merchant.number, year: year, month: month)))
  }

  static func judgeMerchant(_ call: Call) throws -> Response {
    let office = try call.office()
    let found = try merchant(call, office)
    guard let standing = Standing(rawValue: call.form["decision"] ?? "") else {
      throw Trouble.unreadableForm
    }
    _ = try office.perform(
      .judgeMerchant(found.number, standing, by: try staff(call)), office.zone)
    try call.log(
      "judge merchant", "\(office.code)/merchant/\(found.number)",
      before: found.merchant.standing.rawValue, after: standing.rawValue)
    return call.go("/console/\(office.code)/mall/merchants/\(found.number)")
  }

  /// A clerk's account: a password that is shown once; a second factor is enrolled at first login.
  static func addClerk(_ call: Call) throws -> Response {
    let office = try call.office()
    let found = try merchant(call, office)
    let username = (call.form["username"] ?? "").lowercased()
    let name = call.form["display"] ?? ""
    let isGood =
      (3...32).contains(username.utf8.count) && !name.isEmpty && name.count <= 60
      && username.utf8.allSatisfy {
        (97...122).contains($0) || (48...57).contains($0) || $0 == 45
      }
    guard isGood else {
      throw Trouble(
        422, "clerk-invalid", "用户名须为 3 至 32 位小写字母、数字或连字符，并填写姓名。",
        "A username has 3 to 32 lower-case letters, digits or hyphens, and a name goes with it.",
        next: .back)
    }
    let password = base32(randomBytes(10))
    guard
      let id = try call.site.vault.addStaff(
        username: username, displayName: name, roles: ["merchant"], password: password,
        at: call.now)
    else {
      throw Trouble(
        409, "username-taken", "用户名已被使用，请另选一个。", "This username is taken; choose another.",
        next: .back)
    }
    try call.site.vault.bindClerk(
      ShopClerk(staff: id, mechanism: office.code, merchant: found.number))
    try call.log("add clerk", "\(office.code)/merchant/\(found.number)", after: username)
    return try merchantPage(call, office, found, password: (username, password))
  }

  static func merchantStatement(_ call: Call) throws -> Response {
    let office = try call.office()
    let found = try merchant(call, office)
    let (year, month) = ShopDesk.month(call, office)
    let settlement = office.settlement(of: found.number, year: year, month: month)
    return try call.file(office, Sheet.settlement(settlement, call.t))
      ?? ShopDesk.table(settlement, office)
  }

  // MARK: - Offers

  static func propose(_ call: Call) throws -> Response {
    let office = try call.office()
    let offer = OfferForm.read(
      call.form, merchant: UInt32(call.form["merchant"] ?? "") ?? 0, by: try staff(call))
    let result = try office.perform(.propose(offer), office.zone)
    try call.log("propose offer", "\(office.code)/offer/\(result.number)")
    return call.go("/console/\(office.code)/mall/offers/\(result.number)")
  }

  private static func offer(_ call: Call, _ office: Office) throws -> OfferModel {
    guard let number = UInt16(exactly: try call.number("number")),
      let offer = office.offer(number, at: call.now)
    else {
      throw Trouble(
        404, "offer-unknown", "没有这个兑换品。请从列表中选择。", "There is no such offer. Choose from the list.")
    }
    return offer
  }

  static func showOffer(_ call: Call) throws -> Response {
    let office = try call.office()
    let found = try offer(call, office)
    return call.html(
      Console.offer(
        call.visit(office), all: StaffDesk.all(call), code: office.code, found,
        releases: office.releases(of: found.number), id: Storage.hexadecimal(randomBytes(16))))
  }

  static func judgeOffer(_ call: Call) throws -> Response {
    let office = try call.office()
    let found = try offer(call, office)
    guard let standing = Standing(rawValue: call.form["decision"] ?? "") else {
      throw Trouble.unreadableForm
    }
    _ = try office.perform(
      .judgeOffer(found.number, standing, by: try staff(call)), office.zone)
    try call.log(
      "judge offer", "\(office.code)/offer/\(found.number)",
      before: found.offer.standing.rawValue, after: standing.rawValue)
    return call.go("/console/\(office.code)/mall/offers/\(found.number)")
  }

  static func release(_ call: Call) throws -> Response {
    let office = try call.office()
    let found = try offer(call, office)
    guard let id = OrderID(call.form["id"] ?? ""), let from = Day(call.form["from"] ?? ""),
      let last = Day(call.form["until"] ?? "")
    else { throw Trouble.unreadableForm }
    let result = try office.perform(
      .release(
        Release(
          offer: found.number, quantity: Int64(call.form["quantity"] ?? "") ?? 0,
          year: from.civil.year, from: from.start(offset: office.zone),
          until: Day(last.number + 1).start(offset: office.zone), by: try staff(call)), id: id),
      office.zone)
    try call.log("release stock", "\(office.code)/release/\(result.number)")
    return call.go("/console/\(office.code)/mall/offers/\(found.number)")
  }

  // MARK: - Vouchers

  static func vouchers(_ call: Call) throws -> Response {
    let office = try call.office()
    let status = call.request.query["status"].flatMap { Order.Status(rawValue: $0) }
    let before = call.request.query["before"].flatMap { UInt32($0) }
    if let file = try call.file(office, Sheet.vouchers(office, status, call.t)) { return file }
    if let number = call.request.query["number"].flatMap({ UInt32($0) }),
      office.voucher(number) != nil
    {
      return call.go("/console/\(office.code)/mall/vouchers/\(number)")
    }
    let (rows, total) = office.vouchers(status: status, before: before, limit: 50)
    return call.html(
      Console.vouchers(
        call.visit(office), all: StaffDesk.all(call), code: office.code, rows, total: total,
        status: status, isFirst: before == nil))
  }

  private static func voucher(_ call: Call, _ office: Office) throws -> VoucherModel {
    guard let number = UInt32(exactly: try call.number("number")),
      let voucher = office.voucher(number)
    else {
      throw Trouble(
        404, "voucher-unknown", "没有这张券。请核对券号。", "There is no such voucher. Check the number.")
    }
    return voucher
  }

  static func showVoucher(_ call: Call) throws -> Response {
    let office = try call.office()
    let found = try voucher(call, office)
    return call.html(
      Console.voucher(
        call.visit(office), all: StaffDesk.all(call), code: office.code, found,
        note: try call.site.vault.note(mechanism: office.code, voucher: found.number)))
  }

  /// 退款: a citizen says that the shop would not honour it.
  static func refund(_ call: Call) throws -> Response {
    let office = try call.office()
    let found = try voucher(call, office)
    let reason = String((call.form["reason"] ?? "").prefix(200))
    guard !reason.isEmpty else {
      throw Trouble(422, "reason-missing", "请填写退款原因。", "Say why it is refunded.", next: .back)
    }
    let result = try office.perform(
      .refund(
        found.number, merchant: nil, by: try staff(call),
        reason: call.site.vault.noteDigest(reason)), office.zone)
    if !result.isRepeat {
      try call.site.vault.keepNote(reason, mechanism: office.code, voucher: found.number)
      try MallDesk.payBack(call, found)
      try call.log("refund voucher", "\(office.code)/voucher/\(found.number)")
    }
    return call.go("/console/\(office.code)/mall/vouchers/\(found.number)")
  }
}
