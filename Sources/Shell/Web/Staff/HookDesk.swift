// SPDX-License-Identifier: Apache-2.0
import Desk
import HTTP
import Membership
import Storage
import Units

/// Staff's page about what a partner is told, and how that went.
enum HookDesk {
  static func show(_ call: Call) throws -> Response { try page(call, try call.office()) }

  private static func page(
    _ call: Call, _ office: Office, secret: String? = nil, problem: HTML? = nil
  ) throws -> Response {
    let (id, partner) = try PartnerDesk.find(call, office)
    let hooks = try call.site.vault.hooks(mechanism: office.code, all: true)
      .filter { $0.partner == id }
    return call.html(
      Console.hooks(
        call.visit(office), all: StaffDesk.all(call), code: office.code, partner, hooks: hooks,
        deliveries: try call.site.vault.deliveries(
          mechanism: office.code, partner: id, limit: 100),
        secret: secret, problem: problem), status: problem == nil ? 200 : 422)
  }

  static func add(_ call: Call) throws -> Response {
    let office = try call.office()
    let (id, partner) = try PartnerDesk.find(call, office)
    let address = call.form["address"] ?? ""
    let topics = call.form.all("topic").filter { Courier.topics.contains($0) }
    guard let destination = Destination(address),
      destination.mayBeCalled(development: call.site.settings.isDevelopment), !topics.isEmpty
    else {
      return try page(
        call, office,
        problem: call.t(
          "请填写 https 地址，并至少选择一类消息。",
          "Give an https address, and choose at least one kind of message."))
    }
    let hook = try call.site.vault.addHook(
      mechanism: office.code, partner: id, address: address, topics: topics,
      from: office.clerk.statistics.lastSequence, at: call.now)
    try call.log("add hook", "\(office.code)/partner/\(partner.code)", after: address)
    return try page(call, office, secret: "whsec_" + base64(hook.secret))
  }

  static func end(_ call: Call) throws -> Response {
    let office = try call.office()
    let (id, partner) = try PartnerDesk.find(call, office)
    guard let hook = Int64(call.form["hook"] ?? ""),
      try call.site.vault.endHook(hook, mechanism: office.code, partner: id, at: call.now)
    else {
      return try page(
        call, office, problem: call.t("没有这个有效地址。", "There is no such address any more."))
    }
    try call.log("end hook", "\(office.code)/partner/\(partner.code)", before: "\(hook)")
    return try page(call, office)
  }

  static func redeliver(_ call: Call) throws -> Response {
    let office = try call.office()
    let (id, partner) = try PartnerDesk.find(call, office)
    guard let message = Int64(call.form["message"] ?? ""),
      try call.site.vault.redeliver(message, mechanism: office.code, partner: id, at: call.now)
    else {
      return try page(
        call, office,
        problem: call.t("没有这条消息，或地址已停用。", "There is no such message, or its address has ended."))
    }
    try call.log("redeliver", "\(office.code)/partner/\(partner.code)", after: "\(message)")
    return try page(call, office)
  }
}

extension Console {
  static func hooks(
    _ visit: Visit, all: [MechanismBadge], code: String, _ partner: Partner, hooks: [Hook],
    deliveries: [Delivery], secret: String?, problem: HTML?
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let here: Link = "/console/\(m)/partners/\(Link("\(partner.code)"))"
    let mayChange = visit.staff?.roles.contains(.administrator) ?? false
    let mayRepeat =
      !(visit.staff?.roles.isDisjoint(with: [.administrator, .operators]) ?? true)
    return page(
      visit, title: t("回调与投递记录", "Webhooks and deliveries"), place: .partners, all: all,
      crumbs: [
        (t("接入平台与密钥", "Partners and keys"), "/console/\(m)/partners"),
        (HTML(partner.name), here),
      ],
      """
      \(Layout.alert(problem))
      \(some: secret, { """
        <div class="note1"><p>\
        \(t("签名密钥只显示这一次，请交给平台：", "The signing secret is shown once. Hand it to the partner:"))\
        </p><p class="key mono">\($0)</p></div>
        """ })
      <section class="card1"><h2>\(t("回调地址", "Addresses"))</h2>
      \(table(
        [
          .init(t("地址", "Address")), .init(t("消息", "Messages")), .init(t("状态", "State")),
          .init(t("操作", "Action")),
        ],
        hooks.map { hook in
          [
            "<code>\(hook.address)</code>", "\(hook.topics.joined(separator: " "))",
            hook.ended == nil
              ? "<span class=\"tag\">\(t("有效", "Good"))</span>"
              : "<span class=\"tag off\">\(t("已停用", "Ended"))</span>",
            hook.ended == nil && mayChange
              ? """
              <form method="post" action="\(here)/hooks/end">\(visit.formField)<input \
              type="hidden" name="hook" value="\(hook.id)"><button class="link-btn bad">\
              \(t("停用", "End"))</button></form>
              """ : "—",
          ]
        }, empty: t("还没有回调地址。", "No address yet.")))
      \(when: mayChange, hookForm(visit, here))</section>
      <section class="card1"><h2>\(t("投递记录", "Deliveries"))</h2>
      \(table(
        [
          .init(t("消息", "Message")), .init(t("类型", "Kind")), .init(t("时间", "Time")),
          .init(t("次数", "Tries"), isNumber: true), .init(t("结果", "Result")),
          .init(t("操作", "Action")),
        ],
        deliveries.map { line in
          [
            "<code>msg_\(line.id)</code>", "\(line.topic)", visit.time(line.created),
            "\(line.tries)", result(line, visit),
            mayRepeat
              ? """
              <form method="post" action="\(here)/hooks/redeliver">\(visit.formField)<input \
              type="hidden" name="message" value="\(line.id)"><button class="link-btn">\
              \(t("重新投递", "Send again"))</button></form>
              """ : "—",
          ]
        }, empty: t("还没有投递过消息。", "Nothing was sent yet.")))</section>
      """)
  }

  private static func result(_ line: Delivery, _ visit: Visit) -> HTML {
    let t = visit.t
    let said: HTML = "\(line.status.map { "HTTP \($0)" } ?? line.said ?? "")"
    if let due = line.due {
      return """
        <span><span class="tag wait">\(t("待投递", "Due"))</span> \(visit.time(due)) \(said)</span>
        """
    }
    return line.delivered == nil
      ? "<span><span class=\"tag bad\">\(t("已放弃", "Given up"))</span> \(said)</span>"
      : "<span><span class=\"tag\">\(t("已送达", "Delivered"))</span> \(said)</span>"
  }

  private static func hookForm(_ visit: Visit, _ here: Link) -> HTML {
    let t = visit.t
    return """
      <form method="post" action="\(here)/hooks">\(visit.formField)
      <div class="field"><label class="form-label" for="address">\
      \(t("https 地址", "Address, https"))</label><input class="form-control" id="address" \
      name="address" required maxlength="500" placeholder="https://"></div>
      <fieldset class="field"><legend class="form-label">\(t("消息", "Messages"))</legend>\
      \(each: Courier.topics, { """
        <div class="form-check"><input class="form-check-input" type="checkbox" name="topic" \
        id="t-\($0)" value="\($0)" checked><label class="form-check-label" for="t-\($0)">\($0)\
        </label></div>
        """ })</fieldset>
      <button class="btn btn-light">\(t("登记地址", "Register it"))</button></form>
      """
  }
}
