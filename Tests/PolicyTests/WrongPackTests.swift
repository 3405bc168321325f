// SPDX-License-Identifier: Apache-2.0
import Policy
import Testing
import Units

/// A small pack that is right; each row changes one line of it and names what must be said.
private let right: [(path: String, text: String)] = [
  (
    "pack.txt",
    """
    document CD  成办函〔2022〕85号
    document B   中国环境管理
      mark  sourced-2nd
    mechanism trial
      name       试 | Trial
      city       成都市 | Chengdu
      version    1
      effective  2022-12-05  [CD]
      zone       +08:00
      area       sichuan
      language   zh-CN 简体中文
    family travel
      name    出行 | Travel
      clause  [CD-1]
    """
  ),
  (
    "factors.txt",
    """
    factor grid
      name  电网 | Grid
      area  sichuan
      2023  0.1564 kg/kWh  [B]
    """
  ),
  (
    "methods.txt",
    """
    method bike
      name      骑行 | Ride
      version   1
      document  [B]
      formula   distance * baseline
      where baseline  48.7 g/km  基准 | baseline  [B]
      rounds    half-even to gram
      example   distance 3.2 km -> 155.84 g  [computed: 3.2 x 48.7]
    """
  ),
  (
    "scenes.txt",
    """
    scene shared-bike
      name       单车 | Bike
      family     travel
      clause     [CD-1]
      evidence   订单 | order
      measures   distance, duration
      vehicle    required, one use at a time
      exclusive  travel
      accept     distance 500 m to 20 km   [set by this project: trial]
      accept     speed at most 25 km/h     [set by this project: trial]
      rule 2010-01-01 to 2022-12-31        [set by this project: trial]
        grams    by bike
        points   1 per 50 g                [set by this project: trial]
        cap      10 a day                  [set by this project: trial]
      rule from 2023-01-01                 [set by this project: trial]
        grams    by bike
        points   1 per 1 km of distance    [set by this project: trial]
        cap      100 a month in family     [set by this project: trial]
    """
  ),
  (
    "examples.txt",
    """
    citizen A
    A  2023-03-01 08:30  shared-bike  distance 3.2 km, duration 15 min, vehicle V1 -> 156 g 3 points
    A  2023-03-01 08:30  shared-bike  again  -> duplicate
    A  holds 156 g 3 points
    """
  ),
]

private func problems(_ change: (String, String) -> String) -> [Problem] {
  let files = right.map { Pack.File(path: $0.path, bytes: Array(change($0.path, $0.text).utf8)) }
  guard case .failure(let faults) = Pack.parse(files: files) else { return [] }
  return faults.problems
}

struct Wrong: Sendable, CustomTestStringConvertible {
  var file: String
  var line: Int?
  var column: Int?
  var from: String
  var to: String
  var says: String
  init(_ file: String, _ line: Int?, _ column: Int?, _ from: String, _ to: String, _ says: String) {
    self.file = file
    self.line = line
    self.column = column
    self.from = from
    self.to = to
    self.says = says
  }
  var testDescription: String { "\(file): \(to.isEmpty ? "without \(from)" : to)" }
}

