// SPDX-License-Identifier: Apache-2.0
import Behaviour
import HTTP
import Mechanism
import Membership
import Policy
import Storage
import Units

/// 场景授权: which partners' data a citizen agreed to, who may be shown what.
enum ConsentDesk {
  static func show(_ call: Call) throws -> Response {
    let office = try call.office()
    _ = try CitizenDesk.required(call, office)
    return try page(call, office)
  }

  private static func page(
    _ call: Call, _ office: Office, notice: HTML? = nil, problem: HTML? = nil, status: Int = 200
  ) throws -> Response {
    call.html(
      Layout.consents(
        call.visit(office), try model(call, office), notice: notice, problem: problem),
      status: status)
  }

  private static func model(_ call: Call, _ office: Office) throws -> ConsentModel {
    let t = call.t
    let person = try CitizenDesk.person(call)
    let citizen = try CitizenDesk.required(call, office)
    let pack = try office.pack()
    let given = try call.site.vault.consents(of: person).filter { $0.withdrawn == nil }
    func agreed(_ purpose: String, _ code: String, _ version: String) -> Instant? {
      given.last {
        $0.purpose == purpose && $0.receiver == office.receiver(code)
          && $0.textVersion == version
      }?.given
    }
    let linked = try rows(office, office.aliases(of: citizen))
    let paused = try rows(
      office,
      call.site.vault.pausedLinks(of: person, mechanism: office.code).map(\.alias))
    let sources = office.partners().compactMap { partner -> ConsentModel.Source? in
      let mine = linked.filter { $0.partnerCode == partner.code }
      let held = paused.filter { $0.partnerCode == partner.code }
      guard !partner.isClosed || !mine.isEmpty || !held.isEmpty else { return nil }
      let terms = pack.sourceTerms(partner: partner.code)
      return ConsentModel.Source(
        code: partner.code, name: partner.name, terms: terms,
        scenes: scenes(pack, partner, t), links: mine, paused: held,
        given: agreed(Office.sourcePurpose, partner.code, terms.version))
    }
    let receivers = pack.receiverTerms.map { terms in
      ConsentModel.Receiver(
        terms: terms, given: agreed(Office.receiverPurpose, terms.code, terms.version),
        isOutdated: given.contains {
          $0.purpose == Office.receiverPurpose && $0.receiver == office.receiver(terms.code)
        })
    }
    return ConsentModel(code: office.code, sources: sources, receivers: receivers)
  }

  static func rows(_ office: Office, _ aliases: [AliasID]) throws -> [LinkRow] {
    let partners = office.partners()
    return try aliases.compactMap { alias -> LinkRow? in
      guard let (partner, subject) = try office.aliases.subject(of: alias) else { return nil }
      let known = Int(partner.raw) <= partners.count ? partners[Int(partner.raw) - 1] : nil
      return LinkRow(
        alias: alias, partnerCode: known?.code ?? "", partner: known?.name ?? "",
        subject: String(decoding: subject, as: UTF8.self))
    }
  }

  private static func scenes(
    _ pack: Pack, _ partner: Membership.Partner, _ t: Tongue
  ) -> [(name: String, fields: String)] {
    pack.behaviour.scenes.filter { !$0.closed && partner.scenes.contains($0.code) }.map { scene in
      let fields = scene.fields.map { $0.label(t) }.joined(separator: t.plain("、", ", "))
      return (t(scene.name), fields.isEmpty ? t.plain("时间", "Time") : fields)
    }
  }

  static func link(_ call: Call) throws -> Response {
    let t = call.t
    let office = try call.office()
    let citizen = try CitizenDesk.required(call, office)
    let (partner, code, subject) = try CitizenDesk.subject(call, office)
    guard call.form["agree"] == "yes" else {
      return try page(
        call, office,
        problem: t("绑定需要您的单独同意。", "Linking needs your consent to this partner."), status: 422)
    }
    let alias = try office.aliases.resolve(subject, of: partner)
    do {
      let sum = try office.perform(.membership(.link(alias, citizen))).summary
      _ = try office.agree(
        try CitizenDesk.person(call), citizen, toPartner: code, in: call.site.vault, at: call.now)
      return try page(
        call, office,
        notice: t("已绑定。补记待入账行为", "Linked. Behaviour that waited and is now decided:")
          + " \(sum.received) " + t("条，入账", "; credited:")
          + " \(sum.accepted) " + t("条。", "."))
    } catch let refusal as CommandRefusal {
      return try page(call, office, problem: Trouble(refusal).sentence(t), status: 409)
    }
  }

