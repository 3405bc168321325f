// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Glibc
import Journal
import Ledger
import Membership
import Policy
import Testing
import Units

@testable import Mechanism

/// The story that golden.py tells in bytes, told to the mechanism as commands.
private struct Told: ~Copyable {
  static let noon = Instant("2026-03-02T12:00:00+08:00")!.milliseconds
  static let hour: Int64 = 3_600_000

  var state = Mechanism.State(code: "golden", citizensMax: 1 << 10)
  let writer = FrameWriter(.sm3)
  private(set) var frames: [String] = []
  private(set) var lastHash = Digest.zero

  private var time: Instant {
    Instant(milliseconds: Told.noon + Int64(state.lastSequence + 1) * 1000)
  }

  private mutating func seal() {
    let (sequence, time) = (state.lastSequence + 1, time)
    lastHash = writer.seal(
      sequence: sequence, time: time,
      firstFact: FactNumber(state.nextFact.raw - UInt64(writer.factCount)), previous: lastHash)
    state.sealed(sequence: sequence, time: time)
    frames.append(hexadecimal(writer.buffer.bytes))
  }

  mutating func perform(_ command: Mechanism.Command) {
    writer.begin()
    if case .failure(let refusal) = state.perform(command, now: time, writer: writer) {
      Issue.record("\(command) was refused: \(refusal.message)")
    }
    seal()
  }

  mutating func admit(_ reports: [Report]) {
    let batch = ReportBatch()
    for report in reports { batch.append(report) }
    writer.begin()
    state.admit(batch, now: time, writer: writer)
    seal()
  }

  func report(
    _ event: UInt64, _ scene: UInt16, by partner: UInt16, of alias: UInt32, at ended: Int64,
    vehicle: UInt64 = 0, _ values: [Int64]
  ) -> Report {
    var report = Report()
    report.id = (0x1000 + event, 0x2000 + event)
    report.ended = Told.noon + ended
    report.vehicle = vehicle
    let four = values + [0, 0, 0, 0]
    report.values = (four[0], four[1], four[2], four[3])
    report.present = UInt8((1 << values.count) - 1)
    report.alias = AliasID(alias)
    report.scene = SceneID(scene)
    report.partner = PartnerID(partner)
    return report
  }

  mutating func reports() {
    let million: Int64 = 1_000_000
    let hour = Told.hour
    let ride = [3200 * million, 900 * million]
    admit([
      report(1, 1, by: 2, of: 21, at: -2 * hour, vehicle: 7, ride),
      report(2, 1, by: 2, of: 21, at: -hour, vehicle: 7, ride),
    ])
    let charge = report(3, 2, by: 1, of: 11, at: -3 * hour, [10_000 * million])
    admit([
      charge,
      report(4, 1, by: 1, of: 12, at: -4 * hour, vehicle: 6, [1000 * million, 300 * million]),
      report(5, 1, by: 1, of: 11, at: -hour, vehicle: 9, [20_001 * million, 7200 * million]),
      report(
        6, 1, by: 1, of: 11, at: 60_000 - hour, vehicle: 8, [30_000 * million, 7200 * million]),
      report(7, 1, by: 1, of: 11, at: 60_000, vehicle: 5, [499_999_999, 300 * million]),
      charge,
      report(8, 4, by: 1, of: 11, at: 0, []),
      report(9, 3, by: 1, of: 11, at: 0, [1, 2, 3, 4 * million]),
    ])
  }

  mutating func transfers() {
    func made(
      _ number: UInt64, _ amount: Int64, _ step: Transfer.Step = .direct, linked: Bool = false
    ) -> Transfer {
      Transfer(
        id: TransferID(0, number), Points(amount), from: (.citizen, 1), to: (.organisation, 1),
        step: step, isLinked: linked, purpose: "redemption")
    }
    let deadline = Instant(milliseconds: Told.noon + Told.hour)
    perform(
      .transfers([
        made(1, 2, linked: true), made(2, 1), made(3, 100),
        made(4, 3, .pending(deadline: deadline)), made(5, 2, .pending(deadline: deadline)),
      ]))
    var nowhere = made(9, 1)
    nowhere.target = AccountID(raw: 0xff00_0000_0000_0001)
    perform(
      .transfers([
        made(6, 1, .post(TransferID(0, 4))), made(7, 2, .void(TransferID(0, 5))),
        made(8, 1, linked: true), nowhere,
      ]))
  }
}

