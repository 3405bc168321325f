// SPDX-License-Identifier: Apache-2.0
import Methodology
import Testing
import Units

@Suite("a factor is the area's own, of the year of the behaviour")
struct FactorTests {
  static func sichuan() throws -> [Factor] {
    [
      try factor("grid", "sichuan", 2021, "0.1255 kg/kWh"),
      try factor("grid", "sichuan", 2023, "0.1564 kg/kWh"),
      try factor("grid", "nation", 2022, "0.5366 kg/kWh"),
      try factor("gasoline", "nation", Factor.everyYear, "2.9251 kg/kg"),
    ]
  }

  @Test(
    "that year's; else the latest before it; else the earliest there is",
    arguments: [
      (2023, 156_400, Explanation.YearNote.sameYear, 2023),
      (2022, 125_500, .latestBefore(2022), 2021),
      (2030, 156_400, .latestBefore(2030), 2023),
      (2010, 125_500, .earliestPublished(2010), 2021),
    ])
  func year(_ year: Int, _ grams: Int64, _ note: Explanation.YearNote, _ used: Int) throws {
    let solar = try method(
      "energy * grid", fields: [.energyWattHours], factors: try Self.sichuan())
    let explanation = solar.explain(Measured(1_000_000), in: year)
    #expect(explanation.grams == grams)
    guard case .factor(_, let citation, "sichuan", used, note) = explanation.lines[1].origin else {
      Issue.record("\(explanation.lines)")
      return
    }
    #expect(citation.document == "公告2025年第47号")
  }

  @Test("the nation's grid never stands in for a province's")
  func nation() throws {
    #expect(throws: FormulaProblem.self) {
      try method(
        "energy * grid", fields: [.energyWattHours], factors: try Self.sichuan(), area: "gansu")
    }
    let library = FactorLibrary(try Self.sichuan())
    #expect(library.resolve(kind: "grid", area: "gansu", year: 2022) == nil)
    #expect(library.resolve(kind: "gasoline", area: "gansu", year: 1999)?.quantity.value == 2.9251)
  }

  @Test("rows of different dimensions are refused")
  func dimensions() throws {
    let rows = [
      try factor("grid", "sichuan", 2021, "0.1255 kg/kWh"),
      try factor("grid", "sichuan", 2022, "0.1404 kg/km"),
    ]
    #expect(throws: FormulaProblem.self) {
      try method("energy * grid", fields: [.energyWattHours], factors: rows)
    }
  }
}

@Suite("published and computed examples come out")
struct WorkedExampleTests {
  static let car = [
    ("fuelUse", "7.0 L/100km"), ("density", "0.725 kg/L"), ("powerUse", "15 kWh/100km"),
    ("gasoline", "2.9251 kg/kg"),
  ]

  @Test("Shenzhen: metro 12.4 km and bus 6.1 km are 743.17 g")
  func shenzhen() throws {
    let metro = try method("distance * reduction", [("reduction", "46.7 g/(person km)")])
    let bus = try method("distance * reduction", [("reduction", "26.9 g/(person km)")])
    #expect(metro.exact(Measured(12_400)) == "579.08")
    #expect(bus.exact(Measured(6100)) == "164.09")
  }

  @Test("Shanghai by emission factors: metro 1202.8 g, bus 402.6 g")
  func shanghai() throws {
    let metro = try method("distance * (base - own)", [("base", "130 g/km"), ("own", "33 g/km")])
    let bus = try method("distance * (base - own)", [("base", "130 g/km"), ("own", "64 g/km")])
    #expect(metro.exact(Measured(12_400)) == "1202.8")
    #expect(bus.exact(Measured(6100)) == "402.6")
  }

  @Test("3.2 km: bike 155.84 g, e-bike 197.76 g")
  func cycling() throws {
    let bike = try method("distance * reduction", [("reduction", "48.7 g/km")])
    let ebike = try method("distance * reduction", [("reduction", "61.8 g/km")])
    #expect(bike.exact(Measured(3200)) == "155.84")
    #expect(ebike.exact(Measured(3200)) == "197.76")
  }

