// SPDX-License-Identifier: Apache-2.0
// SIMULATION. A city's desk on a disk that breaks, by seed.
//
//   senders ──batches, links, redemptions──▶ Clerk ──frames──▶ FakeDisk
//      ▲ keep what was not answered             │                 │ breaks before, in, after
//      └──────────send it again─────────────────┘◀──opened anew───┘
//
// One life of the process is a few rounds; a round is what waits in the clerk's queue at one
// moment, and so one frame. A life ends in a crash, or in good order with a snapshot. After each
// opening everything is checked against what the senders know.

import Behaviour
import Desk
import Glibc
import Journal
import Ledger
import Mechanism
import Membership
import Policy
import Storage
import Units

struct Seeded: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return mixed(state)
  }
}

/// What comes back from the clerk's thread, and the gate that holds it while a round is made up.
private final class Post: @unchecked Sendable {  // guarded by `lock`
  private let lock = Lock()
  private var gates = 0
  private var opened = 0
  private var verdicts: [Int: [Verdict]] = [:]
  private var answers: [Int: Result<CommandResult, CommandRefusal>] = [:]
  private var failed = false
  private var now = Instant(seconds: 0)

  var time: Instant {
    get { lock.with { now } }
    set { lock.with { now = newValue } }
  }

  /// On the clerk's thread: waits until the round is made up.
  func gate() {
    lock.with {
      gates += 1
      lock.wake()
      while opened < gates { lock.wait() }
    }
  }

  func waitForGate() { lock.with { while gates == opened { lock.wait() } } }
  func open() {
    lock.with {
      opened += 1
      lock.wake()
    }
  }
  func give(_ index: Int, _ list: [Verdict]) {
    lock.with {
      verdicts[index] = list
      lock.wake()
    }
  }
  func give(_ index: Int, _ result: Result<CommandResult, CommandRefusal>) {
    lock.with {
      answers[index] = result
      lock.wake()
    }
  }
  func fail() {
    lock.with {
      failed = true
      lock.wake()
    }
  }

  /// Everything that was answered; fewer than asked for where the process died.
  func collect(_ batches: Int, _ commands: Int) -> (
    [Int: [Verdict]], [Int: Result<CommandResult, CommandRefusal>], died: Bool
  ) {
    lock.with {
      while !failed, verdicts.count < batches || answers.count < commands { lock.wait() }
      defer { (verdicts, answers) = ([:], [:]) }
      return (verdicts, answers, failed)
    }
  }
}

struct Simulation: ~Copyable {
  static let citizensMax = 1 << 10
  static let people = 6
  /// Person n's user with partner p; person 5 and 6 are not linked at first.
  static func alias(_ person: Int, _ partner: Int) -> AliasID {
    AliasID(UInt32(person * 10 + partner))
  }

  struct Event {
    var number: UInt64
    var person: Int
    var partner: Int
    var ended: Int64
    var isAnswered = false
  }

  struct Redemption {
    var transfer: Transfer
    var answer: Ledger.Answer?
  }

  private var random: Seeded
  private let seed: UInt64
  private let disk: FakeDisk
  private let snapshots: SnapshotFile?
  private var events: [Event] = []
  private var redemptions: [Redemption] = []
  private var linked: Set<Int> = [1, 2, 3, 4]
  private var now = Instant("2026-12-30T20:00:00+08:00")!
  private(set) var lives = 0
  private(set) var fault: String?

  init(seed: UInt64, disk: FakeDisk = FakeDisk(), snapshot: String?) {
    self.seed = seed
    self.disk = disk
    snapshots = snapshot.map { SnapshotFile(path: $0) }
    random = Seeded(seed)
  }

  /// Lives a few lives, then one in peace in which everything is answered.
  mutating func run(lives count: Int) {
    do {
      for life in 0..<count where fault == nil { try live(life, crashes: true) }
      if fault == nil { try live(count, crashes: false) }
      if fault == nil { try check(isOver: true) }
    } catch { fault = "seed \(seed): \(error)" }
  }

  private mutating func live(_ life: Int, crashes: Bool) throws {
    lives += 1
    disk.reopened()
    try check(isOver: false)
    guard fault == nil else { return }
    let post = Post()
    let clerk = Clerk(
      core: try Core(
        code: "trial", store: disk, snapshots: snapshots, citizensMax: Simulation.citizensMax),
      store: disk, clock: { post.time }, onFailure: { _ in post.fail() })
    post.time = now
    clerk.start()
    if try disk.last() == nil { try settle(clerk) }
    let rounds = Int.random(in: 1...6, using: &random)
    if crashes, Int.random(in: 0..<4, using: &random) > 0 {
      disk.willCrash(
        after: Int.random(in: 0..<rounds, using: &random),
        FakeDisk.Crash.allCases.randomElement(using: &random)!)
    }
    for _ in 0..<rounds {
      // The clock of the machine may be set back.
      now = Instant(
        milliseconds: now.milliseconds + Int64.random(in: -60_000...14_000_000, using: &random))
      post.time = now
      if round(clerk, post, isLast: !crashes) { break }
    }
    // Nothing is left open after a life in peace.
    if !crashes { _ = round(clerk, post, isLast: true) }
    clerk.stop()
  }

