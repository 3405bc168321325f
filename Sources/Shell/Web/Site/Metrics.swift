// SPDX-License-Identifier: Apache-2.0
import Desk
import Glibc
import HTTP
import Storage

/// Counters for Prometheus. `@unchecked Sendable`: guarded by `lock`.
final class Metrics: @unchecked Sendable {
  /// Upper bounds in milliseconds.
  static let bounds: [Int64] = [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000]
  private struct Row {
    var byStatus: [Int: UInt64] = [:]
    var buckets = [UInt64](repeating: 0, count: Metrics.bounds.count + 1)
    var sum: Int64 = 0
  }
  private let lock = Lock()
  private var rows: [String: Row] = [:]

  func count(_ route: Route, _ status: Int, _ milliseconds: Int64) {
    let name = "\(route.method.rawValue) \(route.pattern)"
    lock.with {
      var row = rows[name] ?? Row()
      row.byStatus[status, default: 0] += 1
      let bucket = Metrics.bounds.firstIndex { milliseconds <= $0 } ?? Metrics.bounds.count
      row.buckets[bucket] += 1
      row.sum += milliseconds
      rows[name] = row
    }
  }

  /// The text format, version 0.0.4.
  func text(_ offices: [Office]) -> String {
    let rows = lock.with { self.rows }
    var out = "# TYPE tanpuhui_requests_total counter\n"
    for (name, row) in rows.sorted(by: { $0.key < $1.key }) {
      for (status, count) in row.byStatus.sorted(by: { $0.key < $1.key }) {
        out += "tanpuhui_requests_total{route=\"\(name)\",status=\"\(status)\"} \(count)\n"
      }
    }
    out += "# TYPE tanpuhui_request_seconds histogram\n"
    for (name, row) in rows.sorted(by: { $0.key < $1.key }) {
      var running: UInt64 = 0
      for (index, bound) in Metrics.bounds.enumerated() {
        running += row.buckets[index]
        out += "tanpuhui_request_seconds_bucket"
        out += "{route=\"\(name)\",le=\"\(seconds(bound))\"} \(running)\n"
      }
      running += row.buckets[Metrics.bounds.count]
      out += "tanpuhui_request_seconds_bucket{route=\"\(name)\",le=\"+Inf\"} \(running)\n"
      out += "tanpuhui_request_seconds_sum{route=\"\(name)\"} \(seconds(row.sum))\n"
      out += "tanpuhui_request_seconds_count{route=\"\(name)\"} \(running)\n"
    }
    return out + desks(offices) + memory()
  }

  private func desks(_ offices: [Office]) -> String {
    var out = ""
    let outcomes = ["accepted", "waiting", "quarantined", "refused", "rejected", "duplicate"]
    out += "# TYPE tanpuhui_desk_queue gauge\n# TYPE tanpuhui_facts gauge\n"
    out += "# TYPE tanpuhui_frames gauge\n# TYPE tanpuhui_state_bytes gauge\n"
    out += "# TYPE tanpuhui_events_total counter\n"
    for office in offices {
      let now = office.clerk.statistics
      let label = "mechanism=\"\(office.code)\""
      out += "tanpuhui_desk_queue{\(label)} \(now.waitingNow)\n"
      out += "tanpuhui_facts{\(label)} \(now.facts)\n"
      out += "tanpuhui_frames{\(label)} \(now.lastSequence)\n"
      out += "tanpuhui_state_bytes{\(label)} \(now.footprint)\n"
      for (index, outcome) in outcomes.enumerated() {
        out += """
          tanpuhui_events_total{\(label),outcome=\"\(outcome)\"} \(now.outcomes[index + 1])\n
          """
      }
    }
    return out
  }

  private func memory() -> String {
    guard let file = fopen("/proc/self/statm", "r") else { return "" }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 128)
    guard fgets(&buffer, 128, file) != nil else { return "" }
    let text = String(
      decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return "# TYPE process_resident_memory_bytes gauge\n"
      + "process_resident_memory_bytes \(pages * 4096)\n"
  }

  private func seconds(_ milliseconds: Int64) -> String {
    "\(milliseconds / 1000)." + String(String(1000 + milliseconds % 1000).dropFirst())
  }
}
