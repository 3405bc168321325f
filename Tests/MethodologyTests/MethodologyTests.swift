// SPDX-License-Identifier: Apache-2.0
import Methodology
import Testing
import Units

/// The nearest thing to a person: formula, parameters, fields, measured values in, grams out.
func method(
  _ formula: String, _ parameters: [(String, String)] = [], fields: [Field] = [.distanceMetres],
  factors: [Factor] = [], area: String = "sichuan", rounding: Rounding = .halfEven
) throws -> Method {
  let definition = Definition(
    code: "trial", version: "1", title: Title("试", "trial"), citation: Citation(.sourced, "trial"),
    formula: try Formula.parse(formula).get(),
    parameters: try parameters.map {
      Parameter(
        symbol: $0.0, title: Title($0.0, $0.0), quantity: try Quantity.parse($0.1).get(),
        citation: Citation(.sourced, "trial"))
    }, rounding: rounding)
  return try definition.bind(fields: fields, library: FactorLibrary(factors), area: area).get()
}

func factor(_ kind: String, _ area: String, _ year: Int, _ value: String) throws -> Factor {
  Factor(
    kind: kind, title: Title(kind, kind), area: area, year: year,
    quantity: try Quantity.parse(value).get(), citation: Citation(.sourced, "公告2025年第47号"))
}

extension Method {
  func grams(_ values: Measured..., in year: Int = 2023) -> Int64 {
    values.map(\.millionths).withUnsafeBufferPointer { grams($0.baseAddress!, year: year) }
  }
  func explain(_ values: Measured..., in year: Int = 2023) -> Explanation {
    values.map(\.millionths).withUnsafeBufferPointer { explain($0.baseAddress!, year: year) }
  }
  func exact(_ values: Measured..., in year: Int = 2023) -> String {
    values.map(\.millionths).withUnsafeBufferPointer {
      explain($0.baseAddress!, year: year).unrounded
    }
  }
}

@Test("a ride of 5 km saves 243.5 g, and a half goes to the even gram")
func tie() throws {
  let ride = try method("distance * (baseline - 0 g/km)", [("baseline", "48.7 g/km")])
  #expect(ride.grams(Measured(5000)) == 244)
  #expect(ride.grams(Measured(15_000)) == 730)
  #expect(ride.grams(Measured(25_000)) == 1218)
  #expect(ride.exact(Measured(5000)) == "243.5")
  #expect(ride.grams(Measured(3200)) == 156)
  #expect(ride.exact(Measured(3200)) == "155.84")
}
