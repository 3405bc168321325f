// SPDX-License-Identifier: Apache-2.0
import Testing
import Units

/// Numbers from a seed, the same on every machine.
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return mixed(state)
  }
}

@Suite("time") struct TimeTests {
  /// Days counted one by one, as a calendar on the wall does.
  @Test("every day of 800 years has the date that counting gives it")
  func counting() {
    var (year, month, day) = (1900, 1, 1)
    var number: Int32 = -25_567  // 1900-01-01: 70 years, 17 of them leap years
    while year < 2700 {
      let date = Day(number).civil
      guard date.year == year, date.month == month, date.day == day,
        Day(year: year, month: month, day: day) == Day(number)
      else {
        Issue.record("day \(number) is \(date), counting says \(year)-\(month)-\(day)")
        return
      }
      let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      let lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      day += 1
      if day > lengths[month - 1] { (day, month) = (1, month + 1) }
      if month > 12 { (month, year) = (1, year + 1) }
      number += 1
    }
  }

  @Test("there is no 30 February, no month 13, no year 0")
  func noSuchDate() {
    #expect(Day(year: 2024, month: 2, day: 29) != nil)
    #expect(Day(year: 2000, month: 2, day: 29) != nil)
    for (year, month, day) in [
      (2023, 2, 29), (1900, 2, 29), (2024, 2, 30), (2024, 13, 1), (2024, 0, 1), (2024, 1, 0),
      (2024, 4, 31), (0, 1, 1), (10_000, 1, 1),
    ] { #expect(Day(year: year, month: month, day: day) == nil) }
    for text in [
      "2024-1-01", "2024-01-1", "20240101", "2024-02-30", "+024-01-01", "2024/01/01", "",
    ] { #expect(Day(text) == nil, "\(text)") }
  }

  @Test("a moment written in any zone reads back as the same moment")
  func roundTrip() {
    var random = Seeded(1)
    for _ in 0..<20_000 {
      let moment = Instant(
        milliseconds: Int64.random(in: -62_000_000_000_000...253_000_000_000_000, using: &random))
      let offset = Int32.random(in: -1439...1439, using: &random) * 60
      let text = moment.text(offset: offset)
      #expect(Instant(text) == moment, "\(text)")
    }
  }

  @Test("known moments, in known zones")
  func known() {
    // date -u -d @1772352900 says 2026-03-01T08:15:00Z.
    let moment = Instant(milliseconds: 1_772_352_900_250)
    #expect(moment.description == "2026-03-01T08:15:00.250Z")
    #expect(moment.text(offset: 28_800) == "2026-03-01T16:15:00.250+08:00")
    #expect(moment.plain(offset: 28_800) == "2026-03-01 16:15:00")
    #expect(Instant("2026-03-01T16:15:00.25+08:00") == moment)
    #expect(Instant("2026-03-01t08:15:00.2509z") == moment)
    #expect(Instant("2026-03-01 16:15:00.250+08:00") == moment)
    #expect(Instant(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
    // Midnight in Chengdu is 16:00 the day before in Greenwich.
    #expect(Instant("2025-12-31T16:00:00Z")!.day(offset: 28_800).description == "2026-01-01")
    #expect(Instant("2025-12-31T15:59:59.999Z")!.day(offset: 28_800).description == "2025-12-31")
    #expect(Day("2026-01-01")!.start(offset: 28_800) == Instant("2025-12-31T16:00:00Z"))
  }

  @Test(
    "what is no RFC 3339 moment is refused",
    arguments: [
      "", "2026-03-01", "2026-03-01T08:15Z", "2026-03-01T08:15:00", "2026-03-01T24:00:00Z",
      "2026-03-01T08:60:00Z", "2026-03-01T08:15:61Z", "2026-02-29T08:15:00Z",
      "2026-03-01T08:15:00.Z", "2026-03-01T08:15:00.5", "2026-03-01T08:15:00+8:00",
      "2026-03-01T08:15:00+08:60", "2026-03-01T08:15:00+24:00", "2026-03-01T08:15:00+0800",
      "2026-03-01T08:15:00Z ", " 2026-03-01T08:15:00Z", "2026-03-01T08:15:00ZZ",
      "2026-03-01X08:15:00Z", "20 6-03-01T08:15:00Z", "2026-03-01T08:15:00,5Z",
    ])
  func refused(_ text: String) { #expect(Instant(text) == nil) }

  @Test("division rounds towards the past, also before 1970")
  func floors() {
    for a in Int64(-50)...50 {
      for b in Int64(1)...7 {
        let quotient = floorDivide(a, b)
        #expect(quotient * b <= a && a < (quotient + 1) * b)
      }
    }
  }
}

@Suite("measured values") struct MeasuredTests {
  func parse(_ text: String) -> Measured? {
    Array(text.utf8).withUnsafeBufferPointer { Measured.parse($0) }
  }

  @Test("decimals of six places are exact")
  func exact() {
    let cases: [(String, Int64)] = [
      ("0", 0), ("-0", 0), ("12", 12_000_000), ("-0.5", -500_000), ("1063.182149", 1_063_182_149),
      ("1.2e3", 1_200_000_000), ("1.2E+3", 1_200_000_000), ("25e-1", 2_500_000),
      ("0.000001", 1), ("1e-6", 1), ("9223372036854.775807", .max), ("007.5", 7_500_000),
      ("9223372036854775807e-6", .max), ("0.1", 100_000), ("100000e-11", 1),
    ]
    for (text, millionths) in cases { #expect(parse(text)?.millionths == millionths, "\(text)") }
  }

  @Test("the seventh place is rounded half to even")
  func halfEven() {
    let cases: [(String, Int64)] = [
      ("0.0000005", 0), ("0.0000015", 2), ("0.0000025", 2), ("0.00000050000001", 1),
      ("0.00000049999999", 0), ("-0.0000015", -2), ("5e-7", 0), ("15e-7", 2), ("6e-7", 1),
      ("1e-30", 0), ("0.9999995", 1_000_000), ("0.9999985", 999_998),
    ]
    for (text, millionths) in cases { #expect(parse(text)?.millionths == millionths, "\(text)") }
  }

  @Test(
    "what is no number, or beyond all measure, is refused",
    arguments: [
      "", "-", "+1", ".5", "1.", "1e", "1e+", "1.2.3", "1,5", "0x10", "NaN", "Infinity", " 1", "1 ",
      "9223372036854.775808", "9223372036854.7758079", "-9223372036854.775809", "1e13", "1e999",
      "1e1000", "12345678901234567890", "--1",
    ])
  func refused(_ text: String) { #expect(parse(text) == nil) }

  @Test("what is written reads back the same")
  func roundTrip() {
    var random = Seeded(2)
    for _ in 0..<20_000 {
      let width = Int64.random(in: 0...62, using: &random)
      let bound = Int64(1) << width
      let value = Measured(millionths: .random(in: -bound...bound, using: &random))
      #expect(parse(value.description) == value, "\(value)")
    }
  }
}