@Suite("a wrong pack is refused with file, line and reason")
struct WrongPackTests {
  @Test("the pack that the rows change is right")
  func isRight() { #expect(problems { $1 } == []) }

  @Test(arguments: [
    // The manifest.
    Wrong("pack.txt", 4, 1, "mechanism trial", "mechanism Trial!", "needs a code"),
    Wrong("pack.txt", 4, 1, "  version    1\n", "", "has no `version`"),
    Wrong("pack.txt", 5, 14, "试 | Trial", "试", "both languages"),
    Wrong("pack.txt", 8, 14, "2022-12-05", "2022-02-30", "date"),
    Wrong("pack.txt", 9, 14, "+08:00", "Beijing", "time zone"),
    Wrong("pack.txt", 7, 3, "version ", "versoin ", "no key `versoin`"),
    Wrong("pack.txt", 9, 3, "  zone       +08:00", "  version    2", "stands here twice"),
    Wrong("pack.txt", 12, 1, "family travel", "famly travel", "no block is called `famly`"),
    Wrong("pack.txt", 14, 11, "[CD-1]", "[XY-1]", "no document of this pack is called `XY-1`"),
    Wrong("pack.txt", 2, 1, "document B ", "document CD ", "already at pack.txt:1"),
    Wrong("pack.txt", 3, 9, "sourced-2nd", "recalled", "no mark a shipped document has"),
    Wrong("pack.txt", 5, 1, "  name       试", "\tname 试", "a tab"),
    // Factors.
    Wrong("factors.txt", 4, 9, "0.1564 kg/kWh", "kg/kWh", "a number is missing"),
    Wrong("factors.txt", 4, 19, "kg/kWh", "kg/kvh", "no unit is called `kvh`"),
    Wrong("factors.txt", 4, 22, "  [B]", "", "has no source"),
    Wrong("factors.txt", 3, 9, "sichuan", "nation", "no other must stand in"),
    Wrong("factors.txt", 3, 9, "sichuan", "gansu", "no other must stand in"),
    Wrong("factors.txt", 4, 24, "[B]", "[recalled: S1]", "only a recalled one"),
    Wrong("factors.txt", 4, 24, "[B]", "[assumption]", "only a assumption one"),
    Wrong("factors.txt", 4, 24, "[B]", "[set by this project]", "without its reason"),
    Wrong("factors.txt", 4, 24, "[B]", "[B", "not closed"),
    // Methods.
    Wrong("methods.txt", 5, 22, "distance * baseline", "distance * grid", "mass per energy"),
    Wrong("methods.txt", 5, 24, "distance * baseline", "distance * bazeline", "`bazeline`"),
    Wrong("methods.txt", 5, 24, "distance * baseline", "distance * (baseline", "never closed"),
    Wrong("methods.txt", 6, 26, "48.7 g/km", "48.7 g/kn", "no unit is called `kn`"),
    Wrong("methods.txt", 7, 13, "half-even to gram", "up", "no such rounding"),
    Wrong("methods.txt", 8, 32, "155.84 g", "155.85 g", "the formula gives 155.84"),
    // Scenes.
    Wrong("scenes.txt", 3, 14, "family     travel", "family     sport", "no family is called"),
    Wrong("scenes.txt", 4, 9, "clause     [CD-1]", "clause", "has no source"),
    Wrong("scenes.txt", 6, 14, "measures   distance", "measures   lenght", "called `lenght`"),
    Wrong("scenes.txt", 9, 14, "accept     distance", "accept     energy", "does not measure"),
    Wrong("scenes.txt", 9, 23, "500 m to", "500 g to", "is mass, where length is wanted"),
    Wrong("scenes.txt", 9, 14, "500 m to 20 km", "20 km to 500 m", "ends below its beginning"),
    Wrong("scenes.txt", 9, 35, "20 km", "20 kn", "no unit is called `kn`"),
    Wrong("scenes.txt", 9, 14, "500 m to 20 km", "500 m", "no `to`"),
    Wrong("scenes.txt", 11, 22, "to 2022-12-31", "to 2009-12-31", "ends before it begins"),
    Wrong("scenes.txt", 15, 8, "rule from 2023-01-01", "rule from 2022-12-31", "in force"),
    Wrong(
      "scenes.txt", 15, 8, "rule from 2023-01-01", "rule from 2023-02-01", "no rule is in force"),
    Wrong(
      "scenes.txt", 12, 17, "grams    by bike\n    points   1 per 50",
      "grams    by bus\n    points   1 per 50", "no method is called `bus`"),
    Wrong("scenes.txt", 13, 14, "1 per 50 g ", "-1 per 50 g ", "whole number of points"),
    Wrong("scenes.txt", 13, 20, "1 per 50 g ", "1 per 0 g ", "cannot be counted"),
    Wrong("scenes.txt", 14, 14, "10 a day", "0 a day", "from 1 to"),
    Wrong("scenes.txt", 14, 14, "10 a day", "10 a week", "cannot be read"),
    Wrong("scenes.txt", 17, 25, "of distance ", "of energy   ", "does not measure `energy`"),
    Wrong("scenes.txt", 7, 3, "measures   distance, duration", "measures   distance", "duration"),
    Wrong(
      "scenes.txt", 11, 3, "    grams    by bike\n    points   1 per 50", "    points   1 per 50",
      "has no `grams`"),
    Wrong(
      "scenes.txt", 12, 14, "grams    by bike\n    points   1 per 50",
      "grams    1.5 g [CD]\n    points   1 per 50", "no whole number of grams"),
    // Examples.
    Wrong("examples.txt", 2, 1, "citizen A", "citizen B", "nobody is called `A`"),
    Wrong("examples.txt", 2, 22, "shared-bike  distance", "shared-trike  distance", "shared-trike"),
    Wrong("examples.txt", 2, 22, ", vehicle V1", "", "needs vehicle"),
    Wrong("examples.txt", 2, 35, "distance 3.2 km", "energy 3.2 kWh", "does not measure energy"),
    Wrong("examples.txt", 2, 44, "3.2 km", "3.2 kg", "is mass, where length is wanted"),
    Wrong("examples.txt", 2, 83, "156 g 3 points", "156 g", "no such outcome"),
    Wrong("examples.txt", 3, 45, "duplicate", "refused tooBad", "no such outcome"),
    Wrong(
      "examples.txt", 3, 4, "08:30  shared-bike  again", "08:31  shared-bike  again",
      "repeats nothing"),
  ])
  func refused(_ row: Wrong) {
    let found = problems { path, text in
      guard path == row.file, let range = text.firstRange(of: row.from) else { return text }
      return text.replacingCharacters(in: range, with: row.to)
    }
    let hit = found.first { $0.file == row.file && $0.line == row.line && $0.column == row.column }
    #expect(
      hit?.reason.contains(row.says) == true || hit?.advice.contains(row.says) == true,
      "\(found.map(\.description))")
    for problem in found { #expect(problem.advice.utf8.count > 4) }
    #expect(found.count <= 4, "one cause buries the others: \(found.map(\.description))")
  }

  @Test("everything wrong is said in one go")
  func all() {
    let found = problems { path, text in
      switch path {
      case "factors.txt": text.replacing("sichuan", with: "nation")
      case "scenes.txt":
        text.replacing("10 a day", with: "0 a day").replacing("20 km", with: "20 kn")
      default: text
      }
    }
    #expect(found.map(\.file) == ["factors.txt", "scenes.txt", "scenes.txt"])
    #expect("\(found[1])".hasPrefix("scenes.txt:9:35: no unit is called `kn`. "))
  }

  @Test("bytes that are no text are refused by line")
  func bytes() {
    let files = right.map { Pack.File(path: $0.path, bytes: Array($0.text.utf8)) }
    var broken = files
    broken[3].bytes.append(contentsOf: [10, 0xB3, 0xC9])
    guard case .failure(let faults) = Pack.parse(files: broken) else {
      Issue.record("GBK was taken")
      return
    }
    #expect(
      "\(faults)".contains("scenes.txt:19: this line is no UTF-8 text. Save the file as UTF-8."))
    var windows = files
    windows[0].bytes = [0xEF, 0xBB, 0xBF] + Array(right[0].text.replacing("\n", with: "\r\n").utf8)
    #expect(throws: Never.self) { try Pack.parse(files: windows).get() }
  }

