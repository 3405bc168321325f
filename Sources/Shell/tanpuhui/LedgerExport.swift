// SPDX-License-Identifier: Apache-2.0
// The ledger for others: a journal for hledger, balances as a table, facts as JSON lines.
//
// The journal for hledger ends with one entry that asserts every account's balance as the server
// has it, so that `hledger check` compares the two sums for us.

import Behaviour
import FoundationEssentials
import Glibc
import Journal
import Ledger
import Mechanism
import Membership
import Policy
import Rewards
import Storage
import Units

struct LedgerExport: ~Copyable {
  private var state: Mechanism.State
  private var names: [SceneID: String] = [:]
  private var zone: Int32 = 28_800

  init(code: String) { state = Mechanism.State(code: code) }

  /// Every movement as a transaction.
  mutating func hledger(_ store: any JournalStore) throws {
    let out = Output()
    out.line("; \(state.code): exported from its journal; amounts are whole points, grams and fen")
    for asset in [Asset.points, .grams, .fen] { LedgerExport.declare(asset, out) }
    try follow(store) { export, number, fact, time in
      let day = time.day(offset: export.zone)
      switch FactHeader(fact.baseAddress!).kind {
      case Record.kind:
        let record = try Record(reading: fact)
        if let award = record.award { export.write(award, record, number, day, out) }
      case WithdrawalRow.kind:
        if let withdrawal = WithdrawalRow(fact: fact)?.withdrawal {
          export.write(withdrawal, number, day, out)
        }
      case Ledger.Fact.kind:
        let json = Data(fact.dropFirst(FactHeader.size))
        let row = try JSONDecoder().decode(Ledger.FactRow.self, from: json)
        if case .transfers(let entries) = row.fact {
          for entry in entries where entry.status == .moved { export.write(entry, day, out) }
        }
      case ExpiryRow.kind:
        let json = Data(fact.dropFirst(FactHeader.size))
        export.write(try JSONDecoder().decode(ExpiryRow.self, from: json), number, day, out)
      default: break
      }
    }
    for offer in state.rewards.offers.indices {
      LedgerExport.declare(.stock(UInt16(offer + 1)), out)
    }
    out.line("\n\(state.lastTime.day(offset: zone)) balances as the server has them")
    eachAccount { account, balance, asset in
      let name = LedgerExport.commodity(asset)
      out.line("  \(account)  0 \(name) = \(balance) \(name)")
    }
    out.flush()
  }

  /// Every account's balance.
  mutating func csv(_ store: any JournalStore) throws {
    let out = Output()
    try follow(store) { _, _, _, _ in }
    out.line("account,asset,balance")
    eachAccount { account, balance, asset in out.line("\(account),\(asset.code),\(balance)") }
    out.flush()
  }

  /// Every fact, a JSON object a line.
  mutating func jsonLines(_ store: any JournalStore) throws {
    let out = Output()
    try follow(store) { export, number, fact, time in
      let header = FactHeader(fact.baseAddress!)
      let head = "{\"fact\":\(number.raw),\"time\":\"\(time)\",\"kind\":\(header.kind)"
      switch header.kind {
      case Record.kind: out.line(head + export.members(of: try Record(reading: fact)) + "}")
      case BatchRecord.kind:
        let batch = try BatchRecord(reading: fact)
        out.line(
          head + ",\"partner\":\(batch.partner.raw),\"received\":\(batch.summary.received)"
            + ",\"accepted\":\(batch.summary.accepted)}")
      case FactHeader.firstReadable...:
        let text = String(decoding: fact.dropFirst(FactHeader.size), as: UTF8.self)
        out.line(head + ",\"content\":\(text)}")
      default:
        out.line(head + ",\"bytes\":\"\(hexadecimal(fact))\"}")
      }
    }
    out.flush()
  }

  private mutating func follow(
    _ store: any JournalStore,
    _ body: (inout LedgerExport, FactNumber, UnsafeRawBufferPointer, Instant) throws -> Void
  ) throws {
    var fault: (any Error)?
    try store.read(from: 1) { place, bytes in
      do {
        let frame = try FrameView(bytes)
        try state.apply(frame)
        if let pack = state.pack {
          zone = pack.zone
          if names.count != state.sceneNumbers.count {
            for (code, id) in state.sceneNumbers { names[id] = code }
          }
        }
        try frame.forEachFact { try body(&self, $0, $1, frame.header.time) }
        return true
      } catch {
        fault = CommandFailure("frame \(place.sequence) \(error); run `tanpuhui verify`")
        return false
      }
    }
    if let fault { throw fault }
  }

  private func name(_ account: AccountID) -> String {
    guard account.kind == .issuing, let scene = names[SceneID(UInt16(account.owner))] else {
      return account.name
    }
    return "issuing:\(scene):\(account.asset?.code ?? "")"
  }

