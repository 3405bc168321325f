// SPDX-License-Identifier: Apache-2.0

/// The pack of the fixture world: a small city with a bus, shared bikes, a charging pole and a card
/// that is not taken any more. `Model` knows its rules by heart.
package enum TrialPack {
  /// `busRule` is put into the bus scene instead of its rule in force.
  package static func text(
    version: String = "1", busRule: String = busRule, extra: String = ""
  ) -> String { manifest(version) + methods + scenes(busRule) + extra }

  package static let busRule = """
      rule from 2020-01-01  [T]
        grams   by bus
        points  1 per 50 g           [T]
        cap     6 a day              [T]
        cap     20 a month in family [T]

    """

  private static func manifest(_ version: String) -> String {
    """
    document T  trial
    mechanism trial
      name       试验 | Trial
      city       小城 | Small City
      version    \(version)
      effective  2020-01-01  [T]
      zone       +08:00
      area       sichuan
      language   zh-CN 简体中文
      clock      5 min       [T]
    family travel
      name    出行 | Travel
      clause  [T]
    family energy
      name    能源 | Energy
      clause  [T]

    """
  }

  private static let methods = """
    method bus
      name      公交 | Bus
      version   1
      document  [T]
      applies   公交
      formula   distance * reduction
      where     reduction 30 g/km  减碳 | reduction  [T]
      rounds    half-even to gram
      example   distance 10 km -> 300 g  [T]
    method bike
      name      共享单车 | Shared bike
      version   1
      document  [T]
      applies   共享单车
      formula   distance * reduction
      where     reduction 48.7 g/km  减碳 | reduction  [T]
      rounds    half-even to gram
      example   distance 10 km -> 487 g  [T]

    """

  private static func scenes(_ busRule: String) -> String {
    """
    scene bus
      name      113路公交 | The 113 bus
      family    travel
      clause    [T]
      evidence  刷卡记录 | card record
      measures  distance, duration
      accept    distance 500 m to 50 km   [T]
      accept    speed at most 80 km/h     [T]
      exclusive travel
    \(busRule)
    scene shared-bike
      name      共享单车 | Shared bike
      family    travel
      clause    [T]
      evidence  骑行订单 | ride order
      measures  distance, duration
      vehicle   required, one use at a time
      exclusive travel
      accept    distance 500 m to 20 km  [T]
      accept    duration 2 min to 2 h    [T]
      accept    speed at most 25 km/h    [T]
      rule from 2020-01-01  [T]
        grams   by bike
        points  1 per 50 g          [T]
        cap     5 a day             [T]
        cap     20 a month in family [T]
    scene charging
      name      充电 | Charging
      family    energy
      clause    [T]
      evidence  充电订单 | charging order
      measures  energy
      accept    energy 1 kWh to 200 kWh  [T]
      rule from 2025-01-01  [T]
        grams   144 g                      [T]
        points  1 per 2 kWh of energy      [T]
        cap     10 a day                   [T]
        cap     40 a year in all           [T]
    scene card
      name      旧卡 | Old card
      family    energy
      clause    [T]
      evidence  记录 | record
      closed    yes

    """
  }
}