  @Test("no bytes, however strange, trap the reader")
  func strange() {
    var random = SystemSeed(state: 99)
    let files = Shipped.chengdu.files + Shipped.zhangye.files
    for _ in 0..<120 {
      var broken = [files.randomElement(using: &random)!, files.randomElement(using: &random)!]
      for index in broken.indices where !broken[index].bytes.isEmpty {
        for _ in 0..<Int.random(in: 1...30, using: &random) {
          let place = Int.random(in: 0..<broken[index].bytes.count, using: &random)
          switch Int.random(in: 0..<4, using: &random) {
          case 0: broken[index].bytes.remove(at: place)
          case 1: broken[index].bytes[place] = UInt8.random(in: 0...255, using: &random)
          case 2: broken[index].bytes.insert(UInt8(ascii: "["), at: place)
          default:
            let end = min(place + 40, broken[index].bytes.count)
            broken[index].bytes.removeSubrange(place..<end)
          }
          if broken[index].bytes.isEmpty { break }
        }
      }
      if case .failure(let faults) = Pack.parse(files: broken) {
        #expect(!faults.problems.isEmpty)
      }
    }
    let lines = [
      "scene", "rule", "cap", "  ", "    ", "[", "]", "accept", "0", "points", "#", "->",
    ]
    for _ in 0..<2000 {
      let text = (0..<30).map { _ in
        lines.randomElement(using: &random)! + (Bool.random(using: &random) ? "\n" : " ")
      }.joined()
      for path in ["scenes.txt", "examples.txt"] {
        _ = Pack.parse(files: [Pack.File(path: path, bytes: Array(text.utf8))])
      }
    }
  }
}

private struct SystemSeed: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
    String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
  }
}
