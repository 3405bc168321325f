// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Methodology
import Policy
import Units

extension Layout {
  /// `/{mechanism}/scenes`
  package static func scenes(_ visit: Visit, _ pack: Pack, _ totals: Totals) -> HTML {
    let t = visit.t
    let rules = pack.behaviour
    return city(
      visit, title: t("低碳场景", "Low-carbon scenes"), place: .scenes,
      """
      <h1>\(t("低碳场景", "Low-carbon scenes"))</h1>
      <p class="soft">\(t("政策包", "Pack")) \(pack.version) · \
      \(t("每个数值都注明出处；文件未规定、由本项目暂定的，标为",
        "every value names its source; what the documents leave open is marked")) \
      \(Tags.provisional(t))</p>
      \(
        each: rules.families.enumerated(), { index, family in
          let members = rules.scenes.filter { $0.family == index && !$0.closed }
          guard !members.isEmpty else { return "" }
          return """
            <h2 id="\(family.code)">\(t(family.name)) <span class="src">\
            \(Tags.source(family.source, t))</span></h2>
            <div class="cards">\(each: members, { card($0, pack, visit) })</div>
            """
        })
      """)
  }

  private static func card(_ scene: Scene, _ pack: Pack, _ visit: Visit) -> HTML {
    let t = visit.t
    let rule =
      scene.rules.last { $0.from <= visit.now.day(offset: visit.zone) } ?? scene.rules.first
    return """
      <a class="card1" href="/\(Link("\(pack.code)"))/scenes/\(Link("\(scene.code)"))"><h3>\
      \(t(scene.name))</h3>
      \(some: rule, { """
          <span>\(RuleText.points($0, scene, t))</span><span class=\"soft small\">\
          \(RuleText.reduction($0, t))</span>
          """ })
      \(when: rule == nil, "<span class=\"soft\">\(t("规则待定", "No rule yet"))</span>")
      <span class="end src">\(Tags.source(scene.source, t))</span></a>
      """
  }

  /// `/{mechanism}/scenes/{code}`
  package static func scene(_ visit: Visit, _ scene: Scene, _ pack: Pack) -> HTML {
    let t = visit.t
    let family = pack.behaviour.families[scene.family]
    return city(
      visit, title: HTML(t(scene.name)), place: .scenes, width: .slim,
      """
      <nav class="crumb"><a href="/\(Link("\(pack.code)"))/scenes">\(t("低碳场景", "Scenes"))</a> / \
      \(t(family.name))</nav>
      <h1>\(t(scene.name))</h1>
      <p class="soft">\(Tags.source(scene.source, t)) · <code>\(scene.code)</code>\
      \(when: scene.closed, " · <span class=\"tag off\">\(t("已停止", "Closed"))</span>")</p>
      \(
        each: scene.rules.reversed(), { rule in ruleCard(rule, scene, pack, visit) })
      \(when: scene.rules.isEmpty, """
          <div class=\"card1 empty\">\
          \(t("本场景还没有生效的规则，暂不计分。", "No rule is in force for this scene yet; it earns nothing."))\
          </div>
          """)
      <section class="card1"><h2>\(t("数据要求", "What is reported"))</h2>
      <dl class="facts"><dt>\(t("上报数据", "Measured"))</dt><dd>\
      \(each: scene.fields, { "\($0.label(t)) <code>\($0.name)</code> (\($0.unit)) " })\
      \(when: scene.fields.isEmpty, t("只需行为时间", "only the time"))</dd>
      <dt>\(t("证明材料", "Evidence"))</dt><dd>\(t(scene.evidence))</dd>
      <dt>\(t("合理性限值", "Plausibility"))</dt><dd>\(limits(scene, t))</dd>
      \(when: !scene.partnersNamed.isEmpty,
        "<dt>\(t("文件指定单位", "Named partners"))</dt><dd>\(partners(scene, pack, t))</dd>")
      </dl></section>
      """)
  }

  private static func partners(_ scene: Scene, _ pack: Pack, _ t: Tongue) -> String {
    scene.partnersNamed.map { code in
      pack.partners.first { $0.code == code }.map { t($0.name) } ?? code
    }.joined(separator: t.plain("、", ", "))
  }

  private static func limits(_ scene: Scene, _ t: Tongue) -> HTML {
    guard !scene.limits.isEmpty || scene.exclusiveVehicle || scene.exclusiveGroup != 0 else {
      return t("无", "None")
    }
    return """
      \(each: scene.limits, {
        "<div>\(RuleText.limit($0, scene, t)) \(Tags.source($0.source, t))</div>" })\
      \(when: scene.exclusiveVehicle,
        "<div>\(t("同一车辆的行程不得重叠", "Trips of one vehicle may not overlap"))</div>")\
      \(when: scene.exclusiveGroup != 0,
        "<div>\(t("同一行程由两个平台上报时，只计一次", "A trip reported by two partners counts once"))</div>")
      """
  }

