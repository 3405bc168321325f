// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Units

// Campaigns: dated multiples of points. They are worked into the scenes' rules while a pack is
// read, so that whoever decides a report sees a rule like any other, and an award names it.
//
//   rule        |────────────── 3 points, cap 12 a day ──────────────▶
//   campaign              |── times 2, cap 20 a day ──|
//   becomes     |── 3 ────|── 6, cap 20 a day ────────|── 3 ─────────▶
extension Draft {
  static let timesMax: Int64 = 20
  static let campaignsMax = 50

  mutating func readCampaign(_ entry: Entry) {
    expect(entry, once: ["name", "clause", "from", "family", "scene", "times"], many: ["cap"])
    guard campaigns.count < Draft.campaignsMax else {
      fault(entry, "more than \(Draft.campaignsMax) campaigns", "Remove those of long ago.")
      return
    }
    guard let code = code(entry), let nameEntry = need(entry, "name"), let name = name(nameEntry),
      let dates = need(entry, "from"), let source = source(dates),
      let timesEntry = need(entry, "times"), let timesSource = self.source(timesEntry)
    else { return }
    let words = dates.words
    guard let from = day(words.first, dates) else { return }
    guard words.count == 3, words[1].text == "to", let until = Day(words[2].text), from <= until
    else {
      fault(
        dates, column: dates.valueColumn, "a campaign has a first and a last day",
        "Write `from 2026-06-15 to 2026-06-21`.")
      return
    }
    guard let times = Int64(timesEntry.value), (2...Draft.timesMax).contains(times) else {
      fault(
        timesEntry, column: timesEntry.valueColumn,
        "points are multiplied by a whole number from 2 to \(Draft.timesMax)", "Write `times 2`.")
      return
    }
    let told = problems.count
    let caps = entry.children("cap").compactMap { cap($0) }
    guard let scenes = campaignScenes(entry), problems.count == told else { return }
    campaigns.append(
      Campaign(
        code: code, name: name, from: from, until: until, scenes: scenes, times: times,
        timesSource: timesSource, caps: caps, source: source))
  }

  /// `family travel`, `scene bus, metro`, or nothing: every scene.
  private mutating func campaignScenes(_ entry: Entry) -> [String]? {
    var chosen: [String] = []
    func list(_ key: String) -> [(child: Entry, word: Entry.Word)] {
      entry.children(key).flatMap { child in
        child.words.map { word in
          var word = word
          if word.text.last == "," { word.text.removeLast() }
          return (child, word)
        }
      }
    }
    for (child, word) in list("family") {
      guard let family = families.firstIndex(where: { $0.code == word.text }) else {
        fault(
          child, column: word.column, "no family is called `\(word.text)`",
          "Families are: \(families.map(\.code).joined(separator: ", ")).")
        return nil
      }
      chosen += scenes.filter { $0.family == family }.map(\.code)
    }
    for (child, word) in list("scene") {
      guard scenes.contains(where: { $0.code == word.text }) else {
        // A scene that could not be read has said so itself.
        guard places["scene \(word.text)"] == nil else { return nil }
        fault(
          child, column: word.column, "no scene is called `\(word.text)`",
          "Write codes of scenes of this pack, with commas between.")
        return nil
      }
      chosen.append(word.text)
    }
    if entry.child("family") == nil, entry.child("scene") == nil { return scenes.map(\.code) }
    return chosen
  }

  mutating func workInCampaigns() {
    for (index, campaign) in campaigns.enumerated() {
      for other in campaigns[..<index]
      where other.from <= campaign.until && campaign.from <= other.until {
        if let both = campaign.scenes.first(where: { other.scenes.contains($0) }) {
          problems.append(
            Problem(
              file: places["campaign \(campaign.code)"]?.split(separator: ":").first.map(
                String.init)
                ?? "points.txt",
              line: places["campaign \(campaign.code)"]?.split(separator: ":").last.flatMap {
                Int($0)
              }, column: nil,
              reason:
                "the scene `\(both)` would be in the campaign `\(other.code)` on the same days",
              advice: "Let one end before the other begins, or give them other scenes."))
          return
        }
      }
      for scene in scenes.indices where campaign.scenes.contains(scenes[scene].code) {
        scenes[scene].rules = scenes[scene].rules.flatMap { rule in
          rule.campaign == nil ? parts(of: rule, campaign) : [rule]
        }
      }
    }
    // Behaviour counts rules and caps in sixteen bits.
    let rows = scenes.flatMap(\.rules).reduce(0) { $0 + 1 + $1.caps.count }
    if rows > Draft.scenesMax * Draft.entriesPerSceneMax {
      problems.append(
        Problem(
          file: "points.txt", line: nil, column: nil,
          reason: "the scenes have \(rows) rules and caps with their campaigns",
          advice: "Remove campaigns of long ago."))
    }
  }

  /// A rule before, during and after a campaign.
  private func parts(of rule: Rule, _ campaign: Campaign) -> [Rule] {
    guard rule.from <= campaign.until, campaign.from <= rule.until else { return [rule] }
    var parts: [Rule] = []
    if rule.from < campaign.from {
      var before = rule
      before.until = Day(campaign.from.number - 1)
      parts.append(before)
    }
    var during = rule
    during.from = max(rule.from, campaign.from)
    during.until = min(rule.until, campaign.until)
    during.campaign = campaign
    during.code = "\(rule.code)+\(campaign.code)"
    during.points = rule.points.times(campaign.times)
    during.caps =
      rule.caps.filter { cap in
        !campaign.caps.contains { $0.period == cap.period && $0.scope == cap.scope }
      } + campaign.caps
    parts.append(during)
    if campaign.until < rule.until {
      var after = rule
      after.from = Day(campaign.until.number + 1)
      parts.append(after)
    }
    return parts
  }
}

extension PointsRate {
  /// So many times the points; fractions are dropped before, as without the campaign.
  fileprivate func times(_ factor: Int64) -> PointsRate {
    switch basis {
    case .perReport(let points): PointsRate(.perReport(points: points * factor), source: source)
    case .perGrams(let points, let grams):
      PointsRate(.perGrams(points: points * factor, grams: grams), source: source)
    case .perValue(let points, let slot, let millionths):
      PointsRate(
        .perValue(points: points * factor, slot: slot, millionths: millionths), source: source)
    }
  }
}
