// SPDX-License-Identifier: Apache-2.0
import Units

/// What the city's pack decides about other programmes: read by Policy, held by the mechanism,
/// replaced whole when a pack version is adopted.
package struct Rules: Sendable {
  package var programmes: [Programme]
  package init(programmes: [Programme] = []) { self.programmes = programmes }

  package func programme(_ code: String) -> Programme? {
    programmes.first { $0.code == code }
  }
}

/// A text in both languages.
package struct Wording: Hashable, Sendable {
  package var chinese: String
  package var english: String
  package init(_ chinese: String, _ english: String) {
    self.chinese = chinese
    self.english = english
  }
}

/// 互认项目: another programme whose points are recognised.
package struct Programme: Hashable, Sendable {
  /// Numbers of the ledger's programme accounts that a pack may give away.
  package static let accounts: ClosedRange<UInt32> = 1000...9999
  package static let amountMax: Int64 = 1_000_000_000

  package var code: String
  package var name: Wording
  /// What its points are called.
  package var points: Wording
  package var source: String
  /// The settlement account: minus what was issued for their points, plus what was given for them.
  package var account: UInt32
  /// How long a conversion may stay undecided.
  package var deadlineSeconds: Int64
  /// Each direction's in order of time.
  package var rates: [ExchangeRate]
  package var allowances: [Allowance]

  package init(
    code: String, name: Wording, points: Wording, source: String, account: UInt32,
    deadlineSeconds: Int64, rates: [ExchangeRate], allowances: [Allowance]
  ) {
    self.code = code
    self.name = name
    self.points = points
    self.source = source
    self.account = account
    self.deadlineSeconds = deadlineSeconds
    self.rates = rates
    self.allowances = allowances
  }

  /// The rate of a day; nil where the direction is not open then.
  package func rate(_ direction: Direction, on day: Day) -> ExchangeRate? {
    rates.last { $0.direction == direction && $0.from <= day }
  }
}

/// 比例: so many of theirs for so many of ours, from a day on.
package struct ExchangeRate: Hashable, Sendable {
  package var direction: Direction
  package var from: Day
  package var theirs: Int64
  package var ours: Int64
  package var source: String

  package init(direction: Direction, from: Day, theirs: Int64, ours: Int64, source: String) {
    self.direction = direction
    self.from = from
    self.theirs = theirs
    self.ours = ours
    self.source = source
  }

  /// What so many points of ours come to; nil where there would be a rest.
  package func theirs(for points: Int64) -> Int64? {
    guard points > 0, points <= Programme.amountMax, points % ours == 0 else { return nil }
    let (product, overflow) = (points / ours).multipliedReportingOverflow(by: theirs)
    return overflow || product > Programme.amountMax ? nil : product
  }
}

/// 限额: points of ours in a day or a month, of one citizen or of all.
package struct Allowance: Hashable, Sendable {
  package enum Period: String, Sendable, CaseIterable { case day, month }
  package enum Scope: String, Sendable, CaseIterable { case citizen, all }
  package var direction: Direction
  package var scope: Scope
  package var period: Period
  package var points: Int64
  package init(direction: Direction, scope: Scope, period: Period, points: Int64) {
    self.direction = direction
    self.scope = scope
    self.period = period
    self.points = points
  }
}
