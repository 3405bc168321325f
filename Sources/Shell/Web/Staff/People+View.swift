// SPDX-License-Identifier: Apache-2.0
import Units

package struct StaffRow: Sendable {
  package var id: UInt32
  package var username: String
  package var name: String
  package var roles: [String]
  package var hasSecondFactor: Bool
  package var isDisabled: Bool
  package init(
    id: UInt32, username: String, name: String, roles: [String], hasSecondFactor: Bool,
    isDisabled: Bool
  ) {
    self.id = id
    self.username = username
    self.name = name
    self.roles = roles
    self.hasSecondFactor = hasSecondFactor
    self.isDisabled = isDisabled
  }
}

package struct LogRow: Sendable {
  package var number: Int64
  package var time: Instant
  package var who: String
  package var action: String
  package var object: String
  package var before: String
  package var after: String
  package var address: String
  package init(
    number: Int64, time: Instant, who: String, action: String, object: String, before: String,
    after: String, address: String
  ) {
    self.number = number
    self.time = time
    self.who = who
    self.action = action
    self.object = object
    self.before = before
    self.after = after
    self.address = address
  }
}

extension Console {
  /// 人员与角色
  package static func people(
    _ visit: Visit, all: [MechanismBadge], _ rows: [StaffRow], notice: HTML? = nil,
    problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    return page(
      visit, title: t("人员与角色", "Staff and roles"), place: .staff, all: all,
      """
      \(Layout.alert(problem))\(some: notice, { "<div class=\"note1\"><p>\($0)</p></div>" })
      <div class="tools"><span class="count">\(t("共", "")) \(rows.count) \(t("人", "people"))\
      </span>\(Layout.exports(visit))</div>
      \(table(
        [
          .init(t("用户名", "Username")), .init(t("姓名", "Name")), .init(t("角色", "Roles")),
          .init(t("第二因素", "Second factor")), .init(t("状态", "State")),
          .init(t("操作", "Action")),
        ],
        rows.map { row in
          [
            "<code>\(row.username)</code>", "\(row.name)",
            "\(each: row.roles, { "<span class=\"tag\">\(Roles.label($0, t))</span> " })",
            row.hasSecondFactor ? t("已绑定", "enrolled") : t("未绑定", "not yet"),
            row.isDisabled
              ? "<span class=\"tag off\">\(t("已停用", "Disabled"))</span>"
              : "<span class=\"tag\">\(t("启用", "Active"))</span>",
            "<a href=\"/console/staff/\(Link("\(row.id)"))\">\(t("管理", "Manage"))</a>",
          ]
        }, empty: t("没有人员。", "Nobody.")))
      <section class="card1"><h2>\(t("新建人员", "Add somebody"))</h2>
      <form method="post" action="/console/staff">\(visit.formField)
      <div class="field"><label class="form-label" for="username">\(t("用户名", "Username"))</label>\
      <input class="form-control" id="username" name="username" pattern="[a-z0-9.\\-]{2,64}" \
      required autocomplete="off"></div>
      <div class="field"><label class="form-label" for="name">\(t("姓名", "Name"))</label><input \
      class="form-control" id="name" name="name" required maxlength="60" autocomplete="off"></div>
      <div class="field"><label class="form-label" for="password">\
      \(t("初始密码（至少 12 位）", "First password (12 characters or more)"))</label><input \
      class="form-control" id="password" name="password" type="password" minlength="12" required \
      autocomplete="new-password"></div>
      \(roleBoxes([], t))
      <button class="btn btn-primary">\(t("新建", "Add"))</button></form></section>
      """)
  }

  private static func roleBoxes(_ held: [String], _ t: Tongue) -> HTML {
    """
    <fieldset class="field"><legend class="form-label">\(t("角色", "Roles"))</legend>\(
      each: Roles.staffRoles, { role in
        """
        <div class=\"form-check form-check-inline\"><input class=\"form-check-input\" \
        type=\"checkbox\" name=\"role\" id=\"r-\(role.code)\" value=\"\(role.code)\"\
        \(when: held.contains(role.code), " checked")><label class=\"form-check-label\" for=\"r-\
        \(role.code)\">\(Roles.label(role.code, t))</label></div>
        """
      })</fieldset>
    """
  }

