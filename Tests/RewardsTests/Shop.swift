// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Journal
import Ledger
import Membership
import Policy
import Rewards
import Testing
import Units

@testable import Mechanism

/// A small city with a mall: three citizens with points, a shop, a museum of the pack. Everything
/// is sealed into frames, so that every story can be replayed.
struct Shop: ~Copyable {
  static let lin = CitizenID(1)
  static let ma = CitizenID(2)
  static let poor = CitizenID(3)

  var state = Mechanism.State(code: "trial", citizensMax: 1 << 12)
  let writer = FrameWriter(.sm3)
  var now = Shop.moment("2026-03-02 12:00")
  private(set) var frames: [[UInt8]] = []
  private var lastHash = Digest.zero
  private var given: UInt64 = 0

  static func moment(_ text: String) -> Instant {
    Instant(text.replacing(" ", with: "T") + ":00+08:00")!
  }

  static let pack = """
    document T A document for tests
    mechanism trial
      name       试 | Trial
      city       试 | Trial
      version    1
      effective  2022-12-05          [T]
      zone       +08:00
      area       nowhere
      language   zh-CN 简体中文
    family travel
      name     绿色出行 | Green travel
      clause   [T]
    scene card
      name       卡 | Card
      family     travel
      clause     [T]
      evidence   单 | order
      rule from 2010-01-01 [T]
        grams    0 g   [T]
        points   5     [T]
    mall
      pay        15 min              [T]
    provider museum
      name       馆 | Museum
      clause     [T]
    resource ticket
      name       票 | Ticket
      about      门票 | A ticket
      provider   museum
      clause     [T-1]
      kind       ticket
      stock      10 a year           [T]
      released   4 times a year      [T]
      points     40                  [T]
      settles    2.50 yuan           [T]
      limit      2 a year            [T]
      valid      60 days             [T]
      expiry     returns             [T]
      districts  锦江区、青羊区 | Jinjiang, Qingyang [T]
    resource check
      name       检查 | Check
      provider   museum
      clause     [T-1]
      kind       service
      stock      unlimited           [T]
      points     30                  [T]
      limit      2 a year            [T]
      valid      5 days              [T]
      expiry     forfeits            [T]
    """

  /// 500 points for Lin and Ma, 10 for the poor one.
  init() {
    must(.adopt([Pack.File(path: "pack.txt", bytes: Array(Shop.pack.utf8))]))
    for points: Int64 in [500, 500, 10] {
      let citizen = must(.membership(.enrol)).citizen
      given += 1
      must(
        .transfers([
          Transfer(
            id: TransferID(9, given), source: AccountID(.issuing, 1, .points),
            target: .citizen(citizen, .points), amount: points, purpose: "test")
        ]))
    }
  }

  mutating func perform(_ command: Mechanism.Command) -> Result<CommandResult, CommandRefusal> {
    writer.begin()
    let result = state.perform(command, now: now, writer: writer)
    guard writer.factCount > 0 else { return result }
    let first = FactNumber(state.nextFact.raw - UInt64(writer.factCount))
    lastHash = writer.seal(
      sequence: state.lastSequence + 1, time: now, firstFact: first, previous: lastHash)
    state.sealed(sequence: state.lastSequence + 1, time: now)
    frames.append(Array(writer.buffer.bytes))
    return result
  }

  @discardableResult mutating func must(_ command: Mechanism.Command) -> CommandResult {
    switch perform(command) {
    case .success(let result): return result
    case .failure(let refusal):
      Issue.record("\(command) was refused: \(refusal.message)")
      return CommandResult()
    }
  }

  @discardableResult mutating func must(_ command: Rewards.Command) -> CommandResult {
    must(.rewards(command))
  }

  /// The name of the refusal, or "done".
  mutating func ask(_ command: Rewards.Command) -> String {
    switch perform(.rewards(command)) {
    case .success: "done"
    case .failure(let refusal): refusal.name
    }
  }

  mutating func refusal(_ command: Rewards.Command) -> CommandRefusal? {
    if case .failure(let refusal) = perform(.rewards(command)) { refusal } else { nil }
  }

  /// A shop that somebody applied for and somebody else approved.
  mutating func openShop() -> UInt32 {
    let number = must(
      .apply(
        Merchant(
          name: Label("店\(state.rewards.merchants.count)", "Shop"),
          licence: "licence-\(state.rewards.merchants.count)", terms: "2026", appliedBy: "lin"))
    ).number
    must(.judgeMerchant(number, .approved, by: "ma"))
    return number
  }

  static func mug(
    _ shop: UInt32, points: Int64 = 100, cash: Int64 = 0, settles: Int64 = 0, perYear: Int = 5,
    validDays: Int = 30, expiry: Offer.Expiry = .returns
  ) -> Offer {
    Offer(
      merchant: shop, name: Label("杯", "Mug"), about: Label("一只杯子", "A mug"), kind: .goods,
      points: points, cash: cash, settles: settles, perYear: perYear, validDays: validDays,
      expiry: expiry, proposedBy: "lin")
  }

  /// An approved offer with stock for the year.
  mutating func sell(_ offer: Offer, _ quantity: Int64, until: String = "2027-01-01 00:00")
    -> UInt16
  {
    let number = UInt16(must(.propose(offer)).number)
    must(.judgeOffer(number, .approved, by: "ma"))
    given += 1
    must(
      .release(
        Release(
          offer: number, quantity: quantity, year: 2026, from: now, until: Shop.moment(until),
          by: "lin"), id: OrderID(7, given)))
    return number
  }

  func points(_ citizen: CitizenID) -> Int64 { state.ledger.points(of: citizen).count }
  func balance(_ name: String) -> Int64 {
    state.ledger.balance(of: AccountID(name: name)!)
  }

  /// The audits are silent; the journal replayed and a snapshot loaded give the same state.
  func check(_ story: String) {
    if let fault = state.audit() { Issue.record("\(story): \(fault)") }
    let dump = Shop.dump(state)
    do {
      var fresh = Mechanism.State(code: state.code, citizensMax: 1 << 12)
      var chain = ChainVerifier()
      for frame in frames {
        try frame.withUnsafeBytes { try fresh.apply(chain.next($0, deep: true)) }
      }
      #expect(Shop.dump(fresh) == dump, "\(story): the journal tells another story")
      try dump.withUnsafeBytes { bytes in
        let loaded = try Mechanism.State(
          code: state.code, citizensMax: 1 << 12, snapshot: bytes)
        #expect(Shop.dump(loaded) == dump, "\(story): the snapshot tells another story")
        if let fault = loaded.audit() { Issue.record("\(story), loaded: \(fault)") }
      }
    } catch { Issue.record("\(story): \(error)") }
  }

  static func dump(_ state: borrowing Mechanism.State) -> [UInt8] {
    let buffer = ByteBuffer()
    do { try state.dump(to: SnapshotSink { buffer.append($0) }) } catch { Issue.record("\(error)") }
    return Array(buffer.bytes)
  }
}

func order(_ number: UInt64, _ citizen: CitizenID, _ offer: UInt16) -> Rewards.Command {
  .reserve(
    Reservation(
      id: OrderID(1, number), citizen: citizen, offer: offer, code: CodeDigest(2, number)))
}
