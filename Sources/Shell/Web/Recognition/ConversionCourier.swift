// SPDX-License-Identifier: Apache-2.0
// COURIER. Carries exchanges between our books and another programme's, until both say the same.
//
//   we lead     open        prepare ──promised──▶ confirm in our books ──▶ tell
//                                 └──refused, or past the deadline──▶ cancel in our books ──▶ tell
//               ended       tell confirm or cancel, until they answer with the same
//   they lead   open, late  ask what became of it; what they do not know was never confirmed
//
// There is no memory here that matters: what is to be done is read from the books every time, so a
// process that is killed anywhere goes on where the journal ends. Every message can be sent twice.
// What fails is tried again after 1, 2, 4 … seconds, at most five minutes; a programme that does
// not answer at all is left alone for as long as its first exchange waits.
//
// Calls happen on the courier's own thread, one a mechanism: a slow programme holds up exchanges
// with others of the same mechanism for one timeout a round, and no page.

import Desk
import Glibc
import Mechanism
import Outgoing
import Recognition
import Storage
import Synchronization
import Units

final class ConversionCourier: Sendable {
  static let timeoutMilliseconds = 4_000
  static let waitMax: Int64 = 300_000

  private struct Turn {
    var next: Int64
    var tries: Int
  }

  private struct Memory {
    var turns: [UInt32: Turn] = [:]
    /// Programmes that gave no answer lately, and until when they are left alone.
    var silent: [String: Turn] = [:]
    var isStopping = false
    var isWoken = false
    var worker: Worker?
  }

  private let office: Office
  private let vault: Vault
  private let clock: Clock
  private let memory = Mutex(Memory())

  init(_ office: Office, _ vault: Vault, _ clock: @escaping Clock) {
    self.office = office
    self.vault = vault
    self.clock = clock
    let worker = Worker("courier \(office.code)") { [weak self] in
      while let courier = self, courier.pause() { courier.round() }
    }
    memory.withLock { $0.worker = worker }
    worker.start()
  }

  func stop() {
    let worker = memory.withLock { memory in
      memory.isStopping = true
      defer { memory.worker = nil }
      return memory.worker
    }
    worker?.join()
  }

  /// There is something new to carry.
  func wake() { memory.withLock { $0.isWoken = true } }

  /// Whether a programme answers, as far as is known.
  func isSilent(_ programme: String) -> Bool {
    memory.withLock { ($0.silent[programme]?.next ?? 0) > clock().milliseconds }
  }

  /// False at the end. Looks for work four times a second, or as soon as it is woken.
  private func pause() -> Bool {
    for _ in 0..<25 {
      let (stops, woken) = memory.withLock { memory in
        defer { memory.isWoken = false }
        return (memory.isStopping, memory.isWoken)
      }
      if stops { return false }
      if woken { return true }
      usleep(10_000)
    }
    return true
  }

  private func round() {
    let unsettled = office.unsettled()
    let known = Set(unsettled.map(\.number))
    memory.withLock { memory in
      memory.turns = memory.turns.filter { known.contains($0.key) }
    }
    for (number, conversion) in unsettled {
      let now = clock().milliseconds
      let (stops, isDue) = memory.withLock { memory in
        (
          memory.isStopping,
          (memory.turns[number]?.next ?? 0) <= now
            && (memory.silent[conversion.programme]?.next ?? 0) <= now
        )
      }
      if stops { return }
      if isDue { carry(number, conversion) }
    }
  }

  /// One step; what it came to decides when the next one is.
  private func carry(_ number: UInt32, _ conversion: Conversion) {
    guard conversion.lead == .ours || conversion.deadline <= clock().milliseconds else { return }
    let isDone: Bool?
    do {
      isDone = try step(number, conversion)
    } catch is OutgoingFailure {
      isDone = nil
    } catch {
      isDone = false
    }
    let now = clock().milliseconds
    memory.withLock { memory in
      func later(_ turn: Turn?) -> Turn {
        let tries = (turn?.tries ?? 0) + 1
        return Turn(
          next: now + min(ConversionCourier.waitMax, 500 << Int64(min(tries, 20))), tries: tries)
      }
      if isDone == nil {
        memory.silent[conversion.programme] = later(memory.silent[conversion.programme])
      } else {
        memory.silent[conversion.programme] = nil
      }
      memory.turns[number] = isDone == true ? nil : later(memory.turns[number])
    }
  }

