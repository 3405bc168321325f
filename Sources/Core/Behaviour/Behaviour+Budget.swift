// SPDX-License-Identifier: Apache-2.0
// BUDGET. 积分总量控制: how many points a year may give, and from when on how many of them.
//
//   budget of the year ──released up to today──▶ minus what the year has given ──▶ budgetLeft
//
// `budgetLeft` is set before each frame by whoever knows the day and the year's account; within the
// frame each credit takes its points from it. There is one writer, so it is never passed. A budget
// limits points; the reduction is recorded in full.

import Units

/// 年度积分总量.
package struct Budget: Hashable, Sendable {
  /// From a day on, so many of the year's points may have been given in all.
  package struct Release: Hashable, Sendable {
    package var from: Day
    package var points: Int64
    package init(from: Day, points: Int64) {
      self.from = from
      self.points = points
    }
  }
  package var year: Int
  package var points: Int64
  /// In order of their days, rising.
  package var releases: [Release]
  package var source: Source

  package init(year: Int, points: Int64, releases: [Release], source: Source) {
    self.year = year
    self.points = points
    self.releases = releases
    self.source = source
  }

  /// What may have been given by the end of a day of this year.
  package func released(on day: Day) -> Int64 {
    releases.last { $0.from <= day }?.points ?? 0
  }
}

extension Rules {
  package func budget(of year: Int) -> Budget? { budgets.first { $0.year == year } }
}

/// 活动倍数: a campaign with a beginning and an end, in which some scenes earn more.
package struct Campaign: Sendable {
  package var code: String
  package var name: Name
  package var from: Day
  /// The last day, inclusive.
  package var until: Day
  /// Codes of the scenes it raises.
  package var scenes: [String]
  package var times: Int64
  package var timesSource: Source
  /// Stand instead of a rule's caps of the same period and scope.
  package var caps: [Cap]
  package var source: Source

  package init(
    code: String, name: Name, from: Day, until: Day, scenes: [String], times: Int64,
    timesSource: Source, caps: [Cap], source: Source
  ) {
    self.code = code
    self.name = name
    self.from = from
    self.until = until
    self.scenes = scenes
    self.times = times
    self.timesSource = timesSource
    self.caps = caps
    self.source = source
  }
}

extension State {
  /// Takes a credit's points from the budget; what it does not have is not given.
  @inline(__always) mutating func limitByBudget(_ verdict: UnsafeMutablePointer<Verdict>) {
    let wanted = Int64(verdict.pointee.points)
    let given = min(wanted, max(0, budgetLeft))
    if given < wanted {
      verdict.pointee.points = Int32(truncatingIfNeeded: given)
      verdict.pointee.reason = .budgetReached
    }
    budgetLeft -= given
  }

  /// Points taken back may be given again, in the very frame that takes them back.
  package mutating func returnToBudget(_ points: Int32) {
    if budgetLeft != .max { budgetLeft += Int64(points) }
  }

  /// Points earned by behaviour that ended before a moment.
  package func earned(by citizen: CitizenID, before moment: Instant) -> Int64 {
    let end = UInt32(clamping: moment.seconds - Activity.epoch)
    var sum: Int64 = 0
    activity.search(citizen.raw, since: 0) { other in
      if other.ended < end { sum += other.points }
      return true
    }
    return sum
  }

  /// Points earned by the day the behaviour ended, oldest first.
  package func earnedByDay(_ citizen: CitizenID, zone: Int32) -> [(day: Day, points: Int64)] {
    var sums: [Day: Int64] = [:]
    activity.search(citizen.raw, since: 0) { other in
      guard other.points > 0 else { return true }
      let moment = Instant(seconds: Int64(other.ended) + Activity.epoch)
      sums[moment.day(offset: zone), default: 0] += other.points
      return true
    }
    return sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
