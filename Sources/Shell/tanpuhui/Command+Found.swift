// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Desk
import Journal
import Mechanism
import Membership
import Policy
import Storage
import Units

// Commands that found something: a data folder, a partner; and the check of a pack.
extension Tanpuhui {
  static func initialise(_ arguments: Arguments) throws -> Bool {
    let opened = try Opened(arguments.need("data"), create: true)
    defer { opened.close() }
    var rows: [JSONText] = []
    let packs = arguments.all("pack").map { ($0, false) }
    let trials = arguments.has("sandbox") ? packs.map { ($0.0, true) } : []
    for (directory, isSandbox) in packs + trials {
      let (code, version, changed) = try opened.adopt(
        directory, hash: HashAlgorithm(name: arguments.need("hash")) ?? .sm3, sandbox: isSandbox)
      rows.append(
        .object([
          ("mechanism", .text(code)), ("version", .text(version)), ("adopted", .bool(changed)),
        ]))
      if !arguments.has("json") {
        print(changed ? "\(code): pack \(version) adopted" : "\(code): pack \(version) is in force")
      }
    }
    if arguments.has("json") {
      print(
        JSONText.object([("data", .text(arguments.need("data"))), ("mechanisms", .list(rows))]))
    }
    return true
  }

  static func addPartner(_ arguments: Arguments) throws -> Bool {
    let mechanism = arguments.need("mechanism")
    let opened = try Opened(arguments.need("data"), only: mechanism)
    defer { opened.close() }
    let scenes = arguments.all("scenes").flatMap { $0.split(separator: ",").map(String.init) }
    let code = arguments.need("code")
    let key = try PartnerDesk.add(
      Membership.Partner(
        code: code, name: arguments["name"] ?? code, scenes: scenes,
        enrols: arguments.has("enrol")),
      to: try opened.clerk(mechanism), vault: opened.vault)
    if arguments.has("json") {
      print(
        JSONText.object([
          ("mechanism", .text(mechanism)), ("partner", .text(code)), ("key", .text(key)),
          ("scenes", .list(scenes.map { .text($0) })),
          ("enrols", .bool(arguments.has("enrol"))),
        ]))
    } else {
      print(key)
      complain("The key of \(code) is shown this once; send it as: Authorization: Bearer KEY\n")
    }
    return true
  }

  static func checkPack(_ arguments: Arguments) throws -> Bool {
    let directory = arguments.positionals[0]
    let files = try PackFolder.read(directory)
    switch Pack.parse(files: files) {
    case .success(let pack):
      let scenes = pack.behaviour.scenes.count
      if arguments.has("json") {
        print(
          JSONText.object([
            ("mechanism", .text(pack.code)), ("version", .text(pack.version)),
            ("scenes", .number(Int64(scenes))), ("examples", .number(Int64(pack.examples.count))),
            ("problems", .list([])),
          ]))
      } else {
        print(
          "\(pack.code) \(pack.version): \(scenes) scenes, \(pack.methods.count) methods, "
            + "\(pack.examples.count) lines of examples; nothing is wrong")
      }
      return true
    case .failure(let faults):
      if arguments.has("json") {
        let rows: [JSONText] = faults.problems.map { problem in
          .object([
            ("file", .text(problem.file)),
            ("line", problem.line.map { .number(Int64($0)) } ?? .null),
            ("column", problem.column.map { .number(Int64($0)) } ?? .null),
            ("reason", .text(problem.reason)), ("advice", .text(problem.advice)),
          ])
        }
        print(JSONText.object([("problems", .list(rows))]))
      } else {
        print(faults.description)
      }
      return false
    }
  }

  static func version(_ arguments: Arguments) -> Bool {
    print(
      arguments.has("json")
        ? JSONText.object([("version", .text(Release.version))]).description
        : "tanpuhui \(Release.version)")
    return true
  }
}

enum Release {
  static let version = "0.1.0"
}

/// Admits partners: a fact in the journal, a key in the vault.
enum PartnerDesk {
  static func add(
    _ partner: Membership.Partner, to clerk: Clerk, vault: Vault
  ) throws -> String {
    do throws(CommandRefusal) {
      var number = PartnerID(0)
      if let known = halfAdded(partner, clerk, vault) {
        number = known
      } else {
        number = try clerk.perform(.membership(.addPartner(partner))).result.partner
      }
      do {
        return try vault.newPartnerKey(
          mechanism: clerk.code, partner: number, at: systemClock())
      } catch {
        throw CommandRefusal("vault", "\(error)")
      }
    } catch {
      throw CommandFailure("the partner \(partner.code) is not added: \(error.message)")
    }
  }

  /// The very partner, admitted by a run that ended before it had made a key.
  private static func halfAdded(
    _ partner: Membership.Partner, _ clerk: Clerk, _ vault: Vault
  ) -> PartnerID? {
    guard
      let index = clerk.published.partners.firstIndex(where: {
        $0.code == partner.code && $0.name == partner.name && $0.scenes == partner.scenes
          && $0.enrols == partner.enrols && !$0.isClosed
      })
    else { return nil }
    let number = PartnerID(UInt16(index + 1))
    let keys = vault.partnerKeys(mechanism: clerk.code)
    return keys.contains { $0.partner == number } ? nil : number
  }
}
