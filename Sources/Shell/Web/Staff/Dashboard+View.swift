// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Units

/// 工作台: what waits for somebody, and how the mechanism stands.
package struct DashboardModel: Sendable {
  package var code: String
  package var totals: Totals
  package var queue: Int
  package var days: [DayTotal]
  package var batches: [BatchLine]
  package var care = CareCounts()
  package init(
    code: String, totals: Totals, queue: Int = 0, days: [DayTotal] = [], batches: [BatchLine] = []
  ) {
    self.code = code
    self.totals = totals
    self.queue = queue
    self.days = days
    self.batches = batches
  }
}

extension Console {
  package static func dashboard(
    _ visit: Visit, all: [MechanismBadge], _ model: DashboardModel
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(model.code)"
    let mass = Mass(model.totals.grams)
    return page(
      visit, title: t("工作台", "Dashboard"), place: .dashboard, all: all,
      """
      <h2>\(t("待办", "To do"))</h2>
      <div class="stats">
      <a class="stat\(when: model.totals.quarantined > 0, " hot")" href="/console/\(m)\
      /quarantine"><b>\(grouped(model.totals.quarantined))</b><span>\(t("待审核数据", "In quarantine"))\
      </span></a>
      <a class="stat" href="/console/\(m)/waiting"><b>\(grouped(model.totals.waiting))</b><span>\
      \(t("待入账（未绑定）", "Waiting for a link"))</span></a>
      <div class="stat"><b>\(grouped(model.queue))</b><span>\(t("写入队列", "Desk queue"))</span>\
      </div>\(careStats(model.care, m, t))</div>
      <h2>\(t("运行概况", "Figures"))</h2>
      <div class="stats">
      <div class="stat"><b>\(mass.value) <small class="small soft">\(mass.unit)</small></b><span>\
      \(t("累计减排量 CO₂e", "Reduction, CO₂e"))</span></div>
      <div class="stat"><b>\(grouped(model.totals.points.count))</b><span>\
      \(t("累计碳积分（分）", "Points issued"))</span></div>
      <div class="stat"><b>\(grouped(model.totals.citizens))</b><span>\(t("碳账户（人）", "Accounts"))\
      </span></div>
      <div class="stat"><b>\(grouped(model.totals.accepted))</b><span>\(t("已入账（次）", "Credited"))\
      </span></div>
      <div class="stat"><b>\(grouped(model.totals.refused))</b><span>\(t("未通过（次）", "Refused"))\
      </span></div>
      <div class="stat"><b>\(grouped(model.totals.facts))</b><span>\(t("账本事实（条）", "Facts"))</span>\
      </div></div>
      \(when: !model.days.isEmpty, """
          <section class=\"card1\"><h2>\(t("每日减排量", "Reduction by day"))</h2>\
          \(Chart.days(model.days))</section>
          """)
      <h2>\(t("最近批次", "Latest batches"))</h2>\(batchTable(visit, m, model.batches))
      """)
  }
}

/// A page of a list, with where the next begins.
package struct Listed<Row: Sendable>: Sendable {
  package var rows: [Row]
  package var next: UInt64?
  package var isFirst: Bool
  package var total: Int?
  package init(rows: [Row], next: UInt64? = nil, isFirst: Bool = true, total: Int? = nil) {
    self.rows = rows
    self.next = next
    self.isFirst = isFirst
    self.total = total
  }
}

extension Console {
  /// Reports that are held back or wait: what there is to know before they are decided.
  static func entryTable(
    _ visit: Visit, _ m: Link, _ entries: [Entry], action: ((Entry) -> HTML)?, empty: HTML
  ) -> HTML {
    let t = visit.t
    return table(
      [
        .init(t("事实编号", "Fact"), isNumber: true), .init(t("场景", "Scene")),
        .init(t("平台", "Partner")), .init(t("行为时间", "Ended")), .init(t("测量值", "Measured")),
        .init(t("原因与字段", "Reason and field")), .init(t("操作", "Action")),
      ],
      entries.map { entry in
        [
          "\(grouped(entry.number.raw))", "\(entry.scene.map { t($0.name) } ?? "?")",
          "\(entry.partner)", visit.time(Instant(milliseconds: entry.record.report.ended)),
          measured(entry, t), why(entry, t),
          action?(entry)
            ?? """
            <a class="nowrap" href="/\(m)/proof/\(Link("\(entry.number.raw)"))">\
            \(t("证明", "Proof"))</a>
            """,
        ]
      }, empty: empty)
  }

  /// `keeping`: what was asked for besides, `&name=value`.
  static func pager<Row>(
    _ visit: Visit, _ list: Listed<Row>, _ base: Link, keeping: Link = ""
  ) -> HTML {
    let t = visit.t
    return """
      <p class="pager"><span>\
      \(some: list.total, { t("共", "") + " \(grouped($0)) " + t("条", "in all") })\
      \(when: !list.isFirst, " <a href=\"\(base)\">← \(t("最新", "Newest"))</a>")</span>\
      \(some: list.next, {
        "<a href=\"\(base)?before=\(Link("\($0)\(keeping)"))\">\(t("下一页", "Next")) →</a>" })</p>
      """
  }
}
