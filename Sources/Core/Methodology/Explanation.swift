// SPDX-License-Identifier: Apache-2.0
import Units

/// 查看计算: how a number came about, so that anyone can compute it again by hand.
package struct Explanation: Hashable, Sendable {
  /// One value of the formula.
  package struct Line: Hashable, Sendable {
    package enum Origin: Hashable, Sendable {
      /// Measured by the partner.
      case measured(Field)
      case parameter(Title, Citation)
      /// A row of the library: of which area and data year, and whether that is the year asked for.
      case factor(Title, Citation, area: String, year: Int, note: YearNote)
    }
    package var symbol: String
    package var value: String
    package var unit: String
    package var origin: Origin
  }

  /// Why a factor of this year was used.
  package enum YearNote: Hashable, Sendable {
    case sameYear
    /// Not a value by year.
    case everyYear
    /// Nothing was published for the year of the behaviour: the latest before it.
    case latestBefore(Int)
    /// Nothing was published for that year or before it: the earliest there is.
    case earliestPublished(Int)

    package var english: String {
      switch self {
      case .sameYear: "the year of the behaviour"
      case .everyYear: "the same for every year"
      case .latestBefore(let year): "none published for \(year): the latest year before it"
      case .earliestPublished(let year): "none published up to \(year): the earliest year there is"
      }
    }
    package var chinese: String {
      switch self {
      case .sameYear: "行为发生年份"
      case .everyYear: "各年通用"
      case .latestBefore(let year): "\(year)年未公布，采用此前最近年份"
      case .earliestPublished(let year): "\(year)年及以前未公布，采用最早公布年份"
      }
    }
  }

  package var code: String
  package var version: String
  package var title: Title
  package var citation: Citation
  package var formula: String
  /// Each name of the formula once, in order of first use.
  package var lines: [Line]
  /// The formula with numbers put in: `5000 m * (48.7 g/km - 0 g/km)`.
  package var substituted: String
  /// Grams before rounding, six decimals at most; negative where the behaviour saved nothing.
  package var unrounded: String
  package var rounding: Rounding
  package var grams: Int64
}

extension Method {
  package func explain(_ values: UnsafePointer<Int64>, year: Int) -> Explanation {
    let lines = formulaNames.map { line($0, values, year) }
    return Explanation(
      code: code, version: version, title: title, citation: citation, formula: formulaText,
      lines: lines, substituted: substituted(lines),
      unrounded: decimal(compiled.table.unrounded(values, year)), rounding: rounding,
      grams: grams(values, year: year))
  }

  private var formulaNames: [String] { compiled.definition.formula.names }

  private func line(_ name: String, _ values: UnsafePointer<Int64>, _ year: Int) -> Explanation.Line
  {
    if let slot = fields.firstIndex(where: { $0.symbol == name }) {
      return Explanation.Line(
        symbol: name, value: Measured(millionths: values[slot]).description,
        unit: fields[slot].unit, origin: .measured(fields[slot]))
    }
    if let parameter = compiled.definition.parameters.first(where: { $0.symbol == name }) {
      return Explanation.Line(
        symbol: name, value: parameter.quantity.digits, unit: parameter.quantity.unit.text,
        origin: .parameter(parameter.title, parameter.citation))
    }
    guard let rows = compiled.kinds[name],
      let row = rows.last(where: { $0.year <= year }) ?? rows.first
    else { preconditionFailure("\(code) uses `\(name)`, which bind did not resolve") }
    let note: Explanation.YearNote =
      switch row.year {
      case Factor.everyYear: .everyYear
      case year: .sameYear
      case ..<year: .latestBefore(year)
      default: .earliestPublished(year)
      }
    return Explanation.Line(
      symbol: name, value: row.quantity.digits, unit: row.quantity.unit.text,
      origin: .factor(row.title, row.citation, area: row.area, year: row.year, note: note))
  }

  private func substituted(_ lines: [Explanation.Line]) -> String {
    let bytes = Array(formulaText.utf8)
    var result: [UInt8] = []
    var at = 0
    compiled.definition.formula.node.leaves { leaf in
      guard case .name(let name, let place) = leaf,
        let line = lines.first(where: { $0.symbol == name })
      else { return }
      result += bytes[at..<place]
      result += Array((line.unit == "1" ? line.value : "\(line.value) \(line.unit)").utf8)
      at = place + name.utf8.count
    }
    result += bytes[at...]
    return String(decoding: result, as: UTF8.self)
  }
}

/// A number with at most six decimals and no needless zeros, half away from zero: for reading.
func decimal(_ value: Double) -> String {
  guard value.isFinite, value.magnitude < 9e12 else {
    return value.isFinite ? "more than 9000000000000" : "no number"
  }
  return Measured(millionths: Int64(value * 1e6 + (value < 0 ? -0.5 : 0.5))).description
}