  private func settle(_ clerk: Clerk) throws {
    _ = try clerk.perform(.adopt([Simulation.pack]))
    for partner in 1...3 {
      _ = try clerk.perform(
        .membership(
          .addPartner(
            Partner(
              code: "p\(partner)", name: "p", scenes: ["charging"], enrols: false))))
    }
    for person in 1...Simulation.people {
      _ = try clerk.perform(.membership(.enrol))
      guard linked.contains(person) else { continue }
      for partner in 1...3 {
        _ = try clerk.perform(
          .membership(.link(Simulation.alias(person, partner), CitizenID(UInt32(person)))))
      }
    }
  }

  /// One round; answers whether the process died.
  private mutating func round(_ clerk: Clerk, _ post: Post, isLast: Bool) -> Bool {
    clerk.submit(ReportBatch(capacity: 1)) { _ in post.gate() }
    post.waitForGate()
    var sent: [[Int]] = []
    for partner in 1...3 where isLast || Bool.random(using: &random) {
      let numbers = batch(partner, isLast: isLast)
      guard !numbers.isEmpty else { continue }
      let reports = ReportBatch(capacity: 4)
      for index in numbers { reports.append(report(events[index])) }
      let place = sent.count
      clerk.submit(reports) { _ in
        post.give(place, (0..<reports.count).map { reports.verdicts[$0] })
      }
      sent.append(numbers)
    }
    let (commands, asked) = commands(isLast: isLast)
    for (place, command) in commands.enumerated() {
      clerk.perform(command) { post.give(place, $0.map(\.result)) }
    }
    post.open()
    let (verdicts, answers, died) = post.collect(sent.count, commands.count)
    for (place, list) in verdicts {
      for (verdict, index) in zip(list, sent[place]) {
        events[index].isAnswered = true
        if verdict.outcome == .refused || verdict.outcome == .quarantined {
          fault = "seed \(seed): event \(index) was \(verdict.outcome): \(verdict.reason)"
        }
      }
    }
    for (place, result) in answers {
      guard let index = asked[place], case .success(let result) = result else { continue }
      redemptions[index].answer = result.answers[0]
    }
    return died
  }

