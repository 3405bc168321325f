// SPDX-License-Identifier: Apache-2.0
import Desk
import Mechanism
import Units

extension Console {
  /// 模拟测算: how far it is, what came of it in short, and the button that starts it.
  static func trialCard(_ visit: Visit, _ m: Link, _ pack: PackCase) -> HTML {
    let t = visit.t
    let address: Link = "/console/\(m)/policy/drafts/\(Link("\(pack.draft)"))"
    let mayTry =
      visit.staff.map { !$0.roles.isDisjoint(with: Roles.proposers.union(.deciders)) } ?? false
    return """
      <h2>\(t("模拟测算", "What if"))</h2>
      <section class="card1">
      \(some: pack.trial, { trial in """
          <dl class="facts"><dt>\(t("积分", "Points"))</dt><dd>\
          \(change(trial.total.before.points, trial.total.after.points))</dd>
          <dt>\(t("减排量 (g)", "Grams"))</dt><dd>\
          \(change(trial.total.before.grams, trial.total.after.grams))</dd>
          <dt>\(t("人数", "People"))</dt><dd>\(t("增加", "gain:")) \(grouped(trial.gain)) · \
          \(t("减少", "lose:")) \(grouped(trial.lose)) · \(t("不变", "the same:")) \
          \(grouped(trial.same))</dd></dl>
          <p><a class="btn btn-light" href="\(address)/result">\(t("查看测算结果", "See all of it"))</a> \
          <span class="soft small">\(some: pack.trialMade, { visit.time($0) })</span></p>
          """ })
      \(some: pack.progress, { progress($0, t) })
      \(when: pack.trial == nil && pack.progress == nil, """
          <p class="soft">\(t(
            "用账本中全部真实上报按草案重新计算，不影响线上服务。",
            "Decides everything that was really reported again under the draft. The desk goes on."
          ))</p>
          """)
      \(when: mayTry && (pack.progress == nil || pack.progress?.fault != nil), """
          <form method="post" action="\(address)/try">\(visit.formField)\
          <button class="btn btn-primary">\(pack.trial == nil
            ? t("开始测算", "Try it") : t("重新测算", "Try it again"))</button></form>
          """)</section>
      """
  }

  private static func progress(_ progress: TrialProgress, _ t: Tongue) -> HTML {
    if let fault = progress.fault {
      return """
        <div class="note1 bad"><p>\(t("测算没有完成：", "It did not come to its end: "))\(fault)</p></div>
        """
    }
    if progress.isOther {
      return """
        <p class="soft">\(t("正在测算另一份草案，请稍候。", "Another draft is being tried; wait a moment."))</p>
        """
    }
    return """
      <p>\(t("正在测算：账本第", "On its way: frame")) \(grouped(progress.frame)) / \
      \(grouped(progress.of)) \(t("帧", ""))</p>
      \(Chart.gauge([(Int64(progress.frame), "#0d7a53"), (Int64(max(1, progress.of)), "#edf4f0")]))
      """
  }

  /// `1,000 → 1,200 (+20.0%)`
  static func change(_ before: Int64, _ after: Int64) -> HTML {
    let difference = after - before
    let share =
      before == 0
      ? ""
      : " (\(difference < 0 ? "−" : "+")"
        + "\(Mass.decimal(abs(difference) * 1000 / abs(before), by: 10, places: 1))%)"
    return "<span class=\"num\">\(grouped(before)) → <b>\(grouped(after))</b>\(share)</span>"
  }

  /// 测算结果: everything that whoever decides may ask.
  static func whatIf(
    _ visit: Visit, all: [MechanismBadge], code: String, _ pack: PackCase, _ report: WhatIfReport
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let address: Link = "/console/\(m)/policy/drafts/\(Link("\(pack.draft)"))"
    return page(
      visit, title: t("测算结果", "What if") + " \(report.version)", place: .policy, all: all,
      crumbs: [
        (t("积分政策", "Points policy"), "/console/\(m)/policy"),
        (t("草案", "Draft") + " \(report.version)", address),
      ],
      """
      <p class="soft">\(t(
        "账本至第", "The journal up to frame")) \(grouped(report.frames)) \(t("帧", "")) · \
      \(grouped(report.reports)) \(t("条上报", "reports")) · \
      \(Mass.decimal(report.milliseconds, by: 1000, places: 1)) \(t("秒", "s")) · \
      \(t("“现行”为账本实际入账；“草案”为假设草案一直有效。",
        "“Now” is what was credited; “draft” is as if it had always held."))</p>
      <p><a class="btn btn-light" href="\(address)/result.csv">\
      \(t("下载 CSV", "Download CSV"))</a></p>
      \(totals(report, t))
      <h2>\(t("按月", "By month"))</h2>\(section(report.months, t))
      <h2>\(t("按场景", "By scene"))</h2>\(section(report.scenes, t))
      <h2>\(t("按类别", "By family"))</h2>\(section(report.families, t))
      <h2>\(t("按接入平台", "By partner"))</h2>
      <p class="soft small">\(t(
        "账本不含居民所在区县，按平台和场景类别列示。",
        "The journal does not know districts; partners and families stand in for them."))</p>
      \(section(report.partners, t))
      <h2>\(t("受影响的人", "People"))</h2>\(people(report, t))
      """)
  }

