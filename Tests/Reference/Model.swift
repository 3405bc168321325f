// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Units

/// The trial city once more, slow and naive: lists that are searched from end to end, rules written
/// as sentences. Nothing is taken from the mechanism but its words.
///
/// `forgetsIds`, `bikesADay` and `capsInGreenwich` are canaries: mistakes that a comparison has to
/// find.
package struct Model: Sendable {
  package struct Said {
    package var outcome: Outcome
    package var reason: Reason
    package var grams: Int64 = 0
    package var points: Int64 = 0
  }

  package struct Event {
    package var id: UInt64
    package var scene: String
    package var partner: Int
    package var alias: UInt32
    package var ended: Int64
    package var values: [Int64]
    package var vehicle: UInt64

    package init(
      id: UInt64, scene: String, partner: Int, alias: UInt32, ended: Int64, values: [Int64],
      vehicle: UInt64
    ) {
      self.id = id
      self.scene = scene
      self.partner = partner
      self.alias = alias
      self.ended = ended
      self.values = values
      self.vehicle = vehicle
    }
  }

  package struct Done {
    package var event: UInt64
    package var citizen: Int
    package var partner: Int
    package var scene: String
    package var start: Int64
    package var end: Int64
    package var day: (year: Int, month: Int, day: Int)
    package var points: Int64
  }

  package var forgetsIds = false
  /// What a day's rides of bikes may earn.
  package var bikesADay: Int64 = 5
  package var capsInGreenwich = false
  /// Nil: a pack without points policy.
  package var policy: Policy?
  /// When the mechanism decides: its budget goes by that, and not by when something was done.
  package var now: Int64 = 0
  package var citizens = 0
  package var owner: [UInt32: Int] = [:]
  package var frozen: Set<Int> = []
  package var seen: [UInt64: Event] = [:]
  package var done: [Done] = []
  package var rides: [(event: UInt64, vehicle: UInt64, start: Int64, end: Int64)] = []
  /// What was taken back: grams and points it had earned.
  package var withdrawn: [UInt64: (grams: Int64, points: Int64)] = [:]
  private var credited: [UInt64: (citizen: Int, grams: Int64, points: Int64)] = [:]
  /// What waits or is held, oldest first.
  package var waiting: [(number: Int, event: Event)] = []
  package var held: [(number: Int, event: Event)] = []
  package var grams: [Int: Int64] = [:]
  package var points: [Int: Int64] = [:]
  private var numbers = 0

  package init() {}

  /// Partner 3 enrols; partner 2 has no bikes.
  package mutating func take(_ batch: [Event], now: Int64) -> [Said] {
    self.now = now
    for event in batch where event.partner == 3 && owner[event.alias] == nil {
      if event.partner == 2 && event.scene == "shared-bike" { continue }
      if malformed(event, now) == nil, seen[event.id] == nil { owner[event.alias] = enrol() }
    }
    // Rides are taken in order of their start, if they did not come so; everything else before
    // them.
    var order = Array(batch.indices)
    let starts = batch.filter { $0.scene == "shared-bike" && mayReport($0) }.map(start)
    if starts != starts.sorted() {
      let bikes = order.filter { batch[$0].scene == "shared-bike" && mayReport(batch[$0]) }
      let sorted = bikes.sorted {
        let (a, b) = (start(batch[$0]), start(batch[$1]))
        return a != b ? a < b : $0 < $1
      }
      order = order.filter { !bikes.contains($0) } + sorted
    }
    var said: [Int: Said] = [:]
    for index in order { said[index] = take(batch[index], now) }
    return batch.indices.map { said[$0]! }
  }

  package mutating func enrol() -> Int {
    citizens += 1
    return citizens
  }

  private func start(_ event: Event) -> Int64 { event.ended - seconds(event) * 1000 }
  private func seconds(_ event: Event) -> Int64 {
    event.scene == "charging" ? 0 : event.values[1] / 1_000_000
  }
  private func mayReport(_ event: Event) -> Bool {
    !(event.partner == 2 && event.scene == "shared-bike")
  }

  private func malformed(_ event: Event, _ now: Int64) -> Reason? {
    if !mayReport(event) { return .sceneNotGranted }
    if event.scene == "shared-bike", event.vehicle == 0 { return .missingField }
    if event.values.contains(where: { $0 < 0 }) { return .badValue }
    return event.ended > now + 300_000 ? .fromTheFuture : nil
  }

  private mutating func take(_ event: Event, _ now: Int64) -> Said {
    if let reason = malformed(event, now) { return Said(outcome: .refused, reason: reason) }
    if let first = seen[event.id], !forgetsIds {
      let same =
        first.ended == event.ended && first.values == event.values
        && first.vehicle == event.vehicle && first.alias == event.alias
        && first.scene == event.scene && first.partner == event.partner
      return same
        ? Said(outcome: .duplicate, reason: .duplicate) : Said(outcome: .refused, reason: .idReused)
    }
    seen[event.id] = event
    return settle(event, believed: false, released: false)
  }

  private mutating func settle(_ event: Event, believed: Bool, released: Bool) -> Said {
    let (start, end) = (event.ended / 1000 - seconds(event), event.ended / 1000)
    let day = civil(event.ended)
    if event.scene == "charging", day.year < 2025 {
      return Said(outcome: .refused, reason: .noRuleInForce)
    }
    if !believed, !released {
      if let (outcome, reason) = implausible(event) {
        if outcome == .quarantined { hold(event) }
        return Said(outcome: outcome, reason: reason)
      }
      if event.scene == "shared-bike",
        rides.contains(where: { $0.vehicle == event.vehicle && $0.start < end && start < $0.end })
      {
        hold(event)
        return Said(outcome: .quarantined, reason: .vehicleOverlap)
      }
    }
    guard let citizen = owner[event.alias] else {
      numbers += 1
      waiting.append((numbers, event))
      if event.scene == "shared-bike" { rides.append((event.id, event.vehicle, start, end)) }
      return Said(outcome: .waiting, reason: .notLinked)
    }
    if !released {
      if frozen.contains(citizen) {
        hold(event)
        return Said(outcome: .quarantined, reason: .accountFrozen)
      }
      let travel = ["bus", "shared-bike"]
      let twice = done.contains {
        $0.citizen == citizen && $0.partner != event.partner && travel.contains($0.scene)
          && $0.start < end && start < $0.end
      }
      if travel.contains(event.scene), twice {
        hold(event)
        return Said(outcome: .quarantined, reason: .reportedTwice)
      }
    }
    if event.scene == "shared-bike", !believed {
      rides.append((event.id, event.vehicle, start, end))
    }
    return credit(event, citizen, day, start, end)
  }

  private mutating func hold(_ event: Event) {
    numbers += 1
    held.append((numbers, event))
  }

  private func implausible(_ event: Event) -> (Outcome, Reason)? {
    let value = event.values[0]
    if event.scene == "charging" {
      if value < 1000 * 1_000_000 { return (.refused, .belowMinimum) }
      return value > 200_000 * 1_000_000 ? (.quarantined, .aboveMaximum) : nil
    }
    let time = event.values[1]
    let bike = event.scene == "shared-bike"
    if value < 500 * 1_000_000 || bike && time < 120 * 1_000_000 {
      return (.refused, .belowMinimum)
    }
    if value > (bike ? 20_000 : 50_000) * 1_000_000 || bike && time > 7200 * 1_000_000 {
      return (.quarantined, .aboveMaximum)
    }
    // metres * 3600 > km/h * 1000 * seconds, without a fraction.
    let limit: Int64 = bike ? 25 : 80
    return Int128(value) * 3600 > Int128(limit) * 1000 * Int128(time)
      ? (.quarantined, .tooFast) : nil
  }

  private mutating func credit(
    _ event: Event, _ citizen: Int, _ day: (year: Int, month: Int, day: Int), _ start: Int64,
    _ end: Int64
  ) -> Said {
    let saved: Int64
    var earned: Int64
    switch event.scene {
    case "charging":
      saved = 144
      earned = event.values[0] / (2000 * 1_000_000)
    case "bus":
      saved = halfEven(Int128(event.values[0]) * 300, 10_000_000_000)
      earned = saved / 50
    default:
      saved = halfEven(Int128(event.values[0]) * 487, 10_000_000_000)
      earned = saved / 50
    }
    let doubled = isCampaign(event.scene, day)
    if doubled { earned *= 2 }
    let full = earned
    func used(_ counts: (Done) -> Bool) -> Int64 {
      done.filter { $0.citizen == citizen && counts($0) }.reduce(0) { $0 + $1.points }
    }
    let today = used { $0.scene == event.scene && $0.day == day }
    if event.scene == "charging" {
      let thisYear = used { $0.day.year == day.year }
      earned = min(earned, max(0, 10 - today), max(0, 40 - thisYear))
    } else {
      let thisMonth = used {
        $0.scene != "charging" && $0.day.year == day.year && $0.day.month == day.month
      }
      earned = min(
        earned,
        max(0, (doubled ? 10 : event.scene == "bus" ? 6 : bikesADay) - today),
        max(0, 20 - thisMonth))
    }
    let capped = earned
    earned = budgeted(earned)
    done.append(
      Done(
        event: event.id, citizen: citizen, partner: event.partner, scene: event.scene, start: start,
        end: end,
        day: day, points: earned))
    grams[citizen, default: 0] += saved
    points[citizen, default: 0] += earned
    credited[event.id] = (citizen, saved, earned)
    return Said(
      outcome: .accepted,
      reason: earned < capped ? .budgetReached : earned < full ? .capReached : .none,
      grams: saved, points: earned)
  }

  private func halfEven(_ above: Int128, _ below: Int128) -> Int64 {
    let (whole, rest) = above.quotientAndRemainder(dividingBy: below)
    let up = rest * 2 > below || rest * 2 == below && whole % 2 == 1
    return Int64(up ? whole + 1 : whole)
  }

  private func civil(_ ended: Int64) -> (year: Int, month: Int, day: Int) {
    Instant(milliseconds: ended).day(offset: capsInGreenwich ? 0 : 28_800).civil
  }

  // MARK: - Commands

  package mutating func link(_ alias: UInt32, _ citizen: Int) {
    owner[alias] = citizen
    let mine = waiting.filter { $0.event.alias == alias }
    waiting.removeAll { $0.event.alias == alias }
    for (_, event) in mine { _ = settle(event, believed: true, released: false) }
  }

  /// What was, was not: everything of the event is struck out but its id.
  package mutating func withdraw(_ id: UInt64) -> (grams: Int64, points: Int64)? {
    guard seen[id] != nil else { return nil }
    if let before = withdrawn[id] { return before }
    done.removeAll { $0.event == id }
    rides.removeAll { $0.event == id }
    waiting.removeAll { $0.event.id == id }
    held.removeAll { $0.event.id == id }
    let was = credited[id]
    if let was {
      grams[was.citizen, default: 0] -= was.grams
      points[was.citizen, default: 0] -= was.points
      returnToBudget(was.points)
    }
    withdrawn[id] = (was?.grams ?? 0, was?.points ?? 0)
    return withdrawn[id]
  }

  package mutating func release(_ index: Int) -> Said {
    settle(held.remove(at: index).event, believed: false, released: true)
  }
}
