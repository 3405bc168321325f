// SPDX-License-Identifier: Apache-2.0
import Recognition
import Storage
import Units

package struct ProgrammeRow: Sendable {
  package var model: ProgrammeModel
  package var peer: ProgrammePeer?
  package var isSilent: Bool
  package var last: RecognitionDay?
}

extension Console {
  static func programmes(
    _ visit: Visit, all: [MechanismBadge], code: String, _ rows: [ProgrammeRow]
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return page(
      visit, title: t("积分互认", "Other programmes"), place: .recognition, all: all,
      """
      \(table(
        [
          .init(t("项目", "Programme")), .init(t("接口", "Connection")),
          .init(t("兑换比例", "Rates")), .init(t("结算账户余额", "Settlement account"), isNumber: true),
          .init(t("未结", "Unsettled"), isNumber: true), .init(t("最近一日", "Last day")),
          .init(t("操作", "Actions")),
        ],
        rows.map { row in
          let programme = row.model.programme
          return [
            "<b>\(t(programme.name))</b><br><span class=\"src\">\(programme.source)</span>",
            connection(row, t),
            HTML("") + rates(programme, visit),
            "\(grouped(row.model.balance))", "\(row.model.unsettled)",
            row.last.map { "\($0.day.description) \(reportTag($0, t))" } ?? "—",
            """
            <span class="act"><a href="/console/\(m)/recognition/\(Link("\(programme.code)"))">\
            \(t("查看", "Open"))</a></span>
            """,
          ]
        },
        empty: t("现行政策包没有互认项目（programme）。", "The pack in force has no `programme`.")))
      """)
  }

  private static func rates(_ programme: Programme, _ visit: Visit) -> HTML {
    let today = visit.now.day(offset: visit.zone)
    let open = Direction.allCases.compactMap { programme.rate($0, on: today) }
    return """
      \(each: open, { "<div>\(RecognitionText.rate($0, programme, visit.t))</div>" })
      """
  }

  private static func connection(_ row: ProgrammeRow, _ t: Tongue) -> HTML {
    if row.peer == nil {
      return "<span class=\"tag off\">\(t("未接通", "Not connected"))</span>"
    }
    return row.isSilent
      ? "<span class=\"tag bad\">\(t("无应答", "No answer"))</span>"
      : "<span class=\"tag\">\(t("已接通", "Connected"))</span>"
  }

  static func reportTag(_ day: RecognitionDay, _ t: Tongue) -> HTML {
    guard let report = day.report else {
      return "<span class=\"tag wait\">\(t("未对账", "Not compared"))</span>"
    }
    return report.agrees
      ? "<span class=\"tag\">\(t("一致", "Agrees"))</span>"
      : "<span class=\"tag bad\">\(t("差异", "Differences")) \(report.differences.count)</span>"
  }

