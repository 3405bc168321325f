// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Methodology
import Units

extension Layout {
  /// `/{mechanism}/me/entries/{fact}`: 查看计算.
  package static func entry(
    _ visit: Visit, code: String, _ entry: Entry, explanation: Explanation?, packVersion: String
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let record = entry.record
    let mass = Mass(Grams(record.grams))
    let ended = Instant(milliseconds: record.report.ended)
    let sign = entry.recall?.isStep == true ? "−" : "+"
    return city(
      visit, title: t("查看计算", "How it was computed"), place: .account, width: .slim,
      """
      <nav class="crumb"><a href="/\(m)/me">\(t("我的碳账户", "My account"))</a> / \
      \(t("查看计算", "How it was computed"))</nav>
      <h1>\(entry.scene.map { t($0.name) } ?? t.plain("未知场景", "Unknown scene")) \
      \(entry.recall.map { recallTag($0, t) } ?? RuleText.outcome(record.outcome, t))</h1>
      \(when: record.reason != .none, """
          <div class=\"note1\(when: record.outcome != .accepted, " dev")\"><p>\
          \(RuleText.reason(record.reason, t))</p></div>
          """)
      \(when: record.outcome == .accepted, """
          <div class=\"duo light\"><div class=\"pts\"><b>\(sign)\(grouped(record.points))<small>\
          \(t("分", "points"))</small></b><span>\(t("碳积分", "Carbon points"))</span></div><div><b>\
          \(when: sign != "+", "−")\(mass.value)<small>\(mass.unit)</small></b><span>\
          \(t("减排量 CO₂e", "Reduction, CO₂e"))</span></div></div>
          """)
      \(some: entry.recall, { recallNote($0, entry, m, visit) })
      <h2>\(t("上报内容", "What was reported"))</h2>
      <section class="card1"><dl class="facts">
      <dt>\(t("行为结束时间", "Ended"))</dt><dd>\(visit.time(ended))</dd>
      \(each: entry.values, { """
          <dt>\($0.field.label(t))</dt><dd class=\"num\">\($0.value.text(of: $0.field, t)) <span \
          class=\"soft small\">(\($0.value.description) \($0.field.unit))</span></dd>
          """ })
      <dt>\(t("上报平台", "Partner"))</dt><dd>\(entry.partner)</dd>
      \(some: entry.recorded, { "<dt>\(t("写入账本", "Written"))</dt><dd>\(visit.time($0))</dd>" })
      \(when: record.origin == .waited, """
          <dt>\(t("经过", "How"))</dt><dd>\(t("先待入账，绑定后入账", "waited for a link, then credited"))\
          </dd>
          """)
      \(when: record.origin == .quarantined,
        "<dt>\(t("经过", "How"))</dt><dd>\(t("先经人工审核", "decided by staff after review"))</dd>")
      </dl></section>
      \(some: entry.rule, { grams($0, explanation, entry, visit) })
      \(some: entry.rule, { points($0, entry, packVersion, m, visit) })
      <h2>\(t("核验", "Check it"))</h2>
      <section class="card1"><p>\(t("这是账本中第", "This is fact")) <b class="num">\
      \(grouped(entry.number.raw))</b> \(t("号事实。", "of the journal."))</p>
      <a class="btn btn-light" href="/\(m)/proof/\(Link("\(entry.number.raw)"))">\
      \(t("存在性证明", "Proof of inclusion"))</a></section>
      """)
  }

  private static func grams(
    _ rule: Rule, _ explanation: Explanation?, _ entry: Entry, _ visit: Visit
  ) -> HTML {
    let t = visit.t
    guard let explanation else {
      return """
        <h2>\(t("减排量怎么算", "The reduction"))</h2><section class="card1"><p>\
        \(RuleText.reduction(rule, t))</p></section>
        """
    }
    return """
      <h2>\(t("减排量怎么算", "The reduction"))</h2>
      <section class="card1"><h3>\(t(explanation.title)) <code>\(explanation.code) \
      \(explanation.version)</code></h3>
      <p class="small">\(Tags.citation(explanation.citation, t))</p>
      <p class="words">\(t("减排量", "Reduction")) = \(inWords(explanation, t))</p>
      <div class="formula">\(explanation.formula)</div>
      <div class="formula sum">= \(explanation.substituted)
      = \(grouped(decimal: explanation.unrounded)) g
      → \(grouped(explanation.grams)) g</div>
      <p class="soft small">\(t("取整", "Rounding")): \(RuleText.rounding(explanation.rounding, t))\
      </p>
      <div class="scroll"><table class="table1 fold"><thead><tr><th>\(t("符号", "Symbol"))</th><th \
      class="n">\(t("数值", "Value"))</th><th>\(t("来源", "Source"))</th></tr></thead><tbody>\(
        each: explanation.lines, { line in
          """
          <tr><td data-l=\"\(t("符号", "Symbol"))\"><code>\(line.symbol)</code></td><td class=\"n\" \
          data-l=\"\(t("数值", "Value"))\">\(grouped(decimal: line.value)) \
          \(line.unit == "1" ? "" : line.unit)</td><td data-l=\"\(t("来源", "Source"))\"><span>\
          \(origin(line.origin, t))</span></td></tr>
          """
        })</tbody></table></div></section>
      """
  }

