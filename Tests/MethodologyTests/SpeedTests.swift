// SPDX-License-Identifier: Apache-2.0
import CAllocations
import Methodology
import Testing
import Units

private func allocations(during body: () -> Void) -> Int {
  let before = allocations_of_this_thread()
  body()
  return allocations_of_this_thread() - before
}

@Suite("the hot path", .serialized)
struct SpeedTests {
  static func methods() throws -> [(String, Method)] {
    [
      ("linear", try method("distance * (b - 0 g/km)", [("b", "48.7 g/km")])),
      (
        "by year",
        try method(
          "energy * grid", fields: [.energyWattHours],
          factors: (2015...2023).map { try factor("grid", "sichuan", $0, "0.1564 kg/kWh") })
      ),
      (
        "two fields",
        try method(
          "distance * m + duration * s",
          [("m", "1 g/km"), ("s", "1 g/h")], fields: [.distanceMetres, .durationSeconds])
      ),
      (
        "branch",
        try method(
          "if distance > 2 km then clamp(distance, 1 km, 9 km) * b else 0 g", [("b", "48.7 g/km")])
      ),
    ]
  }

  @Test("100,000 evaluations allocate nothing")
  func allocation() throws {
    // The counter does count.
    #expect(allocations { blackHole([Int64](repeating: 1, count: 9)) } > 0)
    for (name, method) in try Self.methods() {
      let values: [Int64] = [5_000_000_000, 1_200_000_000]
      let counted = values.withUnsafeBufferPointer { buffer in
        var sum: Int64 = 0
        let count = allocations {
          for year in 0..<100_000 {
            sum &+= method.grams(buffer.baseAddress!, year: 2000 + year % 30)
          }
        }
        blackHole([sum])
        return count
      }
      #expect(counted == 0, "\(name)")
    }
  }

  @Test("an evaluation takes nanoseconds")
  func speed() throws {
    for (name, method) in try Self.methods() {
      let values: [Int64] = [5_000_000_000, 1_200_000_000]
      let clock = ContinuousClock()
      let rounds = 1_000_000
      var sum: Int64 = 0
      let time = values.withUnsafeBufferPointer { buffer in
        clock.measure {
          for year in 0..<rounds {
            sum &+= method.grams(buffer.baseAddress!, year: 2000 + year & 15)
          }
        }
      }
      blackHole([sum])
      let nanoseconds = Double(time.components.attoseconds) / 1e9 / Double(rounds)
      print("methodology: \(name) \(Int(nanoseconds * 10)) tenths of a ns")
      // Loose: debug builds and shared machines are slow; the bench holds the real figure.
      #expect(time < .seconds(10))
    }
  }
}

@inline(never) private func blackHole(_ values: [Int64]) { _ = values.first }
