// SPDX-License-Identifier: Apache-2.0
import Behaviour
import FoundationEssentials
import Journal
import Mechanism
import Storage
import Units

/// Reads an archive that somebody else keeps, for a comparison with the journal.
package struct ArchiveReader: ~Copyable {
  private static let framesAtOnce = 4096

  private let connection: Connection

  package init(path: String) throws(StoreFailure) {
    connection = try Connection.reading(path)
  }

  /// What the archive says otherwise than the journal, folded once more: the first batch, decision
  /// or day. One that lags behind is not wrong; it is compared as far as it has read.
  package func differences(from store: any JournalStore, zone: Int32) throws -> [String] {
    // One moment of the archive, for its follower may be at work.
    try connection.run(script: "BEGIN")
    // One of an older program is not wrong either: the next start folds it again.
    let version = try connection.first("PRAGMA user_version") { $0.integer(0) } ?? 0
    guard version == Follower.version else { return [] }
    let position = UInt64(
      clamping: try connection.first("SELECT sequence FROM position") { $0.integer(0) } ?? 0)
    let last = try store.last()?.sequence ?? 0
    guard position <= last else {
      return [complaint("it has read \(position) frames, the journal has \(last)")]
    }
    var days: [Fold.Place: DailyRow] = [:]
    var frames: UInt64 = 0
    var fact: UInt64 = 1
    while frames < position {
      let fold = try fold(store, after: frames, upTo: position, zone)
      let end = frames + UInt64(ArchiveReader.framesAtOnce) < position ? fact + fold.facts : nil
      let batches = try rows("batch", fact, end) { Follower.batch($0) }
      let decisions = try rows("decision", fact, end) { Follower.decision($0) }
      let withdrawals = try rows("withdrawal", fact, end) { Follower.withdrawal($0) }
      if let fault = difference("batch", batches, fold.batches)
        ?? difference("decision", decisions, fold.decisions)
        ?? difference("withdrawal", withdrawals, fold.recalls.withdrawals)
      {
        return [fault]
      }
      days.merge(fold.daily) { $0.adding($1) }
      fact += fold.facts
      frames = min(position, frames + UInt64(ArchiveReader.framesAtOnce))
    }
    let kept = try connection.rows("SELECT * FROM daily ORDER BY day, scene") {
      Follower.daily($0)
    }
    let right = days.values.sorted {
      ($0.day.number, $0.scene.raw) < ($1.day.number, $1.scene.raw)
    }
    return difference("day", kept, right).map { [$0] } ?? []
  }

  private func fold(
    _ store: any JournalStore, after frames: UInt64, upTo position: UInt64, _ zone: Int32
  ) throws -> Fold {
    var fold = Fold(zone: zone)
    let last = min(position, frames + UInt64(ArchiveReader.framesAtOnce))
    try store.read(from: frames + 1) { place, bytes in
      guard place.sequence <= last else { return false }
      try fold.add(FrameView(bytes)) { fact in
        try? JSONDecoder().decode(NoteRow.self, from: Data(fact.dropFirst(FactHeader.size)))
      }
      return true
    }
    return fold
  }

  /// Rows about facts from `first` to before `end`, or to the table's end.
  private func rows<Row>(
    _ table: String, _ first: UInt64, _ end: UInt64?, _ read: (borrowing Statement) -> Row
  ) throws(StoreFailure) -> [Row] {
    try connection.rows(
      "SELECT * FROM \(table) WHERE fact >= ? AND fact < ? ORDER BY fact",
      // The first part begins at the table's own beginning.
      .integer(first == 1 ? .min : Int64(first)), .integer(end.map { Int64($0) } ?? .max),
      row: read)
  }

  private func difference<Row: Equatable>(
    _ what: String, _ kept: [Row], _ right: [Row]
  ) -> String? {
    guard kept != right else { return nil }
    let at = zip(kept, right).prefix { $0 == $1 }.count
    func text(_ rows: [Row]) -> String { at < rows.count ? "\(rows[at])" : "none" }
    return complaint("of a \(what) it says \(text(kept)), the journal \(text(right))")
  }

  private func complaint(_ what: String) -> String {
    "the archive is not what the journal says: \(what). Drop the archive and let it be folded again"
  }
}
