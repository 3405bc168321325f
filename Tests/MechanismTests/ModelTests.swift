// SPDX-License-Identifier: Apache-2.0
import Behaviour
import CAllocations
import Journal
import Ledger
import Mechanism
import Membership
import Reference
import Testing
import Units

struct Seeded: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return mixed(state)
  }
}

/// A few weeks of a small city by seed, told to the mechanism and to the model.
struct Contest: ~Copyable {
  private var random: Seeded
  private var trial = Trial()
  private var model: Model
  private var events: [Model.Event] = []
  /// Facts of what is held, as the model's list has them.
  private var held: [FactNumber] = []
  private let seed: UInt64
  /// The first difference, or nil.
  private(set) var difference: String?
  /// How often each reason was met.
  private(set) var met: [Reason: Int] = [:]
  /// Points that expired on the way.
  private(set) var expired: Int64 = 0

  /// How far the clock goes between two rounds, at most.
  private let stepMax: Int64

  init(seed: UInt64, model: Model = Model()) {
    self.seed = seed
    self.model = model
    stepMax = model.policy == nil ? 18_000_000 : 170_000_000
    if model.policy != nil { trial = Trial(pack: [Trial.pack(extra: TrialPack.policy)]) }
    random = Seeded(seed)
    self.model.citizens = 2
    for person in [Trial.Person.lin, .ma] {
      for company in Trial.Company.allCases {
        self.model.owner[Trial.alias(person, company).raw] = Int(person.rawValue)
      }
    }
    // The night of New Year in Chengdu: days, months and years end while reports come late.
    trial.now = Trial.moment("2025-12-29 12:00")
  }

  mutating func run(rounds: Int) {
    for round in 0..<rounds where difference == nil {
      trial.now = Instant(
        milliseconds: trial.now.milliseconds + Int64.random(in: 0...stepMax, using: &random))
      report()
      if difference == nil { command() }
      if difference == nil { compare("round \(round)") }
    }
    trial.check("seed \(seed)")
  }

  /// The journal decided again under the very same pack: anything that comes out otherwise.
  func again() throws -> String? {
    let pack = trial.state.adoptions[0].files
    var whatIf = WhatIf(code: "trial", draft: pack, citizensMax: 1 << 12)
    for frame in trial.frames { try frame.withUnsafeBytes { try whatIf.expect(FrameView($0)) } }
    for frame in trial.frames { try frame.withUnsafeBytes { try whatIf.take(FrameView($0)) } }
    if let fault = whatIf.state.audit() { return fault }
    if whatIf.before.sums != whatIf.after.sums { return "the sums differ" }
    for citizen in 1...model.citizens {
      let (was, became) = (whatIf.before.points(of: citizen), whatIf.after.points(of: citizen))
      if was != became { return "citizen \(citizen) had \(was) and would have \(became)" }
      let grams = whatIf.state.ledger.grams(of: CitizenID(UInt32(citizen))).count
      if grams != model.grams[citizen] ?? 0 { return "citizen \(citizen) would have \(grams) g" }
    }
    return nil
  }

  private mutating func report() {
    let batch = (0..<Int.random(in: 1...8, using: &random)).map { _ in event() }
    let verdicts = trial.admit(batch.map { made($0) })
    let said = model.take(batch, now: trial.now.milliseconds)
    for (index, verdict) in verdicts.enumerated() {
      compare(verdict, said[index], "\(batch[index])")
      met[verdict.reason, default: 0] += 1
    }
    let fresh = verdicts.filter { $0.outcome == .quarantined }.map(\.fact)
    held += fresh.sorted()
  }