  package static func person(
    _ visit: Visit, all: [MechanismBadge], _ row: StaffRow, problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    let here: Link = "/console/staff/\(Link("\(row.id)"))"
    return page(
      visit, title: HTML(row.name), place: .staff, all: all,
      crumbs: [(t("人员与角色", "Staff and roles"), "/console/staff")],
      """
      \(Layout.alert(problem))
      <section class="card1"><h2>\(t("角色与状态", "Roles and state"))</h2><form method="post" action="\
      \(here)">\(visit.formField)
      \(roleBoxes(row.roles, t))
      <div class="field form-check"><input class="form-check-input" type="checkbox" \
      name="disabled" id="disabled" value="yes"\(when: row.isDisabled, " checked")><label \
      class="form-check-label" for="disabled">\
      \(t("停用：不能登录，现有会话立即结束", "Disabled: cannot log in, sessions end at once"))</label></div>
      <button class="btn btn-primary">\(t("保存", "Save"))</button></form></section>
      <section class="card1"><h2>\(t("重设密码", "Set a new password"))</h2><form method="post" \
      action="\(here)/password">\(visit.formField)
      <div class="field"><label class="form-label" for="password">\
      \(t("新密码（至少 12 位）", "New password (12 characters or more)"))</label><input \
      class="form-control" id="password" name="password" type="password" minlength="12" required \
      autocomplete="new-password"></div>
      <button class="btn btn-light">\(t("重设", "Set"))</button></form></section>
      \(when: row.hasSecondFactor, """
          <section class=\"card1\"><h2>\(t("第二因素", "Second factor"))</h2><p class=\"soft\">\
          \(t("手机遗失时移除；本人下次登录后须重新绑定。",
            "For a lost telephone; a new one must be enrolled at the next login."))</p><form \
          method=\"post\" action=\"\(here)/second-factor\">\(visit.formField)<button class=\"btn \
          btn-danger\">\(t("移除第二因素", "Remove it"))</button></form></section>
          """)
      """)
  }

  /// What was done, in words; the log itself keeps the short English ones.
  private static func actionName(_ action: String, _ t: Tongue) -> HTML {
    switch action {
    case "login": t("登录", "logged in")
    case "release": t("放行", "released")
    case "reject": t("驳回", "rejected")
    case "verify": t("核验账本", "verified the journal")
    case "add partner": t("新建接入平台", "added a partner")
    case "change partner": t("变更接入平台", "changed a partner")
    case "make key": t("生成密钥", "made a key")
    case "revoke key": t("吊销密钥", "revoked a key")
    case "add staff": t("新建人员", "added staff")
    case "change staff": t("变更角色", "changed roles")
    case "set password": t("重设密码", "set a password")
    case "enrol second factor": t("绑定身份验证器", "enrolled a second factor")
    case "remove second factor": t("移除身份验证器", "removed a second factor")
    default: HTML(action)
    }
  }

  /// 操作日志
  package static func log(
    _ visit: Visit, all: [MechanismBadge], _ list: Listed<LogRow>, object: String
  ) -> HTML {
    let t = visit.t
    return page(
      visit, title: t("操作日志", "Operations log"), place: .log, all: all,
      """
      <form class="query" method="get" action="/console/log"><div><label class="form-label" \
      for="object">\(t("对象", "Object"))</label>
      <input class="form-control" id="object" name="object" value="\(object)"></div>
      <button class="btn btn-primary">\(t("查询", "Search"))</button><a class="btn btn-light" \
      href="/console/log">\(t("重置", "Reset"))</a></form>
      \(Layout.exports(visit))
      \(table(
        [
          .init(t("序号", "No."), isNumber: true), .init(t("时间", "Time")),
          .init(t("人员", "Who")), .init(t("操作", "Action")), .init(t("对象", "Object")),
          .init(t("之前", "Before")), .init(t("之后", "After")), .init(t("地址", "Address")),
        ],
        list.rows.map { row in
          [
            "\(row.number)", visit.time(row.time), "\(row.who)", actionName(row.action, t),
            "\(row.object)",
            "\(row.before)", "\(row.after)", "<code>\(row.address)</code>",
          ]
        }, empty: t("没有记录。", "Nothing here.")))
      \(pager(
        visit, list, "/console/log", keeping: object.isEmpty ? "" : "&object=\(object)"))
      """)
  }
}
