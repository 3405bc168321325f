// SPDX-License-Identifier: Apache-2.0
import Archive
import Behaviour
import Units

extension Console {
  /// 上报批次: what partners sent, newest first.
  package static func batches(
    _ visit: Visit, all: [MechanismBadge], code: String, _ list: Listed<BatchLine>,
    partners: [(code: String, name: String)], chosen: String
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return page(
      visit, title: t("上报批次", "Batches"), place: .batches, all: all,
      """
      \(batchTabs(m, t, unread: false))
      <form class="query" method="get" action="/console/\(m)/batches"><div><label \
      class="form-label" for="partner">\(t("平台", "Partner"))</label>
      <select class="form-select" id="partner" name="partner"><option value="">\
      \(t("全部", "All"))</option>\(each: partners, { code, name in """
        <option value="\(code)"\(when: code == chosen, " selected")>\(name)</option>
        """ })</select></div>
      <button class="btn btn-primary">\(t("查询", "Search"))</button><a class="btn btn-light" \
      href="/console/\(m)/batches">\(t("重置", "Reset"))</a></form>
      \(Layout.exports(visit))
      \(batchTable(visit, m, list.rows))
      \(pager(
        visit, list, "/console/\(m)/batches",
        keeping: chosen.isEmpty ? "" : "&partner=\(chosen)"))
      """)
  }

  private static func batchTabs(_ m: Link, _ t: Tongue, unread: Bool) -> HTML {
    """
    <nav class="tabs1"><a href="/console/\(m)/batches"\(when: !unread, " class=\"on\"")>\
    \(t("批次", "Batches"))</a><a href="/console/\(m)/unread"\(when: unread, " class=\"on\"")>\
    \(t("无法读取的数据", "What could not be read"))</a></nav>
    """
  }

  /// 无法读取的数据: what partners must mend and send again.
  static func unread(
    _ visit: Visit, all: [MechanismBadge], code: String, _ list: Listed<UnreadLine>
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return page(
      visit, title: t("无法读取的数据", "What could not be read"), place: .batches, all: all,
      crumbs: [(t("上报批次", "Batches"), "/console/\(m)/batches")],
      """
      \(batchTabs(m, t, unread: true))
      <p class="soft">\(t("""
        这些行没有写入账本，也不影响同批的其他行；回执已逐条告知平台，改正后可用同一编号重新上报。
        """, """
        These rows are not on the books and harmed no other row; the partner was told of each, and \
        may send it again, mended, under the same id.
        """))</p>
      \(Layout.exports(visit))
      \(table(
        [
          .init(t("收到时间", "Received")), .init(t("平台", "Partner")),
          .init(t("行", "Row"), isNumber: true), .init(t("字段", "Field")),
          .init(t("原因", "Reason")), .init(t("批次", "Batch"), isNumber: true),
        ],
        list.rows.map { line in
          let batch = line.row.batch
          return [
            visit.time(line.row.time), "\(line.partner)", "\(grouped(line.row.place + 1))",
            field(line.row), "\(RuleText.reason(line.row.reason, t))",
            batch.isNone
              ? "—"
              : """
              <a href="/console/\(m)/batches/\(Link("\(batch.raw)"))">\(grouped(batch.raw))</a>
              """,
          ]
        }, empty: t("没有无法读取的数据。", "Everything could be read.")))
      \(pager(visit, list, "/console/\(m)/unread"))
      """)
  }

  private static func field(_ row: UnreadRow) -> HTML {
    ReportField.name(row.field).map { "<code>\($0)</code>" } ?? "—"
  }

