// SPDX-License-Identifier: Apache-2.0
import Glibc
import Policy
import Testing

@Suite("stories") struct StoryTests {
  static let stories: [(name: String, text: String)] = [
    (
      "a week of Lin and Ma",
      """
      citizen Lin
      citizen Ma
      # 6.1 km on the 113 bus save 183 g; a point for each full 50 g.
      Lin  2026-03-02 08:00  bus  distance 6.1 km, duration 25 min                             -> 183 g 3 points
      Lin  2026-03-02 08:00  bus  again                                                        -> duplicate
      # 5 km by bike save 243.5 g: half to even.
      Ma   2026-03-02 09:00  shared-bike  distance 5 km, duration 20 min, vehicle B1           -> 244 g 4 points
      Ma   2026-03-02 18:00  shared-bike  distance 5 km, duration 20 min, vehicle B1           -> 244 g 1 points
      # 5 points a day by bike are reached; the bus still earns.
      Ma   2026-03-02 19:00  bus  distance 6.1 km, duration 25 min                             -> 183 g 3 points
      # A day begins at midnight in Chengdu, not in Greenwich.
      Ma   2026-03-02 23:59  shared-bike  distance 5 km, duration 20 min, vehicle B1           -> 244 g 0 points
      Ma   2026-03-03 00:00  shared-bike  distance 5 km, duration 1 min, vehicle B2        -> refused belowMinimum
      Ma   2026-03-03 00:20  shared-bike  distance 5 km, duration 20 min, vehicle B1           -> 244 g 4 points
      Ma   holds 1159 g 12 points
      Lin  holds 183 g 3 points
      """
    ),
    (
      "caps by day, month and year",
      """
      citizen Lin
      Lin  2026-03-30 08:00  bus  distance 50 km, duration 50 min   -> 1500 g 6 points
      Lin  2026-03-30 10:00  shared-bike  distance 20 km, duration 1 h, vehicle B1   -> 974 g 5 points
      Lin  2026-03-31 08:00  bus  distance 50 km, duration 50 min   -> 1500 g 6 points
      # 17 of the family's 20 in March are gone.
      Lin  2026-03-31 10:00  shared-bike  distance 20 km, duration 1 h, vehicle B1   -> 974 g 3 points
      Lin  2026-04-01 00:00  bus  distance 50 km, duration 50 min   -> 1500 g 6 points
      # Reported late, counted in its own month: March is full.
      Lin  2026-03-29 08:00  bus  distance 50 km, duration 50 min, received 2026-04-02 08:00   -> 1500 g 0 points
      # 40 in all kinds a year, for charging: 26 came from travel.
      Lin  2026-12-30 20:00  charging  energy 50 kWh   -> 144 g 10 points
      Lin  2026-12-31 20:00  charging  energy 50 kWh   -> 144 g 4 points
      Lin  2027-01-01 00:00  charging  energy 50 kWh   -> 144 g 10 points
      Lin  holds 8380 g 50 points
      """
    ),
    (
      "who is not linked waits, and is credited once somebody",
      """
      citizen Lin
      stranger Guest
      Guest  2026-03-02 08:00  bus  distance 6.1 km, duration 25 min   -> waiting
      Guest  2026-03-02 18:00  bus  distance 6.1 km, duration 25 min   -> waiting
      Guest  2026-03-02 18:00  bus  again                              -> duplicate
      Guest  2026-03-02 19:00  bus  distance 60 km, duration 1 h       -> quarantined aboveMaximum
      Guest  2026-03-02 20:00  bus  distance 0.4 km, duration 25 min   -> refused belowMinimum
      link Guest to Lin -> 366 g 6 points
      Lin    holds 366 g 6 points
      Guest  2026-03-03 08:00  bus  distance 6.1 km, duration 25 min   -> 183 g 3 points
      Lin    holds 549 g 9 points
      # The held one is believed after all: the day's points are used up.
      release Guest -> 1800 g 0 points
      unlink Guest
      Guest  2026-03-04 08:00  bus  distance 6.1 km, duration 25 min   -> waiting
      Lin    holds 2349 g 9 points
      link Guest to Lin -> 183 g 3 points
      """
    ),
    (
      "one trip, two reports; one bike, two riders",
      """
      citizen Lin
      citizen Ma
      Lin  2026-03-02 08:15  shared-bike  distance 3.2 km, duration 15 min, vehicle B1, partner bikes  -> 156 g 3 points
      Lin  2026-03-02 08:20  bus  distance 6.1 km, duration 15 min, partner buses                      -> quarantined reportedTwice
      # The same partner knows what it says.
      Lin  2026-03-02 08:25  bus  distance 6.1 km, duration 15 min, partner bikes                      -> 183 g 3 points
      # It begins when the other ends: no overlap.
      Lin  2026-03-02 08:45  bus  distance 6.1 km, duration 20 min, partner buses                      -> 183 g 3 points
      Ma   2026-03-02 08:29  shared-bike  distance 3.2 km, duration 15 min, vehicle B1, partner bikes  -> quarantined vehicleOverlap
      Ma   2026-03-02 08:30  shared-bike  distance 3.2 km, duration 15 min, vehicle B1, partner bikes  -> 156 g 3 points
      release Lin -> 183 g 0 points
      Lin  holds 705 g 9 points
      """
    ),
    (
      "a frozen account",
      """
      citizen Lin
      Lin  2026-03-02 08:00  bus  distance 6.1 km, duration 25 min   -> 183 g 3 points
      freeze Lin
      Lin  2026-03-03 08:00  bus  distance 6.1 km, duration 25 min   -> quarantined accountFrozen
      unfreeze Lin
      Lin  2026-03-04 08:00  bus  distance 6.1 km, duration 25 min   -> 183 g 3 points
      release Lin -> 183 g 3 points
      Lin  holds 549 g 9 points
      """
    ),
  ]

  @Test("a story comes out as it is written", arguments: stories.indices)
  func story(_ index: Int) {
    let (name, text) = StoryTests.stories[index]
    let lines = text.split(separator: "\n")
    let told = Story.tell(text, files: [Trial.pack()], file: name, code: "trial")
    #expect(told == lines.filter { !$0.hasPrefix("#") && !$0.isEmpty }.count)
  }

  private static let packs: String =
    #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Packs"

  private static func names(in folder: String) -> [String] {
    guard let handle = opendir(folder) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  @Test("every pack that ships does what its examples say", arguments: names(in: packs))
  func shipped(_ code: String) throws {
    let folder = StoryTests.packs + "/" + code
    let files = StoryTests.names(in: folder).filter { $0.hasSuffix(".txt") }.map {
      Pack.File(path: $0, bytes: read(folder + "/" + $0) ?? [])
    }
    let examples = try #require(files.first { $0.path == "examples.txt" }, "no examples.txt")
    let text = String(decoding: examples.bytes, as: UTF8.self)
    let told = Story.tell(text, files: files, file: "Packs/\(code)/examples.txt", code: code)
    #expect(told > 10)
  }

  @Test("at least Chengdu, Zhangye and Shenzhen ship")
  func three() {
    #expect(
      Set(["chengdu", "shenzhen", "zhangye"]).isSubset(of: StoryTests.names(in: StoryTests.packs)))
  }
}
