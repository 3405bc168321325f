// SPDX-License-Identifier: Apache-2.0

/// 排放因子: one published value: kind, area, the year it is for, document.
package struct Factor: Hashable, Sendable {
  /// `grid`, `gasoline`: the name formulas use.
  package var kind: String
  package var title: Title
  /// `sichuan`, or `nation`.
  package var area: String
  /// The year of the data, not of the publication: the most common error of the field.
  package var year: Int
  /// The year of a value that is not published by year, such as a fuel's default: it holds for all.
  package static let everyYear = 0
  package var quantity: Quantity
  package var citation: Citation
  package init(
    kind: String, title: Title, area: String, year: Int, quantity: Quantity, citation: Citation
  ) {
    self.kind = kind
    self.title = title
    self.area = area
    self.year = year
    self.quantity = quantity
    self.citation = citation
  }
}

/// 因子库: versioned rows, resolved by kind, area and the year of the behaviour.
///
/// The year rule: the value of that year; where none was published for it, the greatest earlier
/// year; where there is none earlier, the earliest one published.
package struct FactorLibrary: Sendable {
  /// The area whose values may stand for any place, for kinds that are not published by province.
  package static let nation = "nation"
  /// Kinds that differ by province. A national value is never used for them: Sichuan's grid emits
  /// 0.1564 kg/kWh and the nation's 0.5306, so a project would get 3.4 times too much.
  package static let provincialKinds: Set<String> = ["grid"]

  package private(set) var factors: [Factor]

  package init(_ factors: [Factor] = []) {
    self.factors = factors.sorted {
      ($0.kind, $0.area, $0.year) < ($1.kind, $1.area, $1.year)
    }
  }

  /// The rows of one kind for an area, by year; the nation's only where the kind allows it.
  package func rows(kind: String, area: String) -> [Factor] {
    let own = factors.filter { $0.kind == kind && $0.area == area }
    guard own.isEmpty, !FactorLibrary.provincialKinds.contains(kind) else { return own }
    return factors.filter { $0.kind == kind && $0.area == FactorLibrary.nation }
  }

  package func resolve(kind: String, area: String, year: Int) -> Factor? {
    let rows = rows(kind: kind, area: area)
    return rows.last { $0.year <= year } ?? rows.first
  }
}
