// SPDX-License-Identifier: Apache-2.0
import Behaviour
import HTTP
import Mechanism
import Membership
import Storage
import Units

/// The console's pages about what partners sent.
enum BatchDesk {
  static let rowsPerPage = 200

  static func list(_ call: Call) throws -> Response {
    let office = try call.office()
    let chosen = call.request.query["partner"] ?? ""
    let partner = chosen.isEmpty ? nil : office.partnerID(chosen)
    if !chosen.isEmpty, partner == nil { throw Trouble.notFound }
    if let file = try call.file(office, Sheet.batches(office, partner, call.t)) { return file }
    return call.html(
      Console.batches(
        call.visit(office), all: StaffDesk.all(call), code: office.code,
        try office.batches(
          partner: partner, before: call.request.query["before"].flatMap { UInt64($0) }, limit: 50),
        partners: office.partners().map { ($0.code, $0.name) }, chosen: chosen))
  }

  static func show(_ call: Call) throws -> Response {
    let office = try call.office()
    let from = call.request.query["from"].flatMap { UInt64($0) } ?? 0
    if let file = try call.file(office, try Sheet.batch(call, office)) { return file }
    guard
      let model = try office.batch(
        try call.number("number"), show: BatchModel.Choice(call.request.query["show"]), from: from,
        limit: rowsPerPage)
    else { throw Trouble.notFound }
    return call.html(
      Console.batch(call.visit(office), all: StaffDesk.all(call), code: office.code, model))
  }

  /// What was turned down without a trace.
  static func unread(_ call: Call) throws -> Response {
    let office = try call.office()
    if let file = try call.file(office, Sheet.unread(office, call.t)) { return file }
    return call.html(
      Console.unread(
        call.visit(office), all: StaffDesk.all(call), code: office.code,
        try office.unread(
          before: call.request.query["before"].flatMap { UInt64($0) }, limit: 100)))
  }

  /// What reviewers decided before.
  static func decisions(_ call: Call) throws -> Response {
    let office = try call.office()
    let names = try PolicyDesk.names(call)
    if let file = try call.file(office, Sheet.decisions(office, names, call.t)) { return file }
    let list = try office.decisions(
      before: call.request.query["before"].flatMap { UInt64($0) }, limit: 50)
    return call.html(
      Console.decisions(
        call.visit(office), all: StaffDesk.all(call), code: office.code, list, names: names,
        held: office.totals().quarantined))
  }
}
