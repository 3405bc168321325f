// SPDX-License-Identifier: Apache-2.0
// REVERSAL. An award taken back, because what it was given for is withdrawn.
//
//   citizen ──grams, points──▶ the scene's issuing accounts       the award, the other way round
//
// It is never refused: the behaviour did not happen, so its grams must leave the books today. Who
// has spent the points meanwhile owes them: the balance goes below zero, what is earned next fills
// it up, and until then `decide` finds the account overdrawn and lets nothing out of it.
//
// Invariant: an account lies below its floor only as far as a reversal left it; `overdrawn` says
// how far, and the audit holds every account against it.

import Units

extension State {
  /// Takes one award back. Amounts are those of the award.
  package mutating func reverse(_ award: Award) {
    takeBack(
      Int64(award.points), .citizen(award.citizen, .points), .issuing(award.scene, .points))
    takeBack(award.grams, .citizen(award.citizen, .grams), .issuing(award.scene, .grams))
  }

  private mutating func takeBack(_ amount: Int64, _ owner: AccountID, _ issuer: AccountID) {
    guard amount != 0 else { return }
    add(-amount, to: owner)
    add(amount, to: issuer)
    guard let floor = limits(of: owner).floor else { return }
    let position = position(of: owner)
    let available = position.balance - position.pendingOut
    overdrawn[owner] = available < floor ? available : nil
  }

  /// 欠分: what a citizen has still to earn before anything can be spent; zero for nearly everybody.
  package func owed(by citizen: CitizenID) -> Points {
    let position = position(of: .citizen(citizen, .points))
    return Points(max(0, position.pendingOut - position.balance))
  }
}
