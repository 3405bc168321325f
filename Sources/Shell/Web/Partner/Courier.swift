// SPDX-License-Identifier: Apache-2.0
// COURIER. Tells partners what became of their events, after it is in the journal.
//
//   journal ──frame by frame──▶ messages ──▶ Vault: one row a message ──due──▶ POST, signed
//                                                     ▲                          │
//                                                     └── later, ever later ◀────┘ not 2xx
//
// Messages follow Standard Webhooks: `webhook-id`, `webhook-timestamp`, and `webhook-signature`, an
// HMAC-SHA-256 over `id.timestamp.body`. They name facts, never users: a partner knows the fact of
// each of its events from the answer to its report. A message may come twice, with the same id.

import Behaviour
import Desk
import Glibc
import HTTP
import Journal
import Mechanism
import Outgoing
import Storage
import Synchronization
import Units

package final class Courier: Sendable {
  /// What a hook may be told of.
  package static let topics = [
    "batch.decided", "waiting.credited", "event.withdrawn", "quarantine.judged",
  ]
  /// Seconds until the next try, by the number of tries; then it is given up: a day and a half.
  static let pauses: [Int64] = [5, 30, 120, 600, 3_600, 21_600, 86_400]
  private static let framesAtOnce = 500
  private static let messagesAtOnce = 50

  private let site: Site
  private let state = Mutex<(isStopping: Bool, worker: Worker?)>((false, nil))

  package init(_ site: Site) { self.site = site }

  package func start() {
    let worker = Worker("courier") { [self] in work() }
    state.withLock { $0.worker = worker }
    worker.start()
  }

  package func stop() {
    let worker = state.withLock { state in
      state.isStopping = true
      defer { state.worker = nil }
      return state.worker
    }
    worker?.join()
  }

  private var isStopping: Bool { state.withLock { $0.isStopping } }

  private func work() {
    while !isStopping {
      do {
        if try !step(at: site.clock()) { usleep(500_000) }
      } catch {
        let line = "tanpuhui: messages to partners wait: \(error)\n"
        _ = write(2, line, line.utf8.count)
        usleep(5_000_000)
      }
    }
  }

  /// Reads on in the journals and sends what is due; false where there was nothing to do.
  @discardableResult
  package func step(at now: Instant) throws -> Bool {
    var worked = false
    for office in site.offices { worked = try fold(office, now) || worked }
    for delivery in try site.vault.dueDeliveries(at: now, limit: Courier.messagesAtOnce) {
      if isStopping { return true }
      try send(delivery, now)
      worked = true
    }
    return worked
  }

  // MARK: - From the journal

  private func fold(_ office: Office, _ now: Instant) throws -> Bool {
    let hooks = try site.vault.hooks(mechanism: office.code)
    guard !hooks.isEmpty else { return false }
    let position = try site.vault.hookPosition(mechanism: office.code)
    guard office.clerk.statistics.lastSequence > position else { return false }
    var messages: [(hook: Int64, topic: String, fact: UInt64, body: String)] = []
    var last = position
    try office.store.read(from: position + 1) { place, bytes in
      let view = try FrameView(bytes)
      let time = view.header.time
      try view.forEachFact { number, fact in
        guard let (topic, partner, data) = try Courier.message(fact, number) else { return }
        let body = JSON.object([
          ("type", .text(topic)), ("timestamp", .text(time.description)),
          ("mechanism", .text(office.code)), ("data", data),
        ])
        for hook in hooks where hook.partner == partner && hook.topics.contains(topic) {
          let text = String(decoding: body.bytes, as: UTF8.self)
          messages.append((hook.id, topic, number.raw, text))
        }
      }
      last = place.sequence
      return last - position < UInt64(Courier.framesAtOnce)
    }
    try site.vault.enqueue(messages, mechanism: office.code, upTo: last, at: now)
    return true
  }

  /// What a fact is told as; nil for most.
  private static func message(
    _ fact: UnsafeRawBufferPointer, _ number: FactNumber
  ) throws -> (topic: String, partner: PartnerID, data: JSON)? {
    switch FactHeader(fact.baseAddress!).kind {
    case BatchRecord.kind:
      let batch = try BatchRecord(reading: fact)
      let sum = batch.summary
      return (
        "batch.decided", batch.partner,
        [
          "batch": .number(number.raw), "received": .number(sum.received),
          "accepted": .number(sum.accepted), "duplicates": .number(sum.duplicates),
          "waiting": .number(sum.waiting), "quarantined": .number(sum.quarantined),
          "refused": .number(sum.refused), "grams": .number(sum.grams.count),
          "points": .number(sum.points.count),
        ]
      )
    case Record.kind:
      let origin = try Record(reading: fact).origin
      guard origin != .reported else { return nil }
      let record = try Record(reading: fact)
      return (
        origin == .waited ? "waiting.credited" : "quarantine.judged", record.report.partner,
        [
          "event": .number(record.originFact.raw), "fact": .number(number.raw),
          "outcome": .text(record.outcome.name), "reason": .text(record.reason.name),
          "grams": .number(record.grams), "points": .number(record.points),
        ]
      )
    case WithdrawalRow.kind:
      guard let row = WithdrawalRow(fact: fact)?.withdrawal else { return nil }
      return (
        "event.withdrawn", row.partner,
        [
          "event": .number(row.first.raw), "fact": .number(number.raw),
          "was": .text(row.outcome.name), "reason": .text("\(row.grounds)"),
          "grams": .number(row.grams), "points": .number(row.points),
        ]
      )
    default: return nil
    }
  }

  // MARK: - To the partner

  package static func signature(
    _ id: String, _ seconds: Int64, _ body: String, secret: [UInt8]
  ) -> String {
    "v1," + base64(Digest.sha256.authenticate(Array("\(id).\(seconds).\(body)".utf8), key: secret))
  }

  private func send(_ delivery: Delivery, _ now: Instant) throws {
    let hooks = try site.offices.flatMap { try site.vault.hooks(mechanism: $0.code) }
    guard let hook = hooks.first(where: { $0.id == delivery.hook }),
      let destination = Destination(hook.address)
    else {
      return try site.vault.note(
        delivery.id, status: nil, said: "the hook has ended", due: nil, delivered: nil)
    }
    let id = "msg_\(delivery.id)"
    let headers = [
      ("Content-Type", "application/json"), ("webhook-id", id),
      ("webhook-timestamp", "\(now.seconds)"),
      (
        "webhook-signature",
        Courier.signature(id, now.seconds, delivery.body, secret: hook.secret)
      ),
    ]
    let development = site.settings.isDevelopment
    guard destination.mayBeCalled(development: development) else {
      return try note(delivery, nil, "only https is called", now)
    }
    var call = OutgoingCall(
      "POST", destination.text, headers: headers, body: Array(delivery.body.utf8),
      timeoutMilliseconds: 10_000)
    call.reach = destination.reach(development: development)
    let answer: Result<OutgoingAnswer, OutgoingFailure> = Result(catching: call.send)
    switch answer {
    case .success(let answer): try note(delivery, answer.status, "", now)
    case .failure(let failure): try note(delivery, nil, failure.description, now)
    }
  }

  private func note(
    _ delivery: Delivery, _ status: Int?, _ said: String, _ now: Instant
  ) throws {
    let isGood = status.map { (200..<300).contains($0) } ?? false
    // 410 is a partner's word that nobody lives there any more.
    let pause =
      isGood || status == 410 || delivery.tries >= Courier.pauses.count
      ? nil : Courier.pauses[delivery.tries]
    try site.vault.note(
      delivery.id, status: status, said: said,
      due: pause.map { Instant(milliseconds: now.milliseconds + $0 * 1000) },
      delivered: isGood ? now : delivery.delivered)
  }
}
