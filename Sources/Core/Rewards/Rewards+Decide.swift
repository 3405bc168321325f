// SPDX-License-Identifier: Apache-2.0
import Units

package enum Command: Sendable {
  /// 入驻申请
  case apply(Merchant)
  /// 入驻审核
  case judgeMerchant(UInt32, Standing, by: String)
  /// 上架申请
  case propose(Offer)
  /// 上架审核、下架
  case judgeOffer(UInt16, Standing, by: String)
  /// 投放库存; the number is the caller's, so that a form sent twice releases once.
  case release(Release, id: OrderID)
  /// 发放政府资源: merchants, offers and stock of a calendar year, as the pack says.
  case openResources(year: Int, by: String)
  case reserve(Reservation)
  case pay(OrderID, payment: String)
  /// Before paying, or an unused voucher: by the citizen whose it is.
  case giveUp(OrderID, CitizenID)
  /// 核销: `use` is the merchant's own number for it.
  case redeem(CodeDigest, at: UInt32, by: String, use: OrderID)
  /// 退款: the merchant does not honour the voucher. `merchant` is who says so, nil for an operator.
  case refund(UInt32, merchant: UInt32?, by: String, reason: String)
  /// 到期处理: at most so many orders and releases.
  case lapse(limit: Int)
}

/// 兑换: what a citizen asks for. The identifier is the citizen's, the code the Shell's.
package struct Reservation: Hashable, Sendable {
  package var id: OrderID
  package var citizen: CitizenID
  package var offer: UInt16
  package var code: CodeDigest
  package init(id: OrderID, citizen: CitizenID, offer: UInt16, code: CodeDigest) {
    self.id = id
    self.citizen = citizen
    self.offer = offer
    self.code = code
  }
}

/// What the Mechanism knows besides: the time, the pack, who asks and what they hold.
package struct Setting: Sendable {
  package var now: Instant
  package var zone: Int32
  package var rules: Rules
  /// Points that the asking citizen can spend; nil where there is no such account.
  package var spendable: Int64?
  package var isFrozen: Bool
  package init(
    now: Instant, zone: Int32, rules: Rules, spendable: Int64? = nil, isFrozen: Bool = false
  ) {
    self.now = now
    self.zone = zone
    self.rules = rules
    self.spendable = spendable
    self.isFrozen = isFrozen
  }

  var year: Int { now.day(offset: zone).civil.year }
}

/// What was decided: the facts to write, in order, and the number of what was made or meant.
package struct Decision: Sendable {
  package var facts: [Fact]
  package var number: UInt32
  /// The same command was carried out before.
  package var isRepeat: Bool
  init(_ facts: [Fact], _ number: UInt32, isRepeat: Bool = false) {
    self.facts = facts
    self.number = number
    self.isRepeat = isRepeat
  }
}

extension State {
  /// Decides one command. Changes nothing.
  package func decide(_ command: Command, _ setting: Setting) -> Result<Decision, Denial> {
    switch command {
    case .apply(let merchant): apply(merchant)
    case .judgeMerchant(let number, let standing, let by): judge(merchant: number, standing, by)
    case .propose(let offer): propose(offer)
    case .judgeOffer(let number, let standing, let by): judge(offer: number, standing, by)
    case .release(let release, let id): self.release(release, id, setting)
    case .openResources(let year, let by): openResources(year, by, setting)
    case .reserve(let reservation): reserve(reservation, setting)
    case .pay(let id, let payment): pay(id, payment, setting)
    case .giveUp(let id, let citizen): giveUp(id, citizen, setting)
    case .redeem(let code, let merchant, let by, let use):
      redeem(code, merchant, by, use, setting)
    case .refund(let number, let merchant, let by, let reason):
      refund(number, merchant, by, reason, setting)
    case .lapse(let limit): .success(Decision(due(setting.now, limit), 0))
    }
  }

  private func apply(_ merchant: Merchant) -> Result<Decision, Denial> {
    guard merchant.name.isGood, merchant.standing == .applied, merchant.provider == nil else {
      return .failure(Denial(.nameInvalid))
    }
    let taken = merchants.contains { $0.licence == merchant.licence && $0.standing != .refused }
    guard !merchant.licence.isEmpty, !taken else { return .failure(Denial(.licenceTaken)) }
    let number = UInt32(merchants.count + 1)
    return .success(Decision([.merchant(number, merchant)], number))
  }

  private func judge(
    merchant number: UInt32, _ standing: Standing, _ by: String
  ) -> Result<Decision, Denial> {
    guard let merchant = merchant(number) else { return .failure(Denial(.merchantUnknown)) }
    let mayFollow: Bool =
      switch standing {
      case .approved, .refused: merchant.standing == .applied
      case .closed: merchant.standing == .approved
      case .applied: false
      }
    guard mayFollow else { return .failure(Denial(.alreadyJudged)) }
    guard standing == .closed || merchant.appliedBy != by else {
      return .failure(Denial(.samePerson))
    }
    return .success(Decision([.merchantJudged(number, standing, by: by)], number))
  }

