// SPDX-License-Identifier: Apache-2.0
// SIMULATION. A city's desk on a disk that breaks, by seed, beside the slow and naive model.
//
//   senders ──batches, links, decisions, redemptions──▶ Clerk ──frames──▶ FakeDisk
//      ▲ keep what was not answered                       │                 │ breaks before, in,
//      └────────────────send it again─────────────────────┘◀─opened anew────┘ after an append
//      └──the same, where the frame is durable──▶ World: what everybody should know now
//
// One life of the process is a few rounds; a round is what waits in the clerk's queue at one
// moment, and so one frame: it happened as a whole or not at all. A life ends in a crash, or in
// good order with a snapshot. Every answer is compared with the model's: outcome, reason, grams and
// points of each event; and after each round balances, quarantine, waiting and ids. After each
// opening the journal itself is read: every event that was answered is there once.

import Behaviour
import Desk
import Journal
import Ledger
import Mechanism
import Membership
import Policy
import Reference
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

struct Simulation: ~Copyable {
  static let citizensMax = 1 << 10
  /// Bikes, buses, and one that enrols. Persons 1 and 2 are citizens from the start.
  static let partners = ["bikes", "buses", "greeters"]
  static let scenes: [String: SceneID] = [
    "bus": SceneID(1), "shared-bike": SceneID(2), "charging": SceneID(3),
  ]

  struct Event {
    var told: Model.Event
    var isAnswered = false
  }

  struct Redemption {
    var transfer: Transfer
    var answer: Ledger.Answer?
  }

  enum Request {
    case link(UInt32, Int)
    case unlink(UInt32)
    case freeze(Int)
    case unfreeze(Int)
    case judge(event: UInt64, release: Bool)
    case redeem(Int)
    case expire(Day)
    case withdraw(event: UInt64, known: Bool)
  }

  /// What should be known once a frame is durable.
  struct World {
    var model = Model()
    /// By redemption: whether it moved.
    var redeemed: [Int: Bool] = [:]
    var spent: [Int: Int64] = [:]
    var time = Instant(milliseconds: 0)
    /// The day of the last run of expiry.
    var expiredThrough = Day(0)
  }

  var random: Seeded
  let seed: UInt64
  let disk: FakeDisk
  let snapshots: SnapshotFile?
  var events: [Event] = []
  var redemptions: [Redemption] = []
  var world = World()
  var now = Instant("2025-12-30T20:00:00+08:00")!
  var lives = 0
  var fault: String?
  /// How often each reason was met.
  var met: [Reason: Int] = [:]

  init(seed: UInt64, disk: FakeDisk = FakeDisk(), model: Model = Model(), snapshot: String?) {
    self.seed = seed
    self.disk = disk
    world.model = model
    snapshots = snapshot.map { SnapshotFile(path: $0) }
    random = Seeded(seed)
  }

  /// Person n's user with partner p.
  static func alias(_ person: Int, _ partner: Int) -> UInt32 { UInt32(person * 10 + partner) }

  /// Lives a few lives, then one in peace in which everything is answered.
  mutating func run(lives count: Int) {
    do {
      for life in 0..<count where fault == nil { try live(life, crashes: true) }
      if fault == nil { try live(count, crashes: false) }
      if fault == nil { try checkJournal(isOver: true) }
    } catch { complain("\(error)") }
  }

  mutating func complain(_ what: String) {
    if fault == nil { fault = "seed \(seed), life \(lives): \(what)" }
  }

