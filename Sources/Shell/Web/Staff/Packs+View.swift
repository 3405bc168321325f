// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Policy
import Units

extension Console {
  /// 政策包与规则: what was adopted when, and the rules now in force.
  package static func packs(
    _ visit: Visit, all: [MechanismBadge], code: String, adoptions: [AdoptionRow], pack: Pack?
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return page(
      visit, title: t("政策包与规则", "Packs and rules"), place: .packs, all: all,
      """
      <h2>\(t("采纳记录", "Adopted versions"))</h2>
      \(Layout.exports(visit))
      \(table(
        [
          .init(t("序号", "No."), isNumber: true), .init(t("版本", "Version")),
          .init(t("采纳时间", "Adopted")), .init(t("事实编号", "Fact"), isNumber: true),
          .init(t("文件数", "Files"), isNumber: true), .init(t("状态", "State")),
          .init(t("操作", "Action")),
        ],
        adoptions.reversed().map { row in
          [
            "\(row.number)", "\(row.version)", visit.time(row.time),
            "<a href=\"/\(m)/proof/\(Link("\(row.fact.raw)"))\">\(grouped(row.fact.raw))</a>",
            "\(row.files)",
            row.number == adoptions.count
              ? "<span class=\"tag\">\(t("现行", "In force"))</span>"
              : "<span class=\"tag off\">\(t("历史", "Past"))</span>",
            """
          <a href=\"/console/\(m)/packs/\(Link("\(row.number)"))\">\
          \(row.number == 1 ? t("查看文件", "Files") : t("与上一版比较", "Compare"))</a>
          """,
          ]
        },
        empty: t("还没有采纳政策包：用 tanpuhui init 采纳。",
        "No pack has been adopted: do so with `tanpuhui init`.")))
      \(some: pack, { rulesTable(visit, m, $0) })
      """)
  }

  private static func rulesTable(_ visit: Visit, _ m: Link, _ pack: Pack) -> HTML {
    let t = visit.t
    var rows: [[HTML]] = []
    for scene in pack.behaviour.scenes where !scene.closed {
      for rule in scene.rules {
        rows.append([
          "<a href=\"/\(m)/scenes/\(Link("\(scene.code)"))\">\(t(scene.name))</a>",
          "<code>\(rule.code)</code>", "\(RuleText.dates(rule, t))", RuleText.reduction(rule, t),
          "\(RuleText.points(rule, scene, t))",
          "\(each: rule.caps, { "<div>\(RuleText.cap($0, t))</div>" })",
          Tags.source(rule.points.source, t),
        ])
      }
    }
    return """
      <h2>\(t("现行规则", "Rules in force"))</h2>
      \(table(
        [
          .init(t("场景", "Scene")), .init(t("规则", "Rule")), .init(t("有效期", "Dates")),
          .init(t("减排量", "Reduction")), .init(t("积分", "Points")), .init(t("上限", "Caps")),
          .init(t("积分出处", "Source")),
        ], rows, empty: t("没有规则。", "No rules.")))
      """
  }

  /// One adopted version: what it changes for people, and by file, line by line.
  package static func packVersion(
    _ visit: Visit, all: [MechanismBadge], code: String, _ row: AdoptionRow,
    against: AdoptionRow?, versions: [AdoptionRow], changes: [PackChange],
    files: [(path: String, lines: [DiffLine])]
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return page(
      visit, title: t("政策包", "Pack") + " \(row.version)", place: .packs, all: all,
      crumbs: [(t("政策包与规则", "Packs and rules"), "/console/\(m)/packs")],
      """
      <p class="soft">\(t("采纳时间", "Adopted")) \(visit.time(row.time)) · \(t("事实", "fact")) <a \
      href="/\(m)/proof/\(Link("\(row.fact.raw)"))">\(grouped(row.fact.raw))</a></p>
      \(when: versions.count > 1, chooser(m, row, against, versions, t))
      \(some: against, { changeTable(changes, to: row.version, from: $0.version, t) })
      <h2>\(t("规则文件", "The pack's files"))</h2>
      \(each: files, { file in fileCard(file.path, file.lines, isCompared: against != nil, t) })
      """)
  }

