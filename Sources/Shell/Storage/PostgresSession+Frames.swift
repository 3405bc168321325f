// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

/// The questions a journal asks.
extension PostgresSession {
  func append(
    _ frame: UnsafeRawBufferPointer, _ place: FramePlace, _ mechanism: String
  ) throws(StoreFailure) {
    _ = try execute(
      "append", mechanism,
      [Int64(place.sequence), Int64(place.firstFact.raw), Int64(place.factCount)], frame)
  }

  func prepareReading() throws(StoreFailure) {
    let columns = "SELECT sequence, first_fact, fact_count"
    let table = "FROM tanpuhui_frame WHERE mechanism = $1"
    try prepare(
      "frames",
      "\(columns), bytes \(table) AND sequence >= $2 ORDER BY sequence "
        + "LIMIT \(PostgresStore.framesPerLook)", [.text, .integer])
    try prepare("last", "\(columns) \(table) ORDER BY sequence DESC LIMIT 1", [.text])
    try prepare(
      "place",
      "\(columns) \(table) AND first_fact <= $2 AND fact_count > 0 "
        + "ORDER BY first_fact DESC LIMIT 1", [.text, .integer])
  }

  func last(_ mechanism: String) throws(StoreFailure) -> FramePlace? {
    let result = try execute("last", mechanism, [])
    return result.count == 1 ? place(result) : nil
  }

  func place(of fact: FactNumber, _ mechanism: String) throws(StoreFailure) -> FramePlace? {
    guard let number = Int64(exactly: fact.raw), number > 0 else { return nil }
    let result = try execute("place", mechanism, [number])
    guard result.count == 1 else { return nil }
    let found = place(result)
    return found.holds(fact) ? found : nil
  }

  /// One look: true when there may be more frames, from `next` on.
  func read(
    _ mechanism: String, from next: inout UInt64,
    _ body: (FramePlace, UnsafeRawBufferPointer) throws -> Bool
  ) throws -> Bool {
    guard let first = Int64(exactly: next) else { return false }
    var count = 0
    var wanted = true
    var expected = next
    try stream("frames", mechanism, [first]) { result in
      let place = place(result)
      guard place.sequence == expected else {
        throw StoreFailure(
          .corrupt, "read the journal of \(mechanism)", cause: "frame \(expected) is missing",
          advice: "Let the database's keeper restore it, then run `tanpuhui verify`.")
      }
      wanted = try body(place, result.bytes(0, 3))
      expected += 1
      count += 1
      return wanted
    }
    next = expected
    return wanted && count == PostgresStore.framesPerLook
  }

  private func place(_ row: borrowing PostgresResult) -> FramePlace {
    FramePlace(
      sequence: UInt64(bitPattern: row.integer(0, 0)),
      firstFact: FactNumber(UInt64(bitPattern: row.integer(0, 1))),
      factCount: UInt32(truncatingIfNeeded: row.integer(0, 2)))
  }
}
