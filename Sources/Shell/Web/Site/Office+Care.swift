// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Desk
import Governance
import Mechanism
import Policy
import Storage
import Units

/// What waits for somebody of the operator's, and what is late.
package struct CareCounts: Sendable, Hashable {
  package var cases = 0
  package var proposed = 0
  package var appeals = 0
  package var letters = 0
  package var overdue = 0
  package init() {}
}

/// A case or a letter with its number.
package struct Numbered<Item: Sendable>: Sendable {
  package var number: UInt32
  package var item: Item
  package init(_ number: UInt32, _ item: Item) {
    self.number = number
    self.item = item
  }
}

// What the pages about cases and letters ask of a mechanism.
extension Office {
  var careRules: Governance.Rules? { clerk.read { $0.pack?.care } }

  func care() throws -> Governance.Rules {
    guard let rules = careRules else {
      throw Trouble(CommandRefusal("careNotSet", Governance.Refusal.careNotSet.sentence))
    }
    return rules
  }

  func cases() -> [Numbered<Case>] {
    clerk.read { state in
      state.governance.cases.enumerated().reversed().map { Numbered(UInt32($0 + 1), $1) }
    }
  }

  func cases(of citizen: CitizenID) -> [Numbered<Case>] {
    clerk.read { state in
      state.governance.cases(of: citizen).reversed().compactMap { number in
        state.governance.found(number).map { Numbered(number, $0) }
      }
    }
  }

  func found(_ number: UInt64) -> Case? {
    clerk.read { $0.governance.found(UInt32(clamping: number)) }
  }

  func letters() -> [Numbered<Petition>] {
    clerk.read { state in
      state.governance.petitions.enumerated().reversed().map { Numbered(UInt32($0 + 1), $1) }
    }
  }

  func letters(of citizen: CitizenID) -> [Numbered<Petition>] {
    clerk.read { state in
      state.governance.petitions(of: citizen).reversed().compactMap { number in
        state.governance.petition(number).map { Numbered(number, $0) }
      }
    }
  }

  func petition(_ number: UInt64) -> Petition? {
    clerk.read { $0.governance.petition(UInt32(clamping: number)) }
  }

  func riskRuns() -> [RiskRun] { clerk.read { $0.governance.runs.reversed() } }

  func debt(of citizen: CitizenID) -> Int64 { clerk.read { $0.governance.debt(of: citizen) } }

  func careCounts(on today: Day) -> CareCounts {
    clerk.read { state in
      var counts = CareCounts()
      for found in state.governance.cases {
        if found.isOpen { counts.cases += 1 }
        for measure in found.measures {
          if measure.status == .proposed { counts.proposed += 1 }
          guard let appeal = measure.appeal, appeal.isOpen else { continue }
          counts.appeals += 1
          if appeal.dueDay < today { counts.overdue += 1 }
        }
      }
      for petition in state.governance.petitions where petition.isWaiting {
        counts.letters += 1
        if petition.dueDay < today { counts.overdue += 1 }
      }
      return counts
    }
  }

  @discardableResult
  func perform(_ command: Governance.Command) throws -> CommandResult {
    try clerk.perform(.governance(command)).result
  }

  /// Looks at the days up to one that is over; answers how many cases were opened.
  func screen(_ day: Day, by: String) throws -> Int {
    let before = clerk.read { $0.governance.cases.count }
    let findings = try RiskReview.findings(clerk, store: store, day: day)
    try perform(.screen(day, findings, by: by))
    return clerk.read { $0.governance.cases.count } - before
  }

  /// Ends freezes whose day is over: the one thing that happens to a citizen by itself.
  func tendCare(_ now: Instant) {
    let today = now.day(offset: zone)
    guard clerk.read({ $0.governance.isDue(on: today) }) else { return }
    _ = try? clerk.perform(.governance(.endDue))
  }
}
