// SPDX-License-Identifier: Apache-2.0
import Units

extension State {
  /// Nil when the counts agree with what is held, else the first thing that is wrong.
  package func audit() -> String? {
    var sum = Tally()
    for scene in 0..<counters.count {
      let tally = counters[scene]
      sum.accepted &+= tally.accepted
      sum.waiting &+= tally.waiting
      sum.quarantined &+= tally.quarantined
      sum.refused &+= tally.refused
      sum.rejected &+= tally.rejected
    }
    let held = waiting.values.reduce(0) { $0 + $1.count }
    if Int(sum.waiting) != held { return "\(sum.waiting) reports wait by count, \(held) by list" }
    if Int(sum.quarantined) != quarantine.count {
      return "\(sum.quarantined) reports are held by count, \(quarantine.count) by list"
    }
    let all = sum.accepted + sum.waiting + sum.quarantined + sum.refused + sum.rejected
    if Int(all) + withdrawn.count != seen.count {
      return "\(all) reports by outcome and \(withdrawn.count) withdrawn, \(seen.count) event ids"
    }
    return nil
  }
}