  static func batchTable(_ visit: Visit, _ m: Link, _ rows: [BatchLine]) -> HTML {
    let t = visit.t
    return table(
      [
        .init(t("写入时间", "Written")), .init(t("平台", "Partner")),
        .init(t("收到", "Received"), isNumber: true), .init(t("入账", "Credited"), isNumber: true),
        .init(t("重复", "Duplicate"), isNumber: true), .init(t("待入账", "Waiting"), isNumber: true),
        .init(t("待审核", "Held"), isNumber: true), .init(t("未通过", "Refused"), isNumber: true),
        .init(t("减排量 (g)", "Grams"), isNumber: true), .init(t("积分", "Points"), isNumber: true),
        .init(t("帧", "Frame"), isNumber: true), .init(t("操作", "Action")),
      ],
      rows.map { row in
        let sum = row.summary
        return [
          visit.time(row.time), "\(row.partner)", "\(grouped(sum.received))",
          "\(grouped(sum.accepted))", "\(grouped(sum.duplicates))", "\(grouped(sum.waiting))",
          "\(grouped(sum.quarantined))", "\(grouped(sum.refused))", "\(grouped(sum.grams.count))",
          "\(grouped(sum.points.count))", "\(grouped(row.sequence))",
          """
          <a class="nowrap" href="/console/\(m)/batches/\(Link("\(row.number)"))">\
          \(t("逐条结果", "Rows"))</a>
          """,
        ]
      },
      empty: """
        <p>\(t("还没有批次。先添加接入平台并发放密钥，平台即可上报。",
          "No batch yet. Add a partner and give it a key; then it can report."))</p>
        <a class="btn btn-primary btn-sm" href="/console/\(m)/partners">\
        \(t("接入平台与密钥", "Partners and keys"))</a>
        """)
  }

  /// One batch: what became of its rows; at first those that were not simply credited.
  package static func batch(
    _ visit: Visit, all: [MechanismBadge], code: String, _ model: BatchModel
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let here: Link = "/console/\(m)/batches/\(Link("\(model.line.number)"))"
    let sum = model.line.summary
    return page(
      visit, title: t("批次", "Batch") + " \(model.line.number)", place: .batches, all: all,
      crumbs: [(t("上报批次", "Batches"), "/console/\(m)/batches")],
      """
      <section class="card1"><dl class="facts"><dt>\(t("平台", "Partner"))</dt><dd>\
      \(model.line.partner)</dd>
      <dt>\(t("写入账本", "Written"))</dt><dd>\(visit.time(model.line.time)) · \
      \(t("第", "frame")) \(grouped(model.line.sequence)) \(t("帧", ""))</dd>
      <dt>\(t("回执", "Answered"))</dt><dd class="num">\(answered(sum, t))</dd>
      <dt>\(t("入账合计", "Credited"))</dt><dd class="num">\(grouped(sum.grams.count)) g · \
      \(grouped(sum.points.count)) \(t("分", "points"))</dd></dl></section>
      <nav class="tabs1">\(
        each: tabs(model, t), { choice, label, count in
          """
          <a href="\(here)?show=\(Link("\(choice.text)"))"\
          \(when: choice == model.choice, " class=\"on\"")>\(label) \(grouped(count))</a>
          """
        })</nav>
      \(Layout.exports(visit))
      \(rows(visit, m, model))
      \(when: !model.unwritten.isEmpty && model.choice == .notSimple, unwritten(model, t))
      \(morePages(here, model, t))
      """)
  }

  private static func answered(_ sum: BatchSummary, _ t: Tongue) -> String {
    [
      (t.plain("收到", "received"), sum.received), (t.plain("入账", "credited"), sum.accepted),
      (t.plain("重复", "duplicate"), sum.duplicates), (t.plain("待入账", "waiting"), sum.waiting),
      (t.plain("待审核", "held"), sum.quarantined), (t.plain("未通过", "refused"), sum.refused),
    ].map { "\($0.0) \(grouped($0.1))" }.joined(separator: " · ")
  }

  private static func tabs(
    _ model: BatchModel, _ t: Tongue
  ) -> [(BatchModel.Choice, HTML, Int)] {
    [
      (.notSimple, t("需关注", "Not simply credited"), model.notSimple),
      (.all, t("全部已写入", "All that was written"), model.line.written),
    ]
      + model.counts.map { (.only($0.outcome), label($0.outcome, t), $0.count) }
  }

  static func label(_ outcome: Outcome, _ t: Tongue) -> HTML {
    switch outcome {
    case .accepted: t("已入账", "Credited")
    case .waiting: t("待入账", "Waiting")
    case .quarantined: t("待审核", "Under review")
    case .refused: t("未通过", "Refused")
    case .rejected: t("审核未通过", "Rejected")
    case .duplicate: t("重复", "Duplicate")
    }
  }

