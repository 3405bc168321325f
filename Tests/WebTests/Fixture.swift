// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Glibc
import Policy
import Units

@testable import Web

/// One named small world for pages: Chengdu's real pack, invented figures.
struct Fixture {
  let pack: Pack
  var visit: Visit

  init(_ t: Tongue = .chinese) throws {
    let files = try Fixture.packFiles("chengdu")
    pack = try Pack.parse(files: files).get()
    visit = Visit(
      t: t, here: "/chengdu/", csrf: "c5f", isCitizen: true,
      mechanism: MechanismBadge(
        code: "chengdu", name: t(pack.name), city: t(pack.city)),
      now: Instant("2026-11-21T04:00:00Z")!, isDevelopment: true)
  }

  static var root: String {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(3)
    return parts.joined(separator: "/")
  }

  static func packFiles(_ code: String) throws -> [Pack.File] {
    let folder = root + "/Packs/" + code
    var files: [Pack.File] = []
    guard let handle = opendir(folder) else { return [] }
    defer { closedir(handle) }
    while let entry = readdir(handle) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name.hasSuffix(".txt") else { continue }
      files.append(Pack.File(path: name, bytes: read(folder + "/" + name)))
    }
    return files.sorted { $0.path < $1.path }
  }

  static func read(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { return bytes }
      bytes += buffer[0..<count]
    }
  }

  func scene(_ code: String) -> Scene { pack.scene(code)! }

  func entry(
    _ code: String, _ number: UInt64, values: [Int64], grams: Int64, points: Int32,
    before: Int32? = nil, outcome: Outcome = .accepted, reason: Reason = .none,
    partner: String = "共享出行"
  ) -> Entry {
    var record = Record()
    let scene = scene(code)
    record.report.scene = scene.id
    record.report.ended = visit.now.milliseconds - Int64(number) * 5_400_000
    record.report.citizen = CitizenID(17)
    if values.count > 0 { record.report.values.0 = values[0] * 1_000_000 }
    if values.count > 1 { record.report.values.1 = values[1] * 1_000_000 }
    record.valueCount = UInt8(values.count)
    record.outcome = outcome
    record.reason = reason
    record.grams = grams
    record.points = points
    record.pointsBeforeCaps = before ?? points
    record.rule = UInt16(scene.rules.count - 1)
    return Entry(
      number: FactNumber(1_048_000 - number), record: record, scene: scene, partner: partner,
      recorded: visit.now)
  }

  var totals: Totals {
    var totals = Totals()
    totals.citizens = 2_000
    totals.time = visit.now
    for scene in pack.behaviour.scenes {
      let row = Totals.OfScene(
        scene: scene.id, grams: Grams(Int64(scene.id.raw) * 1_234_567 % 9_000_000),
        points: Points(Int64(scene.id.raw) * 4_321 % 20_000),
        accepted: Int(scene.id.raw) * 731 % 5_000)
      totals.scenes.append(row)
      totals.grams += row.grams
      totals.points += row.points
      totals.accepted += row.accepted
    }
    totals.waiting = 41
    totals.quarantined = 12
    totals.facts = 1_048_000
    totals.frames = 2_130
    return totals
  }

  var days: [DayTotal] {
    (0..<30).map { index in
      let day = Day(visit.now.day(offset: 28_800).number - 29 + Int32(index))
      return DayTotal(
        day: day, reports: 900 + index * 7, grams: Grams(Int64(600_000 + index * index * 900)),
        points: Points(Int64(4_000 + index * 31)))
    }
  }
}
