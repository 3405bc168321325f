// SPDX-License-Identifier: Apache-2.0
import Units

extension State {
  package func group(_ id: OrganisationID) -> Group? {
    id.raw >= 1 && Int(id.raw) <= groups.count ? groups[Int(id.raw) - 1] : nil
  }

  /// Which organisations a citizen is a member of, in order of their numbers.
  package func organisations(of citizen: CitizenID) -> [OrganisationID] {
    (memberships[citizen.raw] ?? []).sorted()
  }

  /// What a citizen may in an organisation; nil for no member or one without rights.
  package func right(of citizen: CitizenID, in id: OrganisationID) -> Right? {
    group(id)?.members[citizen.raw]?.right
  }

  package func isClosed(_ citizen: CitizenID) -> Bool {
    !closedAccounts.isEmpty && closedAccounts.contains(citizen.raw)
  }

  /// `grams`: what the citizen of the command has on their account.
  package func decide(
    _ command: GroupCommand, limits: GroupLimits, grams: (CitizenID) -> Int64
  ) -> Result<GroupFact, GroupRefusal> {
    switch command {
    case .found(let organisation, let founder):
      guard State.isNamed(organisation), !organisation.isClosed else {
        return .failure(.nameInvalid)
      }
      if let founder {
        guard isOpen(founder) else { return .failure(.accountUnknown) }
        if let refusal = mayEnter(founder, organisation.kind, limits) { return .failure(refusal) }
      }
      return .success(
        .founded(
          OrganisationID(UInt32(groups.count + 1)), organisation, by: founder,
          grams: founder.map(grams) ?? 0))
    case .change(let id, let organisation):
      guard let old = group(id) else { return .failure(.organisationUnknown) }
      guard State.isNamed(organisation) else { return .failure(.nameInvalid) }
      guard old.organisation.kind == organisation.kind else { return .failure(.kindFixed) }
      return old.organisation == organisation
        ? .failure(.nothingChanges) : .success(.changed(id, organisation))
    case .join(let id, let citizen):
      guard let group = group(id) else { return .failure(.organisationUnknown) }
      guard !group.organisation.isClosed else { return .failure(.organisationClosed) }
      guard isOpen(citizen) else { return .failure(.accountUnknown) }
      guard group.members[citizen.raw] == nil else { return .failure(.alreadyMember) }
      let kind = group.organisation.kind
      if let refusal = mayEnter(citizen, kind, limits) { return .failure(refusal) }
      if kind == .family, group.members.count >= limits.familyMembersMax {
        return .failure(.familyFull)
      }
      return .success(.joined(id, citizen, grams: grams(citizen)))
    case .leave(let id, let citizen):
      guard let group = group(id) else { return .failure(.organisationUnknown) }
      guard let member = group.members[citizen.raw] else { return .failure(.notMember) }
      // The last one to go may go; one who leaves others behind leaves them in good hands.
      if member.right == .administer, group.administrators == 1, group.members.count > 1,
        !group.organisation.isClosed
      {
        return .failure(.lastAdministrator)
      }
      return .success(.left(id, citizen, grams: grams(citizen)))
    case .grant(let id, let citizen, let right):
      guard let group = group(id) else { return .failure(.organisationUnknown) }
      guard !group.organisation.isClosed else { return .failure(.organisationClosed) }
      guard let member = group.members[citizen.raw] else { return .failure(.notMember) }
      guard member.right != right else { return .failure(.nothingChanges) }
      if member.right == .administer, group.administrators == 1 {
        return .failure(.lastAdministrator)
      }
      return .success(.granted(id, citizen, right))
    }
  }

  private func isOpen(_ citizen: CitizenID) -> Bool { exists(citizen) && !isClosed(citizen) }

  private func mayEnter(
    _ citizen: CitizenID, _ kind: Organisation.Kind, _ limits: GroupLimits
  ) -> GroupRefusal? {
    let mine = memberships[citizen.raw] ?? []
    if kind == .family,
      mine.contains(where: {
        groups[Int($0.raw) - 1].organisation.kind == .family
          && !groups[Int($0.raw) - 1].organisation.isClosed
      })
    {
      return .alreadyInFamily
    }
    return mine.count >= limits.organisationsMax ? .tooManyOrganisations : nil
  }

  private static func isNamed(_ organisation: Organisation) -> Bool {
    guard organisation.kind != .family else { return organisation.name.isEmpty }
    let scalars = organisation.name.unicodeScalars
    return (2...60).contains(organisation.name.count) && scalars.first != " "
      && scalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
  }
}
