// SPDX-License-Identifier: Apache-2.0
import Desk
import Ledger
import Mechanism
import Rewards
import Storage
import Units
import Web

/// The invented city's mall: this year's resources, three shops, what citizens took so far. Every
/// step goes through the desk as anybody's would; done twice, it changes nothing.
struct DemoMall {
  /// 演示店员: works at the tea house's till.
  static let clerkName = "shop"
  static let clerkTitle = "茶铺店员"

  let opened: Opened
  let clerk: Clerk
  let citizens: Int

  private struct Shop {
    var name: Label
    var offers: [(Offer, Int64)]
  }

  func fill() throws {
    let year = systemClock().day(offset: 28_800).civil.year
    try perform(.openResources(year: year, by: "operator"))
    let shops = DemoMall.shops(first: clerk.read { UInt32($0.rewards.merchants.count + 1) })
    for shop in shops { try open(shop, year) }
    try addClerk(clerk.read { UInt32($0.rewards.merchants.count) } - UInt32(shops.count) + 1)
    try shopping()
  }

  @discardableResult
  private func perform(_ command: Rewards.Command) throws -> CommandResult {
    do {
      return try clerk.perform(.rewards(command)).result
    } catch {
      throw CommandFailure("the demo's mall was refused: \(error.message)")
    }
  }

  private static func shops(first: UInt32) -> [Shop] {
    func offer(
      _ shop: UInt32, _ name: Label, _ about: Label, _ kind: Offer.Kind, _ points: Int64,
      cash: Int64 = 0, settles: Int64, districts: [Label]
    ) -> Offer {
      Offer(
        merchant: first + shop, name: name, about: about, kind: kind, points: points, cash: cash,
        settles: settles, perYear: 6, validDays: 30, districts: districts, proposedBy: "operator")
    }
    let qingyang = Label("青羊区", "Qingyang")
    let jinjiang = Label("锦江区", "Jinjiang")
    return [
      Shop(
        name: Label("浣花茶铺（演示商户）", "Huanhua Tea House (demo)"),
        offers: [
          (
            offer(
              0, Label("盖碗茶一杯", "A covered bowl of tea"),
              Label("到店一杯，自带杯也可", "One at the tea house; bring your own cup if you like"),
              .service, 40, settles: 600, districts: [qingyang]), 300
          )
        ]),
      Shop(
        name: Label("锦里文创（演示商户）", "Jinli Crafts (demo)"),
        offers: [
          (
            offer(
              1, Label("芙蓉花帆布袋", "Hibiscus canvas bag"),
              Label("成都元素文创，可降解包装", "A craft of Chengdu in degradable wrapping"), .goods, 60,
              cash: 990, settles: 500, districts: [jinjiang]), 100
          ),
          (
            offer(
              1, Label("熊猫书签", "Panda bookmark"), Label("竹制书签一枚", "One, of bamboo"), .goods,
              35, settles: 200, districts: [jinjiang]), 12
          ),
        ]),
      Shop(
        name: Label("绿道骑行驿站（演示商户）", "Greenway Ride Station (demo)"),
        offers: [
          (
            offer(
              2, Label("单车整车保养一次", "One full bicycle service"),
              Label("环城生态公园驿站", "At the ring park's station"), .service, 80, settles: 1500,
              districts: [Label("成都高新区", "Chengdu Hi-tech Zone"), jinjiang]), 60
          )
        ]),
    ]
  }

  private func open(_ shop: Shop, _ year: Int) throws {
    let licence = opened.vault.licenceDigest("演示-\(shop.name.chinese)")
    let number = try perform(
      .apply(
        Merchant(name: shop.name, licence: licence, terms: "2026-1", appliedBy: "operator"))
    ).number
    try opened.vault.keep(
      MerchantDetail(licence: "演示执照", contact: "演示联系人", phone: "13900000000"),
      mechanism: clerk.code, merchant: number)
    try perform(.judgeMerchant(number, .approved, by: "reviewer"))
    guard let end = Day(year: year + 1, month: 1, day: 1)?.start(offset: 28_800) else { return }
    for (offer, quantity) in shop.offers {
      let made = UInt16(try perform(.propose(offer)).number)
      try perform(.judgeOffer(made, .approved, by: "reviewer"))
      try perform(
        .release(
          Rewards.Release(
            offer: made, quantity: quantity, year: year, from: systemClock(), until: end,
            by: "operator"), id: OrderID(0xde40, UInt64(made))))
    }
  }

  private func addClerk(_ merchant: UInt32) throws {
    let vault = opened.vault
    let now = systemClock()
    guard
      let id = try vault.addStaff(
        username: DemoMall.clerkName, displayName: DemoMall.clerkTitle, roles: ["merchant"],
        password: DemoStaff.password, at: now)
    else { return }
    let then = Instant(milliseconds: now.milliseconds - 90_000)
    let code = OneTimeCode.code(
      secret: DemoStaff.secret, step: then.seconds / OneTimeCode.period)
    _ = try vault.enrolSecondFactor(DemoStaff.secret, code: code, of: id, at: then)
    try vault.bindClerk(ShopClerk(staff: id, mechanism: clerk.code, merchant: merchant))
  }

  /// Two of three citizens take what they can pay with points, one after another through the list
  /// of offers; two of three vouchers are used. The first citizens keep their points for whoever
  /// looks at the demo.
  private func shopping() throws {
    let offers = clerk.read { state in
      state.rewards.offers.enumerated().filter { $0.element.cash == 0 }
        .map { (number: UInt16($0.offset + 1), points: $0.element.points, $0.element.merchant) }
    }
    var orders: UInt64 = 0
    for number in 4..<max(4, citizens + 1) where number % 3 != 0 {
      let citizen = CitizenID(UInt32(number))
      for turn in 0..<2 {
        let points = clerk.read { $0.ledger.points(of: citizen).count }
        let payable = offers.filter { $0.points <= points }
        guard !payable.isEmpty else { continue }
        let offer = payable[(number * 7 + turn * 5) % payable.count]
        orders += 1
        let id = OrderID(0xde41, orders)
        let code = opened.vault.voucherCode(mechanism: clerk.code, order: id.description)
        let (high, low) = Vault.voucherDigest(code)
        let asked = Reservation(
          id: id, citizen: citizen, offer: offer.number, code: CodeDigest(high, low))
        // Sold out or had enough: then not.
        guard (try? clerk.perform(.rewards(.reserve(asked)))) != nil, orders % 3 != 0 else {
          continue
        }
        try perform(
          .redeem(
            CodeDigest(high, low), at: offer.2, by: DemoMall.clerkName,
            use: OrderID(0xde42, orders)))
      }
    }
  }
}
