// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Journal
import Units

extension State {
  package func dump(to sink: SnapshotSink) throws {
    try sink.section(citizens.bytes)
    try sink.word(UInt64(issued.count))
    for scene in 0..<issued.count {
      let pair = issued[scene]
      try sink.word(UInt64(bitPattern: pair.points))
      try sink.word(UInt64(bitPattern: pair.grams))
    }
    try sink.word(UInt64(positions.count))
    for (account, position) in positions.sorted(by: { $0.key < $1.key }) {
      try sink.word(account.raw)
      for amount in [position.balance, position.pendingOut, position.pendingIn] {
        try sink.word(UInt64(bitPattern: amount))
      }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let entries = known.values.sorted { $0.transfer.id < $1.transfer.id }
    try sink.section(Array(encoder.encode(FactRow(.transfers(entries)))))
    let rows = limits.sorted { $0.key < $1.key }.map { FactRow(.limits($0.key, $0.value)) }
    try sink.section(Array(encoder.encode(rows)))
    try dumpLots(to: sink)
    try sink.word(UInt64(overdrawn.count))
    for (account, lowest) in overdrawn.sorted(by: { $0.key < $1.key }) {
      try sink.word(account.raw)
      try sink.word(UInt64(bitPattern: lowest))
    }
  }

  package mutating func load(from source: inout ByteReader) throws(FrameFault) {
    citizens.load(source.section())
    let scenes = source.word()
    guard scenes <= UInt64(issued.limit) else {
      throw FrameFault("snapshot holds more scenes than there can be")
    }
    for scene in 0..<Int(scenes) {
      issued.reach(scene)
      issued[scene] = Pair(
        points: Int64(bitPattern: source.word()), grams: Int64(bitPattern: source.word()))
    }
    for _ in 0..<source.word() {
      let account = AccountID(raw: source.word())
      var position = Position()
      position.balance = Int64(bitPattern: source.word())
      position.pendingOut = Int64(bitPattern: source.word())
      position.pendingIn = Int64(bitPattern: source.word())
      positions[account] = position
    }
    let decoder = JSONDecoder()
    guard let entries = try? decoder.decode(FactRow.self, from: Data(source.section())),
      case .transfers(let list) = entries.fact,
      let rows = try? decoder.decode([FactRow].self, from: Data(source.section()))
    else { throw FrameFault("snapshot's transfers do not read") }
    for entry in list { known[entry.transfer.id] = entry }
    for row in rows {
      if case .limits(let account, let limits) = row.fact { self.limits[account] = limits }
    }
    try loadLots(from: &source)
    for _ in 0..<source.word() {
      let account = AccountID(raw: source.word())
      overdrawn[account] = Int64(bitPattern: source.word())
    }
  }
}

extension State {
  func dumpLots(to sink: SnapshotSink) throws {
    try sink.section(lots.expired.bytes)
    try sink.word(UInt64(bitPattern: lots.counted))
    try sink.word(UInt64(lots.years.count))
    for (year, points) in lots.years.sorted(by: { $0.key < $1.key }) {
      try sink.word(UInt64(bitPattern: Int64(year)))
      try sink.word(UInt64(bitPattern: points))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try sink.word(UInt64(lots.movements.count))
    for (citizen, movements) in lots.movements.sorted(by: { $0.key < $1.key }) {
      try sink.word(UInt64(citizen))
      try sink.section(Array(encoder.encode(movements)))
    }
  }

  mutating func loadLots(from source: inout ByteReader) throws(FrameFault) {
    lots.expired.load(source.section())
    lots.counted = Int64(bitPattern: source.word())
    for _ in 0..<source.word() {
      let year = Int32(truncatingIfNeeded: Int64(bitPattern: source.word()))
      lots.years[year] = Int64(bitPattern: source.word())
    }
    for _ in 0..<source.word() {
      let citizen = UInt32(truncatingIfNeeded: source.word())
      guard let rows = try? JSONDecoder().decode([Movement].self, from: Data(source.section()))
      else { throw FrameFault("snapshot's movements do not read") }
      lots.movements[citizen] = rows
    }
  }
}