  /// What a partner sends: what was not answered, something new, sometimes something answered long
  /// ago, sometimes twice.
  private mutating func batch(_ partner: Int, isLast: Bool) -> [Int] {
    var numbers = events.indices.filter { events[$0].partner == partner && !events[$0].isAnswered }
    if isLast { return numbers }
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      events.append(
        Event(
          number: UInt64(events.count + 1),
          person: Int.random(in: 1...Simulation.people, using: &random),
          partner: partner,
          ended: now.milliseconds - Int64.random(in: 0...90_000_000, using: &random)))
      numbers.append(events.count - 1)
    }
    if let old = events.indices.filter({ events[$0].partner == partner }).randomElement(
      using: &random)
    {
      numbers.append(old)
    }
    return numbers.shuffled(using: &random)
  }

  private mutating func commands(isLast: Bool) -> ([Mechanism.Command], [Int: Int]) {
    var commands: [Mechanism.Command] = []
    var asked: [Int: Int] = [:]
    if isLast || Int.random(in: 0..<3, using: &random) == 0 {
      if !isLast {
        let person = UInt32.random(in: 1...UInt32(Simulation.people), using: &random)
        redemptions.append(
          Redemption(
            transfer: Transfer(
              id: TransferID(1, UInt64(redemptions.count + 1)),
              Points(Int64.random(in: 1...6, using: &random)), from: (.citizen, person),
              to: (.organisation, 1), purpose: "redemption")))
      }
      for index in redemptions.indices where redemptions[index].answer == nil {
        asked[commands.count] = index
        commands.append(.transfers([redemptions[index].transfer]))
      }
    }
    if Int.random(in: 0..<6, using: &random) == 0 {
      let person = Int.random(in: 5...6, using: &random)
      for partner in 1...3 {
        commands.append(
          .membership(.link(Simulation.alias(person, partner), CitizenID(UInt32(person)))))
      }
    }
    return (commands, asked)
  }

  private func report(_ event: Event) -> Report {
    var report = Report()
    report.id = (mixed(event.number), mixed(event.number ^ 0x1234))
    report.ended = event.ended
    report.values.0 = Measured(6000).millionths
    report.present = 1
    report.alias = Simulation.alias(event.person, event.partner)
    report.scene = SceneID(1)
    report.partner = PartnerID(UInt16(event.partner))
    return report
  }

  // MARK: - Checks

  private mutating func check(isOver: Bool) throws {
    let opened = try Core(
      code: "trial", store: disk, snapshots: snapshots, citizensMax: Simulation.citizensMax)
    let fresh = try Core(code: "trial", store: disk, citizensMax: Simulation.citizensMax)
    if Simulation.dump(opened.state) != Simulation.dump(fresh.state) {
      return complain("the snapshot and the journal tell two stories")
    }
    if let wrong = opened.state.audit() { return complain(wrong) }
    let verification = try Verification.run(
      code: "trial", store: disk, heads: nil, citizensMax: Simulation.citizensMax)
    if !verification.isGood { return complain("verify: \(verification)") }
    try checkEvents(opened.state, isOver: isOver)
    checkRedemptions(opened.state, isOver: isOver)
  }

  private mutating func complain(_ what: String) {
    fault = "seed \(seed), life \(lives): \(what)"
  }

  /// Every answered event is in the journal once, none is there twice, and the balances are what
  /// the events in it come to, counted on fingers.
  private mutating func checkEvents(_ state: borrowing Mechanism.State, isOver: Bool) throws {
    var times: [UInt64: Int] = [:]
    try disk.read(from: 1) { _, bytes in
      try FrameView(bytes).forEachFact { _, fact in
        guard FactHeader(fact.baseAddress!).kind == Record.kind else { return }
        let record = try Record(reading: fact)
        if record.origin == .reported { times[record.report.id.0, default: 0] += 1 }
      }
      return true
    }
    var grams: [Int: Int64] = [:]
    var points: [Int: [Int32: Int64]] = [:]
    for event in events {
      let count = times.removeValue(forKey: mixed(event.number)) ?? 0
      if count > 1 { return complain("event \(event.number) is there \(count) times") }
      if count == 0, event.isAnswered {
        return complain("event \(event.number) was answered and lost")
      }
      if count == 0, isOver { return complain("event \(event.number) never came through") }
      let alias = Simulation.alias(event.person, event.partner)
      guard count == 1, !state.membership.citizen(of: alias).isNone else { continue }
      grams[event.person, default: 0] += 144
      let day = Instant(milliseconds: event.ended).day(offset: 28_800).number
      points[event.person, default: [:]][day, default: 0] += 3
    }
    if !times.isEmpty { return complain("\(times.count) events nobody sent") }
    for person in 1...Simulation.people where state.membership.exists(CitizenID(UInt32(person))) {
      let citizen = CitizenID(UInt32(person))
      if state.ledger.grams(of: citizen).count != grams[person] ?? 0 {
        return complain("person \(person) holds \(state.ledger.grams(of: citizen))")
      }
      // Ten a day, and never below zero: what was redeemed comes back into the sum.
      let earned = (points[person] ?? [:]).values.reduce(0) { $0 + min(10, $1) }
      let spent = redemptions.reduce(Int64(0)) { sum, redemption in
        guard redemption.transfer.source.owner == UInt32(person),
          case .moved = state.ledger.known[redemption.transfer.id]?.status
        else { return sum }
        return sum + redemption.transfer.amount
      }
      if state.ledger.points(of: citizen).count != earned - spent {
        return complain(
          "person \(person) holds \(state.ledger.points(of: citizen)), not \(earned) - \(spent)")
      }
    }
  }

  private mutating func checkRedemptions(_ state: borrowing Mechanism.State, isOver: Bool) {
    var sum: Int64 = 0
    for redemption in redemptions {
      let status = state.ledger.known[redemption.transfer.id]?.status
      if case .moved = status { sum += redemption.transfer.amount }
      switch (redemption.answer, status) {
      case (.done, .moved), (.again, .moved), (.refused, .refused): break
      case (nil, _) where !isOver: break
      default:
        return complain(
          "a redemption was answered \(redemption.answer as Any), and is \(status as Any)")
      }
    }
    let shop = state.ledger.balance(of: AccountID(.organisation, 1, .points))
    if shop != sum { complain("the shop holds \(shop), not \(sum)") }
  }

  private static func dump(_ state: borrowing Mechanism.State) -> [UInt8] {
    let buffer = ByteBuffer()
    try? state.dump(to: SnapshotSink { buffer.append($0) })
    return Array(buffer.bytes)
  }

  static let pack = Pack.File(
    path: "pack.txt",
    bytes: Array(
      """
      document T  trial
      mechanism trial
        name       试验 | Trial
        city       小城 | Small City
        version    1
        effective  2020-01-01  [T]
        zone       +08:00
        area       sichuan
        language   zh-CN 简体中文
        clock      2 d         [T]
      family energy
        name    能源 | Energy
        clause  [T]
      scene charging
        name      充电 | Charging
        family    energy
        clause    [T]
        evidence  充电订单 | charging order
        measures  energy
        rule from 2020-01-01  [T]
          grams   144 g                 [T]
          points  1 per 2 kWh of energy [T]
          cap     10 a day              [T]

      """.utf8))
}
