// SPDX-License-Identifier: Apache-2.0
import Ledger
import Mechanism
import Policy
import Units

/// `/{mechanism}/me/points`
package struct PointsModel: Sendable {
  package var code: String
  package var balance: Int64
  package var lots: [Lot]
  package var movements: [Movement]
  package var expired: Int64
  package var validity: PointsPolicy.Validity?
}

/// 即将过期: points that end within thirty days, and on which day.
package struct EndingPoints: Hashable, Sendable {
  package var points: Int64
  package var day: Day
  /// Days that are left, today not counted.
  package var days: Int
  /// 30, 7 or 1: which of the three warnings this is.
  package var warning: Int { days <= 1 ? 1 : days <= 7 ? 7 : 30 }
}

extension [Lot] {
  /// What ends next, where that is within thirty days.
  package func ending(on today: Day) -> EndingPoints? {
    guard let day = compactMap(\.lastDay).filter({ $0 >= today }).min(),
      day.number - today.number <= 30
    else { return nil }
    let points = filter { $0.lastDay == day }.reduce(0) { $0 + $1.left }
    return EndingPoints(points: points, day: day, days: Int(day.number - today.number))
  }
}

extension Layout {
  /// Warned 30, 7 and 1 days before; redder as it comes nearer.
  static func ending(_ ending: EndingPoints, _ code: String, _ t: Tongue) -> HTML {
    let when: HTML =
      ending.days == 0
      ? t("今天是最后一天", "today is the last day")
      : t("还有", "days left:") + " \(ending.days) " + t("天", "")
    return """
      <div class="note1\(when: ending.warning == 1, " bad")\
      \(when: ending.warning == 7, " dev")"><p>\
      <b>\(grouped(ending.points)) \(t("分将于", "points end on"))</b> \(ending.day.description) \
      \(t("到期", "")) · \(when). <a href="/\(Link("\(code)"))/me/points">\
      \(t("查看批次", "See which"))</a></p></div>
      """
  }

  package static func points(_ visit: Visit, _ model: PointsModel, today: Day) -> HTML {
    let t = visit.t
    let m: Link = "\(model.code)"
    return city(
      visit, title: t("积分批次与有效期", "Points and how long they hold"), place: .account,
      width: .slim,
      """
      <nav class="crumb"><a href="/\(m)/me">\(t("我的碳账户", "My account"))</a> / \
      \(t("积分批次", "Points by age"))</nav>
      <h1>\(t("积分批次与有效期", "Points and how long they hold"))</h1>
      \(some: model.lots.ending(on: today), { ending($0, model.code, t) })
      <section class="card1"><p><b class="num">\(grouped(model.balance))</b> \
      \(t("分可用，先到期的先用。", "points; what ends first is spent first."))</p>
      <p class="soft">\(model.validity.map { "\(PolicyText.validity($0, t)) " } ?? t(
        "本机制没有规定有效期。", "This mechanism sets no end to points."))\
      \(some: model.validity, { Tags.source($0.source, t) })</p></section>
      <h2>\(t("剩余批次", "What is left"))</h2>
      <section class="card1"><ul class="list">\(each: model.lots, { lot($0, t) })\
      \(when: model.lots.isEmpty, "<li class=\"soft\">\(t("没有剩余积分。", "Nothing is left."))</li>")\
      </ul></section>
      \(exports(visit))
      <h2>\(t("使用与转入", "Spent and received"))</h2>
      <section class="card1"><ul class="list">\
      \(each: model.movements.reversed().prefix(100), { movement($0, t) })\
      \(when: model.expired > 0, """
          <li><span class="entry"><span>\(t("已过期（累计）", "Expired so far"))</span>\
          <span class="gain">−\(grouped(model.expired)) \(t("分", "pts"))</span></span></li>
          """)\
      \(when: model.movements.isEmpty && model.expired == 0,
        "<li class=\"soft\">\(t("还没有使用过积分。", "No points were spent yet."))</li>")\
      </ul></section>
      """)
  }

  private static func lot(_ lot: Lot, _ t: Tongue) -> HTML {
    let month = String(lot.from.description.prefix(7))
    return """
      <li><span class="entry"><span><b>\(lot.purpose.map { PolicyText.purpose($0, t) } ?? month)\
      </b></span><span class="gain"><b>\(grouped(lot.left)) \(t("分", "pts"))</b></span>
      <span class="soft">\(lot.lastDay.map { t("有效至", "holds until") + " " + HTML($0.description) }
        ?? t("长期有效", "does not end"))</span>
      <span class="gain soft">\(t("原有", "of")) \(grouped(lot.credited))</span></span></li>
      """
  }

  private static func movement(_ movement: Movement, _ t: Tongue) -> HTML {
    """
    <li><span class="entry"><span>\(PolicyText.purpose(movement.purpose, t))</span>\
    <span class="gain">\(movement.points > 0 ? "+" : "−")\(grouped(abs(movement.points))) \
    \(t("分", "pts"))</span><span class="soft">\(Day(movement.day).description)</span></span></li>
    """
  }
}
