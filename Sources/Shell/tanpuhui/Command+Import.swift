// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Desk
import Glibc
import Journal
import Membership
import Storage
import Units

// `tanpuhui import`: a partner's table through the same door as the API.
extension Tanpuhui {
  static func importTable(_ arguments: Arguments) throws -> Bool {
    let mechanism = arguments.need("mechanism")
    let map = try TableMap(path: arguments.need("map"))
    let file = try TableFile(path: arguments.positionals[0], map: map)
    let opened = try Opened(arguments.need("data"), only: mechanism)
    defer { opened.close() }
    let clerk = try opened.clerk(mechanism)
    var importer = try Importer(
      clerk: clerk, vault: opened.vault, partner: arguments.need("partner"),
      scene: arguments.need("scene"))
    let outcome = try importer.run(file, quiet: arguments.has("json"))
    print(arguments.has("json") ? outcome.json.description : outcome.text)
    return true
  }
}

/// Reads a file's rows into batches. A second run of the same file changes nothing: every event is
/// known by its id. An interrupted run is resumed by running it again.
struct Importer {
  /// Rows sorted by their beginning together: as many as a day of a large city's bikes.
  static let rowsSortedMax = 2_000_000
  /// One batch, one frame.
  static let batchSize = 10_000
  /// Faulty rows listed in the summary; all are counted.
  static let faultsListedMax = 1000

  private let clerk: Clerk
  private let intake: Intake
  private let partner: PartnerID
  private let code: String
  private let scene: String
  private(set) var outcome = ImportOutcome()

  init(clerk: Clerk, vault: Vault, partner code: String, scene: String) throws {
    let published = clerk.published
    guard let index = published.partners.firstIndex(where: { $0.code == code }) else {
      throw CommandFailure(
        "\(clerk.code) has no partner \"\(code)\"; add it: tanpuhui partner add --code \(code) …")
    }
    guard published.scenes.contains(where: { $0.code.elementsEqual(scene.utf8) }) else {
      throw CommandFailure("the pack of \(clerk.code) has no scene \"\(scene)\"")
    }
    guard published.partners[index].scenes.contains(scene) else {
      throw CommandFailure("the partner \(code) may not report the scene \(scene)")
    }
    self.clerk = clerk
    partner = PartnerID(UInt16(index + 1))
    self.code = code
    self.scene = scene
    intake = try Intake(clerk: clerk, vault: vault)
  }

  mutating func run(_ file: TableFile, quiet: Bool) throws -> ImportOutcome {
    var rows: [TableEvent] = []
    var failure: (any Error)?
    let bar = ProgressBar(quiet: quiet)
    try file.read { outcomes, progress in
      for outcome in outcomes {
        switch outcome {
        case .event(let event): rows.append(event)
        case .fault(let fault): self.outcome.note(fault)
        }
      }
      if rows.count >= Importer.rowsSortedMax {
        do {
          try send(&rows, bar)
        } catch {
          failure = error
          return false
        }
      }
      bar.show("reading", progress.bytesRead, of: progress.bytesTotal)
      return true
    }
    if let failure { throw failure }
    try send(&rows, bar)
    bar.end()
    return outcome
  }

  /// Rides of one bike are judged by their beginning, so rows go in that order.
  private mutating func send(_ rows: inout [TableEvent], _ bar: ProgressBar) throws {
    rows.sort { ($0.start, $0.line) < ($1.start, $1.line) }
    for start in stride(from: 0, to: rows.count, by: Importer.batchSize) {
      try send(rows[start..<min(start + Importer.batchSize, rows.count)])
      bar.show("writing", Int64(start), of: Int64(rows.count))
    }
    rows.removeAll()
  }

  private mutating func send(_ rows: ArraySlice<TableEvent>) throws {
    intake.begin(partner, clerk.published)
    let texts = Texts()
    let source = texts.keep(code)
    let scene = texts.keep(self.scene)
    let values = UnsafeMutablePointer<Int64>.allocate(capacity: 16)
    defer { values.deallocate() }
    for row in rows {
      var event = IncomingEvent(values: values)
      event.id = texts.keep(row.id)
      event.source = source
      event.scene = scene
      event.subject = texts.keep(row.subject)
      if let vehicle = row.vehicle { event.vehicle = texts.keep(vehicle) }
      event.ended = row.time.milliseconds
      for reading in row.values {
        values[Int(reading.field.rawValue)] = reading.value.millionths
        event.present |= 1 << UInt32(reading.field.rawValue)
      }
      intake.add(event)
    }
    try intake.finish()
    let sequence = clerk.submit(intake.batch)
    outcome.note(intake.batch, lines: rows.map(\.line), sequence)
  }
}