  private func step(_ number: UInt32, _ conversion: Conversion) throws -> Bool {
    guard let id = ConversionID(conversion.id) else { return false }
    let peer = try vault.programmePeer(conversion.programme, mechanism: office.code)
    guard conversion.lead == .ours else {
      guard let peer else { return false }
      return try ask(peer, id, conversion)
    }
    if conversion.status == .open {
      guard try decide(peer, id, conversion) else { return false }
    }
    guard let peer, let ended = office.conversion(number), ended.status != .open else {
      return false
    }
    return try tell(peer, id, ended)
  }

  /// Asks for the promise, and decides. True where it is decided.
  private func decide(
    _ peer: ProgrammePeer?, _ id: ConversionID, _ conversion: Conversion
  ) throws -> Bool {
    let account = Account(mechanism: office.code, citizen: CitizenID(conversion.citizen))
    let member = try vault.member(programme: conversion.programme, account: account)
    if conversion.deadline <= clock().milliseconds {
      return cancel(id, conversion, "deadline")
    }
    guard let member else { return cancel(id, conversion, "memberUnknown") }
    guard let peer else { return false }
    let leaves = conversion.direction == .out
    let message = Wire.Prepare(
      giver: leaves ? office.code : conversion.programme,
      taker: leaves ? conversion.programme : office.code,
      give: leaves ? conversion.ours : conversion.theirs,
      take: leaves ? conversion.theirs : conversion.ours, member: member.member,
      day: Day(conversion.day).description, deadline: conversion.deadline / 1000)
    let answer = try call(peer, "POST", "/exchanges/\(id)/prepare", Wire.encode(message))
    let said = Wire.decode(Wire.Answer.self, answer.body)
    switch (answer.status, said?.state) {
    case (200..<300, .prepared), (200..<300, .confirmed): break
    case (200..<300, .cancelled): return cancel(id, conversion, "cancelledThere")
    case (409, _), (422, _): return cancel(id, conversion, said?.code ?? "refusedThere")
    default: return false
    }
    do {
      _ = try office.perform(
        .recognition(.confirm(id, programme: conversion.programme, lead: .ours)))
      return true
    } catch {
      // Meanwhile the deadline passed, or the account was frozen: what is promised is given back.
      return cancel(id, conversion, "late")
    }
  }

  private func cancel(_ id: ConversionID, _ conversion: Conversion, _ reason: String) -> Bool {
    let command = Recognition.Command.cancel(
      id, programme: conversion.programme, lead: conversion.lead, reason: reason)
    return (try? office.perform(.recognition(command))) != nil
  }

  private func tell(
    _ peer: ProgrammePeer, _ id: ConversionID, _ conversion: Conversion
  ) throws -> Bool {
    let isConfirmed = conversion.status == .confirmed
    let answer = try call(
      peer, "POST", "/exchanges/\(id)/\(isConfirmed ? "confirm" : "cancel")",
      Wire.encode(Wire.Answer(reason: conversion.reason)))
    let said = Wire.decode(Wire.Answer.self, answer.body)?.state
    guard (200..<300).contains(answer.status),
      said == (isConfirmed ? .confirmed : .cancelled) || (!isConfirmed && said == .unknown)
    else { return false }
    _ = try office.perform(.recognition(.told(id, programme: conversion.programme)))
    return true
  }

  /// They lead, and are late: what did they decide?
  private func ask(
    _ peer: ProgrammePeer, _ id: ConversionID, _ conversion: Conversion
  ) throws -> Bool {
    let answer = try call(peer, "GET", "/exchanges/\(id)", [])
    let said = Wire.decode(Wire.Answer.self, answer.body)?.state
    guard (200..<300).contains(answer.status) else { return false }
    switch said {
    case .confirmed:
      _ = try office.perform(
        .recognition(.confirm(id, programme: conversion.programme, lead: .theirs)))
      return true
    case .cancelled, .unknown: return cancel(id, conversion, "notConfirmedThere")
    case .open, .prepared, nil: return false
    }
  }

  private func call(
    _ peer: ProgrammePeer, _ method: String, _ path: String, _ body: [UInt8]
  ) throws(OutgoingFailure) -> OutgoingAnswer {
    let address = peer.address + path
    let parts = address.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    let signed = parts.count == 4 ? "/" + parts[3] : "/"
    return try OutgoingCall(
      method, address,
      headers: [
        ("Content-Type", "application/json"),
        (
          Wire.signature,
          Wire.sign(
            sender: office.code, method: method, path: signed, body: body, key: peer.key,
            at: clock())
        ),
      ], body: method == "GET" ? nil : body,
      timeoutMilliseconds: ConversionCourier.timeoutMilliseconds
    ).send()
  }
}
