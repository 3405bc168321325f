// SPDX-License-Identifier: Apache-2.0
import Units

extension State {
  /// Whether `apply` can take over a fact that was read: who may, and what is there.
  package func canApply(_ fact: Fact, citizens: UInt32, nextFact: FactNumber) -> Bool {
    func knows(_ facts: [UInt64]) -> Bool {
      facts.allSatisfy { $0 > 0 && $0 < nextFact.raw }
    }
    func isCitizen(_ citizen: UInt32) -> Bool { citizen > 0 && citizen <= citizens }
    switch fact {
    case .opened(let number, let found):
      return Int(number) == cases.count + 1 && isCitizen(found.citizen) && found.isOpen
        && found.measures.isEmpty && !found.evidence.isEmpty && knows(found.evidence)
    case .proposed(let number, let measure):
      guard let found = self.found(number), found.isOpen, State.isPerson(measure.by) else {
        return false
      }
      return measure.status == .proposed && canPropose(measure, found)
        && knows((measure.awards ?? []).map(\.fact))
    case .ruled(let number, let decree): return canApply(decree, number)
    case .closed(let number, let closing):
      guard let found = self.found(number) else { return false }
      return found.isOpen && State.isPerson(closing.by)
    case .repaid(let number, let repayment):
      guard let (_, measure) = try? self.measure(number, repayment.measure) else { return false }
      return measure.status == .inForce && repayment.points > 0
        && repayment.points <= measure.owed
    case .appealed(let number, let at, let appeal):
      guard let (_, measure) = try? self.measure(number, at) else { return false }
      return measure.status == .inForce && measure.appeal == nil && appeal.isOpen
        && State.isDigest(appeal.digest) && Day(appeal.due) != nil
    case .judged(let number, let at, let judgement):
      guard let (found, measure) = try? self.measure(number, at) else { return false }
      return measure.appeal?.isOpen == true && State.isPerson(judgement.by)
        && !found.hands.contains(judgement.by)
    case .filed(let number, let petition):
      return Int(number) == petitions.count + 1 && isCitizen(petition.citizen)
        && petition.entries.count == 1 && Day(petition.due) != nil
    case .entered(let number, let entry, let due):
      guard petition(number) != nil, Day(due) != nil, State.isDigest(entry.digest) else {
        return false
      }
      return (entry.by == "citizen" || State.isPerson(entry.by))
        && knows(entry.fact.map { [$0] } ?? [])
    case .screened(let run):
      guard let day = Day(run.day) else { return false }
      return runs.last.flatMap { Day($0.day) }.map { $0 < day } ?? true
        && run.opened.allSatisfy { self.found($0)?.by == Case.byRule }
    }
  }

  private func canPropose(_ measure: Measure, _ found: Case) -> Bool {
    switch measure.kind {
    case .warning: return true
    case .freeze: return measure.untilDay != nil
    case .clawBack:
      let awards = measure.awards ?? []
      return !awards.isEmpty && awards.allSatisfy { $0.points >= 0 && $0.grams >= 0 }
    case .lifting:
      guard let target = measure.target, found.measures.indices.contains(target - 1) else {
        return false
      }
      return found.measures[target - 1].status == .inForce
    }
  }

  private func canApply(_ decree: Decree, _ number: UInt32) -> Bool {
    guard let (_, measure) = try? self.measure(number, decree.measure) else { return false }
    if decree.ruling == .end { return measure.kind == .freeze && measure.status == .inForce }
    guard measure.status == .proposed, State.isPerson(decree.by),
      (measure.by == decree.by) == (decree.ruling == .withdraw)
    else { return false }
    guard decree.ruling == .confirm, measure.kind == .clawBack else { return true }
    let (taken, debt) = (decree.taken ?? 0, decree.debt ?? 0)
    return taken >= 0 && debt >= 0 && decree.grams ?? 0 >= 0 && taken + debt == measure.points
      && (measure.awards ?? []).allSatisfy { !clawedBack.contains($0.fact) }
  }
}
