// SPDX-License-Identifier: Apache-2.0
import Archive
import Desk
import HTTP
import Journal
import Storage
import Units

/// The console's page about the journal: how far it is, what was signed, whether it holds.
enum JournalDesk {
  static func show(_ call: Call) throws -> Response {
    let office = try call.office()
    if let file = try call.file(office, Sheet.frames(office, call.t)) { return file }
    let model = JournalModel(
      head: office.signed(office.head()), lastSigned: try office.lastSigned().map(signed),
      archive: office.archive.position, checkup: office.checkup.state,
      frames: try office.frames(before: nil, limit: 20))
    return call.html(
      Console.journal(call.visit(office), all: StaffDesk.all(call), code: office.code, model))
  }

  private static func signed(_ signed: SignedHead) -> JournalModel.Signed {
    JournalModel.Signed(
      frames: signed.head.frames, facts: signed.head.facts, time: signed.head.time,
      root: signed.head.root.description, isSigned: signed.isSigned)
  }

  static func verify(_ call: Call) throws -> Response {
    let office = try call.office()
    if office.checkup.start(
      office, by: call.staff?.displayName ?? "", clock: call.site.clock)
    {
      try call.log("verify", "\(office.code)/journal")
    }
    return call.go("/console/\(Link("\(office.code)"))/journal")
  }
}
