// SPDX-License-Identifier: Apache-2.0
import Units

/// What the city's pack decides: read by Policy, replaced whole when a pack version is adopted.
package struct Rules: Sendable {
  /// Calendar days after a measure within which a citizen may appeal.
  package var appealDays = 0
  /// Working days within which an appeal, a claim, a letter is promised an answer.
  package var appealWorkingDays = 0
  package var claimWorkingDays = 0
  package var letterWorkingDays = 0
  /// A freeze ends after so many days at the most.
  package var freezeDaysMax = 0
  /// How many days back a claim may reach.
  package var claimDays = 0
  package var risks: [RiskRule] = []
  /// Sources as the pack writes them, by key.
  package var sources: [String: String] = [:]

  package init() {}

  package func risk(_ code: String) -> RiskRule? { risks.first { $0.code == code } }
}

/// 风险规则: what looks wrong enough for somebody to look at it. It opens a case and does no more.
package struct RiskRule: Hashable, Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    /// Reports held back.
    case quarantined
    /// Reports of one scene with the very same measured values.
    case repetition
    /// Two trips at once, at different partners.
    case overlap
    /// More hours on the way in one day than this.
    case hours
    /// One vehicle reported for so many accounts.
    case vehicle
  }

  package var code: String
  package var chinese: String
  package var english: String
  package var kind: Kind
  package var atLeast: Int
  /// How many days the run looks back, its own included.
  package var days: Int
  /// Codes of scenes; empty for all that fit.
  package var scenes: [String]
  package var source: String

  package init(
    code: String, chinese: String, english: String, kind: Kind, atLeast: Int, days: Int,
    scenes: [String], source: String
  ) {
    self.code = code
    self.chinese = chinese
    self.english = english
    self.kind = kind
    self.atLeast = atLeast
    self.days = days
    self.scenes = scenes
    self.source = source
  }
}
