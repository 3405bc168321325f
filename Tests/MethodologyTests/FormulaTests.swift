// SPDX-License-Identifier: Apache-2.0
import Methodology
import Testing
import Units

@Suite("formulas are refused with the place and both sides in words")
struct FormulaTests {
  struct Refused: CustomTestStringConvertible, Sendable {
    var formula: String
    var line = 1
    var column: Int
    var says: [String]
    var testDescription: String { formula }
  }

  static let parameters = [
    ("baseline", "48.7 g/km"), ("ride", "3 g/km"), ("price", "2 yuan/kWh"), ("share", "23%"),
  ]
  static let fields: [Field] = [.distanceMetres, .durationSeconds, .energyWattHours, .steps]

  @Test(arguments: [
    Refused(formula: "energy * baseline", column: 8, says: ["energy", "mass per length"]),
    Refused(formula: "distance + energy", column: 10, says: ["length", "energy"]),
    Refused(
      formula: "distance * (baseline - grid)", column: 22,
      says: ["mass per length", "mass per energy"]),
    Refused(formula: "baseline", column: 1, says: ["mass per length", "mass"]),
    Refused(formula: "distance * distance * baseline", column: 21, says: ["length squared"]),
    Refused(formula: "distance *\n  (baseline - price)", line: 2, column: 13, says: ["money"]),
    Refused(formula: "distance * bazeline", column: 12, says: ["bazeline", "baseline"]),
    Refused(formula: "max(distance, energy) * baseline", column: 1, says: ["length", "energy"]),
    Refused(formula: "floor(distance) * 1 g", column: 1, says: ["floor", "length"]),
    Refused(
      formula: "if distance > 2 kWh then 1 g else 2 g", column: 1, says: ["length", "energy"]),
    Refused(formula: "if distance > 2 km then 1 g else 2 m", column: 1, says: ["mass", "length"]),
    Refused(formula: "distance * 48.7 g/parsec", column: 19, says: ["parsec"]),
    Refused(formula: "distance * 48.7 kWhCO2/km", column: 17, says: ["CO2"]),
    Refused(formula: "distance * (baseline", column: 12, says: ["bracket"]),
    Refused(formula: "distance * baseline)", column: 20, says: [")"]),
    Refused(formula: "distance baseline", column: 10, says: ["cannot follow"]),
    Refused(formula: "distance * * baseline", column: 12, says: ["missing"]),
    Refused(formula: "distance * 4.7.1 g/km", column: 12, says: ["4.7.1"]),
    Refused(formula: "distance ^ 2.5 * baseline", column: 13, says: ["cannot follow"]),
    Refused(formula: "distance ^ 0 * baseline", column: 10, says: ["power"]),
    Refused(formula: "clamp(distance, 1 km) * baseline", column: 1, says: ["3 values", "has 2"]),
    Refused(formula: "min distance", column: 1, says: ["brackets"]),
    Refused(formula: "", column: 1, says: ["missing"]),
    Refused(formula: "里程 * baseline", column: 1, says: ["里程"]),
  ])
  func refused(_ row: Refused) throws {
    do {
      _ = try method(
        row.formula, Self.parameters, fields: Self.fields,
        factors: [factor("grid", "sichuan", 2023, "0.1564 kg/kWh")])
      Issue.record("`\(row.formula)` was taken")
    } catch let problem as FormulaProblem {
      #expect(problem.line == row.line)
      #expect(problem.column == row.column, "\(problem)")
      for word in row.says { #expect("\(problem)".contains(word), "\(problem)") }
      #expect(!problem.advice.isEmpty)
    }
  }

  @Test(
    "every function, operator and comparison gives what arithmetic gives",
    arguments: [
      ("distance * baseline", 244),  // 5 km * 48.7
      ("-distance * baseline + 300 g", 56),  // 300 - 243.5 = 56.5, the even one
      ("distance * (baseline - ride) * share", 53),  // 228.5 * 0.23 = 52.555
      ("min(distance, 2 km) * baseline", 97),
      ("max(distance, 7 km) * baseline", 341),
      ("clamp(distance, 1 km, 3 km) * baseline", 146),
      ("clamp(distance, 6 km, 9 km) * baseline", 292),
      ("abs(ride - baseline) * distance", 228),  // 228.5
      ("floor(steps / 500) * 8.2 g", 164),  // 10,250 steps: 20 times
      ("floor(distance / 0.1 km) * 1 g", 50),
      ("if distance >= 5 km then 7 g else 9 g", 7),
      ("if distance > 5 km then 7 g else 9 g", 9),
      ("if steps < 500 then 0 g else if steps <= 20000 then 74 g else 296 g", 74),
      ("(distance / 1 km) ^ 2 * 3 g", 75),
      ("distance ^ 2 / 1 km * baseline", 1218),  // 25 km * 48.7 = 1217.5
      ("energy * grid", 1564),  // 10 kWh
      ("energy * 0.3 kgCO2e/kWh", 3000),
      ("energy * 100 t/TJ", 3600),  // 36 MJ * 100 kg/GJ
      ("distance * 7 L/100km * 0.725 kg/L * 2 kg/kg", 508),  // 0.35 L, 0.25375 kg, 507.5
      ("50% * distance * baseline", 122),
      ("duration * 1 g/min", 20),
    ])
  func arithmetic(_ formula: String, _ grams: Int64) throws {
    let method = try method(
      formula, Self.parameters, fields: Self.fields,
      factors: [factor("grid", "sichuan", 2023, "0.1564 kg/kWh")])
    let result = method.grams(Measured(5000), Measured(1200), Measured(10_000), Measured(10_250))
    #expect(result == grams)
  }

  @Test("what is negative or no number earns nothing, and nothing traps")
  func nothing() throws {
    let loss = try method("distance * (ride - baseline)", Self.parameters)
    #expect(loss.grams(Measured(5000)) == 0)
    #expect(loss.exact(Measured(5000)) == "-228.5")
    let divided = try method("1 g * 1 km / distance")
    #expect(divided.grams(Measured(0)) == 9_000_000_000_000_000)
    #expect(try method("(distance / distance) * 1 g").grams(Measured(0)) == 0)
    #expect(
      try method("distance ^ 9 / 1 km^4 / 1 km^4 * 1000 t/m").grams(Measured(.max / 1_000_000)) > 0)
    #expect(try method("distance * 1 g/m").grams(Measured(millionths: .min)) == 0)
  }

