// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

/// 回调地址: where a partner wants to be told, and of what.
package struct Hook: Sendable, Equatable {
  package var id: Int64
  package var mechanism: String
  package var partner: PartnerID
  package var address: String
  package var topics: [String]
  package var created: Instant
  package var ended: Instant?
  /// What messages are signed with.
  package var secret: [UInt8]
}

/// 投递: one message to one hook, and what became of it.
package struct Delivery: Sendable, Equatable {
  package var id: Int64
  package var hook: Int64
  package var topic: String
  /// The fact it tells of: a hook is told of it once.
  package var fact: UInt64
  package var body: String
  package var created: Instant
  /// When it is tried next; nil once it was delivered or given up.
  package var due: Instant?
  package var tries: Int
  package var status: Int?
  package var said: String?
  package var delivered: Instant?
}

extension Vault {
  /// Registers an address; `from`: the mechanism's last frame, behind which it is told. The secret
  /// is shown this once.
  package func addHook(
    mechanism: String, partner: PartnerID, address: String, topics: [String], from sequence: UInt64,
    at time: Instant
  ) throws(StoreFailure) -> Hook {
    let secret = randomBytes(32)
    let sealed = Cipher.seal(
      secret, key: secrets.staff, place: "hook/\(mechanism)/\(time.milliseconds)", suite: suite)
    let isFirst = try hooks(mechanism: mechanism).isEmpty
    lock.lock()
    defer { lock.unlock() }
    var id: Int64 = 0
    try connection.transaction { () throws(StoreFailure) in
      try connection.run(
        "INSERT INTO hook(mechanism, partner, address, topics, sealed, created) "
          + "VALUES (?, ?, ?, ?, ?, ?)", .text(mechanism), .integer(Int64(partner.raw)),
        .text(address), .text(topics.joined(separator: ",")), .bytes(sealed),
        .integer(time.milliseconds))
      id = connection.lastRow
      if isFirst {
        try connection.run(
          "INSERT OR REPLACE INTO hook_position VALUES (?, ?)", .text(mechanism),
          .integer(Int64(sequence)))
      }
    }
    return Hook(
      id: id, mechanism: mechanism, partner: partner, address: address, topics: topics,
      created: time, ended: nil, secret: secret)
  }

  /// Hooks that are told, or with `all` those that ended too.
  package func hooks(
    mechanism: String, all: Bool = false
  ) throws(StoreFailure) -> [Hook] {
    lock.lock()
    defer { lock.unlock() }
    return try connection.rows(
      "SELECT * FROM hook WHERE mechanism = ? AND (? = 1 OR ended IS NULL) ORDER BY id",
      .text(mechanism), .integer(all ? 1 : 0)
    ) { row in
      let created = Instant(milliseconds: row.integer(6))
      let secret = Cipher.open(
        row.bytes(5), key: self.secrets.staff,
        place: "hook/\(mechanism)/\(created.milliseconds)")
      return Hook(
        id: row.integer(0), mechanism: mechanism,
        partner: PartnerID(UInt16(truncatingIfNeeded: row.integer(2))), address: row.text(3),
        topics: row.text(4).split(separator: ",").map(String.init), created: created,
        ended: row.isNull(7) ? nil : Instant(milliseconds: row.integer(7)), secret: secret ?? [])
    }
  }