  private func propose(_ offer: Offer) -> Result<Decision, Denial> {
    guard let merchant = merchant(offer.merchant) else {
      return .failure(Denial(.merchantUnknown))
    }
    guard merchant.standing == .approved else { return .failure(Denial(.merchantNotOpen)) }
    guard offer.isGood, offer.standing == .applied, offer.resource == nil else {
      return .failure(Denial(.offerInvalid))
    }
    guard offers.count < State.offersMax else { return .failure(Denial(.mallFull)) }
    let number = UInt16(offers.count + 1)
    return .success(Decision([.offer(number, offer)], UInt32(number)))
  }

  /// As many as there are numbers for assets of stock.
  static let offersMax = 32_767
  /// Far more than a city issues, and few enough that no sum of it overflows.
  static let quantityMax: Int64 = 1_000_000_000

  private func judge(
    offer number: UInt16, _ standing: Standing, _ by: String
  ) -> Result<Decision, Denial> {
    guard let offer = offer(number) else { return .failure(Denial(.offerUnknown)) }
    let mayFollow: Bool =
      switch standing {
      case .approved, .refused: offer.standing == .applied
      case .closed: offer.standing == .approved
      case .applied: false
      }
    guard mayFollow else { return .failure(Denial(.alreadyJudged)) }
    guard standing == .closed || offer.proposedBy != by else {
      return .failure(Denial(.samePerson))
    }
    return .success(Decision([.offerJudged(number, standing, by: by)], UInt32(number)))
  }

  private func release(
    _ release: Release, _ id: OrderID, _ setting: Setting
  ) -> Result<Decision, Denial> {
    guard let offer = offer(release.offer) else { return .failure(Denial(.offerUnknown)) }
    if let number = releaseByID(id) {
      return releases[Int(number) - 1].isSame(as: release)
        ? .success(Decision([], number, isRepeat: true)) : .failure(Denial(.idReused))
    }
    guard isOpen(offer) else { return .failure(Denial(.offerClosed)) }
    // What a document promises is released by `openResources`, and no piece more.
    guard offer.resource == nil, !offer.isUnlimited, release.left == release.quantity,
      (1...State.quantityMax).contains(release.quantity), release.from < release.until,
      setting.now < release.until, release.reserved == 0, release.used == 0, release.lapsed == 0
    else { return .failure(Denial(.releaseInvalid)) }
    let number = UInt32(releases.count + 1)
    return .success(Decision([.release(number, release, id)], number))
  }

  private func reserve(
    _ asked: Reservation, _ setting: Setting
  ) -> Result<Decision, Denial> {
    if let number = orderByID[asked.id] {
      let order = orders[Int(number) - 1]
      return order.citizen == asked.citizen && order.offer == asked.offer
        ? .success(Decision([], number, isRepeat: true)) : .failure(Denial(.idReused))
    }
    guard let offer = offer(asked.offer) else { return .failure(Denial(.offerUnknown)) }
    guard let spendable = setting.spendable else { return .failure(Denial(.citizenUnknown)) }
    guard !setting.isFrozen else { return .failure(Denial(.accountFrozen)) }
    guard isOpen(offer) else { return .failure(Denial(.offerClosed)) }
    let had = had(asked.citizen, of: asked.offer, year: setting.year, zone: setting.zone)
    guard had < offer.perYear else {
      return .failure(Denial(.perPersonLimit, count: Int64(offer.perYear)))
    }
    guard let number = shelf(of: asked.offer, setting.now) else {
      return .failure(Denial(.soldOut, at: stock(of: asked.offer, now: setting.now).next))
    }
    guard spendable >= offer.points else {
      return .failure(Denial(.notEnoughPoints, count: offer.points - spendable))
    }
    guard orderByCode[asked.code] == nil else { return .failure(Denial(.codeReused)) }
    let release = releases[Int(number) - 1]
    let day = setting.now.day(offset: setting.zone)
    // The last day counts in full: it ends where the day after begins.
    let lastDay = Day(day.number + Int32(offer.validDays))
    let order = Order(
      id: asked.id, code: asked.code, citizen: asked.citizen, offer: asked.offer,
      release: number, points: offer.points, cash: offer.cash, settles: offer.settles,
      placed: setting.now,
      validFrom: max(setting.now, Instant(milliseconds: offer.usableFrom)),
      validUntil: min(lastDay.start(offset: setting.zone), release.until),
      deadline: offer.cash > 0
        ? min(
          Instant(milliseconds: setting.now.milliseconds + setting.rules.paySeconds * 1000),
          release.until)
        : Instant(milliseconds: 0),
      status: offer.cash > 0 ? .paying : .open)
    let made = UInt32(orders.count + 1)
    return .success(Decision([.placed(made, order)], made))
  }

