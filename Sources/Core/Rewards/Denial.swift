// SPDX-License-Identifier: Apache-2.0
import Units

/// Why the mall does not do it. Numbers are for ever; the order is the order of precedence.
package enum Refusal: UInt8, Error, Sendable, CaseIterable {
  case merchantUnknown = 1
  case nameInvalid
  case licenceTaken
  case alreadyJudged
  case samePerson
  case merchantNotOpen
  case offerInvalid
  case mallFull
  case idReused
  case offerUnknown
  case citizenUnknown
  case accountFrozen
  case offerClosed
  case releaseInvalid
  case noResources
  case yearInvalid
  case unchanged
  case perPersonLimit
  case soldOut
  case notEnoughPoints
  case codeReused
  case orderUnknown
  case paymentInvalid
  case paymentLate
  case notReturnable
  case voucherUnknown
  case wrongMerchant
  case notPaid
  case alreadyUsed
  case voucherReturned
  case voucherExpired
  case notYetValid
}

/// A refusal with what its sentence needs: how many are short, when, by whom.
package struct Denial: Error, Hashable, Sendable {
  package var refusal: Refusal
  package var count: Int64?
  package var at: Instant?
  package var by: String?
  init(_ refusal: Refusal, count: Int64? = nil, at: Instant? = nil, by: String? = nil) {
    self.refusal = refusal
    self.count = count
    self.at = at
    self.by = by
  }

  /// What is wrong, and what to do.
  package var sentence: String {
    let when = at?.description ?? ""
    switch refusal {
    case .merchantUnknown: return "there is no such merchant; see the list of merchants"
    case .nameInvalid: return "a merchant needs a name of at most 200 characters"
    case .licenceTaken:
      return "a merchant with this business licence stands on the list already, or none is given"
    case .alreadyJudged: return "this was decided before; look at it again"
    case .samePerson: return "somebody else than the applicant has to approve it"
    case .merchantNotOpen: return "the merchant is not approved; approve it first"
    case .offerInvalid:
      return
        "an offer needs a name, a price in points or money, a limit of 1 to 10,000 a person and "
        + "year, and 1 to 731 days of validity"
    case .mallFull: return "the mall holds at most 32,767 offers"
    case .idReused: return "this number was used for another order; send a new one"
    case .offerUnknown: return "there is no such offer; see the mall"
    case .citizenUnknown: return "there is no such account; open one first"
    case .accountFrozen: return "the account is frozen; ask the operator"
    case .offerClosed: return "the offer is not on sale; see the mall for others"
    case .releaseInvalid:
      return "stock needs a quantity from 1 to 1,000,000,000 and a last day that is still to come; "
        + "what a document promises is released by the year"
    case .noResources: return "the pack in force promises no resources"
    case .yearInvalid: return "resources are opened for this year or the next"
    case .unchanged: return "all of this year's resources are open already"
    case .perPersonLimit:
      return "you have had the \(count ?? 0) pieces that one person may have in a year"
    case .soldOut:
      return "sold out" + (at == nil ? "; see the mall for others" : "; the next come at \(when)")
    case .notEnoughPoints: return "you are \(count ?? 0) points short"
    case .codeReused: return "this voucher code was given before; try again"
    case .orderUnknown: return "there is no such order; see your vouchers"
    case .paymentInvalid: return "a payment has a reference of 1 to 64 characters"
    case .paymentLate: return "the order was no longer waiting for a payment; order again"
    case .notReturnable: return "the terms of this offer do not let it be given back"
    case .voucherUnknown: return "there is no such code; check it and try again"
    case .wrongMerchant: return "this voucher is not for your shop"
    case .notPaid: return "this voucher is not paid yet"
    case .alreadyUsed: return "this voucher was used at \(when) (\(by ?? ""))"
    case .voucherReturned: return "this voucher was given back or refunded at \(when)"
    case .voucherExpired: return "this voucher was good until \(when)"
    case .notYetValid: return "this voucher is good from \(when) on"
    }
  }
}
