// SPDX-License-Identifier: Apache-2.0
import Archive
import Behaviour
import Desk
import Glibc
import Journal
import Ledger
import Mechanism
import Membership
import Policy
import Storage
import Units

// Commands for auditors. They read along: a server may be at work on the same data folder.
extension Tanpuhui {
  static func verify(_ arguments: Arguments) throws -> Bool {
    let folder = try DataFolder(arguments.need("data"), create: false, access: .follow)
    let codes = try mechanisms(of: folder, arguments["mechanism"])
    var good = true
    var rows: [JSONText] = []
    for code in codes {
      let report = try verify(code, folder, quiet: arguments.has("json"))
      good = good && report.isGood
      rows.append(report.json)
      if !arguments.has("json") { print(report.text) }
    }
    if arguments.has("json") {
      print(JSONText.object([("good", .bool(good)), ("mechanisms", .list(rows))]))
    }
    return good
  }

  private static func verify(
    _ code: String, _ folder: DataFolder, quiet: Bool
  ) throws -> Verification {
    let store = try SQLiteStore(path: folder.journalPath(of: code), access: .follow)
    defer { store.close() }
    let signed = folder.folder(of: code) + "/heads.jsonl"
    let heads =
      try access(signed, F_OK) == 0
      ? HeadFile(path: signed, keys: .published(in: folder.signingKeysPath(of: code))) : nil
    let last = try store.last()?.sequence ?? 0
    let bar = ProgressBar(quiet: quiet)
    defer { bar.end() }
    return try Verification.run(
      code: code, store: store, heads: heads,
      progress: { bar.show("verifying \(code)", Int64($0), of: Int64(last)) },
      compare: { state in
        let path = folder.archivePath(of: code)
        guard access(path, F_OK) == 0 else { return [] }
        return try ArchiveReader(path: path).differences(
          from: store, zone: state.pack?.zone ?? 28_800)
      })
  }

  static func mechanisms(of folder: DataFolder, _ only: String?) throws -> [String] {
    guard let only else { return folder.mechanisms }
    guard folder.mechanisms.contains(only) else {
      throw CommandFailure(
        "the data folder has no mechanism \"\(only)\"; it has: "
          + folder.mechanisms.joined(separator: ", "))
    }
    return [only]
  }

  static func export(_ arguments: Arguments) throws -> Bool {
    let folder = try DataFolder(arguments.need("data"), create: false, access: .follow)
    let code = try mechanisms(of: folder, arguments.need("mechanism"))[0]
    let store = try SQLiteStore(path: folder.journalPath(of: code), access: .follow)
    defer { store.close() }
    var export = LedgerExport(code: code)
    switch arguments.need("format") {
    case "hledger": try export.hledger(store)
    case "csv": try export.csv(store)
    default: try export.jsonLines(store)
    }
    return true
  }

  static func replay(_ arguments: Arguments) throws -> Bool {
    let folder = try DataFolder(arguments.need("data"), create: false, access: .follow)
    let code = try mechanisms(of: folder, arguments.need("mechanism"))[0]
    let store = try SQLiteStore(path: folder.journalPath(of: code), access: .follow)
    defer { store.close() }
    var replay = Replay(code: code, store: store)
    if let until = arguments["until"] { replay.until = try moment(until) }
    let outcome =
      try arguments["pack"].map { try replay.whatIf(PackFolder.read($0)) }
      ?? replay.proof()
    print(arguments.has("json") ? outcome.json.description : outcome.text)
    return outcome.isGood
  }

  /// A moment, or the end of a day in Chengdu's zone.
  private static func moment(_ text: String) throws -> Instant {
    if let instant = Instant(text) { return instant }
    if let day = Day(text) { return Day(day.number + 1).start(offset: 28_800) }
    throw CommandFailure(
      "--until \(text) is neither a moment (2026-03-01T08:00:00+08:00) nor a day (2026-03-01)")
  }
}

extension Verification {
  var text: String {
    var lines = ["\(mechanism): \(frames) frames, \(facts) facts, \(headsChecked) signed heads"]
    if let (sequence, what) = wrongFrame { lines.append("  frame \(sequence) \(what)") }
    lines += faults.map { "  \($0)" }
    lines.append(isGood ? "  every hash, balance and head is right; root \(root)" : "  NOT GOOD")
    return lines.joined(separator: "\n")
  }

  var json: JSONText {
    .object([
      ("mechanism", .text(mechanism)), ("good", .bool(isGood)), ("frames", .number(Int64(frames))),
      ("facts", .number(Int64(facts))), ("root", .text(root)),
      ("headsChecked", .number(Int64(headsChecked))),
      (
        "firstWrongFrame",
        wrongFrame.map {
          .object([("sequence", .number(Int64($0.sequence))), ("what", .text($0.what))])
        } ?? .null
      ), ("faults", .list(faults.map { .text($0) })),
    ])
  }
}

