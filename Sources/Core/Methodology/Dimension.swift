// SPDX-License-Identifier: Apache-2.0

/// 量纲: what kind of thing a number is. Exponents of eight bases.
///
/// Energy, volume and area are bases of their own and not products of mass, length and time: then
/// `kg/kWh` is "mass per energy", as a reader expects, and not a curious speed. The price is that a
/// length times a length is no area here; no methodology so far needs that.
package struct Dimension: Hashable, Sendable {
  package enum Base: Int, CaseIterable, Sendable {
    case mass, length, time, energy, volume, area, money, reserved
  }

  var exponents: SIMD8<Int16>

  init(_ exponents: SIMD8<Int16>) { self.exponents = exponents }

  package init(_ base: Base) {
    exponents = .zero
    exponents[base.rawValue] = 1
  }

  package static let none = Dimension(SIMD8<Int16>.zero)
  package static let mass = Dimension(.mass)

  static func * (a: Dimension, b: Dimension) -> Dimension {
    Dimension(a.exponents &+ b.exponents)
  }
  static func / (a: Dimension, b: Dimension) -> Dimension {
    Dimension(a.exponents &- b.exponents)
  }
  func power(_ exponent: Int) -> Dimension {
    Dimension(exponents &* SIMD8(repeating: Int16(truncatingIfNeeded: exponent)))
  }

  /// False for exponents that no formula of this world has. Checked after every step, so that the
  /// sixteen bits never wrap.
  var isSensible: Bool { exponents.max() <= 12 && exponents.min() >= -12 }
}

extension Dimension: CustomStringConvertible {
  /// `mass per length`, `length squared per time`, `a plain number`.
  package var description: String {
    var above: [String] = []
    var below: [String] = []
    for base in Base.allCases {
      let exponent = Int(exponents[base.rawValue])
      let name = "\(base)" + Dimension.suffix(abs(exponent))
      if exponent > 0 { above.append(name) }
      if exponent < 0 { below.append(name) }
    }
    if above.isEmpty, below.isEmpty { return "a plain number" }
    let head = above.isEmpty ? "number" : above.joined(separator: " times ")
    return below.isEmpty ? head : head + " per " + below.joined(separator: " and ")
  }

  private static func suffix(_ exponent: Int) -> String {
    switch exponent {
    case 0, 1: ""
    case 2: " squared"
    case 3: " cubed"
    default: " to the power \(exponent)"
    }
  }
}
