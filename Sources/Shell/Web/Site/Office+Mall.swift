// SPDX-License-Identifier: Apache-2.0
import Desk
import Mechanism
import Policy
import Rewards
import Storage
import Units

// What the mall's pages ask of a mechanism.
extension Office {
  func offers(at now: Instant) -> [OfferModel] {
    clerk.read { state in
      state.rewards.offers.indices.compactMap { Office.offer(UInt16($0 + 1), state, now) }
    }
  }

  func offer(_ number: UInt16, at now: Instant) -> OfferModel? {
    clerk.read { Office.offer(number, $0, now) }
  }

  private static func offer(
    _ number: UInt16, _ state: borrowing Mechanism.State, _ now: Instant
  ) -> OfferModel? {
    let mall = state.rewards
    guard let offer = mall.offer(number), let merchant = mall.merchant(offer.merchant) else {
      return nil
    }
    let (left, next) = mall.stock(of: number, now: now)
    var model = OfferModel(
      number: number, offer: offer, merchant: merchant.name, isOpen: mall.isOpen(offer),
      left: left, next: next)
    for release in mall.releases(of: number).compactMap({ mall.release($0) }) {
      model.released += release.quantity
      model.reserved += release.reserved
      model.used += release.used
      model.lapsed += release.lapsed
      model.remaining += release.left
    }
    return model
  }

  func releases(of offer: UInt16) -> [(number: UInt32, release: Release)] {
    clerk.read { state in
      state.rewards.releases(of: offer).compactMap { number in
        state.rewards.release(number).map { (number, $0) }
      }
    }
  }

  func merchants() -> [MerchantModel] {
    clerk.read { state in
      state.rewards.merchants.enumerated().map { index, merchant in
        let number = UInt32(index + 1)
        return MerchantModel(
          number: number, merchant: merchant,
          offers: state.rewards.offers.filter { $0.merchant == number }.count,
          used: state.rewards.used(at: number).count)
      }
    }
  }

  func merchant(_ number: UInt32) -> MerchantModel? { merchants().first { $0.number == number } }

  /// A citizen's vouchers, newest first.
  func vouchers(of citizen: CitizenID) -> [VoucherModel] {
    clerk.read { state in
      state.rewards.orders(of: citizen).reversed().compactMap { Office.voucher($0, state) }
    }
  }

  func voucher(_ number: UInt32) -> VoucherModel? { clerk.read { Office.voucher(number, $0) } }

  func voucher(code: String) -> VoucherModel? {
    let (high, low) = Vault.voucherDigest(code)
    return clerk.read { state in
      state.rewards.order(code: CodeDigest(high, low)).flatMap { Office.voucher($0, state) }
    }
  }

  /// All of one status, or all, newest first.
  func vouchers(
    status: Order.Status?, before: UInt32?, limit: Int
  ) -> (rows: [VoucherModel], total: Int) {
    clerk.read { state in Office.vouchers(state, status, before ?? .max, limit) }
  }

  private static func vouchers(
    _ state: borrowing Mechanism.State, _ status: Order.Status?, _ before: UInt32, _ limit: Int
  ) -> (rows: [VoucherModel], total: Int) {
    var rows: [VoucherModel] = []
    var total = 0
    var number = UInt32(state.rewards.orders.count)
    while number > 0 {
      defer { number -= 1 }
      guard let order = state.rewards.order(number), status == nil || order.status == status else {
        continue
      }
      total += 1
      if number < before, rows.count < limit, let row = voucher(number, state) { rows.append(row) }
    }
    return (rows, total)
  }

  /// What a merchant redeemed in a month of the mechanism's calendar, oldest first.
  func settlement(of merchant: UInt32, year: Int, month: Int) -> Settlement {
    let zone = zone
    return clerk.read { state in
      var settlement = Settlement(
        merchant: merchant, name: state.rewards.merchant(merchant)?.name ?? Label("", ""),
        year: year, month: month)
      for number in state.rewards.used(at: merchant) {
        guard let voucher = Office.voucher(number, state) else { continue }
        let day = voucher.order.ended.day(offset: zone).civil
        if day.year == year, day.month == month { settlement.rows.append(voucher) }
      }
      return settlement
    }
  }

  private static func voucher(
    _ number: UInt32, _ state: borrowing Mechanism.State
  ) -> VoucherModel? {
    guard let order = state.rewards.order(number), let offer = state.rewards.offer(order.offer),
      let merchant = state.rewards.merchant(offer.merchant)
    else { return nil }
    return VoucherModel(number: number, order: order, offer: offer, merchant: merchant.name)
  }

  /// Carries out a command of the mall.
  func perform(_ command: Rewards.Command, _ zone: Int32) throws -> CommandResult {
    do {
      return try clerk.perform(.rewards(command)).result
    } catch {
      throw Trouble(mall: error, zone: zone)
    }
  }

  /// 到期处理: ends what is over, in steps that leave room for others. Answers what was paid in money
  /// and has to be paid back.
  func tendMall(_ now: Instant) -> [(reference: String, amount: Fen)] {
    var owed: [(reference: String, amount: Fen)] = []
    for _ in 0..<100 {
      let (isDue, before) = clerk.read { state in
        (state.rewards.isDue(now: now), state.nextFact)
      }
      guard isDue else { break }
      let expiring = clerk.read { state in
        state.rewards.orders.filter {
          $0.status == .open && $0.cash > 0 && $0.validUntil <= now
        }.map { ($0.id, $0.payment, $0.cash) }
      }
      _ = try? clerk.perform(.rewards(.lapse(limit: 500)))
      owed += clerk.read { state in
        expiring.filter { id, _, _ in
          state.rewards.order(id: id).flatMap { state.rewards.order($0) }?.status == .expired
        }.map { (reference: $0.1, amount: Fen($0.2)) }
      }
      if clerk.read({ $0.nextFact }) == before { break }
    }
    return owed
  }
}

extension Site {
  /// What time brings to the malls; called every few seconds.
  package func tend() {
    for office in offices {
      office.tendCare(clock())
      for (reference, amount) in office.tendMall(clock()) {
        try? settings.payment.refund(reference, amount)
      }
    }
  }
}