  private mutating func live(_ life: Int, crashes: Bool) throws {
    lives += 1
    disk.reopened()
    try checkJournal(isOver: false)
    guard fault == nil else { return }
    let post = SimulationPost()
    let clerk = Clerk(
      core: try Core(
        code: "trial", store: disk, snapshots: snapshots, citizensMax: Simulation.citizensMax),
      store: disk, clock: { post.time }, onFailure: { _ in post.fail() })
    // With points policy a life is a fortnight after the one before it: months go by.
    if world.model.policy != nil { now = Instant(seconds: now.seconds + 14 * 86_400) }
    post.time = now
    clerk.start()
    defer { clerk.stop() }
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
      if try round(clerk, post, isLast: false) || fault != nil { return }
    }
    // Nothing is left open after a life in peace.
    if !crashes { _ = try round(clerk, post, isLast: true) }
  }

  private mutating func settle(_ clerk: Clerk) throws {
    let extra = world.model.policy == nil ? "" : TrialPack.policy
    let pack = Pack.File(path: "pack.txt", bytes: Array(TrialPack.text(extra: extra).utf8))
    _ = try clerk.perform(.adopt([pack]))
    for code in Simulation.partners {
      let scenes = ["bus", "charging", "card"] + (code == "buses" ? [] : ["shared-bike"])
      _ = try clerk.perform(
        .membership(
          .addPartner(
            Partner(code: code, name: code, scenes: scenes, enrols: code == "greeters"))))
    }
    for person in 1...2 {
      _ = try clerk.perform(.membership(.enrol))
      _ = world.model.enrol()
      for partner in 1...3 {
        let alias = Simulation.alias(person, partner)
        _ = try clerk.perform(.membership(.link(AliasID(alias), CitizenID(UInt32(person)))))
        world.model.link(alias, person)
      }
    }
    world.time = now
  }

  /// One round; answers whether the process died.
  private mutating func round(
    _ clerk: Clerk, _ post: SimulationPost, isLast: Bool
  ) throws -> Bool {
    clerk.submit(ReportBatch(capacity: 1)) { _ in post.gate() }
    post.waitForGate()
    let before = try disk.last()?.sequence
    var sent: [[Int]] = []
    for partner in 1...3 where isLast || Bool.random(using: &random) {
      let numbers = batch(partner, isLast: isLast)
      guard !numbers.isEmpty else { continue }
      let reports = ReportBatch(capacity: 4)
      for index in numbers { reports.append(Simulation.report(events[index].told)) }
      let place = sent.count
      clerk.submit(reports) { _ in
        post.give(place, (0..<reports.count).map { reports.verdicts[$0] })
      }
      sent.append(numbers)
    }
    let asked = requests(isLast: isLast)
    for (place, request) in asked.enumerated() {
      clerk.perform(try command(request)) { post.give(place, $0.map(\.result)) }
    }
    post.open()
    let (verdicts, answers, died) = post.collect(sent.count, asked.count)
    // What the disk says goes: a process that died may have written the frame or not.
    if died, try disk.last()?.sequence == before { return true }
    follow(sent, asked, verdicts, answers)
    if !died, fault == nil { compare(clerk) }
    return died
  }

  /// What a partner sends: what was not answered, something new, sometimes something answered long
  /// ago, sometimes twice.
  private mutating func batch(_ partner: Int, isLast: Bool) -> [Int] {
    var numbers = events.indices.filter {
      events[$0].told.partner == partner && !events[$0].isAnswered
    }
    if isLast { return numbers }
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      events.append(Event(told: event(partner)))
      numbers.append(events.count - 1)
    }
    let mine = events.indices.filter { events[$0].told.partner == partner }
    if let old = mine.randomElement(using: &random) {
      numbers.append(old)
      if Int.random(in: 0..<6, using: &random) == 0 {
        // The same id with other content is another story, and is refused.
        var liar = events[old].told
        liar.values[0] += 1
        events.append(Event(told: liar))
        numbers.append(events.count - 1)
      }
    }
    return numbers.shuffled(using: &random)
  }

  private mutating func event(_ partner: Int) -> Model.Event {
    let scene = ["bus", "shared-bike", "shared-bike", "charging"].randomElement(using: &random)!
    let late: Int64 = Int.random(in: 0..<5, using: &random) == 0 ? 200_000_000 : 9_000_000
    var values = [Int64.random(in: 500...30_000, using: &random) * 1_000_000]
    if scene != "charging" {
      // Now and then too short by half a metre, or too long.
      let odd = [Int64(499), 20_000].randomElement(using: &random)!
      let metres =
        Int.random(in: 0..<8, using: &random) == 0
        ? odd : Int64.random(in: 600...19_000, using: &random)
      let seconds = max(60, metres / Int64.random(in: 3...8, using: &random))
      values = [metres * 1_000_000 + 500_000, seconds * 1_000_000]
    }
    return Model.Event(
      id: UInt64(events.count + 1), scene: scene, partner: partner,
      alias: Simulation.alias(Int.random(in: 1...4, using: &random), partner),
      ended: now.milliseconds - Int64.random(in: -900_000...late, using: &random),
      values: values,
      vehicle: scene == "shared-bike" ? UInt64.random(in: 1...3, using: &random) : 0)
  }

  private mutating func requests(isLast: Bool) -> [Request] {
    var requests: [Request] = []
    if !isLast {
      let citizen = Int.random(in: 1...world.model.citizens, using: &random)
      let alias = Simulation.alias(
        Int.random(in: 3...4, using: &random), Int.random(in: 1...2, using: &random))
      switch Int.random(in: 0..<12, using: &random) {
      case 0, 1: requests.append(.link(alias, citizen))
      case 2: requests.append(.unlink(alias))
      case 3: requests.append(.freeze(citizen))
      case 4: requests.append(.unfreeze(world.model.frozen.min() ?? citizen))
      case 5, 6, 7:
        if let held = world.model.held.randomElement(using: &random) {
          requests.append(
            .judge(event: held.event.id, release: Int.random(in: 0..<3, using: &random) > 0))
        }
      case 8, 9:
        let transfer = Transfer(
          id: TransferID(1, UInt64(redemptions.count + 1)),
          Points(Int64.random(in: 1...6, using: &random)), from: (.citizen, UInt32(citizen)),
          to: (.organisation, 1), purpose: "redemption")
        redemptions.append(Redemption(transfer: transfer))
      case 10:
        // Sometimes one that never was.
        let event = UInt64.random(in: 1...UInt64(events.count + 1), using: &random)
        requests.append(.withdraw(event: event, known: world.model.seen[event] != nil))
      default: break
      }
    }
    if world.model.policy != nil, Int.random(in: 0..<4, using: &random) == 0 {
      requests.append(.expire(Day(now.day(offset: 28_800).number - 2)))
    }
    for index in redemptions.indices where redemptions[index].answer == nil {
      requests.append(.redeem(index))
    }
    return requests
  }

  private func command(_ request: Request) throws -> Mechanism.Command {
    switch request {
    case .link(let alias, let citizen):
      .membership(.link(AliasID(alias), CitizenID(UInt32(citizen))))
    case .unlink(let alias): .membership(.unlink(AliasID(alias)))
    case .freeze(let citizen): .membership(.freeze(CitizenID(UInt32(citizen)), reason: "r"))
    case .unfreeze(let citizen): .membership(.unfreeze(CitizenID(UInt32(citizen)), reason: "r"))
    case .judge(let event, true):
      .release(try heldFact(of: event), by: "staff", opinion: "")
    case .judge(let event, false):
      .reject(try heldFact(of: event), by: "staff", opinion: "")
    case .redeem(let index): .transfers([redemptions[index].transfer])
    case .expire(let day): .policy(.expire(day, by: "staff/1"))
    case .withdraw(let event, _): .withdraw([try recall(event)])
    }
  }

  static func report(_ event: Model.Event) -> Report {
    var report = Report()
    report.id = (mixed(event.id), mixed(event.id ^ 0x1234))
    report.ended = event.ended
    report.vehicle = event.vehicle
    report.values = (event.values[0], event.values.count > 1 ? event.values[1] : 0, 0, 0)
    report.present = event.values.count > 1 ? 3 : 1
    report.alias = AliasID(event.alias)
    report.scene = scenes[event.scene]!
    report.partner = PartnerID(UInt16(event.partner))
    return report
  }
}
