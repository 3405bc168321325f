// SPDX-License-Identifier: Apache-2.0
import Units

/// 演示数据: one invented citizen's day.
struct DemoDiary {
  /// Chengdu's, all year round.
  static let zone: Int32 = 28_800
  static let bikes = 9000

  private(set) var events: [DemoEvent] = []
  private(set) var wrong = DemoMonth.Wrong()

  private let citizen: DemoCitizen
  private let day: Day
  private let rain: Bool
  private let daysDone: Int
  private var dice: DemoDice
  private var count = 0

  init(_ citizen: DemoCitizen, day: Day, rain: Bool, seed: UInt64, daysDone: Int) {
    self.citizen = citizen
    self.day = day
    self.rain = rain
    self.daysDone = daysDone
    dice = DemoDice(seed: seed, 3, citizen.number, Int(day.number))
  }

  mutating func live() {
    // 1970-01-01 was a Thursday.
    let weekday = (Int(day.number) % 7 + 11) % 7
    let works = (1...5).contains(weekday)
    if works, dice.chance(9300) {
      commute()
    } else if dice.chance(works ? 1500 : 4500) {
      outing()
    }
    charge()
    errands(works: works)
  }

  /// To work and back, at rush hour.
  private mutating func commute() {
    let out = dice.around(citizen.leaves, within: 18)
    let back = dice.around(citizen.leaves + 570, within: 75)
    if citizen.commute == .fuelCar, dice.chance(citizen.leavesCarAtHome) {
      report(
        .noDrivingDay, from: 23 * 60 + 50, seconds: dice.pick(0...599), vehicle: citizen.plate,
        [Reading(.days, Measured(1))])
      ride(.metro, at: out, metres: max(1800, citizen.commuteMetres))
      ride(.metro, at: back, metres: max(1800, citizen.commuteMetres))
      return
    }
    for minute in [out, back] {
      switch citizen.commute {
      case .metro:
        let station = rain ? citizen.bikesToStation / 5 : citizen.bikesToStation
        let bikes = dice.chance(station)
        if bikes {
          ride(.sharedBike, at: minute - 14, metres: dice.quantile([550, 900, 1300, 2400]))
        }
        ride(.metro, at: minute, metres: citizen.commuteMetres)
      case .bus: ride(.bus, at: minute, metres: citizen.commuteMetres)
      case .bike:
        ride(rain ? .bus : .sharedBike, at: minute, metres: citizen.commuteMetres)
      case .ebike:
        ride(rain ? .bus : .sharedEbike, at: minute, metres: citizen.commuteMetres)
      case .fuelCar, .electricCar, .none: break
      }
    }
  }

  /// Somewhere nice, and home again.
  private mutating func outing() {
    let metres = dice.quantile([1200, 2500, 4500, 8000, 14_000, 32_000])
    let minute = dice.around(14 * 60, within: 300)
    let scene: DemoScene =
      metres < 3000 && !rain ? .sharedBike : dice.chance(6500) ? .metro : .bus
    ride(scene, at: minute, metres: max(metres, scene == .metro ? 1800 : 900))
    let stay = dice.pick(60...240)
    ride(scene, at: min(minute + stay, 22 * 60), metres: max(metres, scene == .metro ? 1800 : 900))
    if dice.chance(citizen.reads * 2) {
      report(dice.chance(6000) ? .library : .museum, from: minute + stay - 10)
    }
  }

