// SPDX-License-Identifier: Apache-2.0
// EVERYTHING that is kept of a person, in every mechanism of this server: for their own eyes, as
// JSON and as a page. What is not in here is not kept.

import Behaviour
import Desk
import Journal
import Mechanism
import Membership
import Policy
import Storage
import Units

package struct PersonalRecord: Sendable {
  package struct OfMechanism: Sendable {
    package var code: String
    package var name: String
    package var citizen: CitizenID
    package var balance: Balance
    package var links: [LinkRow]
    package var paused: [LinkRow]
    package var entries: [Entry]
    package var held: [Entry]
    /// Organisations, with the person's right in them.
    package var organisations: [(number: UInt32, name: String, kind: String, right: String)]
    package var applications: [OrganisationApplication]
    package var zone: Int32
  }
  package var made: Instant
  package var fields: [(field: PersonalField, value: String)]
  package var identities: [(provider: String, since: Instant)]
  package var consents: [ConsentRow]
  package var guardianSince: Instant?
  package var children: [Instant]
  package var mechanisms: [OfMechanism]

  /// Reads it all; long histories in steps.
  static func read(_ site: Site, _ person: PersonID, t: Tongue, at now: Instant) throws
    -> PersonalRecord
  {
    let vault = site.vault
    let fields = try vault.fields(of: person)
    var record = PersonalRecord(
      made: now,
      fields: PersonalField.allCases.compactMap { field in fields[field].map { (field, $0) } },
      identities: try vault.identities(of: person),
      consents: try vault.consents(of: person).map {
        ConsentRow(
          purpose: $0.purpose, receiver: $0.receiver, textVersion: $0.textVersion, given: $0.given,
          withdrawn: $0.withdrawn)
      }, guardianSince: nil, children: try vault.children(of: person).map(\.given), mechanisms: [])
    if let guardian = try vault.guardian(of: person) {
      record.guardianSince = try vault.children(of: guardian).first { $0.child == person }?.given
    }
    for account in try vault.accounts(of: person) {
      guard let office = site.office(account.mechanism) else { continue }
      record.mechanisms.append(try read(office, account.citizen, person, vault, t))
    }
    return record
  }

  private static func read(
    _ office: Office, _ citizen: CitizenID, _ person: PersonID, _ vault: Vault, _ t: Tongue
  ) throws -> OfMechanism {
    var entries: [Entry] = []
    var before: FactNumber?
    repeat {
      let (some, older) = try office.history(of: citizen, before: before, limit: 1_000)
      entries += some
      before = older
    } while before != nil
    let groups = office.clerk.read { state in
      state.membership.organisations(of: citizen).map { id in
        let group = state.membership.group(id)!
        let right = group.members[citizen.raw]?.right?.rawValue ?? "member"
        return (id.raw, group.organisation.name, group.organisation.kind.rawValue, right)
      }
    }
    return OfMechanism(
      code: office.code, name: office.badge(t).name, citizen: citizen,
      balance: office.balance(of: citizen),
      links: try ConsentDesk.rows(office, office.aliases(of: citizen)),
      paused: try ConsentDesk.rows(
        office, vault.pausedLinks(of: person, mechanism: office.code).map(\.alias)),
      entries: entries, held: office.held(of: citizen, limit: 10_000), organisations: groups,
      applications: try vault.applications(mechanism: office.code, person: person),
      zone: office.zone)
  }

  package var json: JSON {
    [
      "exported": .text(made.description),
      "personal": .object(fields.map { ($0.field.rawValue, .text($0.value)) }),
      "logins": .list(
        identities.map {
          ["provider": .text($0.provider), "since": .text($0.since.description)]
        }),
      "consents": .list(
        consents.map {
          [
            "purpose": .text($0.purpose), "receiver": .text($0.receiver),
            "text": .text($0.textVersion), "given": .text($0.given.description),
            "withdrawn": $0.withdrawn.map { .text($0.description) } ?? .null,
          ]
        }),
      "guardianSince": guardianSince.map { .text($0.description) } ?? .null,
      "guardianOf": .list(children.map { ["since": .text($0.description)] }),
      "mechanisms": .list(mechanisms.map(PersonalRecord.json)),
    ]
  }

  private static func json(_ one: OfMechanism) -> JSON {
    func links(_ rows: [LinkRow]) -> JSON {
      .list(
        rows.map { ["partner": .text($0.partnerCode), "user": .text($0.subject)] })
    }
    return [
      "mechanism": .text(one.code), "account": .number(one.citizen.raw),
      "points": .number(one.balance.points.count), "grams": .number(one.balance.grams.count),
      "frozen": .truth(one.balance.isFrozen), "links": links(one.links),
      "waitingForConsent": links(one.paused),
      "organisations": .list(
        one.organisations.map {
          [
            "number": .number($0.number), "name": .text($0.name), "kind": .text($0.kind),
            "right": .text($0.right),
          ]
        }),
      "applications": .list(
        one.applications.map {
          [
            "kind": .text($0.kind), "name": .text($0.name), "contact": .text($0.contact),
            "made": .text($0.created.description), "state": .text("\($0.state)"),
            "opinion": .text($0.opinion),
          ]
        }),
      "held": .list(one.held.map(Program.entry)),
      "entries": .list(one.entries.map(Program.entry)),
    ]
  }
}
