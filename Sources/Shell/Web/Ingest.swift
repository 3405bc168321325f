// SPDX-License-Identifier: Apache-2.0
// INGEST. A partner's batch of events in, an answer for each event out.
//
//   body ──CEvents──▶ events ──Intake──▶ reports ──Clerk──▶ durable ──▶ answer
//        └─ no JSON: 400, line and column; nothing was taken
//
// The answer waits for the frame to be durable. A tray holds everything one batch needs (decoder,
// reports, room for the answer) and is used by one request at a time, so that a busy server
// allocates per request, not per event.

import Archive
import Behaviour
import CEvents
import Desk
import Glibc
import HTTP
import Journal
import Storage
import Units

/// `@unchecked Sendable`: the trays lying ready are guarded by `lock`.
package final class Ingest: @unchecked Sendable {
  /// More events than this in one body are refused: split them.
  package static let eventsMax = 100_000
  /// 64 MiB of JSON after unpacking: 100,000 events of 600 bytes.
  package static let bodyBytesMax = 64 << 20
  /// Answers that list more events than this are written by another thread than the clerk's.
  private static let listedByClerkMax = 64

  private let clerk: Clerk
  private let vault: Vault
  /// Keeps what was turned down without a trace; nil in a measurement.
  private let archive: Follower?
  private let lock = Lock()
  private var ready: [Tray] = []
  private let scribe: Scribe

  package init(clerk: Clerk, vault: Vault, archive: Follower? = nil) {
    self.archive = archive
    self.clerk = clerk
    self.vault = vault
    scribe = Scribe()
  }

  /// Ends the thread that writes long answers.
  package func stop() { scribe.stop() }

  /// Takes in a body on behalf of a partner and answers when what it caused is durable.
  /// `quota` is asked with the number of events, and answers where they are too many.
  package func handle(
    _ request: Request, _ partner: PartnerID, _ reply: Reply,
    quota: (Int) -> Response? = { _ in nil }
  ) {
    guard let kind = Ingest.kind(request.mediaType) else {
      return reply.send(
        Ingest.problem(
          415, "Unsupported media type",
          "Send application/cloudevents-batch+json, application/cloudevents+json or "
            + "application/x-ndjson."))
    }
    guard Ingest.isUnicode(request.headers["Content-Type"] ?? "") else {
      return reply.send(
        Ingest.problem(
          415, "Unsupported charset", "JSON is written in UTF-8: send it so, without a charset."))
    }
    do {
      let tray = try takeTray()
      let chinese = request.headers["accept-language"]?.hasPrefix("zh") ?? false
      tray.answerAll = request.query["detail"] == "all"
      tray.chinese = chinese
      if let refusal = tray.decode(request.body, kind) {
        put(tray)
        return reply.send(
          Ingest.problem(
            400, "The body is not what it says", refusal.sentence, line: refusal.line,
            column: refusal.column))
      }
      if let refusal = quota(tray.eventCount) {
        put(tray)
        return reply.send(refusal)
      }
      tray.fill(partner, clerk.published)
      try tray.intake.finish()
      clerk.submit(tray.intake.batch) { [self] sequence in
        let listed = tray.listed
        if listed > Ingest.listedByClerkMax {
          scribe.later { self.finish(tray, sequence, reply) }
        } else {
          finish(tray, sequence, reply)
        }
      }
    } catch {
      reply.send(Ingest.problem(503, "The vault can't be written", "\(error)"))
    }
  }

  private func finish(_ tray: Tray, _ sequence: UInt64, _ reply: Reply) {
    let body = tray.answer(sequence)
    if let archive, let unread = tray.unread(at: systemClock()) {
      scribe.later {
        do {
          try archive.keep(unread)
        } catch {
          // The partner has its answer, and nothing that counts is lost.
          Ingest.complain(
            "tanpuhui: what could not be read is not kept for the console: \(error)\n")
        }
      }
    }
    put(tray)
    var response = Response.json(body)
    response.compressible = false
    reply.send(response)
  }

  private static func complain(_ line: String) { _ = write(2, line, line.utf8.count) }

  private func takeTray() throws(StoreFailure) -> Tray {
    if let tray = lock.with({ ready.popLast() }) { return tray }
    return Tray(try Intake(clerk: clerk, vault: vault))
  }

  private func put(_ tray: Tray) { lock.with { ready.append(tray) } }

  /// JSON is UTF-8 (RFC 8259): whoever names another charset says that it is something else.
  static func isUnicode(_ contentType: String) -> Bool {
    for parameter in contentType.lowercased().split(separator: ";").dropFirst() {
      let bare = parameter.filter { $0 != " " && $0 != "\"" && $0 != "\t" }
      if bare.hasPrefix("charset="), bare != "charset=utf-8", bare != "charset=us-ascii" {
        return false
      }
    }
    return true
  }

  static func kind(_ mediaType: String) -> tph_body_kind? {
    switch mediaType {
    case "application/cloudevents-batch+json", "application/json": TPH_BODY_BATCH
    case "application/cloudevents+json": TPH_BODY_SINGLE
    case "application/x-ndjson", "application/ndjson", "application/jsonl": TPH_BODY_LINES
    default: nil
    }
  }

  /// RFC 9457.
  package static func problem(
    _ status: Int, _ title: String, _ detail: String, line: UInt32? = nil, column: UInt32? = nil
  ) -> Response {
    var json = JSONWriter()
    json.raw("{\"type\":\"about:blank\",\"title\":")
    json.text(title)
    json.raw(",\"status\":\(status),\"detail\":")
    json.text(detail)
    if let line, let column { json.raw(",\"line\":\(line),\"column\":\(column)") }
    json.raw("}")
    var response = Response.json(json.bytes, status: status)
    response.headers.removeAll { $0.name.lowercased() == "content-type" }
    response.headers.append((name: "Content-Type", value: "application/problem+json"))
    return response
  }
}

/// One thread that writes long answers, so that the clerk's thread need not.
/// `@unchecked Sendable`: the queue is guarded by `lock`.
final class Scribe: @unchecked Sendable {
  private let lock = Lock()
  private var queue: [@Sendable () -> Void] = []
  private var isStopping = false
  private var worker: Worker?

  init() {
    // The thread holds the scribe: one that nobody stops must not vanish under its own thread.
    let worker = Worker("scribe") { [self] in work() }
    self.worker = worker
    worker.start()
  }

  func later(_ work: @escaping @Sendable () -> Void) {
    lock.with {
      queue.append(work)
      lock.wake()
    }
  }

  func stop() {
    lock.with {
      isStopping = true
      lock.wake()
    }
    worker?.join()
    worker = nil
  }

  private func work() {
    while true {
      let (work, stopping) = lock.with {
        while queue.isEmpty, !isStopping { lock.wait() }
        defer { queue = [] }
        return (queue, isStopping)
      }
      for piece in work { piece() }
      if work.isEmpty, stopping { return }
    }
  }
}
