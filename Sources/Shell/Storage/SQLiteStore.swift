// SPDX-License-Identifier: Apache-2.0
// SQLITE STORE. A journal in one file.
//
//   frame(sequence, first_fact, fact_count, bytes)      one row a frame, in the order of commits
//
//   append ──▶ writer (one connection, `writing`) ──▶ WAL, fsync ──▶ the file, by checkpoint
//   read, place ──▶ readers (a connection each while it reads, from a pool guarded by `pool`)
//
// - An insert outside a transaction is a transaction of its own: the frame is there or it is not.
// - The write-ahead log is folded into the file each 64 MiB; SQLite's own 4 MB halves the rate.
// - No index by fact: see `FramePlace.search`. It would be written at every commit to be read
//   only when somebody asks for a proof.
// - A long reading is cut into short ones, for while one lasts the log cannot start over.
import Journal
import Units

package final class SQLiteStore: JournalStore, @unchecked Sendable {  // by `writing` and `pool`
  package enum Access: Sendable {
    /// The one writer; a second is refused as `.inUse`.
    case write
    /// Reads along, also while another process writes.
    case follow
  }

  private let path: String
  private let writing = Lock()
  private var writer: Writer?
  private let pool = Lock()
  private var idle: [Reader] = []
  private var latest: FramePlace?
  private let follows: Bool

  /// `bytesMax` is a limit a disk quota may set; by default the disk is the limit.
  package init(
    path: String, access: Access = .write, bytesMax: Int? = nil
  ) throws(StoreFailure) {
    self.path = path
    follows = access == .follow
    if !follows { writer = try Writer(path, bytesMax: bytesMax) }
    let reader = try Reader(path)
    latest = try reader.last()
    idle = [reader]
  }

  package func last() throws(StoreFailure) -> FramePlace? {
    guard follows else { return pool.with { latest } }
    let reader = try borrow()
    defer { giveBack(reader) }
    return try reader.last()
  }

  package func append(
    _ frame: UnsafeRawBufferPointer, at place: FramePlace
  ) throws(StoreFailure) {
    writing.lock()
    defer { writing.unlock() }
    try place.follows(pool.with { latest })
    guard let writer else {
      throw StoreFailure(
        follows ? .readOnly : .unavailable, "append frame \(place.sequence) to \(path)",
        cause: follows
          ? "this store was opened to follow"
          : "the store is closed, or an append before this one failed",
        advice: "Start again with the journal open for writing.")
    }
    do throws(StoreFailure) {
      try writer.insert(frame, place)
    } catch {
      // A full disk leaves everything as it was. After anything else this store cannot know what
      // the next append would stand on, so there is none.
      if error.kind != .full { self.writer = nil }
      throw error.during("append frame \(place.sequence)")
    }
    pool.with { latest = place }
  }

  package func read(
    from sequence: UInt64, _ body: (FramePlace, UnsafeRawBufferPointer) throws -> Bool
  ) throws {
    let reader = try borrow()
    defer { giveBack(reader) }
    var next = max(sequence, 1)
    while try reader.read(from: &next, body) {}
  }

  package func place(of fact: FactNumber) throws(StoreFailure) -> FramePlace? {
    let reader = try borrow()
    defer { giveBack(reader) }
    let last = try follows ? reader.last() : pool.with { latest }
    return try FramePlace.search(fact, last: last) { (sequence) throws(StoreFailure) in
      try reader.place(sequence)
    }
  }

  package func close() {
    pool.with { idle.removeAll() }
    writing.lock()
    defer { writing.unlock() }
    writer?.checkpoint()
    writer = nil
  }

  private func borrow() throws(StoreFailure) -> Reader {
    if let reader = pool.with({ idle.popLast() }) { return reader }
    return try Reader(path)
  }

  private func giveBack(_ reader: Reader) {
    pool.with { if idle.count < SQLiteStore.readersIdleMax { idle.append(reader) } }
  }

  /// Pages of 16 KiB: a frame of a thousand reports is a handful of them, a frame of one report
  /// still writes little.
  static let pageBytes = 16_384
  /// The log is folded into the file when it has grown so far.
  static let checkpointBytes = 64 << 20
  /// Frames read under one look at the database, before the log may start over.
  static let framesPerLook = 64
  /// Two cores read at once; more connections are made when needed and not kept.
  static let readersIdleMax = 4
  /// "TPHJ": says in the file's head whose it is.
  static let application = 0x5450_484A
  static let version = 1
}

/// The one connection that writes. Used under `SQLiteStore.writing`.
private final class Writer {
  private let guardian: FileLock
  private let connection: Connection
  private let statement: Statement

