// SPDX-License-Identifier: Apache-2.0
// RECOGNITION. 积分互认: points of ours become another programme's points, or theirs ours.
//
//   begun ──set aside──▶ open ──confirmed──▶ confirmed ──told──▶ settled
//                          └────cancelled──▶ cancelled ──told──▶ settled
//
// Of every conversion one side leads: the one where the citizen asked for it. The leader decides,
// once, and writes it down before it tells; the other side has promised beforehand (`prepare`) to
// do as it is told, whenever that is. So nobody ever has to guess:
//
//   we lead     open past its deadline: nothing was decided, so it is cancelled, and the other told
//               confirmed or cancelled, not told yet: told again until the other side answers
//   they lead   open past its deadline: they are asked; what they do not know, they never confirmed
//
// This room counts and remembers. It moves no value: for each fact the Mechanism makes the
// transfers of points (Mechanism+Recognition), and the audit there holds the counts against the
// ledger.
//
// Invariants
//   - A conversion ends once. Points are given on both sides or on neither.
//   - Ours given and theirs taken stand in the proportion of the rate of that day, without a rest.
//   - An identifier is the leader's. Sent twice it is one conversion with one answer; a refused
//     one left nothing behind and may be sent again.
//   - No citizen and no programme passes its limit of a day or a month; what was cancelled counts
//     for nothing.

import Units

package struct State: Sendable {
  /// By number minus one.
  package internal(set) var conversions: [Conversion] = []
  /// Not settled: open, or ended and the other side not told.
  package internal(set) var unsettled: Set<UInt32> = []
  /// The newest report of each programme and day.
  package internal(set) var reports: [ReportKey: DayReport] = [:]

  var numberByID: [Key: UInt32] = [:]
  var numbersByCitizen: [UInt32: [UInt32]] = [:]
  var numbersByDay: [ReportKey: [UInt32]] = [:]
  /// What was converted and not cancelled, in our points.
  var sums: [SumKey: Int64] = [:]

  package init() {}

  struct Key: Hashable, Sendable {
    var programme: String
    var id: ConversionID
  }

  struct SumKey: Hashable, Sendable {
    var programme: String
    var direction: Direction
    /// Zero: all citizens together.
    var citizen: UInt32
    /// A day's number, or minus a month's.
    var period: Int32
  }

  package struct ReportKey: Hashable, Sendable {
    package var programme: String
    package var day: Int32
    package init(_ programme: String, _ day: Int32) {
      self.programme = programme
      self.day = day
    }
  }

  package func conversion(_ number: UInt32) -> Conversion? {
    number >= 1 && Int(number) <= conversions.count ? conversions[Int(number) - 1] : nil
  }

  package func number(of id: ConversionID, with programme: String) -> UInt32? {
    numberByID[Key(programme: programme, id: id)]
  }

  /// A citizen's conversions, oldest first.
  package func conversions(of citizen: CitizenID) -> [UInt32] {
    numbersByCitizen[citizen.raw] ?? []
  }

  /// All conversions of a programme's day, oldest first.
  package func conversions(with programme: String, on day: Int32) -> [UInt32] {
    numbersByDay[ReportKey(programme, day)] ?? []
  }

  /// Days on which anything was converted with a programme, newest first.
  package func days(with programme: String) -> [Int32] {
    numbersByDay.keys.filter { $0.programme == programme }.map(\.day).sorted(by: >)
  }

  /// What is left of a limit for a citizen; nil where there is no limit at all.
  package func left(
    _ programme: Programme, _ direction: Direction, citizen: CitizenID, on day: Day
  ) -> Int64? {
    programme.allowances.filter { $0.direction == direction }.map { allowance in
      let who = allowance.scope == .citizen ? citizen.raw : 0
      let used = sums[
        SumKey(
          programme: programme.code, direction: direction, citizen: who,
          period: State.period(allowance.period, day))]
      return max(0, allowance.points - (used ?? 0))
    }.min()
  }

  static func period(_ period: Allowance.Period, _ day: Day) -> Int32 {
    switch period {
    case .day: return day.number
    case .month:
      let civil = day.civil
      return -Int32(civil.year * 12 + civil.month - 1)
    }
  }
}
