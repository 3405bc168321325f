// SPDX-License-Identifier: Apache-2.0

/// Why it is not done. Numbers are for ever; the order is the order of precedence.
package enum Refusal: UInt8, Error, Sendable, CaseIterable {
  case careNotSet = 1
  case citizenUnknown
  case caseUnknown
  case measureUnknown
  case petitionUnknown
  case notYours
  case onlyPeople
  case reasonMissing
  case ruleUnknown
  case evidenceInvalid
  case caseClosed
  case measureOpen
  case untilInvalid
  case awardsInvalid
  case awardTaken
  case targetInvalid
  case measureDecided
  case ownMeasure
  case notMeasureProposer
  case notInForce
  case appealedBefore
  case appealLate
  case noAppeal
  case handInCase
  case textMissing
  case claimInvalid
  case petitionsFull
  case petitionClosed
  case answerInvalid
  case creditInvalid
  case repaymentInvalid
  case notEnoughPoints
  case dayNotOver

  /// What is wrong, and what to do.
  package var sentence: String {
    switch self {
    case .careNotSet:
      "the pack in force has no `care` block; adopt one that names the deadlines first"
    case .citizenUnknown: "there is no such citizen account"
    case .caseUnknown: "there is no such case; see the list of cases"
    case .measureUnknown: "the case has no such measure; look at it again"
    case .petitionUnknown: "there is no such letter; see the list"
    case .notYours: "this is about somebody else's account"
    case .onlyPeople: "only a member of staff decides this; a program may only open a case"
    case .reasonMissing: "give a reason of at most 500 characters: the citizen will read it"
    case .ruleUnknown: "name the rule that it rests on, by its code or in a few words"
    case .evidenceInvalid: "name at least one fact of the journal as evidence, 200 at most"
    case .caseClosed: "the case is closed; open another if there is something new"
    case .measureOpen:
      "a freeze holds, or a measure or an appeal waits for a decision; see to that first"
    case .untilInvalid: "a freeze needs a last day, later than today and not too far away"
    case .awardsInvalid:
      "name awards of this citizen with what they gave, together no more than was earned"
    case .awardTaken: "one of these awards was clawed back before"
    case .targetInvalid: "only a measure in force can be lifted"
    case .measureDecided: "this measure was decided before; look at the case again"
    case .ownMeasure: "nobody confirms what they proposed; ask somebody else"
    case .notMeasureProposer: "only who proposed it may withdraw it"
    case .notInForce: "this measure is not in force"
    case .appealedBefore: "this measure was appealed against before"
    case .appealLate: "the time for an appeal is over; write a complaint instead"
    case .noAppeal: "no appeal waits for a decision here"
    case .handInCase: "an appeal is decided by somebody who had no hand in the case; ask another"
    case .textMissing: "write what you want to say, in at most 2,000 characters"
    case .claimInvalid:
      "a claim names the partner, the scene, and when it was: not to come, not too long ago"
    case .petitionsFull: "twenty of your letters wait for an answer; wait for one of them first"
    case .petitionClosed: "this was answered; write again if there is more to say"
    case .answerInvalid: "a claim is accepted, declined, or credited; other letters are answered"
    case .creditInvalid: "name the report of this citizen that was credited for the claim"
    case .repaymentInvalid: "repay from 1 point up to what is owed"
    case .notEnoughPoints: "the account has not that many points"
    case .dayNotOver: "a run is about a day that is over, and later than the last run's"
    }
  }
}