  /// Agrees to the new text of one partner.
  static func renew(_ call: Call) throws -> Response {
    let t = call.t
    let office = try call.office()
    let citizen = try CitizenDesk.required(call, office)
    let partner = call.form["partner"] ?? ""
    guard office.partnerID(partner) != nil else { throw Trouble.notFound }
    let sum = try office.agree(
      try CitizenDesk.person(call), citizen, toPartner: partner, in: call.site.vault, at: call.now)
    return try page(
      call, office,
      notice: t("已同意新文本。等待期间的行为已处理", "Agreed. Of what waited meanwhile were decided:")
        + " \(sum.received) " + t("条，入账", "; credited:") + " \(sum.accepted) " + t("条。", "."))
  }

  /// Withdraws from a source, whether it is linked or waits for a renewed consent.
  static func unlink(_ call: Call) throws -> Response {
    let office = try call.office()
    let citizen = try CitizenDesk.required(call, office)
    let person = try CitizenDesk.person(call)
    let vault = call.site.vault
    let alias = AliasID(UInt32(call.form["alias"] ?? "") ?? 0)
    let isPaused = try vault.pausedLinks(of: person, mechanism: office.code)
      .contains { $0.alias == alias }
    let isLinked = !alias.isNone && office.citizen(of: alias) == citizen
    guard isPaused || isLinked else { throw Trouble.noFact }
    let partner = try office.partner(of: alias)
    if isLinked { _ = try office.perform(.membership(.unlink(alias))) }
    _ = try vault.resume(alias, mechanism: office.code)
    if let partner, try !isStillLinked(call, office, person, citizen, partner) {
      _ = try vault.withdrawConsent(
        of: person, purpose: Office.sourcePurpose, receiver: office.receiver(partner),
        at: call.now)
    }
    return try page(
      call, office,
      notice: call.t(
        "已撤回授权。今后该平台的行为不再计入您的账户。", "Withdrawn. Nothing more of that partner is counted."))
  }

  /// Whether another user of the same partner is still the citizen's.
  private static func isStillLinked(
    _ call: Call, _ office: Office, _ person: PersonID, _ citizen: CitizenID, _ partner: String
  ) throws -> Bool {
    let paused = try call.site.vault.pausedLinks(of: person, mechanism: office.code)
    return try (office.aliases(of: citizen) + paused.map(\.alias)).contains {
      try office.partner(of: $0) == partner
    }
  }

  /// Gives or withdraws a receiver's consent.
  static func receiver(_ call: Call) throws -> Response {
    let t = call.t
    let office = try call.office()
    let person = try CitizenDesk.person(call)
    _ = try CitizenDesk.required(call, office)
    let code = call.form["receiver"] ?? ""
    guard let terms = try office.pack().receiverTerms.first(where: { $0.code == code }) else {
      throw Trouble.notFound
    }
    guard call.form["agree"] == "yes" else {
      _ = try call.site.vault.withdrawConsent(
        of: person, purpose: Office.receiverPurpose, receiver: office.receiver(code), at: call.now)
      return try page(call, office, notice: t("已撤回同意。", "Withdrawn."))
    }
    if try GuardianDesk.isChild(call, office, person) { throw GuardianDesk.childMayNot }
    try call.site.vault.renewConsent(
      of: person, purpose: Office.receiverPurpose, receiver: office.receiver(code),
      textVersion: terms.version, at: call.now)
    return try page(call, office, notice: t("已同意，随时可以撤回。", "Agreed. Withdraw whenever you like."))
  }

  /// How many partners wait for the citizen's word, for the account's page.
  static func waiting(_ call: Call, _ office: Office, _ person: PersonID) throws -> Int {
    let paused = try call.site.vault.pausedLinks(of: person, mechanism: office.code)
    return Set(try paused.compactMap { try office.partner(of: $0.alias) }).count
  }
}
