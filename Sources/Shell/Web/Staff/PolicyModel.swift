// SPDX-License-Identifier: Apache-2.0
import Desk
import Mechanism
import Policy
import Units

/// A draft or a proposal of a pack, with all that whoever decides must see.
package struct PackCase: Sendable {
  package var draft: Int64
  package var version: String
  package var changes: [PackChange]
  package var files: [(path: String, lines: [DiffLine])]
  /// What it is compared with.
  package var against: String
  package var trial: WhatIfReport?
  package var trialMade: Instant?
  package var progress: TrialProgress?
}

/// How far a trial has come, or what went wrong with it.
package struct TrialProgress: Sendable {
  package var frame: UInt64 = 0
  package var of: UInt64 = 0
  package var fault: String?
  /// Another draft is being tried: this one has to wait.
  package var isOther = false
}

/// 积分总量: a year's budget as the console shows it.
package struct BudgetModel: Sendable {
  package var year: Int
  package var points: Int64
  package var source: String
  package var isOurs: Bool
  package var used: Int64
  package var released: Int64
  package var releases: [(from: Day, points: Int64)]
  /// What the year will have used by its end, if it goes on as in the last thirty days.
  package var forecast: Int64?
  /// The day on which what is released so far is used up at that pace; nil where it is not.
  package var usedUp: Day?

  package var left: Int64 { max(0, released - used) }
}
