// SPDX-License-Identifier: Apache-2.0
import Desk
import Glibc
import Journal
import Storage
import Web

extension Tanpuhui {
  static func serve(_ arguments: Arguments) throws -> Bool {
    Serving.blockSignals()
    // Said before anything is opened.
    _ = try Serving.address(arguments.need("listen"))
    let opened = try Opened(arguments.need("data"))
    let serving: Serving
    do {
      guard !opened.clerks.isEmpty else {
        throw CommandFailure(
          "the data folder has no mechanism yet. "
            + "Adopt a pack: `tanpuhui init --data DIR --pack PACKDIR`.")
      }
      var settings = SiteSettings(
        assetsFolder: Serving.assetsFolder(), isDevelopment: arguments.has("development"),
        isDemo: access(DemoCity.marker(in: opened.folder), F_OK) == 0)
      let sender = try Outside.configure(&settings, arguments)
      serving = try Serving(
        opened, listen: arguments.need("listen"), settings: settings, sender: sender)
    } catch {
      opened.close()
      throw error
    }
    complain("serving \(arguments.need("data")) on http://127.0.0.1:\(serving.port)\n")
    serving.serveUntilTold()
    return true
  }

  static func addStaff(_ arguments: Arguments) throws -> Bool {
    let opened = try Opened(arguments.need("data"), only: "")
    defer { opened.close() }
    let roles = arguments.all("roles").flatMap { $0.split(separator: ",").map(String.init) }
    let known = Roles.staffRoles.map(\.code)
    if let unknown = roles.first(where: { !known.contains($0) }) {
      throw CommandFailure(
        "there is no role \"\(unknown)\"; there are: \(known.joined(separator: ", "))")
    }
    let password = base32(randomBytes(10))
    let username = arguments.need("username")
    let added = try opened.vault.addStaff(
      username: username, displayName: arguments["name"] ?? username, roles: roles,
      password: password, at: systemClock())
    guard added != nil else {
      throw CommandFailure("there is a staff account \"\(username)\" already")
    }
    if arguments.has("json") {
      print(
        JSONText.object([("username", .text(username)), ("password", .text(password))]))
    } else {
      print(password)
      complain(
        "The password of \(username) is shown this once. "
          + "The first login at /console sets up the second factor.\n")
    }
    return true
  }
}
