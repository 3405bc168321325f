// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Policy
import Units

/// One mechanism on the server's first page.
package struct MechanismCard: Sendable {
  package var badge: MechanismBadge
  package var document: String
  package var totals: Totals
  package init(badge: MechanismBadge, document: String, totals: Totals) {
    self.badge = badge
    self.document = document
    self.totals = totals
  }
}

extension Layout {
  /// `/`: the mechanisms of this server.
  package static func home(_ visit: Visit, _ cards: [MechanismCard]) -> HTML {
    let t = visit.t
    return city(
      visit, title: t("首页", "Home"), place: .home,
      """
      <section class="hero"><h1>\(t("每一次低碳行为，都有据可查", "Every low-carbon act, on the record"))</h1>
      <p>\(t("骑行、公交、充电、垃圾分类：行为由接入平台上报，按公开的规则换算为减排量与碳积分，写入任何人都能核验的账本。", """
          Rides, buses, charging, sorting: partners report what happened, open rules turn it into \
          reductions and points, and it is written into books that anyone can check.
          """))</p></section>
      <h2>\(t("本平台运行的碳普惠机制", "Mechanisms on this server"))</h2>
      <div class="cards">\(
        each: cards, { card in
          let mass = Mass(card.totals.grams)
          return """
            <a class="card1" href="/\(Link("\(card.badge.code)"))/"><span class="soft small">\
            \(card.badge.city)</span>
            <h3>\(card.badge.name)</h3><p class="soft small">\(card.document)</p>
            <dl class="facts end"><dt>\(t("累计减排量", "Reduction"))</dt><dd class="num">\(mass.value)\
             \(mass.unit) CO₂e</dd>
            <dt>\(t("累计碳积分", "Points"))</dt><dd class="num">\(grouped(card.totals.points.count))\
            </dd>
            <dt>\(t("参与人数", "Participants"))</dt><dd class="num">\(grouped(card.totals.citizens))\
            </dd></dl></a>
            """
        })</div>
      \(when: cards.isEmpty, """
          <div class=\"card1 empty\">\
          \(t("还没有机制。管理员用 tanpuhui init 建立数据目录并采纳政策包。", """
              No mechanism yet. An administrator makes a data folder with `tanpuhui init` and \
              adopts a pack.
              """))</div>
          """)
      """)
  }
}

/// `/{mechanism}/`
package struct Overview: Sendable {
  package var pack: Pack
  package var totals: Totals
  /// The last days, oldest first; empty where the Archive has none.
  package var days: [DayTotal]
  package var today: DayTotal?
  package init(pack: Pack, totals: Totals, days: [DayTotal] = [], today: DayTotal? = nil) {
    self.pack = pack
    self.totals = totals
    self.days = days
    self.today = today
  }

  /// Per family: grams and points of its scenes.
  var families: [(family: Family, scenes: Int, grams: Grams, points: Points, reports: Int)] {
    pack.behaviour.families.enumerated().map { index, family in
      var grams = Grams(0)
      var points = Points(0)
      var reports = 0
      let scenes = pack.behaviour.scenes.filter { $0.family == index && !$0.closed }
      for row in totals.scenes {
        guard Int(row.scene.raw) <= pack.behaviour.scenes.count, row.scene.raw > 0,
          pack.behaviour.scenes[Int(row.scene.raw) - 1].family == index
        else { continue }
        grams += row.grams
        points += row.points
        reports += row.accepted
      }
      return (family, scenes.count, grams, points, reports)
    }
  }
}

extension Layout {
  package static func overview(_ visit: Visit, _ model: Overview) -> HTML {
    let t = visit.t
    let code = model.pack.code
    let mass = Mass(model.totals.grams)
    return city(
      visit, title: t("概况", "Overview"), place: .home,
      """
      <section class="hero"><h1>\(t(model.pack.name))</h1>
      <p>\(t("依据", "Under")) \(model.pack.document.title)</p>
      <div class="duo"><div><b>\(mass.value)<small>\(mass.unit) CO₂e</small></b><span>\
      \(t("累计减排量", "Reduction so far"))</span></div>
      <div><b>\(grouped(model.totals.points.count))<small>\(t("分", "points"))</small></b><span>\
      \(t("累计发放碳积分", "Carbon points issued"))</span></div></div>
      <a class="btn btn-light" href="/\(Link("\(code)"))/me">\(t("打开我的碳账户", "Open my account"))\
      </a></section>
      \(figures(visit, model))
      <div class="split"><section class="card1"><h2>\(t("按场景类别", "By family of scenes"))</h2>
      <p class="soft small">\
      \(t("条长为减排量；减排量与碳积分分别记账，不相加。",
        "Bars show reductions; reductions and points are kept apart and never added."))</p>
      \(familyChart(visit, model))</section>
      <section class="card1"><h2>\(t("每日减排量", "Reduction by day"))</h2>\(daysOrNote(visit, model))
      <p class="src">\(t("数据截至", "As of")) \(visit.time(model.totals.time))</p></section></div>
      <h2>\(t("积分怎么来", "How it works"))</h2>
      \(steps(visit))
      <p class="pager"><span></span><a href="/\(Link("\(code)"))/scenes">\
      \(t("查看全部低碳场景与规则", "All scenes and their rules")) →</a></p>
      """)
  }

  private static func figures(_ visit: Visit, _ model: Overview) -> HTML {
    let t = visit.t
    let totals = model.totals
    let today = model.today.map { Mass($0.grams) }
    return """
      <div class="stats">
      <div class="stat"><b>\(grouped(totals.citizens))</b><span>\(t("碳账户（人）", "Accounts"))</span>\
      </div>
      <div class="stat"><b>\(grouped(totals.accepted))</b><span>\
      \(t("已入账行为（次）", "Behaviours credited"))</span></div>
      \(some: today, { """
          <div class=\"stat\"><b>\($0.value) <small class=\"small soft\">\($0.unit)</small></b>\
          <span>\(t("最近一日减排量", "Reduction, latest day"))</span></div>
          """ })
      <div class="stat"><b>\(grouped(totals.waiting))</b><span>\
      \(t("待入账（等待用户绑定）", "Waiting for a link"))</span></div>
      <a class="stat" href="/\(Link("\(model.pack.code)"))/transparency"><b>\
      \(grouped(totals.facts))</b><span>\(t("账本事实（可核验）", "Facts on the books")) →</span></a>
      </div>
      """
  }

  private static func familyChart(_ visit: Visit, _ model: Overview) -> HTML {
    Chart.bars(
      model.families.map { row in
        let mass = Mass(row.grams)
        let points = visit.t.plain(
          "\(grouped(row.points.count)) 分", "\(grouped(row.points.count)) points")
        return (visit.t(row.family.name), row.grams.count, "\(mass.value) \(mass.unit) · \(points)")
      })
  }

  private static func daysOrNote(_ visit: Visit, _ model: Overview) -> HTML {
    model.days.isEmpty
      ? "<p class=\"empty\">\(visit.t("还没有按日汇总的数据。", "No daily figures yet."))</p>"
      : Chart.days(model.days)
  }

  private static func steps(_ visit: Visit) -> HTML {
    let t = visit.t
    let items: [(HTML, HTML)] = [
      (
        t("绑定出行或生活平台", "Link a partner"),
        t(
          "在碳账户中授权，指明是哪个平台、用到哪些数据；随时可撤回。",
          "Consent in your account, platform by platform; withdraw at any time.")
      ),
      (
        t("平台上报低碳行为", "Behaviour is reported"),
        t(
          "只上报里程、时长、电量等必要数据；姓名、手机号不进账本。",
          "Only what is measured: distance, time, energy. No names, no phone numbers.")
      ),
      (
        t("按公开规则计算", "Open rules decide"),
        t(
          "减排量按方法学计算，积分按当日有效的规则发放，上限只限积分。",
          "Methods give grams, dated rules give points; caps limit points only.")
      ),
      (
        t("每一笔都能核验", "Anyone can check"),
        t(
          "每条记录可查看计算过程，并附密码学存在性证明。",
          "Each entry shows its calculation and carries a proof of inclusion.")
      ),
    ]
    return """
      <ol class="steps">\(each: items, { "<li><h3>\($0.0)</h3><p>\($0.1)</p></li>" })</ol>
      """
  }
}