  init(_ path: String, bytesMax: Int?) throws(StoreFailure) {
    guardian = try FileLock(path + ".lock", guarding: "the journal \(path)")
    connection = try Connection(path)
    try connection.run(script: "PRAGMA page_size=\(SQLiteStore.pageBytes)")
    let owner = try connection.first("PRAGMA application_id") { Int($0.integer(0)) } ?? 0
    let version = try connection.first("PRAGMA user_version") { Int($0.integer(0)) } ?? 0
    let tables = try connection.first("SELECT count(*) FROM sqlite_schema") { $0.integer(0) } ?? 0
    guard tables == 0 || owner == SQLiteStore.application else {
      throw StoreFailure(
        .corrupt, "open the journal \(path)", cause: "the file holds something else",
        advice: "Give the path of a journal, or of a file that does not exist yet.")
    }
    guard version <= SQLiteStore.version else {
      throw StoreFailure(
        .unavailable, "open the journal \(path)", cause: "it was written by a newer tanpuhui",
        advice: "Run a tanpuhui at least as new as the one that wrote it.")
    }
    try connection.makeDurable(checkpointBytes: SQLiteStore.checkpointBytes)
    if tables == 0 { try connection.run(script: Writer.schema) }
    if let bytesMax {
      try connection.run(script: "PRAGMA max_page_count=\(bytesMax / SQLiteStore.pageBytes)")
    }
    statement = try connection.prepare("INSERT INTO frame VALUES (?, ?, ?, ?)")
  }

  func insert(_ frame: UnsafeRawBufferPointer, _ place: FramePlace) throws(StoreFailure) {
    defer { statement.reset() }
    try statement.bind(Int64(place.sequence), at: 1)
    try statement.bind(Int64(place.firstFact.raw), at: 2)
    try statement.bind(Int64(place.factCount), at: 3)
    try statement.bind(borrowed: frame, at: 4)
    while try statement.step() {}
  }

  /// Folds the log into the file, so that a backup of the folder is one file. What cannot be folded
  /// now is folded at the next opening: the log is as durable as the file.
  func checkpoint() { try? connection.run(script: "PRAGMA wal_checkpoint(TRUNCATE)") }

  private static let schema = """
    BEGIN IMMEDIATE;
    PRAGMA application_id=\(SQLiteStore.application);
    PRAGMA user_version=\(SQLiteStore.version);
    CREATE TABLE frame(
      sequence INTEGER PRIMARY KEY,
      first_fact INTEGER NOT NULL,
      fact_count INTEGER NOT NULL,
      bytes BLOB NOT NULL
    ) STRICT;
    COMMIT;
    """
}

/// A connection that reads; one thread has it at a time.
private final class Reader {
  private let connection: Connection
  private let frames: Statement
  private let places: Statement
  private let ending: Statement

  init(_ path: String) throws(StoreFailure) {
    connection = try Connection.reading(path)
    // Do not map the file into memory: it reads no faster, and a bad sector would then end the
    // process instead of being said.
    try connection.run(script: "PRAGMA query_only=1")
    frames = try connection.prepare(
      "SELECT sequence, first_fact, fact_count, bytes FROM frame WHERE sequence >= ? "
        + "ORDER BY sequence LIMIT \(SQLiteStore.framesPerLook)")
    places = try connection.prepare(
      "SELECT sequence, first_fact, fact_count FROM frame WHERE sequence = ?")
    ending = try connection.prepare(
      "SELECT sequence, first_fact, fact_count FROM frame ORDER BY sequence DESC LIMIT 1")
  }

  func last() throws(StoreFailure) -> FramePlace? {
    defer { ending.reset() }
    return try ending.step() ? place(ending) : nil
  }

  func place(_ sequence: UInt64) throws(StoreFailure) -> FramePlace {
    defer { places.reset() }
    try places.bind(Int64(sequence), at: 1)
    guard try places.step() else { throw missing(sequence) }
    return place(places)
  }

  /// One look: true when there may be more frames, from `next` on.
  func read(
    from next: inout UInt64, _ body: (FramePlace, UnsafeRawBufferPointer) throws -> Bool
  ) throws -> Bool {
    defer { frames.reset() }
    try frames.bind(Int64(next), at: 1)
    var count = 0
    while try frames.step() {
      let place = place(frames)
      guard place.sequence == next else { throw missing(next) }
      guard try frames.withBytes(3, { try body(place, $0) }) else { return false }
      next += 1
      count += 1
    }
    return count == SQLiteStore.framesPerLook
  }

  private func place(_ row: borrowing Statement) -> FramePlace {
    FramePlace(
      sequence: UInt64(bitPattern: row.integer(0)),
      firstFact: FactNumber(UInt64(bitPattern: row.integer(1))),
      factCount: UInt32(truncatingIfNeeded: row.integer(2)))
  }

  private func missing(_ sequence: UInt64) -> StoreFailure {
    StoreFailure(
      .corrupt, "read the journal \(connection.path)", cause: "frame \(sequence) is missing",
      advice: StoreFailure.corruptAdvice)
  }
}
