// SPDX-License-Identifier: Apache-2.0
// CONSENTS of one mechanism: who agreed to which words, and what waits for new ones.
//
//   pack adopted ──ConsentRounds──▶ links whose person agreed to older words are unlinked and wait
//   person agrees ──▶ linked again, what the partner reported meanwhile is decided
//
// A source is of purpose `source`, receiver `mechanism/partner`; a receiver of purpose `receiver`,
// receiver `mechanism/code`. Others ask `holds(receiver:of:)` before they show anything of a
// person.

import Behaviour
import Desk
import Journal
import Mechanism
import Membership
import Policy
import Storage
import Units

extension Office {
  static let sourcePurpose = "source"
  static let receiverPurpose = "receiver"

  func receiver(_ code: String) -> String { "\(self.code)/\(code)" }

  /// Whether a person agreed that a receiver (`merchants`, `bank-statement`, `boards`) is given
  /// what its text says, in today's words. False where the pack has no such text.
  package func holds(receiver code: String, of person: PersonID, in vault: Vault) throws -> Bool {
    guard let terms = try pack().receiverTerms.first(where: { $0.code == code }) else {
      return false
    }
    return try vault.holds(
      consentOf: person, purpose: Office.receiverPurpose, receiver: receiver(code),
      textVersion: terms.version)
  }

  /// Records that a person agrees to a partner's data, and links again what waited for it. Answers
  /// what became of the behaviour that waited.
  func agree(
    _ person: PersonID, _ citizen: CitizenID, toPartner partner: String, in vault: Vault,
    at time: Instant
  ) throws -> BatchSummary {
    try vault.renewConsent(
      of: person, purpose: Office.sourcePurpose, receiver: receiver(partner),
      textVersion: try pack().sourceTerms(partner: partner).version, at: time)
    var summary = BatchSummary()
    for paused in try vault.pausedLinks(of: person, mechanism: code)
    where try self.partner(of: paused.alias) == partner {
      do {
        summary += try perform(.membership(.link(paused.alias, citizen))).summary
      } catch _ as CommandRefusal {
        // Linked already, for the round was cut off; or the partner's user is somebody else's now.
      }
      _ = try vault.resume(paused.alias, mechanism: code)
    }
    return summary
  }

  /// The code of the partner whose user this is; nil for one that was erased.
  func partner(of alias: AliasID) throws -> String? {
    guard let id = try aliases.subject(of: alias)?.partner else { return nil }
    let partners = partners()
    return Int(id.raw) <= partners.count ? partners[Int(id.raw) - 1].code : nil
  }

  /// Unlinks whoever agreed to older words than the pack in force has. Answers how many links wait.
  package func renewConsents(_ vault: Vault, at time: Instant) throws -> Int {
    guard let adoption = clerk.read({ $0.adoptions.last?.fact }),
      try vault.consentRound(of: code) != adoption
    else { return 0 }
    let pack = try pack()
    var asked: [CitizenID: (person: PersonID, partners: Set<String>)] = [:]
    for partner in partners() {
      let persons = try vault.outdated(
        receiver: receiver(partner.code),
        textVersion: pack.sourceTerms(partner: partner.code).version)
      for person in persons {
        let mine = try vault.accounts(of: person).first { $0.mechanism == code }
        guard let mine else { continue }
        asked[mine.citizen, default: (person, [])].partners.insert(partner.code)
      }
    }
    var waiting: [PausedLink] = []
    for (alias, citizen) in links(of: Set(asked.keys)) {
      guard let (person, partners) = asked[citizen], let partner = try partner(of: alias),
        partners.contains(partner)
      else { continue }
      waiting.append(PausedLink(alias: alias, person: person, since: time))
    }
    for start in stride(from: 0, to: waiting.count, by: Office.renewedAtOnce) {
      let end = min(start + Office.renewedAtOnce, waiting.count)
      try unlink(Array(waiting[start..<end]), vault)
    }
    try vault.setConsentRound(of: code, to: adoption)
    return waiting.count
  }

  /// Links of one commit.
  private static let renewedAtOnce = 500

  private func unlink(_ links: [PausedLink], _ vault: Vault) throws {
    // Written down first: what is unlinked and forgotten would never be asked about.
    try vault.pause(links, mechanism: code)
    let answers = links.map { link in
      let answer = Answer<Bool>()
      clerk.perform(.membership(.unlink(link.alias))) { result in
        if case .success = result { answer.give(true) } else { answer.give(false) }
      }
      return answer
    }
    for (link, answer) in zip(links, answers) where !answer.take() {
      // The citizen was quicker and withdrew.
      _ = try vault.resume(link.alias, mechanism: code)
    }
  }

  /// The links of some citizens, in one walk over all.
  private func links(of citizens: Set<CitizenID>) -> [(alias: AliasID, citizen: CitizenID)] {
    guard !citizens.isEmpty else { return [] }
    let count = aliases.count
    return clerk.read { state in
      (1...max(1, count)).compactMap { number in
        let alias = AliasID(UInt32(number))
        let citizen = state.membership.citizen(of: alias)
        return citizens.contains(citizen) ? (alias, citizen) : nil
      }
    }
  }
}
