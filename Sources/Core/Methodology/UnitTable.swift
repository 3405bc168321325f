// SPDX-License-Identifier: Apache-2.0

/// The units and prefixes a pack may write. Add a unit here, and a line to `Docs/packs.md`.
enum UnitTable {
  static func named(_ name: String) -> UnitOfMeasure? { all[name] }

  private static let all: [String: UnitOfMeasure] = {
    var table: [String: UnitOfMeasure] = [:]
    for row in rows {
      for (prefix, factor) in [("", 1.0)] + row.prefixes {
        let name = prefix + row.name
        table[name] = UnitOfMeasure(
          dimension: row.dimension, scale: row.scale * factor, text: name)
      }
    }
    return table
  }()

  private typealias Row = (
    name: String, dimension: Dimension, scale: Double, prefixes: [(String, Double)]
  )

  private static let kilo = ("k", 1e3)
  private static let mega = ("M", 1e6)
  private static let giga = ("G", 1e9)
  private static let tera = ("T", 1e12)
  private static let milli = ("m", 1e-3)
  private static let centi = ("c", 1e-2)

  private static let rows: [Row] =
    [
      ("m", Dimension(.length), 1, [kilo, centi, milli]),
      ("s", Dimension(.time), 1, [milli]),
      ("min", Dimension(.time), 60, []),
      ("h", Dimension(.time), 3600, []),
      ("d", Dimension(.time), 86_400, []),
      ("g", .mass, 1, [kilo, milli]),
      ("t", .mass, 1e6, [kilo, mega]),
      ("Wh", Dimension(.energy), 1, [kilo, mega, giga]),
      ("W", Dimension(.energy) / Dimension(.time), 1.0 / 3600, [kilo, mega]),
      ("J", Dimension(.energy), 1.0 / 3600, [kilo, mega, giga, tera]),
      ("L", Dimension(.volume), 1, [milli]),
      ("m3", Dimension(.volume), 1000, []),
      ("Nm3", Dimension(.volume), 1000, []),
      ("m2", Dimension(.area), 1, []),
      ("ha", Dimension(.area), 10_000, []),
      ("mu", Dimension(.area), 10_000.0 / 15, []),
      ("yuan", Dimension(.money), 1, []),
      ("fen", Dimension(.money), 0.01, []),
      ("%", .none, 0.01, []),
    ] + counted.map { ($0, .none, 1, []) }

  /// Things that are counted.
  private static let counted = [
    "person", "trip", "step", "page", "piece", "time", "household", "point",
  ]
}
