// SPDX-License-Identifier: Apache-2.0
import Journal
import Testing
import Units

@testable import Ledger

struct Seeded: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return mixed(state)
  }
}

/// The ledger's promises in dictionaries and 128 bits; a chain that fails is undone by keeping a
/// copy of everything.
struct Model {
  var balance: [AccountID: Int128] = [:]
  var out: [AccountID: Int128] = [:]
  var coming: [AccountID: Int128] = [:]
  var limits: [AccountID: Limits] = [:]
  /// What was sent under an identifier, and the answer it got.
  var sent: [TransferID: (transfer: Transfer, answer: Answer)] = [:]
  var open: [TransferID: Instant] = [:]

  mutating func take(_ batch: [Transfer], now: Instant) -> [Answer] {
    var answers: [Answer] = []
    var chain: [Transfer] = []
    for transfer in batch {
      chain.append(transfer)
      if transfer.isLinked { continue }
      answers += link(chain, now)
      chain = []
    }
    return answers + chain.map { remember($0, .refused(.linkedChainOpen, field: nil)) }
  }

  private mutating func link(_ chain: [Transfer], _ now: Instant) -> [Answer] {
    let before = self
    var answers: [Answer] = []
    for (index, transfer) in chain.enumerated() {
      let answer = one(transfer, now)
      answers.append(answer)
      guard case .refused = answer else { continue }
      if chain.count == 1 { return [remember(transfer, answer)] }
      self = before
      return chain.indices.map {
        remember(chain[$0], $0 == index ? answer : .refused(.linkedFailed, field: nil))
      }
    }
    return answers
  }

  /// A refusal is for good: who asks again gets the first answer.
  private mutating func remember(_ transfer: Transfer, _ answer: Answer) -> Answer {
    if let old = sent[transfer.id] {
      if old.transfer == transfer, case .refused = old.answer { return old.answer }
    } else if transfer.id != TransferID(0, 0) {
      sent[transfer.id] = (transfer, answer)
    }
    return answer
  }

  private mutating func one(_ t: Transfer, _ now: Instant) -> Answer {
    if let old = sent[t.id] {
      if old.transfer != t { return .refused(.idReused, field: t.difference(from: old.transfer)) }
      if case .refused = old.answer { return old.answer }
      return .again
    }
    if t.amount <= 0 { return .refused(.amountNotPositive, field: "amount") }
    if t.source.asset != t.target.asset { return .refused(.assetsDiffer, field: "target") }
    if t.source == t.target { return .refused(.sameAccount, field: "target") }
    switch t.step {
    case .direct: return shift(t, aside: nil)
    case .pending(let deadline):
      return deadline <= now ? .refused(.deadlinePassed, field: "step") : shift(t, aside: deadline)
    case .post(let id), .void(let id): return end(t, id, now)
    }
  }

  private mutating func shift(_ t: Transfer, aside deadline: Instant?) -> Answer {
    if limits[t.source]?.isFrozen == true { return .refused(.sourceFrozen, field: "source") }
    if limits[t.target]?.isFrozen == true { return .refused(.targetFrozen, field: "target") }
    let amount = Int128(t.amount)
    let hasFloor = [.citizen, .organisation, .escrow].contains(t.source.kind)
    let floor = limits[t.source].map { $0.floor } ?? (hasFloor ? 0 : nil)
    let left = balance[t.source, default: 0] - out[t.source, default: 0] - amount
    if left < Int128(floor ?? .min)
      || deadline != nil && out[t.source, default: 0] + amount > Int64.max
    {
      return .refused(.overdrawn, field: "amount")
    }
    let height = balance[t.target, default: 0] + coming[t.target, default: 0] + amount
    if height > Int128(limits[t.target]?.ceiling ?? .max)
      || deadline != nil && coming[t.target, default: 0] + amount > Int64.max
    {
      return .refused(.aboveCeiling, field: "amount")
    }
    if let deadline {
      out[t.source, default: 0] += amount
      coming[t.target, default: 0] += amount
      open[t.id] = deadline
    } else {
      balance[t.source, default: 0] -= amount
      balance[t.target, default: 0] += amount
    }
    sent[t.id] = (t, .done)
    return .done
  }

