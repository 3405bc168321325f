// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Journal
import Units

extension State {
  package func dump(to sink: SnapshotSink) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try sink.section(Array(encoder.encode(cases)))
    try sink.section(Array(encoder.encode(petitions)))
    try sink.section(Array(encoder.encode(runs)))
  }

  package mutating func load(from source: inout ByteReader) throws(FrameFault) {
    cases = try State.read(source.section())
    petitions = try State.read(source.section())
    runs = try State.read(source.section())
    for (index, found) in cases.enumerated() {
      let number = UInt32(index + 1)
      casesByCitizen[found.citizen, default: []].append(number)
      for (at, measure) in found.measures.enumerated() {
        self.index(measure, Place(number: number, measure: at + 1))
      }
    }
    for (index, petition) in petitions.enumerated() {
      petitionsByCitizen[petition.citizen, default: []].append(UInt32(index + 1))
    }
  }

  private static func read<Row: Decodable>(_ bytes: UnsafeRawBufferPointer) throws(FrameFault)
    -> [Row]
  {
    guard let rows = try? JSONDecoder().decode([Row].self, from: Data(bytes)) else {
      throw FrameFault("snapshot's cases and petitions do not read")
    }
    return rows
  }
}
