// SPDX-License-Identifier: Apache-2.0
import Units

extension State {
  /// Nil when all counts agree with the conversions, else the first thing that is wrong. That they
  /// agree with the ledger's accounts is the Mechanism's to see.
  package func audit() -> String? {
    var fresh = State()
    for (index, conversion) in conversions.enumerated() {
      let number = UInt32(index + 1)
      if conversion.ours * conversion.rateTheirs != conversion.theirs * conversion.rateOurs {
        return "conversion \(number) gives \(conversion.ours) of ours for \(conversion.theirs) of "
          + "theirs, at \(conversion.rateOurs) for \(conversion.rateTheirs)"
      }
      if conversion.status == .open, conversion.ended != nil || conversion.reason != nil {
        return "conversion \(number) is open and has an end"
      }
      if conversion.lead == .theirs, !conversion.isTold {
        return "conversion \(number) is theirs and waits to be told to them"
      }
      fresh.index(number, conversion)
    }
    if fresh.numberByID.count != conversions.count { return "two conversions have one identifier" }
    if fresh.sums != sums { return "sums for limits differ from the conversions" }
    if fresh.unsettled != unsettled {
      return "\(fresh.unsettled.count) conversions are not settled, \(unsettled.count) by list"
    }
    if let report = reports.values.first(where: { !$0.balances }) {
      return "the report of \(report.programme) for day \(report.day) does not balance"
    }
    return nil
  }

  /// By programme's account: what it must hold, and what open conversions announce to it and set
  /// aside of it.
  package func held() -> [UInt32: (balance: Int64, pendingIn: Int64, pendingOut: Int64)] {
    var held: [UInt32: (balance: Int64, pendingIn: Int64, pendingOut: Int64)] = [:]
    for one in conversions {
      var sums = held[one.account] ?? (0, 0, 0)
      switch (one.status, one.direction) {
      case (.confirmed, .out): sums.balance += one.ours
      case (.confirmed, .in): sums.balance -= one.ours
      case (.open, .out): sums.pendingIn += one.ours
      case (.open, .in): sums.pendingOut += one.ours
      case (.cancelled, _): break
      }
      held[one.account] = sums
    }
    return held
  }
}
