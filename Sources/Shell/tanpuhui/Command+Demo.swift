// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Desk
import Glibc
import Journal
import Mechanism
import Membership
import Storage
import Units
import Web

// `tanpuhui demo`: a month of invented behaviour through the same door as any partner's, then
// served.
extension Tanpuhui {
  static func demo(_ arguments: Arguments) throws -> Bool {
    Serving.blockSignals()
    let opened = try Opened(arguments.need("data"), create: true)
    for directory in arguments.all("pack") { _ = try opened.adopt(directory) }
    try DemoStaff.add(to: opened.vault)
    let serving = try Serving(
      opened, listen: arguments.has("no-serve") ? "127.0.0.1:0" : arguments.need("listen"),
      settings: SiteSettings(
        assetsFolder: Serving.assetsFolder(), isDevelopment: true, isDemo: true,
        demoSecondFactor: DemoStaff.secret, demoStaff: DemoStaff.lines))
    let city = DemoCity(
      opened: opened, port: serving.port, seed: arguments.number("seed"),
      citizens: arguments.number("citizens"))
    try city.fill()
    print(city.welcome(port: serving.port))
    // Also where somebody reads it from a file.
    fflush(nil)
    if arguments.has("no-serve") {
      serving.stop()
    } else {
      serving.serveUntilTold()
    }
    return true
  }
}

/// 演示账号: staff of a demo server, one for each role.
enum DemoStaff {
  static let password = "tanpuhui-demo"
  static let secret: [UInt8] = Array("tanpuhui demo second".utf8)
  static let people = [
    ("operator", "林运营"), ("reviewer", "马审核"), ("regulator", "周监管"), ("auditor", "陈审计"),
    ("administrator", "何管理"),
  ]

  static var lines: [String] {
    (people + [(DemoMall.clerkName, DemoMall.clerkTitle)]).map { "\($0.0) / \(password)  \($0.1)" }
  }

  static func add(to vault: Vault) throws {
    let known = try vault.staff().map(\.username)
    for (username, name) in people where !known.contains(username) {
      let now = systemClock()
      guard
        let id = try vault.addStaff(
          username: username, displayName: name, roles: [username], password: password, at: now)
      else { continue }
      // Enrolled as if a minute ago, so that the code of now is still unused.
      let then = Instant(milliseconds: now.milliseconds - 90_000)
      let code = OneTimeCode.code(secret: secret, step: then.seconds / OneTimeCode.period)
      _ = try vault.enrolSecondFactor(secret, code: code, of: id, at: then)
    }
  }
}

/// The invented city. Filling it twice changes nothing: people are found by their phone, partners
/// by their code, events by their id.
struct DemoCity {
  let opened: Opened
  let port: UInt16
  let seed: UInt64
  let citizens: Int

  init(opened: Opened, port: UInt16, seed: Int, citizens: Int) {
    self.opened = opened
    self.port = port
    self.seed = UInt64(seed)
    self.citizens = citizens
  }

  private var marker: String { DemoCity.marker(in: opened.folder) }

  /// A file that says whose data these are.
  static func marker(in folder: DataFolder) -> String { folder.path + "/chengdu/demo" }

  /// The last day of the month is the day before the first start, so that a later start adds
  /// nothing.
  func fill() throws {
    if access(marker, F_OK) == 0 { return }
    let clerk = try opened.clerk("chengdu")
    let keys = try partners(clerk)
    let today = systemClock().day(offset: 28_800)
    var month = DemoMonth(seed: seed, citizens: citizens, last: Day(today.number - 1))
    let bar = ProgressBar(quiet: false)
    try people(month.citizens, clerk, bar)
    var days = 0
    while let events = month.next() {
      for partner in DemoPartner.allCases {
        try post(events.filter { $0.partner == partner }, keys[partner.code] ?? "")
      }
      days += 1
      bar.show("演示数据 demo data: day", Int64(days), of: Int64(month.dayCount))
    }
    bar.end()
    for partner in DemoPartner.allCases { try dropKeys(partner.code, clerk) }
    try DemoMall(opened: opened, clerk: clerk, citizens: citizens).fill()
    guard let file = fopen(marker, "w") else {
      throw CommandFailure("\(marker) can't be written: \(String(cString: strerror(errno)))")
    }
    fclose(file)
  }

