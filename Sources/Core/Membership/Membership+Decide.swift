// SPDX-License-Identifier: Apache-2.0
import Units

extension State {
  /// `scenes`: the codes that the pack in force knows.
  package func decide(_ command: Command, scenes: Set<String>) -> Result<Fact, Refusal> {
    switch command {
    case .addPartner(let partner):
      guard State.isCode(partner.code) else { return .failure(.partnerCodeInvalid) }
      guard self.partner(code: partner.code) == nil else { return .failure(.partnerCodeTaken) }
      guard partners.count < 4095 else { return .failure(.partnersFull) }
      guard partner.scenes.allSatisfy(scenes.contains) else { return .failure(.sceneUnknown) }
      return .success(.partner(PartnerID(UInt16(partners.count + 1)), partner))
    case .changePartner(let id, let partner):
      guard let old = self.partner(id) else { return .failure(.partnerUnknown) }
      guard old.code == partner.code else { return .failure(.partnerCodeInvalid) }
      guard partner.scenes.allSatisfy(scenes.contains) else { return .failure(.sceneUnknown) }
      return old == partner ? .failure(.unchanged) : .success(.partner(id, partner))
    case .enrol: return .success(.enrolled(CitizenID(citizenCount + 1), AliasID(0)))
    case .link(let alias, let citizen):
      guard !alias.isNone, Int(alias.raw) < links.limit else { return .failure(.aliasUnknown) }
      guard exists(citizen), !isClosed(citizen) else { return .failure(.citizenUnknown) }
      let current = self.citizen(of: alias)
      if current == citizen { return .failure(.unchanged) }
      guard current.isNone else { return .failure(.aliasAlreadyLinked) }
      return .success(.linked(alias, citizen))
    case .unlink(let alias):
      let current = citizen(of: alias)
      guard !current.isNone else { return .failure(.aliasNotLinked) }
      return .success(.unlinked(alias, current))
    case .freeze(let citizen, let reason):
      guard exists(citizen) else { return .failure(.citizenUnknown) }
      return isFrozen(citizen)
        ? .failure(.unchanged) : .success(.marked(citizen, frozen: true, reason: reason))
    case .unfreeze(let citizen, let reason):
      guard exists(citizen) else { return .failure(.citizenUnknown) }
      return isFrozen(citizen)
        ? .success(.marked(citizen, frozen: false, reason: reason)) : .failure(.unchanged)
    }
  }

  private static func isCode(_ code: String) -> Bool {
    !code.isEmpty && code.utf8.count <= 64
      && code.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
  }
}
