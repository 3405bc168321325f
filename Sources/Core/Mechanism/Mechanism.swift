// SPDX-License-Identifier: Apache-2.0
// MECHANISM. One city's scheme: all rooms' state in one struct.
//
//   batch, command ──decide──▶ facts in a frame ──apply──▶ Membership, Behaviour, Rewards, Ledger
//   journal        ──────────── frame by frame ──apply──▶  the same, from the beginning
//
// Rooms of the same height do not know one another. This one carries an alias from Membership to
// Behaviour, and an award from Behaviour to Ledger.
//
// Invariants
//   - Whatever is decided is a function of the state, the command, and the time in the command: the
//     journal replayed gives the same state, byte for byte.
//   - A fact is applied by the same code whether it was decided a moment ago or ten years back.

import Behaviour
import Governance
import Journal
import Ledger
import Membership
import Policy
import Recognition
import Rewards
import Units

/// A pack version as it was adopted.
package struct Adoption: Sendable {
  package var fact: FactNumber
  package var time: Instant
  package var pack: Pack
  package var hot: HotRules
  package var files: [Pack.File]
}

package struct State: ~Copyable {
  package let code: String
  package internal(set) var ledger: Ledger.State
  package internal(set) var membership: Membership.State
  package internal(set) var behaviour: Behaviour.State
  package internal(set) var rewards = Rewards.State()
  package internal(set) var recognition = Recognition.State()
  package internal(set) var governance = Governance.State()
  /// Every pack version ever adopted, oldest first.
  package internal(set) var adoptions: [Adoption] = []
  /// Numbers of scenes, given at first adoption and kept for ever.
  package internal(set) var sceneNumbers: [String: SceneID] = [:]
  /// The number the next fact will get.
  package internal(set) var nextFact = FactNumber(1)
  package internal(set) var lastSequence: UInt64 = 0
  package internal(set) var lastTime = Instant(milliseconds: 0)
  /// Every proposal ever made, oldest first; its number is its place, from 1.
  package internal(set) var proposals: [Proposal] = []
  /// Every run of expiry, oldest first; the last one may not have come to its end.
  package internal(set) var expiryRuns: [ExpiryRun] = []

  /// Reused between batches; holds nothing between them.
  var awards = AwardList()
  /// By partner's number; the first is nobody's.
  var grants: [Grant] = [Grant()]
  /// By partner's number: the scenes from number 64 up.
  var highGrants: [Int: Set<UInt16>] = [:]

  package init(code: String, citizensMax: Int = 1 << 26) {
    self.code = code
    ledger = Ledger.State(citizensMax: citizensMax)
    membership = Membership.State(citizensMax: citizensMax)
    behaviour = Behaviour.State(citizensMax: citizensMax)
  }

  /// The rules in force; nil before a pack is adopted.
  package var hot: HotRules? { adoptions.last?.hot }
  package var pack: Pack? { adoptions.last?.pack }

  /// The pack that was in force when a fact was written.
  package func adoption(at fact: FactNumber) -> Adoption? {
    adoptions.last { $0.fact <= fact } ?? adoptions.first
  }

  package func scene(code: String) -> SceneID? { sceneNumbers[code] }
  package func scene(_ id: SceneID) -> Scene? { hot?.scene(id) }

  /// What was credited so far, over all scenes, straight from the ledger's issuing accounts.
  package var totals: (grams: Grams, points: Points) {
    var grams = Grams(0)
    var points = Points(0)
    for scene in sceneNumbers.values {
      let (issuedGrams, issuedPoints) = ledger.issued(by: scene)
      grams += issuedGrams
      points += issuedPoints
    }
    return (grams, points)
  }

  /// The highest number of a partner's user that the journal knows.
  package var highestAlias: AliasID {
    var highest = max(membership.highestAlias, behaviour.waiting.keys.max() ?? .none)
    for held in behaviour.quarantine.values { highest = max(highest, held.report.alias) }
    return highest
  }

  /// Makes room for so many more reports, before they come rather than while they wait.
  package mutating func makeRoom(for reports: Int) {
    for piece in 0..<Behaviour.State.roomCount { behaviour.makeRoom(for: reports, piece: piece) }
  }

  /// One piece of it, some milliseconds' work, of `Behaviour.State.roomCount`.
  package mutating func makeRoom(for reports: Int, piece: Int) {
    behaviour.makeRoom(for: reports, piece: piece)
  }

  /// Bytes of memory in use that grow with citizens and their histories.
  package var footprint: Int {
    ledger.footprint + membership.footprint + behaviour.footprint
  }

  /// Which scenes a partner may report, by scene number.
  struct Grant: BitwiseCopyable {
    var enrols = false
    var isClosed = true
    /// A bit for each scene up to number 63, without a set to hash in or to count references to.
    var low: UInt64 = 0
  }

  /// Whether an open partner may report a scene.
  @inline(__always) func allows(
    _ grant: UnsafePointer<Grant>, _ partner: Int, _ scene: SceneID
  ) -> Bool {
    if scene.raw < 64 { return grant.pointee.low >> UInt64(scene.raw) & 1 != 0 }
    return highGrants[partner]?.contains(scene.raw) == true
  }

  mutating func renewGrants() {
    highGrants = [:]
    grants = [Grant()]
    for (index, partner) in membership.partners.enumerated() {
      let numbers = partner.scenes.compactMap { sceneNumbers[$0]?.raw }
      var grant = Grant(enrols: partner.enrols, isClosed: partner.isClosed)
      for number in numbers where number < 64 { grant.low |= 1 << UInt64(number) }
      highGrants[index + 1] = Set(numbers.filter { $0 >= 64 })
      grants.append(grant)
    }
  }
}
