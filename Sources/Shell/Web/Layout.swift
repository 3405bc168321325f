// SPDX-License-Identifier: Apache-2.0

/// The frame around every page.
package struct Layout: Sendable {
  package enum Width: Sendable { case full, slim }
  package enum Place: Sendable { case home, scenes, mall, open, api, account, none }

  /// A page for everybody: a bar on top, on phones tabs below.
  package static func city(
    _ visit: Visit, title: HTML, place: Place = .none, width: Width = .full, _ body: HTML
  ) -> HTML {
    let t = visit.t
    let brand: HTML =
      visit.mechanism.map { "<span>\($0.name)<small>\($0.city)</small></span>" }
      ?? "<span>\(t("碳普惠", "Tanpuhui"))</span>"
    let home: Link = visit.mechanism.map { "/\($0.code)/" } ?? "/"
    return document(
      visit, title: title, bodyClass: "",
      """
      <a class="skip" href="#main">\(t("跳到正文", "Skip to content"))</a>
      <header class="top"><div class="in">
      <a class="brand" href="\(home)">\(Drawing.mark)\(brand)</a>
      <nav class="nav1" aria-label="\(t("主导航", "Main"))">\(
        each: tabs(visit), { tab in
          """
          <a href=\"\(tab.link)\"\
          \(when: tab.place == place, " class=\"on\" aria-current=\"page\"")>\(tab.label)</a>
          """
        })
      \(switches(visit))
      </nav></div></header>
      <main id="main" class="wrap\(when: width == .slim, " slim")">\(demo(visit))\(body)</main>
      <footer class="foot"><div class="in">
      <span>\(t("碳普惠开放平台 · 开源软件 Apache-2.0", "Tanpuhui, an open platform · Apache-2.0"))</span>
      <a href="/">\(t("全部机制", "All mechanisms"))</a>
      <a href="/api">\(t("开放接口", "Open API"))</a>
      <a href="/console">\(t("工作人员入口", "Staff"))</a>
      </div></footer>
      <nav class="tabbar" aria-label="\(t("主导航", "Main"))">\(
        each: tabs(visit), { tab in
          """
          <a href=\"\(tab.link)\"\
          \(when: tab.place == place, " class=\"on\" aria-current=\"page\"")>\(tab.icon)<span>\
          \(tab.label)</span></a>
          """
        })</nav>
      """)
  }

  /// Nobody shall take what we invented for a city's own figures.
  static func demo(_ visit: Visit) -> HTML {
    guard visit.isDemo else { return sandbox(visit) }
    return """
      \(sandbox(visit))
      <p class="demo">\(visit.t(
        "演示数据：行为、人员和平台均为程序生成，并非真实记录。",
        "Demo data: behaviour, people and partners are generated, none of it is real."))</p>
      """
  }

  private struct Tab {
    var place: Place
    var link: Link
    var label: HTML
    var icon: HTML
  }

  private static func tabs(_ visit: Visit) -> [Tab] {
    let t = visit.t
    guard let code = visit.mechanism?.code else {
      return [
        Tab(place: .home, link: "/", label: t("首页", "Home"), icon: Drawing.home),
        Tab(place: .api, link: "/api", label: t("接口", "API"), icon: Drawing.plug),
        Tab(
          place: .account, link: visit.isCitizen ? "/me" : "/login",
          label: visit.isCitizen ? t("我的", "Me") : t("登录", "Log in"), icon: Drawing.person),
      ]
    }
    return [
      Tab(place: .home, link: "/\(code)/", label: t("首页", "Home"), icon: Drawing.home),
      Tab(
        place: .scenes, link: "/\(code)/scenes", label: t("低碳场景", "Scenes"), icon: Drawing.leaf),
      Tab(place: .mall, link: "/\(code)/mall", label: t("商城", "Mall"), icon: Drawing.bag),
      Tab(
        place: .open, link: "/\(code)/transparency", label: t("公开透明", "Open books"),
        icon: Drawing.seal),
      Tab(
        place: .account, link: "/\(code)/me", label: t("碳账户", "My account"), icon: Drawing.person),
    ]
  }

  static func languageLink(_ visit: Visit) -> Link {
    let other = visit.t.other.rawValue
    // The address is one of this site's own; the language is set by a cookie and the page shown
    // again.
    return "/language?to=\(other)&back=\(visit.here.text)"
  }

  /// Larger letters, and the other language.
  static func switches(_ visit: Visit) -> HTML {
    let t = visit.t
    let size = visit.hasLargeText ? "normal" : "large"
    let link: Link = "/text?size=\(size)&back=\(visit.here.text)"
    return """
      <a class="lang" href="\(link)">\
      \(visit.hasLargeText ? t("标准字号", "Normal text") : t("大字版", "Larger text"))</a>
      <a class="lang" href="\(languageLink(visit))" lang="\(t.other.tag)">\(t("English", "中文"))\
      </a>
      """
  }

  /// What lets a phone install the pages as an app. Without it, or without script, all else works.
  private static func app(_ visit: Visit) -> HTML {
    """
    <link rel="manifest" href="/manifest.webmanifest?in=\(Link("\(visit.t.rawValue)"))">
    <link rel="apple-touch-icon" href="/assets/icon-180.png">
    <script src="/assets/app.js?v=\(Link("\(visit.assets.app)"))" defer></script>

    """
  }

  static func document(_ visit: Visit, title: HTML, bodyClass: HTML, _ body: HTML) -> HTML {
    let t = visit.t
    return """
      <!doctype html>
      <html lang="\(t.tag)"\(when: visit.hasLargeText, " class=\"large\"")>\
      <head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover">
      <meta name="theme-color" content="#0a5c40"><meta name="referrer" content="same-origin">
      <title>\(title) · \(visit.mechanism?.name ?? t.plain("碳普惠", "Tanpuhui"))</title>
      <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
      <link rel="stylesheet" href="/assets/bootstrap.min.css?v=\(visit.assets.bootstrap)">
      <link rel="stylesheet" href="/assets/tanpuhui.css?v=\(visit.assets.own)">
      \(when: !visit.isConsole, app(visit))</head>\
      <body\(when: !bodyClass.isEmpty, " class=\"\(bodyClass)\"")>
      \(body)
      </body></html>
      """
  }
}