  private static func chooser(
    _ m: Link, _ row: AdoptionRow, _ against: AdoptionRow?, _ versions: [AdoptionRow], _ t: Tongue
  ) -> HTML {
    """
    <form class="query" method="get" action="/console/\(m)/packs/\(Link("\(row.number)"))"><div>\
    <label class="form-label" for="against">\(t("与哪一版比较", "Compare with"))</label>
    <select class="form-select" id="against" name="against">\(
      each: versions.filter { $0.number != row.number }, { other in
        """
        <option value="\(other.number)"\(when: other.number == against?.number, " selected")>\
        \(other.number) · \(other.version)</option>
        """
      })</select></div><button class="btn btn-primary">\(t("比较", "Compare"))</button></form>
    """
  }

  static func changeTable(
    _ changes: [PackChange], to version: String, from against: String, _ t: Tongue
  ) -> HTML {
    """
    <h2>\(t("规则变化", "What changes"))</h2>
    \(table(
      [
        .init(t("对象", "Subject")), .init(t("项目", "What")),
        .init(HTML(against) + t("（旧）", " (before)")),
        .init(HTML(version) + t("（新）", " (after)")),
      ],
      changes.map { change in
        [
          "\(change.subject)", "\(change.what)",
          change.before.isEmpty ? "—" : "<del>\(change.before)</del>",
          change.after.isEmpty
            ? "<span class=\"tag off\">\(t("删除", "gone"))</span>" : "<b>\(change.after)</b>",
        ]
      }, empty: t("计分规则没有变化，只有文字不同。", "No rule changes; only texts differ.")))
    """
  }

  static func fileCard(
    _ path: String, _ lines: [DiffLine], isCompared: Bool, _ t: Tongue
  ) -> HTML {
    let changed = lines.count { $0.kind == .added || $0.kind == .removed }
    let note: HTML =
      !isCompared
      ? "\(grouped(lines.count)) \(t("行", "lines"))"
      : changed == 0
        ? t("没有变化", "unchanged") : "\(t("变更", "changed")) \(changed) \(t("行", "lines"))"
    return """
      <section class="card1"><details\(when: changed > 0, " open")><summary><b class="mono">\(path)\
      </b> <span class="soft">\(note)</span></summary><pre class="diff" tabindex="0">\
      \(each: lines, { "<span class=\"\(mark($0.kind))\">\(sign($0.kind))\($0.text)</span>" })\
      </pre>\
      </details></section>
      """
  }

  private static func mark(_ kind: DiffLine.Kind) -> HTML {
    switch kind {
    case .same: "same"
    case .added: "add"
    case .removed: "del"
    case .gap: "gap"
    }
  }
  private static func sign(_ kind: DiffLine.Kind) -> HTML {
    switch kind {
    case .same, .gap: "  "
    case .added: "+ "
    case .removed: "- "
    }
  }
}

/// A line of a comparison of two texts.
package struct DiffLine: Hashable, Sendable {
  package enum Kind: Sendable { case same, added, removed, gap }
  package var kind: Kind
  package var text: String

  /// Line by line, with three lines around each change; the whole text where `old` is nil.
  package static func compare(_ old: String?, _ new: String) -> [DiffLine] {
    let after = new.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let old else { return after.map { DiffLine(kind: .same, text: $0) } }
    let before = old.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let change = after.difference(from: before)
    guard !change.isEmpty else { return [] }
    var removed = Set<Int>()
    var inserted = Set<Int>()
    for step in change {
      switch step {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var lines: [DiffLine] = []
    var (a, b) = (0, 0)
    while a < before.count || b < after.count {
      if removed.contains(a) {
        lines.append(DiffLine(kind: .removed, text: before[a]))
        a += 1
      } else if inserted.contains(b) {
        lines.append(DiffLine(kind: .added, text: after[b]))
        b += 1
      } else {
        lines.append(DiffLine(kind: .same, text: after[b]))
        a += 1
        b += 1
      }
    }
    return folded(lines)
  }

  private static func folded(_ lines: [DiffLine]) -> [DiffLine] {
    var near = [Bool](repeating: false, count: lines.count)
    for (index, line) in lines.enumerated() where line.kind != .same {
      for place in max(0, index - 3)...min(lines.count - 1, index + 3) { near[place] = true }
    }
    var result: [DiffLine] = []
    for (index, line) in lines.enumerated() {
      if near[index] {
        result.append(line)
      } else if result.last?.kind != .gap {
        result.append(DiffLine(kind: .gap, text: "…"))
      }
    }
    return result
  }
}
