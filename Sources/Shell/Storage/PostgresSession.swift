// SPDX-License-Identifier: Apache-2.0
import CPostgres
import Glibc
import Journal

/// One connection to a PostgreSQL server; one thread uses it at a time.
final class PostgresSession {
  private let handle: OpaquePointer

  init(_ connection: String) throws(StoreFailure) {
    // What stands before `dbname` is a default that the connection text may replace.
    let settings = [
      ("connect_timeout", "10"), ("application_name", "tanpuhui"), ("keepalives_idle", "30"),
      ("keepalives_interval", "10"), ("keepalives_count", "3"), ("tcp_user_timeout", "30000"),
      ("client_encoding", "UTF8"), ("dbname", connection),
    ]
    var names = settings.map { UnsafePointer<CChar>(strdup($0.0)) } + [nil]
    var values = settings.map { UnsafePointer<CChar>(strdup($0.1)) } + [nil]
    defer { for text in names + values { free(UnsafeMutablePointer(mutating: text)) } }
    guard let handle = PQconnectdbParams(&names, &values, 1) else {
      throw StoreFailure(
        .unavailable, "connect to PostgreSQL", cause: "out of memory",
        advice: "Give the machine more memory.")
    }
    self.handle = handle
    guard PQstatus(handle) == CONNECTION_OK else {
      throw StoreFailure(
        .unavailable, "connect to PostgreSQL", cause: said(),
        advice: "See that the server runs and that the address, user and password are right.")
    }
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
    let setting = try rows("SHOW synchronous_commit", row: { $0.text($1, 0) }).first
    if setting == "off" || setting == "local" { try run("SET synchronous_commit = on") }
  }

  deinit { PQfinish(handle) }

  var isAlive: Bool { PQstatus(handle) == CONNECTION_OK }

  /// Looks, without waiting, whether the server has hung up since the last question.
  var isReady: Bool {
    // A farewell is read first, and only the second look finds the line closed.
    for _ in 1...2 {
      guard PQconsumeInput(handle) == 1 else { return false }
      _ = PQisBusy(handle)
    }
    return isAlive
  }

  enum Kind { case text, integer, bytes }
  enum Parameter {
    case text(String)
    case integer(Int64)
  }

  func run(_ sql: String) throws(StoreFailure) {
    let result = PostgresResult(PQexec(handle, sql))
    try check(result)
  }

  func prepare(_ name: String, _ sql: String, _ kinds: [Kind]) throws(StoreFailure) {
    let types = kinds.map { kind in
      switch kind {
      case .text: Oid(25)
      case .integer: Oid(20)
      case .bytes: Oid(17)
      }
    }
    try check(PostgresResult(PQprepare(handle, name, sql, Int32(types.count), types)))
  }

  /// Asks in text form; for the few questions where speed does not matter.
  func rows<R>(
    _ sql: String, _ parameters: [Parameter] = [], row: (borrowing PostgresResult, Int32) -> R
  ) throws(StoreFailure) -> [R] {
    let texts = parameters.map { parameter in
      switch parameter {
      case .text(let text): UnsafePointer<CChar>(strdup(text))
      case .integer(let number): UnsafePointer<CChar>(strdup(String(number)))
      }
    }
    defer { for text in texts { free(UnsafeMutablePointer(mutating: text)) } }
    let types = parameters.map { parameter in
      switch parameter {
      case .text: Oid(25)
      case .integer: Oid(20)
      }
    }
    let result = PostgresResult(
      PQexecParams(handle, sql, Int32(texts.count), types, texts, nil, nil, 0))
    try check(result)
    var answers: [R] = []
    for index in 0..<result.count { answers.append(row(result, index)) }
    return answers
  }

  /// Sends a prepared statement with a text, integers, and perhaps bytes, all in binary and none
  /// copied; `send` is libpq's call.
  func withParameters<R>(
    _ mechanism: String, _ integers: [Int64], _ bytes: UnsafeRawBufferPointer? = nil,
    _ send: (
      Int32, UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<Int32>, UnsafePointer<Int32>
    ) -> R
  ) -> R {
    var name = mechanism
    return name.withUTF8 { name in
      integers.map(\.bigEndian).withUnsafeBytes { numbers in
        // libpq takes a null pointer for NULL, and the bytes of an empty text may have no place.
        let text = name.baseAddress.map { UnsafeRawPointer($0) } ?? numbers.baseAddress
        var values = [text?.assumingMemoryBound(to: CChar.self)]
        var lengths = [Int32(name.count)]
        for index in integers.indices {
          values.append(
            numbers.baseAddress?.advanced(by: index * 8).assumingMemoryBound(to: CChar.self))
          lengths.append(8)
        }
        if let bytes {
          let start = bytes.baseAddress ?? numbers.baseAddress
          values.append(start?.assumingMemoryBound(to: CChar.self))
          lengths.append(Int32(bytes.count))
        }
        let formats = [Int32](repeating: 1, count: values.count)
        return send(Int32(values.count), values, lengths, formats)
      }
    }
  }