  private static func totals(_ report: WhatIfReport, _ t: Tongue) -> HTML {
    """
    <section class="card1"><dl class="facts">
    <dt>\(t("入账次数", "Credited reports"))</dt><dd>\
    \(change(report.total.before.reports, report.total.after.reports))</dd>
    <dt>\(t("积分", "Points"))</dt><dd>\
    \(change(report.total.before.points, report.total.after.points))</dd>
    <dt>\(t("减排量 (g)", "Grams"))</dt><dd>\
    \(change(report.total.before.grams, report.total.after.grams))</dd>
    <dt>\(t("折合成本（元）", "Cost in yuan"))</dt><dd><span class="num">\
    \(report.total.fenBefore.map(yuan) ?? "—") → \
    <b>\(report.total.fenAfter.map(yuan) ?? "—")</b></span>\
    <span class="soft small"> \(t(
      "积分 × 各月兑换比例，逐月舍去不足一分", "points × each month's ratio, rounded down by month"))</span>\
    </dd></dl></section>
    """
  }

  private static func section(_ rows: [WhatIfReport.Row], _ t: Tongue) -> HTML {
    func name(_ row: WhatIfReport.Row) -> String { t.plain(row.chinese, row.english) }
    return """
      <section class="card1">\(Chart.pairs(
        rows.prefix(15).map { (name($0), $0.before.points, $0.after.points) }, t))</section>
      \(table(
        [
          .init(t("名称", "Name")), .init(t("次数 现行", "Reports now"), isNumber: true),
          .init(t("次数 草案", "Reports draft"), isNumber: true),
          .init(t("积分 现行", "Points now"), isNumber: true),
          .init(t("积分 草案", "Points draft"), isNumber: true),
          .init(t("积分 差", "Difference"), isNumber: true),
          .init(t("克 现行", "Grams now"), isNumber: true),
          .init(t("克 草案", "Grams draft"), isNumber: true),
          .init(t("成本差（元）", "Cost difference, yuan"), isNumber: true),
        ],
        rows.map { row in
          [
            "\(name(row))", "\(grouped(row.before.reports))", "\(grouped(row.after.reports))",
            "\(grouped(row.before.points))", "\(grouped(row.after.points))",
            "\(grouped(row.after.points - row.before.points))", "\(grouped(row.before.grams))",
            "\(grouped(row.after.grams))",
            row.fenAfter == nil && row.fenBefore == nil
              ? "—" : "\(yuan((row.fenAfter ?? 0) - (row.fenBefore ?? 0)))",
          ]
        }, empty: t("没有数据。", "Nothing.")))
      """
  }

  private static func people(_ report: WhatIfReport, _ t: Tongue) -> HTML {
    let bands = report.bands.enumerated().map { index, band in
      let next =
        index + 1 < report.bands.count ? "–\(grouped(report.bands[index + 1].least - 1))" : "+"
      return ("\(grouped(band.least))\(next)", band)
    }
    func persons(_ list: [WhatIfReport.Person], _ empty: HTML) -> HTML {
      table(
        [
          .init(t("账户号", "Account"), isNumber: true), .init(t("现行", "Now"), isNumber: true),
          .init(t("草案", "Draft"), isNumber: true), .init(t("差", "Difference"), isNumber: true),
        ],
        list.map {
          [
            "\($0.citizen)", "\(grouped($0.before))", "\(grouped($0.after))",
            "\(grouped($0.after - $0.before))",
          ]
        }, empty: empty)
    }
    return """
      <section class="card1"><dl class="facts">
      <dt>\(t("积分增加", "Gain"))</dt><dd class="num">\(grouped(report.gain)) \(t("人", "people")) · \
      +\(grouped(report.gained))</dd>
      <dt>\(t("积分减少", "Lose"))</dt><dd class="num">\(grouped(report.lose)) \(t("人", "people")) · \
      −\(grouped(report.lost))</dd>
      <dt>\(t("不变", "The same"))</dt><dd class="num">\(grouped(report.same)) \
      \(t("人", "people"))</dd></dl>
      \(Chart.pairs(bands.map { ($0.0, Int64($0.1.lose), Int64($0.1.gain)) }, t,
        names: (t("减少的人", "lose"), t("增加的人", "gain"))))</section>
      \(table(
        [
          .init(t("变化幅度（分）", "By how many points")),
          .init(t("增加的人", "People who gain"), isNumber: true),
          .init(t("减少的人", "People who lose"), isNumber: true),
        ], bands.map { ["\($0.0)", "\(grouped($0.1.gain))", "\(grouped($0.1.lose))"] }, empty: ""))
      <h3>\(t("增加最多", "Who gains the most"))</h3>\(persons(report.winners, t("没有人增加。", "Nobody.")))
      <h3>\(t("减少最多", "Who loses the most"))</h3>\(persons(report.losers, t("没有人减少。", "Nobody.")))
      """
  }
}

