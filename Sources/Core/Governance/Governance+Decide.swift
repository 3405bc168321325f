// SPDX-License-Identifier: Apache-2.0
import Units

package enum Command: Sendable {
  case open(CitizenID, rule: String, reason: String, evidence: [FactNumber], by: String)
  case propose(UInt32, Measure)
  case rule(UInt32, measure: Int, Ruling, by: String, opinion: String)
  case close(UInt32, by: String, reason: String)
  case repay(UInt32, measure: Int, CitizenID, points: Int64)
  case appeal(UInt32, measure: Int, CitizenID, digest: String)
  case judge(UInt32, measure: Int, upheld: Bool, by: String, reason: String)
  case file(Petition, digest: String)
  case writeAgain(UInt32, CitizenID, digest: String)
  case answer(UInt32, Petition.Status, by: String, digest: String, fact: FactNumber?)
  /// What the rules found about a day.
  case screen(Day, [RiskFinding], by: String)
  /// Freezes whose day is over.
  case endDue
}

/// What a decision stands on besides this room's own state.
package struct Circumstances: Sendable {
  package var now: Instant
  package var zone: Int32
  package var rules: Rules?
  package var nextFact: FactNumber
  package var citizens: UInt32
  /// Of the citizen whom the command is about: what can be taken, what is held, what was earned.
  package var available: Int64 = 0
  package var grams: Int64 = 0
  package var earned: Int64 = 0

  package init(
    now: Instant, zone: Int32, rules: Rules?, nextFact: FactNumber, citizens: UInt32
  ) {
    self.now = now
    self.zone = zone
    self.rules = rules
    self.nextFact = nextFact
    self.citizens = citizens
  }

  var today: Day { now.day(offset: zone) }
  func knows(_ fact: UInt64) -> Bool { fact > 0 && fact < nextFact.raw }
}

extension State {
  package static let openPetitionsMax = 20
  package static let evidenceMax = 200

  /// Whom a command is about; nil where it is about nobody or everybody.
  package func citizen(of command: Command) -> CitizenID? {
    switch command {
    case .open(let citizen, _, _, _, _), .repay(_, _, let citizen, _): citizen
    case .propose(let number, _), .rule(let number, _, _, _, _), .judge(let number, _, _, _, _):
      found(number).map { CitizenID($0.citizen) }
    default: nil
    }
  }

  /// The facts to write, in order. Changes nothing.
  package func decide(_ command: Command, _ on: Circumstances) -> Result<[Fact], Refusal> {
    guard let rules = on.rules else { return .failure(.careNotSet) }
    do {
      switch command {
      case .open(let citizen, let rule, let reason, let evidence, let by):
        let found = Case(
          citizen: citizen.raw, by: by, rule: rule, reason: reason,
          evidence: evidence.map(\.raw), opened: on.now.milliseconds)
        return .success([try opening(found, on)])
      case .propose(let number, let measure):
        return .success([try propose(number, measure, rules, on)])
      case .rule(let number, let measure, let ruling, let by, let opinion):
        return .success([try decide(number, measure, ruling, by, opinion, on)])
      case .close(let number, let by, let reason):
        return .success([try close(number, by, reason, on)])
      case .repay(let number, let measure, let citizen, let points):
        return .success([try repay(number, measure, citizen, points, on)])
      case .appeal(let number, let measure, let citizen, let digest):
        return .success([try appeal(number, measure, citizen, digest, rules, on)])
      case .judge(let number, let measure, let upheld, let by, let reason):
        return .success([try judge(number, measure, upheld, by, reason, on)])
      case .file(let petition, let digest):
        return .success([try file(petition, digest, rules, on)])
      case .writeAgain(let number, let citizen, let digest):
        return .success([try writeAgain(number, citizen, digest, rules, on)])
      case .answer(let number, let status, let by, let digest, let fact):
        return .success([try answer(number, status, by, digest, fact, on)])
      case .screen(let day, let findings, let by):
        return .success(try screen(day, findings, by, on))
      case .endDue: return .success(ending(on))
      }
    } catch { return .failure(error) }
  }

  // MARK: - Cases

  private func opening(_ found: Case, _ on: Circumstances) throws(Refusal) -> Fact {
    guard found.citizen > 0, found.citizen <= on.citizens else { throw .citizenUnknown }
    guard State.isPerson(found.by) else { throw .onlyPeople }
    guard State.isText(found.reason, 500) else { throw .reasonMissing }
    guard State.isText(found.rule, 64) else { throw .ruleUnknown }
    guard (1...State.evidenceMax).contains(found.evidence.count),
      found.evidence.allSatisfy(on.knows)
    else { throw .evidenceInvalid }
    return .opened(UInt32(cases.count + 1), found)
  }

