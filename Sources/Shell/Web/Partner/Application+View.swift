// SPDX-License-Identifier: Apache-2.0
import Storage
import Units

extension Layout {
  static func joinFields(
    _ visit: Visit, _ scenes: [(code: String, name: String)], chosen: Set<String> = []
  ) -> HTML {
    let t = visit.t
    let fields: [(String, HTML, Int)] = [
      ("organisation", t("单位名称", "Organisation"), 100), ("contact", t("联系人", "Contact"), 50),
      ("telephone", t("联系电话或邮箱", "Telephone or mail"), 100),
      ("purpose", t("用途和数据来源", "Purpose, and where the data come from"), 500),
    ]
    return """
      \(each: fields, { name, label, most in """
        <div class="field"><label class="form-label" for="\(name)">\(label)</label><input \
        class="form-control" id="\(name)" name="\(name)" maxlength="\(most)" required></div>
        """ })
      \(sceneBoxes(visit, scenes, chosen: chosen))
      """
  }

  static func sceneBoxes(
    _ visit: Visit, _ scenes: [(code: String, name: String)], chosen: Set<String>
  ) -> HTML {
    """
    <fieldset class="field"><legend class="form-label">\(visit.t("场景", "Scenes"))</legend>\
    <div class="cards">\(each: scenes, { scene in """
      <div class="form-check"><input class="form-check-input" type="checkbox" name="scene" \
      id="s-\(scene.code)" value="\(scene.code)"\(when: chosen.contains(scene.code), " checked")>\
      <label class="form-check-label" for="s-\(scene.code)">\(scene.name)</label></div>
      """ })</div></fieldset>
    """
  }

  static func join(
    _ visit: Visit, code: String, scenes: [(code: String, name: String)], problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return city(
      visit, title: t("申请接入", "Become a partner"), place: .scenes, width: .slim,
      """
      <h1>\(t("申请接入", "Become a partner"))</h1>\(alert(problem))
      <p class="soft">\(t("提交后由运营方审核。联系人信息加密保存，只用于这份申请；未通过的申请即时删除。", """
        The operator reviews it. Who to ring up is stored encrypted and used for this only; an \
        application that is declined is deleted at once.
        """))</p>
      <form method="post" action="/\(m)/join">\(visit.formField)\(joinFields(visit, scenes))
      <button class="btn btn-primary">\(t("提交申请", "Send it"))</button></form>
      <p><a href="/\(m)/dictionary">\(t("数据字典", "Field dictionary")) →</a></p>
      """)
  }

  static func joined(_ visit: Visit, code: String, _ number: Int64) -> HTML {
    let t = visit.t
    return city(
      visit, title: t("申请已提交", "It was sent"), place: .scenes, width: .slim,
      """
      <h1>\(t("申请已提交", "It was sent"))</h1><p>\(t("申请号", "Its number is")) \(number)\
      \(t("。运营方审核后会与您联系。", ". The operator will ring you up when it was reviewed."))</p>
      <p><a href="/\(Link("\(code)"))/dictionary">\
      \(t("先看数据字典", "Meanwhile, the field dictionary")) →</a></p>
      """)
  }
}

extension Console {
  private static func state(_ application: PartnerApplication, _ t: Tongue) -> HTML {
    switch application.state {
    case .filed: "<span class=\"tag wait\">\(t("待审核", "To review"))</span>"
    case .approved: "<span class=\"tag\">\(t("已通过", "Approved"))</span>"
    case .declined: "<span class=\"tag off\">\(t("未通过", "Declined"))</span>"
    }
  }