  private static func rows(_ visit: Visit, _ m: Link, _ model: BatchModel) -> HTML {
    let t = visit.t
    return table(
      [
        .init(t("行", "Row"), isNumber: true), .init(t("场景", "Scene")),
        .init(t("行为时间", "Ended")), .init(t("测量值", "Measured")), .init(t("结果", "Outcome")),
        .init(t("原因与字段", "Reason and field")),
        .init(t("减排量 (g)", "Grams"), isNumber: true), .init(t("积分", "Points"), isNumber: true),
        .init(t("事实", "Fact"), isNumber: true), .init(t("操作", "Action")),
      ],
      model.rows.map { row in
        let entry = row.entry
        let link: HTML =
          row.isHeld
          ? """
          <a class="nowrap" href="/console/\(m)/quarantine/\(Link("\(entry.number.raw)"))">\
          \(t("审核", "Review"))</a>
          """
          : row.decision.map { decision($0, t) } ?? "—"
        return [
          "\(grouped(row.place + 1))", "\(entry.scene.map { t($0.name) } ?? "?")",
          visit.time(Instant(milliseconds: entry.record.report.ended)), measured(entry, t),
          """
          \(RuleText.outcome(entry.record.outcome, t)) \
          \(some: entry.recall, { Layout.recallTag($0, t) })
          """, why(entry, t),
          "\(grouped(entry.record.grams))", "\(grouped(entry.record.points))",
          """
          <a href="/\(m)/proof/\(Link("\(entry.number.raw)"))">\(grouped(entry.number.raw))</a>
          """, link,
        ]
      },
      empty: model.choice == .notSimple
        ? t("每一行都已正常入账。", "Every row was credited, with nothing to say.")
        : t("没有这样的行。", "No such row."))
  }

  static func measured(_ entry: Entry, _ t: Tongue) -> HTML {
    "\(entry.values.map { $0.value.text(of: $0.field, t) }.joined(separator: " · "))"
  }

  /// The reason, the field it is about and what is asked of it.
  static func why(_ entry: Entry, _ t: Tongue) -> HTML {
    guard entry.record.reason != .none else { return "—" }
    guard let scene = entry.scene, let (limit, field) = entry.brokenLimit else {
      return "\(RuleText.reason(entry.record.reason, t))"
    }
    return """
      \(RuleText.reason(entry.record.reason, t))<div class="soft small"><code>\(field.name)</code> \
      \(t("要求：", "asked: "))\(RuleText.limit(limit, scene, t))</div>
      """
  }

  static func decision(_ line: DecisionLine, _ t: Tongue) -> HTML {
    line.decision == "release"
      ? "<span class=\"tag\">\(t("已放行", "Released"))</span>"
      : line.decision == "reject"
        ? "<span class=\"tag bad\">\(t("已驳回", "Rejected"))</span>"
        : "<span class=\"tag off\">\(t("已重新裁定", "Decided again"))</span>"
  }

  private static func unwritten(_ model: BatchModel, _ t: Tongue) -> HTML {
    let shown = model.unwritten.prefix(40).map {
      $0.count == 1
        ? grouped($0.lowerBound + 1) : "\(grouped($0.lowerBound + 1))–\(grouped($0.upperBound + 1))"
    }.joined(separator: t.plain("、", ", "))
    let count = model.unwritten.reduce(0) { $0 + $1.count }
    return """
      <div class="note1 dev"><p><b>\(t("未写入账本的行：", "Rows that left no trace: "))\
      \(grouped(count))</b> \
      (\(shown)\(when: model.unwritten.count > 40, "…"))</p>
      <p class="small">\(t("""
        重复上报，或内容无法读取的行不写入账本：重复的已在首次上报时记录；其余的如下表，\
        平台改正后可用同一编号重新上报。
        """, """
        Duplicates, and events that can't be read, are not written: a duplicate stands where it \
        was first reported; the others are below, and the partner may send them again, mended, \
        under the same id.
        """))</p></div>
      \(when: !model.unread.isEmpty, table(
        [
          .init(t("行", "Row"), isNumber: true), .init(t("字段", "Field")),
          .init(t("原因", "Reason")),
        ],
        model.unread.map {
          ["\(grouped($0.place + 1))", field($0), "\(RuleText.reason($0.reason, t))"]
        }, empty: ""))
      """
  }

  private static func morePages(_ here: Link, _ model: BatchModel, _ t: Tongue) -> HTML {
    let show: Link = "\(model.choice.text)"
    return """
      <p class="pager"><span>\(when: !model.isFirst, """
        <a href="\(here)?show=\(show)">← \(t("从头看", "From the start"))</a>
        """)</span>\(some: model.next, { """
        <a href="\(here)?show=\(show)&from=\(Link("\($0)"))">\(t("下一页", "Next")) →</a>
        """ })</p>
      """
  }
}
