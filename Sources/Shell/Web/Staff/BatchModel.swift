// SPDX-License-Identifier: Apache-2.0
import Archive
import Behaviour
import Units

/// A batch as the console lists it.
package struct BatchLine: Sendable {
  /// The fact that counts it.
  package var number: UInt64
  package var sequence: UInt64
  package var time: Instant
  package var partner: String
  package var summary: BatchSummary
  package var written: Int
  package init(
    number: UInt64, sequence: UInt64, time: Instant, partner: String, summary: BatchSummary,
    written: Int
  ) {
    self.number = number
    self.sequence = sequence
    self.time = time
    self.partner = partner
    self.summary = summary
    self.written = written
  }
}

/// One batch, row by row.
package struct BatchModel: Sendable {
  package enum Choice: Hashable, Sendable {
    /// Every row that was not simply credited: what a partner asks about.
    case notSimple
    case all
    case only(Outcome)

    init(_ text: String?) {
      switch text {
      case nil, "": self = .notSimple
      case "all": self = .all
      case let text?:
        self = UInt8(text).flatMap(Outcome.init(rawValue:)).map { .only($0) } ?? .notSimple
      }
    }

    var text: String {
      switch self {
      case .notSimple: ""
      case .all: "all"
      case .only(let outcome): "\(outcome.rawValue)"
      }
    }

    func takes(_ record: Record) -> Bool {
      switch self {
      case .notSimple: record.outcome != .accepted || record.reason != .none
      case .all: true
      case .only(let outcome): record.outcome == outcome
      }
    }
  }

  package struct Row: Sendable {
    /// The event's place in the batch, from 0.
    package var place: UInt64
    package var entry: Entry
    package var isHeld: Bool
    package var decision: DecisionLine?
  }

  package var line: BatchLine
  package var choice: Choice
  package var rows: [Row] = []
  package var counts: [(outcome: Outcome, count: Int)] = []
  package var notSimple = 0
  /// Rows that left no trace: duplicates, and events that could not be read.
  package var unwritten: [ClosedRange<Int>] = []
  /// Of these, why they were turned down; duplicates are not among them.
  package var unread: [UnreadRow] = []
  package var next: UInt64?
  package var isFirst = true

  package init(line: BatchLine, choice: Choice) {
    self.line = line
    self.choice = choice
  }

  mutating func count(_ record: Record) {
    if Choice.notSimple.takes(record) { notSimple += 1 }
    if let index = counts.firstIndex(where: { $0.outcome == record.outcome }) {
      counts[index].count += 1
    } else {
      counts.append((record.outcome, 1))
    }
  }

  /// The places of 0..<count that are not among `places`, as ranges.
  static func gaps(_ places: [UInt64], of count: Int) -> [ClosedRange<Int>] {
    var gaps: [ClosedRange<Int>] = []
    var expected = 0
    for place in places.sorted() {
      if Int(place) > expected { gaps.append(expected...(Int(place) - 1)) }
      expected = Int(place) + 1
    }
    if expected < count { gaps.append(expected...(count - 1)) }
    return gaps
  }
}

/// An event that was turned down without a trace.
package struct UnreadLine: Sendable {
  package var partner: String
  package var row: UnreadRow
}

/// What a member of staff decided about a held report.
package struct DecisionLine: Sendable {
  package var number: UInt64
  package var time: Instant
  package var origin: UInt64
  package var decision: String
  package var by: String
  package var opinion: String
  /// The report as it was held, and what became of it.
  package var entry: Entry?
  package var outcome: Record?

  package init(_ row: DecisionRow) {
    number = row.fact.raw
    time = row.time
    origin = row.originFact.raw
    decision = row.decision
    by = row.by
    opinion = row.opinion
  }
}

extension Entry {
  /// The limit that a refused or held report breaks, with the value as measured.
  var brokenLimit: (limit: Limit, field: Field)? {
    guard [.belowMinimum, .aboveMaximum, .tooFast].contains(record.reason), let scene else {
      return nil
    }
    let values = values.map(\.value.millionths)
    for limit in scene.limits {
      switch limit.quantity {
      case .value(let slot):
        guard slot < values.count else { continue }
        if values[slot] < limit.minimum || values[slot] > limit.maximum {
          return (limit, scene.fields[slot])
        }
      case .ratio(let slot, _):
        if record.reason == .tooFast { return (limit, scene.fields[slot]) }
      }
    }
    return nil
  }
}