extension TableEvent {
  /// When it began, in milliseconds.
  fileprivate var start: Int64 {
    time.milliseconds - (self[.durationSeconds]?.millionths ?? 0) / 1000
  }
}

/// Texts that must stay where they are while a batch is made ready.
final class Texts {
  private var kept: [UnsafeMutableRawBufferPointer] = []

  deinit { for text in kept { text.deallocate() } }

  func keep(_ text: String) -> UnsafeRawBufferPointer {
    var text = text
    return text.withUTF8 { utf8 in
      guard !utf8.isEmpty else { return UnsafeRawBufferPointer(start: nil, count: 0) }
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: utf8.count, alignment: 1)
      copy.copyMemory(from: UnsafeRawBufferPointer(utf8))
      kept.append(copy)
      return UnsafeRawBufferPointer(copy)
    }
  }
}

/// What an import came to.
struct ImportOutcome {
  var summary = BatchSummary()
  var sequence: UInt64 = 0
  /// Rows that were no events.
  var faultCount = 0
  var faults: [TableFault] = []
  var reasons: [String: Int] = [:]

  mutating func note(_ fault: TableFault) {
    faultCount += 1
    if faults.count < Importer.faultsListedMax { faults.append(fault) }
  }

  mutating func note(_ batch: ReportBatch, lines: [Int], _ sequence: UInt64) {
    summary += batch.summary
    self.sequence = sequence
    for index in 0..<batch.count {
      let verdict = batch.verdicts[index]
      if verdict.reason != .none { reasons["\(verdict.reason)", default: 0] += 1 }
      if verdict.outcome == .refused, !verdict.reason.isWritten {
        note(
          TableFault(
            line: lines[index], column: ReportField.name(verdict.field),
            reason: "\(verdict.reason)"))
        faultCount -= 1
      }
    }
  }

  /// The same counts as the API's answer; a row that was no event counts as received and refused.
  var json: JSONText {
    .object([
      ("received", .number(Int64(summary.received + faultCount))),
      ("accepted", .number(Int64(summary.accepted))),
      ("duplicates", .number(Int64(summary.duplicates))),
      ("waiting", .number(Int64(summary.waiting))),
      ("quarantined", .number(Int64(summary.quarantined))),
      ("refused", .number(Int64(summary.refused + faultCount))),
      ("grams", .number(summary.grams.count)), ("points", .number(summary.points.count)),
      ("sequence", .number(Int64(sequence))),
      (
        "reasons",
        .object(reasons.sorted { $0.key < $1.key }.map { ($0.key, .number(Int64($0.value))) })
      ),
      (
        "faults",
        .list(
          faults.map { fault in
            .object([
              ("line", .number(Int64(fault.line))),
              ("column", fault.column.map { .text($0) } ?? .null), ("reason", .text(fault.reason)),
            ])
          })
      ),
    ])
  }

  var text: String {
    var lines = [
      "received    \(summary.received + faultCount)",
      "accepted    \(summary.accepted)   \(summary.grams.count) g, \(summary.points.count) points",
      "duplicates  \(summary.duplicates)",
      "waiting     \(summary.waiting)",
      "quarantined \(summary.quarantined)",
      "refused     \(summary.refused + faultCount)",
    ]
    for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) {
      lines.append("  \(reason): \(count)")
    }
    lines += faults.prefix(20).map { "  \($0)" }
    if faults.count > 20 { lines.append("  … --json lists them all") }
    return lines.joined(separator: "\n")
  }
}

/// A line on standard error that grows; silent where nobody watches.
final class ProgressBar {
  private let quiet: Bool
  private var shown = -1
  private var label = ""

  init(quiet: Bool) { self.quiet = quiet || isatty(2) == 0 }

  func show(_ label: String, _ done: Int64, of total: Int64) {
    let percent = total > 0 ? Int(min(done, total) * 100 / total) : 100
    guard !quiet, percent != shown || label != self.label else { return }
    shown = percent
    self.label = label
    let full = percent / 4
    let bar = String(repeating: "█", count: full) + String(repeating: "·", count: 25 - full)
    complain("\r\(label) \(bar) \(percent)% ")
  }

  func end() {
    if !quiet, shown >= 0 { complain("\r\u{1b}[K") }
  }
}