  /// A commodity's name as hledger reads it: with digits or hyphens it stands in quotes.
  private static func commodity(_ asset: Asset) -> String {
    asset.offer == nil ? asset.code : "\"\(asset.code)\""
  }

  private static func declare(_ asset: Asset, _ out: Output) {
    out.line("commodity \(commodity(asset))\n  format 1. \(commodity(asset))")
  }

  private func eachAccount(_ body: (String, Int64, Asset) -> Void) {
    state.ledger.forEachAccount { account, position in
      if let asset = account.asset { body(name(account), position.balance, asset) }
    }
  }

  private func write(
    _ award: Award, _ record: Record, _ number: FactNumber, _ day: Day, _ out: Output
  ) {
    guard award.grams != 0 || award.points != 0 else { return }
    let scene = names[award.scene] ?? "\(award.scene.raw)"
    let behaviour = Instant(milliseconds: record.report.ended).plain(offset: zone)
    out.line("\n\(day) (\(number.raw)) \(scene)  ; behaviour ended \(behaviour)")
    for (asset, amount) in [("grams", award.grams), ("points", Int64(award.points))]
    where amount != 0 {
      out.line("  citizen:\(award.citizen.raw):\(asset)  \(amount) \(asset)")
      out.line("  issuing:\(scene):\(asset)  \(-amount) \(asset)")
    }
  }

  /// An award the other way round.
  private func write(
    _ withdrawal: Withdrawal, _ number: FactNumber, _ day: Day, _ out: Output
  ) {
    guard withdrawal.outcome == .accepted, withdrawal.grams != 0 || withdrawal.points != 0 else {
      return
    }
    let scene = names[withdrawal.scene] ?? "\(withdrawal.scene.raw)"
    out.line(
      "\n\(day) (\(number.raw)) \(scene) withdrawn"
        + "  ; takes back fact \(withdrawal.last.raw): \(withdrawal.grounds)")
    for (asset, amount) in [("grams", withdrawal.grams), ("points", Int64(withdrawal.points))]
    where amount != 0 {
      out.line("  issuing:\(scene):\(asset)  \(amount) \(asset)")
      out.line("  citizen:\(withdrawal.citizen.raw):\(asset)  \(-amount) \(asset)")
    }
  }

  private func write(_ entry: Entry, _ day: Day, _ out: Output) {
    let transfer = entry.transfer
    guard let asset = transfer.source.asset.map(LedgerExport.commodity) else { return }
    out.line("\n\(day) \(transfer.purpose)  ; \(transfer.id)")
    out.line("  \(name(transfer.target))  \(transfer.amount) \(asset)")
    out.line("  \(name(transfer.source))  \(-transfer.amount) \(asset)")
  }

  private func write(_ row: ExpiryRow, _ number: FactNumber, _ day: Day, _ out: Output) {
    guard !row.citizens.isEmpty else { return }
    out.line("\n\(day) (\(number.raw)) expired  ; through \(row.day)")
    for (citizen, points) in zip(row.citizens, row.points) {
      out.line("  citizen:\(citizen):points  \(-points) points")
    }
    let all = row.points.reduce(0, +)
    out.line("  \(name(.expiredPoints))  \(all) points")
  }

  private func members(of record: Record) -> String {
    let report = record.report
    let values = [report.values.0, report.values.1, report.values.2, report.values.3]
    let fields = state.scene(report.scene)?.fields ?? []
    let data = zip(fields, values).enumerated().filter {
      report.present >> UInt8($0.offset) & 1 == 1
    }
    .map { "\"\($0.element.0.name)\":\(Measured(millionths: $0.element.1))" }
    return ",\"scene\":\"\(names[report.scene] ?? "")\",\"outcome\":\"\(record.outcome)\""
      + ",\"reason\":\"\(record.reason)\",\"citizen\":\(report.citizen.raw)"
      + ",\"partner\":\(report.partner.raw),\"ended\":\"\(Instant(milliseconds: report.ended))\""
      + ",\"data\":{\(data.joined(separator: ","))},\"grams\":\(record.grams)"
      + ",\"points\":\(record.points),\"pointsBeforeCaps\":\(record.pointsBeforeCaps)"
      + ",\"rule\":\(record.rule),\"previous\":\(record.previous.raw)"
  }
}

/// Standard output in large pieces.
final class Output {
  private var buffer: [UInt8] = []

  func line(_ text: String) {
    buffer.append(contentsOf: text.utf8)
    buffer.append(0x0a)
    if buffer.count > 1 << 20 { flush() }
  }

  func flush() {
    var at = 0
    while at < buffer.count {
      let done = buffer.withUnsafeBytes { Glibc.write(1, $0.baseAddress! + at, buffer.count - at) }
      guard done > 0 else { break }
      at += done
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
