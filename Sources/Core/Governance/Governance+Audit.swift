// SPDX-License-Identifier: Apache-2.0
import Units

extension State {
  /// What contradicts itself; nil when all is well.
  package func audit() -> String? {
    var taken: Set<UInt64> = []
    for (index, found) in cases.enumerated() {
      for (at, measure) in found.measures.enumerated() {
        let name = "case \(index + 1), measure \(at + 1)"
        if let by = measure.decidedBy, measure.status != .withdrawn, by == measure.by {
          return "\(name) was decided by who proposed it"
        }
        if measure.wasConfirmed, !State.isPerson(measure.decidedBy ?? "") {
          return "\(name) was confirmed by no person"
        }
        if let judge = measure.appeal?.decidedBy,
          [found.by, measure.by, measure.decidedBy].contains(judge)
        {
          return "\(name): the appeal was decided by somebody who had decided before"
        }
        if measure.owed < 0 { return "\(name) was repaid more than was owed" }
        guard measure.status == .inForce else { continue }
        if measure.kind == .freeze,
          freezes[Place(number: UInt32(index + 1), measure: at + 1)] != measure.untilDay
        {
          return "\(name) is a freeze that nobody will end"
        }
        if measure.kind == .clawBack, measure.taken + measure.debt != measure.points {
          return "\(name) took \(measure.taken) and \(measure.debt), not \(measure.points)"
        }
        for award in measure.awards ?? [] where !taken.insert(award.fact).inserted {
          return "award \(award.fact) was clawed back twice"
        }
      }
    }
    if taken != clawedBack { return "the awards that were clawed back are not those of the cases" }
    for (index, petition) in petitions.enumerated() where petition.entries.isEmpty {
      return "petition \(index + 1) has no beginning"
    }
    return nil
  }

  /// Programs open cases and end freezes; only people decide.
  static func isPerson(_ by: String) -> Bool {
    by.hasPrefix("staff/") && by.utf8.count > 6
  }
}
