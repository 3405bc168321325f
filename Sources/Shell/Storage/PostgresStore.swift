// SPDX-License-Identifier: Apache-2.0
// POSTGRES STORE. A journal in a database that is shared, replicated and backed up by others.
//
//   tanpuhui_frame(mechanism, sequence, first_fact, fact_count, bytes)    one row a frame
//
//   append ──▶ the writing session, which holds the mechanism's advisory lock
//   read, place ──▶ reading sessions, from a pool
//
// - The lock is the fence: it belongs to the session that appends, so a session that was lost can
//   neither hold the lock nor append. Should something between here and the server share sessions
//   out (a pooler), the primary key still refuses a second writer's frame.
// - `synchronous_commit` is raised to `on` where the server is set lower, and left where it is set
//   higher (`remote_apply`).
// - The SQL is plain: engines that speak PostgreSQL's protocol take it, and the mechanism comes
//   first in the key, so that Citus can distribute by it.
// - Frames are compressed by nobody: they are hashes and dense numbers.
import CPostgres
import Glibc
import Journal
import Units

package final class PostgresStore: JournalStore, @unchecked Sendable {  // by `writing` and `pool`
  package enum Access: Sendable {
    /// The one writer of the mechanism; a second is refused as `.inUse`.
    case write
    /// Reads along, as a standby does until it takes over.
    case follow
  }

  private let connection: String
  private let mechanism: String
  private let follows: Bool
  private let writing = Lock()
  private var writer: PostgresSession?
  private let pool = Lock()
  private var idle: [PostgresSession] = []
  private var latest: FramePlace?

  /// `connection` is libpq's: `host=/run/postgresql dbname=tanpuhui` or a `postgresql://` address.
  package init(
    connection: String, mechanism: String, access: Access = .write
  ) throws(StoreFailure) {
    self.connection = connection
    self.mechanism = mechanism
    follows = access == .follow
    let session = try PostgresSession(connection)
    if follows {
      try session.prepareReading()
      idle = [session]
      return
    }
    try PostgresStore.fence(session, mechanism)
    try PostgresStore.lay(session)
    try session.run("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE")
    try session.prepare(
      "append",
      "INSERT INTO tanpuhui_frame (mechanism, sequence, first_fact, fact_count, bytes) "
        + "VALUES ($1, $2, $3, $4, $5)", [.text, .integer, .integer, .integer, .bytes])
    try session.prepareReading()
    latest = try session.last(mechanism)
    writer = session
  }

  package func last() throws(StoreFailure) -> FramePlace? {
    guard follows else { return pool.with { latest } }
    let session = try borrow()
    let last = try session.last(mechanism)
    giveBack(session)
    return last
  }

  package func append(
    _ frame: UnsafeRawBufferPointer, at place: FramePlace
  ) throws(StoreFailure) {
    writing.lock()
    defer { writing.unlock() }
    try place.follows(pool.with { latest })
    guard let writer else {
      throw StoreFailure(
        follows ? .readOnly : .unavailable, "append frame \(place.sequence) of \(mechanism)",
        cause: follows
          ? "this store was opened to follow"
          : "the store is closed, or an append before this one failed",
        advice: "Start again with the journal open for writing.")
    }
    do throws(StoreFailure) {
      try writer.append(frame, place, mechanism)
    } catch {
      // A full disk leaves everything as it was. After anything else this store cannot know what
      // the next append would stand on, so there is none.
      if error.kind != .full { self.writer = nil }
      throw error.during("append frame \(place.sequence) of \(mechanism)")
    }
    pool.with { latest = place }
  }

  package func read(
    from sequence: UInt64, _ body: (FramePlace, UnsafeRawBufferPointer) throws -> Bool
  ) throws {
    // A session that failed is not given back: libpq closes it with its last owner.
    let session = try borrow()
    var next = max(sequence, 1)
    while try session.read(mechanism, from: &next, body) {}
    giveBack(session)
  }

  package func place(of fact: FactNumber) throws(StoreFailure) -> FramePlace? {
    let session = try borrow()
    let place = try session.place(of: fact, mechanism)
    giveBack(session)
    return place
  }

  package func close() {
    pool.with { idle.removeAll() }
    writing.with { writer = nil }
  }

  private func borrow() throws(StoreFailure) -> PostgresSession {
    while let session = pool.with({ idle.popLast() }) { if session.isReady { return session } }
    let session = try PostgresSession(connection)
    try session.prepareReading()
    return session
  }

  private func giveBack(_ session: PostgresSession) {
    pool.with { if idle.count < PostgresStore.readersIdleMax { idle.append(session) } }
  }

  /// Takes the mechanism's lock for as long as the session lives.
  private static func fence(
    _ session: PostgresSession, _ mechanism: String
  ) throws(StoreFailure) {
    let key = lockKey("tanpuhui journal \(mechanism)")
    // A desk that has just gone keeps its lock until the server has noticed: wait a moment for it.
    var isTaken = false
    for pause in [0, 100, 300, 600, 1000] as [UInt32] where !isTaken {
      usleep(pause * 1000)
      isTaken =
        try session.rows("SELECT pg_try_advisory_lock($1)", [key]) {
          $0.text($1, 0) == "t"
        }.first == true
    }
    guard isTaken else {
      throw StoreFailure(
        .inUse, "open the journal of \(mechanism)", cause: "another desk writes it",
        advice: "Stop the other desk, or start this one as a follower.")
    }
  }

  /// Makes the table where it is missing; two mechanisms may come at the same moment.
  private static func lay(_ session: PostgresSession) throws(StoreFailure) {
    let present = """
      SELECT 1 FROM information_schema.tables
      WHERE table_name = 'tanpuhui_frame' AND table_schema = current_schema()
      """
    if try !session.rows(present, row: { _, _ in true }).isEmpty { return }
    // `IF NOT EXISTS` alone does not keep two sessions from making the same table at once.
    let key = lockKey("tanpuhui schema")
    _ = try session.rows("SELECT pg_advisory_lock($1)", [key]) { _, _ in true }
    defer { _ = try? session.rows("SELECT pg_advisory_unlock($1)", [key]) { _, _ in true } }
    try session.run(schema)
    try session.run(byFact)
    // Spares the server the vain attempt to compress. Engines without it do well without it.
    try? session.run("ALTER TABLE tanpuhui_frame ALTER COLUMN bytes SET STORAGE EXTERNAL")
  }

  private static func lockKey(_ name: String) -> PostgresSession.Parameter {
    .integer(Digest.sha256.hash(Array(name.utf8)).prefix(8).reduce(0) { $0 << 8 | Int64($1) })
  }

  private static let schema = """
    CREATE TABLE IF NOT EXISTS tanpuhui_frame (
      mechanism text NOT NULL,
      sequence bigint NOT NULL,
      first_fact bigint NOT NULL,
      fact_count bigint NOT NULL,
      bytes bytea NOT NULL,
      PRIMARY KEY (mechanism, sequence)
    )
    """
  private static let byFact = """
    CREATE INDEX IF NOT EXISTS tanpuhui_frame_by_fact ON tanpuhui_frame (mechanism, first_fact)
    """

  /// Frames asked for at once: enough to keep the wire full, few enough to stop soon.
  static let framesPerLook = 64
  static let readersIdleMax = 4
}
