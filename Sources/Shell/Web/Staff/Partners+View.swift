// SPDX-License-Identifier: Apache-2.0
import Units

/// A partner as the console shows it.
package struct PartnerRow: Sendable {
  package struct Key: Sendable {
    package var label: String
    package var created: Instant
    package var revoked: Instant?
    /// When it ends because a newer one took its place.
    package var ends: Instant?
    package init(label: String, created: Instant, revoked: Instant?, ends: Instant? = nil) {
      self.ends = ends
      self.label = label
      self.created = created
      self.revoked = revoked
    }
  }
  package var number: UInt16
  package var code: String
  package var name: String
  package var scenes: [String]
  package var enrols: Bool
  package var isClosed: Bool
  package var keys: [Key]
  package init(
    number: UInt16, code: String, name: String, scenes: [String], enrols: Bool, isClosed: Bool,
    keys: [Key]
  ) {
    self.number = number
    self.code = code
    self.name = name
    self.scenes = scenes
    self.enrols = enrols
    self.isClosed = isClosed
    self.keys = keys
  }
}

extension Console {
  package static func partners(
    _ visit: Visit, all: [MechanismBadge], code: String, _ rows: [PartnerRow],
    scenes: [(code: String, name: String)], newKey: String? = nil, notice: HTML? = nil,
    problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let mayChange = visit.staff?.roles.contains(.administrator) ?? false
    return page(
      visit, title: t("接入平台与密钥", "Partners and keys"), place: .partners, all: all,
      """
      \(Layout.alert(problem))\(some: notice, { "<div class=\"note1\"><p>\($0)</p></div>" })
      \(some: newKey, { """
          <div class=\"note1\"><p>\
          \(t("新密钥只显示这一次，请立即交给平台保管：", "This key is shown once. Hand it to the partner now:"))</p>\
          <p class=\"key mono\">\($0)</p></div>
          """ })
      <p><a href="/\(m)/dictionary">\(t("数据字典", "Field dictionary"))</a> · \
      <a href="/console/\(m)/partner-applications">\(t("接入申请", "Applications"))</a></p>
      <div class="tools"><span class="count">\(t("共", "")) \(rows.count) \(t("个平台", "partners"))\
      </span>\(Layout.exports(visit))</div>
      \(table(
        [
          .init(t("代码", "Code")), .init(t("名称", "Name")), .init(t("授权场景", "Scenes")),
          .init(t("首次上报即开户", "Enrols")), .init(t("有效密钥", "Keys"), isNumber: true),
          .init(t("状态", "State")), .init(t("操作", "Action")),
        ],
        rows.map { row in
          [
            "<code>\(row.code)</code>", "\(row.name)", "\(row.scenes.count) \(t("个", ""))",
            row.enrols ? t("是", "yes") : t("否", "no"),
            "\(row.keys.count { $0.revoked == nil })",
            row.isClosed
              ? "<span class=\"tag off\">\(t("已停用", "Closed"))</span>"
              : "<span class=\"tag\">\(t("启用", "Open"))</span>",
            "<a href=\"/console/\(m)/partners/\(Link("\(row.code)"))\">\(t("管理", "Manage"))</a>",
          ]
        }, empty: t("还没有接入平台。", "No partner yet.")))
      \(when: mayChange, addPartner(visit, m, scenes))
      """)
  }

  private static func addPartner(
    _ visit: Visit, _ m: Link, _ scenes: [(code: String, name: String)]
  ) -> HTML {
    let t = visit.t
    return """
      <section class="card1"><h2>\(t("新建接入平台", "Add a partner"))</h2>
      <form method="post" action="/console/\(m)/partners">\(visit.formField)
      <div class="field"><label class="form-label" for="code">\(t("代码", "Code"))</label><input \
      class="form-control" id="code" name="code" pattern="[a-z0-9\\-]{1,64}" required \
      maxlength="64"><div class="form-text">\
      \(t("小写字母、数字和连字符，定后不改。", "Lower-case letters, digits, hyphens; it never changes."))</div>\
      </div>
      <div class="field"><label class="form-label" for="name">\(t("名称", "Name"))</label><input \
      class="form-control" id="name" name="name" required maxlength="100"></div>
      \(grants(visit, scenes, []))
      <button class="btn btn-primary">\(t("新建并生成密钥", "Add and make a key"))</button></form>\
      </section>
      """
  }

  private static func grants(
    _ visit: Visit, _ scenes: [(code: String, name: String)], _ granted: Set<String>,
    enrols: Bool = false
  ) -> HTML {
    let t = visit.t
    return """
      <fieldset class="field"><legend class="form-label">\(t("授权上报的场景", "Scenes it may report"))\
      </legend><div class="cards">\(
        each: scenes, { scene in
          """
          <div class=\"form-check\"><input class=\"form-check-input\" type=\"checkbox\" \
          name=\"scene\" id=\"s-\(scene.code)\" value=\"\(scene.code)\"\
          \(when: granted.contains(scene.code), " checked")><label class=\"form-check-label\" \
          for=\"s-\(scene.code)\">\(scene.name)</label></div>
          """
        })</div></fieldset>
      <div class="field form-check"><input class="form-check-input" type="checkbox" name="enrols" \
      id="enrols" value="yes"\(when: enrols, " checked")><label class="form-check-label" \
      for="enrols">\
      \(t("首次上报时为其用户开立匿名账户", "Open an anonymous account for its users at the first report"))\
      </label></div>
      """
  }