  private func propose(
    _ number: UInt32, _ asked: Measure, _ rules: Rules, _ on: Circumstances
  ) throws(Refusal) -> Fact {
    let found = try openCase(number)
    guard State.isPerson(asked.by) else { throw .onlyPeople }
    guard State.isText(asked.reason, 500) else { throw .reasonMissing }
    guard !found.measures.contains(where: { $0.status == .proposed }) else { throw .measureOpen }
    var measure = Measure(asked.kind, by: asked.by, reason: asked.reason)
    measure.proposed = on.now.milliseconds
    switch asked.kind {
    case .warning: break
    case .freeze:
      guard let until = asked.untilDay, until > on.today,
        until.number - on.today.number <= Int32(rules.freezeDaysMax)
      else { throw .untilInvalid }
      measure.until = asked.until
    case .clawBack:
      try check(asked, on)
      measure.awards = asked.awards
    case .lifting:
      guard let target = asked.target, found.measures.indices.contains(target - 1),
        found.measures[target - 1].status == .inForce
      else { throw .targetInvalid }
      measure.target = target
    }
    return .proposed(number, measure)
  }

  private func check(_ asked: Measure, _ on: Circumstances) throws(Refusal) {
    let awards = asked.awards ?? []
    guard (1...State.evidenceMax).contains(awards.count),
      Set(awards.map(\.fact)).count == awards.count,
      awards.allSatisfy({
        on.knows($0.fact) && (0...1_000_000).contains($0.points) && $0.grams >= 0
          && $0.grams < 1 << 50
      }), asked.points > 0
    else { throw .awardsInvalid }
    guard !awards.contains(where: { clawedBack.contains($0.fact) }) else { throw .awardTaken }
  }

  private func decide(
    _ number: UInt32, _ at: Int, _ ruling: Ruling, _ by: String, _ opinion: String,
    _ on: Circumstances
  ) throws(Refusal) -> Fact {
    let (found, measure) = try self.measure(number, at)
    guard State.isPerson(by), ruling != .end else { throw .onlyPeople }
    guard State.isText(opinion, 500) else { throw .reasonMissing }
    guard found.isOpen else { throw .caseClosed }
    guard measure.status == .proposed else { throw .measureDecided }
    guard (measure.by == by) == (ruling == .withdraw) else {
      throw ruling == .withdraw ? .notMeasureProposer : .ownMeasure
    }
    var decree = Decree(
      measure: at, ruling: ruling, by: by, opinion: opinion, time: on.now.milliseconds)
    guard ruling == .confirm else { return .ruled(number, decree) }
    switch measure.kind {
    case .warning: break
    case .freeze:
      guard let until = measure.untilDay, until >= on.today else { throw .untilInvalid }
    case .clawBack:
      try check(measure, on)
      let others = measures(of: CitizenID(found.citizen)).reduce(0) {
        $0 + ($1.status == .inForce ? $1.points : 0)
      }
      guard others + measure.points <= on.earned else { throw .awardsInvalid }
      decree.taken = min(measure.points, max(0, on.available))
      decree.debt = measure.points - (decree.taken ?? 0)
      let grams = (measure.awards ?? []).reduce(0) { $0 + $1.grams }
      decree.grams = min(grams, max(0, on.grams))
    case .lifting:
      guard let target = measure.target, found.measures[target - 1].status == .inForce else {
        throw .targetInvalid
      }
    }
    return .ruled(number, decree)
  }

  private func close(
    _ number: UInt32, _ by: String, _ reason: String, _ on: Circumstances
  ) throws(Refusal) -> Fact {
    let found = try openCase(number)
    guard State.isPerson(by) else { throw .onlyPeople }
    guard State.isText(reason, 500) else { throw .reasonMissing }
    let waits = found.measures.contains {
      $0.status == .proposed || $0.appeal?.isOpen == true
        || ($0.kind == .freeze && $0.status == .inForce)
    }
    guard !waits else { throw .measureOpen }
    return .closed(number, Closing(by: by, reason: reason, time: on.now.milliseconds))
  }

  private func repay(
    _ number: UInt32, _ at: Int, _ citizen: CitizenID, _ points: Int64, _ on: Circumstances
  ) throws(Refusal) -> Fact {
    let (found, measure) = try self.measure(number, at)
    guard found.citizen == citizen.raw else { throw .notYours }
    guard measure.status == .inForce else { throw .notInForce }
    guard points > 0, points <= measure.owed else { throw .repaymentInvalid }
    guard points <= on.available else { throw .notEnoughPoints }
    return .repaid(number, Repayment(measure: at, points: points))
  }

  /// A freeze whose day is over ends by itself: that is in the citizen's favour.
  private func ending(_ on: Circumstances) -> [Fact] {
    freezes.filter { $0.value < on.today }.keys.sorted().map { place in
      .ruled(
        place.number,
        Decree(
          measure: place.measure, ruling: .end, by: "", opinion: "", time: on.now.milliseconds))
    }
  }

  func openCase(_ number: UInt32) throws(Refusal) -> Case {
    guard let found = found(number) else { throw .caseUnknown }
    guard found.isOpen else { throw .caseClosed }
    return found
  }

  func measure(_ number: UInt32, _ at: Int) throws(Refusal) -> (Case, Measure) {
    guard let found = found(number) else { throw .caseUnknown }
    guard found.measures.indices.contains(at - 1) else { throw .measureUnknown }
    return (found, found.measures[at - 1])
  }

  static func isText(_ text: String, _ most: Int) -> Bool {
    !text.isEmpty && text.count <= most && !text.allSatisfy(\.isWhitespace)
  }
}
