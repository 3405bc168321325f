// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Governance
import Ledger
import Membership
import Testing
import Units

@testable import Mechanism

/// Measures, appeals and letters, as a citizen, an office and an auditor see them. A ride gives
/// 183 g and three points; two a day earn.
@Suite("sanctions and care") struct CareTests {
  static func clawBack(_ awards: [(FactNumber, Int64)], by: String = "staff/1") -> Measure {
    Measure(
      .clawBack, by: by, reason: "虚假行程",
      awards: awards.map { NamedAward(fact: $0.0.raw, points: $0.1, grams: 183) })
  }

  /// Moves points out of an account, as if they had been spent.
  static func spend(_ care: inout Care, _ citizen: CitizenID, _ points: Int64, id: UInt64) {
    care.must(
      .transfers([
        Transfer(
          id: TransferID(1, id), source: .citizen(citizen, .points),
          target: AccountID(.organisation, 1, .points), amount: points, purpose: "redemption")
      ]))
  }

  @Test func twoPersonsFreezeTheCitizenAppealsAndAThirdLifts() {
    var care = Care()
    let ride = care.ride(Care.lin)
    let number = care.open(Care.lin, ride.fact)
    let freeze = Measure(.freeze, by: "staff/1", reason: "行程重叠", until: Day("2026-03-31"))
    care.must(.propose(number, freeze))
    #expect(care.isFrozen(Care.lin) == false, "proposed is not done")
    #expect(
      care.refusal(.rule(number, measure: 1, .confirm, by: "staff/1", opinion: "我自己"))
        == "ownMeasure")
    #expect(
      care.refusal(.rule(number, measure: 1, .confirm, by: "risk", opinion: "程序")) == "onlyPeople")
    care.must(.rule(number, measure: 1, .confirm, by: "staff/2", opinion: "同意"))
    #expect(care.isFrozen(Care.lin) == true)
    #expect(care.ride(Care.lin).outcome == .quarantined, "held for people, not lost")

    #expect(
      care.refusal(.appeal(number, measure: 1, Care.ma, digest: Care.digest)) == "notYours")
    care.must(.appeal(number, measure: 1, Care.lin, digest: Care.digest))
    let appeal = care.found(number)!.measures[0].appeal!
    // Monday the 2nd and five working days: the Monday after.
    #expect(appeal.due == "2026-03-09")
    for hand in ["staff/1", "staff/2"] {
      #expect(
        care.refusal(.judge(number, measure: 1, upheld: true, by: hand, reason: "再看"))
          == "handInCase")
    }
    care.must(.judge(number, measure: 1, upheld: true, by: "staff/3", reason: "两次行程并未重叠"))
    #expect(care.isFrozen(Care.lin) == false)
    #expect(care.found(number)!.measures[0].status == .lifted)
    care.check("freeze, appeal, lifted")
  }

  @Test func aFreezeEndsOnItsDayAndNotBefore() {
    var care = Care()
    let number = care.open(Care.lin, care.ride(Care.lin).fact)
    care.take(number, Measure(.freeze, by: "staff/1", reason: "核查", until: Day("2026-03-04")))
    care.pass(days: 2)
    care.must(.endDue)
    #expect(care.isFrozen(Care.lin) == true, "the last day is a day of it")
    care.pass(days: 1)
    let governance = care.state.governance
    #expect(governance.isDue(on: Day("2026-03-05")!))
    care.must(.endDue)
    #expect(care.isFrozen(Care.lin) == false)
    let frames = care.frames.count
    care.must(.endDue)
    #expect(care.frames.count == frames, "nothing is written where nothing is due")
    care.check("a freeze ends")
  }

  @Test func oneOfTwoFreezesLiftedLeavesTheOther() {
    var care = Care()
    let ride = care.ride(Care.lin).fact
    let first = care.open(Care.lin, ride)
    let second = care.open(Care.lin, ride)
    care.take(first, Measure(.freeze, by: "staff/1", reason: "甲", until: Day("2026-03-20")))
    care.take(
      second, Measure(.freeze, by: "staff/2", reason: "乙", until: Day("2026-03-30")), by: "staff/1")
    care.take(first, Measure(.lifting, by: "staff/1", reason: "查清", target: 1))
    #expect(care.isFrozen(Care.lin) == true)
    care.take(second, Measure(.lifting, by: "staff/1", reason: "查清", target: 1))
    #expect(care.isFrozen(Care.lin) == false)
    care.check("two freezes")
  }

  @Test func whatIsThereIsTakenWhatIsSpentIsADebtThatAwardsDoNotFill() {
    var care = Care()
    let first = care.ride(Care.lin, hoursAgo: 49)
    let second = care.ride(Care.lin, hoursAgo: 25)
    #expect(care.points(Care.lin) == 6)
    Self.spend(&care, Care.lin, 5, id: 1)
    let number = care.open(Care.lin, first.fact)
    care.take(number, Self.clawBack([(first.fact, 3), (second.fact, 3)]))
    // One point was left of six: five are owed.
    #expect(care.points(Care.lin) == 0)
    #expect(care.debt(Care.lin) == -5)
    #expect(care.programme == 6)
    #expect(care.grams(Care.lin) == 0)
    care.check("taken and owed")

    care.ride(Care.lin)
    #expect(care.points(Care.lin) == 3, "a new award is the citizen's own")
    #expect(care.debt(Care.lin) == -5)
    #expect(
      care.refusal(.repay(number, measure: 1, Care.lin, points: 4)) == "notEnoughPoints")
    #expect(care.refusal(.repay(number, measure: 1, Care.lin, points: 6)) == "repaymentInvalid")
    care.must(.repay(number, measure: 1, Care.lin, points: 2))
    #expect(care.points(Care.lin) == 1 && care.debt(Care.lin) == -3 && care.programme == 6)
    care.check("repaid in part")

    care.must(.appeal(number, measure: 1, Care.lin, digest: Care.digest))
    care.must(.judge(number, measure: 1, upheld: true, by: "staff/9", reason: "行程属实"))
    // One taken, two repaid: three come back, and what was owed is owed no more.
    #expect(care.points(Care.lin) == 4 && care.debt(Care.lin) == 0 && care.programme == 0)
    #expect(care.grams(Care.lin) == 549, "three rides of 183 g")
    care.check("given back")
  }

  @Test func anAwardIsClawedBackOnceUnlessItWasGivenBack() {
    var care = Care()
    let ride = care.ride(Care.lin)
    let number = care.open(Care.lin, ride.fact)
    care.take(number, Self.clawBack([(ride.fact, 3)]))
    #expect(care.refusal(.propose(number, Self.clawBack([(ride.fact, 3)]))) == "awardTaken")
    care.take(number, Measure(.lifting, by: "staff/2", reason: "弄错了", target: 1), by: "staff/1")
    care.take(number, Self.clawBack([(ride.fact, 3)]))
    #expect(care.points(Care.lin) == 0 && care.programme == 3)
    care.check("once")
  }

  /// An award is taken back once: by staff, or because its event is withdrawn.
  @Test func whatIsClawedBackIsNotWithdrawnAndTheOtherWayRound() throws {
    var care = Care()
    let first = care.ride(Care.lin)
    let second = care.ride(Care.lin, hoursAgo: 29)
    care.ride(Care.lin, hoursAgo: 53)
    let number = care.open(Care.lin, first.fact)
    care.take(number, Self.clawBack([(first.fact, 3)]))
    #expect(care.withdraw(first.fact)?.outcome == .clawedBack)
    #expect(care.points(Care.lin) == 6 && care.grams(Care.lin) == 366)
    // Proposed before the event was withdrawn, it is confirmed by nobody after.
    care.must(.propose(number, Self.clawBack([(second.fact, 3)])))
    #expect(care.withdraw(second.fact)?.outcome == .withdrawn)
    #expect(care.points(Care.lin) == 3 && care.grams(Care.lin) == 183)
    let late = care.refusal(.rule(number, measure: 2, .confirm, by: "staff/2", opinion: "同意"))
    #expect(late == "awardTaken")
    care.must(.rule(number, measure: 2, .withdraw, by: "staff/1", opinion: "已撤回"))
    #expect(care.refusal(.propose(number, Self.clawBack([(second.fact, 3)]))) == "awardTaken")
    #expect(care.points(Care.lin) == 3 && care.debt(Care.lin) == 0)
    // Given back, the first one may be withdrawn after all.
    care.take(number, Measure(.lifting, by: "staff/2", reason: "弄错了", target: 1), by: "staff/1")
    #expect(care.withdraw(first.fact)?.outcome == .withdrawn)
    #expect(care.points(Care.lin) == 3 && care.programme == 0)
    care.check("taken back once")
  }

  @Test func noMoreIsClawedBackThanWasEverEarned() {
    var care = Care()
    let ride = care.ride(Care.lin)
    let number = care.open(Care.lin, ride.fact)
    care.must(.propose(number, Self.clawBack([(ride.fact, 4)])))
    #expect(
      care.refusal(.rule(number, measure: 1, .confirm, by: "staff/2", opinion: "同意"))
        == "awardsInvalid")
    care.must(.rule(number, measure: 1, .withdraw, by: "staff/1", opinion: "写错了"))
    #expect(care.points(Care.lin) == 3)
    care.check("no more than earned")
  }

  @Test func anAppealHasItsTime() {
    var care = Care()
    let number = care.open(Care.lin, care.ride(Care.lin).fact)
    care.take(number, Measure(.warning, by: "staff/1", reason: "请留意"))
    care.pass(days: 30)
    let late = care.refusal(.appeal(number, measure: 1, Care.lin, digest: Care.digest))
    #expect(late == "", "the thirtieth day is in time")
    #expect(
      care.refusal(.appeal(number, measure: 1, Care.lin, digest: Care.digest)) == "appealedBefore")
    #expect(care.refusal(.close(number, by: "staff/1", reason: "完")) == "measureOpen")
    care.must(.judge(number, measure: 1, upheld: false, by: "staff/3", reason: "提醒无误"))
    #expect(care.found(number)!.measures[0].status == .inForce)
    care.must(.close(number, by: "staff/1", reason: "已提醒"))
    #expect(
      care.refusal(.propose(number, Measure(.warning, by: "staff/1", reason: "再"))) == "caseClosed")
    care.check("appeal in time")
  }

  @Test func aClaimGivesNothingUntilItsReportIsCredited() {
    var care = Care()
    let claim = Petition(
      .claim, citizen: Care.lin, partner: PartnerID(1), scene: "bus",
      happened: Instant(milliseconds: care.now.milliseconds - 7_200_000))
    let number = care.must(.file(claim, digest: Care.digest)).number
    // Monday and three working days.
    #expect(care.petition(number)!.due == "2026-03-05")
    care.must(.answer(number, .accepted, by: "staff/1", digest: Care.digest, fact: nil))
    #expect(care.points(Care.lin) == 0, "accepted is no award")
    #expect(
      care.refusal(
        .answer(number, .credited, by: "staff/1", digest: Care.digest, fact: FactNumber(900)))
        == "creditInvalid")
    let ride = care.ride(Care.lin, hoursAgo: 2)
    care.must(.answer(number, .credited, by: "staff/1", digest: Care.digest, fact: ride.fact))
    #expect(care.points(Care.lin) == 3)
    #expect(care.petition(number)!.status == .credited)
    #expect(care.refusal(.writeAgain(number, Care.ma, digest: Care.digest)) == "notYours")
    care.pass(days: 4)
    care.must(.writeAgain(number, Care.lin, digest: Care.digest))
    // Friday the 6th and three working days.
    #expect(care.petition(number)!.due == "2026-03-11")
    care.check("a claim")
  }

  @Test func workingDaysAreMondayToFriday() {
    for (from, days, to) in [
      ("2026-03-02", 1, "2026-03-03"), ("2026-03-06", 1, "2026-03-09"),
      ("2026-03-07", 1, "2026-03-09"), ("2026-03-08", 5, "2026-03-13"),
      ("2026-11-20", 10, "2026-12-04"),
    ] { #expect(Day(from)!.after(workingDays: days) == Day(to)!) }
  }

  @Test func aRunOpensCasesAndDoesNothingElse() {
    var care = Care()
    let facts = (1...2 as ClosedRange<Int64>).map {
      care.ride(Care.lin, partner: UInt32($0), hoursAgo: 24 * $0).fact.raw
    }
    let before = care.points(Care.lin)
    let finding = RiskFinding(citizen: 1, rule: "two-places", count: 1, evidence: facts)
    care.must(.screen(Day("2026-03-01")!, [finding], by: "staff/1"))
    let found = care.found(1)!
    #expect(found.by == "risk" && found.evidence == facts && found.measures.isEmpty)
    #expect(care.isFrozen(Care.lin) == false && care.points(Care.lin) == before)
    let frames = care.frames.count
    care.must(.screen(Day("2026-03-01")!, [finding], by: "staff/2"))
    #expect(care.frames.count == frames, "the same day again changes nothing")
    #expect(care.refusal(.screen(Day("2026-02-28")!, [], by: "staff/1")) == "dayNotOver")
    care.pass(days: 1)
    care.must(.screen(Day("2026-03-02")!, [finding], by: "staff/1"))
    #expect(care.state.governance.cases.count == 1, "an open case is not opened again")
    care.must(.close(1, by: "staff/1", reason: "时钟误差"))
    care.pass(days: 1)
    care.must(.screen(Day("2026-03-03")!, [finding], by: "staff/1"))
    #expect(care.state.governance.cases.count == 1, "what was looked at is not news")
    let newer = care.ride(Care.lin).fact.raw
    care.pass(days: 1)
    care.must(
      .screen(
        Day("2026-03-04")!,
        [RiskFinding(citizen: 1, rule: "two-places", count: 1, evidence: facts + [newer])],
        by: "staff/1"))
    #expect(care.state.governance.cases.count == 2)
    care.check("runs")
  }
}