  private mutating func end(_ t: Transfer, _ id: TransferID, _ now: Instant) -> Answer {
    guard let old = sent[id]?.transfer else { return .refused(.pendingUnknown, field: "step") }
    guard let deadline = open[id] else { return .refused(.pendingNotPending, field: "step") }
    var posts = false
    if case .post = t.step { posts = true }
    guard old.source == t.source, old.target == t.target,
      posts ? t.amount <= old.amount : true
    else { return .refused(.pendingDiffers, field: "amount") }
    if t.amount > old.amount { return .refused(.pendingDiffers, field: "amount") }
    if posts {
      if deadline <= now { return .refused(.pendingExpired, field: "step") }
      if limits[t.source]?.isFrozen == true { return .refused(.sourceFrozen, field: "source") }
      if limits[t.target]?.isFrozen == true { return .refused(.targetFrozen, field: "target") }
    } else if t.amount != old.amount {
      return .refused(.pendingDiffers, field: "amount")
    }
    out[old.source, default: 0] -= Int128(old.amount)
    coming[old.target, default: 0] -= Int128(old.amount)
    if posts {
      balance[old.source, default: 0] -= Int128(t.amount)
      balance[old.target, default: 0] += Int128(t.amount)
    }
    open[id] = nil
    sent[t.id] = (t, .done)
    return .done
  }
}

@Suite("random walks") struct WalkTests {
  static let accounts: [AccountID] = [
    Books.scene, Books.lin, Books.ma, Books.shop, AccountID(.programme, 1, .points),
    .citizen(CitizenID(3), .grams), .issuing(SceneID(2), .grams), AccountID(.escrow, 1, .points),
  ]

  private func transfer(_ random: inout Seeded, _ model: Model, _ now: Instant) -> Transfer {
    let accounts = WalkTests.accounts
    // Often something sent before, as it was or slightly changed.
    if Int.random(in: 0..<6, using: &random) == 0,
      let id = model.sent.keys.sorted().randomElement(using: &random),
      var old = model.sent[id]?.transfer
    {
      if Bool.random(using: &random) { old.amount += Int64.random(in: 0...1, using: &random) }
      return old
    }
    let huge = Int.random(in: 0..<40, using: &random) == 0
    var t = move(
      UInt64.random(in: 1...5000, using: &random),
      huge
        ? .random(in: Int64.max / 3...Int64.max, using: &random)
        : .random(in: 0...60, using: &random),
      accounts.randomElement(using: &random)!, accounts.randomElement(using: &random)!,
      linked: Int.random(in: 0..<4, using: &random) == 0)
    switch Int.random(in: 0..<8, using: &random) {
    case 0, 1:
      t.step = .pending(
        deadline: Instant(seconds: now.seconds + Int64.random(in: -1...300, using: &random)))
    case 2, 3, 4:
      guard let id = model.open.keys.sorted().randomElement(using: &random),
        let old = model.sent[id]?.transfer
      else { break }
      t.step = Bool.random(using: &random) ? .post(id) : .void(id)
      (t.source, t.target) = (old.source, old.target)
      t.amount = old.amount + Int64.random(in: -2...1, using: &random)
      if Bool.random(using: &random) { t.amount = old.amount }
    default: break
    }
    return t
  }

  @Test(
    "the ledger and the model agree at every step, and the sum is always zero", arguments: 0..<60)
  func walk(seed: UInt64) throws {
    var random = Seeded(seed)
    var books = Books()
    var model = Model()
    for step in 0..<150 {
      books.now = Instant(seconds: books.now.seconds + Int64.random(in: 0...20, using: &random))
      if Int.random(in: 0..<12, using: &random) == 0 {
        let account = WalkTests.accounts.randomElement(using: &random)!
        let limits = Limits(
          floor: [0, -50, nil].randomElement(using: &random)!,
          ceiling: [nil, nil, 500].randomElement(using: &random)!,
          isFrozen: Int.random(in: 0..<3, using: &random) == 0)
        if case .success = books.set(account, limits) { model.limits[account] = limits }
      }
      let batch = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        transfer(&random, model, books.now)
      }
      let answers = books.send(batch)
      let expected = model.take(batch, now: books.now)
      #expect(answers == expected, "seed \(seed), step \(step): \(batch)")
      var total: [Asset: Int128] = [:]
      for account in WalkTests.accounts {
        let position = books.state.position(of: account)
        #expect(Int128(position.balance) == model.balance[account, default: 0])
        #expect(Int128(position.pendingOut) == model.out[account, default: 0])
        #expect(Int128(position.pendingIn) == model.coming[account, default: 0])
        total[account.asset!, default: 0] += Int128(position.balance)
      }
      #expect(total.values.allSatisfy { $0 == 0 })
      if answers != expected { return }
    }
    #expect(books.state.audit() == nil)
    let dump = bytes(books.state)
    #expect(try books.replayed() == dump, "seed \(seed): the journal tells another story")
    var loaded = State(citizensMax: 1000)
    try dump.withUnsafeBytes {
      var source = ByteReader($0)
      try loaded.load(from: &source)
    }
    #expect(bytes(loaded) == dump, "seed \(seed): the snapshot tells another story")
    #expect(loaded.audit() == nil)
  }
}
