// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

/// 操作日志: what a member of staff did. Only ever added to; the database refuses anything else.
///
/// Write no personal data into it: name the object by its number.
package struct StaffAction: Sendable {
  package var time: Instant
  package var staff: StaffID
  package var action: String
  package var object: String
  package var before: String
  package var after: String
  /// The network address the request came from.
  package var address: String

  package init(
    time: Instant, staff: StaffID, action: String, object: String, before: String = "",
    after: String = "", address: String
  ) {
    self.time = time
    self.staff = staff
    self.action = action
    self.object = object
    self.before = before
    self.after = after
    self.address = address
  }
}

extension Vault {
  package func record(_ action: StaffAction) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "INSERT INTO staff_action(time, staff, action, object, before, after, address) "
        + "VALUES (?, ?, ?, ?, ?, ?, ?)", .integer(action.time.milliseconds),
      .integer(Int64(action.staff.raw)), .text(action.action), .text(action.object),
      .text(action.before), .text(action.after), .text(action.address))
  }

  /// The newest first, from below `before`; of one object where one is named.
  package func staffActions(
    object: String? = nil, before: Int64 = .max, limit: Int = 100
  ) throws(StoreFailure) -> [(number: Int64, action: StaffAction)] {
    lock.lock()
    defer { lock.unlock() }
    return try connection.rows(
      "SELECT number, time, staff, action, object, before, after, address FROM staff_action "
        + "WHERE number < ?1 AND (?2 IS NULL OR object = ?2) ORDER BY number DESC LIMIT ?3",
      .integer(before), object.map { .text($0) } ?? .null, .integer(Int64(limit))
    ) { row in
      let action = StaffAction(
        time: Instant(milliseconds: row.integer(1)),
        staff: StaffID(UInt32(truncatingIfNeeded: row.integer(2))), action: row.text(3),
        object: row.text(4), before: row.text(5), after: row.text(6), address: row.text(7))
      return (row.integer(0), action)
    }
  }
}
