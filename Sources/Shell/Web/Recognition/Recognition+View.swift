// SPDX-License-Identifier: Apache-2.0
import Recognition
import Storage
import Units

/// One programme, as one citizen sees it.
package struct RecognitionModel: Sendable {
  package var programme: Programme
  package var rates: [Direction: ExchangeRate]
  package var left: [Direction: Int64]
  package var member: ProgrammeMember?
  package var isConnected: Bool
  package var conversions: [(number: UInt32, conversion: Conversion)]
}

extension Layout {
  static func programmes(
    _ visit: Visit, code: String, _ rows: [RecognitionModel], points: Int64
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let recent = rows.flatMap { row in row.conversions.map { (row.programme, $0) } }
      .sorted { $0.1.number > $1.1.number }.prefix(20)
    return city(
      visit, title: t("积分互认", "Other programmes"), place: .account,
      """
      <nav class="crumb"><a href="/\(m)/me">\(t("我的碳账户", "My account"))</a> / \
      \(t("积分互认", "Other programmes"))</nav>
      <h1>\(t("积分互认", "Exchange points with other programmes"))</h1>
      <p class="soft">\(t("可用碳积分", "Points you can spend")) <b class="num">\
      \(grouped(points))</b></p>
      \(rows.isEmpty ? """
        <section class="card1 empty"><p>\(t("本机制还没有互认项目。",
          "This city recognises no other programme yet."))</p></section>
        """ : """
        <div class="cards">\(each: rows, { card(visit, $0, m) })</div>
        """)
      <h2>\(t("最近的兑换", "Latest exchanges"))</h2>
      <section class="card1"><ul class="list">\(
        each: recent, { conversionRow(visit, $0.0, $0.1.number, $0.1.conversion, m) })\
      \(when: recent.isEmpty, "<li class=\"soft\">\(t("还没有兑换过。", "None so far."))</li>")\
      </ul></section>
      """)
  }

  private static func card(_ visit: Visit, _ row: RecognitionModel, _ m: Link) -> HTML {
    let t = visit.t
    return """
      <a class="card1" href="/\(m)/me/recognition/\(Link("\(row.programme.code)"))">
      <span>\(row.member != nil ? "<span class=\"tag\">\(t("已绑定", "Linked"))</span>" :
        "<span class=\"tag off\">\(t("未绑定", "Not linked"))</span>")</span>
      <h2>\(t(row.programme.name))</h2>
      \(each: Direction.allCases.compactMap { row.rates[$0] }, {
        "<span class=\"small\">\(RecognitionText.rate($0, row.programme, t))</span>" })
      <span class="end soft small">\(row.programme.source)</span></a>
      """
  }

  private static func conversionRow(
    _ visit: Visit, _ programme: Programme, _ number: UInt32, _ one: Conversion, _ m: Link
  ) -> HTML {
    let t = visit.t
    let time = Instant(milliseconds: one.began).plain(offset: visit.zone)
    return """
      <li><a class="entry" href="/\(m)/me/recognition/\(Link("\(one.programme)"))/\
      \(Link("\(number)"))"><span><b>\(t(programme.name))</b> \
      \(RecognitionText.status(one, t))</span>
      <span class="gain"><i>\(one.direction == .out ? "−" : "+")\(grouped(one.ours)) \
      \(t("分", "pts"))</i></span>
      <span class="soft">\(String(time.dropLast(3)))</span>
      <span class="gain">\(one.direction == .out ? "+" : "−")\(grouped(one.theirs)) \
      \(t(programme.points))</span></a></li>
      """
  }

