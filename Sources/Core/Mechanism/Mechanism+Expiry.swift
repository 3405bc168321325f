// SPDX-License-Identifier: Apache-2.0
// EXPIRY. 积分有效期: points end with their month, the oldest are spent first.
//
//   credited by month ────┬─▶ minus debits, what is set aside, what expired so far,
//   credited by transfer ─┘   oldest first ─▶ the lots that are left
//
// A run has a day. It moves everything whose time was over by the end of that day to the account of
// the programme for expired points, some citizens a frame, so that the desk goes on in between. The
// same day again changes nothing; a run that was broken off goes on where it was.
//
// Facts of kind 83, readable, version 1:
//
//   {"by":"staff/2","citizens":[17,18],"day":"2026-12-31","done":false,"from":1,"points":[30,4],
//    "through":50000}
//
// `from` and `through` are the citizens that were looked at; `citizens` lost `points`.
//
// Invariants
//   - Nothing expires that was spent or is set aside; no account falls below zero.
//   - Runs follow one another in order of their days, each from the first citizen to the last.

import Behaviour
import Journal
import Ledger
import Membership
import Policy
import Units

/// Kind 83.
package struct ExpiryRow: Codable, Sendable {
  package static let kind: UInt8 = 83
  package var day: String
  package var by: String
  package var from: UInt32
  package var through: UInt32
  package var citizens: [UInt32]
  package var points: [Int64]
  package var done: Bool
}

/// 过期处理: one day's run, as far as it has come.
package struct ExpiryRun: Codable, Hashable, Sendable {
  package var day: Int32
  package var by: String
  package var fact: UInt64
  /// Milliseconds since 1970.
  package var time: Int64
  package var through: UInt32
  package var citizens: Int
  package var points: Int64
  package var done: Bool
}

/// 批次: points of one month, or of one transfer, and what is left of them.
package struct Lot: Hashable, Sendable {
  /// The first day of the month of the behaviour, or the day of the transfer.
  package var from: Day
  package var credited: Int64
  package var left: Int64
  /// The last day on which they hold; nil where points do not expire.
  package var lastDay: Day?
  /// Why they came, where they came by transfer.
  package var purpose: String?

  package init(
    from: Day, credited: Int64, left: Int64, lastDay: Day?, purpose: String? = nil
  ) {
    self.from = from
    self.credited = credited
    self.left = left
    self.lastDay = lastDay
    self.purpose = purpose
  }
}

extension State {
  /// Citizens looked at in one frame: some tens of milliseconds.
  package static let citizensPerExpiry: UInt32 = 20_000

  /// A citizen's lots that are not used up, oldest first.
  package func lots(of citizen: CitizenID) -> [Lot] {
    let validity = pack?.points.validity
    var lots: [Lot] = []
    for (day, points) in behaviour.earnedByDay(citizen, zone: hot?.rules.zone ?? 28_800) {
      let month = day.monthNumber
      if let last = lots.last, last.from.monthNumber == month {
        lots[lots.count - 1].credited += points
        continue
      }
      lots.append(
        Lot(
          from: Day(ofMonth: month), credited: points, left: 0,
          lastDay: validity?.lastDay(ofMonth: month)))
    }
    var spent =
      ledger.expired(of: citizen).count
      + ledger.position(of: .citizen(citizen, .points)).pendingOut
    for movement in ledger.movements(of: citizen) {
      if movement.points < 0 || movement.undoesDebit {
        spent -= movement.points
      } else {
        lots.append(
          Lot(
            from: Day(movement.day), credited: movement.points, left: 0,
            lastDay: validity?.lastDay(ofMonth: Day(movement.day).monthNumber),
            purpose: movement.purpose))
      }
    }
    lots.sort { $0.from < $1.from }
    for index in lots.indices {
      let used = min(max(0, spent), lots[index].credited)
      spent -= used
      lots[index].left = lots[index].credited - used
    }
    return lots.filter { $0.left > 0 }
  }