  /// The release from which the next piece is taken: the one that ends first.
  private func shelf(of offer: UInt16, _ now: Instant) -> UInt32? {
    let isUnlimited = self.offer(offer)?.isUnlimited ?? false
    return releases(of: offer).filter {
      let release = releases[Int($0) - 1]
      return !release.hasLapsed && release.from <= now && now < release.until
        && (isUnlimited || release.left > 0)
    }.min { releases[Int($0) - 1].until < releases[Int($1) - 1].until }
  }

  private func pay(
    _ id: OrderID, _ payment: String, _ setting: Setting
  ) -> Result<Decision, Denial> {
    guard let number = orderByID[id] else { return .failure(Denial(.orderUnknown)) }
    let order = orders[Int(number) - 1]
    guard !payment.isEmpty, payment.utf8.count <= 64 else {
      return .failure(Denial(.paymentInvalid))
    }
    if order.payment == payment { return .success(Decision([], number, isRepeat: true)) }
    guard order.status == .paying, setting.now < order.deadline else {
      return .failure(Denial(.paymentLate, at: order.deadline))
    }
    return .success(Decision([.paid(number, payment: payment)], number))
  }

  private func giveUp(
    _ id: OrderID, _ citizen: CitizenID, _ setting: Setting
  ) -> Result<Decision, Denial> {
    guard let number = orderByID[id], orders[Int(number) - 1].citizen == citizen else {
      return .failure(Denial(.orderUnknown))
    }
    let order = orders[Int(number) - 1]
    switch order.status {
    case .cancelled, .returned: return .success(Decision([], number, isRepeat: true))
    case .paying:
      return .success(Decision([end(number, .cancelled, "citizen", setting.now)], number))
    case .open:
      guard offer(order.offer)?.isReturnable == true else {
        return .failure(Denial(.notReturnable))
      }
      guard setting.now < order.validUntil else {
        return .failure(Denial(.voucherExpired, at: order.validUntil))
      }
      return .success(Decision([end(number, .returned, "citizen", setting.now)], number))
    case .used, .late, .refunded, .expired: return .failure(over(order))
    }
  }

  /// Why a voucher that has ended can't be used.
  private func over(_ order: Order) -> Denial {
    switch order.status {
    case .used: Denial(.alreadyUsed, at: order.ended, by: order.endedBy)
    case .expired: Denial(.voucherExpired, at: order.validUntil)
    case .paying: Denial(.notPaid)
    case .late, .cancelled, .returned, .refunded, .open: Denial(.voucherReturned, at: order.ended)
    }
  }

  private func redeem(
    _ code: CodeDigest, _ merchant: UInt32, _ by: String, _ use: OrderID, _ setting: Setting
  ) -> Result<Decision, Denial> {
    guard let number = orderByCode[code] else { return .failure(Denial(.voucherUnknown)) }
    let order = orders[Int(number) - 1]
    guard offer(order.offer)?.merchant == merchant else { return .failure(Denial(.wrongMerchant)) }
    if order.use == use { return .success(Decision([], number, isRepeat: true)) }
    switch order.status {
    case .paying: return .failure(Denial(.notPaid))
    case .used, .expired, .late, .cancelled, .returned, .refunded: return .failure(over(order))
    case .open: break
    }
    guard setting.now < order.validUntil else {
      return .failure(Denial(.voucherExpired, at: order.validUntil))
    }
    guard order.validFrom <= setting.now else {
      return .failure(Denial(.notYetValid, at: order.validFrom))
    }
    return .success(Decision([end(number, .used, by, setting.now, use: use)], number))
  }

  private func refund(
    _ number: UInt32, _ merchant: UInt32?, _ by: String, _ reason: String, _ setting: Setting
  ) -> Result<Decision, Denial> {
    guard let order = order(number) else { return .failure(Denial(.orderUnknown)) }
    if let merchant, offer(order.offer)?.merchant != merchant {
      return .failure(Denial(.wrongMerchant))
    }
    if order.status == .refunded { return .success(Decision([], number, isRepeat: true)) }
    guard order.status == .open else { return .failure(over(order)) }
    return .success(
      Decision([end(number, .refunded, by, setting.now, reason: reason)], number))
  }

  private func end(
    _ number: UInt32, _ status: Order.Status, _ by: String, _ now: Instant,
    use: OrderID? = nil, reason: String = ""
  ) -> Fact {
    .ended(Ending(order: number, status: status, time: now, by: by, use: use, reason: reason))
  }

  /// What the expire run has to end now, oldest numbers first.
  private func due(_ now: Instant, _ limit: Int) -> [Fact] {
    let late = paying.filter { orders[Int($0) - 1].deadline <= now }.sorted()
    let expired = openByEnd.filter { $0.key <= now.milliseconds }.flatMap(\.value).sorted()
    let over = onSale.filter { releases[Int($0) - 1].until <= now }.sorted()
    var facts = late.prefix(limit).map { end($0, .late, "clock", now) }
    facts += expired.prefix(max(0, limit - facts.count)).map { end($0, .expired, "clock", now) }
    facts += over.prefix(max(0, limit - facts.count)).map { number in
      .lapsed(number, left: releases[Int(number) - 1].left)
    }
    return facts
  }
}
