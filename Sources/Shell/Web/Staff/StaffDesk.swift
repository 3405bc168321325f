// SPDX-License-Identifier: Apache-2.0
import HTTP
import Storage
import Units

extension Site {
  /// What a demo's login page says: who can log in, and the code of this half minute.
  func demoHint(_ t: Tongue, _ now: Instant) -> HTML? {
    guard settings.isDevelopment, !settings.demoStaff.isEmpty else { return nil }
    let code = settings.demoSecondFactor.map {
      OneTimeCode.code(secret: $0, step: now.seconds / OneTimeCode.period)
    }
    return """
      <p>\(t("演示环境的账号（用户名 / 密码）：", "Accounts of this demo (username / password):"))</p>
      <p class="mono">\(each: settings.demoStaff, { "\($0)<br>" })</p>\(
        some: code, {
        "<p>\(t("当前动态口令", "One-time code now")) <span class=\"dev-code\">\($0)</span></p>" })
      """
  }
}

/// Staff logging in, and what belongs to no mechanism.
enum StaffDesk {
  static func loginPage(_ call: Call) throws -> Response {
    call.html(Layout.staffLogin(call.visit(), hint: call.site.demoHint(call.t, call.now)))
  }

  static func login(_ call: Call) throws -> Response {
    let t = call.t
    let username = call.form["username"] ?? ""
    try call.site.throttle.count(call.address, at: call.now)
    let code = call.form["code"].flatMap { $0.isEmpty ? nil : $0 }
    let result = try call.site.vault.logIn(
      username: username, password: call.form["password"] ?? "", code: code, at: call.now)
    func again(_ problem: HTML) -> Response {
      call.html(
        Layout.staffLogin(
          call.visit(), username: username, hint: call.site.demoHint(t, call.now),
          problem: problem), status: 422)
    }
    switch result {
    case .wrong:
      return again(
        t("用户名、密码或动态口令不正确。", "The username, password or code is wrong."))
    case .needsCode:
      return again(
        t(
          "请再输入密码，并填写身份验证器上的动态口令。",
          "Enter the password again, with the code of your authenticator."
        ))
    case .locked(let until):
      return again(
        t("错误次数过多，账号已锁定至", "Too many wrong tries; locked until") + " "
          + HTML(until.plain(offset: 28_800)) + t("。", "."))
    case .accepted(let staff):
      let standing = try call.site.vault.passwordStanding(of: staff.id, at: call.now)
      guard standing == .good else { return StaffPasswordDesk.required(call, staff, standing) }
      let (token, _) = try call.site.vault.openSession(
        .staff, subject: UInt64(staff.id.raw), at: call.now,
        lifetimeMilliseconds: Site.staffLifetime)
      try call.site.vault.record(
        StaffAction(
          time: call.now, staff: staff.id, action: "login", object: "staff/\(staff.id.raw)",
          address: call.address))
      var response = call.go(staff.hasSecondFactor ? "/console" : "/console/second-factor")
      response.headers.append(
        (
          "Set-Cookie",
          call.site.cookie(Site.staffCookie, token, seconds: Site.staffLifetime / 1000)
        ))
      return response
    }
  }

  static func logout(_ call: Call) throws -> Response {
    if case .staff(_, _, let token) = call.actor {
      try call.site.vault.revokeSession(token: token)
    }
    var response = call.go("/console/login")
    response.headers.append(("Set-Cookie", call.site.cookie(Site.staffCookie, "", seconds: 0)))
    return response
  }

  /// The secret travels in the form until a code proves it: nothing is stored before that.
  static func enrolmentPage(_ call: Call) throws -> Response {
    try enrolment(call, base32(Vault.newSecondFactor()), nil)
  }

  private static func enrolment(
    _ call: Call, _ secret: String, _ problem: HTML?
  ) throws -> Response {
    guard let staff = call.staff, let bytes = unbase32(secret), bytes.count == 20 else {
      throw Trouble.unreadableForm
    }
    let shown = OneTimeCode.code(secret: bytes, step: call.now.seconds / OneTimeCode.period)
    return call.html(
      Layout.secondFactor(
        call.visit(), secret: secret.uppercased(),
        address: OneTimeCode.address(
          secret: bytes, account: staff.username, issuer: "Tanpuhui"),
        shown: call.site.settings.isDevelopment ? shown : nil, problem: problem),
      status: problem == nil ? 200 : 422)
  }

  static func enrol(_ call: Call) throws -> Response {
    let secret = (call.form["secret"] ?? "").lowercased()
    guard let staff = call.staff, let bytes = unbase32(secret), bytes.count == 20 else {
      throw Trouble.unreadableForm
    }
    guard
      try call.site.vault.enrolSecondFactor(
        bytes, code: call.form["code"] ?? "", of: staff.id, at: call.now)
    else {
      return try enrolment(
        call, secret,
        call.t("动态口令不对，请等它变化后再输入。", "That code is wrong. Wait for the next one and enter it."))
    }
    try call.log("enrol second factor", "staff/\(staff.id.raw)")
    return call.go("/console")
  }