  private mutating func event() -> Model.Event {
    if !events.isEmpty, Int.random(in: 0..<7, using: &random) == 0 {
      var again = events.randomElement(using: &random)!
      if Int.random(in: 0..<4, using: &random) == 0 { again.values[0] += 1 }
      return again
    }
    let scene = ["bus", "bus", "shared-bike", "shared-bike", "charging"].randomElement(
      using: &random)!
    let person = Trial.Person.allCases.randomElement(using: &random)!
    let company = Trial.Company.allCases.randomElement(using: &random)!
    let late = Int.random(in: 0..<5, using: &random) == 0 ? 400_000_000 : 9_000_000
    let ended = trial.now.milliseconds - Int64.random(in: -400_000...Int64(late), using: &random)
    var values: [Int64]
    if scene == "charging" {
      values = [Int64.random(in: 0...60_000, using: &random) * 1_000_000]
      if Int.random(in: 0..<30, using: &random) == 0 { values[0] = 201_000 * 1_000_000 }
    } else {
      let metres = Int64.random(in: 300...22_000, using: &random)
      let seconds = max(60, metres / Int64.random(in: 3...8, using: &random))
      values = [
        metres * 1_000_000 + Int64.random(in: 0...999_999, using: &random), seconds * 1_000_000,
      ]
      if Int.random(in: 0..<60, using: &random) == 0 { values[1] = -1 }
    }
    let event = Model.Event(
      id: UInt64(events.count + 1), scene: scene, partner: Int(company.rawValue),
      alias: Trial.alias(person, company).raw, ended: ended, values: values,
      vehicle: scene == "shared-bike" ? UInt64.random(in: 0...3, using: &random) : 0)
    events.append(event)
    return event
  }

  private func made(_ event: Model.Event) -> Report {
    var report = Report()
    report.id = (mixed(event.id), mixed(event.id ^ 0x99))
    report.ended = event.ended
    report.vehicle = event.vehicle
    report.values = (event.values[0], event.values.count > 1 ? event.values[1] : 0, 0, 0)
    report.present = event.values.count > 1 ? 3 : 1
    report.alias = AliasID(event.alias)
    report.scene = trial.state.scene(code: event.scene)!
    report.partner = PartnerID(UInt16(event.partner))
    return report
  }

  private mutating func command() {
    let aliases = [Trial.Person.stranger, .guest].flatMap { person in
      [Trial.Company.bikes, .buses].map { Trial.alias(person, $0) }
    }
    let alias = aliases.randomElement(using: &random)!
    let citizen = Int.random(in: 1...model.citizens, using: &random)
    model.now = trial.now.milliseconds
    if model.policy != nil, Int.random(in: 0..<4, using: &random) == 0 {
      return Bool.random(using: &random) ? spend(citizen) : expire()
    }
    switch Int.random(in: 0..<12, using: &random) {
    case 9, 10, 11: withdraw()
    case 0:
      guard model.owner[alias.raw] == nil else { return }
      let facts = trial.frames.count
      trial.must(.membership(.link(alias, CitizenID(UInt32(citizen)))))
      model.link(alias.raw, citizen)
      held += quarantined(inFramesFrom: facts)
    case 1:
      guard model.owner[alias.raw] != nil else { return }
      trial.must(.membership(.unlink(alias)))
      model.owner[alias.raw] = nil
    case 2:
      guard !model.frozen.contains(citizen) else { return }
      trial.must(.membership(.freeze(CitizenID(UInt32(citizen)), reason: "")))
      model.frozen.insert(citizen)
    case 3, 4:
      guard let citizen = model.frozen.sorted().first else { return }
      trial.must(.membership(.unfreeze(CitizenID(UInt32(citizen)), reason: "")))
      model.frozen.remove(citizen)
    case 5, 6:
      guard let index = held.indices.randomElement(using: &random), index < model.held.count else {
        return
      }
      let summary = trial.must(.release(held.remove(at: index), by: "staff", opinion: "")).summary
      let said = model.release(index)
      if summary.grams.count != said.grams || summary.points.count != said.points {
        difference = "released: \(summary), the model says \(said)"
      }
    case 7:
      guard let index = held.indices.randomElement(using: &random), index < model.held.count else {
        return
      }
      trial.must(.reject(held.remove(at: index), by: "staff", opinion: ""))
      model.held.remove(at: index)
    default: return
    }
  }

