// SPDX-License-Identifier: Apache-2.0
import Archive
import Behaviour
import Desk
import Glibc
import HTTP
import Journal
import Ledger
import Mechanism
import Membership
import Policy
import Storage
import Units
import Web

/// Figures of the whole path: a client and the server on this machine, durable by fsync.
final class PathBench {
  let citizens: Int
  let folder: String
  private let opened: Opened
  private let clerk: Clerk
  private let ingest: Ingest
  private let server: Server
  private let key: String
  private var next = 0

  init(folder: String, citizens: Int) throws {
    self.folder = folder
    self.citizens = citizens
    opened = try Opened(folder, create: true)
    try opened.folder.add(mechanism: "bench")
    let clerk = try opened.openNew("bench")
    self.clerk = clerk
    _ = try clerk.perform(.adopt([CoreBench.pack]))
    key = try PartnerDesk.add(
      Membership.Partner(code: "p", name: "p", scenes: ["metro"], enrols: true), to: clerk,
      vault: opened.vault)
    let ingest = Ingest(clerk: clerk, vault: opened.vault)
    self.ingest = ingest
    let vault = opened.vault
    var limits = Limits()
    limits.body = { _, _ in Ingest.bodyBytesMax }
    server = try Server(listen: "127.0.0.1", port: 0, threads: 2, limits: limits) {
      request, reply in
      guard let bearer = request.headers["authorization"], bearer.hasPrefix("Bearer "),
        let key = vault.partnerKey(bearer.utf8.dropFirst(7))
      else { return reply.send(Ingest.problem(401, "No key", "Send your key.")) }
      ingest.handle(request, key.partner, reply)
    }
    try server.start()
  }

  func stop() {
    server.stop(grace: 2)
    ingest.stop()
    opened.close()
  }

  /// Events a second; `batch` events in a request.
  func rate(events: Int, batch: Int, connections: Int) throws -> Double {
    let bodies = EventBodies(citizens: citizens)
    var client = try LoadClient(
      port: server.port, path: "/api/v1/bench/behaviours",
      headers: ["Authorization: Bearer \(key)", "Content-Type: application/x-ndjson"],
      connections: connections)
    defer { client.close() }
    let end = next + events
    var answered = 0
    let began = seconds()
    try client.run(
      next: { _ in
        guard self.next < end else { return nil }
        defer { self.next += batch }
        return bodies.body(first: self.next, count: batch)
      },
      done: { _, status, body in
        guard status == 200, body.starts(with: Array("{\"received\":\(batch),".utf8)) else {
          throw CommandFailure(
            "unexpected answer \(status): \(String(decoding: body, as: UTF8.self))")
        }
        answered += batch
      })
    guard answered == events else { throw CommandFailure("\(answered) of \(events) answered") }
    return Double(events) / (seconds() - began)
  }

  /// The same while the archive follows; the longest time it lagged, and a look into histories.
  func sustained(events: Int) throws -> (rate: Double, lag: Double, complete: Bool) {
    let follower = try Follower(
      path: opened.folder.archivePath(of: "bench"), store: clerk.store, zone: 28_800)
    follower.start()
    let watch = LagWatch(clerk: clerk, follower: follower)
    watch.start()
    let rate = try rate(events: events, batch: 1000, connections: 4)
    let lag = watch.finish()
    follower.stop()
    let complete = try historiesAreComplete()
    return (rate, lag, complete)
  }

  /// For some citizens: what their history adds up to is what they hold.
  private func historiesAreComplete() throws -> Bool {
    let reader = JournalReader(store: clerk.store)
    for index in 1...50 {
      let citizen = CitizenID(UInt32(index * citizens / 51 + 1))
      let (newest, points) = clerk.read {
        ($0.behaviour.newestFact(of: citizen), $0.ledger.points(of: citizen))
      }
      var sum = Points(0)
      var at = newest
      while !at.isNone {
        guard let (record, _) = try reader.record(at) else { return false }
        sum += Points(Int64(record.points))
        at = record.previous
      }
      if sum != points { return false }
    }
    return true
  }

  /// Facts a second when the journal is played again, and seconds to start from the snapshot.
  static func replay(folder: String) throws -> (facts: Double, start: Double) {
    let store = try SQLiteStore(path: folder + "/bench/journal.sqlite", access: .follow)
    defer { store.close() }
    var began = seconds()
    var state = Mechanism.State(code: "bench")
    try store.read(from: 1) { _, bytes in
      try state.apply(FrameView(bytes))
      return true
    }
    let facts = Double(state.nextFact.raw) / (seconds() - began)
    began = seconds()
    let core = try Core(
      code: "bench", store: store, snapshots: SnapshotFile(path: folder + "/bench/snapshot"))
    guard core.state.nextFact == state.nextFact else {
      throw CommandFailure("the snapshot and the journal differ")
    }
    return (facts, seconds() - began)
  }
}

/// How far the archive lags behind the journal. `@unchecked Sendable`: guarded by `lock`.
final class LagWatch: @unchecked Sendable {
  private let clerk: Clerk
  private let follower: Follower
  private let lock = Lock()
  private var isStopping = false
  private var worst = 0.0
  private var worker: Worker?

  init(clerk: Clerk, follower: Follower) {
    self.clerk = clerk
    self.follower = follower
  }

  func start() {
    let worker = Worker("lag") { [self] in watch() }
    self.worker = worker
    worker.start()
  }

  func finish() -> Double {
    lock.with { isStopping = true }
    worker?.join()
    return lock.with { worst }
  }

  private func watch() {
    var marks: [(UInt64, Double)] = []
    while true {
      let stopping = lock.with { isStopping }
      let position = follower.position
      let now = seconds()
      for (_, time) in marks.prefix(while: { $0.0 <= position }) {
        lock.with { worst = max(worst, now - time) }
      }
      marks.removeAll { $0.0 <= position }
      let sequence = clerk.statistics.lastSequence
      if stopping, marks.isEmpty, position >= sequence { return }
      if marks.last?.0 != sequence, sequence > position { marks.append((sequence, now)) }
      usleep(20_000)
    }
  }
}
