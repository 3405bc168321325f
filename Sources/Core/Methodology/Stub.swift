import Units
package struct Method: Sendable {
  package func grams(_ values: UnsafePointer<Int64>, year: Int) -> Int64 { values[0] * 487 / 10_000_000_000 }
  package init() {}
}