  /// The formula with names for its symbols, as a person would say it.
  static func inWords(_ explanation: Explanation, _ t: Tongue) -> String {
    var names: [String: String] = [:]
    for line in explanation.lines {
      names[line.symbol] =
        switch line.origin {
        case .measured(let field): field.label(t)
        case .parameter(let title, _), .factor(let title, _, _, _, _): t(title)
        }
    }
    var words = ""
    var symbol = ""
    func spoken() -> String { names[symbol] ?? symbol }
    for character in explanation.formula {
      if character.isLetter || character.isNumber || character == "_" || character == "." {
        symbol.append(character)
        continue
      }
      words += spoken()
      symbol = ""
      switch character {
      case "*": words += "×"
      // Within a unit (`g/km`) nothing is spaced; between terms it is.
      case "-" where words.hasSuffix(" "): words += "−"
      case "/" where words.hasSuffix(" "): words += "÷"
      default: words.append(character)
      }
    }
    return words + spoken()
  }

  private static func origin(_ origin: Explanation.Line.Origin, _ t: Tongue) -> HTML {
    switch origin {
    case .measured(let field): "\(field.label(t))\(t("，平台上报", ", measured by the partner"))"
    case .parameter(let title, let citation): "\(t(title))<br>\(Tags.citation(citation, t))"
    case .factor(let title, let citation, let area, let year, let note):
      """
      \(t(title)) · \(area) · \(year)\(t(" 年数据", " data")) <span class=\"soft small\">(\
      \(t.plain(note.chinese, note.english)))</span><br>\(Tags.citation(citation, t))
      """
    }
  }

  static func campaign(_ campaign: Campaign, _ t: Tongue) -> HTML {
    """
    <dt>\(t("活动", "Campaign"))</dt><dd>\(t(campaign.name)) · \(campaign.from.description) \
    \(t("至", "to")) \(campaign.until.description) · \
    \(t("积分", "points")) ×\(campaign.times)\
    \(t("（标准和上限已含）", " (in the rate and caps here)")) \
    \(Tags.source(campaign.timesSource, t))</dd>
    """
  }

  private static func points(
    _ rule: Rule, _ entry: Entry, _ packVersion: String, _ m: Link, _ visit: Visit
  ) -> HTML {
    let t = visit.t
    let record = entry.record
    let lost = record.pointsBeforeCaps - record.points
    return """
      <h2>\(t("积分怎么算", "The points"))</h2>
      <section class="card1"><dl class="facts">
      <dt>\(t("适用规则", "Rule"))</dt><dd>\
      <code class="long">\(rule.code)</code> · \(RuleText.dates(rule, t))</dd>
      <dt>\(t("政策包版本", "Pack"))</dt><dd>\(packVersion)</dd>
      <dt>\(t("标准", "Rate"))</dt><dd>\(some: entry.scene, { "\(RuleText.points(rule, $0, t))" }) \
      \(Tags.source(rule.points.source, t))</dd>
      \(some: rule.campaign, { campaign($0, t) })
      <dt>\(t("上限前", "Before caps"))</dt><dd class="num">\(grouped(record.pointsBeforeCaps)) \
      \(t("分", "points"))</dd>
      <dt>\(t("上限", "Caps"))</dt><dd>\
      \(each: rule.caps, { "<div>\(RuleText.cap($0, t)) \(Tags.source($0.source, t))</div>" })\
      \(when: rule.caps.isEmpty, t("无", "None"))</dd>
      \(when: lost > 0, """
          <dt>\(record.reason == .budgetReached
            ? t("因年度总量少得", "Lost to the year's budget") : t("因上限少得", "Lost to caps"))</dt>\
          <dd class=\"num\">\(grouped(lost)) \
          \(t("分（减排量不受影响）", "points (the reduction is not affected)"))</dd>
          """)
      <dt>\(t("实得", "Credited"))</dt><dd class="num"><b>\(grouped(record.points))</b> \
      \(t("分", "points"))</dd></dl>
      \(some: entry.scene, { """
          <p><a href=\"/\(m)/scenes/\(Link("\($0.code)"))\">\
          \(t("查看该场景的全部规则", "All rules of this scene")) →</a></p>
          """ })</section>
      """
  }
}
