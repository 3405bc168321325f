// SPDX-License-Identifier: Apache-2.0
import Membership
import Storage
import Units

extension Layout {
  package static func label(_ kind: Organisation.Kind, _ t: Tongue) -> String {
    switch kind {
    case .enterprise: t.plain("企业", "Enterprise")
    case .smallEnterprise: t.plain("小微企业", "Small or micro enterprise")
    case .government: t.plain("机关单位", "Government organ")
    case .social: t.plain("社会组织", "Social organisation")
    case .school: t.plain("学校", "School")
    case .community: t.plain("社区", "Community")
    case .family: t.plain("家庭组", "Family")
    }
  }

  package static func label(_ right: Right?, _ t: Tongue) -> String {
    switch right {
    case nil: t.plain("成员", "Member")
    case .view: t.plain("可查看", "May view")
    case .act: t.plain("可办理", "May act")
    case .administer: t.plain("管理员", "Administrator")
    }
  }

  /// A family has no name on the books.
  static func organisationName(_ name: String, number: UInt32, kind: String, _ t: Tongue) -> String
  {
    let label = Organisation.Kind(rawValue: kind).map { self.label($0, t) } ?? kind
    return name.isEmpty ? "\(label) \(number)" : name
  }

  static func name(_ row: OrganisationRow, _ t: Tongue) -> String {
    organisationName(
      row.organisation.name, number: row.id.raw, kind: row.organisation.kind.rawValue, t)
  }

  /// `/{mechanism}/me/organisations`
  package static func organisations(
    _ visit: Visit, code: String, _ rows: [OrganisationRow],
    _ applications: [OrganisationApplication], familyMax: Int, notice: HTML? = nil,
    problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let hasFamily = rows.contains { $0.organisation.kind == .family && !$0.organisation.isClosed }
    return city(
      visit, title: t("我的组织与家庭", "Organisations"), place: .account, width: .slim,
      """
      <nav class="crumb"><a href="/\(m)/me">\(t("我的碳账户", "My account"))</a></nav>
      <h1>\(t("我的组织与家庭", "Organisations and family"))</h1>
      \(some: notice, { "<div class=\"note1\"><p>\($0)</p></div>" })\(alert(problem))
      <section class="card1"><ul class="list">\(each: rows, { row in """
          <li><a class="entry" href="/\(m)/organisations/\(Link("\(row.id.raw)"))"><span><b>\
          \(name(row, t))</b>\(when: row.organisation.isClosed,
            " <span class=\"tag off\">\(t("已关闭", "Closed"))</span>")<br><span class="soft">\
          \(label(row.organisation.kind, t)) · \(row.members) \(t("名成员", "members"))</span></span>\
          <span class="gain"><span class="tag">\(label(row.right, t))</span></span></a></li>
          """ })</ul>\(when: rows.isEmpty, """
          <p class="soft">\(t("还没有加入任何组织。", "You are no member of any yet."))</p>
          """)</section>
      \(when: !applications.isEmpty, applicationCard(visit, applications))
      <section class="card1"><h2>\(t("凭邀请码加入", "Join by a code"))</h2>
      <form method="post" action="/\(m)/me/organisations/join">\(visit.formField)<div class="field">
      <label class="form-label" for="code">\(t("邀请码", "Code"))</label><input class="form-control" \
      id="code" name="code" required maxlength="40" autocomplete="off"></div>
      <button class="btn btn-primary wide">\(t("加入", "Join"))</button></form>
      <details><summary>\(t("没有邀请码？按组织编号申请", "No code? Ask by number"))</summary>
      <form method="post" action="/\(m)/me/organisations/request">\(visit.formField)<div \
      class="field"><label class="form-label" for="number">\(t("组织编号", "Number"))</label><input \
      class="form-control" id="number" name="number" inputmode="numeric" required maxlength="9">\
      </div><button class="btn btn-light wide">\(t("申请加入", "Ask"))</button></form></details>
      </section>
      \(when: !hasFamily, """
          <section class="card1"><h2>\(t("建立家庭组", "Found a family"))</h2><p class="soft">\
          \(t("家人合计减排量，最多", "Add up what your family saves; at most")) \(familyMax) \
          \(t("人；只有成员看得到。", "people, seen by its members only."))</p>
          <form method="post" action="/\(m)/me/organisations">\(visit.formField)<input \
          type="hidden" name="kind" value="family"><button class="btn btn-light wide">\
          \(t("建立家庭组", "Found it"))</button></form></section>
          """)
      \(foundingForm(visit, m))
      """)
  }

