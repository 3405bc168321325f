// SPDX-License-Identifier: Apache-2.0
import Journal

/// The vault's tables whole, and the numbered steps that lead there from older ones.
///
/// Each later part of the house has its tables in a file of its own, and they are one more step at
/// the end of `steps`. A step that changes a table that is there needs that table written anew in
/// `coreSchema` as well; `MallVaultTests` lays the first version, takes all steps, and compares.
extension Vault {
  static let version = steps.count + 1

  /// Step n leads from version n to n + 1.
  static let steps: [String] = [
    mallSchema, policySchema, peopleSchema, partnerSchema, recognitionSchema, lettersSchema,
  ]

  static func migrate(_ connection: borrowing Connection) throws(StoreFailure) {
    var found = try connection.first("PRAGMA user_version") { Int($0.integer(0)) } ?? 0
    guard found <= version else {
      throw StoreFailure(
        .unavailable, "open the vault \(connection.path)", cause: "a newer tanpuhui has changed it",
        advice: "Run a tanpuhui at least as new as that one.")
    }
    if found == 0 {
      let tables = try connection.first("SELECT count(*) FROM sqlite_schema") { $0.integer(0) } ?? 0
      guard tables == 0 else {
        throw StoreFailure(
          .corrupt, "open the vault \(connection.path)", cause: "the file holds something else",
          advice: "Give the path of a vault, or of a file that does not exist yet.")
      }
      try connection.run(
        script:
          "BEGIN IMMEDIATE; \(schema) PRAGMA user_version=\(version); COMMIT;")
      return
    }
    while found < version {
      try connection.run(
        script: "BEGIN IMMEDIATE; \(steps[found - 1]) PRAGMA user_version=\(found + 1); COMMIT;")
      found += 1
    }
  }

  /// Times are milliseconds since 1970; `sealed` is what `Cipher` sealed; `blind` is a keyed hash.
  static let schema = coreSchema + steps.joined()

  private static let coreSchema = """
    CREATE TABLE vault(suite INTEGER NOT NULL) STRICT;
    CREATE TABLE secret(name TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE person(
      id INTEGER PRIMARY KEY, sealed_key BLOB NOT NULL, created INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE person_field(
      person INTEGER NOT NULL REFERENCES person(id), name TEXT NOT NULL, sealed BLOB NOT NULL,
      PRIMARY KEY (person, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE person_phone(
      blind BLOB PRIMARY KEY, person INTEGER NOT NULL UNIQUE REFERENCES person(id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE citizen(
      mechanism TEXT NOT NULL, citizen INTEGER NOT NULL,
      person INTEGER NOT NULL REFERENCES person(id),
      PRIMARY KEY (mechanism, citizen)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX citizen_by_person ON citizen(person, mechanism);
    CREATE TABLE consent(
      id INTEGER PRIMARY KEY, person INTEGER NOT NULL, purpose TEXT NOT NULL,
      receiver TEXT NOT NULL, text_version TEXT NOT NULL,
      given INTEGER NOT NULL, withdrawn INTEGER
    ) STRICT;
    CREATE INDEX consent_by_person ON consent(person);

    CREATE TABLE mechanism(number INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE alias(
      mechanism INTEGER NOT NULL, alias INTEGER NOT NULL, partner INTEGER NOT NULL,
      digest BLOB, sealed BLOB,
      PRIMARY KEY (mechanism, alias)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE partner_key(
      hash BLOB PRIMARY KEY, mechanism TEXT NOT NULL, partner INTEGER NOT NULL,
      created INTEGER NOT NULL, revoked INTEGER
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE staff(
      id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT NOT NULL UNIQUE,
      display_name TEXT NOT NULL, roles TEXT NOT NULL, password TEXT NOT NULL,
      second_factor BLOB, last_step INTEGER NOT NULL DEFAULT 0,
      wrong_tries INTEGER NOT NULL DEFAULT 0, locked_until INTEGER NOT NULL DEFAULT 0,
      created INTEGER NOT NULL, disabled INTEGER
    ) STRICT;
    CREATE TABLE session(
      hash BLOB PRIMARY KEY, kind INTEGER NOT NULL, subject INTEGER NOT NULL,
      created INTEGER NOT NULL, last_seen INTEGER NOT NULL, expires INTEGER NOT NULL,
      csrf BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX session_by_subject ON session(kind, subject);
    CREATE TABLE login_code(
      blind BLOB PRIMARY KEY, hash BLOB NOT NULL, issued INTEGER NOT NULL,
      tries INTEGER NOT NULL, window_start INTEGER NOT NULL, window_count INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE staff_action(
      number INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, staff INTEGER NOT NULL,
      action TEXT NOT NULL, object TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
      address TEXT NOT NULL
    ) STRICT;
    CREATE INDEX staff_action_by_object ON staff_action(object, number);
    CREATE TRIGGER staff_action_stays BEFORE UPDATE ON staff_action
      BEGIN SELECT raise(ABORT, 'the log of staff actions is only added to'); END;
    CREATE TRIGGER staff_action_remains BEFORE DELETE ON staff_action
      BEGIN SELECT raise(ABORT, 'the log of staff actions is only added to'); END;

    """
}
