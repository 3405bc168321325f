// SPDX-License-Identifier: Apache-2.0
// Facts of kind 70, the mall's merchants, offers and stock, and of kind 71, orders; both version 1,
// readable JSON. A line of each:
//
//   70  {"merchant":{…},"number":3}                        the next number, from 1
//       {"by":"ma","number":3,"standing":"approved","subject":"merchant"}
//       {"number":7,"offer":{…}}
//       {"by":"ma","number":7,"standing":"closed","subject":"offer"}
//       {"id":"<32 hex>","number":12,"release":{…}}
//       {"lapsed":12,"left":40}
//   71  {"number":901,"order":{…}}
//       {"number":901,"payment":"…"}
//       {"ending":{"by":"shop-1","number":901,"status":"used","time":…,"use":"<32 hex>"}}
//
// Behind a fact that moves value stands the fact of kind 66 with its transfers, in the same frame.

import Units

package enum Fact: Hashable, Sendable {
  package static let mallKind: UInt8 = 70
  package static let orderKind: UInt8 = 71

  case merchant(UInt32, Merchant)
  case merchantJudged(UInt32, Standing, by: String)
  case offer(UInt16, Offer)
  case offerJudged(UInt16, Standing, by: String)
  case release(UInt32, Release, OrderID)
  case lapsed(UInt32, left: Int64)
  case placed(UInt32, Order)
  case paid(UInt32, payment: String)
  case ended(Ending)

  package var kind: UInt8 {
    switch self {
    case .merchant, .merchantJudged, .offer, .offerJudged, .release, .lapsed: Fact.mallKind
    case .placed, .paid, .ended: Fact.orderKind
    }
  }
}

/// How an order ended.
package struct Ending: Hashable, Sendable {
  package var order: UInt32
  package var status: Order.Status
  package var time: Instant
  package var by: String
  package var use: OrderID?
  package var reason: String
}

/// The facts' JSON; absent members are left out.
package struct FactRow: Codable, Sendable {
  var number: UInt32?
  var merchant: Merchant?
  var offer: Offer?
  var release: Release?
  var id: String?
  var subject: String?
  var standing: Standing?
  var by: String?
  var lapsed: UInt32?
  var left: Int64?
  var order: OrderRow?
  var payment: String?
  var ending: EndingRow?

  struct EndingRow: Codable, Sendable {
    var number: UInt32
    var status: Order.Status
    var time: Int64
    var by: String
    var use: String?
    var reason: String?
  }

  package init(_ fact: Fact) {
    switch fact {
    case .merchant(let number, let merchant): (self.number, self.merchant) = (number, merchant)
    case .merchantJudged(let number, let standing, let by):
      (self.number, subject, self.standing, self.by) = (number, "merchant", standing, by)
    case .offer(let number, let offer): (self.number, self.offer) = (UInt32(number), offer)
    case .offerJudged(let number, let standing, let by):
      (self.number, subject, self.standing, self.by) = (UInt32(number), "offer", standing, by)
    case .release(let number, let release, let id):
      (self.number, self.release, self.id) = (number, release, id.description)
    case .lapsed(let number, let left): (lapsed, self.left) = (number, left)
    case .placed(let number, let order):
      (self.number, self.order) = (number, OrderRow(order))
    case .paid(let number, let payment): (self.number, self.payment) = (number, payment)
    case .ended(let ending):
      self.ending = EndingRow(
        number: ending.order, status: ending.status, time: ending.time.milliseconds,
        by: ending.by, use: ending.use?.description,
        reason: ending.reason.isEmpty ? nil : ending.reason)
    }
  }

  /// The fact, or nil where the row is none of ours.
  package var fact: Fact? {
    if let ending { return FactRow.fact(ending) }
    if let lapsed, let left { return .lapsed(lapsed, left: left) }
    guard let number else { return nil }
    if let merchant { return .merchant(number, merchant) }
    if let offer { return UInt16(exactly: number).map { .offer($0, offer) } }
    if let release, let id { return OrderID(id).map { .release(number, release, $0) } }
    if let order { return order.order.map { .placed(number, $0) } }
    if let payment { return .paid(number, payment: payment) }
    guard let standing, let by else { return nil }
    switch subject {
    case "merchant": return .merchantJudged(number, standing, by: by)
    case "offer": return UInt16(exactly: number).map { .offerJudged($0, standing, by: by) }
    default: return nil
    }
  }

  private static func fact(_ row: EndingRow) -> Fact? {
    let use = row.use.map { OrderID($0) }
    if case .some(.none) = use { return nil }
    return .ended(
      Ending(
        order: row.number, status: row.status, time: Instant(milliseconds: row.time), by: row.by,
        use: use ?? nil, reason: row.reason ?? ""))
  }
}

/// An order as JSON: in facts as it was placed, in snapshots with its end.
struct OrderRow: Codable, Sendable {
  var id: String
  var code: String
  var citizen: UInt32
  var offer: UInt16
  var release: UInt32
  var points: Int64
  var cash: Int64
  var settles: Int64
  var placed: Int64
  var validFrom: Int64
  var validUntil: Int64
  var deadline: Int64?
  var status: Order.Status
  var payment: String?
  var ended: Int64?
  var endedBy: String?
  var use: String?
  var reason: String?

  init(_ order: Order) {
    id = order.id.description
    code = order.code.description
    citizen = order.citizen.raw
    offer = order.offer
    release = order.release
    points = order.points
    cash = order.cash
    settles = order.settles
    placed = order.placed.milliseconds
    validFrom = order.validFrom.milliseconds
    validUntil = order.validUntil.milliseconds
    deadline = order.deadline.milliseconds == 0 ? nil : order.deadline.milliseconds
    status = order.status
    payment = order.payment.isEmpty ? nil : order.payment
    ended = order.ended.milliseconds == 0 ? nil : order.ended.milliseconds
    endedBy = order.endedBy.isEmpty ? nil : order.endedBy
    use = order.use?.description
    reason = order.reason.isEmpty ? nil : order.reason
  }

  var order: Order? {
    guard let id = OrderID(id), let code = CodeDigest(code) else { return nil }
    var order = Order(
      id: id, code: code, citizen: CitizenID(citizen), offer: offer, release: release,
      points: points, cash: cash, settles: settles, placed: Instant(milliseconds: placed),
      validFrom: Instant(milliseconds: validFrom), validUntil: Instant(milliseconds: validUntil),
      deadline: Instant(milliseconds: deadline ?? 0), status: status)
    order.payment = payment ?? ""
    order.ended = Instant(milliseconds: ended ?? 0)
    order.endedBy = endedBy ?? ""
    order.use = use.flatMap { OrderID($0) }
    order.reason = reason ?? ""
    return order
  }
}
