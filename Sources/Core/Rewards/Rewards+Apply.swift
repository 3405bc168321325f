// SPDX-License-Identifier: Apache-2.0
import Units

extension State {
  /// Takes over a decided fact. Never fails.
  package mutating func apply(_ fact: Fact) {
    switch fact {
    case .merchant(_, let merchant): merchants.append(merchant)
    case .merchantJudged(let number, let standing, let by):
      merchants[Int(number) - 1].standing = standing
      merchants[Int(number) - 1].judgedBy = by
    case .offer(_, let offer): offers.append(offer)
    case .offerJudged(let number, let standing, let by):
      offers[Int(number) - 1].standing = standing
      offers[Int(number) - 1].judgedBy = by
    case .release(let number, let release, let id):
      releases.append(release)
      releaseNumbers[id] = number
      releasesByOffer[release.offer, default: []].append(number)
      onSale.insert(number)
    case .lapsed(let number, let left):
      releases[Int(number) - 1].left -= left
      releases[Int(number) - 1].lapsed += left
      releases[Int(number) - 1].hasLapsed = true
      onSale.remove(number)
    case .placed(let number, let order): place(number, order)
    case .paid(let number, let payment):
      orders[Int(number) - 1].payment = payment
      orders[Int(number) - 1].status = .open
      paying.remove(number)
      openByEnd[orders[Int(number) - 1].validUntil.milliseconds, default: []].insert(number)
    case .ended(let ending): end(ending)
    }
  }

  /// Whether `apply` can take over a fact that was read and not decided: numbers that follow,
  /// things that there are, and ends of what has not ended.
  package func canApply(_ fact: Fact) -> Bool {
    switch fact {
    case .merchant(let number, _): return Int(number) == merchants.count + 1
    case .merchantJudged(let number, _, _): return merchant(number) != nil
    case .offer(let number, let offer):
      return Int(number) == offers.count + 1 && number <= State.offersMax
        && merchant(offer.merchant) != nil && offer.isGood
    case .offerJudged(let number, _, _): return offer(number) != nil
    case .release(let number, let release, let id):
      return Int(number) == releases.count + 1 && offer(release.offer) != nil
        && (0...State.quantityMax).contains(release.quantity) && releaseNumbers[id] == nil
        && release.left == release.quantity && release.reserved == 0 && release.used == 0
        && release.lapsed == 0 && !release.hasLapsed
    case .lapsed(let number, let left):
      return release(number)?.left == left && onSale.contains(number)
    case .placed(let number, let order):
      guard Int(number) == orders.count + 1, let offer = offer(order.offer),
        let release = release(order.release), release.offer == order.offer,
        orderByID[order.id] == nil, orderByCode[order.code] == nil,
        (0...Offer.pointsMax).contains(order.points), (0...Offer.fenMax).contains(order.cash),
        (0...Offer.fenMax).contains(order.settles), !order.citizen.isNone
      else { return false }
      return (offer.isUnlimited || release.left > 0)
        && order.status == (order.cash > 0 ? .paying : .open)
    case .paid(let number, _): return paying.contains(number)
    case .ended(let ending):
      guard let order = order(ending.order) else { return false }
      switch ending.status {
      case .cancelled, .late: return order.status == .paying
      case .used, .returned, .refunded, .expired: return order.status == .open
      case .paying, .open: return false
      }
    }
  }

  private mutating func place(_ number: UInt32, _ order: Order) {
    orders.append(order)
    index(number, order)
    let at = Int(order.release) - 1
    if offers[Int(order.offer) - 1].isUnlimited {
      releases[at].quantity += 1
    } else {
      releases[at].left -= 1
    }
    releases[at].reserved += 1
  }

  /// Everything by which an order is found; also where a snapshot is read.
  mutating func index(_ number: UInt32, _ order: Order) {
    orderByID[order.id] = number
    orderByCode[order.code] = number
    ordersByCitizen[order.citizen.raw, default: []].append(number)
    switch order.status {
    case .paying: paying.insert(number)
    case .open: openByEnd[order.validUntil.milliseconds, default: []].insert(number)
    case .used, .cancelled, .late, .returned, .refunded, .expired: break
    }
  }

  private mutating func end(_ ending: Ending) {
    let at = Int(ending.order) - 1
    paying.remove(ending.order)
    let end = orders[at].validUntil.milliseconds
    if openByEnd[end]?.remove(ending.order) != nil, openByEnd[end]?.isEmpty == true {
      openByEnd[end] = nil
    }
    orders[at].status = ending.status
    orders[at].ended = ending.time
    orders[at].endedBy = ending.by
    orders[at].use = ending.use
    orders[at].reason = ending.reason
    let release = Int(orders[at].release) - 1
    releases[release].reserved -= 1
    switch ending.status {
    case .used:
      releases[release].used += 1
      let merchant = offers[Int(orders[at].offer) - 1].merchant
      usedByMerchant[merchant, default: []].append(ending.order)
    case .expired: releases[release].lapsed += 1
    case .cancelled, .late, .returned, .refunded, .paying, .open:
      if returnsToShelf(orders[at]) {
        releases[release].left += 1
      } else {
        releases[release].lapsed += 1
      }
    }
  }

  /// Whether a piece that comes back can be had by somebody else: while its release is on sale.
  package func returnsToShelf(_ order: Order) -> Bool {
    !offers[Int(order.offer) - 1].isUnlimited && !releases[Int(order.release) - 1].hasLapsed
  }
}