  private mutating func spend(_ citizen: Int) {
    let amount = Int64.random(in: 1...9, using: &random)
    let number = UInt64(trial.frames.count)
    let answer = trial.must(
      .transfers([
        Transfer(
          id: TransferID(1, number), Points(amount), from: (.citizen, UInt32(citizen)),
          to: (.organisation, 1), purpose: "redemption")
      ])
    ).answers[0]
    if (answer == .done) != (model.points[citizen] ?? 0 >= amount) { difference = "\(answer)" }
    guard answer == .done else { return }
    model.policy?.spent[citizen, default: 0] += amount
    model.points[citizen, default: 0] -= amount
  }

  private mutating func expire() {
    let day = Day(trial.now.day(offset: 28_800).number - 1)
    guard day > trial.state.expiryRuns.last.map({ Day($0.day) }) ?? Day(0) else { return }
    trial.must(.policy(.expire(day, by: "staff/1")))
    expired += trial.state.expiryRuns.last?.points ?? 0
    model.expire(through: day)
  }

  /// Takes back something that was reported, sometimes something that never was.
  private mutating func withdraw() {
    let id = UInt64.random(in: 1...UInt64(events.count + 1), using: &random)
    let recall = trial.recall((mixed(id), mixed(id ^ 0x99)))
    let wasHeld = Set(trial.state.behaviour.quarantine.keys)
    let answer = trial.must(.withdraw([recall])).recalled[0]
    let said = model.withdraw(id)
    let gone = wasHeld.subtracting(trial.state.behaviour.quarantine.keys)
    held.removeAll { gone.contains($0) }
    guard let said else {
      if answer.outcome != .unknown { difference = "withdrew \(id), which never was" }
      return
    }
    guard answer.outcome == .withdrawn, answer.withdrawn?.grams == said.grams,
      Int64(answer.withdrawn?.points ?? -1) == said.points
    else {
      difference = "withdrew \(id): \(answer), the model says \(said)"
      return
    }
  }

  private func quarantined(inFramesFrom first: Int) -> [FactNumber] {
    var found: [FactNumber] = []
    for frame in trial.frames[first...] {
      frame.withUnsafeBytes { bytes in
        try? FrameView(bytes).forEachFact { number, fact in
          if let record = try? Record(reading: fact), record.outcome == .quarantined {
            found.append(number)
          }
        }
      }
    }
    return found
  }

  private mutating func compare(_ verdict: Verdict, _ said: Model.Said, _ event: String) {
    if verdict.outcome != said.outcome || verdict.reason != said.reason
      || verdict.grams != said.grams || Int64(verdict.points) != said.points
    {
      difference =
        "\(event): \(verdict.outcome) \(verdict.reason) \(verdict.grams) g \(verdict.points), "
        + "the model says \(said)"
    }
  }

  private mutating func compare(_ round: String) {
    for citizen in 1...model.citizens {
      let holds = trial.holds(CitizenID(UInt32(citizen)))
      if holds != [model.grams[citizen] ?? 0, model.points[citizen] ?? 0] {
        difference = "\(round): citizen \(citizen) holds \(holds)"
      }
    }
    if trial.state.membership.citizenCount != model.citizens {
      difference =
        "\(round): \(trial.state.membership.citizenCount) citizens, not \(model.citizens)"
    }
    if trial.state.behaviour.quarantine.count != model.held.count {
      difference =
        "\(round): \(trial.state.behaviour.quarantine.count) held, not \(model.held.count)"
    }
    let waits = trial.state.behaviour.waiting.values.reduce(0) { $0 + $1.count }
    if waits != model.waiting.count {
      difference = "\(round): \(waits) wait, not \(model.waiting.count)"
    }
    if trial.state.behaviour.eventsSeen != model.seen.count { difference = "\(round): ids differ" }
  }
}

