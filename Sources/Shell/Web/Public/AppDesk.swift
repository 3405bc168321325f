// SPDX-License-Identifier: Apache-2.0
import HTTP

/// What makes the pages an app: its manifest, its service worker, its page without a network; and
/// 大字版, which is a cookie and needs no script.
enum AppDesk {
  /// Chinese or English by the address: a manifest is asked for without cookies.
  static func manifest(_ call: Call) throws -> Response {
    let t = call.request.query["in"] == "en" ? Tongue.english : .chinese
    // Where there is one mechanism the app opens it; else the list of all.
    let only = call.site.offices.count == 1 ? call.site.offices.first : nil
    let name = only?.badge(t).name ?? t.plain("碳普惠", "Tanpuhui")
    let start = only.map { "/\($0.code)/" } ?? "/"
    func icon(_ file: String, _ sizes: String, _ type: String, _ purpose: String) -> JSON {
      [
        "src": .text("/assets/\(file)"), "sizes": .text(sizes), "type": .text(type),
        "purpose": .text(purpose),
      ]
    }
    let body: JSON = [
      "id": .text("/"), "name": .text(name), "short_name": .text(name), "lang": .text(t.tag),
      "dir": .text("ltr"), "start_url": .text(start), "scope": .text("/"),
      "display": .text("standalone"), "theme_color": .text("#0a5c40"),
      "background_color": .text("#f6f9f7"),
      "description": .text(
        t.plain(
          "低碳行为、碳积分与减排量，看得见、查得到、能核验。",
          "Low-carbon acts, points and reductions that anybody can check.")),
      "icons": .list([
        icon("icon-192.png", "192x192", "image/png", "any"),
        icon("icon-512.png", "512x512", "image/png", "any"),
        icon("icon-maskable.png", "512x512", "image/png", "maskable"),
        icon("icon.svg", "any", "image/svg+xml", "any"),
      ]),
    ]
    var response = Response.bytes(body.bytes, type: "application/manifest+json")
    response["Cache-Control"] = "no-cache"
    return response
  }

  static func serviceWorker(_ call: Call) throws -> Response {
    var response = Response.bytes(
      Array(ServiceWorker.text(call.site.assets.versions).utf8),
      type: "text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    // A worker has a policy of its own: it may ask this server, and nobody else.
    response["Content-Security-Policy"] = "default-src 'none'; connect-src 'self'"
    return response
  }

  static func offline(_ call: Call) throws -> Response {
    call.html(Layout.offline(call.visit()))
  }

  static func text(_ call: Call) throws -> Response {
    let size = call.request.query["size"] == "large" ? "large" : ""
    var response = call.go(call.request.query["back"].flatMap { Link(local: $0) } ?? "/")
    response.headers.append(
      (
        "Set-Cookie",
        call.site.cookie(Site.textCookie, size, seconds: size.isEmpty ? 0 : 31_536_000)
      ))
    return response
  }
}

extension Layout {
  /// What the service worker shows in place of a page that it has not kept. It puts the list of
  /// what it has kept at the mark.
  static func offline(_ visit: Visit) -> HTML {
    let t = visit.t
    return city(
      visit, title: t("没有网络", "No network"), width: .slim,
      """
      <h1>\(t("没有网络", "No network"))</h1>
      <section class="card1"><p>\
      \(t("现在连不上服务器。网络恢复后，刷新本页即可继续。",
        "The server can't be reached just now. Reload this page when the network is back."))</p>
      <p class="soft">\
      \(t("您的账户、明细和券码不保存在手机上，需要联网查看；没有提交成功的操作请联网后重做。", """
        Your account, history and vouchers are not kept on this phone and need the network. Do \
        again what was not sent.
        """))</p></section>
      <h2>\(t("离线可看的页面", "Pages kept on this phone"))</h2>
      <section class="card1"><!--kept--></section>
      """)
  }
}
