// SPDX-License-Identifier: Apache-2.0
import CEvents
import Testing
import Units

@Suite struct EventsTests {
  static let ride = #"""
    {"specversion":"1.0","id":"ride-1","source":"//bike.example","type":"shared-bike",
    "subject":"rider-7","time":"2026-03-01T08:15:00.250+08:00","traceparent":"00-ab-cd-01",
    "data":{"distanceMetres":1063.182149,"durationSeconds":300,"vehicle":"bike-9","site":"S\u00e9",
    "phone":"13800000000","track":[[104.06,30.67],[104.07,30.68]]}}
    """#
  static func one(_ members: String) -> [UInt8] { Array("{\"id\":\"a\",\(members)}".utf8) }
  static func single(_ text: String) -> Event? {
    Decoder().decode(Array(text.utf8), TPH_BODY_SINGLE).events.first
  }

  @Test func aRideIsReadWhole() {
    let expected = Event(
      id: "ride-1", source: "//bike.example", type: "shared-bike", subject: "rider-7",
      time: "2026-03-01T08:15:00.250+08:00", vehicle: "bike-9", site: "Sé",
      milliseconds: 1_772_324_100_250,
      values: [1: 1_063_182_149, 2: 300_000_000])
    #expect(Self.single(Self.ride) == expected)
  }

  @Test func batchesKeepTheirOrder() {
    let body = Array(#"[{"id":"a"}, {"id":"b"} ,7,{"id":"c"}]"#.utf8)
    let events = Decoder().decode(body, TPH_BODY_BATCH).events
    #expect(events.map(\.id) == ["a", "b", nil, "c"])
    #expect(events.map(\.index) == [0, 1, 2, 3])
    #expect(events.map(\.error) == [0, 0, TPH_EVENT_NOT_OBJECT.rawValue, 0])
    #expect(Decoder().decode(Array(" [ ] ".utf8), TPH_BODY_BATCH) == .events([]))
  }

  @Test func linesAreCountedAndMayBeBlank() {
    let body = Array("{\"id\":\"a\"}\n\n \t\r\n{\"id\":\"b\"}\r\n[]\n{\"id\":\"c\"}".utf8)
    let events = Decoder().decode(body, TPH_BODY_LINES).events
    #expect(events.map(\.line) == [1, 4, 5, 6])
    #expect(events.map(\.id) == ["a", "b", nil, "c"])
    #expect(Decoder().decode([], TPH_BODY_LINES) == .events([]))
    #expect(Decoder().decode(Array("\n \n".utf8), TPH_BODY_LINES) == .events([]))
  }

  @Test(arguments: [
    ("0", 0), ("-0", 0), ("12", 12_000_000), ("-0.5", -500_000), ("1.2e3", 1_200_000_000),
    ("1063.182149", 1_063_182_149), ("0.0000005", 0), ("0.0000015", 2), ("0.0000025", 2),
    ("0.00000250000000001", 3), ("2.5e-6", 2), ("3.5E-6", 4), ("1e12", 1_000_000_000_000_000_000),
    ("9223372036854.775807", Int64.max), ("-9223372036854.775807", -Int64.max),
    ("999999999999.999999", 999_999_999_999_999_999), ("1e-400", 0),
    ("0.1000000000000000055511151231257827", 100_000),
  ]) func numbersAreExact(_ token: String, _ millionths: Int64) {
    let event = Self.single(#"{"id":"a","data":{"steps":\#(token)}}"#)
    #expect(event?.values[Int(Field.steps.rawValue)] == millionths)
    #expect(event?.error == 0)
  }

  @Test(arguments: [
    ("\"id\":\"\"", 3, 1, 0), ("\"source\":\"s\"", 2, 1, 0), ("\"id\":null", 2, 1, 0),
    ("\"id\":7", 5, 1, 0), ("\"id\":{}", 5, 1, 0), ("\"id\":\"a\",\"id\":\"a\"", 9, 1, 0),
    ("\"id\":\"a\\u0000\"", 7, 1, 0), ("\"id\":\"a\\n\"", 7, 1, 0), ("\"id\":\"\u{7F}\"", 7, 1, 0),
    ("\"id\":\"\u{85}\"", 7, 1, 0), ("\"id\":\"\\ud800\"", 8, 1, 0),
    ("\"id\":\"\\udc00\\ud800\"", 8, 1, 0), ("\"id\":\"a\",\"specversion\":\"0.3\"", 10, 7, 0),
    ("\"id\":\"a\",\"specversion\":1.0", 5, 7, 0), ("\"id\":\"a\",\"type\":[]", 5, 3, 0),
    ("\"id\":\"a\",\"subject\":true", 5, 4, 0), ("\"id\":\"a\",\"time\":1", 5, 5, 0),
    ("\"id\":\"a\",\"data\":\"x\"", 5, 6, 0), ("\"id\":\"a\",\"data\":{},\"data\":{}", 9, 6, 0),
    ("\"id\":\"a\",\"data\":{\"steps\":\"9\"}", 5, 10, 7),
    ("\"id\":\"a\",\"data\":{\"steps\":1e20}", 6, 10, 7),
    ("\"id\":\"a\",\"data\":{\"steps\":9223372036854.7758079}", 6, 10, 7),
    ("\"id\":\"a\",\"data\":{\"steps\":1,\"count\":1,\"steps\":1}", 9, 10, 7),
    ("\"id\":\"a\",\"data\":{\"vehicle\":5}", 5, 8, 0),
    ("\"id\":\"a\",\"data\":{\"site\":{}}", 5, 9, 0),
    ("\"\\u0069d\":\"a\",\"\\u0069d\":\"b\"", 9, 1, 0),
  ]) func aBrokenEventHarmsNobody(_ members: String, _ error: Int, _ member: Int, _ field: Int) {
    let body = "[{\"id\":\"before\"},{\(members)},{\"id\":\"after\"}]"
    let events = Decoder().decode(Array(body.utf8), TPH_BODY_BATCH).events
    #expect(events.map(\.error) == [0, UInt32(error), 0])
    #expect(events.count == 3 && events[1].member == UInt32(member) && events[1].field == field)
    #expect(events.last?.id == "after")
  }

  @Test func theIdIsThereAlsoBehindAnError() {
    let event = Self.single(#"{"type":5,"data":{"steps":"many"},"id":"late"}"#)
    #expect(event?.id == "late")
    #expect(event?.error == TPH_EVENT_WRONG_TYPE.rawValue)
    #expect(event?.member == TPH_MEMBER_TYPE.rawValue)
  }

  @Test func lengthsAreBoundedInBytes() {
    let long = String(repeating: "碳", count: 85)
    #expect(Self.single("{\"id\":\"\(long)a\"}")?.error == 0)
    #expect(Self.single("{\"id\":\"\(long)ab\"}")?.error == TPH_EVENT_TOO_LONG.rawValue)
    #expect(Self.single("{\"id\":\"\(long)ab\"}")?.id == nil)
  }

  @Test func escapesComeOutAsText() {
    let event = Self.single(
      #"{"\u0069d":"a\"b\\c\/d\u78b3\ud83d\ude8c","data":{"\u0073teps":1,"vehicle":"\u0041"}}"#)
    #expect(event?.id == "a\"b\\c/d碳🚌")
    #expect(event?.vehicle == "A")
    #expect(event?.values == [7: 1_000_000])
  }

  @Test func nullIsAbsentAndUnknownMembersMayRepeat() {
    let event = Self.single(
      #"{"id":"a","subject":null,"x":1,"x":2,"data":{"steps":null,"vehicle":null,"y":1,"y":2}}"#)
    #expect(event == Event(id: "a"))
    #expect(Self.single(#"{"id":"a","data":null}"#) == Event(id: "a"))
  }

  @Test func bytesThatAreNotUTF8MarkTheirEventOnly() {
    let body =
      Array("[{\"id\":\"a\"},{\"id\":\"b".utf8) + [0xFF] + Array("\"},{\"id\":\"c\"}]".utf8)
    let events = Decoder().decode(body, TPH_BODY_BATCH).events
    #expect(events.map(\.error) == [0, TPH_EVENT_NOT_UNICODE.rawValue, 0])
    #expect(events.map(\.id) == ["a", "b?", "c"])
    let name = Array("{\"id\":\"a\",\"note\":\"".utf8) + [0xC0, 0xAF] + Array("\"}".utf8)
    #expect(Decoder().decode(name, TPH_BODY_SINGLE).events == [Event(id: "a")])
  }

  @Test(arguments: [
    (#"[{"id":"a"},{"id":"b"}"#, 1, 23, "The body ends inside of an array."),
    (#"[{"id":"a"},]"#, 1, 13, "Expected a value"), ("", 1, 1, "The body is empty."),
    ("[\n {\"id\":\"碳\" \"x\":1}]", 2, 12, "Expected ',' or '}' after a member."),
    ("[{\"id\":\"a}]\n", 1, 12, "A text is not closed before the end of its line."),
    (#"[{"id":"\x"}]"#, 1, 9, "JSON has no such escape"),
    (#"[{"id":"\u12g4"}]"#, 1, 9, "After \\u"), ("[{id:1}]", 1, 3, "Expected a member's name"),
    ("[{\"a\" 1}]", 1, 7, "Expected ':'"), ("[01]", 1, 2, "This is not a number"),
    ("[1.]", 1, 2, "This is not a number"), ("[-]", 1, 2, "This is not a number"),
    ("[+1]", 1, 2, "Expected a value"), ("[NaN]", 1, 2, "Expected a value"),
    ("[tru]", 1, 2, "Expected a value"), ("[1 2]", 1, 4, "Expected ',' or ']'"),
    ("[1]x", 1, 4, "Something follows"), ("{}", 1, 1, "A batch is an array"),
    ("\u{FEFF}[1]x", 1, 4, "Something follows"), ("[\"a\tb\"]", 1, 4, "A control character"),
    ("[\"a\"\u{0C}]", 1, 5, "Expected ',' or ']'"), ("[1\u{1A}2]", 1, 3, "Expected ',' or ']'"),
    (String(repeating: "[", count: 70), 1, 65, "Nested too deep"),
  ]) func aBrokenBodyIsRefusedAtItsPlace(
    _ body: String, _ line: Int, _ column: Int, _ sentence: String
  ) {
    guard case .refused(let l, let c, let s) = Decoder().decode(Array(body.utf8), TPH_BODY_BATCH)
    else { return #expect(Bool(false), "\(body) was taken") }
    #expect(l == line && c == column && s.hasPrefix(sentence), "\(l):\(c) \(s)")
  }

  @Test(arguments: [
    ("{\"id\":\"a\"}\n{\"id\":\n\"b\"}\n", 2, 7, "The line ends before its event does"),
    ("{\"id\":\"a\"} {\"id\":\"b\"}", 1, 12, "One line holds one event"),
    ("{\"id\":\"a\"}\n\n{\"id\":\"碳}\n", 3, 10, "The line ends before its event does"),
    ("{\"id\":\"a\"},\n", 1, 11, "One line holds one event"),
    ("[\n]", 1, 2, "The line ends before its event does"),
  ]) func aBrokenLineIsRefusedAtItsPlace(
    _ body: String, _ line: Int, _ column: Int, _ sentence: String
  ) {
    guard case .refused(let l, let c, let s) = Decoder().decode(Array(body.utf8), TPH_BODY_LINES)
    else { return #expect(Bool(false), "\(body) was taken") }
    #expect(l == line && c == column && s.hasPrefix(sentence), "\(l):\(c) \(s)")
  }

  @Test func tooManyEventsAreRefused() {
    let body = Array("[1,2,3]".utf8)
    #expect(Decoder().decode(body, TPH_BODY_BATCH, most: 3).events.count == 3)
    let refused = Decoder().decode(body, TPH_BODY_BATCH, most: 2)
    let sentence = "More than 2 events in one body: send them in several."
    #expect(refused == .refused(line: 1, column: 1, sentence: sentence))
  }

  @Test func depthIsBoundedButSixtyFourLevelsAreFine() {
    func nested(_ levels: Int) -> [UInt8] {
      let open = String(repeating: "[", count: levels)
      let close = String(repeating: "]", count: levels)
      return Array("{\"id\":\"a\",\"x\":\(open)\(close)}".utf8)
    }
    #expect(Decoder().decode(nested(63), TPH_BODY_SINGLE).events.count == 1)
    #expect(Decoder().decode(nested(64), TPH_BODY_SINGLE).isRefused)
  }
}
