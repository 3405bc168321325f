// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Journal
import Units

extension State {
  package func dump(to sink: SnapshotSink) throws {
    try sink.section(links.bytes)
    try sink.section(marks.bytes)
    try sink.word(UInt64(citizenCount))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try sink.section(Array(encoder.encode(partners)))
    try dumpGroups(to: sink)
  }

  package mutating func load(from source: inout ByteReader) throws(FrameFault) {
    links.load(source.section())
    marks.load(source.section())
    frozenCount = (0..<marks.count).reduce(0) { $0 + Int(marks[$1] & 1) }
    citizenCount = UInt32(clamping: source.word())
    guard let read = try? JSONDecoder().decode([Partner].self, from: Data(source.section())) else {
      throw FrameFault("snapshot's partners do not read")
    }
    partners = read
    try loadGroups(from: &source)
  }
}
