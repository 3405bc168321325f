// SPDX-License-Identifier: Apache-2.0
import Archive
import Behaviour
import HTTP
import Membership
import Policy
import Units

/// A partner's day in sums, for the person whom the partner telephones.
enum PartnerDayDesk {
  static func show(_ call: Call) throws -> Response {
    let office = try call.office()
    let (id, partner) = try PartnerDesk.find(call, office)
    let days = try office.archive.days(of: id, limit: 31)
    let day =
      call.request.query["day"].flatMap { Day($0) } ?? days.first
      ?? call.now.day(offset: office.zone)
    let sum = DayOfPartner(try office.receipts(of: id, on: day))
    let names = Dictionary(
      try office.pack().behaviour.scenes.map { ($0.id, call.t($0.name)) },
      uniquingKeysWith: { first, _ in first })
    return try call.file(office, Sheet.receipts(partner, day, sum, names, call.t))
      ?? call.html(
        Console.partnerDay(
          call.visit(office), all: StaffDesk.all(call), code: office.code, partner, day, sum,
          names: names, days: days))
  }
}

extension Console {
  static func partnerDay(
    _ visit: Visit, all: [MechanismBadge], code: String, _ partner: Partner, _ day: Day,
    _ sum: DayOfPartner, names: [SceneID: String], days: [Day]
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let here: Link = "/console/\(m)/partners/\(Link("\(partner.code)"))"
    let outcomes: [(String, HTML)] = [
      ("accepted", t("已入账", "Credited")), ("waiting", t("待入账", "Waiting")),
      ("quarantined", t("待审核", "Under review")), ("refused", t("未通过", "Refused")),
      ("rejected", t("审核未通过", "Rejected")), ("withdrawn", t("已撤回", "Withdrawn")),
    ]
    return page(
      visit, title: t("每日合计", "A day in sums"), place: .partners, all: all,
      crumbs: [
        (t("接入平台与密钥", "Partners and keys"), "/console/\(m)/partners"),
        (HTML(partner.name), here),
      ],
      """
      <form method="get" action="\(here)/receipts"><div class="field">\
      <label class="form-label" for="day">\(t("行为日期", "Day of the behaviour"))</label>\
      <input class="form-control" id="day" name="day" type="date" value="\(day.description)">\
      </div><button class="btn btn-light">\(t("查看", "Show"))</button></form>
      <p class="soft small">\(each: days.map(\.description), {
        "<a href=\"\(here)/receipts?day=\(Link("\($0)"))\">\($0)</a> " })</p>
      <section class="card1"><h2>\(day.description)</h2><dl class="facts">
      <dt>\(t("数据", "Events"))</dt><dd class="num">\(grouped(sum.events))</dd>
      \(each: outcomes, { name, label in
        "<dt>\(label)</dt><dd class=\"num\">\(grouped(sum.outcomes[name] ?? 0))</dd>" })
      <dt>\(t("减排量（克）", "Grams"))</dt><dd class="num">\(grouped(sum.grams))</dd>
      <dt>\(t("积分", "Points"))</dt><dd class="num">\(grouped(sum.points))</dd></dl></section>
      \(Layout.exports(visit))
      \(table(
        [
          .init(t("场景", "Scene")), .init(t("数据", "Events"), isNumber: true),
          .init(t("已入账", "Credited"), isNumber: true),
          .init(t("减排量（克）", "Grams"), isNumber: true),
          .init(t("积分", "Points"), isNumber: true),
        ],
        sum.scenes.sorted { $0.key < $1.key }.map { scene, row in
          [
            "\(names[scene] ?? "?")", "\(grouped(row.events))", "\(grouped(row.accepted))",
            "\(grouped(row.grams))", "\(grouped(row.points))",
          ]
        }, empty: t("这一天没有该平台的数据。", "Nothing of this partner on that day.")))
      """)
  }
}
