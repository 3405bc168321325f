// SPDX-License-Identifier: Apache-2.0
import CSQLite
import Journal

/// A prepared statement. Parameters count from 1, columns from 0, as in SQLite.
package struct Statement: ~Copyable {
  let handle: OpaquePointer
  let database: OpaquePointer

  deinit { sqlite3_finalize(handle) }

  /// True while there is a row.
  package func step() throws(StoreFailure) -> Bool {
    let code = sqlite3_step(handle)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw failure(code)
    }
  }

  /// Makes ready for the next run; what a failed run said has been said by `step` already.
  package func reset() { sqlite3_reset(handle) }

  package func bind(_ values: [Value]) throws(StoreFailure) {
    for (offset, value) in values.enumerated() {
      let index = Int32(offset + 1)
      let code =
        switch value {
        case .null: sqlite3_bind_null(handle, index)
        case .integer(let number): sqlite3_bind_int64(handle, index, number)
        case .text(let text): sqlite3_bind_text(handle, index, text, -1, Statement.copied)
        case .bytes(let bytes):
          bytes.isEmpty
            ? sqlite3_bind_zeroblob(handle, index, 0)
            : sqlite3_bind_blob64(
              handle, index, bytes, sqlite3_uint64(bytes.count), Statement.copied)
        }
      guard code == SQLITE_OK else { throw failure(code) }
    }
  }

  package func bind(_ number: Int64, at index: Int32) throws(StoreFailure) {
    let code = sqlite3_bind_int64(handle, index, number)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  package func bindNull(at index: Int32) throws(StoreFailure) {
    let code = sqlite3_bind_null(handle, index)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  package func bind(_ text: String, at index: Int32) throws(StoreFailure) {
    let code = sqlite3_bind_text(handle, index, text, -1, Statement.copied)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  /// Binds bytes without copying them: they must stay where they are until the statement is reset
  /// or bound anew.
  package func bind(borrowed bytes: UnsafeRawBufferPointer, at index: Int32) throws(StoreFailure) {
    let code =
      bytes.isEmpty
      ? sqlite3_bind_zeroblob(handle, index, 0)
      : sqlite3_bind_blob64(handle, index, bytes.baseAddress, sqlite3_uint64(bytes.count), nil)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  package func isNull(_ column: Int32) -> Bool {
    sqlite3_column_type(handle, column) == SQLITE_NULL
  }

  package func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  package func double(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }

  package func text(_ column: Int32) -> String {
    guard let start = sqlite3_column_text(handle, column) else { return "" }
    let count = Int(sqlite3_column_bytes(handle, column))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  package func bytes(_ column: Int32) -> [UInt8] { withBytes(column) { Array($0) } }

  /// The bytes where SQLite has them, valid inside the body only.
  package func withBytes<R, E>(
    _ column: Int32, _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    let start = sqlite3_column_blob(handle, column)
    let count = Int(sqlite3_column_bytes(handle, column))
    return try body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
  }

  private func failure(_ code: Int32) -> StoreFailure {
    let path = sqlite3_db_filename(database, "main").map { String(cString: $0) } ?? ""
    return StoreFailure(sqlite: code, in: database, path: path.isEmpty ? "memory" : path)
  }

  /// SQLite's mark for "make your own copy", a macro that C alone can read.
  private static var copied: sqlite3_destructor_type {
    unsafeBitCast(-1, to: sqlite3_destructor_type.self)
  }
}