  static func programme(
    _ visit: Visit, code: String, _ model: RecognitionModel, points: Int64, id: String,
    amount: String?, problem: HTML?
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let programme = model.programme
    return city(
      visit, title: HTML(t(programme.name)), place: .account, width: .slim,
      """
      <nav class="crumb"><a href="/\(m)/me/recognition">\(t("积分互认", "Other programmes"))</a> / \
      \(t(programme.name))</nav>
      <h1>\(t(programme.name))</h1>
      \(some: problem, { "<div class=\"note1 bad\" role=\"alert\"><p>\($0)</p></div>" })
      \(some: model.member, { exchangeForm(visit, m, model, $0, points, id, amount) })
      \(when: model.member == nil, linkForm(visit, m, programme))
      <h2>\(t("规则", "Rules"))</h2>
      <section class="card1"><dl class="facts">
      <dt>\(t("兑换比例", "Rates"))</dt><dd>\(
        each: programme.rates, { rate in
          """
          <p>\(RecognitionText.rate(rate, programme, t)) <span class="soft small">\
          \(t("自", "from")) \(rate.from.description)</span></p>
          """
        })</dd>
      <dt>\(t("限额", "Limits"))</dt><dd>\(
        each: programme.allowances, { "<p>\(RecognitionText.limit($0, t))</p>" })</dd>
      <dt>\(t("依据", "Rests on"))</dt><dd class="src">\(programme.source)</dd>
      </dl></section>
      <h2>\(t("兑换记录", "History"))</h2>
      <section class="card1"><ul class="list">\(
        each: model.conversions.prefix(50), {
          conversionRow(visit, programme, $0.number, $0.conversion, m) })\
      \(when: model.conversions.isEmpty,
        "<li class=\"soft\">\(t("还没有兑换过。", "None so far."))</li>")\
      </ul></section>
      """)
  }

  private static func linkForm(_ visit: Visit, _ m: Link, _ programme: Programme) -> HTML {
    let t = visit.t
    return """
      <section class="card1"><h2>\(t("绑定会员", "Link your member account"))</h2>
      <form method="post" action="/\(m)/me/recognition/\(Link("\(programme.code)"))/link">\
      \(visit.formField)
      <div class="field"><label class="form-label" for="member">\
      \(t("您在对方的会员号", "Your member number there"))</label>
      <input class="form-control" id="member" name="member" required maxlength="64" \
      autocomplete="off"></div>
      <div class="form-check field"><input class="form-check-input" type="checkbox" id="agree" \
      name="agree" value="yes" required><label class="form-check-label" for="agree">\
      \(t("同意向对方提供互认码和每笔兑换的数量；可随时解除。", """
        I agree that they are given a recognition code and the amount of each exchange. I can end \
        this any time.
        """))</label></div>
      <button class="btn btn-primary wide">\(t("绑定", "Link"))</button></form></section>
      """
  }

  private static func exchangeForm(
    _ visit: Visit, _ m: Link, _ model: RecognitionModel, _ member: ProgrammeMember,
    _ points: Int64, _ id: String, _ amount: String?
  ) -> HTML {
    let t = visit.t
    let here: Link = "/\(m)/me/recognition/\(model.programme.code)"
    let open = Direction.allCases.filter { model.rates[$0] != nil }
    return """
      <section class="card1"><h2>\(t("兑换", "Exchange"))</h2>
      <p>\(t("可用碳积分", "Points you can spend")) <b class="num">\(grouped(points))</b></p>
      \(when: !model.isConnected, """
          <div class="note1 dev"><p>\(t("对方系统尚未接通，暂不能兑换。",
            "They are not connected yet; points can't be exchanged."))</p></div>
          """)
      <form method="post" action="\(here)">\(visit.formField)\
      <input type="hidden" name="exchange" value="\(id)">
      <fieldset class="field"><legend class="form-label">\(t("方向", "Direction"))</legend>\(
        each: open, { choice(visit, model, $0, isFirst: $0 == open.first) })</fieldset>
      <div class="field"><label class="form-label" for="points">\
      \(t("碳积分数量（分）", "Carbon points"))</label>
      <input class="form-control" type="number" id="points" name="points" min="1" required \
      inputmode="numeric" value="\(amount ?? "")"></div>
      <button class="btn btn-primary wide"\(when: !model.isConnected, " disabled")>\
      \(t("兑换", "Exchange"))</button></form>
      <dl class="facts"><dt>\(t("对方会员号", "Member there"))</dt><dd class="long">\
      \(member.member)</dd>
      <dt>\(t("您的互认码", "Your recognition code"))</dt><dd><code class="long">\(member.code)</code>\
      <br><span class="soft small">\
      \(t("在对方发起兑换时填写，请勿告诉他人。", "To give there when you begin an exchange there; keep it."))</span>\
      </dd></dl>
      <form method="post" action="\(here)/unlink">\(visit.formField)<button class="link-btn bad">\
      \(t("解除绑定", "Unlink"))</button></form></section>
      """
  }

