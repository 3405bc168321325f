// SPDX-License-Identifier: Apache-2.0
import Glibc
import HTTP
import Mechanism
import Recognition
import Storage
import Units

/// 积分互认: what citizens see and do.
enum RecognitionDesk {
  private static let consent = "recognition"
  private static let consentVersion = "recognition-1"
  static let memberMax = 64

  static func list(_ call: Call) throws -> Response {
    let office = try call.office()
    let citizen = try CitizenDesk.required(call, office)
    let rows = try office.programmes().map { try model(call, office, citizen, $0.programme) }
    return call.html(
      Layout.programmes(
        call.visit(office), code: office.code, rows, points: office.spendable(citizen)))
  }

  private static func model(
    _ call: Call, _ office: Office, _ citizen: CitizenID, _ programme: Programme
  ) throws -> RecognitionModel {
    let today = call.now.day(offset: office.zone)
    let account = Account(mechanism: office.code, citizen: citizen)
    var rates: [Direction: ExchangeRate] = [:]
    for direction in Direction.allCases {
      rates[direction] = programme.rate(direction, on: today)
    }
    return RecognitionModel(
      programme: programme, rates: rates,
      left: office.left(programme, citizen: citizen, on: today),
      member: try call.site.vault.member(programme: programme.code, account: account),
      isConnected: try call.site.vault.programmePeer(
        programme.code, mechanism: office.code) != nil,
      conversions: office.conversions(of: citizen, with: programme.code))
  }

  private static func found(_ call: Call, _ office: Office) throws -> Programme {
    guard let model = office.programme(call.values["programme"] ?? "") else {
      throw CommandRefusal(Objection(.programmeUnknown))
    }
    return model.programme
  }

  static func show(_ call: Call) throws -> Response {
    try page(call, try call.office(), problem: nil)
  }

  private static func page(
    _ call: Call, _ office: Office, problem: HTML?
  ) throws -> Response {
    let citizen = try CitizenDesk.required(call, office)
    let programme = try found(call, office)
    let model = try model(call, office, citizen, programme)
    return call.html(
      Layout.programme(
        call.visit(office), code: office.code, model, points: office.spendable(citizen),
        // The number is made with the page, so that a form sent twice is one exchange.
        id: Storage.hexadecimal(randomBytes(16)), amount: call.form["points"], problem: problem),
      status: problem == nil ? 200 : 422)
  }

  static func link(_ call: Call) throws -> Response {
    let office = try call.office()
    let citizen = try CitizenDesk.required(call, office)
    let programme = try found(call, office)
    let member = call.form["member"]?.filter { !$0.isWhitespace } ?? ""
    guard (1...memberMax).contains(member.utf8.count) else {
      return try page(
        call, office,
        problem: call.t("请填写您在对方的会员号。", "Give your member number there."))
    }
    guard call.form["agree"] == "yes" else {
      return try page(
        call, office,
        problem: call.t("需要您同意，才能与对方互认积分。", "Agree first: points can't be exchanged otherwise."))
    }
    let person = try CitizenDesk.person(call)
    try call.site.vault.giveConsent(
      of: person, purpose: consent, receiver: office.receiver(programme.code),
      textVersion: consentVersion,
      at: call.now)
    _ = try call.site.vault.linkMember(
      member, programme: programme.code,
      account: Account(mechanism: office.code, citizen: citizen), person: person)
    return call.go("/\(Link("\(office.code)"))/me/recognition/\(Link("\(programme.code)"))")
  }

  static func unlink(_ call: Call) throws -> Response {
    let office = try call.office()
    let citizen = try CitizenDesk.required(call, office)
    let programme = try found(call, office)
    let account = Account(mechanism: office.code, citizen: citizen)
    _ = try call.site.vault.unlinkMember(programme: programme.code, account: account)
    _ = try call.site.vault.withdrawConsent(
      of: try CitizenDesk.person(call), purpose: consent, receiver: office.receiver(programme.code),
      at: call.now)
    return call.go("/\(Link("\(office.code)"))/me/recognition/\(Link("\(programme.code)"))")
  }

  static func exchange(_ call: Call) throws -> Response {
    let office = try call.office()
    let citizen = try CitizenDesk.required(call, office)
    let programme = try found(call, office)
    guard let id = ConversionID(call.form["exchange"] ?? ""),
      let direction = Direction(rawValue: call.form["direction"] ?? "")
    else { throw Trouble.unreadableForm }
    let account = Account(mechanism: office.code, citizen: citizen)
    guard try call.site.vault.member(programme: programme.code, account: account) != nil else {
      return try page(
        call, office, problem: call.t("请先绑定对方会员。", "Link your member account there first."))
    }
    guard
      try call.site.vault.programmePeer(programme.code, mechanism: office.code) != nil
    else {
      return try page(
        call, office,
        problem: call.t("对方系统尚未接通，请以后再试。", "They are not connected yet. Try again later."))
    }
    let points = Int64(call.form["points"] ?? "") ?? 0
    do {
      let result = try office.perform(
        .recognition(
          .begin(
            ConversionRequest(
              id: id, programme: programme.code, direction: direction, lead: .ours,
              citizen: citizen, ours: points))))
      linger(result.number, call, office)
      return call.go(
        "/\(Link("\(office.code)"))/me/recognition/\(Link("\(programme.code)"))/\(result.number)")
    } catch let refusal as CommandRefusal {
      return try page(call, office, problem: Trouble(refusal).sentence(call.t))
    }
  }

  /// Most exchanges are done before the page is shown; others are shown as under way.
  private static func linger(_ number: UInt32, _ call: Call, _ office: Office) {
    guard let courier = call.site.couriers[office.code], let one = office.conversion(number)
    else { return }
    courier.wake()
    guard !courier.isSilent(one.programme) else { return }
    for _ in 0..<20 {
      usleep(30_000)
      if office.conversion(number)?.status != .open { return }
    }
  }

  /// The caller's own exchange; somebody else's is none.
  static func one(_ call: Call) throws -> Response {
    let office = try call.office()
    let citizen = try CitizenDesk.required(call, office)
    let programme = try found(call, office)
    guard let number = UInt32(exactly: try call.number("number")),
      let conversion = office.conversion(number), conversion.citizen == citizen.raw,
      conversion.programme == programme.code
    else { throw CommandRefusal(Objection(.conversionUnknown)).asNotFound }
    var response = call.html(
      Layout.conversion(
        call.visit(office), code: office.code, programme, number: number, conversion))
    // Without a script: the page asks again by itself while there is something to wait for.
    if conversion.status == .open { response["Refresh"] = "3" }
    return response
  }
}

extension CommandRefusal {
  /// For addresses of what is not the caller's.
  var asNotFound: Trouble {
    var trouble = Trouble(self)
    trouble.status = 404
    return trouble
  }
}