  /// A ride that begins at a minute of the day; the way varies a little, the speed with the hour.
  private mutating func ride(_ scene: DemoScene, at minute: Int, metres: Int) {
    var metres = metres + metres * dice.pick(-40...40) / 1000
    let rush = (440...560).contains(minute) || (1020...1140).contains(minute)
    // Metres a minute, door to door of the vehicle.
    let speed: Int
    switch scene {
    case .metro: speed = dice.pick(520...680)
    case .sharedBike: speed = dice.pick(150...235)
    case .sharedEbike: speed = dice.pick(230...330)
    default: speed = rush ? dice.pick(190...270) : dice.pick(260...380)
    }
    var seconds = max(90, metres * 60 / speed) + dice.pick(0...59)
    var vehicle: String?
    if scene == .sharedBike || scene == .sharedEbike {
      vehicle = "demo-bike-\(padded(dice.pick(1...DemoDiary.bikes), 5))"
      if dice.chance(25) {
        metres *= dice.pick(6...15)
        wrong.tooFast += metres * 3600 > seconds * 25_000 ? 1 : 0
      } else if dice.chance(60) {
        metres = dice.pick(3...40)
        seconds = dice.pick(12...80)
        wrong.tooShort += 1
      }
    }
    // Odometers show centimetres.
    let distance = Measured(
      millionths: Int64(metres) * 1_000_000 + Int64(dice.pick(0...99)) * 10_000)
    report(
      scene, from: minute, seconds: seconds, vehicle: vehicle,
      [Reading(.distanceMetres, distance), Reading(.durationSeconds, Measured(Int64(seconds)))])
    if scene == .metro, dice.chance(120) { reportAgain(by: .rail) }
    if dice.chance(40) { reportAgain(by: nil) }
  }

  /// Every few days, mostly overnight at home, sometimes at a fast charger by the way.
  private mutating func charge() {
    guard citizen.commute == .electricCar,
      (daysDone + citizen.number) % citizen.chargesEvery == 0
    else { return }
    let wattHours = dice.pick(9_000...52_000)
    let fast = dice.chance(3000)
    let watts = fast ? dice.pick(38_000...110_000) : dice.pick(5_800...7_000)
    let seconds = wattHours * 3600 / watts + dice.pick(30...300)
    let minute = fast ? dice.around(15 * 60, within: 300) : dice.around(20 * 60, within: 120)
    report(
      .charging, from: minute, seconds: seconds, vehicle: citizen.plate,
      [
        Reading(.energyWattHours, Measured(Int64(wattHours))),
        Reading(.durationSeconds, Measured(Int64(seconds))),
      ])
  }

  private mutating func errands(works: Bool) {
    if dice.chance(citizen.cleansPlate) {
      let meal = dice.chance(6000) ? dice.around(12 * 60 + 40, within: 50) : 18 * 60 + 50
      report(.cleanPlate, from: meal, seconds: dice.pick(0...900))
    }
    if dice.chance(citizen.sortsWaste) {
      let grams = dice.quantile([150, 400, 700, 1200, 2100, 4000, 9000])
      report(
        .wasteSorting, from: dice.around(19 * 60 + 40, within: 100),
        [Reading(.massGrams, Measured(Int64(grams)))])
    }
    if dice.chance(works ? citizen.reads / 2 : citizen.reads) {
      report(.library, from: dice.around(16 * 60, within: 200))
    }
    if !works, dice.chance(citizen.volunteers) {
      let seconds = dice.pick(60...240) * 60
      report(
        .volunteering, from: 9 * 60 + 30, seconds: seconds,
        [Reading(.durationSeconds, Measured(Int64(seconds)))])
    }
    if works, dice.chance(170) {
      report(
        dice.chance(5500) ? .housingFund : .socialSecurity,
        from: dice.around(14 * 60, within: 240))
    }
  }

  /// Writes an event down that began at `minute` and took `seconds`.
  private mutating func report(
    _ scene: DemoScene, from minute: Int, seconds: Int = 0, vehicle: String? = nil,
    _ values: [Reading] = []
  ) {
    count += 1
    let start = day.start(offset: DemoDiary.zone)
    let end = start.milliseconds + Int64(minute * 60 + seconds) * 1000
    events.append(
      DemoEvent(
        scene: scene, partner: scene.partner, id: id(count),
        subject: scene.partner.subject(of: citizen.number),
        time: Instant(milliseconds: end), vehicle: vehicle, values: values))
  }

  private func id(_ count: Int) -> String {
    "demo-\(day)-\(padded(citizen.number, 5))-\(padded(count, 2))"
  }

  /// The last event once more: by another partner under an id of its own, or just as it was.
  private mutating func reportAgain(by partner: DemoPartner?) {
    guard var event = events.last else { return }
    if let partner {
      count += 1
      event.partner = partner
      event.id = id(count)
      event.subject = partner.subject(of: citizen.number)
      wrong.byTwo += 1
    } else {
      wrong.again += 1
    }
    events.append(event)
  }
}
