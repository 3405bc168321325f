// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Desk
import Glibc
import Journal
import Mechanism
import Membership
import Policy
import Storage
import Units

/// Figures of the core alone: one thread, no disk, no network.
struct CoreBench {
  let citizens: Int
  let events: Int
  /// How many reports are handed over at once: a usual request.
  var size = 1000

  /// A pack with one metro scene: distance and duration, a formula, a points rate, a daily cap, and
  /// no two trips of one citizen by two partners at the same time.
  static let pack = Pack.File(
    path: "pack.txt",
    bytes: Array(
      """
      document B  benchmark
      mechanism bench
        name        测速 | Benchmark
        city        测速 | Benchmark
        version     1
        effective   2020-01-01   [B]
        zone        +08:00
        area        sichuan
        language    zh-CN 简体中文
        clock       5 min        [B]
      family travel
        name     出行 | Travel
        clause   [B]
      method metro
        name       地铁 | Metro
        version    1
        document   [B]
        applies    地铁
        formula    distance * reduction
        where reduction   46.7 g/(person km)   减碳 | reduction   [B]
        rounds     half-even to gram
        example    distance 12.4 km -> 579.08 g   [B]
      scene metro
        name      地铁 | Metro
        family    travel
        clause    [B]
        evidence  订单 | order
        measures  distance, duration
        accept    distance 500 m to 80 km    [B]
        accept    duration 2 min to 4 h      [B]
        accept    speed at most 120 km/h     [B]
        exclusive travel
        rule from 2010-01-01  [B]
          grams   by metro
          points  1 per 50 g    [B]
          cap     30 a day      [B]

      """.utf8))

  /// A mechanism with the pack adopted and one partner that enrols.
  static func mechanism(writer: FrameWriter, citizensMax: Int) -> Mechanism.State {
    var state = Mechanism.State(code: "bench", citizensMax: citizensMax)
    writer.begin()
    let now = Instant("2026-01-01T00:00:00Z")!
    if case .failure(let refusal) = state.perform(.adopt([pack]), now: now, writer: writer) {
      print(refusal.message)
      exit(2)
    }
    let partner = Membership.Partner(code: "p", name: "p", scenes: ["metro"], enrols: true)
    _ = state.perform(.membership(.addPartner(partner)), now: now, writer: writer)
    return state
  }

  /// Event `index` of a stream: one trip of a citizen chosen at random.
  static func report(_ index: Int, citizens: Int) -> Report {
    var report = Report()
    let random = mixed(UInt64(index) &* 2 &+ 1)
    report.id = (mixed(UInt64(index)), mixed(UInt64(index) ^ 0xabcd))
    report.alias = AliasID(UInt32(random % UInt64(citizens)) + 1)
    report.scene = SceneID(1)
    report.partner = PartnerID(1)
    // A trip a day and citizen, whatever their number.
    report.ended = 1_600_000_000_000 + Int64(index) * 86_400_000 / Int64(citizens)
    report.values = (Int64(random >> 40 % 20_000) * 1_000_000 + 600_000_000, 1_800_000_000, 0, 0)
    report.present = 3
    return report
  }

  struct Result {
    /// Reports a second.
    var rate = 0.0
    /// The same of the first million and of the last.
    var first = 0.0
    var last = 0.0
    /// Bytes at the end.
    var bytesPerCitizen = 0
    var fault: String?
  }

  func run() -> Result {
    let writer = FrameWriter(.sm3)
    var state = CoreBench.mechanism(writer: writer, citizensMax: 1 << 22)
    let now = Instant("2026-01-01T00:00:00Z")!
    enrol(&state, writer, now)
    // As the desk does while nobody waits.
    state.makeRoom(for: events)
    let batch = ReportBatch(capacity: size)
    var result = Result()
    var spent = 0.0
    var million = 0.0
    for start in stride(from: 0, to: events, by: size) {
      batch.clear()
      for index in start..<min(start + size, events) {
        batch.append(CoreBench.report(index, citizens: citizens))
      }
      let began = processorSeconds()
      writer.begin()
      state.admit(batch, now: now, writer: writer)
      let took = processorSeconds() - began
      spent += took
      million += took
      guard (start + size) % 1_000_000 == 0 else { continue }
      result.last = 1_000_000 / million
      if result.first == 0 { result.first = result.last }
      million = 0
    }
    result.rate = Double(events) / spent
    result.bytesPerCitizen = state.footprint / citizens
    result.fault = state.audit()
    return result
  }

  /// Everybody has one report behind them: a city's citizens are there before the day's trips.
  private func enrol(_ state: inout Mechanism.State, _ writer: FrameWriter, _ now: Instant) {
    let batch = ReportBatch(capacity: size)
    for start in stride(from: 0, to: citizens, by: size) {
      batch.clear()
      for citizen in start..<min(start + size, citizens) {
        var report = CoreBench.report(1 << 30 + citizen, citizens: citizens)
        report.alias = AliasID(UInt32(citizen) + 1)
        report.ended = 1_599_900_000_000
        batch.append(report)
      }
      writer.begin()
      state.admit(batch, now: now, writer: writer)
    }
  }
}

extension Bench {
  mutating func core() {
    var results: [CoreBench.Result] = []
    for _ in 0..<3 { results.append(CoreBench(citizens: citizens, events: events).run()) }
    note("core, one thread", Bench.median(results.map(\.rate)) / 1e6, "M/s", least: 4, aim: 6)
    let ten = CoreBench(citizens: citizens, events: citizens * 9).run()
    note(
      "memory a citizen, ten reports each", Double(ten.bytesPerCitizen), "B", least: 400, aim: 250)
    results.append(ten)
    for fault in results.compactMap(\.fault) { print("the audit says: \(fault)") }
  }

  /// The core's rate after five times as many reports, beside its rate at the start.
  mutating func growth() {
    let result = CoreBench(citizens: citizens, events: events * 5).run()
    note("core, the last million of \(events / 200_000) M", result.last / 1e6, "M/s")
    note("  beside the first million", result.last / result.first, "times")
  }
}

func seconds() -> Double { seconds(of: CLOCK_MONOTONIC) }

/// What this thread has used of the processor, the kernel's work for it included: others that share
/// the machine make no difference but through its caches.
func processorSeconds() -> Double { seconds(of: CLOCK_THREAD_CPUTIME_ID) }

private func seconds(of clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
