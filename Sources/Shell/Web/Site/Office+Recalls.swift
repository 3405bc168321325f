// SPDX-License-Identifier: Apache-2.0
import Archive
import Behaviour
import Desk
import Glibc
import Journal
import Mechanism
import Storage
import Units

// Taking events back: the facts of each are read from the journal, then the clerk decides. Between
// the two somebody may have decided the event again; such rows are read and asked once more.
extension Office {
  /// One row of a request.
  struct Recalling: Sendable {
    var id: (UInt64, UInt64)
    var grounds: Grounds
    var replacement: Report?
  }

  private static let triesMax = 3

  /// Takes events back; answers row by row, when all is durable.
  func withdraw(_ rows: [Recalling]) throws -> [Recalled] {
    var answers = [Recalled](repeating: Recalled(.changed), count: rows.count)
    var open = Array(rows.indices)
    let reader = JournalReader(store: store)
    for _ in 0..<Office.triesMax where !open.isEmpty {
      let ids = open.map { rows[$0].id }
      let firsts = clerk.read { state in ids.map { state.behaviour.fact(of: $0) } }
      var recalls: [Recall] = []
      for (index, first) in zip(open, firsts) {
        let facts = try first.map { try self.facts(from: $0, reader) } ?? []
        recalls.append(
          Recall(
            id: rows[index].id, facts: facts, grounds: rows[index].grounds,
            replacement: rows[index].replacement))
      }
      let told = try clerk.perform(.withdraw(recalls)).result.recalled
      for (index, answer) in zip(open, told) { answers[index] = answer }
      open = open.filter { answers[$0].outcome == .changed }
    }
    return answers
  }

  /// An event's facts, first to last.
  func facts(
    from first: FactNumber, _ reader: JournalReader
  ) throws -> [(FactNumber, Record)] {
    var facts: [(FactNumber, Record)] = []
    var at = first
    while let (record, _) = try reader.record(at) {
      facts.append((at, record))
      guard record.outcome == .waiting || record.outcome == .quarantined else { break }
      let (number, alias) = (at, record.report.alias)
      let isOpen = clerk.read { state in
        state.behaviour.quarantine[number] != nil
          || state.behaviour.waiting[alias]?.contains { $0.fact == number } ?? false
          || state.behaviour.withdrawal(of: number) != nil
      }
      guard !isOpen else { break }
      try catchUp()
      guard let next = try archive.decided(at) else { break }
      at = next
    }
    return facts
  }

  /// Waits until the archive has read all that is written by now.
  func catchUp() throws {
    let last = clerk.statistics.lastSequence
    for _ in 0..<100 {
      if archive.position >= last { return }
      usleep(50_000)
    }
    throw Trouble(
      503, "archive-behind", "查询库正在跟上账本，请一分钟后再试。",
      "The archive is catching up with the journal. Try again in a minute.")
  }

  /// What came of an event when it was first decided; nil where there is no such fact.
  func firstVerdict(_ fact: FactNumber) throws -> Verdict? {
    guard let (record, _) = try JournalReader(store: store).record(fact) else { return nil }
    var verdict = Verdict()
    verdict.outcome = record.outcome
    verdict.reason = record.reason
    verdict.grams = record.grams
    verdict.points = record.points
    verdict.fact = fact
    return verdict
  }
}
