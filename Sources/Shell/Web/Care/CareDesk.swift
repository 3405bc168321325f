// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Desk
import Governance
import HTTP
import Mechanism
import Membership
import Policy
import Storage
import Units

/// What a citizen sees of measures about them, and what they write.
enum CareDesk {
  static func cases(_ call: Call) throws -> Response {
    let office = try call.office()
    let citizen = try CitizenDesk.required(call, office)
    let cases = office.cases(of: citizen).filter(\.item.isAnnounced)
    return call.html(
      Layout.cases(
        call.visit(office), code: office.code, cases,
        rules: office.careRules, debt: office.debt(of: citizen)))
  }

  /// The caller's own case, where anything was decided; another's is as if it did not exist.
  private static func own(
    _ call: Call, _ office: Office
  ) throws -> (number: UInt64, found: Case, citizen: CitizenID) {
    let citizen = try CitizenDesk.required(call, office)
    let number = try call.number("number")
    guard let found = office.found(number), found.citizen == citizen.raw, found.isAnnounced else {
      throw Trouble.notFound
    }
    return (number, found, citizen)
  }

  static func showCase(_ call: Call) throws -> Response {
    let office = try call.office()
    let (number, found, citizen) = try own(call, office)
    let entries = try found.evidence.suffix(RiskFinding.evidenceMax).compactMap {
      try office.entry(FactNumber($0))
    }.filter { $0.record.report.citizen == citizen }
    var appeals: [Int: String] = [:]
    for (index, measure) in found.measures.enumerated() {
      guard let digest = measure.appeal?.digest else { continue }
      appeals[index + 1] = try LetterText.text(digest, call, office)
    }
    return call.html(
      Layout.case(
        call.visit(office),
        MyCaseModel(
          code: office.code, number: number, found: found,
          rules: office.careRules, entries: entries, appeals: appeals,
          points: office.balance(of: citizen).points.count)))
  }

  private static func back(_ call: Call, _ office: Office, _ number: UInt64) -> Response {
    call.go("/\(Link("\(office.code)"))/me/cases/\(Link("\(number)"))")
  }

  static func appeal(_ call: Call) throws -> Response {
    let office = try call.office()
    let (number, _, citizen) = try own(call, office)
    let measure = Int(clamping: try call.number("id"))
    try LetterText.keep(call.form["text"] ?? "", call, office, of: citizen) { digest in
      try office.perform(
        .appeal(UInt32(clamping: number), measure: measure, citizen, digest: digest))
    }
    return back(call, office, number)
  }

  static func repay(_ call: Call) throws -> Response {
    let office = try call.office()
    let (number, _, citizen) = try own(call, office)
    try office.perform(
      .repay(
        UInt32(clamping: number), measure: Int(clamping: try call.number("id")), citizen,
        points: Int64(call.form["points"] ?? "") ?? 0))
    return back(call, office, number)
  }

  // MARK: - Letters

  static func letters(_ call: Call) throws -> Response { try lettersPage(call) }

  private static func lettersPage(_ call: Call, problem: HTML? = nil) throws -> Response {
    let office = try call.office()
    let citizen = try CitizenDesk.required(call, office)
    return call.html(
      Layout.letters(
        call.visit(office),
        MyLettersModel(
          code: office.code, letters: office.letters(of: citizen),
          rules: office.careRules, partners: office.openPartners(),
          scenes: try office.sceneChoices(call.t), form: call.form, problem: problem)),
      status: problem == nil ? 200 : 422)
  }

  static func file(_ call: Call) throws -> Response {
    let office = try call.office()
    let citizen = try CitizenDesk.required(call, office)
    guard let kind = Petition.Kind(rawValue: call.form["kind"] ?? "") else {
      throw Trouble.unreadableForm
    }
    var text = call.form["text"] ?? ""
    var petition = Petition(kind, citizen: citizen)
    if kind == .claim {
      // A form's time has no zone: it is the mechanism's.
      let seconds = Int64(office.zone)
      let local = Instant((call.form["happened"] ?? "") + ":00Z")
      let scene = call.form["scene"] ?? ""
      guard let partner = office.partnerID(call.form["partner"] ?? ""),
        try office.pack().scene(scene) != nil, let local
      else {
        return try lettersPage(
          call,
          problem: HTML(
            call.t.plain(
              CareText.refusals["claimInvalid"] ?? "", "\(Governance.Refusal.claimInvalid.sentence)"
            )))
      }
      petition = Petition(
        .claim, citizen: citizen, partner: partner, scene: scene,
        happened: Instant(milliseconds: local.milliseconds - seconds * 1000))
      text = LetterText.join(order: call.form["order"] ?? "", text)
    }
    var number: UInt32 = 0
    do {
      try LetterText.keep(text, call, office, of: citizen) { digest in
        number = try office.perform(.file(petition, digest: digest)).number
      }
    } catch let refusal as CommandRefusal {
      return try lettersPage(call, problem: Trouble(refusal).sentence(call.t))
    }
    return call.go("/\(Link("\(office.code)"))/me/letters/\(Link("\(number)"))")
  }

  private static func ownLetter(
    _ call: Call, _ office: Office
  ) throws -> (number: UInt64, petition: Petition, citizen: CitizenID) {
    let citizen = try CitizenDesk.required(call, office)
    let number = try call.number("number")
    guard let petition = office.petition(number), petition.citizen == citizen.raw else {
      throw Trouble.notFound
    }
    return (number, petition, citizen)
  }

  static func letter(_ call: Call) throws -> Response {
    let office = try call.office()
    let (number, petition, _) = try ownLetter(call, office)
    return call.html(
      Layout.letter(call.visit(office), try LetterDesk.model(call, office, number, petition)))
  }

  static func writeAgain(_ call: Call) throws -> Response {
    let office = try call.office()
    let (number, _, citizen) = try ownLetter(call, office)
    try LetterText.keep(call.form["text"] ?? "", call, office, of: citizen) { digest in
      try office.perform(.writeAgain(UInt32(clamping: number), citizen, digest: digest))
    }
    return call.go("/\(Link("\(office.code)"))/me/letters/\(Link("\(number)"))")
  }
}