  func execute(
    _ statement: String, _ mechanism: String, _ integers: [Int64],
    _ bytes: UnsafeRawBufferPointer? = nil
  ) throws(StoreFailure) -> PostgresResult {
    let answer = withParameters(mechanism, integers, bytes) { count, values, lengths, formats in
      PQexecPrepared(handle, statement, count, values, lengths, formats, 1)
    }
    let result = PostgresResult(answer)
    try check(result)
    return result
  }

  /// Asks for rows one by one, so that no more than one of them is held here.
  func stream(
    _ statement: String, _ mechanism: String, _ integers: [Int64],
    _ body: (borrowing PostgresResult) throws -> Bool
  ) throws {
    let sent = withParameters(mechanism, integers) { count, values, lengths, formats in
      PQsendQueryPrepared(handle, statement, count, values, lengths, formats, 1)
    }
    guard sent == 1, PQsetSingleRowMode(handle) == 1 else { throw failure(state: "") }
    var wanted = true
    var broken: (any Error)?
    // The answer is always read to its end, or the session could not be asked anything else.
    while let raw = PQgetResult(handle) {
      let result = PostgresResult(raw)
      guard wanted, broken == nil else { continue }
      do {
        try check(result)
        if result.count == 1 { wanted = try body(result) }
      } catch {
        broken = error
      }
    }
    if let broken { throw broken }
  }

  private func check(_ result: borrowing PostgresResult) throws(StoreFailure) {
    switch result.status {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE: return
    default: throw failure(state: result.state)
    }
  }

  private func said() -> String {
    let text = String(cString: PQerrorMessage(handle))
    return text.split(separator: "\n").joined(separator: "; ")
  }

  private func failure(state: String) -> StoreFailure {
    let operation = "PostgreSQL"
    guard isAlive else {
      return StoreFailure(
        .unavailable, operation, cause: "the connection was lost: \(said())",
        advice: "See that the server runs, then start again: what had been answered is there, and "
          + "what had not will be found there whole or not at all.")
    }
    let cause = state.isEmpty ? said() : "\(said()) (SQLSTATE \(state))"
    switch state {
    case "53100":
      return StoreFailure(
        .full, operation, cause: cause,
        advice: "Free space on the database server's disk, then start again: nothing is lost.")
    case "25006", "42501":
      return StoreFailure(
        .readOnly, operation, cause: cause,
        advice: "Connect to the primary server, as a user who may write to tanpuhui_frame.")
    case "23505":
      return StoreFailure(
        .inUse, operation, cause: cause,
        advice: "Another desk has written this frame: stop one of the two, then start again.")
    case let code where code.hasPrefix("XX00"):
      return StoreFailure(
        .corrupt, operation, cause: cause,
        advice: "Let the database's keeper restore it, then run `tanpuhui verify`.")
    default:
      return StoreFailure(
        .unavailable, operation, cause: cause,
        advice: "See the database server's log, then start again.")
    }
  }
}

/// What the server answered.
struct PostgresResult: ~Copyable {
  private let handle: OpaquePointer?
  init(_ handle: OpaquePointer?) { self.handle = handle }
  deinit { PQclear(handle) }

  var status: ExecStatusType { PQresultStatus(handle) }
  var count: Int32 { PQntuples(handle) }
  var state: String {
    // PG_DIAG_SQLSTATE is the letter C.
    PQresultErrorField(handle, 67).map { String(cString: $0) } ?? ""
  }

  func text(_ row: Int32, _ column: Int32) -> String {
    bytes(row, column).withMemoryRebound(to: UInt8.self) { String(decoding: $0, as: UTF8.self) }
  }

  func integer(_ row: Int32, _ column: Int32) -> Int64 {
    let bytes = bytes(row, column)
    return bytes.count == 8 ? Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)) : 0
  }

  /// Where libpq has them, valid while the result lives.
  func bytes(_ row: Int32, _ column: Int32) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: PQgetvalue(handle, row, column), count: Int(PQgetlength(handle, row, column)))
  }
}
