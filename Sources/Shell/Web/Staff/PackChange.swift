// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Methodology
import Policy
import Units

/// What differs between two versions of a pack, in the words of pages: for the person who must sign
/// for it. The text of the files is compared beside it, line by line.
package struct PackChange: Hashable, Sendable {
  package var subject: String
  package var what: String
  /// Empty: there was nothing.
  package var before: String
  /// Empty: there is nothing any more.
  package var after: String

  package static func between(_ old: Pack, _ new: Pack, _ t: Tongue) -> [PackChange] {
    let before = statements(of: old, t)
    let after = statements(of: new, t)
    var changes: [PackChange] = []
    for (key, text) in after.rows where before.texts[key] != text {
      changes.append(
        PackChange(
          subject: key.subject, what: key.what, before: before.texts[key] ?? "", after: text))
    }
    for (key, text) in before.rows where after.texts[key] == nil {
      changes.append(PackChange(subject: key.subject, what: key.what, before: text, after: ""))
    }
    return changes
  }

  private struct Key: Hashable {
    var subject: String
    var what: String
  }

  /// Everything that decides, as statements in the order of the pack.
  private struct Statements {
    var rows: [(Key, String)] = []
    var texts: [Key: String] = [:]

    mutating func add(_ subject: String, _ what: String, _ text: String) {
      let key = Key(subject: subject, what: what)
      guard texts.updateValue(text, forKey: key) == nil else { return }
      rows.append((key, text))
    }
  }

  private static func statements(of pack: Pack, _ t: Tongue) -> Statements {
    var all = Statements()
    for scene in pack.behaviour.scenes {
      let name = "\(t(scene.name)) (\(scene.code))"
      guard !scene.closed else {
        all.add(name, t.plain("状态", "state"), t.plain("已停止", "closed"))
        continue
      }
      all.add(name, t.plain("状态", "state"), t.plain("启用", "open"))
      all.add(name, t.plain("证明材料", "evidence"), t(scene.evidence))
      let limits = scene.limits.map { RuleText.limit($0, scene, t) }
      if !limits.isEmpty {
        all.add(name, t.plain("合理性限值", "plausibility"), limits.joined(separator: "; "))
      }
      for rule in whole(scene.rules) { add(rule, of: scene, name, to: &all, t) }
    }
    for method in pack.methods {
      let name = t.plain("方法学", "Method") + " \(t(method.title)) (\(method.code))"
      all.add(name, t.plain("版本", "version"), method.version)
      all.add(name, t.plain("公式", "formula"), method.formula.text)
      for parameter in method.parameters {
        all.add(name, "\(t(parameter.title)) (\(parameter.symbol))", parameter.quantity.description)
      }
    }
    for partner in pack.partners {
      all.add(t(partner.name), t.plain("文件指定单位", "named partner"), partner.code)
    }
    addPolicy(of: pack, to: &all, t)
    return all
  }

  /// Rules that a campaign interrupts, as they stand in the pack; the campaigns are told apart.
  private static func whole(_ rules: [Rule]) -> [Rule] {
    var whole: [Rule] = []
    for rule in rules where rule.campaign == nil {
      if let known = whole.firstIndex(where: { $0.code == rule.code }) {
        whole[known].until = rule.until
      } else {
        whole.append(rule)
      }
    }
    return whole
  }

  private static func addPolicy(of pack: Pack, to all: inout Statements, _ t: Tongue) {
    let points = t.plain("积分", "Points")
    if let validity = pack.points.validity {
      all.add(points, t.plain("有效期", "validity"), PolicyText.validity(validity, t))
    }
    if let worth = pack.points.worth {
      all.add(points, t.plain("兑换比例", "exchange ratio"), Console.words(worth, t))
    }
    for budget in pack.behaviour.budgets {
      all.add(
        t.plain("积分总量", "Budget") + " \(budget.year)", t.plain("总量", "points"),
        grouped(budget.points))
      all.add(
        t.plain("积分总量", "Budget") + " \(budget.year)", t.plain("释放", "releases"),
        budget.releases.map { "\($0.from): \(grouped($0.points))" }.joined(separator: "; "))
    }
    for campaign in pack.behaviour.campaigns {
      all.add(
        t.plain("活动", "Campaign") + " \(t(campaign.name)) (\(campaign.code))",
        t.plain("内容", "what"), PolicyText.campaign(campaign, pack, t))
    }
  }

  private static func add(
    _ rule: Rule, of scene: Scene, _ name: String, to all: inout Statements, _ t: Tongue
  ) {
    func add(_ what: String, _ text: String) { all.add(name, "\(rule.code) \(what)", text) }
    add(t.plain("有效期", "dates"), RuleText.dates(rule, t))
    switch rule.reduction {
    case .method(let method):
      add(t.plain("减排量", "reduction"), "\(method.code) \(method.version)")
    case .fixed(let grams, _):
      add(t.plain("减排量", "reduction"), t.plain("每次", "each time") + " \(grouped(grams)) g")
    }
    add(t.plain("积分", "points"), RuleText.points(rule, scene, t))
    add(
      t.plain("积分上限", "caps on points"),
      rule.caps.isEmpty
        ? t.plain("无", "none")
        : rule.caps.map { RuleText.cap($0, t) }.joined(separator: "; "))
  }
}