@Suite("beside the model") struct ModelTests {
  @Test("the mechanism and the model agree on every verdict, balance and count", arguments: 0..<20)
  func agree(part: UInt64) {
    var met: [Reason: Int] = [:]
    for seed in part * 10..<part * 10 + 10 {
      var contest = Contest(seed: seed)
      contest.run(rounds: 25)
      if let difference = contest.difference { Issue.record("seed \(seed): \(difference)") }
      met.merge(contest.met, uniquingKeysWith: +)
    }
    let common: [Reason] = [
      .none, .duplicate, .idReused, .belowMinimum, .aboveMaximum, .tooFast, .vehicleOverlap,
      .accountFrozen, .reportedTwice, .notLinked, .capReached, .missingField, .sceneNotGranted,
      .fromTheFuture, .badValue,
    ]
    #expect(common.allSatisfy { met[$0] != nil }, "ten seeds meet everything: \(met)")
  }

  @Test("under its own pack, what-if says what was", arguments: 0..<20)
  func whatIfUnderTheSamePack(_ seed: Int) throws {
    var model = Model()
    if seed % 2 == 0 { model.policy = Model.Policy() }
    var contest = Contest(seed: UInt64(seed), model: model)
    contest.run(rounds: 60)
    if let difference = try contest.again() { Issue.record("seed \(seed): \(difference)") }
  }

  @Test("and under a budget, a campaign and expiry", arguments: 0..<20)
  func agreesOnPolicy(_ seed: Int) {
    var model = Model()
    model.policy = Model.Policy()
    var contest = Contest(seed: UInt64(seed), model: model)
    contest.run(rounds: 60)
    if let difference = contest.difference { Issue.record("seed \(seed): \(difference)") }
  }

  @Test("the budget is reached, points expire, and canaries are caught")
  func policyCanaries() {
    func ran(_ seed: Int, _ change: (inout Model.Policy) -> Void) -> (Bool, Int64, Bool) {
      var model = Model()
      var policy = Model.Policy()
      change(&policy)
      model.policy = policy
      var contest = Contest(seed: UInt64(seed), model: model)
      contest.run(rounds: 60)
      return (contest.met[.budgetReached] != nil, contest.expired, contest.difference != nil)
    }
    let good = (0..<20).map { ran($0) { _ in } }
    #expect(good.contains { $0.0 } && good.contains { $0.1 > 0 })
    #expect((0..<20).contains { ran($0) { $0.forgetsReleases = true }.2 })
    #expect((0..<20).contains { ran($0) { $0.spendsNewest = true }.2 })
  }

  @Test("canaries: a model that forgets ids, or counts days in Greenwich, is caught")
  func canaries() {
    func caught(_ model: Model) -> Bool {
      (0..<20).contains { seed in
        var contest = Contest(seed: UInt64(seed), model: model)
        contest.run(rounds: 25)
        return contest.difference != nil
      }
    }
    var forgetful = Model()
    forgetful.forgetsIds = true
    var foreign = Model()
    foreign.capsInGreenwich = true
    #expect(caught(forgetful))
    #expect(caught(foreign))
  }
}

@Suite("the hot path") struct AllocationTests {
  /// Allocations of each of six batches of one size, each on another day.
  private func spent(batchesOf count: Int) -> [Int] {
    var trial = Trial()
    let batch = ReportBatch(capacity: count)
    let now = Trial.moment("2026-03-01 08:00")
    let first = Trial.moment("2026-01-01 08:00").milliseconds
    var spent: [Int] = []
    for round in 0..<6 {
      batch.clear()
      for index in 0..<count {
        var report = trial.made(
          index % 2 == 0 ? .lin : .ma, "charging", [Measured(20_000)], at: "2026-01-01 08:00",
          by: .greeters)
        report.ended = first + Int64(round) * 86_400_000
        batch.append(report)
      }
      trial.writer.begin()
      let before = allocations_of_this_thread()
      trial.state.admit(batch, now: now, writer: trial.writer)
      spent.append(allocations_of_this_thread() - before)
      #expect(batch.summary.accepted == count)
    }
    return spent
  }

  @Test("a warm batch of known citizens allocates nothing for a report")
  func none() {
    // Tables and buffers grow now and then; else a batch of any size costs one, a report none.
    let small = spent(batchesOf: 1000)
    let large = spent(batchesOf: 8000)
    #expect(small.min() == 1, "allocations by batch of 1,000: \(small)")
    #expect(large.min() == 1, "allocations by batch of 8,000: \(large)")
  }
}
