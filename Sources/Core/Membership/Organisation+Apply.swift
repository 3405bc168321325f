// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Journal
import Units

extension State {
  /// Whether a fact of a journal can have been decided by our rules; `apply` never fails.
  package func canApply(_ fact: GroupFact) -> Bool {
    func isMember(_ id: OrganisationID, _ citizen: CitizenID) -> Bool {
      group(id)?.members[citizen.raw] != nil
    }
    func isOpen(_ citizen: CitizenID) -> Bool { exists(citizen) && !isClosed(citizen) }
    return switch fact {
    case .founded(let id, _, let founder, _):
      Int(id.raw) == groups.count + 1 && founder.map(isOpen) ?? true
    case .changed(let id, let organisation):
      group(id)?.organisation.kind == organisation.kind
    case .joined(let id, let citizen, _):
      group(id) != nil && isOpen(citizen) && !isMember(id, citizen)
    case .left(let id, let citizen, _), .granted(let id, let citizen, _): isMember(id, citizen)
    case .closed(let citizen, _): isOpen(citizen)
    }
  }

  package mutating func apply(_ fact: GroupFact) {
    switch fact {
    case .founded(let id, let organisation, let founder, let grams):
      groups.append(Group(organisation: organisation))
      if let founder { enter(founder, id, Member(grams: grams, right: .administer)) }
    case .changed(let id, let organisation): groups[Int(id.raw) - 1].organisation = organisation
    case .joined(let id, let citizen, let grams):
      enter(citizen, id, Member(grams: grams, right: nil))
    case .left(let id, let citizen, let grams): leave(citizen, id, grams)
    case .granted(let id, let citizen, let right):
      groups[Int(id.raw) - 1].members[citizen.raw]?.right = right
    case .closed(let citizen, let grams):
      for id in organisations(of: citizen) { leave(citizen, id, grams) }
      closedAccounts.insert(citizen.raw)
    }
  }

  private mutating func enter(_ citizen: CitizenID, _ id: OrganisationID, _ member: Member) {
    groups[Int(id.raw) - 1].members[citizen.raw] = member
    memberships[citizen.raw, default: []].insert(id)
  }

  private mutating func leave(_ citizen: CitizenID, _ id: OrganisationID, _ grams: Int64) {
    guard let member = groups[Int(id.raw) - 1].members.removeValue(forKey: citizen.raw) else {
      return
    }
    groups[Int(id.raw) - 1].carried += grams - member.grams
    memberships[citizen.raw]?.remove(id)
    if memberships[citizen.raw]?.isEmpty == true { memberships[citizen.raw] = nil }
  }

  /// Organisations and closed accounts, for the snapshot and the digest of the state.
  package func dumpGroups(to sink: SnapshotSink) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try sink.section(Array(encoder.encode(groups.map(GroupDump.init))))
    try sink.section(Array(encoder.encode(closedAccounts.sorted())))
  }

  package mutating func loadGroups(from source: inout ByteReader) throws(FrameFault) {
    let decoder = JSONDecoder()
    guard let read = try? decoder.decode([GroupDump].self, from: Data(source.section())),
      let closed = try? decoder.decode([UInt32].self, from: Data(source.section()))
    else { throw FrameFault("snapshot's organisations do not read") }
    groups = read.map(\.group)
    closedAccounts = Set(closed)
    memberships = [:]
    for (index, group) in groups.enumerated() {
      for citizen in group.members.keys {
        memberships[citizen, default: []].insert(OrganisationID(UInt32(index + 1)))
      }
    }
  }

  func auditGroups() -> String? {
    for (index, group) in groups.enumerated() {
      for citizen in group.members.keys.sorted()
      where !exists(CitizenID(citizen)) || isClosed(CitizenID(citizen)) {
        return "organisation \(index + 1) has the member \(citizen), who has no open account"
      }
    }
    let counted = groups.reduce(0) { $0 + $1.members.count }
    let known = memberships.values.reduce(0) { $0 + $1.count }
    return counted == known
      ? nil : "organisations have \(counted) members, the citizens say \(known)"
  }
}

/// Members in order, so that the same state is always the same bytes.
private struct GroupDump: Codable {
  struct Row: Codable {
    var citizen: UInt32
    var member: Member
  }
  var organisation: Organisation
  var members: [Row]
  var carried: Int64

  init(_ group: Group) {
    organisation = group.organisation
    members = group.members.sorted { $0.key < $1.key }.map {
      Row(citizen: $0.key, member: $0.value)
    }
    carried = group.carried
  }

  var group: Group {
    var group = Group(organisation: organisation)
    for row in members { group.members[row.citizen] = row.member }
    group.carried = carried
    return group
  }
}
