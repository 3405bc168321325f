// SPDX-License-Identifier: Apache-2.0
// The vault's tables about people beyond their phone: what waits for a renewed consent, guardians,
// logins by an identity server, organisations' applications and invitations, passwords' ages.
//
// `erasePeople` takes away what these tables know of a person; it runs within `erase`.

import Journal

extension Vault {
  static let peopleSchema = """
    CREATE TABLE paused_link(
      mechanism TEXT NOT NULL, alias INTEGER NOT NULL, person INTEGER NOT NULL,
      since INTEGER NOT NULL, PRIMARY KEY (mechanism, alias)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX paused_link_by_person ON paused_link(person);
    CREATE TABLE consent_round(
      mechanism TEXT PRIMARY KEY, adoption INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE guardianship(
      child INTEGER PRIMARY KEY, guardian INTEGER NOT NULL, text_version TEXT NOT NULL,
      given INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX guardianship_by_guardian ON guardianship(guardian);
    CREATE TABLE guardian_code(
      hash BLOB PRIMARY KEY, child INTEGER NOT NULL UNIQUE, mechanism TEXT NOT NULL,
      expires INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE person_identity(
      blind BLOB PRIMARY KEY, person INTEGER NOT NULL, provider TEXT NOT NULL,
      created INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX person_identity_by_person ON person_identity(person);

    CREATE TABLE organisation_application(
      id INTEGER PRIMARY KEY AUTOINCREMENT, mechanism TEXT NOT NULL, person INTEGER NOT NULL,
      kind TEXT NOT NULL, name TEXT NOT NULL, sealed BLOB, created INTEGER NOT NULL,
      state INTEGER NOT NULL DEFAULT 0, decided INTEGER, staff INTEGER,
      opinion TEXT NOT NULL DEFAULT '', organisation INTEGER
    ) STRICT;
    CREATE INDEX organisation_application_by_state
      ON organisation_application(mechanism, state, id);
    CREATE INDEX organisation_application_by_person ON organisation_application(person);
    CREATE TABLE organisation_invitation(
      hash BLOB PRIMARY KEY, mechanism TEXT NOT NULL, organisation INTEGER NOT NULL,
      created INTEGER NOT NULL, expires INTEGER NOT NULL, uses INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE organisation_request(
      mechanism TEXT NOT NULL, organisation INTEGER NOT NULL, person INTEGER NOT NULL,
      citizen INTEGER NOT NULL, created INTEGER NOT NULL,
      PRIMARY KEY (mechanism, organisation, citizen)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE staff_password(
      staff INTEGER PRIMARY KEY, changed INTEGER NOT NULL, is_first INTEGER NOT NULL,
      former TEXT NOT NULL
    ) STRICT;
    """

  /// Within `erase`'s transaction. A child's account outlives its guardian's, without a guardian.
  func erasePeople(_ id: Value) throws(StoreFailure) {
    for statement in [
      "DELETE FROM paused_link WHERE person = ?",
      "DELETE FROM guardianship WHERE child = ?1 OR guardian = ?1",
      "DELETE FROM guardian_code WHERE child = ?", "DELETE FROM person_identity WHERE person = ?",
      "DELETE FROM organisation_application WHERE person = ? AND state <> 1",
      "UPDATE organisation_application SET sealed = NULL, person = 0 WHERE person = ?",
      "DELETE FROM organisation_request WHERE person = ?",
    ] {
      try connection.run(statement, id)
    }
  }
}
