// SPDX-License-Identifier: Apache-2.0
import Archive
import Behaviour
import Desk
import Glibc
import Journal
import Mechanism
import Membership
import Storage
import Units

// What the Archive lists, and what the journal says about it. The Archive follows the journal by
// some tenths of a second: a page may miss what was written just now, and says how far it reads.
extension Office {
  /// The last days, oldest first.
  func days(_ count: Int) throws -> [DayTotal] {
    var totals: [DayTotal] = []
    for row in try archive.daily() {
      if totals.last?.day != row.day {
        totals.append(DayTotal(day: row.day, reports: 0, grams: Grams(0), points: Points(0)))
      }
      totals[totals.count - 1].reports += Int(row.accepted)
      totals[totals.count - 1].grams += Grams(row.grams)
      totals[totals.count - 1].points += Points(row.points)
    }
    return Array(totals.suffix(count))
  }

  /// Batches, newest first.
  func batches(
    partner: PartnerID? = nil, before: UInt64?, limit: Int
  ) throws -> Listed<BatchLine> {
    let names = partners().map(\.name)
    let rows = try archive.batches(
      partner: partner, before: before.map { FactNumber($0) }, limit: limit)
    return Listed(
      rows: rows.map { Office.line($0, names) },
      next: rows.count == limit ? rows.last?.fact.raw : nil, isFirst: before == nil,
      total: try archive.batchCount(partner: partner))
  }

  private static func line(_ row: BatchRow, _ names: [String]) -> BatchLine {
    let partner = Int(row.partner.raw)
    return BatchLine(
      number: row.fact.raw, sequence: row.sequence, time: row.time,
      partner: (1...max(1, names.count)).contains(partner) && !names.isEmpty
        ? names[partner - 1] : "",
      summary: row.summary, written: Int(row.written))
  }

  /// A batch with the rows that were chosen, from the row `from` on; nil where there is none.
  func batch(
    _ number: UInt64, show: BatchModel.Choice, from: UInt64, limit: Int
  ) throws -> BatchModel? {
    guard let row = try archive.batch(FactNumber(number)),
      let frame = try frame(row.sequence)
    else { return nil }
    var model = BatchModel(line: Office.line(row, partners().map(\.name)), choice: show)
    let first = row.fact.raw - UInt64(row.written)
    var chosen: [(FactNumber, Record)] = []
    var places: [UInt64] = []
    let time = try frame.withUnsafeBytes { bytes in
      let view = try FrameView(bytes)
      try view.forEachFact { number, fact in
        guard (first..<row.fact.raw).contains(number.raw), fact.first == Record.kind else { return }
        let record = try Record(reading: fact)
        // The event's place in its batch.
        let place = record.originFact.raw
        places.append(place)
        model.count(record)
        if show.takes(record), place >= from { chosen.append((number, record)) }
      }
      return view.header.time
    }
    model.isFirst = from == 0
    model.unread = try archive.unread(of: row.fact)
    model.unwritten = BatchModel.gaps(places, of: row.summary.received)
    let decisions = Dictionary(
      try archive.decisions(on: first..<row.fact.raw).map { ($0.originFact, $0) },
      uniquingKeysWith: { _, last in last })
    // Facts stand in the order of decision; people read a batch in the order it was sent.
    chosen.sort { $0.1.originFact < $1.1.originFact }
    if chosen.count > limit { model.next = chosen[limit].1.originFact.raw }
    let facts = chosen.prefix(limit)
    model.rows = clerk.read { state in
      facts.map { number, record in
        BatchModel.Row(
          place: record.originFact.raw, entry: Office.entry(number, record, time, state),
          isHeld: state.behaviour.quarantine[number] != nil,
          decision: decisions[number].map { DecisionLine($0) })
      }
    }
    return model
  }

  /// What was turned down without a trace in the journal, newest first.
  func unread(before: UInt64?, limit: Int) throws -> Listed<UnreadLine> {
    let names = partners().map(\.name)
    let rows = try archive.unread(before: before.map { Int64(clamping: $0) } ?? .max, limit: limit)
    return Listed(
      rows: rows.map { _, row in
        let partner = Int(row.partner.raw)
        return UnreadLine(
          partner: partner > 0 && partner <= names.count ? names[partner - 1] : "", row: row)
      },
      next: rows.count == limit ? rows.last.map { UInt64($0.number) } : nil,
      isFirst: before == nil)
  }

  /// What staff decided, newest first, with the report it was about.
  func decisions(before: UInt64?, limit: Int) throws -> Listed<DecisionLine> {
    let rows = try archive.decisions(before: before.map { FactNumber($0) }, limit: limit)
    return Listed(
      rows: try rows.map { row in
        var line = DecisionLine(row)
        line.entry = try entry(row.originFact)
        line.outcome = try entry(row.fact)?.record
        return line
      },
      next: rows.count == limit ? rows.last?.fact.raw : nil, isFirst: before == nil,
      total: try archive.decisionCount())
  }

  /// What the Archive says otherwise than the journal, as far as it has read.
  func archiveDifferences() throws -> [String] { try archive.differences() }
}
