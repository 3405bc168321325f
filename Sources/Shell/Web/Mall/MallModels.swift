// SPDX-License-Identifier: Apache-2.0
import Rewards
import Units

/// An offer with what is left of it.
package struct OfferModel: Sendable {
  package var number: UInt16
  package var offer: Offer
  package var merchant: Label
  package var isOpen: Bool
  /// Nil where there is no end of it.
  package var left: Int64?
  package var next: Instant?
  // Over all releases, past and to come.
  package var released: Int64 = 0
  package var reserved: Int64 = 0
  package var used: Int64 = 0
  package var lapsed: Int64 = 0
  package var remaining: Int64 = 0

  package init(
    number: UInt16, offer: Offer, merchant: Label, isOpen: Bool, left: Int64?, next: Instant?
  ) {
    self.number = number
    self.offer = offer
    self.merchant = merchant
    self.isOpen = isOpen
    self.left = left
    self.next = next
  }

  package var isAvailable: Bool { isOpen && (left ?? 1) > 0 }
}

package struct VoucherModel: Sendable {
  package var number: UInt32
  package var order: Order
  package var offer: Offer
  package var merchant: Label
  package init(number: UInt32, order: Order, offer: Offer, merchant: Label) {
    self.number = number
    self.order = order
    self.offer = offer
    self.merchant = merchant
  }
}

package struct MerchantModel: Sendable {
  package var number: UInt32
  package var merchant: Merchant
  package var offers: Int
  package var used: Int
  package init(number: UInt32, merchant: Merchant, offers: Int, used: Int) {
    self.number = number
    self.merchant = merchant
    self.offers = offers
    self.used = used
  }
}

/// 结算单: a merchant's month.
package struct Settlement: Sendable {
  package var merchant: UInt32
  package var name: Label
  package var year: Int
  package var month: Int
  package var rows: [VoucherModel] = []
  package init(merchant: UInt32, name: Label, year: Int, month: Int) {
    self.merchant = merchant
    self.name = name
    self.year = year
    self.month = month
  }

  package var points: Int64 { rows.reduce(0) { $0 + $1.order.points } }
  /// What the programme pays, in fen.
  package var settles: Int64 { rows.reduce(0) { $0 + $1.order.settles } }
  /// What citizens paid, in fen.
  package var cash: Int64 { rows.reduce(0) { $0 + $1.order.cash } }
  package var due: Int64 { settles + cash }
}

/// Who looks at the mall, and what they could spend.
package struct Purse: Sendable {
  package var points: Int64
  package var isFrozen: Bool
  package var wishes: Set<UInt16>
  package init(points: Int64, isFrozen: Bool, wishes: Set<UInt16> = []) {
    self.points = points
    self.isFrozen = isFrozen
    self.wishes = wishes
  }
}