  private static func ruleCard(_ rule: Rule, _ scene: Scene, _ pack: Pack, _ visit: Visit) -> HTML {
    let t = visit.t
    let today = visit.now.day(offset: visit.zone)
    let state: HTML =
      rule.from > today
      ? "<span class=\"tag wait\">\(t("未生效", "Not yet in force"))</span>"
      : rule.until < today
        ? "<span class=\"tag off\">\(t("已失效", "No longer in force"))</span>"
        : "<span class=\"tag\">\(t("现行有效", "In force"))</span>"
    return """
      <section class="card1"><h2>\(t("规则", "Rule")) \
      <code class="long">\(rule.code)</code> \(state)</h2>
      <dl class="facts"><dt>\(t("有效期", "Dates"))</dt><dd>\(RuleText.dates(rule, t))</dd>
      <dt>\(t("减排量", "Reduction"))</dt><dd>\(RuleText.reduction(rule, t))</dd>
      <dt>\(t("碳积分", "Points"))</dt><dd>\(RuleText.points(rule, scene, t)) \
      \(Tags.source(rule.points.source, t))</dd>
      \(some: rule.campaign, { campaign($0, t) })
      <dt>\(t("积分上限", "Caps on points"))</dt><dd>\
      \(each: rule.caps, { "<div>\(RuleText.cap($0, t)) \(Tags.source($0.source, t))</div>" })\
      \(when: rule.caps.isEmpty, t("无", "None"))<div class="soft small">\
      \(t("上限只限积分，减排量全额记录。", "Caps limit points only; the reduction is recorded in full."))</div>\
      </dd>
      <dt>\(t("规则出处", "Source"))</dt><dd>\(Tags.source(rule.source, t))</dd></dl>
      \(method(rule, pack, t))</section>
      """
  }

  private static func method(_ rule: Rule, _ pack: Pack, _ t: Tongue) -> HTML {
    guard case .method(let method) = rule.reduction else { return "" }
    let definition = method.definition
    let kinds = definition.formula.names.filter { name in
      !definition.parameters.contains { $0.symbol == name }
        && !method.fields.contains { $0.symbol == name }
    }
    return """
      <h3>\(t("计算公式", "Formula")) · \(t(method.title)) <code>\(method.code) \(method.version)\
      </code></h3>
      <div class="formula">\(method.formulaText)</div>
      <div class="scroll"><table class="table1 fold"><thead><tr><th>\(t("符号", "Symbol"))</th><th \
      class="n">\(t("数值", "Value"))</th><th>\(t("含义与出处", "Meaning and source"))</th></tr></thead>\
      <tbody>
      \(each: method.fields.filter { definition.formula.names.contains($0.symbol) }, { """
          <tr><td data-l=\"\(t("符号", "Symbol"))\"><code>\($0.symbol)</code></td><td class=\"n\" \
          data-l=\"\(t("数值", "Value"))\">\($0.unit)</td><td data-l=\"\(t("含义", "Meaning"))\">\
          \($0.label(t))\(t("（接入平台上报）", " (reported by the partner)"))</td></tr>
          """ })
      \(each: definition.parameters, { """
          <tr><td data-l=\"\(t("符号", "Symbol"))\"><code>\($0.symbol)</code></td><td class=\"n\" \
          data-l=\"\(t("数值", "Value"))\">\($0.quantity.description)</td><td data-l=\"\
          \(t("含义", "Meaning"))\"><span>\(t($0.title))<br>\(Tags.citation($0.citation, t))</span>\
          </td></tr>
          """ })
      \(each: kinds.flatMap { pack.library.rows(kind: $0, area: method.area) }, { """
          <tr><td data-l=\"\(t("符号", "Symbol"))\"><code>\($0.kind)</code></td><td class=\"n\" \
          data-l=\"\(t("数值", "Value"))\">\($0.quantity.description)</td><td data-l=\"\
          \(t("含义", "Meaning"))\"><span>\(t($0.title)) · \($0.area) · \($0.year)\
          \(t(" 年数据", " data"))<br>\(Tags.citation($0.citation, t))</span></td></tr>
          """ })
      </tbody></table></div>
      <p class="soft small">\(t("取整", "Rounding")): \(RuleText.rounding(method.rounding, t))\
      \(when: !definition.applicability.isEmpty,
        " · \(t("适用条件", "Applies to")): \(definition.applicability)") · \
      \(Tags.citation(method.citation, t))</p>
      """
  }
}
