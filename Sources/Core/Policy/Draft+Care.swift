// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Governance
import Units

// care.txt: within which time citizens are answered, and what is looked at as a risk.
extension Draft {
  /// `care` with its deadlines; all of them, for a promise that is missing is none.
  mutating func readCare(_ entries: [Entry], risks: [Entry]) {
    guard let entry = entries.first else {
      for risk in risks {
        fault(risk, "`risk` without `care`", "Add a `care` block: who is looked at may appeal.")
      }
      return
    }
    for other in entries.dropFirst() {
      fault(other, "a second `care`", "A pack has one: \(entry.file):\(entry.line).")
    }
    let keys = ["appeal", "appeal-answer", "claim", "claim-answer", "letter-answer", "freeze"]
    expect(entry, once: keys)
    var rules = Governance.Rules()
    guard let appeal = days(entry, "appeal", working: false, 7...365, &rules),
      let appealAnswer = days(entry, "appeal-answer", working: true, 1...90, &rules),
      let claim = days(entry, "claim", working: false, 7...730, &rules),
      let claimAnswer = days(entry, "claim-answer", working: true, 1...90, &rules),
      let letterAnswer = days(entry, "letter-answer", working: true, 1...90, &rules),
      let freeze = days(entry, "freeze", working: false, 1...3650, &rules)
    else { return }
    rules.appealDays = appeal
    rules.appealWorkingDays = appealAnswer
    rules.claimDays = claim
    rules.claimWorkingDays = claimAnswer
    rules.letterWorkingDays = letterAnswer
    rules.freezeDaysMax = freeze
    for risk in risks {
      if let rule = riskRule(risk) { rules.risks.append(rule) }
    }
    care = rules
  }

  /// `appeal-answer  10 working days  [source]`.
  private mutating func days(
    _ entry: Entry, _ key: String, working: Bool, _ range: ClosedRange<Int>,
    _ rules: inout Governance.Rules
  ) -> Int? {
    guard let child = need(entry, key), citation(child) != nil else { return nil }
    let words = child.words.map(\.text)
    let unit = working ? ["working", "days"] : ["days"]
    guard let days = words.first.flatMap({ Int($0) }), range.contains(days),
      Array(words.dropFirst()) == unit
    else {
      fault(
        child, column: child.valueColumn, "the time cannot be read, or is out of range",
        "Write `\(key) \(range.lowerBound + 9) \(unit.joined(separator: " "))`, from "
          + "\(range.lowerBound) to \(range.upperBound).")
      return nil
    }
    rules.sources[key] = child.source.map { trimmed($0) } ?? ""
    return days
  }

  /// `risk overlap` with `name`, `looks at`, `at least N within M days`, `scenes`.
  private mutating func riskRule(_ entry: Entry) -> RiskRule? {
    expect(entry, once: ["name", "looks-at", "at-least", "within", "scenes"])
    guard let code = code(entry), let named = need(entry, "name"), let name = name(named),
      let looks = need(entry, "looks-at"), let least = need(entry, "at-least"),
      let within = need(entry, "within"), citation(least) != nil, citation(within) != nil
    else { return nil }
    guard let kind = RiskRule.Kind(rawValue: looks.value) else {
      fault(
        looks, column: looks.valueColumn, "no risk is looked for by `\(looks.value)`",
        "Write one of \(RiskRule.Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
      return nil
    }
    let range = kind == .hours ? 1...24 : kind == .overlap ? 1...1000 : 2...100_000
    guard let count = Int(least.value), range.contains(count) else {
      fault(
        least, column: least.valueColumn, "`at-least` is out of range",
        "Write a whole number from \(range.lowerBound) to \(range.upperBound).")
      return nil
    }
    let words = within.words.map(\.text)
    guard words.count == 2, words[1] == "days" || words[1] == "day", let days = Int(words[0]),
      (1...92).contains(days)
    else {
      fault(
        within, column: within.valueColumn, "`within` cannot be read",
        "Write `within 30 days`, from 1 to 92.")
      return nil
    }
    guard let scenes = riskScenes(entry, kind) else { return nil }
    return RiskRule(
      code: code, chinese: name.chinese, english: name.english, kind: kind, atLeast: count,
      days: days, scenes: scenes, source: least.source.map { trimmed($0) } ?? "")
  }

  private mutating func riskScenes(_ entry: Entry, _ kind: RiskRule.Kind) -> [String]? {
    guard let child = entry.child("scenes") else {
      guard kind != .vehicle else {
        fault(
          entry, "`looks-at vehicle` needs `scenes`",
          "Name scenes in which a vehicle is one person's own: a bus is many people's.")
        return nil
      }
      return []
    }
    let codes = child.value.split(separator: ",").map { trimmed($0) }
    for code in codes where !scenes.contains(where: { $0.code == code }) {
      guard places["scene \(code)"] == nil else { return nil }
      fault(
        child, column: child.valueColumn, "no scene is called `\(code)`",
        "Write codes of scenes of this pack, with commas between.")
      return nil
    }
    return codes
  }
}
