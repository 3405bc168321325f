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

/// One scene for each way of being told no. A new refusal does not compile until it has one here,
/// and the page `Docs/refusals.md` has to name it.
@Suite("refusal gallery") struct GalleryTests {
  @Test("every reason a report may meet", arguments: Reason.allCases)
  func reasons(_ reason: Reason) {
    var trial = Trial()
    let verdict = GalleryTests.provoke(reason, &trial)
    #expect(verdict.reason == reason)
    trial.check("\(reason)")
  }

  private static func provoke(_ reason: Reason, _ trial: inout Trial) -> Verdict {
    switch reason {
    case .none:
      return trial.bus(.lin, at: "2026-03-02 08:00")
    case .malformed, .badValue, .badTime, .fromTheFuture, .missingField, .unknownScene,
      .sceneNotGranted:
      return malformed(reason, &trial)
    case .duplicate:
      _ = trial.bus(.lin, at: "2026-03-02 08:00", id: 1)
      let verdict = trial.bus(.lin, at: "2026-03-02 08:00", id: 1)
      #expect(trial.holds(Trial.lin) == [183, 3])
      return verdict
    case .idReused:
      let first = trial.bus(.lin, at: "2026-03-02 08:00", id: 1)
      let verdict = trial.bus(.ma, at: "2026-03-02 08:00", id: 1)
      #expect(verdict.fact == first.fact && trial.holds(Trial.ma) == [0, 0])
      return verdict
    case .sceneClosed:
      return trial.report(.lin, "card", [], at: "2026-03-02 08:00")
    case .noRuleInForce:
      return trial.report(.lin, "charging", [Measured(20_000)], at: "2024-12-31 23:59:59")
    case .belowMinimum:
      let values = [Measured(millionths: 499_999_999), Measured(300)]
      return trial.report(.lin, "shared-bike", values, at: "2026-03-02 08:00", vehicle: 1)
    case .aboveMaximum, .tooFast, .vehicleOverlap, .accountFrozen, .reportedTwice, .rejectedByStaff:
      return held(reason, &trial)
    case .notLinked:
      return trial.bus(.stranger, at: "2026-03-02 08:00")
    case .budgetReached:
      let budget = "budget 2026\n  points  2  [T]\n  release  by year  [T]\n"
      trial = Trial(pack: [Trial.pack(extra: budget)])
      let verdict = trial.bus(.lin, at: "2026-03-02 08:00")
      #expect(verdict.outcome == .accepted && verdict.points == 2 && verdict.grams == 183)
      return verdict
    case .capReached:
      _ = trial.bus(.lin, at: "2026-03-02 08:00")
      _ = trial.bus(.lin, at: "2026-03-02 09:00")
      let verdict = trial.bus(.lin, at: "2026-03-02 10:00")
      // The reduction is recorded in full all the same.
      #expect(verdict.points == 0 && verdict.grams == 183)
      #expect(trial.holds(Trial.lin) == [549, 6])
      return verdict
    }
  }

  /// Malformed: nothing is written, and the same id may come again, mended.
  private static func malformed(_ reason: Reason, _ trial: inout Trial) -> Verdict {
    var report = trial.made(
      .lin, "bus", [Measured(6100), Measured(1500)], at: "2026-03-02 08:00", by: .buses, id: 1)
    let good = report
    switch reason {
    case .malformed: report.fault = .malformed
    case .badValue: report.values.1 = -1
    case .badTime: report.ended = 0
    case .fromTheFuture: report.ended = trial.now.milliseconds + 300_001
    case .missingField: report.present = 1
    case .unknownScene: report.scene = .none
    default: report.scene = trial.state.scene(code: "shared-bike")!
    }
    let facts = trial.state.nextFact
    let verdict = trial.admit([report])[0]
    #expect(trial.state.nextFact == facts && verdict.outcome == .refused)
    #expect(trial.admit([good])[0].outcome == .accepted)
    return verdict
  }

