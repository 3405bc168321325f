// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Journal
import Testing
import Units

@testable import Ledger

/// A ledger of its own, told one thing after another.
struct Books: ~Copyable {
  var state = State(citizensMax: 1000)
  var facts: [Fact] = []
  var now = Instant(seconds: 1000)

  static let scene = AccountID.issuing(SceneID(1), .points)
  static let lin = AccountID.citizen(CitizenID(1), .points)
  static let ma = AccountID.citizen(CitizenID(2), .points)
  static let shop = AccountID(.organisation, 1, .points)

  mutating func send(_ transfers: Transfer...) -> [Answer] { send(transfers) }

  mutating func send(_ transfers: [Transfer]) -> [Answer] {
    let (answers, fact) = state.decide(transfers, now: now)
    if let fact {
      state.apply(fact)
      facts.append(fact)
    }
    return answers
  }

  mutating func set(_ account: AccountID, _ limits: Limits) -> Result<Fact, Refusal> {
    let decided = state.decide(account, limits)
    if case .success(let fact) = decided {
      state.apply(fact)
      facts.append(fact)
    }
    return decided
  }

  /// What came of the journal: every fact as JSON, read again, applied to an empty ledger.
  func replayed() throws -> [UInt8] {
    var fresh = State(citizensMax: 1000)
    for fact in facts {
      let json = try JSONEncoder().encode(FactRow(fact))
      let row = try JSONDecoder().decode(FactRow.self, from: json)
      fresh.apply(try #require(row.fact))
    }
    return bytes(fresh)
  }
}

func bytes(_ state: borrowing State) -> [UInt8] {
  let buffer = ByteBuffer()
  try! state.dump(to: SnapshotSink { buffer.append($0) })
  return Array(buffer.bytes)
}

func move(
  _ id: UInt64, _ amount: Int64, _ source: AccountID, _ target: AccountID,
  _ step: Transfer.Step = .direct, linked: Bool = false, purpose: String = "trial"
) -> Transfer {
  Transfer(
    id: TransferID(0, id), source: source, target: target, amount: amount, step: step,
    isLinked: linked, purpose: purpose)
}

@Suite("transfers") struct LedgerTests {
  @Test("points go from the scene to Lin, from Lin to the shop, and never below zero")
  func story() throws {
    var books = Books()
    #expect(books.send(move(1, 100, Books.scene, Books.lin)) == [.done])
    #expect(
      books.send(move(2, 101, Books.lin, Books.shop)) == [.refused(.overdrawn, field: "amount")])
    #expect(books.send(move(3, 100, Books.lin, Books.shop)) == [.done])
    #expect(books.state.points(of: CitizenID(1)) == Points(0))
    #expect(books.state.balance(of: Books.shop) == 100)
    #expect(books.state.issued(by: SceneID(1)) == (Grams(0), Points(100)))
    #expect(books.state.audit() == nil)
    #expect(try books.replayed() == bytes(books.state))
  }

  @Test("an amount carries its asset by type, grams never meet points")
  func typed() {
    var books = Books()
    let grams = Transfer(
      id: TransferID(0, 1), Grams(500), from: (.issuing, 1), to: (.citizen, 1), purpose: "trial")
    #expect(books.send(grams) == [.done])
    #expect(books.state.grams(of: CitizenID(1)) == Grams(500))
    #expect(books.state.points(of: CitizenID(1)) == Points(0))
    let mixed = move(2, 5, .citizen(CitizenID(1), .grams), Books.shop)
    #expect(books.send(mixed) == [.refused(.assetsDiffer, field: "target")])
  }

  @Test("an account's name reads back as the account, unknown ones too")
  func names() {
    #expect(Books.lin.name == "citizen:1:points")
    for kind in AccountID.Class.allCases {
      for asset in [Asset.points, .grams, .fen, .stock(1), .stock(Asset.stockMax)] {
        let account = AccountID(kind, 77, asset)
        #expect(AccountID(name: account.name) == account)
      }
    }
    for raw: UInt64 in [0, .max, 1 << 56, 9 << 56 | 1 << 40, Books.lin.raw | 1 << 33] {
      #expect(AccountID(name: AccountID(raw: raw).name) == AccountID(raw: raw))
    }
    for name in [
      "", "citizen", "citizen:1", "citizen:-1:points", "mayor:1:points", "citizen:1:gold",
    ] {
      #expect(AccountID(name: name) == nil)
    }
    #expect(TransferID("0000000000000001000000000000000a") == TransferID(1, 10))
    for text in ["", "1", "+000000000000001000000000000000a", String(repeating: "g", count: 32)] {
      #expect(TransferID(text) == nil)
    }
  }

