// SPDX-License-Identifier: Apache-2.0

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
@frozen public struct Instant: Hashable, Comparable, BitwiseCopyable, Sendable {
  public var milliseconds: Int64
  @inlinable public init(milliseconds: Int64) { self.milliseconds = milliseconds }
  @inlinable public init(seconds: Int64) { self.milliseconds = seconds * 1000 }
  @inlinable public static func < (a: Instant, b: Instant) -> Bool {
    a.milliseconds < b.milliseconds
  }
  /// The second this moment lies in, rounded down also before 1970.
  @inlinable public var seconds: Int64 { floorDivide(milliseconds, 1000) }
  /// The civil day in a zone that is `offset` seconds east of Greenwich.
  @inlinable public func day(offset: Int32) -> Day {
    Day(Int32(truncatingIfNeeded: floorDivide(seconds + Int64(offset), 86_400)))
  }
}

/// A civil day: days since 1970-01-01.
@frozen public struct Day: Hashable, Comparable, BitwiseCopyable, Sendable {
  public var number: Int32
  @inlinable public init(_ number: Int32) { self.number = number }
  @inlinable public static func < (a: Day, b: Day) -> Bool { a.number < b.number }

  /// The day of a date of the Gregorian calendar; nil where there is no such date.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...12).contains(month), (1...9999).contains(year), day >= 1,
      day <= Day.length(ofMonth: month, year: year)
    else { return nil }
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    number = Int32(era * 146_097 + dayOfEra - 719_468)
  }

  /// Reads `2023-01-31`; nil for anything else.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == 45, bytes[7] == 45,
      let year = digits(bytes[0..<4]), let month = digits(bytes[5..<7]),
      let day = digits(bytes[8..<10])
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  public static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    default: 31
    }
  }

  public var civil: (year: Int, month: Int, day: Int) {
    let shifted = Int(number) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// 00:00 of this day in a zone `offset` seconds east of Greenwich.
  @inlinable public func start(offset: Int32) -> Instant {
    Instant(seconds: Int64(number) * 86_400 - Int64(offset))
  }
}

extension Day: CustomStringConvertible {
  public var description: String {
    let (year, month, day) = civil
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }
}

extension Instant: CustomStringConvertible {
  /// RFC 3339 in UTC, with milliseconds where there are any: `2026-03-01T08:15:00Z`.
  public var description: String { text(offset: 0) }

  /// RFC 3339 in a zone `offset` seconds east of Greenwich: `2026-03-01T16:15:00+08:00`.
  public func text(offset: Int32) -> String {
    let fraction = Int(milliseconds - seconds * 1000)
    var result = "\(day(offset: offset))T\(clock(offset: offset))"
    if fraction != 0 { result += "." + padded(fraction, 3) }
    guard offset != 0 else { return result + "Z" }
    let minutes = Int(abs(offset)) / 60
    return result + (offset < 0 ? "-" : "+") + padded(minutes / 60, 2) + ":"
      + padded(minutes % 60, 2)
  }

  /// `2026-03-01 16:15:00`, as Chinese forms show it.
  public func plain(offset: Int32) -> String {
    "\(day(offset: offset)) \(clock(offset: offset))"
  }

  private func clock(offset: Int32) -> String {
    let local = seconds + Int64(offset)
    let second = Int(local - floorDivide(local, 86_400) * 86_400)
    return padded(second / 3600, 2) + ":" + padded(second / 60 % 60, 2) + ":"
      + padded(second % 60, 2)
  }

  /// Reads RFC 3339 (`2026-03-01T08:15:00.250+08:00`); nil for anything else. The offset is
  /// required: a time without a zone is not a moment.
  public init?(_ text: String) {
    let parsed = Array(text.utf8).withUnsafeBufferPointer { Instant.parse($0) }
    guard let parsed else { return nil }
    self = parsed
  }

  public static func parse(_ b: UnsafeBufferPointer<UInt8>) -> Instant? {
    guard b.count >= 20, b[4] == 45, b[7] == 45, b[10] == 84 || b[10] == 116 || b[10] == 32,
      b[13] == 58, b[16] == 58,
      let year = digits(b[0..<4]), let month = digits(b[5..<7]), let day = digits(b[8..<10]),
      let hour = digits(b[11..<13]), let minute = digits(b[14..<16]),
      let second = digits(b[17..<19]), hour < 24, minute < 60, second < 61,
      let date = Day(year: year, month: month, day: day)
    else { return nil }
    var at = 19
    var fraction: Int64 = 0
    if b[at] == 46 {
      at += 1
      var scale: Int64 = 100
      let first = at
      while at < b.count, b[at] >= 48, b[at] <= 57 {
        fraction += Int64(b[at] - 48) * scale
        scale /= 10
        at += 1
      }
      guard at > first, at < b.count else { return nil }
    }
    guard let offset = zone(b[at...]) else { return nil }
    let whole = Int64(date.number) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    return Instant(milliseconds: (whole - Int64(offset)) * 1000 + fraction)
  }

  private static func zone(_ b: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
    let first = b.startIndex
    if b.count == 1, b[first] == 90 || b[first] == 122 { return 0 }
    guard b.count == 6, b[first] == 43 || b[first] == 45, b[first + 3] == 58,
      let hours = digits(b[(first + 1)..<(first + 3)]),
      let minutes = digits(b[(first + 4)..<(first + 6)]), hours < 24, minutes < 60
    else { return nil }
    return (hours * 3600 + minutes * 60) * (b[first] == 45 ? -1 : 1)
  }
}

/// Division that rounds towards minus infinity, so that days before 1970 are days too.
@inlinable public func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
  let quotient = a / b
  return a % b < 0 ? quotient - 1 : quotient
}

/// `7` as `007`.
public func padded(_ number: Int, _ width: Int) -> String {
  let text = String(number)
  return text.utf8.count >= width
    ? text : String(repeating: "0", count: width - text.utf8.count) + text
}

private func digits(_ bytes: some Collection<UInt8>) -> Int? {
  var value = 0
  for byte in bytes {
    guard byte >= 48, byte <= 57 else { return nil }
    value = value * 10 + Int(byte - 48)
  }
  return value
}