  /// Quarantined, and what staff make of it.
  private static func held(_ reason: Reason, _ trial: inout Trial) -> Verdict {
    let verdict: Verdict
    switch reason {
    case .aboveMaximum:
      verdict = trial.report(
        .lin, "bus", [Measured(50_001), Measured(9000)], at: "2026-03-02 08:00", by: .buses)
    case .tooFast:
      verdict = trial.report(
        .lin, "bus", [Measured(20_001), Measured(900)], at: "2026-03-02 08:00", by: .buses)
    case .vehicleOverlap:
      _ = trial.bike(.lin, at: "2026-03-02 08:15")
      verdict = trial.bike(.ma, at: "2026-03-02 08:29:59")
    case .accountFrozen:
      trial.must(.membership(.freeze(Trial.lin, reason: "trial")))
      verdict = trial.bus(.lin, at: "2026-03-02 08:00")
    default:
      _ = trial.bike(.lin, at: "2026-03-02 08:15")
      verdict = trial.bus(.lin, at: "2026-03-02 08:20")
    }
    #expect(verdict.outcome == .quarantined && verdict.points == 0 && verdict.grams == 0)
    guard reason == .rejectedByStaff else { return verdict }
    let before = trial.holds(Trial.lin)
    trial.must(.reject(verdict.fact, by: "ma", opinion: "one trip, two reports"))
    #expect(trial.holds(Trial.lin) == before && trial.state.behaviour.quarantine.isEmpty)
    // For good: neither the same event nor the same decision comes back.
    if case .success = trial.perform(.release(verdict.fact, by: "ma", opinion: "")) {
      Issue.record("a rejected report was released")
    }
    var last = Verdict()
    trial.frames.last!.withUnsafeBytes { bytes in
      try? FrameView(bytes).forEachFact { _, fact in
        if let record = try? Record(reading: fact) {
          last.reason = record.reason
          last.outcome = record.outcome
        }
      }
    }
    return last
  }

  @Test("every refusal of the ledger", arguments: Ledger.Refusal.allCases)
  func transfers(_ refusal: Ledger.Refusal) {
    var trial = Trial()
    _ = trial.bus(.lin, at: "2026-03-02 08:00")  // Lin holds 183 g and 3 points.
    let transfers = GalleryTests.provoke(refusal, &trial)
    let answers = trial.must(.transfers(transfers)).answers
    let refusals = answers.compactMap { answer -> Ledger.Refusal? in
      if case .refused(let refusal, _) = answer { return refusal }
      return nil
    }
    #expect(refusals.contains(refusal), "\(answers)")
    #expect(trial.holds(Trial.lin) == [183, 3])
    trial.check("\(refusal)")
  }

  private static func provoke(_ refusal: Ledger.Refusal, _ trial: inout Trial) -> [Transfer] {
    let lin = AccountID.citizen(Trial.lin, .points)
    let shop = AccountID(.organisation, 1, .points)
    let late = Transfer.Step.pending(deadline: Instant(seconds: trial.now.seconds + 3600))
    func transfer(
      _ id: UInt64, _ amount: Int64, from source: AccountID? = nil, to target: AccountID? = nil,
      _ step: Transfer.Step = .direct, linked: Bool = false, purpose: String = "redemption"
    ) -> Transfer {
      Transfer(
        id: TransferID(0, id), source: source ?? lin, target: target ?? shop, amount: amount,
        step: step, isLinked: linked, purpose: purpose)
    }
    let pending = TransferID(0, 1)
    switch refusal {
    case .idReused: return [transfer(1, 9), transfer(1, 8)]
    case .idIsZero: return [transfer(0, 1)]
    case .linkedFailed: return [transfer(1, 1, linked: true), transfer(2, 99)]
    case .linkedChainOpen: return [transfer(1, 1, linked: true)]
    case .purposeInvalid: return [transfer(1, 1, purpose: "")]
    case .amountNotPositive: return [transfer(1, 0)]
    case .accountUnknown: return [transfer(1, 1, to: AccountID(raw: 1))]
    case .assetsDiffer: return [transfer(1, 1, to: .citizen(Trial.ma, .grams))]
    case .sameAccount: return [transfer(1, 1, to: lin)]
    case .pendingUnknown: return [transfer(2, 1, .post(pending))]
    case .pendingNotPending: return [transfer(1, 99), transfer(2, 1, .void(pending))]
    case .pendingExpired:
      trial.must(.transfers([transfer(1, 2, late)]))
      trial.now = Instant(seconds: trial.now.seconds + 3600)
      return [transfer(2, 2, .post(pending))]
    case .pendingDiffers: return [transfer(1, 2, late), transfer(2, 3, .post(pending))]
    case .deadlinePassed: return [transfer(1, 1, .pending(deadline: trial.now))]
    case .sourceFrozen:
      trial.must(.limits(lin, Limits(floor: 0, isFrozen: true)))
      return [transfer(1, 1)]
    case .targetFrozen:
      trial.must(.limits(shop, Limits(floor: 0, isFrozen: true)))
      return [transfer(1, 1)]
    case .overdrawn: return [transfer(1, 4)]
    case .aboveCeiling:
      trial.must(.limits(shop, Limits(floor: 0, ceiling: 1)))
      return [transfer(1, 2)]
    }
  }

