// SPDX-License-Identifier: Apache-2.0
import CSQLite
import Glibc
import Journal

/// What the system and the engine say, turned into what a person can do about it.
extension StoreFailure {
  init(sqlite code: Int32, in database: OpaquePointer?, path: String) {
    let said = database.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
    let system = database.map { sqlite3_system_errno($0) } ?? 0
    let operation = "database \(path)"
    let cause = system == 0 ? said : "\(said): \(String(cString: strerror(system)))"
    switch code & 0xff {
    case SQLITE_FULL:
      self.init(.full, operation, cause: cause, advice: StoreFailure.fullAdvice)
    case SQLITE_READONLY, SQLITE_PERM:
      self.init(.readOnly, operation, cause: cause, advice: StoreFailure.readOnlyAdvice)
    case SQLITE_BUSY, SQLITE_LOCKED:
      self.init(
        .inUse, operation, cause: cause,
        advice: "Another program has this file open; close it and start again.")
    case SQLITE_CORRUPT, SQLITE_NOTADB:
      self.init(.corrupt, operation, cause: cause, advice: StoreFailure.corruptAdvice)
    case SQLITE_IOERR, SQLITE_CANTOPEN:
      if let kind = StoreFailure.kind(ofSystem: system) {
        self.init(kind, operation, cause: cause, advice: StoreFailure.advice(for: kind))
      } else {
        self.init(
          .unavailable, operation, cause: cause,
          advice: "See that the folder exists, that the disk is well (dmesg tells) and that no "
            + "limit on the size of files is reached (ulimit -f), then start again.")
      }
    default:
      self.init(
        .unavailable, operation, cause: "\(cause) (SQLite code \(code))",
        advice: "This is likely a mistake in the program; please report it with this message.")
    }
  }

  /// A call of the system failed: `system("open /data/lock", errno)`.
  static func system(_ operation: String, _ code: Int32) -> StoreFailure {
    let kind = kind(ofSystem: code) ?? .unavailable
    return StoreFailure(
      kind, operation, cause: String(cString: strerror(code)), advice: advice(for: kind))
  }

  /// The same failure, told as what the caller was doing.
  func during(_ operation: String) -> StoreFailure {
    StoreFailure(kind, operation, cause: "\(self.operation): \(cause)", advice: advice)
  }

  private static func kind(ofSystem code: Int32) -> Kind? {
    switch code {
    case ENOSPC, EDQUOT, EFBIG: .full
    case EROFS, EACCES, EPERM: .readOnly
    default: nil
    }
  }

  private static func advice(for kind: Kind) -> String {
    switch kind {
    case .full: fullAdvice
    case .readOnly: readOnlyAdvice
    case .corrupt: corruptAdvice
    default: "See that the path exists and the disk is well, then start again."
    }
  }

  static let fullAdvice =
    "Free space on this disk or enlarge it, then start again: nothing is lost."
  static let readOnlyAdvice =
    "Let the user who runs this program write there (owner, mode, mount), then start again."
  static let corruptAdvice =
    "Keep this file aside untouched, restore the last backup, and run `tanpuhui verify` on it."
}
