// SPDX-License-Identifier: Apache-2.0
import Rewards
import Units

/// A slow and naive shopkeeper: plain lists, looked through from the beginning each time. It knows
/// nothing of facts, ledgers or escrow, only what a person would say the rules are.
struct NaiveMall {
  struct Offer {
    var merchant: Int
    var points: Int64
    var cash: Int64 = 0
    var settles: Int64 = 0
    var perYear: Int
    var days: Int32
    var forfeits = false
    var unlimited = false
  }
  struct Shelf {
    var offer: Int
    var left: Int
    var from: Instant
    var until: Instant
    var isOver = false
  }
  struct Slip {
    var id: UInt64
    var citizen: Int
    var offer: Int
    var shelf: Int
    var status: Order.Status
    var deadline: Instant
    var until: Instant
    var payment = ""
    var use: UInt64 = 0
  }

  static let zone: Int32 = 28_800
  var now: Instant
  var points: [Int64]
  var offers: [Offer]
  var shelves: [Shelf]
  var slips: [Slip] = []
  var earned: [Int64] = [0, 0, 0]
  var owed: [Int64] = [0, 0, 0]

  mutating func order(_ id: UInt64, _ citizen: Int, _ number: Int) -> String {
    if let slip = slips.first(where: { $0.id == id }) {
      return slip.citizen == citizen && slip.offer == number ? "done" : "idReused"
    }
    let offer = offers[number - 1]
    let gone: [Order.Status] = [.cancelled, .late, .returned, .refunded]
    let had = slips.filter {
      $0.citizen == citizen && $0.offer == number && !gone.contains($0.status)
    }
    if had.count >= offer.perYear { return "perPersonLimit" }
    var chosen: Int?
    for (index, shelf) in shelves.enumerated() where shelf.offer == number && !shelf.isOver {
      guard shelf.from <= now, now < shelf.until, offer.unlimited || shelf.left > 0 else {
        continue
      }
      if chosen == nil || shelf.until < shelves[chosen!].until { chosen = index }
    }
    guard let chosen else { return "soldOut" }
    guard points[citizen] >= offer.points else { return "notEnoughPoints" }
    points[citizen] -= offer.points
    if !offer.unlimited { shelves[chosen].left -= 1 }
    let midnight = Day(now.day(offset: Self.zone).number + offer.days).start(offset: Self.zone)
    let quarter = Instant(milliseconds: now.milliseconds + 900_000)
    slips.append(
      Slip(
        id: id, citizen: citizen, offer: number, shelf: chosen,
        status: offer.cash > 0 ? .paying : .open,
        deadline: min(quarter, shelves[chosen].until),
        until: min(midnight, shelves[chosen].until)))
    return "done"
  }

  mutating func pay(_ id: UInt64, _ payment: String) -> String {
    guard let index = slips.firstIndex(where: { $0.id == id }) else { return "orderUnknown" }
    if slips[index].payment == payment { return "done" }
    guard slips[index].status == .paying, now < slips[index].deadline else {
      return "paymentLate"
    }
    slips[index].payment = payment
    slips[index].status = .open
    return "done"
  }

  mutating func giveUp(_ id: UInt64, _ citizen: Int) -> String {
    guard let index = slips.firstIndex(where: { $0.id == id && $0.citizen == citizen }) else {
      return "orderUnknown"
    }
    switch slips[index].status {
    case .cancelled, .returned: return "done"
    case .paying: takeBack(index, .cancelled)
    case .open:
      if now >= slips[index].until { return "voucherExpired" }
      takeBack(index, .returned)
    default: return over(slips[index])
    }
    return "done"
  }

  mutating func redeem(_ id: UInt64, at merchant: Int, use: UInt64) -> String {
    guard let index = slips.firstIndex(where: { $0.id == id }) else { return "voucherUnknown" }
    let offer = offers[slips[index].offer - 1]
    if offer.merchant != merchant { return "wrongMerchant" }
    if slips[index].use == use { return "done" }
    guard slips[index].status == .open else { return over(slips[index]) }
    if now >= slips[index].until { return "voucherExpired" }
    slips[index].status = .used
    slips[index].use = use
    earned[merchant] += offer.points
    owed[merchant] += offer.cash + offer.settles
    return "done"
  }

  mutating func refund(number: Int) -> String {
    guard number >= 1, number <= slips.count else { return "orderUnknown" }
    if slips[number - 1].status == .refunded { return "done" }
    guard slips[number - 1].status == .open else { return over(slips[number - 1]) }
    takeBack(number - 1, .refunded)
    return "done"
  }

  mutating func lapse(limit: Int) {
    var left = limit
    for index in slips.indices where slips[index].status == .paying && left > 0 {
      guard slips[index].deadline <= now else { continue }
      takeBack(index, .late)
      left -= 1
    }
    for index in slips.indices where slips[index].status == .open && left > 0 {
      guard slips[index].until <= now else { continue }
      let offer = offers[slips[index].offer - 1]
      if !offer.forfeits { points[slips[index].citizen] += offer.points }
      slips[index].status = .expired
      left -= 1
    }
    for index in shelves.indices where !shelves[index].isOver && left > 0 {
      guard shelves[index].until <= now else { continue }
      shelves[index].left = 0
      shelves[index].isOver = true
      left -= 1
    }
  }

  private mutating func takeBack(_ index: Int, _ status: Order.Status) {
    let slip = slips[index]
    points[slip.citizen] += offers[slip.offer - 1].points
    slips[index].status = status
    if !offers[slip.offer - 1].unlimited, !shelves[slip.shelf].isOver {
      shelves[slip.shelf].left += 1
    }
  }

  private func over(_ slip: Slip) -> String {
    switch slip.status {
    case .used: "alreadyUsed"
    case .expired: "voucherExpired"
    case .paying: "notPaid"
    default: "voucherReturned"
    }
  }
}