  static func programme(
    _ visit: Visit, all: [MechanismBadge], code: String, _ row: ProgrammeRow,
    days: [RecognitionDay], unsettled: [(number: UInt32, conversion: Conversion)], key: String?,
    problem: HTML?
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let programme = row.model.programme
    let p: Link = "\(programme.code)"
    return page(
      visit, title: HTML(t(programme.name)), place: .recognition, all: all,
      crumbs: [(t("积分互认", "Other programmes"), "/console/\(m)/recognition")],
      """
      \(some: problem, { "<div class=\"note1 bad\" role=\"alert\"><p>\($0)</p></div>" })
      \(some: key, { """
          <div class="note1"><p>\(t(
            "互认密钥只显示这一次，请交给对方：", "The key, shown this once; give it to them:"))</p>
          <p><code class="key long">\($0)</code></p></div>
          """ })
      <div class="stats">
      <div class="stat"><b>\(grouped(row.model.balance))</b><span>\
      \(t("结算账户余额（分）", "Settlement account, points"))</span></div>
      <div class="stat\(when: row.model.unsettled > 0, " hot")"><b>\(row.model.unsettled)</b><span>\
      \(t("未结兑换", "Unsettled"))</span></div>
      <div class="stat"><b class="small">\(connection(row, t))</b><span>\
      \(row.peer.map { HTML($0.address) } ?? t("接口地址未设置", "no address yet"))</span></div></div>
      <h2>\(t("逐日", "Day by day"))</h2>
      \(table(
        [
          .init(t("日期", "Day")), .init(t("笔数", "Exchanges"), isNumber: true),
          .init(t("转出（本方）", "Out, ours"), isNumber: true),
          .init(t("转入（本方）", "In, ours"), isNumber: true),
          .init(t("进行中", "Under way"), isNumber: true),
          .init(t("已取消", "Cancelled"), isNumber: true), .init(t("对账", "Compared")),
          .init(t("操作", "Actions")),
        ],
        days.map { day in
          [
            HTML(day.day.description), "\(day.sums.count)", "\(grouped(day.sums.oursOut))",
            "\(grouped(day.sums.oursIn))", "\(day.open)", "\(day.cancelled)", reportTag(day, t),
            """
            <span class="act"><a href="/console/\(m)/recognition/\(p)/days/\
            \(Link("\(day.day.description)"))">\(t("对账", "Compare"))</a></span>
            """,
          ]
        }, empty: t("还没有兑换。", "Nothing was exchanged yet.")))
      <h2>\(t("未结", "Unsettled"))</h2>
      \(unsettledTable(visit, unsettled))
      <h2>\(t("规则", "Rules"))</h2>
      <section class="card1"><div>\(rates(programme, visit))</div>
      <p>\(each: programme.allowances, { "\(RecognitionText.limit($0, t))<br>" })</p>
      <p class="src">\(programme.source) · \(t("结算账户", "account")) \
      programme:\(programme.account)</p>
      </section>
      \(when: visit.staff?.roles.contains(.administrator) == true, connectForm(visit, m, p, row))
      """)
  }

  private static func unsettledTable(
    _ visit: Visit, _ rows: [(number: UInt32, conversion: Conversion)]
  ) -> HTML {
    let t = visit.t
    return table(
      [
        .init(t("编号", "Number")), .init(t("方向", "Direction")),
        .init(t("本方", "Ours"), isNumber: true), .init(t("对方", "Theirs"), isNumber: true),
        .init(t("发起", "Begun")), .init(t("状态", "State")),
      ],
      rows.prefix(200).map { number, one in
        let next: HTML =
          one.status != .open
          ? t("待告知对方", "they are to be told")
          : one.lead == .ours ? t("等对方预备", "waits for their promise") : t("等对方决定", "they decide")
        return [
          "<code class=\"long\">\(one.id)</code>",
          HTML(RecognitionText.direction(one.direction, t)), "\(grouped(one.ours))",
          "\(grouped(one.theirs))", visit.time(Instant(milliseconds: one.began)),
          "\(RecognitionText.status(one, t)) <span class=\"soft small\">\(next)</span>",
        ]
      }, empty: t("全部已结。", "Everything is settled."))
  }

  private static func connectForm(
    _ visit: Visit, _ m: Link, _ p: Link, _ row: ProgrammeRow
  ) -> HTML {
    let t = visit.t
    return """
      <h2>\(t("接口", "Connection"))</h2>
      <section class="card1"><form method="post" action="/console/\(m)/recognition/\(p)/connect">\
      \(visit.formField)
      <div class="field"><label class="form-label" for="address">\
      \(t("对方接口地址", "Address of their server"))</label><input class="form-control" \
      id="address" name="address" required maxlength="300" placeholder="https://" \
      value="\(row.peer?.address ?? "")"></div>
      <p class="soft small">\(t(
        "保存会生成新密钥，旧密钥立即失效。", "Saving makes a new key; the old one ends at once."))</p>
      <button class="btn btn-primary">\(t("保存并生成密钥", "Save and make a key"))</button></form>\
      </section>
      """
  }

