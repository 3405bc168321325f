// SPDX-License-Identifier: Apache-2.0
// MEMBERSHIP. Who takes part, by number only: names and phones stand in the Vault.
//
//   partner's user ──Vault──▶ alias ──here──▶ citizen
//                               └─ none yet: reports wait, or the partner enrols on first report
//
// Invariants
//   - Citizens are numbered from 1 up without gaps; an alias belongs to at most one citizen.
//   - A partner reports only what it was granted; a closed partner reports nothing.

import Units

/// 接入平台.
package struct Partner: Hashable, Sendable, Codable {
  /// `tianfutong`: lower-case letters, digits and hyphens.
  package var code: String
  package var name: String
  /// Codes of the scenes it may report.
  package var scenes: [String]
  /// Whether an unknown user of this partner gets a pseudonymous account on the first report.
  package var enrols: Bool
  package var isClosed: Bool

  package init(
    code: String, name: String, scenes: [String], enrols: Bool, isClosed: Bool = false
  ) {
    self.code = code
    self.name = name
    self.scenes = scenes
    self.enrols = enrols
    self.isClosed = isClosed
  }
}

package struct State: ~Copyable {
  /// By alias: the citizen, zero for none.
  @usableFromInline var links: MappedArray<UInt32>
  /// By citizen: one bit, frozen.
  @usableFromInline var marks: MappedArray<UInt8>
  package internal(set) var citizenCount: UInt32 = 0
  /// How many citizens are frozen: mostly none, and then nobody's mark need be read.
  @usableFromInline var frozenCount = 0
  /// By number minus one.
  package internal(set) var partners: [Partner] = []
  /// Organisations with their members, by number minus one.
  package internal(set) var groups: [Group] = []
  /// By citizen; the same as the groups say, the other way round.
  var memberships: [UInt32: Set<OrganisationID>] = [:]
  /// 已注销: accounts that are nobody's any more.
  package internal(set) var closedAccounts: Set<UInt32> = []

  package init(citizensMax: Int = 1 << 26) {
    links = MappedArray(limit: citizensMax)
    marks = MappedArray(limit: citizensMax)
  }

  @inlinable @inline(__always) package func citizen(of alias: AliasID) -> CitizenID {
    CitizenID(Int(alias.raw) < links.count ? links[Int(alias.raw)] : 0)
  }

  /// The highest alias that was ever linked.
  package var highestAlias: AliasID { AliasID(UInt32(max(0, links.count - 1))) }

  @inlinable @inline(__always) package func isFrozen(_ citizen: CitizenID) -> Bool {
    frozenCount > 0 && Int(citizen.raw) < marks.count && marks[Int(citizen.raw)] & 1 != 0
  }

  package func exists(_ citizen: CitizenID) -> Bool {
    !citizen.isNone && citizen.raw <= citizenCount
  }

  /// Whether there is room for such numbers.
  package func canName(_ citizen: CitizenID, _ alias: AliasID) -> Bool {
    Int(citizen.raw) < marks.limit && Int(alias.raw) < links.limit
  }

  package func partner(_ id: PartnerID) -> Partner? {
    id.raw >= 1 && Int(id.raw) <= partners.count ? partners[Int(id.raw) - 1] : nil
  }

  package func partner(code: String) -> PartnerID? {
    partners.firstIndex { $0.code == code }.map { PartnerID(UInt16($0 + 1)) }
  }

  @inlinable @inline(__always) package func prefetch(_ alias: AliasID) {
    links.prefetch(Int(alias.raw))
  }

  package var footprint: Int { links.count * 4 + marks.count }
}

package enum Refusal: UInt8, Error, Sendable, CaseIterable {
  case partnerUnknown = 1
  case partnerCodeInvalid
  case partnerCodeTaken
  case partnersFull
  case sceneUnknown
  case citizenUnknown
  case aliasAlreadyLinked
  case aliasNotLinked
  case unchanged
  case aliasUnknown
}

package enum Command: Sendable {
  case addPartner(Partner)
  case changePartner(PartnerID, Partner)
  case enrol
  case link(AliasID, CitizenID)
  case unlink(AliasID)
  case freeze(CitizenID, reason: String)
  case unfreeze(CitizenID, reason: String)
}
