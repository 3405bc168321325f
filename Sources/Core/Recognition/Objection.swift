// SPDX-License-Identifier: Apache-2.0
import Units

/// Why a conversion is not made. Numbers are for ever; the order is the order of precedence.
package enum Refusal: UInt8, Error, Sendable, CaseIterable {
  case programmeUnknown = 1
  case directionClosed
  case conversionIDReused
  case accountUnknown
  case convertingFrozen
  case amountNotWhole
  case amountDiffers
  case dayInvalid
  case deadlineOver
  case limitOfCitizen
  case limitOfProgramme
  case pointsShort
  case conversionUnknown
  case notTheLeader
  case cancelledBefore
  case confirmedBefore
  case notEnded
  case fileInvalid
}

/// A refusal with the number that its sentence needs.
package struct Objection: Error, Hashable, Sendable {
  package var refusal: Refusal
  package var count: Int64?
  package init(_ refusal: Refusal, count: Int64? = nil) {
    self.refusal = refusal
    self.count = count
  }

  /// What is wrong, and what to do.
  package var sentence: String {
    let count = count ?? 0
    return switch refusal {
    case .programmeUnknown:
      "the pack in force recognises no such programme; see the list of programmes"
    case .directionClosed: "points are not exchanged in this direction on this day; see the rates"
    case .conversionIDReused: "this number was used for another exchange; send a new one"
    case .accountUnknown: "there is no such account; open one first, or link it again"
    case .convertingFrozen: "the account is frozen; ask the operator"
    case .amountNotWhole: "exchange a multiple of \(count) points, so that nothing is left over"
    case .amountDiffers: "by the rate of this day it comes to \(count); ask with that"
    case .dayInvalid: "an exchange counts for the day on which it begins; check both sides' clocks"
    case .deadlineOver: "the time for this exchange is over; begin a new one"
    case .limitOfCitizen: "\(count) points are left of what one person may exchange; take fewer"
    case .limitOfProgramme:
      "\(count) points are left of what all together may exchange; try again tomorrow"
    case .pointsShort: "you are \(count) points short"
    case .conversionUnknown: "there is no such exchange"
    case .notTheLeader: "the side where the exchange was asked for decides about it; ask there"
    case .cancelledBefore: "this exchange was cancelled before, and stays so"
    case .confirmedBefore: "this exchange was confirmed before, and stays so"
    case .notEnded: "this exchange has not been decided yet"
    case .fileInvalid: "a day's file names each exchange once, with amounts above zero; mend it"
    }
  }
}
