// SPDX-License-Identifier: Apache-2.0
import Units

/// 演示数据: an invented citizen and their habits. Everything follows from the seed and the number.
struct DemoCitizen: Sendable {
  enum Commute: Sendable { case metro, bus, bike, ebike, fuelCar, electricCar, none }

  var number: Int
  var name: String
  /// Begins with 154, which no network used when this was written; nothing is sent to it anyway.
  var phone: String
  var commute: Commute
  var commuteMetres: Int
  /// Minute of the day at which they leave home on working days.
  var leaves: Int
  var plate: String?
  /// Rides a shared bike to the station, so many times in ten thousand trips.
  var bikesToStation: Int
  var sortsWaste: Int
  var cleansPlate: Int
  var reads: Int
  var volunteers: Int
  var leavesCarAtHome: Int
  /// Days between two charges.
  var chargesEvery: Int

  init(seed: UInt64, number: Int) {
    var dice = DemoDice(seed: seed, 1, number)
    self.number = number
    name = DemoCitizen.name(&dice)
    phone = "1540" + padded(number, 7)
    // Kilometres to work by tenths of the people, from the nearest to the farthest.
    let far = [900, 1800, 3000, 4200, 5600, 7200, 9200, 11_800, 15_500, 21_000, 38_000]
    let share = dice.pick(1...100)
    switch share {
    case ...33: commute = .metro
    case ...53: commute = .bus
    case ...62: commute = .bike
    case ...68: commute = .ebike
    case ...81: commute = .fuelCar
    case ...91: commute = .electricCar
    default: commute = .none
    }
    switch commute {
    case .bike: commuteMetres = dice.quantile([700, 1100, 1600, 2200, 3000, 4200, 6500])
    case .ebike: commuteMetres = dice.quantile([1200, 2400, 3600, 5200, 8000, 12_000])
    case .metro: commuteMetres = max(1800, dice.quantile(far))
    default: commuteMetres = dice.quantile(far)
    }
    // Offices open at nine, factories and schools before; few people begin at noon.
    leaves = dice.quantile([380, 425, 450, 465, 480, 490, 505, 525, 570, 690])
    let letters = Array("ABCDEFGHJKLMNPQRSTUVWXYZ")
    let mark = "\(letters[dice.pick(0...23)])\(padded(dice.pick(0...9999), 4))"
    switch commute {
    case .fuelCar: plate = "川A·演\(mark)"
    case .electricCar: plate = "川A·演D\(mark)"
    default: plate = nil
    }
    bikesToStation = dice.chance(3500) ? dice.pick(2000...8000) : 300
    sortsWaste = dice.chance(4500) ? dice.pick(1500...5000) : 100
    cleansPlate = dice.chance(2500) ? dice.pick(2000...6000) : 150
    reads = dice.chance(2000) ? dice.pick(500...2500) : 60
    volunteers = dice.chance(600) ? dice.pick(800...2500) : 0
    leavesCarAtHome = dice.chance(4000) ? dice.pick(800...2500) : 0
    chargesEvery = dice.pick(2...6)
  }

  private static func name(_ dice: inout DemoDice) -> String {
    let families = Array("王李张刘陈杨黄赵周吴徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余")
    let given = Array("一子文欣宇雨佳思嘉明晨梓浩静婷芳伟强磊洋勇艳杰娟涛超霞平刚桂英华玉兰建国志红蓉川岷锦")
    let first = String(given[dice.pick(0...given.count - 1)])
    let second = dice.chance(7500) ? String(given[dice.pick(0...given.count - 1)]) : ""
    return String(families[dice.pick(0...families.count - 1)]) + first + second
  }
}