@Suite("golden frames") struct GoldenTests {
  private func bytes(_ hex: String) -> [UInt8] {
    let digits = Array(hex.utf8).map { $0 < 58 ? $0 - 48 : $0 - 87 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  /// The pack's text, read out of the golden bytes with nothing but a search for quotes.
  private func pack() throws -> Pack.File {
    let fact = bytes(GoldenStory.frames[0]).dropFirst(FrameHeader.size + FactHeader.size)
    let text = String(decoding: fact, as: UTF8.self)
    let start = try #require(text.firstRange(of: "\"text\":\""))
    let end = try #require(text.firstRange(of: "\"}],\"scenes\""))
    let escaped = text[start.upperBound..<end.lowerBound]
    let plain = escaped.replacing("\\n", with: "\n").replacing("\\\"", with: "\"")
    return Pack.File(path: "pack.txt", bytes: Array(plain.utf8))
  }

  @Test("the mechanism writes the very bytes an independent program wrote")
  func written() throws {
    var told = Told()
    told.perform(.adopt([try pack()]))
    let scenes = ["ride", "charging", "survey", "card"]
    told.perform(
      .membership(
        .addPartner(Partner(code: "bikes", name: "合作/bikes", scenes: scenes, enrols: false))))
    told.perform(
      .membership(
        .addPartner(
          Partner(code: "greeters", name: "合作/greeters", scenes: ["ride"], enrols: true))))
    told.perform(.membership(.enrol))
    told.perform(.membership(.link(AliasID(11), CitizenID(1))))
    told.reports()
    told.perform(.membership(.link(AliasID(12), CitizenID(1))))
    told.perform(.release(FactNumber(12), by: "ma", opinion: "看过 \"单\"/1\n"))
    told.perform(.reject(FactNumber(13), by: "ma", opinion: ""))
    told.perform(.membership(.freeze(CitizenID(2), reason: "申诉")))
    told.perform(.membership(.unfreeze(CitizenID(2), reason: "")))
    told.perform(.membership(.unlink(AliasID(12))))
    told.transfers()
    let shop = AccountID(.organisation, 1, .points)
    told.perform(.limits(shop, Limits(floor: 0, ceiling: 1000, isFrozen: true)))
    told.perform(.limits(AccountID(.programme, 1, .points), Limits(floor: nil)))
    for (index, frame) in told.frames.enumerated() {
      #expect(frame == GoldenStory.frames[index], "frame \(index + 1)")
    }
    #expect(told.frames.count == GoldenStory.frames.count)
    #expect("\(told.lastHash)" == GoldenStory.lastHash)
  }

  /// What the journal in golden bytes says when it is replayed: numbers from golden.py's margin.
  @Test("the golden journal is replayed")
  func replayed() throws {
    var state = Mechanism.State(code: "golden", citizensMax: 1 << 10)
    var chain = ChainVerifier()
    var kinds: Set<UInt8> = []
    for frame in GoldenStory.frames {
      try bytes(frame).withUnsafeBytes { bytes in
        let view = try chain.next(bytes, deep: true)
        view.forEachFact { kinds.insert(FactHeader($1.baseAddress!).kind) }
        try state.apply(view)
      }
    }
    #expect(kinds == [1, 2, 3, 4, 5, 64, 65, 66, 67], "every kind that Docs/journal.md has")
    #expect("\(chain.log.root(size: 17, chain.digester!))" == GoldenStory.root)
    let fault = state.audit()
    #expect(fault == nil)
    // 144 + 7 + 49 + 974 g; 5 + 5 points, of which 2, 1 and 1 went to the shop.
    let lin = [
      state.ledger.grams(of: CitizenID(1)).count, state.ledger.points(of: CitizenID(1)).count,
    ]
    let guest = [
      state.ledger.grams(of: CitizenID(2)).count, state.ledger.points(of: CitizenID(2)).count,
    ]
    let shop = state.ledger.balance(of: AccountID(.organisation, 1, .points))
    #expect(lin == [1174, 6] && guest == [312, 5] && shop == 4)
    let held = state.behaviour.quarantine.count + state.behaviour.waiting.count
    let link = state.membership.citizen(of: AliasID(12))
    let frozen = state.membership.isFrozen(CitizenID(2))
    #expect(held == 0 && link.isNone && !frozen)
    #expect(state.nextFact == FactNumber(31))
  }

  /// Whoever edits a literal by hand, or the program that made it, is told.
  @Test("the literals are what golden.py prints")
  func made() throws {
    let root = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
    let pipe = try #require(popen("python3 '\(root)/JournalTests/golden.py' story", "r"))
    var said: [UInt8] = []
    while case let byte = fgetc(pipe), byte != EOF { said.append(UInt8(byte)) }
    #expect(pclose(pipe) == 0)
    let lines = String(decoding: said, as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(lines == GoldenStory.frames + [GoldenStory.lastHash, GoldenStory.root])
  }
}
