// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Journal
import Units

extension State {
  package func dump(to sink: SnapshotSink) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try sink.section(Array(encoder.encode(conversions)))
    let kept = reports.values.sorted { ($0.programme, $0.day) < ($1.programme, $1.day) }
    try sink.section(Array(encoder.encode(kept)))
  }

  package mutating func load(from source: inout ByteReader) throws(FrameFault) {
    guard
      let rows = try? JSONDecoder().decode([Conversion].self, from: Data(source.section())),
      let kept = try? JSONDecoder().decode([DayReport].self, from: Data(source.section()))
    else { throw FrameFault("snapshot's exchanges with other programmes do not read") }
    conversions = rows
    for (at, conversion) in rows.enumerated() { index(UInt32(at + 1), conversion) }
    for report in kept { reports[State.ReportKey(report.programme, report.day)] = report }
  }
}
