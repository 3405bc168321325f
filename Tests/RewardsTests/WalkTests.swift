// SPDX-License-Identifier: Apache-2.0
import Ledger
import Rewards
import Testing
import Units

@testable import Mechanism

/// A generator that gives the same numbers for the same seed (splitmix64).
private struct Dice {
  var state: UInt64
  mutating func roll(_ sides: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((z ^ (z >> 31)) % UInt64(sides))
  }
}

@Suite("the mall by seed, beside a naive one") struct WalkTests {
  private static let end = Shop.moment("2026-03-20 00:00")
  private static let newYear = Shop.moment("2027-01-01 00:00")

  /// Four offers of a shop, and the pack's ticket and check.
  private static let offers = [
    NaiveMall.Offer(merchant: 1, points: 10, perYear: 4, days: 2),
    NaiveMall.Offer(merchant: 1, points: 25, settles: 100, perYear: 4, days: 2),
    NaiveMall.Offer(merchant: 1, points: 40, settles: 99, perYear: 4, days: 2, forfeits: true),
    NaiveMall.Offer(merchant: 1, points: 5, cash: 250, settles: 1, perYear: 4, days: 2),
    NaiveMall.Offer(merchant: 2, points: 40, settles: 250, perYear: 2, days: 60),
    NaiveMall.Offer(
      merchant: 2, points: 30, perYear: 2, days: 5, forfeits: true, unlimited: true),
  ]

  private func opened(_ shop: inout Shop, _ dice: inout Dice) -> NaiveMall {
    var naive = NaiveMall(
      now: shop.now, points: [0, 500, 500, 10], offers: Self.offers, shelves: [])
    let merchant = shop.openShop()
    for (index, offer) in Self.offers.prefix(4).enumerated() {
      let quantity = 3 + dice.roll(6)
      let mug = Shop.mug(
        merchant, points: offer.points, cash: offer.cash, settles: offer.settles,
        perYear: offer.perYear, validDays: Int(offer.days),
        expiry: offer.forfeits ? .forfeits : .returns)
      _ = shop.sell(mug, Int64(quantity), until: "2026-03-20 00:00")
      naive.shelves.append(
        NaiveMall.Shelf(offer: index + 1, left: quantity, from: shop.now, until: Self.end))
    }
    shop.must(.openResources(year: 2026, by: "lin"))
    for (day, pieces) in [("01-01", 4), ("04-01", 2), ("07-01", 2), ("10-01", 2)] {
      naive.shelves.append(
        NaiveMall.Shelf(
          offer: 5, left: pieces, from: Shop.moment("2026-\(day) 00:00"), until: Self.newYear))
    }
    naive.shelves.append(
      NaiveMall.Shelf(
        offer: 6, left: 0, from: Shop.moment("2026-01-01 00:00"), until: Self.newYear))
    return naive
  }

  /// One command to both; both must say the same.
  private func step(
    _ shop: inout Shop, _ naive: inout NaiveMall, _ dice: inout Dice, _ orders: inout UInt64,
    _ step: Int
  ) -> (String, String) {
    let order = UInt64(dice.roll(Int(orders) + 2))
    let citizen = 1 + dice.roll(3)
    let offer = 1 + dice.roll(Self.offers.count)
    switch dice.roll(10) {
    case 0...3:
      orders += 1
      let id = dice.roll(8) == 0 && order > 0 ? order : orders
      return (
        shop.ask(RewardsTests.order(id, CitizenID(UInt32(citizen)), UInt16(offer))),
        naive.order(id, citizen, offer)
      )
    case 4:
      return (
        shop.ask(.pay(OrderID(1, order), payment: "p\(order)")), naive.pay(order, "p\(order)")
      )
    case 5:
      return (
        shop.ask(.giveUp(OrderID(1, order), CitizenID(UInt32(citizen)))),
        naive.giveUp(order, citizen)
      )
    case 6, 7:
      let merchant = 1 + dice.roll(2)
      let use = UInt64(1 + dice.roll(step + 1))
      return (
        shop.ask(
          .redeem(
            CodeDigest(2, order), at: UInt32(merchant), by: "t", use: OrderID(5, use))),
        naive.redeem(order, at: merchant, use: use)
      )
    case 8:
      return (
        shop.ask(.refund(UInt32(order), merchant: nil, by: "op", reason: "")),
        naive.refund(number: Int(order))
      )
    default:
      // Minutes, hours, at times days.
      let minutes = dice.roll(6) == 0 ? dice.roll(4000) : dice.roll(120)
      shop.now = Instant(milliseconds: shop.now.milliseconds + Int64(minutes) * 60_000)
      naive.now = shop.now
      let limit = 1 + dice.roll(50)
      let answer = shop.ask(.lapse(limit: limit))
      naive.lapse(limit: limit)
      return (answer, "done")
    }
  }

  @Test(
    "hundreds of commands in any order: the same answers, points and pieces; audits silent",
    arguments: 1...24)
  func walk(seed: Int) {
    var dice = Dice(state: UInt64(seed) &* 7919)
    var shop = Shop()
    var naive = opened(&shop, &dice)
    var orders: UInt64 = 0
    var seen: Set<String> = []
    for number in 0..<300 {
      let (answer, wanted) = step(&shop, &naive, &dice, &orders, number)
      seen.insert(answer)
      let fault = shop.state.audit() ?? difference(shop, naive)
      guard answer == wanted, fault == nil else {
        Issue.record(
          "seed \(seed), step \(number): \(answer), the naive one says \(wanted); \(fault ?? "")")
        return
      }
    }
    #expect(seen.count > 8, "the dice reach what there is to reach: \(seen)")
    shop.check("seed \(seed)")
  }

  private func difference(_ shop: borrowing Shop, _ naive: NaiveMall) -> String? {
    for citizen in 1...3 {
      let position = shop.state.ledger.position(
        of: .citizen(CitizenID(UInt32(citizen)), .points))
      let spendable = position.balance - position.pendingOut
      if spendable != naive.points[citizen] {
        return "citizen \(citizen) can spend \(spendable), should \(naive.points[citizen])"
      }
    }
    for (index, shelf) in naive.shelves.enumerated() {
      let left = shop.state.rewards.releases[index].left
      if left != Int64(shelf.left) { return "release \(index + 1): \(left), not \(shelf.left)" }
    }
    for merchant in 1...2 {
      let points = shop.balance("merchant:\(merchant):points")
      let fen = shop.balance("merchant:\(merchant):fen")
      if points != naive.earned[merchant] || fen != naive.owed[merchant] {
        return "merchant \(merchant) has \(points) points and \(fen) fen"
      }
    }
    return nil
  }
}