  @Test(
    "1000 MWh of solar power by province",
    arguments: [
      ("sichuan", "0.1564 kg/kWh", 156_400_000), ("guangdong", "0.4419 kg/kWh", 441_900_000),
      ("gansu", "0.4471 kg/kWh", 447_100_000),
    ])
  func solar(_ area: String, _ value: String, _ grams: Int64) throws {
    let solar = try method(
      "energy * grid", fields: [.energyWattHours], factors: [factor("grid", area, 2023, value)],
      area: area)
    #expect(solar.grams(Measured(1_000_000_000)) == grams)
  }

  @Test("one day of 30 km without the car is 4,453 g; old clothes of 5 kg are 6,400 g")
  func others() throws {
    let stop = try method(
      "days * daily * fuelUse * density * gasoline", Self.car + [("daily", "30 km/d")],
      fields: [.days])
    #expect(stop.grams(Measured(1)) == 4453)
    let clothes = try method("mass * reduction", [("reduction", "1280 g/kg")], fields: [.massGrams])
    #expect(clothes.grams(Measured(5000)) == 6400)
  }

  @Test("12,000 km by electric car: Sichuan 1,499.87 kg, Guangdong 985.9 kg")
  func electric() throws {
    let formula = "distance * (fuelUse * density * gasoline - powerUse * grid)"
    let sichuan = try method(
      formula, Self.car, factors: [factor("grid", "sichuan", 2023, "0.1564 kg/kWh")])
    #expect(sichuan.grams(Measured(12_000_000)) == 1_499_866)
    let guangdong = try method(
      formula, Self.car, factors: [factor("grid", "guangdong", 2023, "0.4419 kg/kWh")],
      area: "guangdong")
    #expect(guangdong.grams(Measured(12_000_000)) == 985_966)
  }

  @Test("a boiler from gas to power: 74.64 t in Sichuan, nothing in Guangdong")
  func boiler() throws {
    let formula = "gas * naturalGas - energy * grid"
    let fields: [Field] = [.gasCubicMetres, .energyWattHours]
    let gas = [("naturalGas", "2.154 kg/Nm3")]
    let sichuan = try method(
      formula, gas, fields: fields, factors: [factor("grid", "sichuan", 2023, "0.1564 kg/kWh")])
    #expect(sichuan.grams(Measured(100_000), Measured(900_000_000)) == 74_640_000)
    let guangdong = try method(
      formula, gas, fields: fields, factors: [factor("grid", "guangdong", 2023, "0.4419 kg/kWh")],
      area: "guangdong")
    #expect(guangdong.grams(Measured(100_000), Measured(900_000_000)) == 0)
    #expect(guangdong.exact(Measured(100_000), Measured(900_000_000)) == "-182310000")
  }
}

@Test("an explanation can be computed again by hand")
func explanation() throws {
  let charging = try method(
    "energy * (fuelUse * density * gasoline / powerUse - grid)",
    WorkedExampleTests.car.dropLast(), fields: [.durationSeconds, .energyWattHours],
    factors: try FactorTests.sichuan())
  let told = charging.explain(Measured(28_800), Measured(10_000), in: 2023)
  #expect(
    told.substituted
      == "10000 Wh * (7.0 L/100km * 0.725 kg/L * 2.9251 kg/kg / 15 kWh/100km - 0.1564 kg/kWh)")
  // 7 / 100 * 0.725 * 2925.1 / 0.15 = 989.658833..., less 156.4, times 10
  #expect(told.unrounded == "8332.588333")
  #expect(told.grams == 8333)
  #expect(told.rounding.rawValue == "half-even to gram")
  #expect(
    told.lines.map(\.symbol) == ["energy", "fuelUse", "density", "gasoline", "powerUse", "grid"])
  #expect(told.lines[0].value == "10000")
  #expect(told.lines[0].unit == "Wh")
  #expect(told.lines[0].origin == .measured(.energyWattHours))
}
