// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Desk
import Journal
import Ledger
import Mechanism
import Membership
import Reference
import Storage
import Units

extension Simulation {
  /// Tells the world what a durable frame holds, and compares every answer there was.
  mutating func follow(
    _ sent: [[Int]], _ asked: [Request], _ verdicts: [Int: [Verdict]],
    _ answers: [Int: Result<CommandResult, CommandRefusal>]
  ) {
    // A clock that was set back does not take the journal with it.
    world.time = max(world.time, now)
    for (place, numbers) in sent.enumerated() {
      let said = world.model.take(
        numbers.map { events[$0].told }, now: world.time.milliseconds)
      guard let list = verdicts[place] else { continue }
      for (at, index) in numbers.enumerated() {
        events[index].isAnswered = true
        met[list[at].reason, default: 0] += 1
        compare(list[at], said[at], events[index].told)
      }
    }
    world.model.now = world.time.milliseconds
    for (place, request) in asked.enumerated() { follow(request, answers[place]) }
  }

  private mutating func compare(_ verdict: Verdict, _ said: Model.Said, _ event: Model.Event) {
    if verdict.outcome != said.outcome || verdict.reason != said.reason
      || verdict.grams != said.grams || Int64(verdict.points) != said.points
    {
      complain(
        "\(event): \(verdict.outcome) \(verdict.reason) \(verdict.grams) g, "
          + "\(verdict.points) points; the model says \(said)")
    }
  }

  private mutating func follow(
    _ request: Request, _ answer: Result<CommandResult, CommandRefusal>?
  ) {
    var good = true
    switch request {
    case .link(let alias, let citizen):
      good = world.model.owner[alias] == nil
      if good { world.model.link(alias, citizen) }
    case .unlink(let alias): good = world.model.owner.removeValue(forKey: alias) != nil
    case .freeze(let citizen): good = world.model.frozen.insert(citizen).inserted
    case .unfreeze(let citizen): good = world.model.frozen.remove(citizen) != nil
    case .judge(let event, let release):
      let index = world.model.held.firstIndex { $0.event.id == event }!
      if release {
        let said = world.model.release(index)
        if case .success(let result) = answer,
          result.summary.grams.count != said.grams
            || result.summary.points.count != said.points
        {
          complain("released: \(result.summary), the model says \(said)")
        }
      } else {
        world.model.held.remove(at: index)
      }
    case .expire(let day):
      guard day > world.expiredThrough else { break }
      world.expiredThrough = day
      world.model.policy?.spent = world.spent
      world.model.expire(through: day)
    case .redeem(let index):
      let answer = try? answer?.get().answers[0]
      redeem(index, answer)
    case .withdraw(let event, let known):
      withdraw(event, known, try? answer?.get().recalled.first)
    }
    if case .failure(let refusal)? = answer, good { complain("\(request): \(refusal)") }
    if case .success? = answer, !good { complain("\(request) was not refused") }
  }

  /// An event that comes in the very frame that withdraws it is not: its facts were not read.
  private mutating func withdraw(_ event: UInt64, _ known: Bool, _ answer: Recalled?) {
    let said = known ? world.model.withdraw(event) : nil
    guard let answer else { return }
    let right =
      if let said {
        answer.outcome == .withdrawn && answer.withdrawn?.grams == said.grams
          && answer.withdrawn.map { Int64($0.points) } == said.points
      } else {
        answer.outcome == .unknown || answer.outcome == .changed
      }
    if !right { complain("withdrawn \(event): \(answer), the model says \(said as Any)") }
  }

  private mutating func redeem(_ index: Int, _ answer: Ledger.Answer?) {
    let transfer = redemptions[index].transfer
    let citizen = Int(transfer.source.owner)
    let known = world.redeemed[index]
    let has = (world.model.points[citizen] ?? 0) - (world.spent[citizen] ?? 0)
    let moves = known ?? (has >= transfer.amount)
    if known == nil {
      world.redeemed[index] = moves
      if moves { world.spent[citizen, default: 0] += transfer.amount }
    }
    guard let answer else { return }
    redemptions[index].answer = answer
    let right: Ledger.Answer =
      moves ? (known == nil ? .done : .again) : .refused(.overdrawn, field: "amount")
    if answer != right { complain("\(transfer): \(answer), not \(right)") }
  }

  /// What the desk says between two rounds, beside the model.
  mutating func compare(_ clerk: Clerk) {
    let world = world
    let differences = clerk.ask { Simulation.differences($0.state, world) }
    if let first = differences.first { complain(first) }
  }

