// SPDX-License-Identifier: Apache-2.0
import Desk
import Journal
import Mechanism
import Membership
import Policy
import Storage
import Units

extension Command {
  func policyTable(data: Flag, mechanism: Flag, json: Flag) -> CommandTable {
    let staff = Flag(
      name: "staff", takes: .one, value: "NAME", summary: "the username of who does it",
      required: true)
    guard self == .packPropose else {
      return CommandTable(
        summary: "expires points whose time was over by the end of a day",
        flags: [
          data, mechanism, staff,
          Flag(
            name: "date", takes: .one, value: "DATE", summary: "a day that is over",
            required: true), json,
        ])
    }
    return CommandTable(
      summary: "proposes a pack; somebody else decides about it in the console",
      positionals: ["PACKDIR"],
      flags: [
        data, mechanism, staff,
        Flag(
          name: "effective", takes: .one, value: "DATE", summary: "the first day it is to hold",
          required: true),
        Flag(
          name: "opinion", takes: .one, value: "TEXT", summary: "why, for whoever decides",
          required: true), json,
      ])
  }
}

// Commands about points policy. They work on the folder, as `init` does.
extension Tanpuhui {
  static func proposePack(_ arguments: Arguments) throws -> Bool {
    let mechanism = arguments.need("mechanism")
    let opened = try Opened(arguments.need("data"), only: mechanism)
    defer { opened.close() }
    let clerk = try opened.clerk(mechanism)
    let directory = arguments.positionals[0]
    let files = try PackFolder.read(directory)
    let registry = clerk.read { $0.sceneNumbers }
    if case .failure(let faults) = Pack.parse(files: files, registry: registry) {
      throw CommandFailure("the pack in \(directory) is refused:\n\(faults.description)")
    }
    let command = PolicyCommand.propose(
      files, effective: try day(arguments.need("effective"), "effective"),
      by: try by(arguments.need("staff"), opened.vault), opinion: arguments.need("opinion"))
    do throws(CommandRefusal) {
      _ = try clerk.perform(.policy(command))
    } catch {
      throw CommandFailure("the pack in \(directory) is not proposed: \(error.message)")
    }
    let number = clerk.read { $0.proposals.count }
    if arguments.has("json") {
      print(JSONText.object([("proposal", .number(Int64(number)))]))
    } else {
      print("proposal \(number); somebody else decides about it in the console")
    }
    return true
  }

  static func expire(_ arguments: Arguments) throws -> Bool {
    let mechanism = arguments.need("mechanism")
    let opened = try Opened(arguments.need("data"), only: mechanism)
    defer { opened.close() }
    let clerk = try opened.clerk(mechanism)
    let date = try day(arguments.need("date"), "date")
    let by = try by(arguments.need("staff"), opened.vault)
    let runs = clerk.read { $0.expiryRuns.filter(\.done).count }
    do throws(CommandRefusal) {
      var isUnfinished = true
      while isUnfinished {
        _ = try clerk.perform(.policy(.expire(date, by: by)))
        isUnfinished = clerk.read { $0.expiryRuns.last?.done == false }
      }
    } catch {
      throw CommandFailure("nothing expires: \(error.message)")
    }
    let done = clerk.read { $0.expiryRuns }
    // The same day again, or an earlier one, takes nothing.
    let run = done.count > runs ? done.last : nil
    let (citizens, points) = (Int64(run?.citizens ?? 0), run?.points ?? 0)
    if arguments.has("json") {
      print(JSONText.object([("citizens", .number(citizens)), ("points", .number(points))]))
    } else {
      print("\(mechanism): \(points) points of \(citizens) citizens expired by the end of \(date)")
    }
    return true
  }

  private static func day(_ text: String, _ flag: String) throws -> Day {
    guard let day = Day(text) else {
      throw CommandFailure("--\(flag) \(text) is no day, such as 2027-01-01")
    }
    return day
  }

  private static func by(_ username: String, _ vault: Vault) throws -> String {
    guard let staff = try vault.staff().first(where: { $0.username == username }) else {
      throw CommandFailure(
        "nobody on the staff is called \"\(username)\"; add them with `tanpuhui staff add`")
    }
    return "staff/\(staff.id.raw)"
  }
}
