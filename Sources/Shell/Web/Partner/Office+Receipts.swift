// SPDX-License-Identifier: Apache-2.0
import Archive
import Behaviour
import Desk
import Journal
import Mechanism
import Membership
import Storage
import Units

/// 回执: one event of a partner as it stands now.
struct Receipt: Sendable {
  /// The event's first fact, and the last that decided or withdrew it.
  var first: FactNumber
  var last: FactNumber
  var record: Record
  var received: Instant
  var withdrawn: Grounds?

  /// What the partner's books should show.
  var outcome: String { withdrawn == nil ? record.outcome.name : "withdrawn" }
  var grams: Int64 { withdrawn == nil && record.outcome == .accepted ? record.grams : 0 }
  var points: Int64 { withdrawn == nil && record.outcome == .accepted ? Int64(record.points) : 0 }
  /// The keyed digest of source and id: the journal knows the id by nothing else.
  var digest: String { DigestKey(record.report.id).text }
}

/// The digest of an event's source and id, to look it up by.
struct DigestKey: Hashable, Sendable {
  var high: UInt64
  var low: UInt64
  init(_ id: (UInt64, UInt64)) { (high, low) = id }

  var text: String {
    func hex(_ word: UInt64) -> String {
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 16 - text.utf8.count) + text
    }
    return hex(high) + hex(low)
  }
}

/// A partner's day in sums.
struct DayOfPartner: Sendable {
  var events = 0
  var outcomes: [String: Int] = [:]
  var grams: Int64 = 0
  var points: Int64 = 0
  var scenes: [SceneID: (events: Int, accepted: Int, grams: Int64, points: Int64)] = [:]

  init(_ receipts: [Receipt]) {
    for receipt in receipts {
      events += 1
      outcomes[receipt.outcome, default: 0] += 1
      grams += receipt.grams
      points += receipt.points
      var row = scenes[receipt.record.report.scene] ?? (0, 0, 0, 0)
      row.events += 1
      row.accepted += receipt.outcome == "accepted" ? 1 : 0
      row.grams += receipt.grams
      row.points += receipt.points
      scenes[receipt.record.report.scene] = row
    }
  }

  static let names = ["accepted", "waiting", "quarantined", "refused", "rejected", "withdrawn"]
}

extension Office {
  /// Every event of a partner whose behaviour ended on a day, as it stands now, in the order in
  /// which they came.
  func receipts(of partner: PartnerID, on day: Day) throws -> [Receipt] {
    try catchUp()
    var receipts: [Receipt] = []
    var places: [FactNumber: Int] = [:]
    for sequence in try archive.frames(of: partner, on: day) {
      guard let bytes = try frame(sequence) else { continue }
      try bytes.withUnsafeBytes { bytes in
        let view = try FrameView(bytes)
        let time = view.header.time
        try view.forEachFact { number, fact in
          switch FactHeader(fact.baseAddress!).kind {
          case Record.kind:
            let record = try Record(reading: fact)
            guard record.report.partner == partner,
              Instant(milliseconds: record.report.ended).day(offset: zone) == day
            else { return }
            if record.origin == .reported {
              places[number] = receipts.count
              receipts.append(
                Receipt(first: number, last: number, record: record, received: time))
            } else if let place = places[record.originFact] {
              receipts[place].record = record
              receipts[place].last = number
              places[number] = place
            }
          case WithdrawalRow.kind:
            guard let row = WithdrawalRow(fact: fact)?.withdrawal,
              let place = places[row.first]
            else { return }
            receipts[place].withdrawn = row.grounds
            receipts[place].last = number
          default: return
          }
        }
      }
    }
    return receipts
  }

  func sceneCodes() -> [SceneID: String] {
    clerk.read { state in
      Dictionary(
        state.sceneNumbers.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
    }
  }
}
