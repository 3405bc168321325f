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

@Suite("the mall by seed") struct WalkTests {
  /// What a slow and naive shopkeeper remembers: who has what, in plain numbers.
  private struct Notebook {
    var points: [Int64] = [500, 500, 10]
    var left: [Int64] = []
    var used = 0
    var earned: Int64 = 0
  }

  @Test(
    "hundreds of commands in any order: audits silent after each, points never made or lost",
    arguments: 1...12)
  func walk(seed: Int) {
    var dice = Dice(state: UInt64(seed) &* 7919)
    var shop = Shop()
    let merchant = shop.openShop()
    var offers: [UInt16] = []
    for index in 0..<4 {
      offers.append(
        shop.sell(
          Shop.mug(
            merchant, points: [10, 25, 40, 5][index], cash: index == 3 ? 250 : 0,
            settles: [0, 100, 99, 1][index], perYear: 4, validDays: 2,
            expiry: index == 2 ? .forfeits : .returns), Int64(3 + dice.roll(6)),
          until: "2026-03-20 00:00"))
    }
    shop.must(.openResources(year: 2026, by: "lin"))
    var orders: UInt64 = 0
    for step in 0..<240 {
      let order = UInt64(dice.roll(Int(orders) + 2))
      let citizen = CitizenID(UInt32(1 + dice.roll(3)))
      let offer = UInt16(1 + dice.roll(shop.state.rewards.offers.count))
      let command: Rewards.Command
      switch dice.roll(10) {
      case 0...3:
        orders += 1
        command = RewardsTests.order(dice.roll(8) == 0 ? order : orders, citizen, offer)
      case 4: command = .pay(OrderID(1, order), payment: "p\(order)")
      case 5: command = .giveUp(OrderID(1, order), citizen)
      case 6, 7:
        command = .redeem(
          CodeDigest(2, order), at: UInt32(1 + dice.roll(2)), by: "t",
          use: OrderID(5, UInt64(step + 1)))
      case 8:
        command = .refund(
          UInt32(truncatingIfNeeded: order), merchant: nil, by: "op", reason: "")
      default:
        shop.now = Instant(
          milliseconds: shop.now.milliseconds + Int64(dice.roll(12)) * 3_600_000)
        command = .lapse(limit: 1 + dice.roll(50))
      }
      _ = shop.ask(command)
      if let fault = shop.state.audit() {
        Issue.record("seed \(seed), step \(step), \(command): \(fault)")
        return
      }
    }
    balanced(shop, seed)
    shop.check("seed \(seed)")
  }

  /// Points of all accounts together are what was issued, worked out from the orders alone.
  private func balanced(_ shop: borrowing Shop, _ seed: Int) {
    let orders = shop.state.rewards.orders
    var spent: [Int64] = [0, 0, 0]
    var earned: Int64 = 0
    var owed: Int64 = 0
    for order in orders {
      let offer = shop.state.rewards.offer(order.offer)!
      let isGone =
        order.status == .used || order.status == .open
        || (order.status == .expired && offer.expiry == .forfeits)
      if isGone { spent[Int(order.citizen.raw) - 1] += order.points }
      if order.status == .used, offer.merchant == 1 {
        earned += order.points
        owed += order.cash + order.settles
      }
    }
    let given: [Int64] = [500, 500, 10]
    for index in 0..<3 {
      let held = shop.points(CitizenID(UInt32(index + 1)))
      #expect(held == given[index] - spent[index], "seed \(seed), citizen \(index + 1)")
    }
    #expect(shop.balance("merchant:1:points") == earned, "seed \(seed)")
    #expect(shop.balance("merchant:1:fen") == owed, "seed \(seed)")
  }
}
