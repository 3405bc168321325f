// SPDX-License-Identifier: Apache-2.0
import Desk
import Ledger
import Mechanism
import Policy
import Storage
import Units

// Partners, people, what they did, and the policy of points.
extension Sheet {
  static func partners(_ rows: [PartnerRow], _ t: Tongue) -> Sheet {
    Sheet(
      "partners",
      [
        t.plain("代码", "Code"), t.plain("名称", "Name"), t.plain("授权场景", "Scenes"),
        t.plain("首次上报即开户", "Enrols"), t.plain("有效密钥", "Keys"), t.plain("状态", "State"),
      ]
    ) { add in
      for row in rows {
        try add([
          .text(row.code), .text(row.name), .text(row.scenes.joined(separator: " ")),
          .text(row.enrols ? t.plain("是", "yes") : t.plain("否", "no")),
          .count(row.keys.count { $0.revoked == nil }),
          .text(row.isClosed ? t.plain("已停用", "Closed") : t.plain("启用", "Open")),
        ])
      }
    }
  }

  static func staff(_ rows: [StaffRow], _ t: Tongue) -> Sheet {
    Sheet(
      "staff",
      [
        t.plain("用户名", "Username"), t.plain("姓名", "Name"), t.plain("角色", "Roles"),
        t.plain("第二因素", "Second factor"), t.plain("状态", "State"),
      ]
    ) { add in
      for row in rows {
        try add([
          .text(row.username), .text(row.name),
          .text(row.roles.map { Roles.label($0, t) }.joined(separator: " ")),
          .text(row.hasSecondFactor ? t.plain("已绑定", "enrolled") : t.plain("未绑定", "not yet")),
          .text(row.isDisabled ? t.plain("已停用", "Disabled") : t.plain("启用", "Active")),
        ])
      }
    }
  }

  /// 操作日志, newest first, of one object or of all.
  static func log(
    _ vault: Vault, _ object: String, _ names: [StaffID: String], _ t: Tongue
  ) -> Sheet {
    Sheet(
      "log",
      [
        t.plain("序号", "No."), t.plain("时间", "Time"), t.plain("人员", "Who"),
        t.plain("操作", "Action"), t.plain("对象", "Object"), t.plain("之前", "Before"),
        t.plain("之后", "After"), t.plain("地址", "Address"),
      ]
    ) { add in
      var before = Int64.max
      while true {
        let rows = try vault.staffActions(
          object: object.isEmpty ? nil : object, before: before, limit: 500)
        for (number, row) in rows {
          try add([
            .number(number), .time(row.time), .text(names[row.staff] ?? "\(row.staff.raw)"),
            .text(row.action), .text(row.object), .text(row.before), .text(row.after),
            .text(row.address),
          ])
        }
        guard rows.count == 500, let last = rows.last else { return }
        before = last.number
      }
    }
  }

  /// Proposals of packs and ratios, newest first; or of ratios alone.
  static func proposals(_ call: Call, _ office: Office, ratios: Bool = false) throws -> Sheet {
    let (t, names) = (call.t, try PolicyDesk.names(call))
    return Sheet(
      ratios ? "ratios" : "proposals",
      [
        t.plain("编号", "No."), t.plain("内容", "What"), t.plain("生效日期", "Holds from"),
        t.plain("提出人", "Proposed by"), t.plain("提出时间", "Proposed"), t.plain("理由", "Why"),
        t.plain("状态", "State"), t.plain("审批人", "Decided by"),
      ]
    ) { add in
      for one in office.proposals().reversed() where !ratios || !one.isPack {
        try add([
          .count(one.row.number),
          .text(
            one.row.ratio.map { Console.words($0, t) }
              ?? t.plain("政策包 ", "Pack ") + (one.row.version ?? "")),
          .text("\(one.row.effective)"), .text(names[one.row.by] ?? one.row.by),
          .time(Instant(milliseconds: one.time)), .text(one.row.opinion),
          .text(words(one.status, t)),
          one.decision.map { .text(names[$0.by] ?? $0.by) } ?? .blank,
        ])
      }
    }
  }

  private static func words(_ status: Proposal.Status, _ t: Tongue) -> String {
    switch status {
    case .proposed: t.plain("待审批", "To be decided")
    case .approved: t.plain("已同意，待生效", "Approved, not yet in force")
    case .inForce: t.plain("已采纳", "Adopted")
    case .rejected: t.plain("已驳回", "Rejected")
    case .withdrawn: t.plain("已撤回", "Withdrawn")
    case .lapsed: t.plain("到期未能生效", "Could not come into force")
    }
  }

  static func budgets(_ rows: [BudgetModel], _ t: Tongue) -> Sheet {
    Sheet(
      "budgets",
      [
        t.plain("年度", "Year"), t.plain("积分总量", "Budget"), t.plain("已投放", "Released"),
        t.plain("已发放", "Given"), t.plain("剩余", "Left"),
      ]
    ) { add in
      for row in rows {
        try add([
          .count(row.year), .number(row.points), .number(row.released), .number(row.used),
          .number(row.left),
        ])
      }
    }
  }

  static func expiry(_ call: Call, _ office: Office) throws -> Sheet {
    let (t, names) = (call.t, try PolicyDesk.names(call))
    return Sheet(
      "expiry",
      [
        t.plain("截至", "Through"), t.plain("执行人", "By"), t.plain("执行时间", "Run"),
        t.plain("人数", "People"), t.plain("过期积分", "Points"), t.plain("事实编号", "Fact"),
      ]
    ) { add in
      for run in office.clerk.read({ $0.expiryRuns }).reversed() {
        try add([
          .text(Day(run.day).description), .text(names[run.by] ?? run.by),
          .time(Instant(milliseconds: run.time)), .count(run.citizens), .number(run.points),
          .count(run.fact),
        ])
      }
    }
  }

  /// A citizen's lots, and what was spent and received besides.
  static func points(_ model: PointsModel, _ t: Tongue) -> Sheet {
    Sheet(
      "points",
      [
        t.plain("类别", "Kind"), t.plain("日期", "Date"), t.plain("说明", "What"),
        t.plain("积分", "Points"), t.plain("剩余", "Left"), t.plain("有效至", "Holds until"),
      ]
    ) { add in
      for lot in model.lots {
        try add([
          .text(t.plain("批次", "Lot")), .text(lot.from.description),
          .text(lot.purpose.map { PolicyText.purpose($0, t) } ?? t.plain("低碳行为", "behaviour")),
          .number(lot.credited), .number(lot.left),
          lot.lastDay.map { .text($0.description) } ?? .blank,
        ])
      }
      for move in model.movements {
        try add([
          .text(t.plain("收支", "Movement")), .text(Day(move.day).description),
          .text(PolicyText.purpose(move.purpose, t)), .number(move.points), .blank, .blank,
        ])
      }
    }
  }
}
