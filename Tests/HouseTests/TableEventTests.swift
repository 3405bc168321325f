// SPDX-License-Identifier: Apache-2.0
import Testing
import Units

@testable import tanpuhui

/// A map of a small city's bus company, as a clerk would write it.
private let busMap = """
  {
    "id": "{线路}-{流水}", "subject": "卡号",
    "time": { "column": "下车", "format": "yyyy-MM-dd HH:mm", "zone": "+08:00" },
    "fields": { "distanceMetres": { "column": "里程", "unit": "公里" } },
    "vehicle": "车牌"
  }
  """

private func outcomes(
  _ text: String, map: String, format: TableMap.Format = .csv
) throws -> [TableFile.Outcome] {
  var reader = TableReader(map: try TableMap(json: Array(map.utf8)), format: format)
  reader.take(Array(text.utf8))
  reader.finish()
  var found: [TableFile.Outcome] = []
  while let outcome = try reader.next() { found.append(outcome) }
  return found
}

@Suite struct TableEventTests {
  @Test func aBusCompanysFileBecomesEventsAndBrokenRowsSayWhere() throws {
    let text = """
      线路,流水,卡号,下车,里程,车牌
      113,1,Lin,2026-03-01 08:15,4.2,川A1
      113,2,Ma,2026-02-30 08:15,4.2,川A1
      113,3,Ma,2026-03-01 08:16,"1,200",川A1
      113,4,,2026-03-01 08:16,1,川A1
      113,5,Ma,2026-03-01 08:17,0.0000005,
      """
    let found = try outcomes(text, map: busMap)
    #expect(
      found == [
        .event(
          TableEvent(
            line: 2, id: "113-1", subject: "Lin", time: Instant("2026-03-01T00:15:00Z")!,
            vehicle: "川A1", site: nil, values: [Reading(.distanceMetres, Measured(4200))])),
        .fault(
          TableFault(
            line: 3, column: "下车",
            reason: "\"2026-02-30 08:15\" is not a time as the map says it is written")),
        .fault(
          TableFault(
            line: 4, column: "里程",
            reason: "\"1,200\" is not a decimal number of 公里, or too big")),
        .fault(TableFault(line: 5, column: "卡号", reason: "it is empty")),
        .event(
          TableEvent(
            line: 6, id: "113-5", subject: "Ma", time: Instant("2026-03-01T00:17:00Z")!,
            vehicle: nil, site: nil,
            values: [Reading(.distanceMetres, Measured(millionths: 500))])),
      ])
  }

  @Test func jsonLinesKeepTheirDigitsAndNestedNames() throws {
    let map = """
      {"id":"no","subject":"user.id","time":{"column":"at","format":"rfc3339"},
       "fields":{"energyWattHours":{"column":"data.kwh","unit":"kWh"}}}
      """
    let text = """
      {"no":7,"user":{"id":"\\u6797"},"at":"2026-03-01T08:00:00+08:00","data":{"kwh":6.310000001}}

      {"no":8,"user":{"id":"x"},"at":"2026-03-01T08:00:00+08:00","data":{"kwh":}}
      {"no":9,"user":{"id":"x"},"at":"2026-03-01T08:00:00+08:00","data":{}}
      """
    let found = try outcomes(text, map: map, format: .jsonl)
    #expect(
      found == [
        .event(
          TableEvent(
            line: 1, id: "7", subject: "林", time: Instant("2026-03-01T00:00:00Z")!, vehicle: nil,
            site: nil,
            values: [Reading(.energyWattHours, Measured(millionths: 6_310_000_001))])),
        .fault(TableFault(line: 3, column: nil, reason: "character 74: no JSON value begins here")),
        .fault(TableFault(line: 4, column: "data.kwh", reason: "it is empty")),
      ])
  }

  @Test func aFileThatDoesNotFitTheMapIsRefusedWhole() {
    let refusal = #expect(throws: TableFailure.self) {
      try outcomes("线路,流水,卡,下车,里程,车牌\n1,1,1,1,1,1\n", map: busMap)
    }
    #expect(
      refusal?.description
        == "the file has no column \"卡号\", which the map uses; did you mean \"卡\"? It has: "
        + "线路, 流水, 卡, 下车, 里程, 车牌")
  }

  @Test(arguments: [
    ("{\"id\":\"a\"", "the map, line 1 column 10: a comma or } is expected"),
    ("{\"subjet\":\"a\"}", "the map does not know \"subjet\"; did you mean \"subject\"?"),
    ("{\"id\":\"a\"}", "the map has no \"subject\""),
    (
      "{\"id\":\"a\",\"subject\":\"b\",\"time\":{\"column\":\"t\",\"format\":\"yyyy-MM-dd\"}}",
      "the map, \"time\" has no \"zone\": a local time without one is no moment; write an offset "
        + "(+08:00) or a name (Asia/Shanghai)"
    ),
    (
      "{\"id\":\"plain }\"}",
      "the map, \"id\": \"plain }\": a brace has no partner; "
        + "write {{ or }} for a plain one"
    ),
  ])
  func aMapWithAMistakeSaysWhichOne(map: String, sentence: String) {
    #expect(throws: TableFailure(sentence)) { try TableMap(json: Array(map.utf8)) }
  }

  @Test(arguments: [
    ("6.31", "kWh", Field.energyWattHours, 6_310_000_000 as Int64?),
    ("3.6", "kJ", .energyWattHours, 1_000_000),
    ("1", "mi", .distanceMetres, 1_609_344_000),
    // Half-even at the sixth decimal: 0.0000005 and 0.0000015.
    ("0.0000005", "m", .distanceMetres, 0),
    ("0.0000015", "m", .distanceMetres, 2),
    ("1e3", "min", .durationSeconds, 60_000_000_000),
    ("-2.5", "kg", .massGrams, -2_500_000_000),
    ("9223372036855", "m", .distanceMetres, nil),
    ("1.", "m", .distanceMetres, nil),
    ("", "m", .distanceMetres, nil),
    ("０", "m", .distanceMetres, nil),
  ])
  func unitsAreConvertedExactly(text: String, unit: String, field: Field, millionths: Int64?) {
    let value = TableDecimal(text)?.measured(TableUnit(unit, of: field)!)
    #expect(value?.millionths == millionths)
  }
}

