// SPDX-License-Identifier: Apache-2.0
import Membership
import Storage
import Units

extension Console {
  /// `/console/{mechanism}/organisations`
  package static func organisations(
    _ visit: Visit, all: [MechanismBadge], code: String, _ waiting: [OrganisationApplication],
    _ rows: [OrganisationRow], total: Int, families: Int
  ) -> HTML {
    let t = visit.t
    let base: Link = "/console/\(code)"
    return page(
      visit, title: t("组织与申请", "Organisations"), place: .organisations, all: all,
      """
      <h2>\(t("待审核", "Waiting")) <span class="tag held">\(waiting.count)</span></h2>
      \(table(
        [
          .init(t("申请时间", "Made")), .init(t("名称", "Name")), .init(t("类型", "Kind")),
          .init(t("操作", "Do")),
        ],
        waiting.map { one in
          [
            visit.time(one.created), "\(one.name)", "\(kind(one.kind, t))",
            "<a href=\"\(base)/applications/\(Link("\(one.number)"))\">\(t("审核", "Decide"))</a>",
          ]
        }, empty: t("没有待审核的申请。", "Nothing waits.")))
      <h2>\(t("全部组织", "All")) <span class="tag">\(total)</span></h2>
      <p class="soft">\(t("另有家庭组", "Families, which are not listed:")) \(families)\
      \(t(" 个，不在此列出。", "."))</p>
      \(Layout.exports(visit))
      \(table(
        [
          .init(t("编号", "Number"), isNumber: true), .init(t("名称", "Name")),
          .init(t("类型", "Kind")), .init(t("成员", "Members"), isNumber: true),
          .init(t("状态", "State")), .init(t("操作", "Do")),
        ],
        rows.map { row in
          [
            "\(row.id.raw)", "\(row.organisation.name)",
            "\(Layout.label(row.organisation.kind, t))", "\(row.members)",
            row.organisation.isClosed
              ? "<span class=\"tag off\">\(t("已关闭", "Closed"))</span>"
              : "<span class=\"tag\">\(t("正常", "Open"))</span>",
            "<a href=\"\(base)/organisations/\(Link("\(row.id.raw)"))\">\(t("查看", "See"))</a>",
          ]
        }, empty: t("还没有组织。市民申请并通过审核后出现在这里。", "None yet.")))
      """)
  }

  private static func kind(_ code: String, _ t: Tongue) -> String {
    Organisation.Kind(rawValue: code).map { Layout.label($0, t) } ?? code
  }

  /// `/console/{mechanism}/applications/{number}`
  package static func application(
    _ visit: Visit, all: [MechanismBadge], code: String, _ one: OrganisationApplication,
    showsContact: Bool, problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    let base: Link = "/console/\(code)"
    return page(
      visit, title: t("组织申请", "Application"), place: .organisations, all: all,
      crumbs: [(t("组织与申请", "Organisations"), "\(base)/organisations")],
      """
      \(Layout.alert(problem))<section class="card1"><dl class="facts">
      <dt>\(t("名称", "Name"))</dt><dd>\(one.name)</dd>
      <dt>\(t("类型", "Kind"))</dt><dd>\(kind(one.kind, t))</dd>
      <dt>\(t("申请时间", "Made"))</dt><dd>\(visit.time(one.created))</dd>
      <dt>\(t("联系人", "Contact"))</dt><dd>\(showsContact ? "\(one.contact)" : "****")</dd>
      <dt>\(t("状态", "State"))</dt><dd>\(Layout.state(one.state, t)) \(one.opinion)</dd></dl>\
      </section>
      \(when: one.state == .waiting && showsContact, """
          <section class="card1"><form method="post" \
          action="\(base)/applications/\(Link("\(one.number)"))">\(visit.formField)
          <div class="field form-check"><input class="form-check-input" type="radio" \
          name="decision" value="approve" id="approve" required><label class="form-check-label" \
          for="approve">\(t("通过", "Approve"))</label></div>
          <div class="field form-check"><input class="form-check-input" type="radio" \
          name="decision" value="refuse" id="refuse"><label class="form-check-label" \
          for="refuse">\(t("不予通过", "Refuse"))</label></div>
          <div class="field"><label class="form-label" for="opinion">\
          \(t("意见（申请人可见）", "Opinion (the applicant sees it)"))</label><input \
          class="form-control" id="opinion" name="opinion" required maxlength="300"></div>
          <button class="btn btn-primary">\(t("提交", "Decide"))</button></form></section>
          """)
      """)
  }

  /// `/console/{mechanism}/organisations/{number}`
  package static func organisation(
    _ visit: Visit, all: [MechanismBadge], code: String, _ model: OrganisationModel,
    administrators: [UInt32], problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    let base: Link = "/console/\(code)/organisations"
    let here: Link = "/console/\(code)/organisations/\(model.row.id.raw)"
    let mass = Mass(model.joint ?? Grams(0))
    let mayChange = visit.staff?.roles.isDisjoint(with: [.operators, .administrator]) == false
    return page(
      visit, title: "\(model.row.organisation.name)", place: .organisations, all: all,
      crumbs: [(t("组织与申请", "Organisations"), base)],
      """
      \(Layout.alert(problem))<section class="card1"><dl class="facts">
      <dt>\(t("编号", "Number"))</dt><dd>\(model.row.id.raw)</dd>
      <dt>\(t("类型", "Kind"))</dt><dd>\(Layout.label(model.row.organisation.kind, t))</dd>
      <dt>\(t("成员", "Members"))</dt><dd>\(model.row.members)</dd>
      <dt>\(t("合计减排量", "Joint reduction"))</dt><dd>\(mass.value) \(mass.unit)</dd>
      <dt>\(t("组织账户", "Its account"))</dt><dd>\(grouped(model.points.count)) \(t("分", "points"))\
      </dd><dt>\(t("管理员账户号", "Administrators"))</dt><dd>\(
        each: administrators, { "\($0) " })</dd></dl></section>
      \(when: mayChange, """
          <section class="card1"><form method="post" action="\(here)">\
          \(visit.formField)<div class="field"><label class="form-label" for="name">\
          \(t("名称", "Name"))</label><input class="form-control" id="name" name="name" \
          value="\(model.row.organisation.name)" required maxlength="60"></div>
          <div class="field form-check"><input class="form-check-input" type="checkbox" \
          id="closed" name="closed" \
          value="yes"\(when: model.row.organisation.isClosed, " checked")>\
          <label class="form-check-label" for="closed">\(t("关闭", "Closed"))</label></div>
          <button class="btn btn-primary">\(t("保存", "Save"))</button></form></section>
          <section class="card1"><form method="post" action="\(here)">\
          \(visit.formField)<div class="field"><label class="form-label" for="administrator">\
          \(t("指定管理员（成员账户号）", "Appoint a member as administrator (account)"))</label><input \
          class="form-control" id="administrator" name="administrator" inputmode="numeric" \
          required maxlength="10"></div><button class="btn btn-light">\
          \(t("指定", "Appoint"))</button></form></section>
          """)
      """)
  }
}
