// SPDX-License-Identifier: Apache-2.0

/// The texts a citizen agrees to. The version is stored with the consent: a new wording is a new
/// one.
enum ConsentText {
  static let accountVersion = "account-2026-11"

  static func account(_ t: Tongue) -> HTML {
    t(
      """
      我们处理您的手机号，仅用于登录和确认账户属于您；加密保存，不进入账本。账本只记匿名编号、行为的时间与数值。\
      您可以随时查询、导出个人数据，解除绑定，或注销账户；注销后个人信息立即删除，账本中的匿名记录无法再关联到您。
      """,
      """
      We process your phone number only to log you in and to know that the account is yours. It \
      is kept encrypted and never enters the books, which hold an anonymous number, times and \
      measured values. You may see and export your data, unlink partners, or close your account \
      at any time; closing deletes all personal data at once, and nothing left in the books leads \
      to you.
      """)
  }
}

extension Layout {
  /// `/login`, first step: the phone.
  package static func login(
    _ visit: Visit, next: String, phone: String = "", problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    return city(
      visit, title: t("登录", "Log in"), place: .account, width: .slim,
      """
      <section class="card1"><h1>\(t("登录碳账户", "Log in to your account"))</h1>
      <p class="soft">\(t("用手机号和短信验证码登录；第一次登录即注册。",
        "With your phone and a code sent to it. The first time makes your account."))</p>
      \(alert(problem))
      <form method="post" action="/login">\(visit.formField)<input type="hidden" name="next" \
      value="\(next)">
      <div class="field"><label class="form-label" for="phone">\(t("手机号", "Phone"))</label>
      <input class="form-control" id="phone" name="phone" type="tel" inputmode="tel" \
      autocomplete="tel" required maxlength="20" value="\(phone)" placeholder="138 0000 0000">\
      </div>
      <div class="field form-check"><input class="form-check-input" type="checkbox" id="agree" \
      name="agree" value="yes" required>
      <label class="form-check-label" for="agree">\
      \(t("我已阅读并同意以下个人信息处理说明", "I have read and agree to how my data are processed"))</label>\
      </div>
      <p class="soft small">\(ConsentText.account(t))</p>
      <button class="btn btn-primary wide">\(t("获取验证码", "Send me a code"))</button></form>\
      \(some: visit.identityName, { """
          <p class="pager"><a class="btn btn-light wide" \
          href="/login/identity?next=\(Link("\(next)"))">\
          \(t("使用", "Log in with")) \($0) \(t("登录", ""))</a></p>
          """ })</section>
      """)
  }

  /// `/login`, second step: the code. `shown` is the code itself, on a development server only.
  package static func loginCode(
    _ visit: Visit, next: String, phone: String, shown: String?, problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    return city(
      visit, title: t("输入验证码", "Enter the code"), place: .account, width: .slim,
      """
      <section class="card1"><h1>\(t("输入验证码", "Enter the code"))</h1>
      <p class="soft">\(t("已发送到", "Sent to")) \(masked(phone))\
      \(t("，5 分钟内有效。", ", good for five minutes."))</p>
      \(some: shown, { """
          <div class=\"note1 dev\"><p>\
          \(t("开发环境：不发短信，验证码显示在这里。",
            "Development server: no message is sent, the code is shown here."))</p><p \
          class=\"dev-code\">\($0)</p></div>
          """ })
      \(alert(problem))
      <form method="post" action="/login/code">\(visit.formField)<input type="hidden" name="next" \
      value="\(next)"><input type="hidden" name="phone" value="\(phone)">
      <div class="field"><label class="form-label" for="code">\(t("六位验证码", "Six digits"))</label>
      <input class="form-control" id="code" name="code" inputmode="numeric" \
      autocomplete="one-time-code" pattern="[0-9]{6}" maxlength="6" required autofocus></div>
      <button class="btn btn-primary wide">\(t("登录", "Log in"))</button></form>
      <p class="pager"><a href="/login">\(t("换一个手机号，或重新获取", "Another phone, or a new code"))</a>\
      </p></section>
      """)
  }

  static func alert(_ problem: HTML?) -> HTML {
    problem.map { "<div class=\"note1 bad\" role=\"alert\"><p>\($0)</p></div>" } ?? ""
  }

  /// `138****0000`
  package static func masked(_ phone: String) -> String {
    guard phone.count >= 7 else { return "****" }
    return String(phone.prefix(3)) + "****" + String(phone.suffix(4))
  }
}
