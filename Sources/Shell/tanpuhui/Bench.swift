// SPDX-License-Identifier: Apache-2.0
// BENCH. What this machine can do, beside what the project asks of it.
//
//   core, growth ── one thread, no disk, no network: decide, dedupe, caps, double entry, encode
//   path ────────── client ─▶ HTTP ─▶ rules ─▶ fsync ─▶ answers, in turn with the baseline program
//
// Nothing here passes or fails: a shared machine has bad minutes. Figures that are kept go into
// Benchmarks/ with machine and date.

import FoundationEssentials
import Glibc

struct Bench {
  /// One row of the table.
  struct Figure {
    var name: String
    var value: Double
    var unit: String
    /// What the project asks for at least, and what it aims at; less is better for some.
    var least: Double?
    var aim: Double?

    var text: String { Bench.text(value) + " " + unit }
  }

  let citizens: Int
  let events: Int
  let isQuiet: Bool
  private(set) var figures: [Figure] = []

  init(citizens: Int, events: Int, isQuiet: Bool) {
    self.citizens = citizens
    self.events = events
    self.isQuiet = isQuiet
  }

  func open() {
    say(Bench.machine())
    say(Bench.row("what", "figure", "at least", "aim"))
  }

  mutating func note(
    _ name: String, _ value: Double, _ unit: String, least: Double? = nil, aim: Double? = nil
  ) {
    let figure = Figure(name: name, value: value, unit: unit, least: least, aim: aim)
    figures.append(figure)
    say(
      Bench.row(
        name, figure.text, least.map(Bench.text) ?? "", aim.map(Bench.text) ?? ""))
  }

  var json: JSONText {
    .object([
      ("machine", .text(Bench.machine())),
      (
        "figures",
        .list(
          figures.map {
            .object([
              ("name", .text($0.name)), ("value", .text(Bench.text($0.value))),
              ("unit", .text($0.unit)),
            ])
          })
      ),
    ])
  }

  private func say(_ line: String) {
    guard !isQuiet else { return }
    print(line)
    fflush(nil)
  }

  private static func row(_ cells: String...) -> String {
    let widths = [46, 18, 10, 8]
    return zip(cells, widths).map { cell, width in
      let gap = String(repeating: " ", count: max(1, width - cell.count))
      return width == 46 ? cell + gap : gap + cell
    }.joined()
  }

  /// Three digits that count.
  static func text(_ value: Double) -> String {
    let places = value >= 100 ? 0 : value >= 10 ? 1 : 2
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((value * scale).rounded())
    guard places > 0 else { return grouped(scaled) }
    let digits = String(repeating: "0", count: max(0, places + 1 - String(scaled).count))
    let padded = digits + String(scaled)
    return padded.dropLast(places) + "." + padded.suffix(places)
  }

  private static func grouped(_ value: Int) -> String {
    var out = ""
    for (index, digit) in String(value).reversed().enumerated() {
      if index > 0, index % 3 == 0 { out.append(",") }
      out.append(digit)
    }
    return String(out.reversed())
  }

  /// Processor, cores, memory, system, load and day.
  static func machine() -> String {
    func file(_ path: String) -> String {
      (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
    func field(_ name: String, _ text: String) -> String {
      let line = text.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
      return line.split(separator: ":").last.map { $0.drop { $0 == " " || $0 == "\t" } }
        .map(String.init) ?? "?"
    }
    let kilobytes = Double(field("MemTotal", file("/proc/meminfo")).prefix { $0.isNumber }) ?? 0
    let kernel = file("/proc/sys/kernel/osrelease").prefix { $0 != "\n" }
    let load = file("/proc/loadavg").prefix { $0 != " " }
    var now = time(nil)
    var day = tm()
    gmtime_r(&now, &day)
    let date = "\(day.tm_year + 1900)-\(two(day.tm_mon + 1))-\(two(day.tm_mday))"
    return "\(field("model name", file("/proc/cpuinfo"))), \(sysconf(Int32(_SC_NPROCESSORS_ONLN)))"
      + " cores, \(text(kilobytes / 1_048_576)) GiB, Linux \(kernel), load \(load), \(date)"
  }

  private static func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
  }
}
