// SPDX-License-Identifier: Apache-2.0
import Membership
import Storage
import Units

// Organisations, those who want to become partners, and a partner's day. Whom to ring up is in
// none of them: that is looked at one by one, and written down.
extension Sheet {
  static func organisations(_ office: Office, _ t: Tongue) -> Sheet {
    Sheet(
      "organisations",
      [
        t.plain("编号", "Number"), t.plain("名称", "Name"), t.plain("类型", "Kind"),
        t.plain("成员", "Members"), t.plain("状态", "State"),
      ]
    ) { add in
      for row in office.organisations(limit: .max).rows {
        try add([
          .count(row.id.raw), .text(row.organisation.name),
          .text(Layout.label(row.organisation.kind, t)), .count(row.members),
          .text(
            row.organisation.isClosed ? t.plain("已关闭", "Closed") : t.plain("正常", "Open")),
        ])
      }
    }
  }

  static func applications(_ rows: [PartnerApplication], _ t: Tongue) -> Sheet {
    Sheet(
      "applications",
      [
        t.plain("申请号", "Number"), t.plain("单位", "Organisation"), t.plain("提交时间", "Filed"),
        t.plain("场景", "Scenes"), t.plain("状态", "State"), t.plain("审核时间", "Decided"),
      ]
    ) { add in
      for row in rows {
        let state =
          switch row.state {
          case .filed: t.plain("待审核", "To review")
          case .approved: t.plain("已通过", "Approved")
          case .declined: t.plain("未通过", "Declined")
          }
        try add([
          .number(row.id), row.state == .declined ? .blank : .text(row.organisation),
          .time(row.created), .text(row.scenes.joined(separator: " ")), .text(state),
          .time(row.decided),
        ])
      }
    }
  }

  /// A partner's day by scene.
  static func receipts(
    _ partner: Partner, _ day: Day, _ sum: DayOfPartner, _ names: [SceneID: String], _ t: Tongue
  ) -> Sheet {
    Sheet(
      "receipts-\(partner.code)-\(day.description)",
      [
        t.plain("场景", "Scene"), t.plain("数据", "Events"), t.plain("已入账", "Credited"),
        t.plain("减排量 (g)", "Reduction (g)"), t.plain("积分", "Points"),
      ]
    ) { add in
      for (scene, row) in sum.scenes.sorted(by: { $0.key < $1.key }) {
        try add([
          .text(names[scene] ?? ""), .count(row.events), .count(row.accepted), .count(row.grams),
          .count(row.points),
        ])
      }
    }
  }
}
