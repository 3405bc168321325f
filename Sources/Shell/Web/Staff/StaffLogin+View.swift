// SPDX-License-Identifier: Apache-2.0
import CQREncode

extension Layout {
  /// `/console/login`: name and password, then the code of the second factor.
  package static func staffLogin(
    _ visit: Visit, username: String = "", hint: HTML? = nil, problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    return city(
      visit, title: t("工作人员登录", "Staff login"), width: .slim,
      """
      <section class="card1"><h1>\(t("工作人员登录", "Staff login"))</h1>
      <p class="soft">\(t("登录后的每个操作都会记入操作日志。",
        "Everything you do after logging in is kept in the operations log."))</p>
      \(some: hint, { "<div class=\"note1 dev\">\($0)</div>" })\(alert(problem))
      <form method="post" action="/console/login">\(visit.formField)
      <div class="field"><label class="form-label" for="username">\(t("用户名", "Username"))</label>
      <input class="form-control" id="username" name="username" autocomplete="username" required \
      maxlength="64" value="\(username)" autocapitalize="none" spellcheck="false"></div>
      <div class="field"><label class="form-label" for="password">\(t("密码", "Password"))</label>
      <input class="form-control" id="password" name="password" type="password" \
      autocomplete="current-password" required maxlength="200"></div>
      <div class="field"><label class="form-label" for="code">\(t("动态口令", "One-time code"))\
      </label>
      <input class="form-control" id="code" name="code" inputmode="numeric" \
      autocomplete="one-time-code" pattern="[0-9]{6}" maxlength="6">
      <div class="form-text">\
      \(t("身份验证器上的六位数字；第一次登录时留空，登录后绑定。",
        "Six digits from your authenticator; leave it empty the first time, and enrol after."))\
      </div></div>
      <button class="btn btn-primary wide">\(t("登录", "Log in"))</button></form></section>
      """)
  }

  /// `/console/second-factor`: the secret as a QR code, to be proved by a code.
  package static func secondFactor(
    _ visit: Visit, secret: String, address: String, shown: String?, problem: HTML? = nil
  ) -> HTML {
    let t = visit.t
    return city(
      visit, title: t("绑定身份验证器", "Enrol your authenticator"), width: .slim,
      """
      <section class="card1"><h1>\(t("绑定身份验证器", "Enrol your authenticator"))</h1>
      <p>\(t("用身份验证器应用扫描二维码，再输入它显示的六位数字。绑定后才能进入工作台。", """
          Scan this with an authenticator application, then enter the six digits it shows. The \
          console opens after that.
          """))</p>
      \(QRCode.svg(address) ?? "")
      <p class="small">\(t("不能扫描时，手工输入密钥：", "If you can't scan, type this key:")) <code>\(secret)\
      </code></p>
      \(some: shown, { """
          <div class=\"note1 dev\"><p>\
          \(t("开发环境：当前动态口令", "Development server: the code right now is")) <span \
          class=\"dev-code\">\($0)</span></p></div>
          """ })
      \(alert(problem))
      <form method="post" action="/console/second-factor">\(visit.formField)<input type="hidden" \
      name="secret" value="\(secret)">
      <div class="field"><label class="form-label" for="code">\(t("动态口令", "One-time code"))\
      </label>
      <input class="form-control" id="code" name="code" inputmode="numeric" \
      autocomplete="one-time-code" pattern="[0-9]{6}" maxlength="6" required autofocus></div>
      <button class="btn btn-primary wide">\(t("确认绑定", "Enrol"))</button></form></section>
      """)
  }
}

/// A QR code as inline SVG: no image to fetch, sharp at any size.
enum QRCode {
  static func svg(_ text: String) -> HTML? {
    guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
    defer { QRcode_free(code) }
    let width = Int(code.pointee.width)
    var path: HTML = ""
    for y in 0..<width {
      for x in 0..<width where code.pointee.data[y * width + x] & 1 == 1 {
        path += "M\(x + 2) \(y + 2)h1v1h-1z"
      }
    }
    return """
      <svg class="qr" viewBox="0 0 \(width + 4) \(width + 4)" shape-rendering="crispEdges" \
      role="img" aria-label="QR"><path d="\(path)"/></svg>
      """
  }
}
