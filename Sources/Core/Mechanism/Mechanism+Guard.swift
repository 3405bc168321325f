// SPDX-License-Identifier: Apache-2.0
// What a fact must be before it is applied. `apply` never fails, so what could harm it is looked
// for here: a journal that somebody wrote in good order, hashes and all, but not by our rules, is
// told of in a sentence and not by the end of the process.

import Behaviour
import Journal
import Ledger
import Membership
import Policy
import Units

extension State {
  @inline(__always) func check(_ fact: RecordView, _ hot: HotRules) throws(FrameFault) {
    guard fact.scene.raw >= 1, Int(fact.scene.raw) <= hot.sceneCount else {
      throw FrameFault("reports a scene that no pack has named")
    }
    guard fact.citizen.isNone || membership.exists(fact.citizen) else {
      throw FrameFault("reports behaviour of a citizen who has no account")
    }
    guard fact.points >= 0, fact.outcome != .accepted || !fact.citizen.isNone
    else { throw FrameFault("credits what cannot be credited") }
    if fact.origin != .reported { try checkHeld(fact) }
  }

  private func checkHeld(_ fact: RecordView) throws(FrameFault) {
    let held =
      fact.origin == .quarantined
      ? behaviour.quarantine[fact.originFact]
      : behaviour.waiting[fact.alias]?.first { $0.fact == fact.originFact }
    guard held?.report.scene == fact.scene else {
      throw FrameFault("decides again what neither waits nor is held")
    }
  }

  func check(_ fact: Membership.Fact) throws(FrameFault) {
    let isGood =
      switch fact {
      case .partner(let id, _): id.raw >= 1 && Int(id.raw) <= membership.partners.count + 1
      case .enrolled(let citizen, let alias):
        citizen.raw == membership.citizenCount + 1 && membership.canName(citizen, alias)
      case .linked(let alias, let citizen):
        membership.exists(citizen) && !membership.isClosed(citizen)
          && membership.canName(citizen, alias)
      case .unlinked(let alias, let citizen):
        membership.exists(citizen) && membership.canName(citizen, alias)
      case .marked(let citizen, _, _): membership.exists(citizen)
      }
    guard isGood else { throw FrameFault("names a member who has no account") }
  }

  func check(_ fact: Ledger.Fact) throws(FrameFault) {
    guard ledger.canApply(fact) else {
      throw FrameFault("moves what cannot be moved")
    }
  }

  func check(_ row: AdoptionRow) throws(FrameFault) {
    if let proposal = row.proposal {
      guard proposals.indices.contains(proposal - 1), proposals[proposal - 1].status == .approved
      else { throw FrameFault("adopts a pack by a proposal that nobody approved") }
    }
    let numbers = row.scenes.mapValues { SceneID($0) }
    if case .failure(let problems) = Pack.parse(files: row.packFiles, registry: numbers) {
      throw FrameFault("adopts a pack that does not read: \(problems)")
    }
  }
}