  static func recognitionDay(
    _ visit: Visit, all: [MechanismBadge], code: String, _ programme: Programme,
    _ day: RecognitionDay, names: [String: String], problem: HTML?
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let p: Link = "\(programme.code)"
    let here: Link = "/console/\(code)/recognition/\(programme.code)/days/\(day.day.description)"
    let mayCompare = visit.staff?.roles.contains(.operators) == true
    return page(
      visit, title: HTML(day.day.description), place: .recognition, all: all,
      crumbs: [
        (t("积分互认", "Other programmes"), "/console/\(m)/recognition"),
        (HTML(t(programme.name)), "/console/\(m)/recognition/\(p)"),
      ],
      """
      \(some: problem, { "<div class=\"note1 bad\" role=\"alert\"><p>\($0)</p></div>" })
      \(some: day.report, { report(visit, $0, names) })
      \(when: day.report == nil, """
          <div class="note1 dev"><p>\(t("这一天还没有对账。", "This day was not compared yet."))</p></div>
          """)
      \(sums(visit, programme, day))
      \(some: day.report, { $0.agrees ? "" : differences(visit, $0) })
      <div class="tools"><a class="btn btn-light" href="\(here)/file.csv">\
      \(t("下载本方日文件", "Download our file"))</a></div>
      \(when: mayCompare, """
          <section class="card1"><h2>\(t("上传对方日文件", "Compare with their file"))</h2>
          <form method="post" action="\(here)" enctype="multipart/form-data">\(visit.formField)
          <div class="field"><label class="form-label" for="file">CSV</label><input \
          class="form-control" type="file" id="file" name="file" accept=".csv,text/csv" required>\
          <span class="form-text">id,giver,taker,give,take,state</span></div>
          <button class="btn btn-primary">\(t("对账", "Compare"))</button></form></section>
          """)
      """)
  }

  private static func report(
    _ visit: Visit, _ report: DayReport, _ names: [String: String]
  ) -> HTML {
    let t = visit.t
    return """
      <div class="note1\(when: !report.agrees, " bad")"><p><b>\(report.agrees
        ? t("双方一致。", "Both sides agree.")
        : t("发现差异：", "Differences found:"))</b>\(when: !report.agrees,
        " \(report.differences.count)") \
      \(when: report.underWay > 0,
        "· \(t("进行中", "under way:")) \(report.underWay)") · \
      \(visit.time(Instant(milliseconds: report.time))) · \
      \(names[report.by] ?? report.by)</p></div>
      """
  }

  private static func sums(
    _ visit: Visit, _ programme: Programme, _ day: RecognitionDay
  ) -> HTML {
    let t = visit.t
    let filed = day.report?.filed
    func row(_ label: HTML, _ ours: Int64, _ theirs: Int64?) -> [HTML] {
      [
        label, "\(grouped(ours))", theirs.map { "\(grouped($0))" } ?? "—",
        theirs.map { $0 == ours ? "0" : "<b class=\"num\">\(grouped($0 - ours))</b>" } ?? "—",
      ]
    }
    let points = t(programme.points)
    return table(
      [
        .init(t("合计（已确认）", "Confirmed")), .init(t("本方账本", "Our books"), isNumber: true),
        .init(t("对方文件", "Their file"), isNumber: true),
        .init(t("差额", "Difference"), isNumber: true),
      ],
      [
        row(t("笔数", "Exchanges"), day.sums.count, filed?.count),
        row(t("转出：碳积分", "Out: carbon points"), day.sums.oursOut, filed?.oursOut),
        row(HTML(t.plain("转出：\(points)", "Out: \(points)")), day.sums.theirsOut, filed?.theirsOut),
        row(t("转入：碳积分", "In: carbon points"), day.sums.oursIn, filed?.oursIn),
        row(HTML(t.plain("转入：\(points)", "In: \(points)")), day.sums.theirsIn, filed?.theirsIn),
      ], empty: "")
  }

  private static func differences(_ visit: Visit, _ report: DayReport) -> HTML {
    let t = visit.t
    func pair(_ ours: Int64, _ theirs: Int64) -> HTML {
      ours == 0 ? "—" : "\(grouped(ours)) / \(grouped(theirs))"
    }
    return """
      <h2>\(t("差异", "Differences"))</h2>
      \(table(
        [
          .init(t("编号", "Number")), .init(t("种类", "Kind")), .init(t("方向", "Direction")),
          .init(t("本方账本（本方/对方）", "Our books, ours / theirs"), isNumber: true),
          .init(t("对方文件（本方/对方）", "Their file, ours / theirs"), isNumber: true),
        ],
        report.differences.prefix(500).map { one in
          [
            "<code class=\"long\">\(one.id)</code>", RecognitionText.difference(one.kind, t),
            HTML(RecognitionText.direction(one.direction, t)), pair(one.ours, one.theirs),
            pair(one.filedOurs, one.filedTheirs),
          ]
        }, empty: ""))
      """
  }
}
