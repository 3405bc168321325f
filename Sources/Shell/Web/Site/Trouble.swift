// SPDX-License-Identifier: Apache-2.0
import HTTP
import Journal
import Mechanism
import Units

/// What can go wrong on the way to a page. Each has a sentence that says what to do, for a person
/// as a page, for a program as problem JSON (RFC 9457).
package struct Trouble: Error, Sendable {
  var status: Int
  var name: String
  var chinese: String
  var english: String
  /// Where the button on the page leads.
  var next: Next = .home
  /// Seconds after which to come again.
  var retryAfter: Int64?

  enum Next: Sendable { case home, login, staffLogin, secondFactor, back }

  init(_ status: Int, _ name: String, _ chinese: String, _ english: String, next: Next = .home) {
    self.status = status
    self.name = name
    self.chinese = chinese
    self.english = english
    self.next = next
  }

  static let notFound = Trouble(
    404, "not-found", "没有这个页面。请检查地址，或回到首页。",
    "There is no such page. Check the address, or begin at the first page.")
  static let noMechanism = Trouble(
    404, "mechanism-unknown", "本服务器没有这个碳普惠机制。首页列出全部机制。",
    "This server runs no such mechanism. The first page lists them all.")
  static let noScene = Trouble(
    404, "scene-unknown", "没有这个场景。请从场景列表中选择。",
    "There is no such scene. Choose one from the list of scenes.")
  static let noFact = Trouble(
    404, "fact-unknown", "账本中没有这个编号的事实。请核对编号。",
    "The journal has no fact of this number. Check the number.")
  static let busy = Trouble(
    503, "busy", "服务器正忙，请稍后再试。", "The server is busy. Try again in a moment.", next: .back)
  static let notLoggedIn = Trouble(
    401, "not-logged-in", "请先登录。", "Log in first.", next: .login)
  static let forbidden = Trouble(
    403, "forbidden", "您的角色没有这项权限。如需要，请联系管理员。",
    "Your role does not allow this. Ask an administrator if you need it.")
  static let secondFactorMissing = Trouble(
    403, "second-factor-missing", "请先绑定身份验证器，再进入工作台。",
    "Enrol your authenticator first; the console opens after that.", next: .secondFactor)
  static let wrongKey = Trouble(
    401, "key-wrong", "密钥无效或已吊销。请向运营方索取新密钥。",
    "The key is wrong or was revoked. Ask the operator for a new one.")
  static let noKey = Trouble(
    401, "key-missing", "请在 Authorization 中给出平台密钥：Bearer tph_…。",
    "Send the partner's key as `Authorization: Bearer tph_…`.")
  static let foreignKey = Trouble(
    403, "key-foreign", "这把密钥属于另一个碳普惠机制。请使用本机制的密钥。",
    "This key is another mechanism's. Use the key that was made for this one.")
  static let foreignForm = Trouble(
    403, "form-foreign", "表单已过期，或不是从本站页面提交的。请返回页面重新提交。",
    "The form has expired, or did not come from a page of this site. Go back and send it again.",
    next: .back)
  static let unreadableForm = Trouble(
    400, "form-unreadable", "表单无法读取。请返回页面重新提交。",
    "The form can't be read. Go back and send it again.", next: .back)
  static func wrongMethod(_ allowed: [String]) -> Trouble {
    Trouble(
      405, "method-not-allowed", "这个地址不支持该方法，可用：\(allowed.joined(separator: "、"))。",
      "This address does not take that method. It takes: \(allowed.joined(separator: ", ")).")
  }
  static func tooOften(_ seconds: Int64) -> Trouble {
    var trouble = Trouble(
      429, "too-often", "操作过于频繁，请 \(seconds) 秒后再试。",
      "Too many tries. Wait \(seconds) seconds and try again.", next: .back)
    trouble.retryAfter = seconds
    return trouble
  }

  /// A command that the mechanism refused.
  init(_ refusal: CommandRefusal) {
    let chinese =
      switch refusal.name {
      case "partnerCodeInvalid": "平台代码只能用小写字母、数字和连字符，定后不改。"
      case "partnerCodeTaken": "已有平台使用这个代码，请另选一个。"
      case "sceneUnknown": "现行政策包没有这个场景，请重新选择。"
      case "aliasAlreadyLinked": "该平台用户已绑定到另一个账户，请先在那里解除绑定。"
      case "aliasNotLinked": "该平台用户没有绑定账户。"
      case "unchanged": "没有任何变化。"
      case "notQuarantined": "这条数据已由他人处理，不在待审核之列。"
      case let name where PolicyText.refusals[name] != nil: PolicyText.refusals[name] ?? ""
      case let name where RecognitionText.knows(name): RecognitionText.refusal(refusal)
      case let name where CareText.refusals[name] != nil: CareText.refusals[name] ?? ""
      default: "操作未执行（\(refusal.name)）：\(refusal.message)。"
      }
    self.init(409, refusal.name, chinese, refusal.message, next: .back)
  }

  func sentence(_ t: Tongue) -> HTML { HTML(t.plain(chinese, english)) }

  func problem(_ t: Tongue, instance: String) -> Response {
    let body: JSON = [
      "type": .text("/problems/\(name)"), "title": .text(english), "status": .number(status),
      "detail": .text(t.plain(chinese, english)), "instance": .text(instance),
    ]
    var response = Response.bytes(body.bytes, type: "application/problem+json", status: status)
    if status == 401 { response["WWW-Authenticate"] = "Bearer realm=\"tanpuhui\"" }
    response["Retry-After"] = retryAfter.map(String.init)
    return response
  }
}

