// SPDX-License-Identifier: Apache-2.0
import Desk
import Journal
import Ledger
import Mechanism
import Membership
import Units

/// An organisation in a list.
package struct OrganisationRow: Sendable {
  package var id: OrganisationID
  package var organisation: Organisation
  package var members: Int
  /// The reader's own; nil for a plain member.
  package var right: Right?

  init(_ id: OrganisationID, _ group: Group, of citizen: CitizenID? = nil) {
    self.id = id
    organisation = group.organisation
    members = group.members.count
    right = citizen.flatMap { group.members[$0.raw]?.right }
  }
}

/// What an organisation's page shows.
package struct OrganisationModel: Sendable {
  package var row: OrganisationRow
  /// nil where there are too few members for a sum.
  package var joint: Grams?
  package var points: Points
  package var least: Int
}

package struct MemberRow: Sendable {
  package var citizen: CitizenID
  package var right: Right?
}

extension Office {
  /// nil where there is none. The sum of few members would tell of each: below `sumMembersMin`
  /// there is none, but in a family, whose members know one another.
  func organisation(
    _ id: OrganisationID, for citizen: CitizenID? = nil, sumMembersMin: Int
  ) -> OrganisationModel? {
    clerk.read { state in
      guard let group = state.membership.group(id) else { return nil }
      let shows = group.organisation.kind == .family || group.members.count >= sumMembersMin
      return OrganisationModel(
        row: OrganisationRow(id, group, of: citizen),
        joint: shows ? state.jointGrams(of: id) : nil,
        points: Points(state.ledger.balance(of: AccountID(.organisation, id.raw, .points))),
        least: sumMembersMin)
    }
  }

  /// All but families, which are nobody's business; the newest first.
  func organisations(limit: Int) -> (rows: [OrganisationRow], total: Int, families: Int) {
    clerk.read { state in
      var rows: [OrganisationRow] = []
      var families = 0
      for (index, group) in state.membership.groups.enumerated() {
        guard group.organisation.kind != .family else {
          families += 1
          continue
        }
        rows.append(OrganisationRow(OrganisationID(UInt32(index + 1)), group))
      }
      return (Array(rows.reversed().prefix(limit)), rows.count, families)
    }
  }
}

extension Trouble {
  /// A refusal about an organisation, in the caller's language.
  init(group refusal: CommandRefusal) {
    let chinese =
      switch refusal.name {
      case "organisationUnknown": "没有这个组织，请核对编号。"
      case "organisationClosed": "该组织已关闭。"
      case "nameInvalid": "名称须为一行 2 至 60 字；家庭组没有名称。"
      case "kindFixed": "组织类型不能变更，请关闭后另行申请。"
      case "accountUnknown": "没有这个有效的碳账户。"
      case "alreadyMember": "已经是成员。"
      case "notMember": "不是该组织的成员。"
      case "alreadyInFamily": "已在一个家庭组中，请先退出。"
      case "familyFull": "家庭组人数已满。"
      case "tooManyOrganisations": "加入的组织数量已达上限。"
      case "lastAdministrator": "须至少保留一位管理员，请先指定另一位。"
      case "nothingChanges": "没有任何变化。"
      default: "操作未执行：\(refusal.message)。"
      }
    self.init(409, refusal.name, chinese, refusal.message, next: .back)
  }
}