  @Test("rounding down keeps whole grams that binary cannot hold")
  func down() throws {
    let down = try method("distance * 0.1 g/m", rounding: .down)
    #expect(down.grams(Measured(millionths: 30_000_000)) == 3)
    #expect(down.grams(Measured(millionths: 39_999_999)) == 3)
    #expect(down.grams(Measured(millionths: 40_000_000)) == 4)
  }

  @Test("a ride's grams equal whole-number arithmetic, for any distance and factor")
  func exact() throws {
    var random = SplitMix(seed: 20_260_301)
    for _ in 0..<400 {
      let tenths = Int64.random(in: 1...4000, using: &random)
      let baseline = "\(tenths / 10).\(tenths % 10) g/km"
      let ride = try method("distance * baseline", [("baseline", baseline)])
      for _ in 0..<50 {
        // To the millimetre, so that exact halves are common.
        let millimetres = Int64.random(in: 0...200_000_000, using: &random)
        // distance in mm * tenths of g/km = grams * 10^7
        let (quotient, rest) = (millimetres * tenths).quotientAndRemainder(dividingBy: 10_000_000)
        let up = rest > 5_000_000 || (rest == 5_000_000 && quotient % 2 == 1)
        #expect(
          ride.grams(Measured(millionths: millimetres * 1000)) == quotient + (up ? 1 : 0),
          "\(millimetres) mm at \(baseline)")
      }
    }
  }

  @Test("no text, however strange, traps the parser")
  func strange() {
    var random = SplitMix(seed: 7)
    let pieces = [
      "distance", "(", ")", "*", "/", "-", "+", "^", "48.7", "g/km", "g/(person km)", " ", "min(",
      "if ", " then ", " else ", ">", ",", "里程", "\n", "%", "0", "9", "\u{0}", "é", "CO2", "..",
    ]
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...14, using: &random)
      let text = (0..<count).map { _ in pieces.randomElement(using: &random)! }.joined()
      if case .success(let formula) = Formula.parse(text) { #expect(formula.text == text) }
      _ = UnitOfMeasure.parse(text)
      _ = Quantity.parse(text)
    }
    let deep = String(repeating: "(", count: 900) + "1 g" + String(repeating: ")", count: 900)
    guard case .failure = Formula.parse(deep) else {
      Issue.record("900 brackets were taken")
      return
    }
    _ = Formula.parse(String(repeating: "distance*", count: 300))
    _ = Formula.parse(String(repeating: "-", count: 1900))
  }
}

/// A seeded generator, so that a failure can be run again.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
