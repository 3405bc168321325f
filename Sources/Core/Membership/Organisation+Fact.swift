// SPDX-License-Identifier: Apache-2.0
// Readable JSON of kind 78, version 1; a line of each:
//
//   {"founder":17,"grams":1200,"number":1,"organisation":{"isClosed":false,"kind":"school",…}}
//   {"number":1,"organisation":{…}}                     changed
//   {"citizen":18,"grams":310,"joined":true,"number":1}
//   {"citizen":18,"grams":950,"joined":false,"number":1}
//   {"citizen":18,"number":1,"right":"act"}             "none" takes it away
//
// and of kind 79, version 1: {"citizen":17,"closed":true,"grams":950}

import Units

package enum GroupFact: Sendable {
  package static let kind: UInt8 = 78
  package static let closingKind: UInt8 = 79

  case founded(OrganisationID, Organisation, by: CitizenID?, grams: Int64)
  case changed(OrganisationID, Organisation)
  case joined(OrganisationID, CitizenID, grams: Int64)
  case left(OrganisationID, CitizenID, grams: Int64)
  case granted(OrganisationID, CitizenID, Right?)
  /// 注销: the account stays on the books and is nobody's any more.
  case closed(CitizenID, grams: Int64)

  package var kind: UInt8 {
    if case .closed = self { GroupFact.closingKind } else { GroupFact.kind }
  }
}

package struct GroupRow: Codable, Sendable {
  var number: UInt32?
  var organisation: Organisation?
  var founder: UInt32?
  var citizen: UInt32?
  var joined: Bool?
  var right: String?
  var grams: Int64?
  var closed: Bool?

  package init(_ fact: GroupFact) {
    switch fact {
    case .founded(let id, let organisation, let founder, let grams):
      number = id.raw
      self.organisation = organisation
      self.founder = founder?.raw
      self.grams = founder == nil ? nil : grams
    case .changed(let id, let organisation):
      number = id.raw
      self.organisation = organisation
    case .joined(let id, let citizen, let grams):
      (number, self.citizen, joined, self.grams) = (id.raw, citizen.raw, true, grams)
    case .left(let id, let citizen, let grams):
      (number, self.citizen, joined, self.grams) = (id.raw, citizen.raw, false, grams)
    case .granted(let id, let citizen, let right):
      (number, self.citizen, self.right) = (id.raw, citizen.raw, right?.rawValue ?? "none")
    case .closed(let citizen, let grams):
      (self.citizen, closed, self.grams) = (citizen.raw, true, grams)
    }
  }

  /// The fact, or nil where the row is none of ours. `known`: how many organisations there are,
  /// for a new number is a founding and an old one a change.
  package func fact(known: Int) -> GroupFact? {
    if let closed {
      guard closed, let citizen, let grams else { return nil }
      return .closed(CitizenID(citizen), grams: grams)
    }
    guard let number else { return nil }
    let id = OrganisationID(number)
    if let organisation {
      return Int(number) > known
        ? .founded(id, organisation, by: founder.map { CitizenID($0) }, grams: grams ?? 0)
        : .changed(id, organisation)
    }
    guard let citizen else { return nil }
    if let joined, let grams {
      return joined
        ? .joined(id, CitizenID(citizen), grams: grams)
        : .left(id, CitizenID(citizen), grams: grams)
    }
    guard let right else { return nil }
    if right == "none" { return .granted(id, CitizenID(citizen), nil) }
    return Right(rawValue: right).map { .granted(id, CitizenID(citizen), $0) }
  }
}
