// SPDX-License-Identifier: Apache-2.0
import Units

extension State {
  /// Takes over a decided fact. Never fails.
  package mutating func apply(_ fact: Fact) {
    switch fact {
    case .opened(let number, let found):
      cases.append(found)
      casesByCitizen[found.citizen, default: []].append(number)
    case .proposed(let number, let measure): cases[Int(number) - 1].measures.append(measure)
    case .ruled(let number, let decree): apply(decree, number)
    case .closed(let number, let closing):
      cases[Int(number) - 1].closedBy = closing.by
      cases[Int(number) - 1].closedReason = closing.reason
      cases[Int(number) - 1].closed = closing.time
    case .repaid(let number, let repayment):
      change(number, repayment.measure) {
        $0.repaid += repayment.points
        $0.repayments += 1
      }
    case .appealed(let number, let measure, let appeal):
      change(number, measure) { $0.appeal = appeal }
    case .judged(let number, let measure, let judgement):
      change(number, measure) {
        $0.appeal?.decidedBy = judgement.by
        $0.appeal?.upheld = judgement.upheld
        $0.appeal?.reason = judgement.reason
        $0.appeal?.decided = judgement.time
      }
      let isInForce = cases[Int(number) - 1].measures[measure - 1].status == .inForce
      if judgement.upheld, isInForce { finish(number, measure, .lifted, judgement.time) }
    case .filed(let number, let petition):
      petitions.append(petition)
      petitionsByCitizen[petition.citizen, default: []].append(number)
    case .entered(let number, let entry, let due):
      petitions[Int(number) - 1].entries.append(entry)
      petitions[Int(number) - 1].due = due
    case .screened(let run): runs.append(run)
    }
  }

  private mutating func change(
    _ number: UInt32, _ measure: Int, _ body: (inout Measure) -> Void
  ) { body(&cases[Int(number) - 1].measures[measure - 1]) }

  private mutating func apply(_ decree: Decree, _ number: UInt32) {
    guard decree.ruling != .end else {
      return finish(number, decree.measure, .ended, decree.time)
    }
    change(number, decree.measure) {
      $0.decidedBy = decree.by
      $0.opinion = decree.opinion
      $0.decided = decree.time
      $0.taken = decree.taken ?? 0
      $0.debt = decree.debt ?? 0
      $0.grams = decree.grams ?? 0
      $0.status =
        switch decree.ruling {
        case .reject: .rejected
        case .withdraw: .withdrawn
        default: $0.kind == .lifting ? .carriedOut : .inForce
        }
    }
    guard decree.ruling == .confirm else { return }
    let measure = cases[Int(number) - 1].measures[decree.measure - 1]
    index(measure, Place(number: number, measure: decree.measure))
    if let target = measure.target { finish(number, target, .lifted, decree.time) }
  }

  private mutating func finish(
    _ number: UInt32, _ measure: Int, _ status: Measure.Status, _ time: Int64
  ) {
    change(number, measure) {
      $0.status = status
      $0.ended = time
    }
    freezes[Place(number: number, measure: measure)] = nil
    for award in cases[Int(number) - 1].measures[measure - 1].awards ?? [] {
      clawedBack.remove(award.fact)
    }
  }

  /// What is looked up often of a measure in force.
  mutating func index(_ measure: Measure, _ place: Place) {
    guard measure.status == .inForce else { return }
    if measure.kind == .freeze { freezes[place] = measure.untilDay }
    for award in measure.awards ?? [] { clawedBack.insert(award.fact) }
  }
}
