// SPDX-License-Identifier: Apache-2.0
import Units

// What is decided about appeals, letters, and runs of the risk rules.
extension State {
  func appeal(
    _ number: UInt32, _ at: Int, _ citizen: CitizenID, _ digest: String, _ rules: Rules,
    _ on: Circumstances
  ) throws(Refusal) -> Fact {
    let (found, measure) = try self.measure(number, at)
    guard found.citizen == citizen.raw else { throw .notYours }
    guard measure.kind != .lifting, measure.status == .inForce, let decided = measure.decided
    else { throw .notInForce }
    guard measure.appeal == nil else { throw .appealedBefore }
    let last = Instant(milliseconds: decided).day(offset: on.zone).number + Int32(rules.appealDays)
    guard on.today.number <= last else { throw .appealLate }
    guard State.isDigest(digest) else { throw .textMissing }
    return .appealed(
      number, measure: at,
      Appeal(
        digest: digest, filed: on.now.milliseconds,
        due: on.today.after(workingDays: rules.appealWorkingDays).description))
  }

  func judge(
    _ number: UInt32, _ at: Int, _ upheld: Bool, _ by: String, _ reason: String, _ on: Circumstances
  ) throws(Refusal) -> Fact {
    let (found, measure) = try self.measure(number, at)
    guard State.isPerson(by) else { throw .onlyPeople }
    guard State.isText(reason, 500) else { throw .reasonMissing }
    guard measure.appeal?.isOpen == true else { throw .noAppeal }
    guard !found.hands.contains(by) else { throw .handInCase }
    // A freeze may have ended meanwhile: the answer is due all the same, but lifts nothing.
    return .judged(
      number, measure: at,
      Judgement(by: by, upheld: upheld, reason: reason, time: on.now.milliseconds))
  }

  func file(
    _ asked: Petition, _ digest: String, _ rules: Rules, _ on: Circumstances
  ) throws(Refusal) -> Fact {
    guard asked.citizen > 0, asked.citizen <= on.citizens else { throw .citizenUnknown }
    guard State.isDigest(digest) else { throw .textMissing }
    var petition = asked
    if asked.kind == .claim {
      let oldest = on.today.number - Int32(rules.claimDays)
      guard asked.partner != nil, asked.scene != nil, let happened = asked.happened,
        happened <= on.now.milliseconds,
        Instant(milliseconds: happened).day(offset: on.zone).number >= oldest
      else { throw .claimInvalid }
    } else {
      petition.partner = nil
      petition.scene = nil
      petition.happened = nil
    }
    let waiting = petitions(of: CitizenID(asked.citizen)).filter {
      petitions[Int($0) - 1].isWaiting
    }
    guard waiting.count < State.openPetitionsMax else { throw .petitionsFull }
    petition.entries = [
      Petition.Entry(by: "citizen", time: on.now.milliseconds, digest: digest, status: .open)
    ]
    petition.due = due(petition.kind, rules, on)
    return .filed(UInt32(petitions.count + 1), petition)
  }

  private func due(_ kind: Petition.Kind, _ rules: Rules, _ on: Circumstances) -> String {
    on.today.after(
      workingDays: kind == .claim ? rules.claimWorkingDays : rules.letterWorkingDays
    ).description
  }

  func writeAgain(
    _ number: UInt32, _ citizen: CitizenID, _ digest: String, _ rules: Rules, _ on: Circumstances
  ) throws(Refusal) -> Fact {
    guard let petition = petition(number) else { throw .petitionUnknown }
    guard petition.citizen == citizen.raw else { throw .notYours }
    guard State.isDigest(digest) else { throw .textMissing }
    // What waits already keeps the day that was promised for it.
    let due = petition.isWaiting ? petition.due : due(petition.kind, rules, on)
    return .entered(
      number,
      Petition.Entry(
        by: "citizen", time: on.now.milliseconds, digest: digest,
        status: petition.status == .accepted ? .accepted : .open), due: due)
  }

  func answer(
    _ number: UInt32, _ status: Petition.Status, _ by: String, _ digest: String,
    _ fact: FactNumber?, _ on: Circumstances
  ) throws(Refusal) -> Fact {
    guard let petition = petition(number) else { throw .petitionUnknown }
    guard State.isPerson(by) else { throw .onlyPeople }
    guard State.isDigest(digest) else { throw .textMissing }
    guard petition.isWaiting else { throw .petitionClosed }
    let fits: [Petition.Status] =
      petition.kind == .claim ? [.accepted, .declined, .credited] : [.answered]
    guard fits.contains(status), status != petition.status else { throw .answerInvalid }
    guard (fact != nil) == (status == .credited), fact.map({ on.knows($0.raw) }) ?? true else {
      throw .creditInvalid
    }
    return .entered(
      number,
      Petition.Entry(
        by: by, time: on.now.milliseconds, digest: digest, status: status, fact: fact?.raw),
      due: petition.due)
  }

  /// One case for a citizen and rule: as long as it is open nothing is added, and afterwards only
  /// what is newer than all that was looked at before opens another.
  func screen(
    _ day: Day, _ findings: [RiskFinding], _ by: String, _ on: Circumstances
  ) throws(Refusal) -> [Fact] {
    guard day < on.today else { throw .dayNotOver }
    if let last = runs.last.flatMap({ Day($0.day) }) {
      if day == last { return [] }
      guard day > last else { throw .dayNotOver }
    }
    var facts: [Fact] = []
    var opened: [UInt32] = []
    for finding in findings where finding.citizen > 0 && finding.citizen <= on.citizens {
      guard let rule = on.rules?.risk(finding.rule), finding.evidence.allSatisfy(on.knows),
        isNews(finding)
      else { continue }
      let number = UInt32(cases.count + opened.count + 1)
      opened.append(number)
      facts.append(
        .opened(
          number,
          Case(
            citizen: finding.citizen, by: Case.byRule, rule: rule.code,
            reason: "\(finding.count)", evidence: finding.evidence,
            opened: on.now.milliseconds)))
    }
    let run = RiskRun(
      day: day.description, by: by, findings: findings.count, opened: opened,
      time: on.now.milliseconds)
    return facts + [.screened(run)]
  }

  private func isNews(_ finding: RiskFinding) -> Bool {
    guard let newest = finding.evidence.max() else { return false }
    return cases(of: CitizenID(finding.citizen)).allSatisfy { number in
      let found = cases[Int(number) - 1]
      guard found.rule == finding.rule else { return true }
      return !found.isOpen && newest > found.evidence.max() ?? 0
    }
  }

  static func isDigest(_ text: String) -> Bool {
    text.utf8.count == 64
      && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }
}
