// SPDX-License-Identifier: Apache-2.0
import Ledger
import Membership
import Rewards
import Testing
import Units

@testable import Mechanism

@Suite("the mall") struct MallTests {
  @Test("a voucher from points to the merchant's account")
  func whole() {
    var shop = Shop()
    let merchant = shop.openShop()
    let mug = shop.sell(Shop.mug(merchant, settles: 1250), 3)
    #expect(shop.must(order(1, Shop.lin, mug)).number == 1)
    #expect(shop.points(Shop.lin) == 400 && shop.balance("offer:1:points") == 100)
    #expect(shop.balance("citizen:1:stock-1") == 1 && shop.balance("release:1:stock-1") == 2)
    shop.must(.redeem(CodeDigest(2, 1), at: merchant, by: "till", use: OrderID(5, 1)))
    #expect(shop.balance("merchant:1:points") == 100 && shop.balance("merchant:1:fen") == 1250)
    #expect(shop.balance("programme:70:fen") == -1250 && shop.balance("offer:1:points") == 0)
    #expect(shop.balance("programme:71:stock-1") == 1 && shop.balance("programme:70:stock-1") == -3)
    #expect(shop.state.rewards.used(at: merchant) == [1])
    shop.check("whole")
  }

  @Test("the same command twice is one order, with the same answer")
  func twice() {
    var shop = Shop()
    let merchant = shop.openShop()
    let mug = shop.sell(Shop.mug(merchant), 3)
    let first = shop.must(order(1, Shop.lin, mug))
    let frames = shop.frames.count
    let again = shop.must(order(1, Shop.lin, mug))
    #expect(again.number == first.number && again.isRepeat && !first.isRepeat)
    #expect(shop.frames.count == frames && shop.points(Shop.lin) == 400)
    #expect(shop.ask(order(1, Shop.ma, mug)) == "idReused")
    let use = Rewards.Command.redeem(
      CodeDigest(2, 1), at: merchant, by: "till", use: OrderID(5, 1))
    shop.must(use)
    #expect(shop.must(use).isRepeat)
    shop.check("twice")
  }

  @Test("a used code says when and by whom")
  func used() {
    var shop = Shop()
    let merchant = shop.openShop()
    let mug = shop.sell(Shop.mug(merchant), 3)
    shop.must(order(1, Shop.lin, mug))
    shop.must(.redeem(CodeDigest(2, 1), at: merchant, by: "till-1", use: OrderID(5, 1)))
    let when = shop.now
    shop.now = Instant(milliseconds: shop.now.milliseconds + 60_000)
    let refusal = shop.refusal(
      .redeem(CodeDigest(2, 1), at: merchant, by: "till-2", use: OrderID(5, 2)))
    #expect(refusal?.name == "alreadyUsed" && refusal?.detail["by"] == "till-1")
    #expect(refusal?.detail["at"] == "\(when.milliseconds)")
  }

