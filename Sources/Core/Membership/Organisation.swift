// SPDX-License-Identifier: Apache-2.0
// ORGANISATIONS. Enterprises, schools, communities, families: who belongs together.
//
//   founded ──▶ members join and leave ──▶ closed
//                  └─ some may: view ▸ act ▸ administer, each including those before
//
// Invariants
//   - Organisations are numbered from 1 up without gaps, and keep number and kind for ever.
//   - A member's contribution is what their grams grew while they were one: joining and leaving
//     write down how many grams the citizen had, so that the sum never loses and never counts
//     twice what was earned elsewhere.
//   - A family's name is its own affair: the journal has none.
//   - A citizen is in one family at most.
//
// Names of organisations are public. Who the contact is, stands in the Vault.

import Units

package enum OrganisationNoun {}
/// 组织: an organisation's number within a mechanism; its Ledger account's owner too.
package typealias OrganisationID = Identifier<OrganisationNoun, UInt32>

package struct Organisation: Hashable, Sendable, Codable {
  /// Written into facts by these names.
  package enum Kind: String, Hashable, Sendable, CaseIterable, Codable {
    case enterprise, smallEnterprise, government, social, school, community, family
  }
  package var kind: Kind
  package var name: String
  package var isClosed: Bool

  package init(kind: Kind, name: String, isClosed: Bool = false) {
    self.kind = kind
    self.name = name
    self.isClosed = isClosed
  }
}

/// 权限: what a delegate may; each includes those before it.
package enum Right: String, Hashable, Comparable, Sendable, CaseIterable, Codable {
  case view, act, administer

  package static func < (a: Right, b: Right) -> Bool {
    allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)!
  }
}

package struct Member: Hashable, Sendable, Codable {
  /// Grams on the citizen's account on joining.
  package var grams: Int64
  package var right: Right?
}

/// An organisation with its members.
package struct Group: Sendable, Codable {
  package internal(set) var organisation: Organisation
  /// By citizen.
  package internal(set) var members: [UInt32: Member] = [:]
  /// Grams of former members while they were members.
  package internal(set) var carried: Int64 = 0

  package var administrators: Int { members.values.count { $0.right == .administer } }
}

package enum GroupCommand: Sendable {
  /// The founder, where there is one, is its first member and administers it.
  case found(Organisation, by: CitizenID?)
  case change(OrganisationID, Organisation)
  case join(OrganisationID, CitizenID)
  case leave(OrganisationID, CitizenID)
  /// nil takes all rights away; the member stays.
  case grant(OrganisationID, CitizenID, Right?)
}

/// Numbers are for ever; the order is the order of precedence.
package enum GroupRefusal: UInt8, Error, Sendable, CaseIterable {
  case organisationUnknown = 1
  case organisationClosed
  case nameInvalid
  case kindFixed
  case accountUnknown
  case alreadyMember
  case notMember
  case alreadyInFamily
  case familyFull
  case tooManyOrganisations
  case lastAdministrator
  case nothingChanges

  package var sentence: String {
    switch self {
    case .organisationUnknown: "there is no organisation of this number; see the list"
    case .organisationClosed: "the organisation is closed; found a new one"
    case .nameInvalid: "a name has 2 to 60 characters in one line; a family has none"
    case .kindFixed: "an organisation's kind does not change; close it and found another"
    case .accountUnknown: "there is no such open citizen account"
    case .alreadyMember: "the citizen is a member already"
    case .notMember: "the citizen is no member; join first"
    case .alreadyInFamily: "the citizen is in a family already; leave that one first"
    case .familyFull: "the family has as many members as the pack allows"
    case .tooManyOrganisations: "the citizen is in as many organisations as the pack allows"
    case .lastAdministrator: "it would be left without an administrator; appoint another first"
    case .nothingChanges: "nothing would change"
    }
  }
}

/// What the pack says of sizes.
package struct GroupLimits: Sendable {
  package var familyMembersMax: Int
  package var organisationsMax: Int
  package init(familyMembersMax: Int, organisationsMax: Int) {
    self.familyMembersMax = familyMembersMax
    self.organisationsMax = organisationsMax
  }
}