  @Test("a frozen account neither gives nor takes, a ceiling holds, and so does a floor")
  func limits() {
    var books = Books()
    _ = books.send(move(1, 100, Books.scene, Books.lin))
    #expect(throws: Never.self) {
      try books.set(Books.lin, Limits(floor: 20, ceiling: 150, isFrozen: false)).get()
    }
    #expect(
      books.send(move(2, 81, Books.lin, Books.shop)) == [.refused(.overdrawn, field: "amount")])
    #expect(
      books.send(move(3, 51, Books.scene, Books.lin)) == [.refused(.aboveCeiling, field: "amount")])
    #expect(books.send(move(4, 50, Books.scene, Books.lin)) == [.done])
    #expect(throws: Never.self) {
      try books.set(Books.lin, Limits(floor: 0, ceiling: nil, isFrozen: true)).get()
    }
    #expect(
      books.send(move(5, 1, Books.lin, Books.shop)) == [.refused(.sourceFrozen, field: "source")])
    #expect(
      books.send(move(6, 1, Books.scene, Books.lin)) == [.refused(.targetFrozen, field: "target")])
    #expect(books.state.audit() == nil)
  }

  @Test("limits that an account breaks already are refused, and the audit stays silent")
  func impossibleLimits() {
    var books = Books()
    _ = books.send(move(1, 100, Books.scene, Books.lin))
    #expect(throws: Refusal.overdrawn) { try books.set(Books.lin, Limits(floor: 101)).get() }
    #expect(throws: Refusal.aboveCeiling) {
      try books.set(Books.lin, Limits(floor: 0, ceiling: 99)).get()
    }
    #expect(throws: Refusal.accountUnknown) {
      try books.set(AccountID(raw: 7), Limits(floor: 0)).get()
    }
    #expect(books.state.audit() == nil && books.facts.count == 1)
  }

  @Test("accounts that cannot be are refused, not run into")
  func impossibleAccounts() throws {
    var books = Books()
    let strange: [AccountID] = [
      AccountID(raw: 0), AccountID(raw: .max), .citizen(CitizenID(0), .points),
      .citizen(CitizenID(4_000_000_000), .points), AccountID(.issuing, 4_000_000_000, .points),
      AccountID(raw: Books.lin.raw | 1 << 33),
    ]
    for (index, account) in strange.enumerated() {
      #expect(
        books.send(move(UInt64(index) + 1, 1, Books.scene, account))
          == [.refused(.accountUnknown, field: "target")])
    }
    // Refused for good, so the journal holds the refusal, and must read back.
    #expect(try books.replayed() == bytes(books.state))
  }

  @Test("the edges of 64 bits are refusals")
  func overflow() {
    var books = Books()
    let fund = AccountID(.programme, 1, .points)
    let pool = AccountID(.programme, 2, .points)
    #expect(books.send(move(1, .max, fund, pool)) == [.done])
    #expect(books.send(move(2, 1, fund, pool)) == [.refused(.aboveCeiling, field: "amount")])
    #expect(books.send(move(3, 1, fund, Books.shop)) == [.done])
    #expect(books.send(move(4, 1, fund, Books.shop)) == [.refused(.overdrawn, field: "amount")])
    let late = Transfer.Step.pending(deadline: Instant(seconds: 9000))
    // 2^64 may be set aside in sum, as far as the floor goes, but 64 bits do not hold it.
    #expect(books.send(move(5, .max, pool, AccountID(.programme, 3, .points), late)) == [.done])
    #expect(
      books.send(move(6, 5, pool, AccountID(.programme, 4, .points), late))
        == [.refused(.overdrawn, field: "amount")])
    #expect(
      books.send(move(7, .min, fund, pool)) == [.refused(.amountNotPositive, field: "amount")])
    #expect(books.state.audit() == nil)
  }

  @Test("a pending transfer is posted in part, or voided, or runs out")
  func pending() throws {
    var books = Books()
    let late = Transfer.Step.pending(deadline: Instant(seconds: 2000))
    _ = books.send(move(1, 100, Books.scene, Books.lin))
    #expect(books.send(move(2, 60, Books.lin, Books.shop, late)) == [.done])
    #expect(
      books.send(move(3, 41, Books.lin, Books.shop)) == [.refused(.overdrawn, field: "amount")])
    #expect(books.state.position(of: Books.lin).pendingOut == 60)
    #expect(books.state.position(of: Books.shop).pendingIn == 60)
    let id = TransferID(0, 2)
    #expect(
      books.send(move(4, 61, Books.lin, Books.shop, .post(id))) == [
        .refused(.pendingDiffers, field: "amount")
      ])
    #expect(
      books.send(move(5, 60, Books.ma, Books.shop, .post(id))) == [
        .refused(.pendingDiffers, field: "amount")
      ])
    #expect(books.send(move(6, 25, Books.lin, Books.shop, .post(id))) == [.done])
    #expect(books.state.balance(of: Books.lin) == 75 && books.state.balance(of: Books.shop) == 25)
    #expect(books.state.position(of: Books.lin).pendingOut == 0)
    #expect(
      books.send(move(7, 25, Books.lin, Books.shop, .post(id))) == [
        .refused(.pendingNotPending, field: "step")
      ])
    #expect(books.send(move(6, 25, Books.lin, Books.shop, .post(id))) == [.again])

    #expect(books.send(move(8, 75, Books.lin, Books.shop, late)) == [.done])
    #expect(
      books.send(move(9, 70, Books.lin, Books.shop, .void(TransferID(0, 8)))) == [
        .refused(.pendingDiffers, field: "amount")
      ])
    #expect(books.send(move(10, 75, Books.lin, Books.shop, .void(TransferID(0, 8)))) == [.done])
    #expect(books.state.balance(of: Books.lin) == 75)

    #expect(books.send(move(11, 75, Books.lin, Books.shop, late)) == [.done])
    books.now = Instant(seconds: 2000)
    #expect(books.state.overdue(now: books.now) == [TransferID(0, 11)])
    #expect(
      books.send(move(12, 75, Books.lin, Books.shop, .post(TransferID(0, 11)))) == [
        .refused(.pendingExpired, field: "step")
      ])
    #expect(books.send(move(13, 75, Books.lin, Books.shop, .void(TransferID(0, 11)))) == [.done])
    #expect(
      books.send(move(14, 1, Books.lin, Books.shop, late)) == [
        .refused(.deadlinePassed, field: "step")
      ])
    #expect(
      books.send(move(15, 1, Books.lin, Books.shop, .post(TransferID(9, 9)))) == [
        .refused(.pendingUnknown, field: "step")
      ])
    #expect(
      books.send(move(16, 1, Books.lin, Books.shop, .void(TransferID(0, 0)))) == [
        .refused(.pendingUnknown, field: "step")
      ])
    #expect(books.state.audit() == nil)
    #expect(try books.replayed() == bytes(books.state))
  }

  @Test("something may be promised to a citizen who never held anything")
  func promised() {
    var books = Books()
    let newcomer = AccountID.citizen(CitizenID(500), .points)
    let late = Transfer.Step.pending(deadline: Instant(seconds: 2000))
    #expect(books.send(move(1, 10, Books.scene, newcomer, late)) == [.done])
    #expect(books.state.audit() == nil)
  }

  @Test("linked transfers happen all or not at all")
  func linked() throws {
    var books = Books()
    _ = books.send(move(1, 100, Books.scene, Books.lin))
    #expect(
      books.send(
        move(2, 60, Books.lin, Books.shop, linked: true),
        move(3, 60, Books.lin, Books.ma, linked: true),
        move(4, 1, Books.scene, Books.ma),
        move(5, 30, Books.lin, Books.ma))
        == [
          .refused(.linkedFailed, field: nil), .refused(.overdrawn, field: "amount"),
          .refused(.linkedFailed, field: nil), .done,
        ])
    #expect(books.state.balance(of: Books.lin) == 70 && books.state.balance(of: Books.shop) == 0)
    // Two that fit only because the first pays for the second.
    #expect(
      books.send(
        move(6, 30, Books.lin, Books.shop, linked: true), move(7, 30, Books.shop, Books.ma))
        == [.done, .done])
    #expect(books.state.balance(of: Books.ma) == 60)
    #expect(
      books.send(move(8, 1, Books.lin, Books.ma), move(9, 1, Books.lin, Books.ma, linked: true))
        == [.done, .refused(.linkedChainOpen, field: nil)])
    #expect(try books.replayed() == bytes(books.state))
  }

  @Test("a chain sent again gets the same answers, link by link")
  func chainAgain() {
    var books = Books()
    _ = books.send(move(1, 100, Books.scene, Books.lin))
    let chain = [
      move(2, 60, Books.lin, Books.shop, linked: true), move(3, 60, Books.lin, Books.ma),
    ]
    let first = books.send(chain)
    _ = books.send(move(4, 1000, Books.scene, Books.lin))
    #expect(first == [.refused(.linkedFailed, field: nil), .refused(.overdrawn, field: "amount")])
    #expect(books.send(chain) == first)
  }

  @Test("the same identifier: same content again, other content refused with the field named")
  func identifiers() throws {
    var books = Books()
    let first = move(1, 100, Books.scene, Books.lin)
    #expect(books.send(first) == [.done])
    #expect(books.send(first) == [.again])
    #expect(books.send(first, first) == [.again, .again])
    #expect(books.state.balance(of: Books.lin) == 100)
    let others: [(String, Transfer)] = [
      ("source", move(1, 100, Books.shop, Books.lin)),
      ("target", move(1, 100, Books.scene, Books.ma)),
      ("amount", move(1, 99, Books.scene, Books.lin)),
      ("step", move(1, 100, Books.scene, Books.lin, .pending(deadline: Instant(seconds: 5000)))),
      ("purpose", move(1, 100, Books.scene, Books.lin, purpose: "other")),
    ]
    for (field, other) in others {
      #expect(books.send(other) == [.refused(.idReused, field: field)])
    }
    #expect(
      books.send(
        move(1, 100, Books.scene, Books.lin, linked: true), move(2, 1, Books.scene, Books.lin)
      )
      .first == .refused(.idReused, field: "isLinked"))
    #expect(books.send(move(0, 1, Books.scene, Books.lin)) == [.refused(.idIsZero, field: "id")])
  }

  @Test("a refused identifier stays refused, also after a replay")
  func staysRefused() throws {
    var books = Books()
    let early = move(1, 50, Books.lin, Books.shop)
    #expect(books.send(early) == [.refused(.overdrawn, field: "amount")])
    #expect(books.send(move(2, 100, Books.scene, Books.lin)) == [.done])
    #expect(books.send(early) == [.refused(.overdrawn, field: "amount")])
    var fresh = Books()
    for fact in books.facts { fresh.state.apply(fact) }
    #expect(fresh.send(early) == [.refused(.overdrawn, field: "amount")])
    #expect(fresh.send(move(3, 50, Books.lin, Books.shop)) == [.done])
  }

  @Test("the audit finds what was planted")
  func planted() {
    func fault(_ plant: (inout State) -> Void) -> String? {
      var books = Books()
      _ = books.send(
        move(1, 100, Books.scene, Books.lin),
        move(2, 40, Books.lin, Books.shop, .pending(deadline: Instant(seconds: 5000))))
      plant(&books.state)
      return books.state.audit()
    }
    #expect(fault { _ in } == nil)
    #expect(
      fault { $0.add(1, to: Books.lin) } == "all accounts of points together hold 1, not zero")
    #expect(
      fault {
        $0.add(-61, to: Books.lin)
        $0.add(61, to: Books.shop)
      } == "citizen:1:points holds 39, below its floor 0")
    #expect(fault { $0.positions[Books.shop]?.pendingIn = 39 } != nil)
    #expect(
      fault {
        $0.positions[Books.shop]?.pendingIn = 39
        $0.positions[Books.lin]?.pendingOut = 39
      } == "citizen:1:points has 39 set aside, its pending transfers say 40")
    #expect(fault { $0.known[TransferID(0, 2)] = nil } != nil)
  }
}
