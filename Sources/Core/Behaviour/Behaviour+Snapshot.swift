// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

extension State {
  package func dump(to sink: SnapshotSink) throws {
    try dump(seen, to: sink)
    try dump(vehicles, to: sink)
    try activity.dump { try sink.section($0) }
    try vehicleActivity.dump { try sink.section($0) }
    try sink.section(pairs.bytes)
    try dumpCounters(to: sink)
    let held = waiting.values.joined().sorted { $0.fact < $1.fact }
    try dump(held, to: sink)
    try dump(quarantine.values.sorted { $0.fact < $1.fact }, to: sink)
    try dumpWithdrawn(to: sink)
  }

  package mutating func load(from source: inout ByteReader) throws(FrameFault) {
    for index in 0..<KeyTable.partCount { seen.load(index, used: source.word(), source.section()) }
    for index in 0..<KeyTable.partCount {
      vehicles.load(index, used: source.word(), source.section())
    }
    activity.load(cards: source.section(), blocks: source.section())
    vehicleActivity.load(cards: source.section(), blocks: source.section())
    pairs.load(source.section())
    try loadCounters(from: &source)
    for held in try held(&source) { waiting[held.report.alias, default: []].append(held) }
    for held in try held(&source) { quarantine[held.fact] = held }
    loadWithdrawn(from: &source)
  }

  private func dump(_ table: borrowing KeyTable, to sink: SnapshotSink) throws {
    try table.dump { used, bytes in
      try sink.word(used)
      try sink.section(bytes)
    }
  }

  private func dumpCounters(to sink: SnapshotSink) throws {
    try sink.word(UInt64(counters.count))
    for scene in 0..<counters.count {
      let tally = counters[scene]
      for count in [
        tally.accepted, tally.waiting, tally.quarantined, tally.refused, tally.rejected,
      ] { try sink.word(count) }
    }
  }

  private mutating func loadCounters(from source: inout ByteReader) throws(FrameFault) {
    let count = source.word()
    guard count <= UInt64(counters.limit) else {
      throw FrameFault("snapshot counts more scenes than there can be")
    }
    for scene in 0..<Int(count) {
      counters.reach(scene)
      counters[scene] = Tally(
        accepted: source.word(), waiting: source.word(), quarantined: source.word(),
        refused: source.word(), rejected: source.word())
    }
  }

  private func dump(_ held: [Held], to sink: SnapshotSink) throws {
    try sink.word(UInt64(held.count))
    let buffer = ByteBuffer(capacity: 256)
    for item in held {
      var verdict = Verdict()
      verdict.outcome = .quarantined
      verdict.reason = item.reason
      buffer.clear()
      let place = buffer.extend(by: Record.length(4))
      withUnsafePointer(to: item.report) { report in
        Record.store(
          report, &verdict, valueCount: 4, origin: .reported, previous: FactNumber(0),
          originFact: item.fact, to: place)
      }
      try sink.section(buffer.bytes)
    }
  }

  private func held(_ source: inout ByteReader) throws(FrameFault) -> [Held] {
    var items: [Held] = []
    for _ in 0..<source.word() {
      let record = try Record(reading: source.section())
      items.append(Held(report: record.report, fact: record.originFact, reason: record.reason))
    }
    return items
  }
}