  @Test("points come back when a merchant does not honour, and the piece is on the shelf again")
  func refunded() {
    var shop = Shop()
    let merchant = shop.openShop()
    let mug = shop.sell(Shop.mug(merchant), 1)
    shop.must(order(1, Shop.lin, mug))
    #expect(shop.ask(order(2, Shop.ma, mug)) == "soldOut")
    let other = shop.openShop()
    #expect(shop.ask(.refund(1, merchant: other, by: "till", reason: "")) == "wrongMerchant")
    shop.must(.refund(1, merchant: merchant, by: "till", reason: ""))
    #expect(shop.points(Shop.lin) == 500 && shop.balance("release:1:stock-1") == 1)
    shop.must(order(2, Shop.ma, mug))
    #expect(
      shop.ask(.redeem(CodeDigest(2, 1), at: merchant, by: "t", use: OrderID(5, 1)))
        == "voucherReturned")
    shop.check("refunded")
  }

  @Test("on expiry points come back or not, as the offer said")
  func expired() {
    var shop = Shop()
    let merchant = shop.openShop()
    let kind = shop.sell(Shop.mug(merchant, validDays: 2), 1)
    let hard = shop.sell(Shop.mug(merchant, validDays: 2, expiry: .forfeits), 1)
    shop.must(order(1, Shop.lin, kind))
    shop.must(order(2, Shop.lin, hard))
    #expect(shop.points(Shop.lin) == 300)
    shop.now = Shop.moment("2026-03-03 23:59")
    shop.must(.lapse(limit: 100))
    #expect(shop.points(Shop.lin) == 300, "the second day is still good")
    shop.now = Shop.moment("2026-03-04 00:00")
    #expect(
      shop.ask(.redeem(CodeDigest(2, 1), at: merchant, by: "t", use: OrderID(5, 1)))
        == "voucherExpired")
    shop.must(.lapse(limit: 100))
    #expect(shop.points(Shop.lin) == 400 && shop.balance("programme:72:points") == 100)
    shop.check("expired")
  }

  @Test("points and cash: set aside, paid, or given back after the deadline")
  func cash() {
    var shop = Shop()
    let merchant = shop.openShop()
    let mug = shop.sell(Shop.mug(merchant, points: 60, cash: 990, settles: 100), 2)
    shop.must(order(1, Shop.lin, mug))
    shop.must(order(2, Shop.ma, mug))
    #expect(shop.ask(order(3, Shop.lin, mug)) == "soldOut")
    #expect(shop.points(Shop.lin) == 500, "set aside, not spent")
    shop.check("paying")
    #expect(
      shop.ask(.redeem(CodeDigest(2, 1), at: merchant, by: "t", use: OrderID(5, 1))) == "notPaid")
    shop.must(.pay(OrderID(1, 1), payment: "test-1"))
    #expect(shop.points(Shop.lin) == 440 && shop.balance("offer:1:fen") == 990)
    #expect(shop.must(.pay(OrderID(1, 1), payment: "test-1")).isRepeat)
    shop.now = Instant(milliseconds: shop.now.milliseconds + 900_000)
    #expect(shop.ask(.pay(OrderID(1, 2), payment: "test-2")) == "paymentLate")
    shop.must(.lapse(limit: 100))
    #expect(shop.points(Shop.ma) == 500 && shop.balance("release:1:stock-1") == 1)
    shop.must(.redeem(CodeDigest(2, 1), at: merchant, by: "t", use: OrderID(5, 1)))
    #expect(shop.balance("merchant:1:fen") == 1090 && shop.balance("programme:71:fen") == -990)
    shop.must(order(4, Shop.lin, mug))
    shop.must(.giveUp(OrderID(1, 4), Shop.lin))
    #expect(shop.ask(.giveUp(OrderID(1, 1), Shop.ma)) == "orderUnknown", "somebody else's")
    shop.check("cash")
  }

  @Test("what the pack promises, by the year, in parts, and no piece more")
  func resources() {
    var shop = Shop()
    shop.must(.openResources(year: 2026, by: "lin"))
    #expect(shop.ask(.openResources(year: 2026, by: "lin")) == "unchanged")
    #expect(shop.ask(.openResources(year: 2028, by: "lin")) == "yearInvalid")
    // 10 a year in four parts: 4, 2, 2, 2; in March the first is on sale.
    let first = shop.state.rewards.stock(of: 1, now: shop.now)
    #expect(first.left == 4 && first.next == Shop.moment("2026-04-01 00:00"))
    #expect(shop.state.rewards.stock(of: 2, now: shop.now).left == nil, "no end of checks")
    shop.must(order(1, Shop.lin, 1))
    shop.must(order(2, Shop.lin, 1))
    let limit = shop.refusal(order(3, Shop.lin, 1))
    #expect(limit?.name == "perPersonLimit" && limit?.detail["count"] == "2")
    shop.must(order(4, Shop.ma, 1))
    shop.must(order(5, Shop.ma, 1))
    let short = shop.refusal(order(6, Shop.poor, 2))
    #expect(short?.name == "notEnoughPoints" && short?.detail["count"] == "20")
    let out = shop.refusal(order(7, Shop.poor, 1))
    #expect(out?.name == "soldOut")
    #expect(out?.detail["at"] == "\(Shop.moment("2026-04-01 00:00").milliseconds)")
    shop.must(order(8, Shop.lin, 2))
    shop.check("resources")
    let more = Release(
      offer: 1, quantity: 1, year: 2026, from: shop.now, until: Shop.moment("2027-01-01 00:00"),
      by: "lin")
    #expect(shop.ask(.release(more, id: OrderID(8, 8))) == "releaseInvalid")
    // The year ends: vouchers and what was left lapse, the next year opens anew.
    shop.now = Shop.moment("2027-01-01 00:00")
    shop.must(.lapse(limit: 100))
    shop.must(.openResources(year: 2027, by: "lin"))
    #expect(shop.state.rewards.stock(of: 1, now: shop.now).left == 4)
    #expect(shop.state.rewards.offers.count == 2, "the same offers go on")
    #expect(shop.balance("programme:72:stock-1") == 10)
    shop.check("the year after")
  }

  @Test("nobody approves what they applied for")
  func twoPersons() {
    var shop = Shop()
    let merchant = Merchant(name: Label("店", "Shop"), licence: "1", terms: "2026", appliedBy: "lin")
    let number = shop.must(.apply(merchant)).number
    #expect(shop.ask(.apply(merchant)) == "licenceTaken")
    #expect(shop.ask(.propose(Shop.mug(number))) == "merchantNotOpen")
    #expect(shop.ask(.judgeMerchant(number, .approved, by: "lin")) == "samePerson")
    shop.must(.judgeMerchant(number, .approved, by: "ma"))
    #expect(shop.ask(.judgeMerchant(number, .refused, by: "ma")) == "alreadyJudged")
    let mug = UInt16(shop.must(.propose(Shop.mug(number))).number)
    #expect(shop.ask(order(1, Shop.lin, mug)) == "offerClosed")
    #expect(shop.ask(.judgeOffer(mug, .approved, by: "lin")) == "samePerson")
    shop.must(.judgeOffer(mug, .approved, by: "ma"))
    #expect(shop.ask(order(1, Shop.lin, mug)) == "soldOut")
    shop.must(.judgeOffer(mug, .closed, by: "lin"))
    #expect(shop.ask(order(1, Shop.lin, mug)) == "offerClosed")
    shop.check("two persons")
  }

  @Test("a frozen account buys nothing, and its open voucher comes back when it is thawed")
  func frozen() {
    var shop = Shop()
    let merchant = shop.openShop()
    let mug = shop.sell(Shop.mug(merchant, validDays: 1), 5)
    shop.must(order(1, Shop.lin, mug))
    shop.must(.membership(.freeze(Shop.lin, reason: "")))
    #expect(shop.ask(order(2, Shop.lin, mug)) == "accountFrozen")
    let account = AccountID.citizen(Shop.lin, .points)
    shop.must(.limits(account, Limits(floor: 0, isFrozen: true)))
    shop.now = Shop.moment("2026-03-09 00:00")
    shop.must(.lapse(limit: 100))
    #expect(shop.balance("offer:1:points") == 100, "nothing goes into a frozen account")
    shop.must(.limits(account, Limits(floor: 0)))
    shop.must(.lapse(limit: 100))
    #expect(shop.points(Shop.lin) == 500)
    shop.check("frozen")
  }
}
