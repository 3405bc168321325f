// SPDX-License-Identifier: Apache-2.0
// CONNECTION. SQLite, as thin as it can be while leaving no code unread.
//
//   Connection ──prepare──▶ Statement ──step──▶ row ──integer/text/withBytes──▶ values
//
// Neither can be copied, so each handle is closed exactly once. A connection is opened without
// SQLite's own mutex: it belongs to one thread at a time, by the lock of whoever holds it.
import CSQLite
import Glibc
import Journal

/// An open SQLite database.
package struct Connection: ~Copyable {
  package enum Access: Sendable { case readOnly, readWrite, create }

  let handle: OpaquePointer
  package let path: String

  package init(_ path: String, _ access: Access = .create) throws(StoreFailure) {
    let flags =
      switch access {
      case .readOnly: SQLITE_OPEN_READONLY
      case .readWrite: SQLITE_OPEN_READWRITE
      case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    try self.init(path, name: path, flags)
  }

  /// A connection to read by, also where nothing may be written: on a read-only medium, or by a
  /// user who may only look. SQLite wants to write an index beside a log; where there is no log,
  /// nobody is at work on the file, and it is read as it lies.
  package static func reading(_ path: String) throws(StoreFailure) -> Connection {
    do throws(StoreFailure) {
      let connection = try Connection(path, .readWrite)
      try connection.run(script: "SELECT count(*) FROM sqlite_schema")
      return connection
    } catch {
      guard error.kind == .readOnly, !Files.exists(path + "-wal") else { throw error }
    }
    let special = Array("%?#".utf8)
    let escaped = path.utf8.reduce(into: "") {
      $0 += $1 >= 128 || special.contains($1) ? "%" + hexadecimal([$1]) : String(UnicodeScalar($1))
    }
    return try Connection(
      path, name: "file:\(escaped)?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI)
  }

  private init(_ path: String, name: String, _ flags: Int32) throws(StoreFailure) {
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(
      name, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard code == SQLITE_OK, let opened else {
      let failure = StoreFailure(sqlite: code, in: opened, path: path)
      sqlite3_close_v2(opened)
      throw failure
    }
    sqlite3_busy_timeout(opened, Connection.busyMilliseconds)
    handle = opened
    self.path = path
  }

  // A connection whose statements are still open is closed by SQLite after the last of them.
  deinit { sqlite3_close_v2(handle) }

  /// How long a statement waits for another connection's lock before it fails as `.inUse`.
  static let busyMilliseconds: Int32 = 5000

  package func prepare(_ sql: String) throws(StoreFailure) -> Statement {
    var prepared: OpaquePointer?
    let code = sqlite3_prepare_v3(
      handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK, let prepared else {
      throw StoreFailure(sqlite: code, in: handle, path: path)
    }
    return Statement(handle: prepared, database: handle)
  }

  /// Runs a script of any number of statements without parameters.
  package func run(script: String) throws(StoreFailure) {
    let code = sqlite3_exec(handle, script, nil, nil, nil)
    guard code == SQLITE_OK else { throw StoreFailure(sqlite: code, in: handle, path: path) }
  }

  /// Runs one statement and answers how many rows it changed.
  @discardableResult
  package func run(_ sql: String, _ values: Value...) throws(StoreFailure) -> Int {
    let statement = try prepare(sql)
    try statement.bind(values)
    while try statement.step() {}
    return Int(sqlite3_changes(handle))
  }

  package func rows<R>(
    _ sql: String, _ values: Value..., row: (borrowing Statement) -> R
  ) throws(StoreFailure) -> [R] {
    let statement = try prepare(sql)
    try statement.bind(values)
    var result: [R] = []
    while try statement.step() { result.append(row(statement)) }
    return result
  }

  package func first<R>(
    _ sql: String, _ values: Value..., row: (borrowing Statement) -> R
  ) throws(StoreFailure) -> R? {
    let statement = try prepare(sql)
    try statement.bind(values)
    return try statement.step() ? row(statement) : nil
  }

  /// All or nothing. The lock for writing is taken at the start, so that a transaction that began
  /// cannot fail half way for want of it.
  package func transaction<R>(
    _ body: () throws(StoreFailure) -> R
  ) throws(StoreFailure) -> R {
    try run(script: "BEGIN IMMEDIATE")
    do throws(StoreFailure) {
      let result = try body()
      try run(script: "COMMIT")
      return result
    } catch {
      // After some failures SQLite has rolled back by itself, and this one then has nothing to do.
      if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
      throw error
    }
  }

  package var lastRow: Int64 { sqlite3_last_insert_rowid(handle) }

  /// The standard of this house for a database that must not lose what it has answered for.
  package func makeDurable(checkpointBytes: Int) throws(StoreFailure) {
    try run(script: "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
    let pageSize = try first("PRAGMA page_size") { $0.integer(0) } ?? 4096
    try run(script: "PRAGMA wal_autocheckpoint=\(Int64(checkpointBytes) / pageSize);")
  }
}

/// What is bound to a statement where speed does not matter.
package enum Value: Sendable {
  case null
  case integer(Int64)
  case text(String)
  case bytes([UInt8])
}
