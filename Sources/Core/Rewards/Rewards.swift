// SPDX-License-Identifier: Apache-2.0
// REWARDS. The mall: what points can be spent on, and what became of every voucher.
//
//   merchant ──applied──▶ approved                 by somebody else than who applied
//   offer ────proposed──▶ approved ──▶ closed      the same; an approved offer never changes
//   release ──on sale from … until──▶ lapsed       a dated part of an offer's stock
//
//   reserve ──▶ paying ──paid──▶ open ──redeemed──▶ used          the merchant scans the code
//      │          └─cancelled, too late              ├──refunded    the merchant does not honour it
//      └─(points only)──────────────▶ open ──────────┼──returned    the citizen gives it back
//                                                    └──expired     points come back, or not: the
//                                                                   offer says so beforehand
//
// This room counts pieces and remembers what happened. It moves no value: for each fact the
// Mechanism makes the transfers of points, stock and money (Mechanism+Rewards), and the audit there
// compares this room's counts with the ledger's accounts.
//
// Invariants
//   - Of a release, what is left, reserved, used, and lapsed is together what was released.
//   - A voucher ends once. Who is told "used" is told when and where.
//   - A command carries the caller's identifier. Sent twice it is one order, with the same answer;
//     a refused one left nothing behind and may be sent again.
//   - A voucher's code is the Shell's; here and in the journal is only its digest.
//   - Nobody approves what they applied for themselves.

import Units

package struct State: Sendable {
  /// By number minus one, each.
  package internal(set) var merchants: [Merchant] = []
  package internal(set) var offers: [Offer] = []
  package internal(set) var releases: [Release] = []
  package internal(set) var orders: [Order] = []

  var orderByID: [OrderID: UInt32] = [:]
  var orderByCode: [CodeDigest: UInt32] = [:]
  var ordersByCitizen: [UInt32: [UInt32]] = [:]
  /// Used, in the order in which they were.
  var usedByMerchant: [UInt32: [UInt32]] = [:]
  var releasesByOffer: [UInt16: [UInt32]] = [:]
  var releaseNumbers: [OrderID: UInt32] = [:]
  /// Orders that wait for their payment.
  var paying: Set<UInt32> = []
  /// Open vouchers by the moment at which they expire.
  var openByEnd: [Int64: Set<UInt32>] = [:]
  /// Releases whose sale has not ended.
  var onSale: Set<UInt32> = []

  package init() {}

  package func merchant(_ number: UInt32) -> Merchant? {
    number >= 1 && Int(number) <= merchants.count ? merchants[Int(number) - 1] : nil
  }
  package func offer(_ number: UInt16) -> Offer? {
    number >= 1 && Int(number) <= offers.count ? offers[Int(number) - 1] : nil
  }
  package func release(_ number: UInt32) -> Release? {
    number >= 1 && Int(number) <= releases.count ? releases[Int(number) - 1] : nil
  }
  package func order(_ number: UInt32) -> Order? {
    number >= 1 && Int(number) <= orders.count ? orders[Int(number) - 1] : nil
  }
  package func order(id: OrderID) -> UInt32? { orderByID[id] }
  package func order(code: CodeDigest) -> UInt32? { orderByCode[code] }

  /// A citizen's orders, oldest first.
  package func orders(of citizen: CitizenID) -> [UInt32] { ordersByCitizen[citizen.raw] ?? [] }

  /// What a merchant redeemed, oldest first.
  package func used(at merchant: UInt32) -> [UInt32] { usedByMerchant[merchant] ?? [] }

  func releaseByID(_ id: OrderID) -> UInt32? { releaseNumbers[id] }
  package func releases(of offer: UInt16) -> [UInt32] { releasesByOffer[offer] ?? [] }

  /// Whether an offer can be bought at all: approved, and of a merchant in good standing.
  package func isOpen(_ offer: Offer) -> Bool {
    offer.standing == .approved && merchant(offer.merchant)?.standing == .approved
  }

  /// 余量: what can be had now, and when more comes. Left is nil where there is no end of it.
  package func stock(of offer: UInt16, now: Instant) -> (left: Int64?, next: Instant?) {
    var left: Int64 = 0
    var next: Instant?
    var isUnlimited = false
    for number in releases(of: offer) {
      let release = releases[Int(number) - 1]
      guard !release.hasLapsed, now < release.until else { continue }
      if now < release.from {
        next = min(next ?? release.from, release.from)
      } else if self.offer(offer)?.isUnlimited == true {
        isUnlimited = true
      } else {
        left += release.left
      }
    }
    return (isUnlimited ? nil : left, next)
  }

  /// How many of an offer a citizen has had in a calendar year: those that came back do not count.
  package func had(
    _ citizen: CitizenID, of offer: UInt16, year: Int, zone: Int32
  ) -> Int {
    orders(of: citizen).reduce(0) { sum, number in
      let order = orders[Int(number) - 1]
      guard order.offer == offer, order.placed.day(offset: zone).civil.year == year else {
        return sum
      }
      return sum + (order.status.countsForLimit ? 1 : 0)
    }
  }

  /// Whether something is to be done by the expire run.
  package func isDue(now: Instant) -> Bool {
    paying.contains { orders[Int($0) - 1].deadline <= now }
      || openByEnd.keys.contains { $0 <= now.milliseconds }
      || onSale.contains { releases[Int($0) - 1].until <= now }
  }
}
