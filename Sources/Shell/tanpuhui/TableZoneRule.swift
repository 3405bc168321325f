// SPDX-License-Identifier: Apache-2.0
import Units

/// The footer of a TZif file: how clocks will be put forward and back, as POSIX writes it.
///
///     CST-8                          no daylight saving
///     PST8PDT,M3.2.0,M11.1.0         from the second Sunday of March to the first of November
///     <+1030>-10:30<+11>-11,M10.1.0,M4.1.0
struct TableZoneRule {
  /// A day of the year by month, week (5: the last), weekday (0: Sunday), and a local second.
  private struct Change {
    var month: Int
    var week: Int
    var weekday: Int
    var second: Int64
  }
  private var standard: Int64 = 0
  private var daylight: (offset: Int64, from: Change, until: Change)?

  /// Nil where the rule is not of these forms (days counted through the year are not: no zone of
  /// today's database uses them).
  init?(_ bytes: some Collection<UInt8>) {
    guard !bytes.isEmpty else { return }
    var reader = Reader(bytes: Array(bytes))
    guard reader.name(), let west = reader.clock() else { return nil }
    standard = -west
    guard reader.at < reader.bytes.count else { return }
    guard reader.name() else { return nil }
    var offset = standard + 3600
    if !reader.sees(",") {
      guard let west = reader.clock() else { return nil }
      offset = -west
    }
    guard let from = reader.change(), let until = reader.change(),
      reader.at == reader.bytes.count
    else { return nil }
    daylight = (offset, from, until)
  }

  /// Every change from 1970 through a year: the moment, and the offset that holds from it.
  func changes(through year: Int) -> [(moment: Int64, offset: Int64)] {
    guard let daylight else { return [] }
    return (1970...year).flatMap { year in
      [
        (moment(daylight.from, year) - standard, daylight.offset),
        (moment(daylight.until, year) - daylight.offset, standard),
      ].sorted { $0.0 < $1.0 }
    }
  }

  private func moment(_ change: Change, _ year: Int) -> Int64 {
    let first = Day(year: year, month: change.month, day: 1)!
    // 1970-01-01 was a Thursday.
    let weekday = (Int(first.number) + 4) % 7
    var day = 1 + (change.weekday - weekday + 7) % 7 + (change.week - 1) * 7
    while day > Day.length(ofMonth: change.month, year: year) { day -= 7 }
    return (Int64(first.number) + Int64(day) - 1) * 86_400 + change.second
  }

  private struct Reader {
    let bytes: [UInt8]
    var at = 0

    func sees(_ byte: Unicode.Scalar) -> Bool {
      at < bytes.count && bytes[at] == UInt8(ascii: byte)
    }

    mutating func take(_ byte: Unicode.Scalar) -> Bool {
      guard sees(byte) else { return false }
      at += 1
      return true
    }

    mutating func name() -> Bool {
      let start = at
      if take("<") {
        while at < bytes.count, !sees(">") { at += 1 }
        return take(">")
      }
      while at < bytes.count, (65...90).contains(bytes[at] & 0xDF) { at += 1 }
      return at > start
    }

    mutating func number() -> Int64? {
      let start = at
      var value: Int64 = 0
      while at < bytes.count, (48...57).contains(bytes[at]), at - start < 4 {
        value = value * 10 + Int64(bytes[at] - 48)
        at += 1
      }
      return at > start ? value : nil
    }

    /// `8`, `-10:30`, `+2:00:00`: seconds.
    mutating func clock() -> Int64? {
      let negative = take("-")
      if !negative { _ = take("+") }
      guard let hours = number() else { return nil }
      var seconds = hours * 3600
      for unit: Int64 in [60, 1] where take(":") {
        guard let part = number() else { return nil }
        seconds += part * unit
      }
      return negative ? -seconds : seconds
    }

    mutating func change() -> Change? {
      guard take(","), take("M"), let month = number(), (1...12).contains(month), take("."),
        let week = number(), (1...5).contains(week), take("."), let weekday = number(),
        (0...6).contains(weekday)
      else { return nil }
      var second: Int64 = 7200
      if take("/") {
        guard let written = clock() else { return nil }
        second = written
      }
      return Change(
        month: Int(month), week: Int(week), weekday: Int(weekday), second: second)
    }
  }
}
