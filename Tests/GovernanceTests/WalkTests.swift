// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Governance
import Ledger
import Testing
import Units

@testable import Mechanism

/// Anything in any order: rides, spending, cases, measures, appeals, by a seed. After every
/// step the books balance and the audits are silent; a replay is the same state byte for byte.
@Suite("a walk by seed") struct WalkTests {
  struct Dice {
    var word: UInt64
    mutating func pick(_ count: Int) -> Int {
      word = word &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((word >> 33) % UInt64(count))
    }
  }

  @Test(arguments: [1, 7, 88, 2026, 31_337] as [UInt64])
  func anyOrder(_ seed: UInt64) {
    var care = Care()
    var dice = Dice(word: seed)
    var rides: [UInt32: [(FactNumber, Int64)]] = [:]
    var done = 0
    for step in 0..<220 {
      if Self.step(&care, &dice, &rides, step) { done += 1 }
      if let fault = care.state.audit() {
        Issue.record("seed \(seed), step \(step): \(fault)")
        return
      }
      let freezes = (1...3 as ClosedRange<UInt32>).allSatisfy {
        care.isFrozen(CitizenID($0)) == care.state.governance.isFrozen(CitizenID($0))
      }
      #expect(freezes, "seed \(seed), step \(step): a mark without a freeze, or the reverse")
    }
    #expect(done > 60, "the walk does something")
    care.check("seed \(seed)")
  }

  private static func step(
    _ care: inout Care, _ dice: inout Dice,
    _ rides: inout [UInt32: [(FactNumber, Int64)]], _ step: Int
  ) -> Bool {
    let citizen = CitizenID(UInt32(1 + dice.pick(3)))
    let staff = "staff/\(1 + dice.pick(4))"
    let other = "staff/\(1 + dice.pick(4))"
    let number = UInt32(1 + dice.pick(max(1, care.state.governance.cases.count)))
    let count = care.found(number)?.measures.count ?? 0
    let at = 1 + dice.pick(max(1, count))
    switch dice.pick(13) {
    case 0, 1:
      let verdict = care.ride(citizen, hoursAgo: Int64(1 + dice.pick(300)))
      if verdict.outcome == .accepted {
        rides[citizen.raw, default: []].append((verdict.fact, Int64(verdict.points)))
      }
      return true
    case 2:
      let points = care.points(citizen)
      guard points > 0 else { return false }
      CareTests.spend(&care, citizen, Int64(1 + dice.pick(Int(points))), id: UInt64(step + 1))
      return true
    case 3:
      guard let fact = rides[citizen.raw]?.last?.0 else { return false }
      return care.refusal(
        .open(citizen, rule: "two-places", reason: "查", evidence: [fact], by: staff)) == ""
    case 4:
      let until = Day(care.now.day(offset: 28_800).number + Int32(1 + dice.pick(9)))
      return care.refusal(
        .propose(number, Measure(.freeze, by: staff, reason: "核查", until: until))) == ""
    case 5:
      guard let found = care.found(number), let mine = rides[found.citizen] else { return false }
      let chosen = mine.filter { _ in dice.pick(2) == 0 }
      return care.refusal(.propose(number, CareTests.clawBack(chosen, by: staff))) == ""
    case 6:
      return care.refusal(
        .propose(number, Measure(.lifting, by: staff, reason: "查清", target: at))) == ""
    case 7, 8:
      let ruling: Ruling = dice.pick(5) == 0 ? .reject : .confirm
      return care.refusal(
        .rule(number, measure: count, ruling, by: other, opinion: "意见")) == ""
    case 9:
      return care.refusal(
        .appeal(
          number, measure: at, CitizenID(care.found(number)?.citizen ?? 1), digest: Care.digest))
        == ""
    case 10:
      return care.refusal(
        .judge(number, measure: at, upheld: dice.pick(2) == 0, by: other, reason: "理由")) == ""
    case 11:
      let owner = CitizenID(care.found(number)?.citizen ?? 1)
      return care.refusal(
        .repay(number, measure: at, owner, points: Int64(1 + dice.pick(4)))) == ""
    default:
      care.pass(days: Int64(dice.pick(3)))
      return care.refusal(.endDue) == ""
    }
  }
}
