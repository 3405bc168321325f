// SPDX-License-Identifier: Apache-2.0
import Archive
import Behaviour
import Desk
import Glibc
import HTTP
import Journal
import Mechanism
import Membership
import Storage
import Units

@testable import Web

/// A real server on loopback over a real vault, desk and journal: Chengdu's pack, two partners, a
/// few riders, one member of staff for each role.
final class Town: Sendable {
  static let password = "correct horse battery"
  /// The second factor of everybody in town.
  static let secret: [UInt8] = Array(1...20)

  let folder: String
  let vault: Vault
  let clerk: Clerk
  let archive: Follower
  let ingest: Ingest
  let office: Office
  let site: Site
  let server: Server
  /// The key of partner `tianfutong`.
  let key: String

  init(port: UInt16 = 0, riders: Int = 3, development: Bool = true, disk: Bool = false) throws {
    var template = Array("/tmp/tanpuhui-web-XXXXXX".utf8CString)
    folder = String(cString: mkdtemp(&template)!)
    vault = try Vault(path: folder + "/vault.sqlite", keys: folder)
    let store = try MemoryStore()
    let clerk = Clerk(
      core: try Core(code: "chengdu", store: store, citizensMax: 1 << 20), store: store)
    clerk.start()
    self.clerk = clerk
    _ = try clerk.perform(.adopt(try Fixture.packFiles("chengdu")))
    key = try Town.partners(clerk, vault)
    let keys = try SigningKeys.openOrCreate(folder)
    archive = try Follower(path: folder + "/archive.sqlite", store: store, zone: 28_800)
    archive.start()
    office = Office(
      clerk: clerk, keys: keys, aliases: try vault.aliases(of: "chengdu"), archive: archive,
      heads: HeadFile(path: folder + "/heads.jsonl", keys: keys))
    try Town.ride(clerk, vault, riders: riders)
    try Town.staff(vault)
    let ingest = Ingest(clerk: clerk, vault: vault, archive: archive)
    self.ingest = ingest
    site = Site(
      offices: [office], vault: vault,
      settings: SiteSettings(
        assetsFolder: "/usr/share/bootstrap-html/css", isDevelopment: development,
        demoSecondFactor: Town.secret,
        demoStaff: Roles.staffRoles.map { "\($0.code) / \(Town.password)" })
    ) { [vault] office, request, key, reply in
      ingest.handle(request, key.partner, reply) {
        office.takeEvents($0, key, vault, request, at: systemClock())
      }
    }
    let site = site
    var limits = Limits()
    limits.body = { site.bodyMax($0, $1) }
    server = try Server(listen: "127.0.0.1", port: port, limits: limits) { site.handle($0, $1) }
    try server.start()
  }

  func close() {
    server.stop(grace: 1)
    site.stop()
    ingest.stop()
    archive.stop()
    clerk.stop()
    vault.close()
  }

  private static func partners(_ clerk: Clerk, _ vault: Vault) throws -> String {
    let travel = ["bus", "metro", "shared-bike"]
    let first = try clerk.perform(
      .membership(
        .addPartner(Partner(code: "tianfutong", name: "天府通", scenes: travel, enrols: false))))
    _ = try clerk.perform(
      .membership(
        .addPartner(Partner(code: "bikes", name: "共享出行", scenes: travel, enrols: true))))
    return try vault.newPartnerKey(
      mechanism: "chengdu", partner: first.result.partner, at: systemClock())
  }

  /// Rides of `rider-N`: good ones, one too long, one too short; those of tianfutong wait.
  private static func ride(_ clerk: Clerk, _ vault: Vault, riders: Int) throws {
    let intake = try Intake(clerk: clerk, vault: vault)
    let now = systemClock().milliseconds
    for (partner, source) in [(PartnerID(2), "/bikes"), (PartnerID(1), "/tft")] {
      intake.begin(partner, clerk.published)
      for rider in 0..<riders {
        for ride in 0..<9 {
          let metres: Int64 = ride == 7 ? 38_000 : ride == 8 ? 120 : Int64(900 + ride * 713)
          let ended = now - Int64(ride + 1) * 7_200_000 - Int64(rider) * 60_000
          add(
            intake, id: "\(source)-\(rider)-\(ride)", source: source,
            scene: ride % 3 == 2 && ride < 7 ? "metro" : "shared-bike", subject: "rider-\(rider)",
            vehicle: "\(source)-\(rider)", metres: metres, seconds: metres / 4, ended: ended)
        }
      }
      try intake.finish()
      _ = clerk.submit(intake.batch)
    }
  }

  private static func add(
    _ intake: Intake, id: String, source: String, scene: String, subject: String, vehicle: String,
    metres: Int64, seconds: Int64, ended: Int64
  ) {
    var values = [Int64](repeating: 0, count: 16)
    values[Int(Field.distanceMetres.rawValue)] = metres * 1_000_000
    values[Int(Field.durationSeconds.rawValue)] = seconds * 1_000_000
    // The intake keeps the places of texts until `finish`: these stay for the whole test.
    func kept(_ text: String) -> UnsafeRawBufferPointer {
      let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
      bytes.copyBytes(from: text.utf8)
      return UnsafeRawBufferPointer(bytes)
    }
    values.withUnsafeBufferPointer { values in
      var event = IncomingEvent(values: values.baseAddress!)
      event.id = kept(id)
      event.source = kept(source)
      event.scene = kept(scene)
      event.subject = kept(subject)
      event.vehicle = kept(vehicle)
      event.ended = ended
      event.present =
        1 << UInt32(Field.distanceMetres.rawValue) | 1 << UInt32(Field.durationSeconds.rawValue)
      intake.add(event)
    }
  }

