// SPDX-License-Identifier: Apache-2.0
// TABLE ZONE. A clock's reading on somebody's wall, and the moment it meant.
//
//   +08:00                  an offset, all year round
//   America/Los_Angeles     a name of the IANA database, from the system's TZif file (RFC 9636)
//
//   wall clock   01:30 ─────────── 02:30 (first) ── 02:30 (again) ── 03:30
//                                  autumn: one reading, two moments; both are given, earlier first
//   wall clock   01:30 ── (02:30 is not there) ── 03:30
//                                  spring: read as if the clock had not been put forward
//
// Transitions are listed once, to the end of `lastYear`: from the file's table, and past it from
// the rule in its footer. The system's own mktime is not used: its zone is a global of the process.

struct TableZone: Hashable, Sendable {
  static let lastYear = 2100

  private struct Period: Hashable, Sendable {
    /// Seconds since 1970 UTC.
    var from: Int64
    /// Seconds east of Greenwich.
    var offset: Int64
  }
  /// In order of time; the first begins before all others.
  private var periods: [Period]

  init(offset: Int64) { periods = [Period(from: .min, offset: offset)] }

  /// Reads `+08:00`, `Z`, `UTC` or a zone's name.
  init(_ name: String) throws(TableFailure) {
    if let fixed = TableZone.offset(name) {
      self.init(offset: fixed)
      return
    }
    let usual = name.utf8.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
        || "+-_/".utf8.contains($0)
    }
    guard usual, !name.isEmpty, !name.hasPrefix("/") else {
      throw TableFailure(
        "\"\(name)\" is no zone; write an offset (+08:00) or a name (Asia/Shanghai)")
    }
    guard let bytes = TableFile.whole("/usr/share/zoneinfo/" + name, limit: 1 << 20) else {
      throw TableFailure(
        "the system does not know the zone \"\(name)\"; check the name, install tzdata, or write "
          + "an offset such as +08:00")
    }
    guard let read = TableZone(tzif: bytes) else {
      throw TableFailure("the system's file for \"\(name)\" is not TZif; reinstall tzdata")
    }
    self = read
  }

  /// The moments at which the clock showed this reading, given as if it were UTC: one, or two.
  func moments(ofLocal local: Int64) -> [Int64] {
    let before = offset(at: local - 86_400)
    let after = offset(at: local + 86_400)
    let moments = (before == after ? [before] : [before, after])
      .filter { offset(at: local - $0) == $0 }.map { local - $0 }.sorted()
    return moments.isEmpty ? [local - before] : moments
  }

  func offset(at moment: Int64) -> Int64 {
    var low = 0
    var high = periods.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if periods[middle].from <= moment { low = middle } else { high = middle }
    }
    return periods[low].offset
  }

  private static func offset(_ text: String) -> Int64? {
    if ["Z", "UTC"].contains(text) { return 0 }
    let bytes = Array(text.utf8)
    guard bytes.count == 6, bytes[0] == 43 || bytes[0] == 45, bytes[3] == 58,
      let hours = Int64(String(decoding: bytes[1...2], as: UTF8.self)), hours < 24,
      let minutes = Int64(String(decoding: bytes[4...5], as: UTF8.self)), minutes < 60
    else { return nil }
    return (hours * 3600 + minutes * 60) * (bytes[0] == 45 ? -1 : 1)
  }
}

extension TableZone {
  /// Reads the second, 64-bit half of a TZif file:
  ///
  ///     head   "TZif" version(1) unused(15) isut isstd leap time type char (counts of 4 bytes)
  ///     body   time×8  time×1 (index)  type×6 (offset 4, daylight 1, name 1)  char  leap×12 …
  ///     foot   newline, rule of the times to come as POSIX writes it, newline
  init?(tzif bytes: [UInt8]) {
    func number(_ at: Int, _ width: Int) -> Int64? {
      guard at >= 0, at + width <= bytes.count else { return nil }
      let raw = bytes[at..<at + width].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return width == 8 ? Int64(bitPattern: raw) : Int64(Int32(truncatingIfNeeded: raw))
    }
    func counts(_ head: Int) -> [Int]? {
      guard head >= 0, bytes.dropFirst(head).starts(with: "TZif".utf8) else { return nil }
      let all = (0..<6).compactMap { number(head + 20 + $0 * 4, 4).map(Int.init) }
      return all.count == 6 && all.allSatisfy { (0...1 << 20).contains($0) } ? all : nil
    }
    guard let first = counts(0), bytes[4] >= UInt8(ascii: "2") else { return nil }
    let head = 44 + first[3] * 5 + first[4] * 6 + first[5] + first[2] * 8 + first[1] + first[0]
    guard let second = counts(head), second[4] > 0 else { return nil }
    let times = head + 44
    let indexes = times + second[3] * 8
    let types = indexes + second[3]
    func offset(_ type: Int) -> Int64? {
      type < second[4] ? number(types + type * 6, 4) : nil
    }
    guard let start = offset(0) else { return nil }
    periods = [Period(from: .min, offset: start)]
    for index in 0..<second[3] {
      guard let from = number(times + index * 8, 8), indexes + index < bytes.count,
        let offset = offset(Int(bytes[indexes + index]))
      else { return nil }
      periods.append(Period(from: from, offset: offset))
    }
    let foot = types + second[4] * 6 + second[5] + second[2] * 12 + second[1] + second[0] + 1
    guard foot <= bytes.count, let end = bytes[foot...].firstIndex(of: 10) else { return nil }
    guard let rule = TableZoneRule(bytes[foot..<end]) else { return nil }
    let last = periods.last!.from
    for (moment, offset) in rule.changes(through: TableZone.lastYear) where moment > last {
      periods.append(Period(from: moment, offset: offset))
    }
  }
}
