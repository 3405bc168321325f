// SPDX-License-Identifier: Apache-2.0
// DEMO MONTH. A believable month of a city's low-carbon behaviour, invented from a seed.
//
//   seed + citizen        ──▶ DemoCitizen      habits: how far, by what, at what hour, how often
//   seed + citizen + day  ──▶ that day's events: weekdays and weekends, rush hours, rain
//   next() ──▶ one day's events of everybody, by the moment they ended; nil after the last day
//
// Invariants
//   1. The same arguments give the same events, byte by byte, on every machine.
//   2. Events come in order of time. A charge that ends after midnight comes with the next day;
//      what the last night holds comes with the last day.
//   3. Some are wrong on purpose, as in life: impossible speeds, unlocked and locked again at once,
//      rides reported twice, the same ride by two partners. `wrong` says how many of each kind.
//
// It is demo data: nobody did any of this, and the names of partners only lend it a face.

import Units

struct DemoMonth: Sendable {
  /// What was planted, for those who want to see it caught.
  struct Wrong: Hashable, Sendable {
    /// Cycling faster than a bike can.
    var tooFast = 0
    /// Locked again within seconds.
    var tooShort = 0
    /// Sent again as it was.
    var again = 0
    /// Reported by a second partner as well.
    var byTwo = 0
  }

  let seed: UInt64
  let citizens: [DemoCitizen]
  let first: Day
  let dayCount: Int
  private(set) var wrong = Wrong()
  private(set) var daysDone = 0
  /// Events that end after the day they began in.
  private var held: [DemoEvent] = []

  /// 30 days, the last one given: Chengdu's civil days.
  init(seed: UInt64 = 2026, citizens count: Int = 2000, last: Day, dayCount: Int = 30) {
    self.seed = seed
    self.dayCount = dayCount
    citizens = (1...max(1, count)).map { DemoCitizen(seed: seed, number: $0) }
    first = Day(last.number - Int32(dayCount) + 1)
  }

  /// The next day's events, in order of time; nil when the month is over.
  mutating func next() -> [DemoEvent]? {
    guard daysDone < dayCount else { return nil }
    let day = Day(first.number + Int32(daysDone))
    var weather = DemoDice(seed: seed, 2, Int(day.number))
    let rain = weather.chance(2500)
    var found = held
    for citizen in citizens {
      var diary = DemoDiary(citizen, day: day, rain: rain, seed: seed, daysDone: daysDone)
      diary.live()
      found += diary.events
      wrong.tooFast += diary.wrong.tooFast
      wrong.tooShort += diary.wrong.tooShort
      wrong.again += diary.wrong.again
      wrong.byTwo += diary.wrong.byTwo
    }
    daysDone += 1
    let midnight = Day(day.number + 1).start(offset: DemoDiary.zone)
    held = daysDone < dayCount ? found.filter { $0.time >= midnight } : []
    if !held.isEmpty { found.removeAll { $0.time >= midnight } }
    // The second key keeps the order where two end in the same second.
    return found.sorted { ($0.time, $0.id) < ($1.time, $1.id) }
  }
}