  private static func foundingForm(_ visit: Visit, _ m: Link) -> HTML {
    let t = visit.t
    return """
      <section class="card1"><h2>\(t("为单位申请组织账户", "Apply for an organisation"))</h2>
      <p class="soft">\(t("企业、机关、社会组织、学校、社区均可申请，由运营人员审核；通过后您是第一位管理员。", """
          For an enterprise, organ, society, school or community. Staff decide; you are its first \
          administrator then.
          """))</p>
      <form method="post" action="/\(m)/me/organisations">\(visit.formField)<div class="field">
      <label class="form-label" for="kind">\(t("类型", "Kind"))</label><select class="form-select" \
      id="kind" name="kind">\(each: Organisation.Kind.allCases.filter { $0 != .family }, {
        "<option value=\"\($0.rawValue)\">\(label($0, t))</option>" })</select></div>
      <div class="field"><label class="form-label" for="name">\(t("组织名称（公开）", "Name (public)"))\
      </label><input class="form-control" id="name" name="name" required maxlength="60"></div>
      <div class="field"><label class="form-label" for="contact">\
      \(t("联系人和电话（只给审核人员看）", "Contact and phone (for staff only)"))</label>
      <input class="form-control" id="contact" name="contact" required maxlength="200"></div>
      <button class="btn btn-light wide">\(t("提交申请", "Apply"))</button></form></section>
      """
  }

  private static func applicationCard(
    _ visit: Visit, _ applications: [OrganisationApplication]
  ) -> HTML {
    let t = visit.t
    return """
      <section class="card1"><h2>\(t("我的申请", "My applications"))</h2><ul class="list">\
      \(each: applications, { one in """
          <li><div class="entry"><span><b>\(one.name)</b><br><span class="soft">\
          \(visit.time(one.created))\(when: !one.opinion.isEmpty, " · \(one.opinion)")</span>\
          </span>\
          <span class="gain">\(state(one.state, t))</span></div></li>
          """ })</ul></section>
      """
  }

  static func state(_ state: OrganisationApplication.State, _ t: Tongue) -> HTML {
    switch state {
    case .waiting: "<span class=\"tag held\">\(t("待审核", "Waits"))</span>"
    case .approved: "<span class=\"tag\">\(t("已通过", "Approved"))</span>"
    case .refused: "<span class=\"tag bad\">\(t("未通过", "Refused"))</span>"
    }
  }

  /// `/{mechanism}/organisations/{number}`
  package static func organisation(
    _ visit: Visit, code: String, _ model: OrganisationModel, invitation: String? = nil,
    problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    let here: Link = "/\(code)/organisations/\(model.row.id.raw)"
    let mayAct = (model.row.right ?? .view) >= .act && !model.row.organisation.isClosed
    return city(
      visit, title: "\(name(model.row, t))", place: .account, width: .slim,
      """
      <nav class="crumb"><a href="/\(Link("\(code)"))/me/organisations">\
      \(t("我的组织与家庭", "Organisations"))</a></nav>
      <h1>\(name(model.row, t))</h1>
      <p class="soft">\(label(model.row.organisation.kind, t)) · \(t("编号", "Number")) \
      \(model.row.id.raw) · \(model.row.members) \(t("名成员", "members")) · \
      \(label(model.row.right, t))</p>\(alert(problem))
      <div class="duo light"><div class="pts"><b>\(grouped(model.points.count))<small>\
      \(t("分", "points"))</small></b><span>\(t("组织账户余额", "On its own account"))</span></div>
      <div>\(joint(model, t))<span>\(t("成员合计减排量 CO₂e", "Members' joint reduction"))</span></div>\
      </div>
      <p class="soft small">\(t("只计各成员在组织期间的减排量；任何人看不到他人的单独记录。", """
          Counts what members saved while they were members; nobody sees another's own records.
          """))</p>
      \(some: invitation, { """
          <div class="note1"><p>\(t("邀请码（30 天有效，只显示这一次）：",
            "Invitation (30 days; shown this once):"))</p><p class="key mono">\($0)</p></div>
          """ })
      \(when: mayAct, """
          <section class="card1"><h2>\(t("邀请成员", "Invite"))</h2><form method="post" \
          action="\(here)/invitations">\(visit.formField)<div class="field"><label \
          class="form-label" for="uses">\(t("可用人数", "For how many"))</label><input \
          class="form-control" id="uses" name="uses" inputmode="numeric" value="1" required \
          maxlength="3"></div><button class="btn btn-primary wide">\(t("生成邀请码", "Make a code"))\
          </button></form></section>
          """)
      \(when: model.row.right != nil, """
          <p><a class="btn btn-light wide" href="\(here)/members">\(t("成员与申请", "Members"))</a></p>
          """)
      <form method="post" action="\(here)/leave">\(visit.formField)<button class="btn btn-light \
      wide">\(t("退出组织", "Leave"))</button></form>
      """)
  }