/// Small drawings, in SVG, of our own.
enum Drawing {
  static let mark: HTML = """
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="16" \
    fill="#0d7a53"/><path d="M9 20c0-7 5-11 14-11 0 9-4 14-11 14-1.600 0-3-1-3-3z" fill="#fff"/>\
    <path d="M8.500 25c2-5 5-8 9.500-10.500" stroke="#0d7a53" stroke-width="1.800" fill="none" \
    stroke-linecap="round"/></svg>
    """
  static let icon = """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="16" \
    fill="#0d7a53"/><path d="M9 20c0-7 5-11 14-11 0 9-4 14-11 14-1.600 0-3-1-3-3z" fill="#fff"/>\
    <path d="M8.500 25c2-5 5-8 9.500-10.500" stroke="#0d7a53" stroke-width="1.800" fill="none" \
    stroke-linecap="round"/></svg>
    """

  private static func line(_ path: HTML) -> HTML {
    """
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.700" \
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">\(path)</svg>
    """
  }
  static let home = line("<path d=\"M4 11l8-7 8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z\"/>")
  static let leaf = line(
    "<path d=\"M6 15c0-6 4-10 13-10 0 9-4 13-9 13-2 0-4-1-4-3zM5 20c1-4 4-7 8-9\"/>")
  static let seal = line(
    "<path d=\"M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z\"/><path d=\"M9 12l2 2 4-4\"/>")
  static let person = line(
    "<circle cx=\"12\" cy=\"8\" r=\"4\"/><path d=\"M4.500 20c1-4 4-6 7.500-6s6.500 2 7.500 6\"/>")
  static let bag = line("<path d=\"M5 8h14l-1 12H6z\"/><path d=\"M9 10V7a3 3 0 0 1 6 0v3\"/>")
  static let plug = line("<path d=\"M8 9l-4 3 4 3M16 9l4 3-4 3M13.500 6l-3 12\"/>")
}
