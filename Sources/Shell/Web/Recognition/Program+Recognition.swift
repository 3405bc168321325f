// SPDX-License-Identifier: Apache-2.0
import HTTP
import Mechanism
import Recognition
import Storage
import Units

// What another programme's server asks of us; Wire.swift has the protocol.
extension Program {
  private struct Place {
    var office: Office
    var programme: String
    var id: ConversionID
  }

  private static let unreadable = Trouble(
    422, "exchangeUnreadable", "报文无法读取，请对照 Docs/recognition.md。",
    "The message can't be read. See Docs/recognition.md for its fields.")

  private static func place(_ call: Call) throws -> Place {
    guard case .programme(let programme) = call.actor else { throw Trouble.strangeProgramme }
    guard let id = ConversionID(call.values["exchange"] ?? "") else {
      throw Trouble(
        422, "exchangeIDInvalid", "编号应为 32 位小写十六进制数字。",
        "An exchange's number is 32 lower-case hexadecimal digits.")
    }
    return Place(office: try call.office(), programme: programme, id: id)
  }

  private static func answer(_ state: Wire.State, _ conversion: Conversion? = nil) -> Response {
    var body: [(String, JSON)] = [("state", .text(state.rawValue))]
    if let conversion {
      let leaves = conversion.direction == .out
      body.append(("give", .number(leaves ? conversion.ours : conversion.theirs)))
      body.append(("take", .number(leaves ? conversion.theirs : conversion.ours)))
    }
    return Response.json(JSON.object(body).bytes)
  }

  private static func state(_ conversion: Conversion) -> Wire.State {
    switch conversion.status {
    case .open: conversion.lead == .ours ? .open : .prepared
    case .confirmed: .confirmed
    case .cancelled: .cancelled
    }
  }

  static func prepare(_ call: Call) throws -> Response {
    let place = try place(call)
    let office = place.office
    guard let asked = Wire.decode(Wire.Prepare.self, call.request.body),
      let day = Day(asked.day)
    else { throw unreadable }
    let direction: Direction
    switch (asked.giver, asked.taker) {
    case (office.code, place.programme): direction = .out
    case (place.programme, office.code): direction = .in
    default: throw unreadable
    }
    if let known = office.conversion(place.id, with: place.programme), known.status != .open {
      return answer(state(known), known)
    }
    let citizen = try call.site.vault.citizen(
      memberCode: asked.member, programme: place.programme, mechanism: office.code)
    guard let citizen else { throw CommandRefusal(Objection(.accountUnknown)) }
    let leaves = direction == .out
    _ = try office.perform(
      .recognition(
        .begin(
          ConversionRequest(
            id: place.id, programme: place.programme, direction: direction, lead: .theirs,
            citizen: citizen, ours: leaves ? asked.give : asked.take,
            theirs: leaves ? asked.take : asked.give, day: day,
            deadline: Instant(
              seconds: min(max(asked.deadline, 0), call.now.seconds + 1_000_000))))))
    return answer(.prepared, office.conversion(place.id, with: place.programme))
  }

  static func confirm(_ call: Call) throws -> Response {
    let place = try place(call)
    _ = try place.office.perform(
      .recognition(.confirm(place.id, programme: place.programme, lead: .theirs)))
    return answer(.confirmed, place.office.conversion(place.id, with: place.programme))
  }

  static func cancel(_ call: Call) throws -> Response {
    let place = try place(call)
    let reason = Wire.decode(Wire.Answer.self, call.request.body)?.code ?? "cancelledThere"
    do {
      _ = try place.office.perform(
        .recognition(
          .cancel(place.id, programme: place.programme, lead: .theirs, reason: reason)))
    } catch let refusal as CommandRefusal {
      // What was never promised is as good as cancelled: its leader asks for nothing more.
      guard refusal.name == "\(Recognition.Refusal.conversionUnknown)" else { throw refusal }
    }
    return answer(.cancelled)
  }

  static func query(_ call: Call) throws -> Response {
    let place = try place(call)
    guard let known = place.office.conversion(place.id, with: place.programme) else {
      return answer(.unknown)
    }
    return answer(state(known), known)
  }

  static func dayFile(_ call: Call) throws -> Response {
    guard case .programme(let programme) = call.actor else { throw Trouble.strangeProgramme }
    let office = try call.office()
    guard let day = Day(call.values["day"] ?? "") else { throw unreadable }
    return Response.bytes(
      DayFile.write(office.dayConversions(with: programme, day), mechanism: office.code),
      type: "text/csv; charset=utf-8")
  }
}

extension Trouble {
  static let strangeProgramme = Trouble(
    401, "signature-wrong", "请求未签名，或签名无效。请核对互认密钥与时钟。",
    "The request is not signed, or not by this programme. Check the key and the clock.")
}

extension Site {
  /// The programme that signed a request; nil where it did not.
  func signer(of call: Call) throws -> Actor? {
    guard let mechanism = call.values["m"], let programme = call.values["programme"],
      let peer = try vault.programmePeer(programme, mechanism: mechanism),
      Wire.isSigned(call.request, sender: programme, key: peer.key, at: call.now)
    else { return nil }
    return .programme(programme)
  }
}