  private static func joint(_ model: OrganisationModel, _ t: Tongue) -> HTML {
    guard let joint = model.joint else {
      return """
        <b><small>\(t("满", "From")) \(model.least) \(t("人后显示", "members on"))</small></b>
        """
    }
    let mass = Mass(joint)
    return "<b>\(mass.value)<small>\(mass.unit)</small></b>"
  }

  /// `/{mechanism}/organisations/{number}/members`: for delegates.
  package static func members(
    _ visit: Visit, code: String, _ model: OrganisationModel, _ rows: [MemberRow],
    _ requests: [MemberRow], me: CitizenID, problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    let here: Link = "/\(code)/organisations/\(model.row.id.raw)"
    let right = model.row.right ?? .view
    return city(
      visit, title: t("成员与申请", "Members"), place: .account, width: .slim,
      """
      <nav class="crumb"><a href="\(here)">\(name(model.row, t))</a></nav>
      <h1>\(t("成员与申请", "Members"))</h1>\(alert(problem))
      \(when: !requests.isEmpty && right >= .act, """
          <section class="card1"><h2>\(t("加入申请", "Requests"))</h2><ul class="list">\
          \(each: requests, { row in """
              <li><div class=\"entry\"><span>\(t("账户号", "Account")) \(row.citizen.raw)</span>\
              <span>\(answerForm(visit, here, row, "yes", t("同意", "Let in")))\
              \(answerForm(visit, here, row, "no", t("不同意", "Refuse")))</span></div></li>
              """ })</ul></section>
          """)
      <section class="card1"><h2>\(t("成员", "Members")) \(rows.count)</h2><ul class="list">\
      \(each: rows, { row in """
          <li><div class="entry"><span><b>\(t("账户号", "Account")) \(row.citizen.raw)</b>\
          \(when: row.citizen == me, " <span class=\"soft\">\(t("（我）", "(me)"))</span>")<br>\
          <span class="soft">\(label(row.right, t))</span></span></div>\
          \(when: right == .administer, memberForm(visit, here, row))</li>
          """ })</ul></section>
      """)
  }

  private static func answerForm(
    _ visit: Visit, _ here: Link, _ row: MemberRow, _ answer: String, _ label: HTML
  ) -> HTML {
    """
    <form method="post" action="\(here)/requests">\(visit.formField)<input type="hidden" \
    name="citizen" value="\(row.citizen.raw)"><input type="hidden" name="answer" \
    value="\(answer)"><button class="btn btn-light btn-sm">\(label)</button></form>
    """
  }

  private static func memberForm(_ visit: Visit, _ here: Link, _ row: MemberRow) -> HTML {
    let t = visit.t
    return """
      <form class="tools" method="post" action="\(here)/members">\(visit.formField)<input \
      type="hidden" name="citizen" value="\(row.citizen.raw)"><label \
      class="visually-hidden" for="r\(row.citizen.raw)">\(t("权限", "Right"))</label><select \
      class="form-select w-auto" id="r\(row.citizen.raw)" name="right">\
      <option value="none">\(label(nil, t))</option>\
      \(each: Right.allCases, { """
          <option value=\"\($0.rawValue)\"\(when: $0 == row.right, " selected")>\(label($0, t))\
          </option>
          """ })<option value="remove">\(t("移出", "Remove"))</option></select><button class="btn \
      btn-light btn-sm">\(t("保存", "Save"))</button></form>
      """
  }
}
