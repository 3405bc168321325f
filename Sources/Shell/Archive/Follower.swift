// SPDX-License-Identifier: Apache-2.0
import Behaviour
import CPlatform
import FoundationEssentials
import Glibc
import Journal
import Mechanism
import Storage
import Units

/// Follows a mechanism's journal into its archive, on a thread of its own.
///
/// `@unchecked Sendable`: the connection and the state of the follower are guarded by `lock`.
package final class Follower: @unchecked Sendable {
  /// How long a change may wait for its place in the archive.
  static let pauseMilliseconds: UInt32 = 200
  /// Frames folded into one transaction at the most, so that following never holds much memory.
  static let framesPerTransaction = 2_000

  private let path: String
  private let store: any JournalStore
  let lock = Lock()
  let connection: Connection
  private var sequence: UInt64
  private let zone: Int32
  private var isStopping = false
  private var thread = pthread_t()
  private var isRunning = false

  /// Rises with any change to what is folded: an archive of another version is folded again.
  static let version: Int64 = 2
  /// Drops every fold.
  static let forget = """
    DELETE FROM position; DELETE FROM batch; DELETE FROM daily; DELETE FROM decision;
    DELETE FROM withdrawal; DELETE FROM decided; DELETE FROM span;
    """

  static let schema = """
    CREATE TABLE IF NOT EXISTS position(id INTEGER PRIMARY KEY CHECK (id = 1), sequence INTEGER);
    CREATE TABLE IF NOT EXISTS batch(
      fact INTEGER PRIMARY KEY, sequence INTEGER, time INTEGER, partner INTEGER, received INTEGER,
      accepted INTEGER, duplicates INTEGER, waiting INTEGER, quarantined INTEGER, refused INTEGER,
      written INTEGER, grams INTEGER, points INTEGER);
    CREATE INDEX IF NOT EXISTS batch_of_partner ON batch(partner, fact);
    CREATE TABLE IF NOT EXISTS daily(
      day INTEGER, scene INTEGER, accepted INTEGER, grams INTEGER, points INTEGER,
      PRIMARY KEY (day, scene)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS decision(
      fact INTEGER PRIMARY KEY, time INTEGER, origin INTEGER, decision TEXT, actor TEXT,
      opinion TEXT);
    CREATE INDEX IF NOT EXISTS decision_on ON decision(origin);
    """

  /// Opens an archive, or makes it; one that does not read is dropped and folded again.
  package init(path: String, store: any JournalStore, zone: Int32) throws(StoreFailure) {
    self.path = path
    self.store = store
    self.zone = zone
    do {
      connection = try Follower.open(path)
    } catch {
      for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
      connection = try Follower.open(path)
    }
    let kept = try connection.first("SELECT sequence FROM position") { $0.integer(0) }
    sequence = UInt64(kept ?? 0)
    // An archive ahead of its journal belongs to another journal.
    if let last = try store.last()?.sequence ?? (sequence > 0 ? 0 : nil), sequence > last {
      try connection.run(script: Follower.forget)
      sequence = 0
    }
  }

  private static func open(_ path: String) throws(StoreFailure) -> Connection {
    let connection = try Connection(path)
    try connection.run(script: "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;")
    try connection.run(script: schema)
    try connection.run(script: unreadSchema)
    try connection.run(script: recallSchema)
    // What an older program folded has not all the tables filled that this one fills.
    let known = try connection.first("PRAGMA user_version") { $0.integer(0) } ?? 0
    if known != version {
      try connection.run(script: forget + "PRAGMA user_version=\(version);")
    }
    return connection
  }

  /// Begins to follow.
  package func start() {
    isRunning = true
    let failure = pthread_create(
      &thread, nil,
      { pointer in
        Unmanaged<Follower>.fromOpaque(pointer!).takeRetainedValue().work()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    precondition(failure == 0, "the system gives no more threads: raise its limit")
  }

  package func stop() {
    guard isRunning else { return }
    lock.with { isStopping = true }
    pthread_join(thread, nil)
    isRunning = false
  }

  /// The last frame that is in the archive.
  package var position: UInt64 { lock.with { sequence } }

  /// Folds everything there is; answers the last frame.
  @discardableResult
  package func catchUp() throws -> UInt64 {
    while try step() {}
    return position
  }

  /// What the archive says otherwise than the journal; while following goes on.
  package func differences() throws -> [String] {
    try ArchiveReader(path: path).differences(from: store, zone: zone)
  }

  private func work() {
    while !lock.with({ isStopping }) {
      do {
        if try !step() { usleep(Follower.pauseMilliseconds * 1000) }
      } catch {
        tph_complain("tanpuhui: the archive does not follow: \(error)")
        usleep(5_000_000)
      }
    }
    _ = try? step()
  }

  /// Folds the next frames in one transaction; false where there was nothing new.
  private func step() throws -> Bool {
    let from = position + 1
    guard let last = try store.last()?.sequence, last >= from else { return false }
    var fold = Fold(zone: zone)
    var frames = 0
    try store.read(from: from) { _, bytes in
      try fold.add(FrameView(bytes)) { fact in
        try? JSONDecoder().decode(NoteRow.self, from: Data(fact.dropFirst(FactHeader.size)))
      }
      frames += 1
      return frames < Follower.framesPerTransaction
    }
    guard !fold.isEmpty else { return false }
    try lock.with { () throws(StoreFailure) in
      // Somebody else may have folded the same frames meanwhile.
      if sequence + 1 == from { try write(fold) }
    }
    return true
  }

  private func write(_ fold: Fold) throws(StoreFailure) {
    try connection.transaction { () throws(StoreFailure) in
      for batch in fold.batches {
        let sum = batch.summary
        try connection.run(
          "INSERT OR REPLACE INTO batch VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
          .integer(Int64(batch.fact.raw)), .integer(Int64(batch.sequence)),
          .integer(batch.time.milliseconds), .integer(Int64(batch.partner.raw)),
          .integer(Int64(sum.received)), .integer(Int64(sum.accepted)),
          .integer(Int64(sum.duplicates)), .integer(Int64(sum.waiting)),
          .integer(Int64(sum.quarantined)), .integer(Int64(sum.refused)),
          .integer(Int64(batch.written)), .integer(sum.grams.count), .integer(sum.points.count))
      }
      for row in fold.daily.values {
        try connection.run(
          "INSERT INTO daily VALUES (?,?,?,?,?) ON CONFLICT (day, scene) DO UPDATE SET "
            + "accepted = accepted + excluded.accepted, grams = grams + excluded.grams, "
            + "points = points + excluded.points",
          .integer(Int64(row.day.number)), .integer(Int64(row.scene.raw)),
          .integer(row.accepted), .integer(row.grams), .integer(row.points))
      }
      for row in fold.decisions {
        try connection.run(
          "INSERT OR REPLACE INTO decision VALUES (?,?,?,?,?,?)", .integer(Int64(row.fact.raw)),
          .integer(row.time.milliseconds), .integer(Int64(row.originFact.raw)),
          .text(row.decision), .text(row.by), .text(row.opinion))
      }
      try write(fold.recalls)
      try connection.run(
        "INSERT INTO position VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET sequence = ?",
        .integer(Int64(fold.sequence)), .integer(Int64(fold.sequence)))
    }
    sequence = fold.sequence
  }

  // MARK: - Questions

  /// Batches, newest first; `before` pages on, `partner` narrows.
  package func batches(
    partner: PartnerID? = nil, before: FactNumber? = nil, limit: Int
  ) throws(StoreFailure) -> [BatchRow] {
    try lock.with { () throws(StoreFailure) in
      try connection.rows(
        "SELECT * FROM batch WHERE fact < ? AND (? = 0 OR partner = ?) ORDER BY fact DESC LIMIT ?",
        .integer(before.map { Int64(clamping: $0.raw) } ?? .max),
        .integer(Int64(partner?.raw ?? 0)),
        .integer(Int64(partner?.raw ?? 0)), .integer(Int64(limit))
      ) { Follower.batch($0) }
    }
  }

  package func batch(_ fact: FactNumber) throws(StoreFailure) -> BatchRow? {
    try lock.with { () throws(StoreFailure) in
      try connection.first(
        "SELECT * FROM batch WHERE fact = ?", .integer(Int64(fact.raw))
      ) { Follower.batch($0) }
    }
  }

  package func batchCount(partner: PartnerID? = nil) throws(StoreFailure) -> Int {
    try lock.with { () throws(StoreFailure) in
      try connection.first(
        "SELECT count(*) FROM batch WHERE ? = 0 OR partner = ?",
        .integer(Int64(partner?.raw ?? 0)), .integer(Int64(partner?.raw ?? 0))
      ) { Int($0.integer(0)) } ?? 0
    }
  }

  /// Totals by day and scene, in order of days.
  package func daily(
    from first: Day = Day(.min), to last: Day = Day(.max)
  ) throws(StoreFailure) -> [DailyRow] {
    try lock.with { () throws(StoreFailure) in
      try connection.rows(
        "SELECT * FROM daily WHERE day BETWEEN ? AND ? ORDER BY day, scene",
        .integer(Int64(first.number)), .integer(Int64(last.number))
      ) { Follower.daily($0) }
    }
  }

  /// What staff decided, newest first.
  package func decisions(
    before: FactNumber? = nil, limit: Int
  ) throws(StoreFailure) -> [DecisionRow] {
    try lock.with { () throws(StoreFailure) in
      try connection.rows(
        "SELECT * FROM decision WHERE fact < ? ORDER BY fact DESC LIMIT ?",
        .integer(before.map { Int64(clamping: $0.raw) } ?? .max), .integer(Int64(limit))
      ) { Follower.decision($0) }
    }
  }

  /// What staff decided on the reports of a range of facts: those of one batch.
  package func decisions(on facts: Range<UInt64>) throws(StoreFailure) -> [DecisionRow] {
    try lock.with { () throws(StoreFailure) in
      try connection.rows(
        "SELECT * FROM decision WHERE origin >= ? AND origin < ? ORDER BY origin",
        .integer(Int64(facts.lowerBound)), .integer(Int64(facts.upperBound))
      ) { Follower.decision($0) }
    }
  }

  package func decisionCount() throws(StoreFailure) -> Int {
    try lock.with { () throws(StoreFailure) in
      try connection.first("SELECT count(*) FROM decision") { Int($0.integer(0)) } ?? 0
    }
  }

  static func daily(_ row: borrowing Statement) -> DailyRow {
    DailyRow(
      day: Day(Int32(clamping: row.integer(0))), scene: SceneID(UInt16(clamping: row.integer(1))),
      accepted: row.integer(2), grams: row.integer(3), points: row.integer(4))
  }

  static func decision(_ row: borrowing Statement) -> DecisionRow {
    DecisionRow(
      fact: FactNumber(UInt64(clamping: row.integer(0))),
      time: Instant(milliseconds: row.integer(1)),
      originFact: FactNumber(UInt64(clamping: row.integer(2))), decision: row.text(3),
      by: row.text(4), opinion: row.text(5))
  }

  static func batch(_ row: borrowing Statement) -> BatchRow {
    var sum = BatchSummary()
    sum.received = Int(row.integer(4))
    sum.accepted = Int(row.integer(5))
    sum.duplicates = Int(row.integer(6))
    sum.waiting = Int(row.integer(7))
    sum.quarantined = Int(row.integer(8))
    sum.refused = Int(row.integer(9))
    sum.grams = Grams(row.integer(11))
    sum.points = Points(row.integer(12))
    return BatchRow(
      fact: FactNumber(UInt64(clamping: row.integer(0))),
      sequence: UInt64(clamping: row.integer(1)),
      time: Instant(milliseconds: row.integer(2)),
      partner: PartnerID(UInt16(clamping: row.integer(3))),
      summary: sum, written: UInt32(clamping: row.integer(10)))
  }
}