@Suite struct TableZoneTests {
  private func moments(_ zone: String, _ local: String) throws -> [String] {
    let seconds = try TablePattern("yyyy-MM-dd HH:mm:ss").read(local)! / 1000
    return try TableZone(zone).moments(ofLocal: seconds).map { "\(Instant(seconds: $0))" }
  }

  // Expected values by Python's zoneinfo.
  @Test func daylightSavingIsKept() throws {
    let zone = "America/Los_Angeles"
    #expect(try moments(zone, "2018-10-08 13:25:00") == ["2018-10-08T20:25:00Z"])
    #expect(try moments(zone, "2019-01-08 13:25:00") == ["2019-01-08T21:25:00Z"])
    // Clocks put back: twice. Clocks put forward: not there, read as before the change.
    #expect(
      try moments(zone, "2020-11-01 01:30:00") == ["2020-11-01T08:30:00Z", "2020-11-01T09:30:00Z"])
    #expect(try moments(zone, "2021-03-14 02:30:00") == ["2021-03-14T10:30:00Z"])
    // Past the end of the file's own table, by the rule in its footer.
    #expect(try moments(zone, "2060-07-01 12:00:00") == ["2060-07-01T19:00:00Z"])
    #expect(try moments(zone, "2060-12-01 12:00:00") == ["2060-12-01T20:00:00Z"])
    #expect(try moments("Australia/Lord_Howe", "2050-01-15 12:00:00") == ["2050-01-15T01:00:00Z"])
    #expect(try moments("Europe/Dublin", "2050-07-15 12:00:00") == ["2050-07-15T11:00:00Z"])
    #expect(try moments("Asia/Shanghai", "2026-03-01 08:15:00") == ["2026-03-01T00:15:00Z"])
    // China had summer time from 1986 to 1991.
    #expect(try moments("Asia/Shanghai", "1988-07-01 12:00:00") == ["1988-07-01T03:00:00Z"])
    #expect(try moments("-03:30", "2026-03-01 08:15:00") == ["2026-03-01T11:45:00Z"])
  }

  @Test func theLaterReadingIsMeantIfOnlyItFits() throws {
    let map = """
      {"id":"n","subject":"n","start":{"column":"a","format":"M/d/yyyy H:mm","zone":"US/Pacific"},
       "time":{"column":"b","format":"M/d/yyyy H:mm","zone":"US/Pacific"}}
      """
    var reader = TableReader(map: try TableMap(json: Array(map.utf8)), format: .csv)
    reader.take(Array("n,a,b\n1,11/1/2020 1:50,11/1/2020 1:10\n".utf8))
    reader.finish()
    guard case .event(let event) = try reader.next() else {
      Issue.record("no event")
      return
    }
    #expect(event[.durationSeconds] == Measured(20 * 60))
  }

  @Test func anUnknownZoneSaysWhatToWrite() {
    #expect(throws: TableFailure.self) { try TableZone("America/Los_Angles") }
    #expect(throws: TableFailure.self) { try TableZone("../../etc/passwd") }
  }
}
