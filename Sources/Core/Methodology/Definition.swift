// SPDX-License-Identifier: Apache-2.0
import Units

/// 方法学 as its document has it: not yet bound to a scene's fields and an area's factors.
package struct Definition: Hashable, Sendable {
  package var code: String
  package var version: String
  package var title: Title
  package var citation: Citation
  package var formula: Formula
  package var parameters: [Parameter]
  package var rounding: Rounding
  /// 适用条件: where it may be used, in words.
  package var applicability: String

  package init(
    code: String, version: String, title: Title, citation: Citation, formula: Formula,
    parameters: [Parameter] = [], rounding: Rounding = .halfEven, applicability: String = ""
  ) {
    self.code = code
    self.version = version
    self.title = title
    self.citation = citation
    self.formula = formula
    self.parameters = parameters
    self.rounding = rounding
    self.applicability = applicability
  }

  /// Makes it computable: for a scene that measures `fields`, in an area.
  ///
  /// Refuses unknown names, names that mean two things, factors that the area does not have, and a
  /// formula whose result is no mass.
  package func bind(
    fields: [Field], library: FactorLibrary, area: String
  ) -> Result<Method, FormulaProblem> {
    do {
      return .success(try bound(fields, library, area))
    } catch {
      return .failure(error)
    }
  }

  private func bound(
    _ fields: [Field], _ library: FactorLibrary, _ area: String
  ) throws(FormulaProblem) -> Method {
    var scope = Scope()
    var fixed: [String: Binding] = [:]
    for (slot, field) in fields.enumerated() {
      let unit = Definition.unit(of: field)
      scope.dimensions[field.symbol] = unit.dimension
      fixed[field.symbol] = .slot(slot, scale: unit.scale)
    }
    for parameter in parameters {
      guard scope.dimensions[parameter.symbol] == nil,
        Function(rawValue: parameter.symbol) == nil
      else { throw twice(parameter.symbol) }
      scope.dimensions[parameter.symbol] = parameter.quantity.unit.dimension
      fixed[parameter.symbol] = .constant(parameter.quantity.inBases)
    }
    var kinds: [String: [Factor]] = [:]
    for name in formula.names where scope.dimensions[name] == nil {
      let rows = library.rows(kind: name, area: area)
      guard let first = rows.first else {
        if library.factors.contains(where: { $0.kind == name }) {
          throw problem(
            name, "the factor `\(name)` has no value for \(area)",
            "Add \(area)'s own rows; another area's value must not stand in for it.")
        }
        continue
      }
      guard rows.allSatisfy({ $0.quantity.unit.dimension == first.quantity.unit.dimension }) else {
        throw problem(name, "the rows of `\(name)` have different dimensions", "Give all one unit.")
      }
      scope.dimensions[name] = first.quantity.unit.dimension
      kinds[name] = rows
    }
    try formula.check(in: scope)
    return Method(Compiled(self, fields: fields, area: area, kinds: kinds, fixed: fixed))
  }

  static func unit(of field: Field) -> UnitOfMeasure {
    guard case .success(let unit) = UnitOfMeasure.parse(field.unit) else {
      preconditionFailure("Field \(field) has the unit \(field.unit): add it to UnitTable")
    }
    return unit
  }

  private func twice(_ symbol: String) -> FormulaProblem {
    problem(
      symbol, "`\(symbol)` is both a parameter and a field or function", "Rename the parameter.")
  }

  private func problem(_ name: String, _ reason: String, _ advice: String) -> FormulaProblem {
    var place = 0
    formula.node.leaves {
      if case .name(name, let at) = $0, place == 0 { place = at }
    }
    return FormulaProblem(at: place, in: formula.text, reason: reason, advice: advice)
  }
}

/// 参数: a constant of a method, with its source.
package struct Parameter: Hashable, Sendable {
  package var symbol: String
  package var title: Title
  package var quantity: Quantity
  package var citation: Citation
  package init(symbol: String, title: Title, quantity: Quantity, citation: Citation) {
    self.symbol = symbol
    self.title = title
    self.quantity = quantity
    self.citation = citation
  }
}