/// The journal played again.
struct Replay {
  let code: String
  let store: SQLiteStore
  var until: Instant?

  /// The same rules: the state at a moment, and whether the books are right.
  func proof() throws -> ReplayOutcome {
    var state = Mechanism.State(code: code)
    try each { frame in try state.apply(frame) }
    var outcome = ReplayOutcome(code: code, state)
    outcome.fault = state.audit()
    return outcome
  }

  /// A draft's rules over everything that was reported.
  func whatIf(_ draft: [Pack.File]) throws -> ReplayOutcome {
    var real = Mechanism.State(code: code)
    var trial = WhatIf(code: code, draft: draft)
    try each { frame in try trial.expect(frame) }
    try each { frame in
      try real.apply(frame)
      try trial.take(frame)
    }
    var outcome = ReplayOutcome(code: code, trial.state)
    outcome.fault = trial.state.audit()
    outcome.compare(real, trial.state)
    return outcome
  }

  private func each(_ body: (FrameView) throws -> Void) throws {
    var fault: (any Error)?
    try store.read(from: 1) { place, bytes in
      do {
        let frame = try FrameView(bytes)
        if let until, frame.header.time >= until { return false }
        try body(frame)
        return true
      } catch {
        fault = CommandFailure("frame \(place.sequence) \(error)")
        return false
      }
    }
    if let fault { throw fault }
  }
}

struct ReplayOutcome {
  struct SceneRow {
    var code: String
    var accepted: UInt64
    var grams: Int64
    var points: Int64
  }
  var code: String
  var frames: UInt64
  var facts: UInt64
  var scenes: [SceneRow] = []
  var grams: Int64
  var points: Int64
  var citizens: UInt32
  var fault: String?
  var comparison: (grams: Int64, points: Int64, winners: Int, losers: Int)?
  var isGood: Bool { fault == nil }

  init(code: String, _ state: borrowing Mechanism.State) {
    self.code = code
    frames = state.lastSequence
    facts = state.nextFact.raw - 1
    (grams, points) = (state.totals.grams.count, state.totals.points.count)
    citizens = state.membership.citizenCount
    for (scene, number) in state.sceneNumbers.sorted(by: { $0.value < $1.value }) {
      let accepted = state.behaviour.tally(number).accepted
      guard accepted > 0 else { continue }
      let (grams, points) = state.ledger.issued(by: number)
      scenes.append(
        SceneRow(
          code: scene, accepted: accepted, grams: grams.count, points: points.count))
    }
  }

  mutating func compare(_ real: borrowing Mechanism.State, _ trial: borrowing Mechanism.State) {
    var winners = 0
    var losers = 0
    for citizen in 0...max(real.membership.citizenCount, trial.membership.citizenCount) {
      let before = real.ledger.points(of: CitizenID(citizen))
      let after = trial.ledger.points(of: CitizenID(citizen))
      if after > before { winners += 1 }
      if after < before { losers += 1 }
    }
    comparison = (
      grams - real.totals.grams.count, points - real.totals.points.count, winners, losers
    )
  }

  var text: String {
    var lines = ["\(code): \(frames) frames, \(facts) facts, \(citizens) citizens"]
    for scene in scenes {
      lines.append(
        "  \(scene.code): \(scene.accepted) reports, \(scene.grams) g, \(scene.points) points")
    }
    lines.append("  together \(grams) g, \(points) points")
    if let comparison {
      lines.append(
        "  against the books: \(comparison.grams) g, \(comparison.points) points; "
          + "\(comparison.winners) citizens gain, \(comparison.losers) lose")
    }
    lines.append(fault.map { "  NOT GOOD: \($0)" } ?? "  the books are right")
    return lines.joined(separator: "\n")
  }

  var json: JSONText {
    .object([
      ("mechanism", .text(code)), ("good", .bool(isGood)), ("frames", .number(Int64(frames))),
      ("facts", .number(Int64(facts))), ("citizens", .number(Int64(citizens))),
      ("grams", .number(grams)), ("points", .number(points)),
      (
        "scenes",
        .list(
          scenes.map {
            .object([
              ("scene", .text($0.code)), ("accepted", .number(Int64($0.accepted))),
              ("grams", .number($0.grams)), ("points", .number($0.points)),
            ])
          })
      ),
      (
        "againstTheBooks",
        comparison.map {
          .object([
            ("grams", .number($0.grams)), ("points", .number($0.points)),
            ("winners", .number(Int64($0.winners))), ("losers", .number(Int64($0.losers))),
          ])
        } ?? .null
      ), ("fault", fault.map { .text($0) } ?? .null),
    ])
  }
}