  static func differences(_ state: borrowing Mechanism.State, _ world: World) -> [String] {
    let model = world.model
    var found: [String] = []
    func same(_ what: String, _ actual: Int64, _ should: Int64) {
      if actual != should { found.append("\(what): \(actual), the model says \(should)") }
    }
    same("citizens", Int64(state.membership.citizenCount), Int64(model.citizens))
    for person in 1...max(1, model.citizens) {
      let citizen = CitizenID(UInt32(person))
      same("grams of \(person)", state.ledger.grams(of: citizen).count, model.grams[person] ?? 0)
      same(
        "points of \(person)", state.ledger.points(of: citizen).count,
        (model.points[person] ?? 0) - (world.spent[person] ?? 0))
      let frozen = state.membership.isFrozen(citizen)
      same("frozen \(person)", frozen ? 1 : 0, model.frozen.contains(person) ? 1 : 0)
    }
    for person in 1...4 {
      for partner in 1...3 {
        let alias = Simulation.alias(person, partner)
        let owner = state.membership.citizen(of: AliasID(alias))
        same("owner of \(alias)", Int64(owner.raw), Int64(model.owner[alias] ?? 0))
      }
    }
    same("ids", Int64(state.behaviour.eventsSeen), Int64(model.seen.count))
    let held = state.behaviour.quarantine.values.map(\.report.id.0).sorted()
    if held != model.held.map({ mixed($0.event.id) }).sorted() { found.append("others are held") }
    let waiting = state.behaviour.waiting.values.flatMap { $0.map(\.report.id.0) }.sorted()
    if waiting != model.waiting.map({ mixed($0.event.id) }).sorted() {
      found.append("others are waiting")
    }
    let shop = state.ledger.balance(of: AccountID(.organisation, 1, .points))
    same("the shop", shop, world.spent.values.reduce(0, +))
    return found
  }

  /// What a new process finds: snapshot and journal agree, everything verifies, every event that
  /// was answered is there once, and the books are the model's.
  mutating func checkJournal(isOver: Bool) throws {
    let opened = try Core(
      code: "trial", store: disk, snapshots: snapshots, citizensMax: Simulation.citizensMax)
    let fresh = try Core(code: "trial", store: disk, citizensMax: Simulation.citizensMax)
    if Simulation.dump(opened.state) != Simulation.dump(fresh.state) {
      return complain("the snapshot and the journal tell two stories")
    }
    let verification = try Verification.run(
      code: "trial", store: disk, heads: nil, citizensMax: Simulation.citizensMax)
    if !verification.isGood { return complain("verify: \(verification)") }
    let differences = Simulation.differences(opened.state, world)
    if let first = differences.first { return complain("after opening, \(first)") }
    var times: [UInt64: Int] = [:]
    try records { record, _ in
      if record.origin == .reported { times[record.report.id.0, default: 0] += 1 }
    }
    for id in world.model.seen.keys where times.removeValue(forKey: mixed(id)) != 1 {
      return complain("event \(id) is not there once")
    }
    if !times.isEmpty { return complain("\(times.count) events are there that should not be") }
    if isOver, events.contains(where: { !$0.isAnswered }) {
      return complain("an event was never answered")
    }
    if isOver, redemptions.contains(where: { $0.answer == nil }) {
      return complain("a redemption was never answered")
    }
  }

  /// The fact under which an event is held.
  func heldFact(of event: UInt64) throws -> FactNumber {
    var found = FactNumber(0)
    try records { record, number in
      if record.report.id.0 == mixed(event), record.outcome == .quarantined { found = number }
    }
    return found
  }

  /// An event's facts as the disk has them now.
  func recall(_ event: UInt64) throws -> Recall {
    let id = (mixed(event), mixed(event ^ 0x1234))
    var facts: [(FactNumber, Record)] = []
    try records { record, number in if record.report.id == id { facts.append((number, record)) } }
    return Recall(id: id, facts: facts, grounds: .cancelled)
  }

  private func records(_ body: (Record, FactNumber) -> Void) throws {
    try disk.read(from: 1) { _, bytes in
      try FrameView(bytes).forEachFact { number, fact in
        guard FactHeader(fact.baseAddress!).kind == Record.kind else { return }
        body(try Record(reading: fact), number)
      }
      return true
    }
  }

  private static func dump(_ state: borrowing Mechanism.State) -> [UInt8] {
    let buffer = ByteBuffer()
    try? state.dump(to: SnapshotSink { buffer.append($0) })
    return Array(buffer.bytes)
  }
}
