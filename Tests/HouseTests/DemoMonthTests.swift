// SPDX-License-Identifier: Apache-2.0
import Testing
import Units

@testable import tanpuhui

@Suite struct DemoMonthTests {
  private func month(seed: UInt64 = 7, citizens: Int = 400) -> ([DemoEvent], DemoMonth) {
    var month = DemoMonth(seed: seed, citizens: citizens, last: Day("2026-03-31")!)
    var events: [DemoEvent] = []
    while let day = month.next() { events += day }
    return (events, month)
  }

  @Test func theSameSeedInventsTheSameMonth() {
    let (first, _) = month()
    #expect(month().0 == first)
    #expect(month(seed: 8).0 != first)
    // More citizens change nothing for those who are there.
    let more = month(citizens: 401).0.filter { !$0.subject.hasSuffix("-00401") }
    #expect(more == first)
  }

  @Test func eventsComeInOrderOfTime() {
    let (events, _) = month()
    #expect(zip(events, events.dropFirst()).allSatisfy { $0.time <= $1.time })
    #expect(events.first!.time >= Day("2026-03-02")!.start(offset: 28_800))
  }

  @Test func everySceneAndPartnerIsThere() {
    let (events, _) = month()
    #expect(Set(events.map(\.scene)) == Set(DemoScene.allCases))
    #expect(Set(events.map(\.partner)) == Set(DemoPartner.allCases))
    #expect(events.allSatisfy { $0.partner.scenes.contains($0.scene) })
  }

  @Test func whatIsWrongIsPlantedAndCounted() {
    let (events, month) = month(citizens: 1000)
    #expect(month.wrong.tooFast > 0)
    #expect(month.wrong.tooShort > 0)
    #expect(events.count - Set(events.map { $0.partner.code + $0.id }).count == month.wrong.again)
    #expect(events.count { $0.partner == .rail } >= month.wrong.byTwo)
    #expect(month.wrong.byTwo > 0)
    let tooFast = events.count {
      guard $0.scene == .sharedBike || $0.scene == .sharedEbike else { return false }
      return $0.values[0].value.millionths * 3600 > $0.values[1].value.millionths * 25_000
    }
    #expect(tooFast < events.count / 200)
    #expect(tooFast >= month.wrong.tooFast)
  }

  @Test func aWorkingDayHasTwoRushHoursAndASundayHasNone() {
    let (events, _) = month(citizens: 1000)
    func rides(_ day: String, _ hours: ClosedRange<Int64>) -> Int {
      let start = Day(day)!.start(offset: 28_800)
      return events.count {
        ($0.scene == .metro || $0.scene == .bus)
          && hours.contains(floorDivide($0.time.seconds - start.seconds, 3600))
      }
    }
    // A Tuesday and a Sunday.
    #expect(rides("2026-03-10", 7...9) > 3 * rides("2026-03-10", 11...13))
    #expect(rides("2026-03-10", 17...19) > 3 * rides("2026-03-10", 11...13))
    #expect(rides("2026-03-15", 7...9) < rides("2026-03-15", 13...15))
  }
}