  /// Adds the partners that are missing; a fresh key for each, for this filling only.
  private func partners(_ clerk: Clerk) throws -> [String: String] {
    var keys: [String: String] = [:]
    for partner in DemoPartner.allCases {
      let known = clerk.published.partners.firstIndex { $0.code == partner.code }
      if let known {
        keys[partner.code] = try opened.vault.newPartnerKey(
          mechanism: clerk.code, partner: PartnerID(UInt16(known + 1)), at: systemClock())
      } else {
        keys[partner.code] = try PartnerDesk.add(
          Membership.Partner(
            code: partner.code, name: partner.name.chinese, scenes: partner.scenes.map(\.code),
            enrols: partner.enrols), to: clerk, vault: opened.vault)
      }
    }
    return keys
  }

  private func dropKeys(_ code: String, _ clerk: Clerk) throws {
    guard let index = clerk.published.partners.firstIndex(where: { $0.code == code }) else {
      return
    }
    for key in opened.vault.partnerKeys(mechanism: clerk.code)
    where key.partner.raw == UInt16(index + 1) && key.revoked == nil {
      _ = try opened.vault.revokePartnerKey(hash: key.hash, at: systemClock())
    }
  }

  /// An account for everybody, and every partner's name for them linked to it.
  private func people(_ citizens: [DemoCitizen], _ clerk: Clerk, _ bar: ProgressBar) throws {
    let vault = opened.vault
    let aliases = try vault.aliases(of: clerk.code)
    for (index, citizen) in citizens.enumerated() {
      bar.show("演示数据 demo data: people", Int64(index), of: Int64(citizens.count))
      let (person, _) = try vault.personOrNew(phone: citizen.phone, at: systemClock())
      guard try vault.accounts(of: person).isEmpty else { continue }
      let account = try clerk.perform(.membership(.enrol)).result.citizen
      _ = try vault.link(Account(mechanism: clerk.code, citizen: account), to: person)
      for partner in DemoPartner.allCases where partner.enrols {
        guard let id = clerk.published.partners.firstIndex(where: { $0.code == partner.code })
        else { continue }
        let alias = try resolve(
          aliases, partner.subject(of: citizen.number), PartnerID(UInt16(id + 1)))
        clerk.perform(.membership(.link(alias, account))) { _ in }
      }
    }
  }

  private func resolve(
    _ aliases: Aliases, _ subject: String, _ partner: PartnerID
  ) throws -> AliasID {
    let texts = Texts()
    let subjects = [texts.keep(subject)]
    var found = [AliasID(0)]
    try subjects.withUnsafeBufferPointer { subjects in
      try found.withUnsafeMutableBufferPointer { found in
        try aliases.resolve(subjects, of: partner, into: found)
      }
    }
    return found[0]
  }

  /// One partner's day, posted as any partner would.
  private func post(_ events: [DemoEvent], _ key: String) throws {
    guard !events.isEmpty else { return }
    var client = try LoadClient(
      port: port, path: "/api/v1/chengdu/behaviours",
      headers: ["Authorization: Bearer \(key)", "Content-Type: application/x-ndjson"],
      connections: 1)
    defer { client.close() }
    var body: [UInt8]? = Array(events.map(\.cloudEvent).joined(separator: "\n").utf8)
    try client.run(
      next: { _ in
        defer { body = nil }
        return body
      },
      done: { _, status, answer in
        guard status == 200 else {
          throw CommandFailure(
            "the demo data was refused: \(String(decoding: answer, as: UTF8.self))")
        }
      })
  }

  func welcome(port: UInt16) -> String {
    let people = DemoMonth(seed: seed, citizens: min(citizens, 3), last: Day(0)).citizens
    return """

      碳普惠 Tanpuhui   http://127.0.0.1:\(port)

      演示数据：由程序按种子 \(seed) 生成，非真实数据。Demo data, generated from seed \(seed).

      居民 citizens (login /login; the code is shown on the page):
      \(people.map { "  \($0.phone)  \($0.name)" }.joined(separator: "\n"))
      工作人员 staff (login /console; the page shows the one-time code):
      \(DemoStaff.lines.map { "  \($0)" }.joined(separator: "\n"))

      Stop with Ctrl-C; nothing is lost. 按 Ctrl-C 停止，数据不丢失。
      """
  }
}

extension DemoEvent {
  /// As a partner sends it.
  var cloudEvent: String {
    let data = values.map { "\"\($0.field.name)\":\($0.value)" }
    let all = data + (vehicle.map { ["\"vehicle\":\(JSONText.quoted($0))"] } ?? [])
    return
      "{\"specversion\":\"1.0\",\"id\":\(JSONText.quoted(id)),\"source\":\"/demo/\(partner.code)\","
      + "\"type\":\"\(scene.code)\",\"subject\":\(JSONText.quoted(subject)),\"time\":\"\(time)\","
      + "\"data\":{\(all.joined(separator: ","))}}"
  }
}
