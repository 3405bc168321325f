// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Methodology
import Recognition
import Units

// programmes.txt: other programmes whose points are recognised, at which rate, within which limits.
extension Draft {
  /// More than a city will ever join with.
  static let programmesMax = 100

  mutating func readProgramme(_ entry: Entry) {
    expect(
      entry, once: ["name", "points", "clause", "direction", "account", "deadline"],
      many: ["rate", "limit"])
    guard programmes.count < Draft.programmesMax else {
      return fault(entry, "more than \(Draft.programmesMax) programmes", "Join some.")
    }
    let told = problems.count
    guard let code = code(entry), let named = need(entry, "name"), let name = name(named),
      let pointsLine = need(entry, "points"), let points = self.name(pointsLine),
      let clause = need(entry, "clause"), let source = citation(clause),
      let directions = directions(entry), let account = account(entry),
      let deadline = deadline(entry)
    else { return }
    let rates = rates(entry, directions)
    let allowances = allowances(entry, directions)
    guard problems.count == told else { return }
    programmes.append(
      Programme(
        code: code, name: Wording(name.chinese, name.english),
        points: Wording(points.chinese, points.english), source: source.description,
        account: account, deadlineSeconds: deadline, rates: rates, allowances: allowances))
  }

  /// `both`, `in` or `out`.
  private mutating func directions(_ entry: Entry) -> [Direction]? {
    guard let child = need(entry, "direction"), citation(child) != nil else { return nil }
    if child.value == "both" { return Direction.allCases }
    guard let direction = Direction(rawValue: child.value) else {
      fault(
        child, column: child.valueColumn, "`\(child.value)` is no direction",
        "Write `direction both`, `direction in` (theirs become ours) or `direction out`.")
      return nil
    }
    return [direction]
  }

  /// `1001`: a number of its own for every programme.
  private mutating func account(_ entry: Entry) -> UInt32? {
    guard let child = need(entry, "account"), citation(child) != nil else { return nil }
    guard let number = UInt32(child.value), Programme.accounts.contains(number) else {
      fault(
        child, column: child.valueColumn, "`\(child.value)` is no number of an account",
        "Write a number from \(Programme.accounts.lowerBound) to "
          + "\(Programme.accounts.upperBound): `account 1001`.")
      return nil
    }
    if let other = programmes.first(where: { $0.account == number }) {
      fault(
        child, column: child.valueColumn,
        "the account \(number) is that of `programme \(other.code)`",
        "Give every programme an account of its own.")
      return nil
    }
    return number
  }

  /// `10 min`: from ten seconds to seven days.
  private mutating func deadline(_ entry: Entry) -> Int64? {
    guard let child = need(entry, "deadline"), citation(child) != nil,
      let quantity = quantity(child, child.words[...]),
      let millionths = millionths(
        quantity, of: Draft.unit("s"), child, column: child.valueColumn, rounding: .down)
    else { return nil }
    let seconds = millionths / 1_000_000
    guard (10...604_800).contains(seconds) else {
      fault(
        child, column: child.valueColumn, "an exchange stays open from 10 s to 7 days",
        "Write `deadline 10 min`.")
      return nil
    }
    return seconds
  }

  /// `rate out 2026-01-01 10 for 10`: theirs, then ours.
  private mutating func rates(_ entry: Entry, _ directions: [Direction]) -> [ExchangeRate] {
    var rates: [ExchangeRate] = []
    for child in entry.children("rate") {
      guard let source = citation(child), let direction = direction(child, directions) else {
        continue
      }
      let words = child.words
      guard let day = day(words.count > 1 ? words[1] : nil, child) else { continue }
      guard words.count == 8, words[3].text == "of", words[4].text == "theirs",
        words[5].text == "for", words[7].text == "ours", let theirs = whole(words[2]),
        let ours = whole(words[6])
      else {
        fault(
          child, column: child.valueColumn,
          "the rate cannot be read: whole numbers from 1 to a million",
          "Write `rate \(direction.rawValue) 2026-01-01 1 of theirs for 10 ours`.")
        continue
      }
      let last = rates.last { $0.direction == direction }
      guard last.map({ $0.from < day }) ?? true else {
        fault(child, column: child.valueColumn, "rates stand in order of time", "Move the line.")
        continue
      }
      rates.append(
        ExchangeRate(
          direction: direction, from: day, theirs: theirs, ours: ours, source: source.description))
    }
    for direction in directions
    where !entry.children("rate").contains(where: {
      $0.words.first?.text == direction.rawValue
    }) {
      fault(
        entry, "there is no rate for the direction `\(direction.rawValue)`",
        "Add `rate \(direction.rawValue) 2026-01-01 1 of theirs for 10 ours`.")
    }
    return rates
  }

  /// `limit out 500 a day each`, `limit in 1000000 a month all`.
  private mutating func allowances(
    _ entry: Entry, _ directions: [Direction]
  ) -> [Allowance] {
    var allowances: [Allowance] = []
    for child in entry.children("limit") {
      guard citation(child) != nil, let direction = direction(child, directions) else { continue }
      let words = child.words.map(\.text)
      guard words.count == 5, words[2] == "a", let period = Allowance.Period(rawValue: words[3]),
        words[4] == "each" || words[4] == "all", let points = Int64(words[1]),
        (1...Programme.amountMax).contains(points)
      else {
        fault(
          child, column: child.valueColumn, "the limit cannot be read",
          "Write `limit \(direction.rawValue) 500 a day each`, or `… 100000 a month all`.")
        continue
      }
      let scope: Allowance.Scope = words[4] == "each" ? .citizen : .all
      guard
        !allowances.contains(where: {
          $0.direction == direction && $0.period == period && $0.scope == scope
        })
      else {
        fault(child, column: child.valueColumn, "this limit stands here twice", "Keep one.")
        continue
      }
      allowances.append(
        Allowance(direction: direction, scope: scope, period: period, points: points))
    }
    for direction in directions
    where !allowances.contains(where: {
      $0.direction == direction && $0.scope == .citizen && $0.period == .day
    }) {
      fault(
        entry, "nothing says how much one person may exchange a day (`\(direction.rawValue)`)",
        "Add `limit \(direction.rawValue) 500 a day each`.")
    }
    return allowances
  }

  private mutating func direction(_ entry: Entry, _ open: [Direction]) -> Direction? {
    guard let direction = Direction(rawValue: entry.words.first?.text ?? ""),
      open.contains(direction)
    else {
      fault(
        entry, column: entry.valueColumn, "`\(entry.key)` begins with a direction that is open",
        "Write `\(entry.key) out …` or `\(entry.key) in …`, as `direction` says.")
      return nil
    }
    return direction
  }

  private func whole(_ word: Entry.Word) -> Int64? {
    guard word.text.utf8.allSatisfy(isDigit), let number = Int64(word.text),
      (1...1_000_000).contains(number)
    else { return nil }
    return number
  }
}