  private static func unbase32(_ text: String) -> [UInt8]? {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
    var bytes: [UInt8] = []
    var buffer: UInt32 = 0
    var bits = 0
    for byte in text.utf8 {
      guard let value = alphabet.firstIndex(of: byte) else { return nil }
      buffer = buffer << 5 | UInt32(value)
      bits += 5
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
      }
    }
    return bytes
  }

  static func home(_ call: Call) throws -> Response {
    if call.actor.roles.isDisjoint(with: .staff) { return try ShopDesk.home(call) }
    guard let first = call.site.offices.first else { throw Trouble.noMechanism }
    return call.go("/console/\(Link("\(first.code)"))")
  }

  static func people(_ call: Call) throws -> Response {
    let staff = try call.site.vault.staff()
    if let file = try call.file(nil, Sheet.staff(staff.map(row), call.t)) { return file }
    return call.html(
      Console.people(
        visit(call), all: all(call), staff.map(row)))
  }

  /// The console always shows one mechanism's menu: the first, where the page has none.
  private static func visit(_ call: Call) -> Visit { call.visit(call.site.offices.first) }

  static func all(_ call: Call) -> [MechanismBadge] { call.site.offices.map { $0.badge(call.t) } }

  private static func row(_ staff: Staff) -> StaffRow {
    StaffRow(
      id: staff.id.raw, username: staff.username, name: staff.displayName, roles: staff.roles,
      hasSecondFactor: staff.hasSecondFactor, isDisabled: staff.disabled)
  }

  static func addPerson(_ call: Call) throws -> Response {
    let t = call.t
    let username = call.form["username"] ?? ""
    let name = call.form["name"] ?? ""
    let password = call.form["password"] ?? ""
    let roles = Roles.named(call.form.all("role")).codes
    var problem: HTML?
    if !username.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) || !(2...64).contains(username.count)
      || name.isEmpty
    {
      problem = t("请填写用户名和姓名。", "Give a username and a name.")
    } else if let fault = Vault.fault(of: password, username: username) {
      problem = StaffPasswordDesk.sentence(fault, t)
    } else if let id = try call.site.vault.addStaff(
      username: username, displayName: name, roles: roles, password: password, at: call.now)
    {
      try call.site.vault.markFirstPassword(of: id, at: call.now)
      try call.log("add staff", "staff/\(id.raw)", after: roles.joined(separator: ","))
      return call.go("/console/staff")
    } else {
      problem = t("用户名已被使用，请另选一个。", "This username is taken. Choose another.")
    }
    return call.html(
      Console.people(
        visit(call), all: all(call), try call.site.vault.staff().map(row), problem: problem),
      status: 422)
  }

  private static func somebody(_ call: Call) throws -> Staff {
    guard let staff = try call.site.vault.staff(StaffID(UInt32(clamping: try call.number("id"))))
    else { throw Trouble.notFound }
    return staff
  }

  static func person(_ call: Call) throws -> Response {
    call.html(Console.person(visit(call), all: all(call), row(try somebody(call))))
  }

  static func changePerson(_ call: Call) throws -> Response {
    let staff = try somebody(call)
    let roles = Roles.named(call.form.all("role")).codes
    let disabled = call.form["disabled"] == "yes"
    if staff.id == call.staff?.id, disabled || !roles.contains("administrator") {
      return call.html(
        Console.person(
          visit(call), all: all(call), row(staff),
          problem: call.t(
            "不能停用自己或取消自己的管理员角色，请由另一位管理员操作。",
            """
            You can't disable yourself or give up your own administrator's role; ask another \
            one.
            """)
        ),
        status: 422)
    }
    try call.site.vault.setRoles(roles, of: staff.id)
    if disabled != staff.disabled {
      try call.site.vault.setDisabled(disabled, staff.id, at: call.now)
    }
    try call.log(
      "change staff", "staff/\(staff.id.raw)",
      before: staff.roles.joined(separator: ",") + (staff.disabled ? " disabled" : ""),
      after: roles.joined(separator: ",") + (disabled ? " disabled" : ""))
    return call.go("/console/staff")
  }

  static func setPassword(_ call: Call) throws -> Response {
    let staff = try somebody(call)
    let password = call.form["password"] ?? ""
    if let fault = Vault.fault(of: password, username: staff.username) {
      return call.html(
        Console.person(
          visit(call), all: all(call), row(staff),
          problem: StaffPasswordDesk.sentence(fault, call.t)), status: 422)
    }
    try call.site.vault.setPassword(password, of: staff.id)
    try call.site.vault.markFirstPassword(of: staff.id, at: call.now)
    try call.log("set password", "staff/\(staff.id.raw)")
    return call.go("/console/staff")
  }

  static func removeSecondFactor(_ call: Call) throws -> Response {
    let staff = try somebody(call)
    try call.site.vault.removeSecondFactor(of: staff.id)
    try call.site.vault.revokeSessions(.staff, subject: UInt64(staff.id.raw))
    try call.log("remove second factor", "staff/\(staff.id.raw)")
    return call.go("/console/staff")
  }

  static func log(_ call: Call) throws -> Response {
    let before = call.request.query["before"].flatMap { Int64($0) }
    let object = call.request.query["object"] ?? ""
    let names = Dictionary(
      try call.site.vault.staff().map { ($0.id, $0.displayName) }, uniquingKeysWith: { a, _ in a })
    if let file = try call.file(nil, Sheet.log(call.site.vault, object, names, call.t)) {
      return file
    }
    let rows = try call.site.vault.staffActions(
      object: object.isEmpty ? nil : object, before: before ?? .max, limit: 50
    ).map { number, action in
      LogRow(
        number: number, time: action.time, who: names[action.staff] ?? "\(action.staff.raw)",
        action: action.action, object: action.object, before: action.before, after: action.after,
        address: action.address)
    }
    return call.html(
      Console.log(
        visit(call), all: all(call),
        Listed(
          rows: rows, next: rows.count == 50 ? rows.last.map { UInt64($0.number) } : nil,
          isFirst: before == nil), object: object))
  }
}
