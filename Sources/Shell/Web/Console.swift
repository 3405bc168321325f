// SPDX-License-Identifier: Apache-2.0

/// The frame of the staff console: a menu at the side, the mechanism on top, crumbs above the
/// title.
package struct Console: Sendable {
  package enum Place: String, Sendable {
    case dashboard, batches, quarantine, waiting, packs, policy, journal, partners, organisations
    case staff, log, mall, recognition, cases, letters
  }

  private struct Item {
    var place: Place
    var link: Link
    var label: HTML
    var who: Roles
  }

  private static func menu(_ visit: Visit) -> [(head: HTML, items: [Item])] {
    let t = visit.t
    let code = visit.mechanism?.code ?? ""
    return [
      (
        t("行为数据", "Behaviour"),
        [
          Item(
            place: .dashboard, link: "/console/\(code)", label: t("工作台", "Dashboard"), who: .staff),
          Item(
            place: .batches, link: "/console/\(code)/batches", label: t("上报批次", "Batches"),
            who: .staff),
          Item(
            place: .quarantine, link: "/console/\(code)/quarantine",
            label: t("待审核数据", "Quarantine"), who: .staff),
          Item(
            place: .waiting, link: "/console/\(code)/waiting", label: t("待入账", "Waiting"),
            who: .staff),
        ]
      ),
      (
        t("规则与账本", "Rules and books"),
        [
          Item(
            place: .packs, link: "/console/\(code)/packs", label: t("政策包与规则", "Packs and rules"),
            who: .staff),
          Item(
            place: .policy, link: "/console/\(code)/policy", label: t("积分政策", "Points policy"),
            who: .staff),
          Item(
            place: .journal, link: "/console/\(code)/journal", label: t("账本与核验", "Journal"),
            who: .staff),
        ]
      ),
      (
        t("激励", "Rewards"),
        [
          Item(
            place: .mall, link: "/console/\(code)/mall", label: t("普惠商城", "Mall"), who: .staff),
          Item(
            place: .recognition, link: "/console/\(code)/recognition",
            label: t("积分互认", "Other programmes"), who: .staff),
        ]
      ),
      (
        t("权益保障", "Care"),
        careItems(code, t)
      ),
      (
        t("接入与系统", "Partners and system"),
        [
          Item(
            place: .partners, link: "/console/\(code)/partners",
            label: t("接入平台与密钥", "Partners and keys"), who: .staff),
          Item(
            place: .organisations, link: "/console/\(code)/organisations",
            label: t("组织与申请", "Organisations"), who: .staff),
          Item(
            place: .staff, link: "/console/staff", label: t("人员与角色", "Staff and roles"),
            who: .administrator),
          Item(
            place: .log, link: "/console/log", label: t("操作日志", "Operations log"),
            who: [.administrator, .auditor, .regulator]),
        ]
      ),
    ]
  }

  private static func careItems(_ code: String, _ t: Tongue) -> [Item] {
    [
      Item(
        place: .cases, link: "/console/\(code)/cases", label: t("个案与处理", "Cases"), who: .staff),
      Item(
        place: .letters, link: "/console/\(code)/letters",
        label: t("缺失申诉与来信", "Claims and letters"), who: .staff),
    ]
  }

  package static func page(
    _ visit: Visit, title: HTML, place: Place, all mechanisms: [MechanismBadge],
    crumbs: [(HTML, Link)] = [], _ body: HTML
  ) -> HTML {
    let t = visit.t
    let roles = visit.staff?.roles ?? []
    return Layout.document(
      visit, title: title, bodyClass: "staff",
      """
      <a class="skip" href="#main">\(t("跳到正文", "Skip to content"))</a>
      <div class="console"><aside class="side">
      <a class="brand" href="/console">\(Drawing.mark)<span>\(t("碳普惠 · 工作台", "Tanpuhui"))\
      </span></a>
      <input type="checkbox" id="menu"><label class="menu" for="menu">\(t("菜单", "Menu"))</label>
      <nav aria-label="\(t("菜单", "Menu"))">\(
        each: menu(visit), { group in
          let items = group.items.filter { !$0.who.isDisjoint(with: roles) }
          guard !items.isEmpty else { return "" }
          return """
          <h4>\(group.head)</h4>\
          \(each: items, { item in """
              <a class=\"m\(when: item.place == place, " on")\" href=\"\(item.link)\"\
              \(when: item.place == place, " aria-current=\"page\"")>\(item.label)</a>
              """ })
          """
        })</nav></aside>
      <div class="desk"><div class="bar"><div class="where">\(
        each: mechanisms, { badge in
          """
          <a href=\"/console/\(Link("\(badge.code)"))\"\
          \(when: badge.code == visit.mechanism?.code, " class=\"on\"")>\(badge.name)</a>
          """
        })</div>
      \(Layout.switches(visit))
      <span class="nowrap">\(visit.staff?.name ?? "")</span>
      <form method="post" action="/console/logout">\(visit.formField)<button class="link-btn">\
      \(t("退出", "Log out"))</button></form>
      </div><main id="main" class="main">\(Layout.demo(visit))
      \(when: place != .dashboard, """
        <nav class="crumb" aria-label="\(t("位置", "Position"))"><a href="/console">\
        \(t("工作台", "Console"))</a>\(
          each: crumbs, { crumb in " / <a href=\"\(crumb.1)\">\(crumb.0)</a>" }) / \(title)</nav>
        """)
      <h1>\(title)</h1>
      \(body)</main></div></div>
      """)
  }

  /// A table by custom: numbers to the right, an 操作 column last; on phones each row folds into
  /// lines.
  package static func table(_ columns: [Column], _ rows: [[HTML]], empty: HTML) -> HTML {
    guard !rows.isEmpty else {
      return "<div class=\"scroll\"><div class=\"empty\">\(empty)</div></div>"
    }
    // Without a mouse one must still scroll: where nothing in it takes the focus, the frame does.
    let takesFocus = rows.joined().contains {
      $0.text.contains("<a ") || $0.text.contains("<button")
    }
    return """
      <div class="scroll"\(when: !takesFocus, " tabindex=\"0\"")>\
      <table class="table1 fold"><thead><tr>\(
        each: columns, { "<th\(when: $0.isNumber, " class=\"n\"")>\($0.label)</th>" }
      )</tr></thead><tbody>\(
        each: rows, { row in
          """
          <tr>\(each: zip(columns, row), { column, cell in """
            <td data-l="\(column.label)"\(when: column.isNumber, " class=\"n\"")>\(cell)</td>
            """ })</tr>
          """
        })</tbody></table></div>
      """
  }

  package struct Column: Sendable {
    var label: HTML
    var isNumber: Bool
    package init(_ label: HTML, isNumber: Bool = false) {
      self.label = label
      self.isNumber = isNumber
    }
  }
}
