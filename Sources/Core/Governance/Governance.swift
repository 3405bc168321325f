// SPDX-License-Identifier: Apache-2.0
// GOVERNANCE. What the operator does about a citizen, and what a citizen may say to the operator.
//
//   risk rule, staff ──open──▶ case ──measure proposed──▶ confirmed by another ──▶ in force
//                                │           └─rejected, withdrawn                   │
//                                └──closed                       ended on its day ◀──┤
//                                                    lifted by two, or by an appeal ◀┘
//
//   measure in force ──appeal──▶ decided by somebody who had no hand in the case: stands, or lifted
//
//   citizen ──claim, suggestion, complaint──▶ open ──answered, with a reason──▶ (written again)
//                                               └─claim accepted──▶ credited, when its report is
//
// This room remembers and decides who may; it moves no value and freezes nobody. The Mechanism
// does what a confirmed measure says, in the same frame (Mechanism+Governance).
//
// Invariants
//   - A program opens cases, and ends a freeze on the day that was named; it does nothing else.
//   - Nobody confirms what they proposed; an appeal is decided by somebody new to the case.
//   - An award is clawed back once. What of it was spent already is a debt that stands by itself:
//     later awards do not go into it unless the citizen says so.
//   - An accepted claim gives nothing. Points come by a report, in the normal way.
//   - What citizens write, and what is written to them, is the Vault's; here is a digest.

import Units

package struct State: Sendable {
  /// By number minus one, each.
  package internal(set) var cases: [Case] = []
  package internal(set) var petitions: [Petition] = []
  /// 风险筛查: one a day at the most, in order of days.
  package internal(set) var runs: [RiskRun] = []

  var casesByCitizen: [UInt32: [UInt32]] = [:]
  var petitionsByCitizen: [UInt32: [UInt32]] = [:]
  /// Awards that were clawed back and not given back.
  var clawedBack: Set<UInt64> = []
  /// Freezes in force by the day after which they end.
  var freezes: [Place: Day] = [:]

  package init() {}

  /// A measure's place: the numbers of its case and of itself.
  package struct Place: Hashable, Comparable, Sendable {
    package var number: UInt32
    package var measure: Int
    package init(number: UInt32, measure: Int) {
      self.number = number
      self.measure = measure
    }
    package static func < (a: Place, b: Place) -> Bool {
      (a.number, a.measure) < (b.number, b.measure)
    }
  }

  /// Whether an award was clawed back and not given back since.
  package func isClawedBack(_ fact: FactNumber) -> Bool { clawedBack.contains(fact.raw) }

  package func found(_ number: UInt32) -> Case? {
    number >= 1 && Int(number) <= cases.count ? cases[Int(number) - 1] : nil
  }
  package func petition(_ number: UInt32) -> Petition? {
    number >= 1 && Int(number) <= petitions.count ? petitions[Int(number) - 1] : nil
  }

  /// Numbers, oldest first.
  package func cases(of citizen: CitizenID) -> [UInt32] { casesByCitizen[citizen.raw] ?? [] }
  package func petitions(of citizen: CitizenID) -> [UInt32] {
    petitionsByCitizen[citizen.raw] ?? []
  }

  package func measures(of citizen: CitizenID) -> [Measure] {
    cases(of: citizen).flatMap { cases[Int($0) - 1].measures }
  }

  /// Whether a freeze of any case holds.
  package func isFrozen(_ citizen: CitizenID) -> Bool {
    measures(of: citizen).contains { $0.kind == .freeze && $0.status == .inForce }
  }

  /// 待偿积分: what was spent before it was clawed back, and not repaid since.
  package func debt(of citizen: CitizenID) -> Int64 {
    measures(of: citizen).reduce(0) { $0 + ($1.status == .inForce ? $1.owed : 0) }
  }

  /// What claw-backs in force have taken in all, debts included.
  package var clawedPoints: Int64 {
    cases.reduce(0) { sum, found in
      found.measures.reduce(sum) { $0 + ($1.status == .inForce ? $1.taken + $1.debt : 0) }
    }
  }

  /// Whether a freeze is past its day.
  package func isDue(on today: Day) -> Bool { freezes.values.contains { $0 < today } }
}

extension Day {
  /// The day that is so many working days later: Monday to Friday. Public holidays move from year
  /// to year by announcement; a promise that does not know them is kept a little early.
  package func after(workingDays: Int) -> Day {
    var day = self
    var left = workingDays
    while left > 0 {
      day = Day(day.number + 1)
      // 1970-01-01 was a Thursday.
      if floorDivide(Int64(day.number) + 3, 7) * 7 + 5 > Int64(day.number) + 3 { left -= 1 }
    }
    return day
  }
}
