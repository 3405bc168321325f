// SPDX-License-Identifier: Apache-2.0
import Desk
import Mechanism
import Policy
import Recognition
import Storage
import Units
import Web

extension Command {
  func programmeTable(data: Flag, mechanism: Flag, json: Flag) -> CommandTable {
    let programme = Flag(
      name: "programme", takes: .one, value: "P", summary: "its code in the pack", required: true)
    guard self == .programmeReconcile else {
      return CommandTable(
        summary: "says where another programme's server is and prints a new key, once",
        flags: [
          data, mechanism, programme,
          Flag(
            name: "address", takes: .one, value: "URL",
            summary: "of its recognition API, by https", required: true), json,
        ])
    }
    return CommandTable(
      summary: "compares a day with the other side's file; status 1 where they differ",
      positionals: ["FILE"],
      flags: [
        data, mechanism, programme,
        Flag(
          name: "day", takes: .one, value: "DATE", summary: "the day of the file", required: true),
        Flag(
          name: "staff", takes: .one, value: "NAME", summary: "the username of who does it",
          required: true), json,
      ])
  }
}

// Commands about other programmes. They work on the folder, as `init` does.
extension Tanpuhui {
  static func connectProgramme(_ arguments: Arguments) throws -> Bool {
    let mechanism = arguments.need("mechanism")
    let opened = try Opened(arguments.need("data"), only: mechanism)
    defer { opened.close() }
    let code = arguments.need("programme")
    guard try opened.clerk(mechanism).read({ $0.pack?.recognition.programme(code) }) != nil else {
      throw CommandFailure("the pack in force of \(mechanism) has no `programme \(code)`")
    }
    guard let address = PeerAddress.read(arguments.need("address")) else {
      throw CommandFailure(
        "--address begins with https://, or with http://127.0.0.1 for a try on this machine")
    }
    let key = try opened.vault.connectProgramme(
      code, mechanism: mechanism, address: address, at: systemClock())
    if arguments.has("json") {
      print(JSONText.object([("programme", .text(code)), ("key", .text(key))]))
    } else {
      print("the key of \(code), shown this once: \(key)")
    }
    return true
  }

  static func reconcileDay(_ arguments: Arguments) throws -> Bool {
    let mechanism = arguments.need("mechanism")
    let opened = try Opened(arguments.need("data"), only: mechanism)
    defer { opened.close() }
    let clerk = try opened.clerk(mechanism)
    let code = arguments.need("programme")
    guard let day = Day(arguments.need("day")) else {
      throw CommandFailure("--day \(arguments.need("day")) is no day, such as 2027-01-01")
    }
    let username = arguments.need("staff")
    guard let staff = try opened.vault.staff().first(where: { $0.username == username }) else {
      throw CommandFailure(
        "nobody on the staff is called \"\(username)\"; add them with `tanpuhui staff add`")
    }
    let path = arguments.positionals[0]
    guard let bytes = TableFile.whole(path, limit: DayFile.bytesMax) else {
      throw CommandFailure("\(path) is not there, or has more than 32 MB")
    }
    let rows: [DayRow]
    do throws(DayFileProblem) {
      rows = try DayFile.read(bytes, mechanism: mechanism, programme: code)
    } catch {
      throw CommandFailure("\(path):\(error.line): \(error.english)")
    }
    do throws(CommandRefusal) {
      _ = try clerk.perform(
        .recognition(
          .reconcile(
            programme: code, day: day, rows: rows, digest: DayFile.digest(bytes),
            by: "staff/\(staff.id.raw)")))
    } catch {
      throw CommandFailure("the day is not compared: \(error.message)")
    }
    let key = Recognition.State.ReportKey(code, day.number)
    guard let report = clerk.read({ $0.recognition.reports[key] }) else { return false }
    print(arguments.has("json") ? json(report).description : text(report, day))
    return report.agrees
  }

  private static func text(_ report: DayReport, _ day: Day) -> String {
    var lines = [
      "\(report.programme) \(day): \(report.ours.count) exchanges here, \(report.filed.count) "
        + "there, \(report.underWay) under way; "
        + (report.agrees ? "both sides agree" : "\(report.differences.count) differences")
    ]
    for one in report.differences {
      lines.append(
        "  \(one.kind) \(one.id) \(one.direction): here \(one.ours) for \(one.theirs), "
          + "there \(one.filedOurs) for \(one.filedTheirs)")
    }
    return lines.joined(separator: "\n")
  }

  private static func json(_ report: DayReport) -> JSONText {
    func sums(_ sums: DaySums) -> JSONText {
      .object([
        ("count", .number(sums.count)), ("oursOut", .number(sums.oursOut)),
        ("theirsOut", .number(sums.theirsOut)), ("oursIn", .number(sums.oursIn)),
        ("theirsIn", .number(sums.theirsIn)),
      ])
    }
    return .object([
      ("agrees", .bool(report.agrees)), ("balances", .bool(report.balances)),
      ("underWay", .number(report.underWay)), ("ours", sums(report.ours)),
      ("theirs", sums(report.filed)),
      (
        "differences",
        .list(
          report.differences.map { one in
            .object([
              ("id", .text(one.id)), ("kind", .text(one.kind.rawValue)),
              ("direction", .text(one.direction.rawValue)), ("ours", .number(one.ours)),
              ("theirs", .number(one.theirs)), ("filedOurs", .number(one.filedOurs)),
              ("filedTheirs", .number(one.filedTheirs)),
            ])
          })
      ),
    ])
  }
}
