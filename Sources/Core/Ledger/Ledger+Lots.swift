// SPDX-License-Identifier: Apache-2.0
// LOTS. What is needed to say which points are the oldest, without storing lots.
//
//   credited by behaviour, by month ── Behaviour's log of activities has it
//   moved by transfer ─────────────── here: each movement of a citizen's points, with its reason
//   expired ───────────────────────── here: one sum a citizen
//
// Whatever was credited up to a date, minus everything that was spent, is what is left of it when
// the oldest is spent first. So nothing is cut into lots when points are credited, and the path of
// a report pays nothing for expiry.
//
// Invariants
//   - `expired` of all citizens together is what the programme's account for expired points holds.
//   - What was issued in all years together is what the issuing accounts have issued.

import Journal
import Units

/// One movement of a citizen's points by transfer. Awards are no transfers.
package struct Movement: Codable, Hashable, Sendable {
  /// Days since 1970, in the mechanism's zone, of the frame that holds it.
  package var day: Int32
  /// Above zero: into the account.
  package var points: Int64
  /// Why: the transfer's purpose.
  package var purpose: String

  /// What comes back because a debit is undone is no new lot: it is as old as what was spent.
  package var undoesDebit: Bool {
    points > 0 && (purpose.hasPrefix("refund") || purpose.hasPrefix("reversal"))
  }
}

extension AccountID {
  /// 已过期积分: where expired points go, as the programme's own account.
  package static let expiredPoints = AccountID(.programme, 83, .points)
}

package struct Lots: ~Copyable {
  /// By citizen, in the order of the journal; only those who ever had a transfer.
  var movements: [UInt32: [Movement]] = [:]
  /// By citizen: what expired so far.
  var expired: MappedArray<Int64>
  /// The day of the frame that is being decided or applied.
  var today: Int32 = 0
  /// 年度账户: by year, what was issued in it, reversals deducted.
  var years: [Int32: Int64] = [:]
  /// What was issued in all, as the years have it.
  var counted: Int64 = 0

  init(citizensMax: Int) { expired = MappedArray(limit: citizensMax) }
}

extension State {
  package func movements(of citizen: CitizenID) -> [Movement] { lots.movements[citizen.raw] ?? [] }

  /// Citizens who ever had points moved by transfer.
  package func expired(of citizen: CitizenID) -> Points {
    let owner = Int(citizen.raw)
    return Points(owner < lots.expired.count ? lots.expired[owner] : 0)
  }

  /// What was issued in a year, reversals deducted: the year's account.
  package func issued(in year: Int) -> Points { Points(lots.years[Int32(year)] ?? 0) }

  package var issuingYears: [(year: Int, points: Points)] {
    lots.years.sorted { $0.key < $1.key }.map { (Int($0.key), Points($0.value)) }
  }

  /// Notes on which day the transfers that follow are made.
  package mutating func begin(_ day: Day) { lots.today = day.number }

  /// Books what was issued since the last frame on a year's account.
  package mutating func close(_ year: Int) {
    let fresh = unclosed
    guard fresh != 0 else { return }
    lots.years[Int32(year), default: 0] += fresh
    lots.counted += fresh
  }

  /// What was issued since the last frame was booked on its year.
  package var unclosed: Int64 {
    var total: Int64 = 0
    for scene in 0..<issued.count { total -= issued[scene].points }
    return total - lots.counted
  }

  /// How much of a citizen's points can be taken: what is not set aside.
  package func available(to citizen: CitizenID) -> Int64 {
    let position = position(of: .citizen(citizen, .points))
    return max(0, position.balance - position.pendingOut)
  }

  /// Moves expired points to the programme's account. Never fails: the caller asked `available`.
  package mutating func expire(_ points: Points, of citizen: CitizenID) {
    add(-points.count, to: .citizen(citizen, .points))
    add(points.count, to: .expiredPoints)
    lots.expired.reach(Int(citizen.raw))
    lots.expired[Int(citizen.raw)] += points.count
  }

  /// Keeps a movement of a citizen's points in mind.
  mutating func note(_ transfer: Transfer) {
    for (account, points) in [
      (transfer.source, -transfer.amount), (transfer.target, transfer.amount),
    ] where account.kind == .citizen && account.asset == .points {
      lots.movements[account.owner, default: []].append(
        Movement(day: lots.today, points: points, purpose: transfer.purpose))
    }
  }

  func auditLots() -> String? {
    var sum: Int64 = 0
    for owner in 0..<lots.expired.count { sum += lots.expired[owner] }
    var taken: Int64 = 0
    for entry in known.values where entry.status == .moved {
      if entry.transfer.source == .expiredPoints { taken += entry.transfer.amount }
      if entry.transfer.target == .expiredPoints { taken -= entry.transfer.amount }
    }
    let held = balance(of: .expiredPoints) + taken
    if sum != held { return "citizens lost \(sum) points by expiry, the programme got \(held)" }
    let years = lots.years.values.reduce(0, +)
    return years == lots.counted
      ? nil : "the years' accounts hold \(years) points, \(lots.counted) were counted"
  }
}
