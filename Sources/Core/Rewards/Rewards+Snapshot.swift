// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Journal
import Units

extension State {
  package func dump(to sink: SnapshotSink) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try sink.section(Array(encoder.encode(merchants)))
    try sink.section(Array(encoder.encode(offers)))
    try sink.section(Array(encoder.encode(releases)))
    let ids = releaseNumbers.map { ($0.value, $0.key.description) }.sorted { $0.0 < $1.0 }
    try sink.section(Array(encoder.encode(ids.map(\.1))))
    try sink.section(Array(encoder.encode(orders.map { OrderRow($0) })))
  }

  package mutating func load(from source: inout ByteReader) throws(FrameFault) {
    merchants = try State.read(source.section())
    offers = try State.read(source.section())
    releases = try State.read(source.section())
    let ids: [String] = try State.read(source.section())
    let rows: [OrderRow] = try State.read(source.section())
    let read = rows.compactMap(\.order)
    guard read.count == rows.count, ids.count == releases.count else {
      throw FrameFault("snapshot's orders do not read")
    }
    for (index, text) in ids.enumerated() {
      guard let id = OrderID(text) else { throw FrameFault("snapshot's releases do not read") }
      releaseNumbers[id] = UInt32(index + 1)
    }
    for (index, release) in releases.enumerated() {
      releasesByOffer[release.offer, default: []].append(UInt32(index + 1))
      if !release.hasLapsed { onSale.insert(UInt32(index + 1)) }
    }
    orders = read
    for (at, order) in orders.enumerated() { index(UInt32(at + 1), order) }
    let used = orders.indices.filter { orders[$0].status == .used }
      .sorted { (orders[$0].ended, $0) < (orders[$1].ended, $1) }
    for index in used {
      let merchant = offers[Int(orders[index].offer) - 1].merchant
      usedByMerchant[merchant, default: []].append(UInt32(index + 1))
    }
  }

  private static func read<Row: Decodable>(_ bytes: UnsafeRawBufferPointer) throws(FrameFault)
    -> [Row]
  {
    guard let rows = try? JSONDecoder().decode([Row].self, from: Data(bytes)) else {
      throw FrameFault("snapshot's mall does not read")
    }
    return rows
  }
}