  private static func choice(
    _ visit: Visit, _ model: RecognitionModel, _ direction: Direction, isFirst: Bool
  ) -> HTML {
    let t = visit.t
    let name = t(model.programme.points)
    let label =
      direction == .out
      ? t.plain("碳积分 → \(name)", "Carbon points → \(name)")
      : t.plain("\(name) → 碳积分", "\(name) → carbon points")
    return """
      <div class="form-check"><input class="form-check-input" type="radio" name="direction" \
      id="to-\(direction.rawValue)" value="\(direction.rawValue)"\(when: isFirst, " checked")>\
      <label class="form-check-label" for="to-\(direction.rawValue)">\(label)<br>\
      <span class="soft small">\(some: model.rates[direction], {
        HTML(RecognitionText.rate($0, model.programme, t)) })\
      \(some: model.left[direction], { """
           · \(t("还可兑换", "left:")) <b class="num">\(grouped($0))</b> \(t("分", "points"))
          """ })</span></label></div>
      """
  }

  static func conversion(
    _ visit: Visit, code: String, _ programme: Programme, number: UInt32, _ one: Conversion
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let leaves = one.direction == .out
    return city(
      visit, title: t("积分兑换", "Exchange"), place: .account, width: .slim,
      """
      <nav class="crumb"><a href="/\(m)/me/recognition">\(t("积分互认", "Other programmes"))</a> / \
      <a href="/\(m)/me/recognition/\(Link("\(programme.code)"))">\(t(programme.name))</a> / \
      \(number)</nav>
      <section class="card1"><h1>\(RecognitionText.status(one, t)) \(leaves
        ? t("转出积分", "Points out") : t("转入积分", "Points in"))</h1>
      \(some: one.reason.flatMap { one.status == .cancelled ? $0 : nil },
        { "<p>\(RecognitionText.reason($0, t))\(t("。", "."))</p>" })
      \(when: one.status == .open, """
          <div class="note1"><p>\(leaves ? t(
            "积分已预留，正在与对方确认；对方未答复时，到期自动退回。",
            "Your points are set aside while they are asked; without an answer they return.") : t(
            "正在与对方确认，完成后积分到账。", "They are being asked; the points come when it is done."))</p></div>
          """)
      <dl class="facts">
      <dt>\(t("碳积分", "Carbon points"))</dt><dd class="num"><b>\(leaves ? "−" : "+")\
      \(grouped(one.ours))</b></dd>
      <dt>\(t(programme.points))</dt><dd class="num"><b>\(leaves ? "+" : "−")\
      \(grouped(one.theirs))</b></dd>
      <dt>\(t("发起", "Begun"))</dt><dd>\(visit.time(Instant(milliseconds: one.began))) · \
      \(one.lead == .ours ? t("在本机制", "here") : t("在对方", "there"))</dd>
      \(some: one.ended, {
        "<dt>\(t("结束", "Ended"))</dt><dd>\(visit.time(Instant(milliseconds: $0)))</dd>" })
      \(when: one.status == .open, """
          <dt>\(t("时限", "Until"))</dt><dd>\(visit.time(Instant(milliseconds: one.deadline)))</dd>
          """)
      <dt>\(t("编号", "Number"))</dt><dd><code class="long">\(one.id)</code></dd>
      </dl></section>
      """)
  }
}
