// SPDX-License-Identifier: Apache-2.0
// OFFICE. Everything that pages ask of one mechanism, in the words of pages.
//
//   state, balances, held reports ──── Clerk (between two commits)
//   single facts, frames, proofs ───── the journal's store (point reads)
//   days, batches, decisions ───────── the Archive (`Office+Archive`)
//   everything, checked again ──────── `Checkup`, on a thread of its own
//
// Calls wait: they belong on the workers, not on an HTTP thread.

import Archive
import Behaviour
import Desk
import Journal
import Ledger
import Mechanism
import Membership
import Policy
import Storage
import Units

package final class Office: Sendable {
  package let code: String
  package let clerk: Clerk
  package let keys: SigningKeys
  package let aliases: Aliases
  let archive: Follower
  let heads: HeadFile
  let checkup = Checkup()
  let rehearsal = Rehearsal()
  /// Where a second connection to the journal is to be had; nil where the store is no file.
  let journalPath: String?
  /// Seconds east of Greenwich, as the pack that was in force at the start says.
  let zone: Int32
  let store: any JournalStore
  package let quotas: Quotas

  package init(
    clerk: Clerk, keys: SigningKeys, aliases: Aliases, archive: Follower, heads: HeadFile,
    journalPath: String? = nil
  ) {
    self.journalPath = journalPath
    code = clerk.code
    store = clerk.store
    self.clerk = clerk
    self.keys = keys
    self.aliases = aliases
    self.archive = archive
    self.heads = heads
    zone = clerk.read { $0.pack?.zone ?? 28_800 }
    quotas = Quotas(zone: zone) { partner, time in
      (try? archive.received(partner, since: time)) ?? 0
    }
  }

  func pack() throws -> Pack {
    guard var pack = clerk.read({ $0.pack }) else {
      throw Trouble(
        503, "no-pack", "本机制还没有采纳政策包。请管理员用 tanpuhui init 采纳。",
        "This mechanism has adopted no pack yet. An administrator does so with `tanpuhui init`.")
    }
    // A sandbox runs the pack of its city, under its own address.
    pack.code = code
    return pack
  }

  func badge(_ t: Tongue) -> MechanismBadge {
    let pack = clerk.read { $0.pack }
    return MechanismBadge(
      code: code,
      name: (pack.map { t($0.name) } ?? code) + (isSandbox ? t.plain("（沙箱）", " (sandbox)") : ""),
      city: pack.map { t($0.city) } ?? "")
  }

  func adoptions() -> [Adoption] { clerk.read { $0.adoptions } }

  func adoptionRows() -> [AdoptionRow] {
    adoptions().enumerated().map { index, adoption in
      AdoptionRow(
        number: index + 1, version: adoption.pack.version, fact: adoption.fact,
        time: adoption.time, files: adoption.files.count)
    }
  }

  /// Straight from the ledger's issuing accounts and the counts of scenes.
  func totals() -> Totals {
    clerk.read { state in
      var totals = Totals()
      totals.citizens = Int(state.membership.citizenCount)
      totals.facts = state.nextFact.raw - 1
      totals.frames = state.lastSequence
      totals.time = state.lastTime
      for id in state.sceneNumbers.values.sorted() {
        let (grams, points) = state.ledger.issued(by: id)
        let tally = state.behaviour.tally(id)
        totals.scenes.append(
          Totals.OfScene(scene: id, grams: grams, points: points, accepted: Int(tally.accepted)))
        totals.grams += grams
        totals.points += points
        totals.accepted += Int(tally.accepted)
        totals.waiting += Int(tally.waiting)
        totals.quarantined += Int(tally.quarantined)
        totals.refused += Int(tally.refused + tally.rejected)
      }
      return totals
    }
  }

  func balance(of citizen: CitizenID) -> Balance {
    clerk.read { state in
      Balance(
        grams: state.ledger.grams(of: citizen), points: state.ledger.points(of: citizen),
        isFrozen: state.membership.isFrozen(citizen))
    }
  }

  /// Held reports, oldest first: all, or of one scene, at most `limit`.
  func quarantine(scene: SceneID?, limit: Int) -> (entries: [Entry], total: Int) {
    clerk.read { state in
      let chosen = state.behaviour.quarantine.values.filter {
        scene == nil || $0.report.scene == scene
      }.sorted { $0.fact < $1.fact }
      return (
        chosen.prefix(limit).map { Office.entry($0, .quarantined, state) }, chosen.count
      )
    }
  }

  func held(_ number: FactNumber) -> Entry? {
    clerk.read { state in
      state.behaviour.quarantine[number].map { Office.entry($0, .quarantined, state) }
    }
  }

  func waiting(limit: Int) -> (entries: [Entry], total: Int) {
    clerk.read { state in
      var total = 0
      var first: [Entry] = []
      for held in state.behaviour.waiting.values {
        total += held.count
        for one in held where first.count < limit {
          first.append(Office.entry(one, .waiting, state))
        }
      }
      return (first.sorted { $0.number < $1.number }, total)
    }
  }

  /// What is held of one citizen, newest first.
  func held(of citizen: CitizenID, limit: Int) -> [Entry] {
    clerk.read { state in
      state.behaviour.quarantine.values.filter { $0.report.citizen == citizen }
        .sorted { $0.fact > $1.fact }.prefix(limit).map { Office.entry($0, .quarantined, state) }
    }
  }

  private static func entry(
    _ held: Held, _ outcome: Outcome, _ state: borrowing Mechanism.State
  ) -> Entry {
    var record = Record()
    record.report = held.report
    record.outcome = outcome
    record.reason = held.reason
    let scene = state.scene(held.report.scene)
    record.valueCount = UInt8(scene?.fields.count ?? 0)
    return Entry(
      number: held.fact, record: record, scene: scene,
      partner: state.membership.partner(held.report.partner)?.name ?? "")
  }

  func partners() -> [Partner] { clerk.read { $0.membership.partners } }

  /// Code and name of each partner that is open.
  func openPartners() -> [(String, String)] {
    partners().filter { !$0.isClosed }.map { ($0.code, $0.name) }
  }

  func sceneChoices(_ t: Tongue) throws -> [(code: String, name: String)] {
    try pack().behaviour.scenes.filter { !$0.closed }.map { ($0.code, t($0.name)) }
  }

  func partnerID(_ code: String) -> PartnerID? { clerk.read { $0.membership.partner(code: code) } }

  func citizen(of alias: AliasID) -> CitizenID { clerk.read { $0.membership.citizen(of: alias) } }

  /// Which partner users lead to a citizen. Walks all aliases: for one person's page, not for
  /// lists.
  func aliases(of citizen: CitizenID) -> [AliasID] {
    let count = aliases.count
    return clerk.read { state in
      (1...max(1, count)).map { AliasID(UInt32($0)) }.filter {
        state.membership.citizen(of: $0) == citizen
      }
    }
  }

  func perform(_ command: Mechanism.Command) throws -> CommandResult {
    try clerk.perform(command).result
  }
}