  static func applications(
    _ visit: Visit, all: [MechanismBadge], code: String, _ rows: [PartnerApplication],
    scenes: [(code: String, name: String)], problem: HTML?
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let mayFile = !(visit.staff?.roles.isDisjoint(with: [.administrator, .operators]) ?? true)
    return page(
      visit, title: t("接入申请", "Applications"), place: .partners, all: all,
      crumbs: [(t("接入平台与密钥", "Partners and keys"), "/console/\(m)/partners")],
      """
      \(Layout.alert(problem))
      \(Layout.exports(visit))
      \(table(
        [
          .init(t("申请号", "Number"), isNumber: true), .init(t("单位", "Organisation")),
          .init(t("提交时间", "Filed")), .init(t("场景", "Scenes"), isNumber: true),
          .init(t("状态", "State")), .init(t("操作", "Action")),
        ],
        rows.map { row in
          [
            "\(row.id)", row.state == .declined ? "—" : "\(row.organisation)",
            visit.time(row.created), "\(row.scenes.count)", state(row, t),
            """
            <a href="/console/\(m)/partner-applications/\(Link("\(row.id)"))">\
            \(t("查看", "Show"))</a>
            """,
          ]
        }, empty: t("还没有接入申请。公开的申请页可以发给平台。", "None yet. Send partners the public form.")))
      <p><a href="/\(m)/join">\(t("公开的申请页", "The public form")) →</a></p>
      \(when: mayFile, """
        <section class="card1"><h2>\(t("代为登记", "File one for somebody"))</h2>
        <p class="soft small">\(t("登记后须由他人审核。", "Somebody else reviews it."))</p>
        <form method="post" action="/console/\(m)/partner-applications">\(visit.formField)\
        \(Layout.joinFields(visit, scenes))<button class="btn btn-light">\
        \(t("登记", "File"))</button></form></section>
        """)
      """)
  }

  static func application(
    _ visit: Visit, all: [MechanismBadge], code: String, _ row: PartnerApplication,
    scenes: [(code: String, name: String)], isOwn: Bool, keys: [(String, String)], problem: HTML?
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let mayDecide =
      !(visit.staff?.roles.isDisjoint(with: [.administrator, .operators]) ?? true)
      && row.state == .filed && !isOwn
    return page(
      visit, title: t("接入申请", "Application") + " \(row.id)", place: .partners, all: all,
      crumbs: [(t("接入申请", "Applications"), "/console/\(m)/partner-applications")],
      """
      \(Layout.alert(problem))
      \(each: keys, { place, key in """
        <div class="note1"><p>\(place) · \
        \(t("新密钥只显示这一次，请立即交给平台保管：", "This key is shown once. Hand it to the partner now:"))</p>\
        <p class="key mono">\(key)</p></div>
        """ })
      <section class="card1"><dl class="facts">
      <dt>\(t("状态", "State"))</dt><dd>\(state(row, t))</dd>
      <dt>\(t("单位", "Organisation"))</dt><dd>\(row.organisation)</dd>
      <dt>\(t("联系人", "Contact"))</dt><dd>\(row.contact) \(row.telephone)</dd>
      <dt>\(t("用途", "Purpose"))</dt><dd>\(row.purpose)</dd>
      <dt>\(t("提交", "Filed"))</dt><dd>\(visit.time(row.created)) \
      \(row.filedBy == "public" ? t("公开页", "public form") : "\(row.filedBy)")</dd>
      \(some: row.decided, { "<dt>\(t("审核", "Decided"))</dt><dd>\(visit.time($0))</dd>" })
      \(some: row.partner, { "<dt>\(t("平台", "Partner"))</dt><dd><code>\($0)</code></dd>" })
      </dl></section>
      \(when: row.state == .filed && isOwn, """
        <div class="note1"><p>\
        \(t("您提交的申请须由他人审核。", "You filed it: somebody else reviews it."))</p></div>
        """)
      \(when: mayDecide, """
        <section class="card1"><h2>\(t("审核", "Review"))</h2>
        <form method="post" action="/console/\(m)/partner-applications/\(Link("\(row.id)"))">\
        \(visit.formField)<div class="field"><label class="form-label" for="code">\
        \(t("平台代码（通过时填写）", "The partner's code (to approve)"))</label><input \
        class="form-control" id="code" name="code" pattern="[a-z0-9\\-]{1,64}" maxlength="64">\
        </div>\(Layout.sceneBoxes(visit, scenes, chosen: Set(row.scenes)))
        <button class="btn btn-primary" name="decision" value="approve">\
        \(t("通过并生成密钥", "Approve and make a key"))</button> \
        <button class="btn btn-light" name="decision" value="decline">\
        \(t("不予通过", "Decline"))</button></form></section>
        """)
      """)
  }
}