  @Test("every refusal of membership", arguments: Membership.Refusal.allCases)
  func members(_ refusal: Membership.Refusal) {
    var trial = Trial()
    if refusal == .partnersFull {
      for number in UInt16(4)...4095 {
        let partner = Partner(code: "p\(number)", name: "p", scenes: [], enrols: false)
        trial.state.membership.apply(.partner(PartnerID(number), partner))
      }
    }
    let facts = trial.state.nextFact
    let (command, before) = GalleryTests.provoke(refusal, trial)
    for earlier in before { trial.must(.membership(earlier)) }
    let now = trial.state.nextFact
    guard case .failure(let refused) = trial.perform(.membership(command)) else {
      Issue.record("\(command) was not refused")
      return
    }
    #expect(refused.name == "\(refusal)" && !refused.message.isEmpty)
    #expect(trial.state.nextFact == now && now >= facts)
    // The 4,092 partners above were not written down one by one.
    if refusal != .partnersFull { trial.check("\(refusal)") }
  }

  private static func provoke(
    _ refusal: Membership.Refusal, _ trial: borrowing Trial
  ) -> (Membership.Command, before: [Membership.Command]) {
    func partner(_ code: String, scenes: [String] = ["bus"]) -> Partner {
      Partner(code: code, name: code, scenes: scenes, enrols: false)
    }
    let lin = Trial.alias(.lin, .bikes)
    switch refusal {
    case .partnerUnknown: return (.changePartner(PartnerID(9), partner("metro")), [])
    case .partnerCodeInvalid: return (.addPartner(partner("Metro Ltd")), [])
    case .partnerCodeTaken: return (.addPartner(partner("bikes")), [])
    case .partnersFull: return (.addPartner(partner("p4096")), [])
    case .sceneUnknown: return (.addPartner(partner("metro", scenes: ["balloon"])), [])
    case .citizenUnknown: return (.freeze(CitizenID(3), reason: "trial"), [])
    case .aliasAlreadyLinked: return (.link(lin, Trial.ma), [])
    case .aliasNotLinked: return (.unlink(Trial.alias(.stranger, .bikes)), [])
    case .unchanged: return (.link(lin, Trial.lin), [])
    case .aliasUnknown: return (.link(AliasID(0), Trial.lin), [])
    }
  }
}

/// What `Docs/refusals.md` says.
@Suite("the page of refusals") struct RefusalPageTests {
  struct Row: Hashable {
    var number: UInt8
    var name: String
  }

  private func rows(_ heading: String) throws -> [Row] {
    let folder = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    let text = String(decoding: try #require(read("\(folder)/Docs/refusals.md")), as: UTF8.self)
    let section = try #require(
      text.split(separator: "\n## ").first { $0.hasPrefix(heading) }, "no section \(heading)")
    return try section.split(separator: "\n").filter { $0.hasPrefix("| ") }.compactMap { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst()
        .dropLast()
        .map { $0.split(separator: " ").joined(separator: " ") }
      guard let number = UInt8(cells[0]) else { return nil }
      try #require(cells.count == 5, "\(line) has not five cells")
      #expect(cells.allSatisfy { !$0.isEmpty }, "\(line) leaves something out")
      #expect(cells[2].utf8.contains { $0 > 127 }, "\(line) says nothing in Chinese")
      return Row(number: number, name: cells[1].filter { $0 != "`" })
    }
  }

  @Test("the page and the enumerations agree")
  func agree() throws {
    #expect(
      try rows("Reports")
        == Reason.allCases.dropFirst().map { Row(number: $0.rawValue, name: "\($0)") })
    #expect(
      try rows("Transfers")
        == Ledger.Refusal.allCases.map { Row(number: $0.rawValue, name: "\($0)") })
    #expect(
      try rows("Members")
        == Membership.Refusal.allCases.map { Row(number: $0.rawValue, name: "\($0)") })
    #expect(
      try rows("Organisations")
        == GroupRefusal.allCases.map { Row(number: $0.rawValue, name: "\($0)") })
  }
}

/// A file's bytes, or nil.
func read(_ path: String) -> [UInt8]? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    if count == 0 { return bytes }
    bytes += chunk[..<count]
  }
}