  private static func staff(_ vault: Vault) throws {
    let now = systemClock()
    let names = ["林运营", "马审核", "周监管", "陈审计", "何管理", "店员"]
    for (index, role) in Roles.staffRoles.enumerated() {
      let id = try vault.addStaff(
        username: role.code, displayName: names[index], roles: [role.code], password: password,
        at: now, strength: .weak)!
      // Enrolled as if a minute ago, so that the code of now is still unused.
      let then = Instant(milliseconds: now.milliseconds - 90_000)
      let code = OneTimeCode.code(secret: secret, step: then.seconds / OneTimeCode.period)
      _ = try vault.enrolSecondFactor(secret, code: code, of: id, at: then)
    }
    _ = try vault.addStaff(
      username: "newcomer", displayName: "新来的", roles: ["operator"], password: password,
      at: now, strength: .weak)
    _ = try vault.addStaff(
      username: "leaver", displayName: "将离任的", roles: [], password: password, at: now,
      strength: .weak)
  }

  /// Until the archive has read all that is written.
  func settle() {
    for _ in 0..<200 where archive.position < clerk.statistics.lastSequence { usleep(20_000) }
    usleep(50_000)  // what could not be read is kept beside it, just after the answer
  }

  static func code() -> String {
    OneTimeCode.code(secret: secret, step: systemClock().seconds / OneTimeCode.period)
  }

  /// A session of staff without going through the login page.
  func staffBrowser(_ username: String) throws -> Browser {
    let staff = try vault.staff().first { $0.username == username }!
    let (token, session) = try vault.openSession(
      .staff, subject: UInt64(staff.id.raw), at: systemClock(), lifetimeMilliseconds: 3_600_000)
    let browser = Browser(port: server.port)
    browser.cookies["tph_staff"] = token
    browser.csrf = Storage.hexadecimal(session.csrf)
    return browser
  }

  func citizenBrowser(_ phone: String) throws -> Browser {
    let (person, _) = try vault.personOrNew(phone: phone, at: systemClock())
    let (token, session) = try vault.openSession(
      .citizen, subject: person.raw, at: systemClock(), lifetimeMilliseconds: 3_600_000)
    let browser = Browser(port: server.port)
    browser.cookies["tph_citizen"] = token
    browser.csrf = Storage.hexadecimal(session.csrf)
    return browser
  }
}

/// A very small browser: cookies, forms, no redirects followed.
final class Browser {
  struct Page {
    var status: Int
    var headers: [(String, String)]
    var text: String
    func header(_ name: String) -> String? { headers.first { $0.0 == name.lowercased() }?.1 }
  }
  let port: UInt16
  var cookies: [String: String] = [:]
  /// The token of the last form seen, or of the session that was opened for the test.
  var csrf = ""
  var headers: [String: String] = [:]

  init(port: UInt16) { self.port = port }

  func get(_ path: String) -> Page { ask("GET", path, nil, "") }

  func post(_ path: String, _ fields: [(String, String)] = [], csrf: String? = nil) -> Page {
    let all = fields + [("csrf", csrf ?? self.csrf)]
    let body = all.map { "\($0.0)=\(percentEncoded($0.1))" }.joined(separator: "&")
    return ask("POST", path, Array(body.utf8), "application/x-www-form-urlencoded")
  }

  func ask(_ method: String, _ path: String, _ body: [UInt8]?, _ type: String) -> Page {
    var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    if !cookies.isEmpty {
      head += "Cookie: " + cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") + "\r\n"
    }
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    if let body { head += "Content-Type: \(type)\r\nContent-Length: \(body.count)\r\n" }
    let page = parse(exchange(Array((head + "\r\n").utf8) + (body ?? [])))
    for (name, value) in page.headers where name == "set-cookie" {
      let pair = value.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
      cookies[String(pair[0])] = pair.count > 1 ? String(pair[1]) : ""
    }
    if let found = page.text.firstRange(of: "name=\"csrf\" value=\"") {
      csrf = String(page.text[found.upperBound...].prefix { $0 != "\"" })
    }
    return page
  }

  private func exchange(_ bytes: [UInt8]) -> [UInt8] {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { Glibc.close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { return [] }
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        send(socket, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { break }
      sent += count
    }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(socket, &buffer, buffer.count, 0)
      guard count > 0 else { return answer }
      answer += buffer[0..<count]
    }
  }

  private func parse(_ bytes: [UInt8]) -> Page {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.firstRange(of: "\r\n\r\n") else {
      return Page(status: 0, headers: [], text: "")
    }
    let lines = text[..<end.lowerBound].split(separator: "\r\n")
    let status = Int(lines[0].split(separator: " ")[1]) ?? 0
    let headers = lines.dropFirst().map { line in
      let parts = line.split(separator: ":", maxSplits: 1)
      return (
        parts[0].lowercased(), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
      )
    }
    return Page(status: status, headers: headers, text: String(text[end.upperBound...]))
  }
}