  package static func partner(
    _ visit: Visit, all: [MechanismBadge], code: String, _ row: PartnerRow,
    scenes: [(code: String, name: String)], newKey: String? = nil, problem: HTML? = nil,
    more: PartnerTermsModel? = nil
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let here: Link = "/console/\(m)/partners/\(Link("\(row.code)"))"
    let mayChange = visit.staff?.roles.contains(.administrator) ?? false
    return page(
      visit, title: HTML(row.name), place: .partners, all: all,
      crumbs: [(t("接入平台与密钥", "Partners and keys"), "/console/\(m)/partners")],
      """
      \(Layout.alert(problem))
      \(some: newKey, { """
          <div class=\"note1\"><p>\
          \(t("新密钥只显示这一次，请立即交给平台保管：", "This key is shown once. Hand it to the partner now:"))</p>\
          <p class=\"key mono\">\($0)</p></div>
          """ })
      <section class="card1"><h2>\(t("密钥", "Keys"))</h2>
      \(table(
        [.init(t("指纹", "Fingerprint")), .init(t("生成时间", "Made")), .init(t("状态", "State")), .init(t(
        "操作", "Action"))],
        row.keys.map { key in
          [
            "<code>\(key.label)…</code>", visit.time(key.created),
            key.revoked.map {
        "<span class=\"tag off\">\(t("已吊销", "Revoked"))</span> \(visit.time($0))" }
              ?? keyState(key, visit),
            key.revoked == nil && mayChange
              ? """
          <form method=\"post\" action=\"\(here)/keys/revoke\">\(visit.formField)<input \
          type=\"hidden\" name=\"key\" value=\"\(key.label)\"><button class=\"link-btn bad\">\
          \(t("吊销", "Revoke"))</button></form>
          """
              : "—",
          ]
        }, empty: t("还没有密钥。", "No key yet.")))
      \(when: mayChange && !row.isClosed, """
          <form method=\"post\" action=\"\(here)/keys\">\(visit.formField)\
          \(olderEnds(visit))<button class=\"btn btn-light\">\
          \(t("生成新密钥", "Make a new key"))</button></form>
          """)</section>
      \(some: more, { partnerTerms(visit, here, row, $0) })
      \(mayChange ? changePartner(visit, here, row, scenes) : grantedScenes(row, scenes, t))
      """)
  }

  private static func keyState(_ key: PartnerRow.Key, _ visit: Visit) -> HTML {
    let t = visit.t
    guard let ends = key.ends else { return "<span class=\"tag\">\(t("有效", "Good"))</span>" }
    return ends > visit.now
      ? "<span class=\"tag wait\">\(t("有效至", "Good until"))</span> \(visit.time(ends))"
      : "<span class=\"tag off\">\(t("已到期", "Ended"))</span> \(visit.time(ends))"
  }

  /// When the key that holds now is to end.
  private static func olderEnds(_ visit: Visit) -> HTML {
    let t = visit.t
    return """
      <div class="field"><label class="form-label" for="ends">\
      \(t("现有密钥在此之后失效", "The key that holds now ends after"))</label><select \
      class="form-select" id="ends" name="ends"><option value="week">\(t("七天", "a week"))</option>\
      <option value="hour">\(t("一小时", "an hour"))</option><option value="day">\
      \(t("一天", "a day"))</option><option value="month">\(t("三十天", "thirty days"))</option>\
      </select></div>
      """
  }

  private static func grantedScenes(
    _ row: PartnerRow, _ scenes: [(code: String, name: String)], _ t: Tongue
  ) -> HTML {
    let names = scenes.filter { row.scenes.contains($0.code) }.map(\.name)
    return """
      <section class="card1"><h2>\(t("授权上报的场景", "Scenes it may report"))</h2><p>\
      \(names.joined(separator: t.plain("、", ", ")))</p></section>
      """
  }

  private static func changePartner(
    _ visit: Visit, _ here: Link, _ row: PartnerRow, _ scenes: [(code: String, name: String)]
  ) -> HTML {
    let t = visit.t
    return """
      <section class="card1"><h2>\(t("授权与状态", "Grants and state"))</h2>
      <form method="post" action="\(here)">\(visit.formField)
      <div class="field"><label class="form-label" for="name">\(t("名称", "Name"))</label><input \
      class="form-control" id="name" name="name" required maxlength="100" value="\(row.name)">\
      </div>
      \(grants(visit, scenes, Set(row.scenes), enrols: row.enrols))
      <div class="field form-check"><input class="form-check-input" type="checkbox" name="closed" \
      id="closed" value="yes"\(when: row.isClosed, " checked")><label class="form-check-label" \
      for="closed">\(t("停用：不再接受该平台的任何上报", "Closed: nothing more is taken from it"))</label></div>
      <button class="btn btn-primary">\(t("保存", "Save"))</button></form></section>
      """
  }
}
