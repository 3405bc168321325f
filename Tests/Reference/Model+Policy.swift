// SPDX-License-Identifier: Apache-2.0
import Units

/// Points policy once more, slow and naive: a campaign, a budget, and lots that are used up one
/// after another. `forgetsReleases` and `spendsNewest` are canaries.
extension Model {
  package struct Policy: Sendable {
    package var forgetsReleases = false
    package var spendsNewest = false
    /// What was given in each year.
    var given: [Int: Int64] = [:]
    package var expired: [Int: Int64] = [:]
    /// What was spent by transfer, as whoever runs the model says.
    package var spent: [Int: Int64] = [:]

    package init() {}
  }

  /// The campaign of `TrialPack.policy`: the bus earns double for some days, ten points a day.
  func isCampaign(_ scene: String, _ day: (year: Int, month: Int, day: Int)) -> Bool {
    policy != nil && scene == "bus" && day.year == 2026 && day.month == 1
      && (5...20).contains(day.day)
  }

  /// What the budget of `TrialPack.policy` leaves: 2026 has 20 points on New Year, 30 more from
  /// the 10th of January on, 50 more from February on. Other years have no budget.
  mutating func budgeted(_ points: Int64) -> Int64 {
    guard var policy else { return points }
    let today = Instant(milliseconds: now).day(offset: 28_800).civil
    var may = Int64.max
    if today.year == 2026 {
      may = 20
      if today.month > 1 || today.day >= 10 || policy.forgetsReleases { may += 30 }
      if today.month > 1 || policy.forgetsReleases { may += 50 }
      may = max(0, may - (policy.given[2026] ?? 0))
    }
    let given = min(points, may)
    policy.given[today.year, default: 0] += given
    self.policy = policy
    return given
  }

  /// What is taken back is deducted from what is given in the year in which it is taken back.
  mutating func returnToBudget(_ points: Int64) {
    let year = Instant(milliseconds: now).day(offset: 28_800).civil.year
    policy?.given[year, default: 0] -= points
  }

  /// Points hold until the end of the month after theirs.
  package mutating func expire(through day: Day) {
    guard var policy, citizens > 0 else { return }
    for citizen in 1...citizens {
      var lots: [Int: Int64] = [:]
      for one in done where one.citizen == citizen {
        lots[one.day.year * 12 + one.day.month - 1, default: 0] += one.points
      }
      var used = (policy.spent[citizen] ?? 0) + (policy.expired[citizen] ?? 0)
      let months = policy.spendsNewest ? lots.keys.sorted(by: >) : lots.keys.sorted()
      var over: Int64 = 0
      for month in months {
        let left = max(0, lots[month]! - used)
        used = max(0, used - lots[month]!)
        // The first day of the second month after it is the first on which it does not hold.
        let next = month + 2
        if Day(year: next / 12, month: next % 12 + 1, day: 1)! <= Day(day.number + 1) {
          over += left
        }
      }
      policy.expired[citizen, default: 0] += over
      points[citizen, default: 0] -= over
    }
    self.policy = policy
  }
}

extension TrialPack {
  /// What `Model.Policy` knows by heart.
  package static let policy = """
    points
      valid  1 month                       [T]
      worth  100 fen per 100 points        [T]
    budget 2026
      points   100                         [T]
      release  2026-01-01 20 points        [T]
      release  2026-01-10 30 points        [T]
      release  2026-02-01 50 points        [T]
    campaign new-year
      name    新年 | New Year
      from    2026-01-05 to 2026-01-20     [T]
      scene   bus
      times   2                            [T]
      cap     10 a day                     [T]

    """
}