/// The result as one table for spreadsheets.
enum WhatIfTable {
  static func csv(_ report: WhatIfReport, _ t: Tongue) -> String {
    var lines = [
      "table,code,name,reports_before,reports_after,points_before,points_after,grams_before,"
        + "grams_after,fen_before,fen_after"
    ]
    let tables = [
      ("total", [report.total]), ("month", report.months), ("scene", report.scenes),
      ("family", report.families), ("partner", report.partners),
    ]
    for (name, rows) in tables {
      for row in rows {
        lines.append(
          [
            name, row.code, quoted(t.plain(row.chinese, row.english)), "\(row.before.reports)",
            "\(row.after.reports)", "\(row.before.points)", "\(row.after.points)",
            "\(row.before.grams)", "\(row.after.grams)", row.fenBefore.map { "\($0)" } ?? "",
            row.fenAfter.map { "\($0)" } ?? "",
          ].joined(separator: ","))
      }
    }
    for band in report.bands {
      lines.append("people,\(band.least)+,,,,\(band.lose),\(band.gain),,,,")
    }
    // Spreadsheets take a file for UTF-8 by this mark only.
    return "\u{FEFF}" + lines.joined(separator: "\r\n") + "\r\n"
  }

  private static func quoted(_ text: String) -> String {
    // A name that begins like a formula must not become one.
    let plain = ["=", "+", "-", "@"].contains { text.hasPrefix($0) } ? "'" + text : text
    return plain.contains { "\",\r\n".contains($0) }
      ? "\"" + plain.replacing("\"", with: "\"\"") + "\"" : plain
  }
}

extension Chart {
  /// Two bars a row: before, and after.
  static func pairs(
    _ rows: [(label: String, before: Int64, after: Int64)], _ t: Tongue,
    names: (HTML, HTML)? = nil
  ) -> HTML {
    let names = names ?? (t("现行", "now"), t("草案", "draft"))
    let most = max(1, rows.flatMap { [$0.before, $0.after] }.max() ?? 1)
    func width(_ value: Int64) -> Int {
      value > 0 ? max(4, Int(Double(value) / Double(most) * 1000)) : 0
    }
    return """
      <p class="soft small"><svg width="12" height="12" aria-hidden="true"><path \
      fill="#9aa8a1" d="M0 0h12v12H0z"/></svg> \(names.0) &nbsp; <svg width="12" height="12" \
      aria-hidden="true"><path fill="#2b966c" d="M0 0h12v12H0z"/></svg> \(names.1)</p>
      <ul class="bars">\(
        each: rows, { row in
          """
          <li><span>\(row.label)</span><span class="soft">\(grouped(row.before)) → \
          \(grouped(row.after))</span>\
          <svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">\
          <path fill="#9aa8a1" d="M0 0h\(width(row.before))v5H0z"/>\
          <path fill="#2b966c" d="M0 5h\(width(row.after))v5H0z"/></svg></li>
          """
        })</ul>
      """
  }

  /// Amounts over one another, each part of the last one, the smallest first.
  static func gauge(_ parts: [(value: Int64, colour: String)]) -> HTML {
    let whole = max(1, parts.map(\.value).max() ?? 1)
    return """
      <p><svg viewBox="0 0 1000 24" preserveAspectRatio="none" width="100%" height="24" \
      aria-hidden="true">\(
        each: parts.reversed(), { part in
          let width = Int(Double(min(part.value, whole)) / Double(whole) * 1000)
          return "<path fill=\"\(part.colour)\" d=\"M0 0h\(width)v24H0z\"/>"
        })</svg></p>
      """
  }
}
