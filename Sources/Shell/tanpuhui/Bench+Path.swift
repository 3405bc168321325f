// SPDX-License-Identifier: Apache-2.0
import Archive
import Behaviour
import Desk
import FoundationEssentials
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
  static func replay(
    folder: String
  ) throws -> (rate: Double, start: Double, facts: UInt64) {
    let store = try SQLiteStore(path: folder + "/bench/journal.sqlite", access: .follow)
    defer { store.close() }
    var rates: [Double] = []
    var last = FactNumber(0)
    for _ in 0..<3 {
      let began = seconds()
      let core = try Core(code: "bench", store: store)
      last = core.state.nextFact
      rates.append(Double(last.raw) / (seconds() - began))
    }
    var starts: [Double] = []
    for _ in 0..<3 {
      let began = seconds()
      let core = try Core(
        code: "bench", store: store, snapshots: SnapshotFile(path: folder + "/bench/snapshot"))
      starts.append(seconds() - began)
      guard core.state.nextFact == last else {
        throw CommandFailure("the snapshot and the journal differ")
      }
    }
    return (Bench.median(rates), Bench.median(starts), last.raw - 1)
  }
}

extension Bench {
  /// Hands over a folder on the disk to measure: the one that is given, else one beside us that is
  /// removed in the end.
  private func inFolder(_ given: String?, _ body: (String) throws -> Void) throws {
    var template = Array("./tanpuhui-bench-XXXXXX".utf8CString)
    guard let place = given ?? mkdtemp(&template).map({ String(cString: $0) }) else {
      throw CommandFailure("no folder can be made here; name one with --data")
    }
    defer { if given == nil { try? FileManager.default.removeItem(atPath: place) } }
    try body(place)
  }

  mutating func path(folder: String?, baseline: String?) throws {
    var measured = self
    try inFolder(folder) { try measured.path(in: $0, baseline) }
    self = measured
  }

  /// The whole path after fifty million events beside its rate at the first.
  mutating func long(folder: String?) throws {
    var measured = self
    try inFolder(folder) { place in
      let bench = try PathBench(folder: place, citizens: measured.citizens)
      defer { bench.stop() }
      _ = try bench.rate(events: measured.citizens, batch: 1000, connections: 4)
      func rate() throws -> Double {
        Bench.median(
          try (0..<3).map { _ in
            try bench.rate(events: 1_000_000, batch: 1000, connections: 4)
          })
      }
      let first = try rate()
      measured.note("whole path, after 1 M events", first / 1e3, "k/s")
      _ = try bench.rate(
        events: 50_000_000 - 6_000_000 - measured.citizens, batch: 1000, connections: 4)
      let last = try rate()
      measured.note("whole path, after 50 M events", last / 1e3, "k/s")
      measured.note("  beside the first", last / first, "times", least: 0.8, aim: 0.95)
    }
    self = measured
  }

  private mutating func path(in place: String, _ baseline: String?) throws {
    let bench = try PathBench(folder: place, citizens: citizens)
    // Everybody reports once before anything is measured: enrolment is rare in a city's day.
    _ = try bench.rate(events: citizens, batch: 1000, connections: 4)
    var rates: [Double] = []
    var baselines: [Double] = []
    for _ in 0..<3 {
      if let baseline {
        baselines.append(try Bench.run(baseline, file: place + "/baseline.sqlite"))
      }
      rates.append(try bench.rate(events: 1_000_000, batch: 1000, connections: 4))
    }
    let rate = Bench.median(rates)
    note("whole path, batches of 1,000", rate / 1e3, "k/s", least: 300, aim: 600)
    if !baselines.isEmpty {
      note("  the baseline in the same minutes", Bench.median(baselines) / 1e3, "k/s")
      note("  beside the baseline", rate / Bench.median(baselines), "times", least: 3)
    }
    var singles: [Double] = []
    for _ in 0..<3 {
      singles.append(try bench.rate(events: 50_000, batch: 1, connections: 64))
    }
    note("single events, 64 connections", Bench.median(singles) / 1e3, "k/s", least: 20, aim: 40)
    let sustained = try bench.sustained(events: events)
    note(
      "sustained, \(events / 1_000_000) M with the Archive", sustained.rate / 1e3, "k/s",
      least: 150, aim: 400)
    note("  the Archive's longest lag", sustained.lag, "s", least: 2)
    if !sustained.complete { throw CommandFailure("a citizen's history is not complete") }
    bench.stop()
    try replay(folder: place)
  }

  /// `folder`: where `path` was measured before.
  mutating func replay(folder: String) throws {
    let again = try PathBench.replay(folder: folder)
    note("replay", again.rate / 1e6, "M facts/s", least: 5, aim: 10)
    note(
      "start from a snapshot, \(again.facts / 1_000_000) M facts", again.start, "s", least: 2,
      aim: 0.5)
  }

  /// Awards a second of the baseline program.
  private static func run(_ program: String, file: String) throws -> Double {
    guard let pipe = popen("'\(program)' 300000 100000 '\(file)' sequential", "r") else {
      throw CommandFailure("\(program) does not start")
    }
    var line = [UInt8](repeating: 0, count: 1000)
    let count = fread(&line, 1, line.count, pipe)
    guard pclose(pipe) == 0 else { throw CommandFailure("\(program) failed; it says why above") }
    let text = String(decoding: line[0..<count], as: UTF8.self)
    guard let word = text.split(separator: ",").first(where: { $0.hasPrefix("\"eventsPerS") }),
      let rate = word.split(separator: ":").last.flatMap({ Double($0.prefix { $0.isNumber }) })
    else { throw CommandFailure("\(program) printed no eventsPerSecond") }
    return rate
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
