// SPDX-License-Identifier: Apache-2.0
import Units

/// Many reports and their verdicts, in memory that is reused. One thread holds a batch at a time:
/// whoever decodes it fills it, the desk decides it, whoever decoded it reads the verdicts.
///
/// `@unchecked Sendable`: handed from thread to thread under the lock of the desk's queue.
package final class ReportBatch: @unchecked Sendable {
  package private(set) var reports: UnsafeMutablePointer<Report>
  package private(set) var verdicts: UnsafeMutablePointer<Verdict>
  package private(set) var count = 0
  private var capacity: Int

  package init(capacity: Int = 1024) {
    self.capacity = capacity
    reports = .allocate(capacity: capacity)
    verdicts = .allocate(capacity: capacity)
  }

  deinit {
    reports.deallocate()
    verdicts.deallocate()
  }

  package func clear() { count = 0 }

  package func append(_ report: Report) {
    if count == capacity { grow() }
    reports[count] = report
    verdicts[count] = Verdict()
    count += 1
  }

  private func grow() {
    let larger = UnsafeMutablePointer<Report>.allocate(capacity: capacity * 2)
    larger.update(from: reports, count: count)
    reports.deallocate()
    reports = larger
    let more = UnsafeMutablePointer<Verdict>.allocate(capacity: capacity * 2)
    more.update(from: verdicts, count: count)
    verdicts.deallocate()
    verdicts = more
    capacity *= 2
  }

  /// How many came to what, and what was credited.
  package var summary: BatchSummary {
    var sum = BatchSummary()
    for index in 0..<count { sum.add(verdicts[index]) }
    return sum
  }
}

/// The counts of one batch, as the partner is told them.
package struct BatchSummary: Equatable, Sendable {
  package var received = 0
  package var accepted = 0
  package var duplicates = 0
  package var waiting = 0
  package var quarantined = 0
  package var refused = 0
  package var grams = Grams(0)
  package var points = Points(0)

  package init() {}

  package mutating func add(_ verdict: Verdict) {
    received += 1
    switch verdict.outcome {
    case .accepted:
      accepted += 1
      grams += Grams(verdict.grams)
      points += Points(Int64(verdict.points))
    case .duplicate: duplicates += 1
    case .waiting: waiting += 1
    case .quarantined: quarantined += 1
    case .refused, .rejected: refused += 1
    }
  }

  package static func += (a: inout BatchSummary, b: BatchSummary) {
    a.received += b.received
    a.accepted += b.accepted
    a.duplicates += b.duplicates
    a.waiting += b.waiting
    a.quarantined += b.quarantined
    a.refused += b.refused
    a.grams += b.grams
    a.points += b.points
  }
}
