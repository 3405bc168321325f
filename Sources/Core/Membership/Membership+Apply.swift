// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

extension State {
  /// Takes over a decided fact. Never fails.
  package mutating func apply(_ fact: Fact) {
    switch fact {
    case .partner(let id, let partner):
      if Int(id.raw) == partners.count + 1 {
        partners.append(partner)
      } else {
        partners[Int(id.raw) - 1] = partner
      }
    case .enrolled(let citizen, let alias):
      citizenCount = max(citizenCount, citizen.raw)
      marks.reach(Int(citizen.raw))
      if !alias.isNone { set(alias, citizen) }
    case .linked(let alias, let citizen): set(alias, citizen)
    case .unlinked(let alias, _): set(alias, CitizenID(0))
    case .marked(let citizen, let frozen, _):
      marks.reach(Int(citizen.raw))
      frozenCount += (frozen ? 1 : 0) - Int(marks[Int(citizen.raw)] & 1)
      marks[Int(citizen.raw)] = frozen ? 1 : 0
    }
  }

  private mutating func set(_ alias: AliasID, _ citizen: CitizenID) {
    links.reach(Int(alias.raw))
    links[Int(alias.raw)] = citizen.raw
  }

  /// A new pseudonymous account for an alias that has none. Writes one fact.
  package mutating func enrol(_ alias: AliasID, writer: FrameWriter) -> CitizenID {
    let citizen = CitizenID(citizenCount + 1)
    Fact.store(Fact.enrolledKind, alias, citizen, writer)
    apply(.enrolled(citizen, alias))
    return citizen
  }
}