extension Call {
  func response(to error: any Error) -> Response {
    switch error {
    case let trouble as Trouble: return page(trouble)
    case let refusal as CommandRefusal: return page(Trouble(refusal))
    case let failure as StoreFailure:
      return page(
        Trouble(
          503, "store-\(failure.kind.rawValue)", "数据暂时无法读写，请稍后再试；管理员请查看服务器日志。",
          "Data can't be read or written just now. Try again later. \(failure)"))
    default:
      return page(
        Trouble(
          500, "unexpected", "服务器遇到意外错误，请稍后再试并告知管理员。",
          "Something unexpected happened. Try again later, and tell the administrator: \(error)"))
    }
  }

  /// A trouble as this caller can use it.
  func page(_ trouble: Trouble) -> Response {
    if route.isAPI || request.path.hasPrefix("/api/") {
      return trouble.problem(t, instance: request.path)
    }
    let visit = visit()
    if trouble.status == 401 {
      let next = request.method == .get ? request.target : "/"
      return html(
        route.isConsole
          ? Layout.staffLogin(visit, hint: site.demoHint(t, now))
          : Layout.login(visit, next: next), status: 401)
    }
    let next: (HTML, Link) =
      switch trouble.next {
      case .login: (t("登录", "Log in"), "/login")
      case .staffLogin: (t("登录", "Log in"), "/console/login")
      case .secondFactor: (t("去绑定", "Enrol it"), "/console/second-factor")
      case .back:
        (t("返回", "Go back"), request.headers["Referer"].flatMap(Call.localPath) ?? "/")
      case .home: (t("回到首页", "To the first page"), route.isConsole ? "/console" : "/")
      }
    return html(
      Layout.apology(
        visit, status: trouble.status,
        title: trouble.status == 404
          ? t("没有找到", "Not found")
          : trouble.status == 403 ? t("没有权限", "Not allowed") : t("未能完成", "That did not work"),
        sentence: trouble.sentence(t), next: next), status: trouble.status)
  }

  /// `https://host/path` as `/path`; nil where it is not an address of a page.
  private static func localPath(_ address: String) -> Link? {
    guard let scheme = address.firstRange(of: "://") else { return Link(local: address) }
    let rest = address[scheme.upperBound...]
    guard let slash = rest.firstIndex(of: "/") else { return "/" }
    return Link(local: String(rest[slash...]))
  }
}
