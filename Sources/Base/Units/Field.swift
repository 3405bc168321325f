// SPDX-License-Identifier: Apache-2.0

/// 监测参数: what a report can measure. The name carries the unit, as in the API's `data` object.
///
/// Numbers are written into facts: a case is never renumbered, a new one goes at the end (at most
/// 15).
public enum Field: UInt8, CaseIterable, Sendable {
  case distanceMetres = 1
  case durationSeconds
  case energyWattHours
  case massGrams
  case waterLitres
  case gasCubicMetres
  case steps
  case count
  case days
  case persons
  case pages

  public var name: String { "\(self)" }

  /// The unit as formulas write it.
  public var unit: String {
    switch self {
    case .distanceMetres: "m"
    case .durationSeconds: "s"
    case .energyWattHours: "Wh"
    case .massGrams: "g"
    case .waterLitres: "L"
    case .gasCubicMetres: "m3"
    case .days: "d"
    case .steps, .count, .persons, .pages: "1"
    }
  }

  /// The name as formulas write it: `distance` for `distanceMetres`.
  public var symbol: String {
    switch self {
    case .distanceMetres: "distance"
    case .durationSeconds: "duration"
    case .energyWattHours: "energy"
    case .massGrams: "mass"
    case .waterLitres: "water"
    case .gasCubicMetres: "gas"
    case .steps, .count, .days, .persons, .pages: name
    }
  }

  public init?(name: String) {
    guard let field = Field.allCases.first(where: { $0.name == name }) else { return nil }
    self = field
  }
}