  /// Tells a hook nothing more; what is due is given up.
  package func endHook(
    _ id: Int64, mechanism: String, partner: PartnerID, at time: Instant
  ) throws(StoreFailure) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    let changed = try connection.run(
      "UPDATE hook SET ended = ? WHERE id = ? AND mechanism = ? AND partner = ? "
        + "AND ended IS NULL", .integer(time.milliseconds), .integer(id), .text(mechanism),
      .integer(Int64(partner.raw)))
    guard changed == 1 else { return false }
    try connection.run("UPDATE delivery SET due = NULL WHERE hook = ?", .integer(id))
    return true
  }

  /// The last frame whose facts are among the deliveries.
  package func hookPosition(mechanism: String) throws(StoreFailure) -> UInt64 {
    lock.lock()
    defer { lock.unlock() }
    return try connection.first(
      "SELECT sequence FROM hook_position WHERE mechanism = ?", .text(mechanism)
    ) { UInt64(clamping: $0.integer(0)) } ?? 0
  }

  /// Takes over messages of frames up to one; a hook is told of a fact once.
  package func enqueue(
    _ messages: [(hook: Int64, topic: String, fact: UInt64, body: String)], mechanism: String,
    upTo sequence: UInt64, at time: Instant
  ) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.transaction { () throws(StoreFailure) in
      for message in messages {
        try connection.run(
          "INSERT OR IGNORE INTO delivery(hook, topic, fact, body, created, due) "
            + "VALUES (?, ?, ?, ?, ?, ?)", .integer(message.hook), .text(message.topic),
          .integer(Int64(message.fact)), .text(message.body), .integer(time.milliseconds),
          .integer(time.milliseconds))
      }
      try connection.run(
        "INSERT OR REPLACE INTO hook_position VALUES (?, ?)", .text(mechanism),
        .integer(Int64(sequence)))
    }
  }

  /// What is to be tried now, the longest due first.
  package func dueDeliveries(at time: Instant, limit: Int) throws(StoreFailure) -> [Delivery] {
    lock.lock()
    defer { lock.unlock() }
    return try connection.rows(
      "SELECT * FROM delivery WHERE due IS NOT NULL AND due <= ? ORDER BY due LIMIT ?",
      .integer(time.milliseconds), .integer(Int64(limit))
    ) { Vault.delivery($0) }
  }

  /// Notes what became of a try.
  package func note(
    _ id: Int64, status: Int?, said: String, due: Instant?, delivered: Instant?
  ) throws(StoreFailure) {
    lock.lock()
    defer { lock.unlock() }
    try connection.run(
      "UPDATE delivery SET tries = tries + 1, status = ?, said = ?, due = ?, delivered = ? "
        + "WHERE id = ?", status.map { .integer(Int64($0)) } ?? .null, .text(said),
      due.map { .integer($0.milliseconds) } ?? .null,
      delivered.map { .integer($0.milliseconds) } ?? .null, .integer(id))
  }

  /// Tries a message again now, delivered before or not; false where there is none such.
  package func redeliver(
    _ id: Int64, mechanism: String, partner: PartnerID, at time: Instant
  ) throws(StoreFailure) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    return try connection.run(
      "UPDATE delivery SET due = ? WHERE id = ? AND hook IN "
        + "(SELECT id FROM hook WHERE mechanism = ? AND partner = ? AND ended IS NULL)",
      .integer(time.milliseconds), .integer(id), .text(mechanism),
      .integer(Int64(partner.raw))) == 1
  }

  /// A partner's messages, newest first.
  package func deliveries(
    mechanism: String, partner: PartnerID, limit: Int
  ) throws(StoreFailure) -> [Delivery] {
    lock.lock()
    defer { lock.unlock() }
    return try connection.rows(
      "SELECT delivery.* FROM delivery JOIN hook ON hook.id = delivery.hook "
        + "WHERE mechanism = ? AND partner = ? ORDER BY delivery.id DESC LIMIT ?",
      .text(mechanism), .integer(Int64(partner.raw)), .integer(Int64(limit))
    ) { Vault.delivery($0) }
  }

  private static func delivery(_ row: borrowing Statement) -> Delivery {
    Delivery(
      id: row.integer(0), hook: row.integer(1), topic: row.text(2),
      fact: UInt64(clamping: row.integer(3)), body: row.text(4),
      created: Instant(milliseconds: row.integer(5)),
      due: row.isNull(6) ? nil : Instant(milliseconds: row.integer(6)), tries: Int(row.integer(7)),
      status: row.isNull(8) ? nil : Int(row.integer(8)),
      said: row.isNull(9) ? nil : row.text(9),
      delivered: row.isNull(10) ? nil : Instant(milliseconds: row.integer(10)))
  }
}
