// SPDX-License-Identifier: Apache-2.0
import HTTP
import Storage
import Units

/// 修改密码: with the old one and a code, by whoever has them; also when the old one has expired,
/// for then there is no session.
enum StaffPasswordDesk {
  static func show(_ call: Call) throws -> Response {
    call.html(Layout.staffPassword(call.visit(), username: ""))
  }

  /// What somebody sees whose password is right and too old, instead of the console.
  static func required(
    _ call: Call, _ staff: Staff, _ standing: PasswordStanding
  ) -> Response {
    let t = call.t
    return call.html(
      Layout.staffPassword(
        call.visit(), username: staff.username,
        problem: standing == .first
          ? t(
            "这是他人为您设的初始密码，请先修改。动态口令请用下一个。",
            "Somebody else set this password: change it first, with the next one-time code.")
          : t(
            "密码已使用 90 天，请先修改。动态口令请用下一个。",
            "The password is 90 days old: change it first, with the next one-time code.")),
      status: 403)
  }

  static func change(_ call: Call) throws -> Response {
    let t = call.t
    let username = call.form["username"] ?? ""
    try call.site.throttle.count(call.address, at: call.now)
    func again(_ problem: HTML) -> Response {
      call.html(
        Layout.staffPassword(call.visit(), username: username, problem: problem), status: 422)
    }
    let wanted = call.form["new"] ?? ""
    guard wanted == call.form["again"] else {
      return again(t("两次输入的新密码不同。", "The two new passwords differ."))
    }
    // Before the old one is judged: nobody shall spend a one-time code on a weak password.
    if let fault = Vault.fault(of: wanted, username: username) { return again(sentence(fault, t)) }
    let code = call.form["code"].flatMap { $0.isEmpty ? nil : $0 }
    let result = try call.site.vault.logIn(
      username: username, password: call.form["password"] ?? "", code: code, at: call.now)
    switch result {
    case .wrong: return again(t("用户名、密码或动态口令不正确。", "The username, password or code is wrong."))
    case .needsCode: return again(t("请填写动态口令。", "Enter the code of your authenticator."))
    case .locked(let until):
      return again(
        t("错误次数过多，账号已锁定至", "Too many wrong tries; locked until") + " "
          + HTML(until.plain(offset: 28_800)) + t("。", "."))
    case .accepted(let staff):
      if let fault = try call.site.vault.changePassword(to: wanted, of: staff.id, at: call.now) {
        return again(sentence(fault, t))
      }
      try call.site.vault.record(
        StaffAction(
          time: call.now, staff: staff.id, action: "change own password",
          object: "staff/\(staff.id.raw)", address: call.address))
      return call.go("/console/login")
    }
  }

  static func sentence(_ fault: PasswordFault, _ t: Tongue) -> HTML {
    switch fault {
    case .tooShort: t("密码至少 12 位。", "A password has at least 12 characters.")
    case .tooSimple:
      t(
        "密码须包含大写字母、小写字母、数字、符号中的三种。",
        "Use three of: capitals, small letters, digits, signs.")
    case .namesAccount: t("密码不能包含用户名。", "A password must not contain the username.")
    case .usedBefore: t("不能使用最近五次用过的密码。", "It is one of your last five passwords. Choose another.")
    }
  }
}

extension Layout {
  package static func staffPassword(
    _ visit: Visit, username: String, problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    return city(
      visit, title: t("修改密码", "Change the password"), width: .slim,
      """
      <section class="card1"><h1>\(t("修改密码", "Change the password"))</h1>\(alert(problem))
      <p class="soft">\(t("至少 12 位，含大写、小写、数字、符号中的三种；90 天更换一次；最近五次用过的不能再用。", """
          At least 12 characters of three kinds; a new one every 90 days; none of your last five.
          """))</p>
      <form method="post" action="/console/password">\(visit.formField)
      <div class="field"><label class="form-label" for="username">\(t("用户名", "Username"))</label>
      <input class="form-control" id="username" name="username" value="\(username)" required \
      autocomplete="username" maxlength="64"></div>
      \(secret("password", t("现密码", "Password now"), "current-password"))
      <div class="field"><label class="form-label" for="code">\
      \(t("动态口令（已绑定验证器时）", "One-time code, where you have one"))</label><input \
      class="form-control" id="code" name="code" inputmode="numeric" autocomplete="one-time-code" \
      maxlength="6"></div>
      \(secret("new", t("新密码", "New password"), "new-password"))
      \(secret("again", t("再次输入新密码", "New password again"), "new-password"))
      <button class="btn btn-primary wide">\(t("修改", "Change it"))</button></form>
      <p class="pager"><a href="/console/login">\(t("返回登录", "Back to the login"))</a></p></section>
      """)
  }

  private static func secret(_ name: String, _ label: HTML, _ complete: String) -> HTML {
    """
    <div class="field"><label class="form-label" for="\(name)">\(label)</label><input \
    class="form-control" id="\(name)" name="\(name)" type="password" required \
    autocomplete="\(complete)" maxlength="200"></div>
    """
  }
}