  /// What of a citizen's points is over with these months; nothing that is spent or set aside.
  func expiring(_ citizen: CitizenID, through month: Int, before: Instant) -> Int64 {
    var credited = behaviour.earned(by: citizen, before: before)
    var spent =
      ledger.expired(of: citizen).count
      + ledger.position(of: .citizen(citizen, .points)).pendingOut
    for movement in ledger.movements(of: citizen) {
      if movement.points < 0 || movement.undoesDebit {
        spent -= movement.points
      } else if Day(movement.day).monthNumber <= month {
        credited += movement.points
      }
    }
    return max(0, min(credited - max(0, spent), ledger.available(to: citizen)))
  }

  mutating func expire(
    _ day: Day, by: String, now: Instant, writer: FrameWriter
  ) -> Result<CommandResult, CommandRefusal> {
    guard let validity = pack?.points.validity else {
      return .failure(
        CommandRefusal("expiryNotSet", "the pack in force has no `points` with `valid`"))
    }
    guard day < self.day(of: now) else {
      return .failure(
        CommandRefusal("dayNotOver", "\(day) is not over yet; choose yesterday or earlier"))
    }
    if let last = expiryRuns.last {
      if last.done, day.number <= last.day { return .success(CommandResult()) }
      if !last.done, day.number != last.day {
        return .failure(
          CommandRefusal(
            "expiryUnfinished", "the run of \(Day(last.day)) has not come to its end; go on with it"
          ))
      }
    }
    let from = expiryRuns.last.map { $0.done ? 1 : $0.through + 1 } ?? 1
    let count = membership.citizenCount
    let through = min(count, from - 1 + State.citizensPerExpiry)
    let month = validity.lastMonth(over: day)
    let before = Day(ofMonth: month + 1).start(offset: hot?.rules.zone ?? 28_800)
    var row = ExpiryRow(
      day: "\(day)", by: by, from: from, through: through, citizens: [], points: [],
      done: through == count)
    if from <= through {
      for citizen in from...through {
        let points = expiring(CitizenID(citizen), through: month, before: before)
        guard points > 0, !ledger.limits(of: .citizen(CitizenID(citizen), .points)).isFrozen else {
          continue
        }
        row.citizens.append(citizen)
        row.points.append(points)
      }
    }
    var result = CommandResult()
    result.fact = nextFact
    writer.readable(kind: ExpiryRow.kind, json: encode(row))
    apply(row, nextFact, now)
    nextFact = FactNumber(nextFact.raw + 1)
    return .success(result)
  }

  mutating func apply(_ row: ExpiryRow, _ number: FactNumber, _ time: Instant) {
    let day = Day(row.day) ?? Day(0)
    if expiryRuns.last?.day != day.number || expiryRuns.last?.done != false {
      expiryRuns.append(
        ExpiryRun(
          day: day.number, by: row.by, fact: number.raw, time: time.milliseconds, through: 0,
          citizens: 0, points: 0, done: false))
    }
    for (citizen, points) in zip(row.citizens, row.points) {
      ledger.expire(Points(points), of: CitizenID(citizen))
    }
    let last = expiryRuns.count - 1
    expiryRuns[last].through = row.through
    expiryRuns[last].citizens += row.citizens.count
    expiryRuns[last].points += row.points.reduce(0, +)
    expiryRuns[last].done = row.done
  }

  func check(_ row: ExpiryRow) throws(FrameFault) {
    let last = expiryRuns.last
    let goesOn = last.map { !$0.done } ?? false
    guard let day = Day(row.day), row.citizens.count == row.points.count,
      row.through <= membership.citizenCount, goesOn ? day.number == last!.day : true,
      last.map({ !$0.done || day.number > $0.day }) ?? true,
      row.from == (goesOn ? last!.through + 1 : 1),
      zip(row.citizens, row.citizens.dropFirst()).allSatisfy({ $0 < $1 })
    else { throw FrameFault("expires points out of order") }
    for (citizen, points) in zip(row.citizens, row.points) {
      guard citizen >= row.from, citizen <= row.through, points > 0,
        points <= ledger.available(to: CitizenID(citizen))
      else { throw FrameFault("expires points that nobody has") }
    }
  }
}
