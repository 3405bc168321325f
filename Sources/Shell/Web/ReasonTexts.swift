// SPDX-License-Identifier: Apache-2.0
import Behaviour

extension Outcome {
  /// As the API writes it.
  package var name: String {
    switch self {
    case .accepted: "accepted"
    case .waiting: "waiting"
    case .quarantined: "quarantined"
    case .refused: "refused"
    case .rejected: "rejected"
    case .duplicate: "duplicate"
    }
  }

  package func title(chinese: Bool) -> String {
    switch self {
    case .accepted: chinese ? "已入账" : "credited"
    case .waiting: chinese ? "待入账" : "waiting"
    case .quarantined: chinese ? "待审核" : "under review"
    case .refused: chinese ? "不予入账" : "not credited"
    case .rejected: chinese ? "审核未通过" : "rejected"
    case .duplicate: chinese ? "重复" : "duplicate"
    }
  }
}

extension Reason {
  /// As the API writes it.
  package var name: String {
    switch self {
    case .none: "none"
    case .malformed: "malformed"
    case .missingField: "missingField"
    case .badValue: "badValue"
    case .badTime: "badTime"
    case .fromTheFuture: "fromTheFuture"
    case .unknownScene: "unknownScene"
    case .sceneNotGranted: "sceneNotGranted"
    case .duplicate: "duplicate"
    case .idReused: "idReused"
    case .sceneClosed: "sceneClosed"
    case .noRuleInForce: "noRuleInForce"
    case .belowMinimum: "belowMinimum"
    case .aboveMaximum: "aboveMaximum"
    case .tooFast: "tooFast"
    case .vehicleOverlap: "vehicleOverlap"
    case .accountFrozen: "accountFrozen"
    case .reportedTwice: "reportedTwice"
    case .notLinked: "notLinked"
    case .capReached: "capReached"
    case .budgetReached: "budgetReached"
    case .rejectedByStaff: "rejectedByStaff"
    }
  }

  /// What happened and what to do, for people.
  package func sentence(chinese: Bool) -> String { chinese ? self.chinese : english }

  private var chinese: String {
    switch self {
    case .none: ""
    case .malformed: "该条数据的格式不对，请按接口说明改正后用同一编号重发。"
    case .missingField: "缺少必填字段，请补上后用同一编号重发。"
    case .badValue: "字段的值不在允许范围内，请改正后用同一编号重发。"
    case .badTime: "时间无法识别，请用带时区的 RFC 3339 时间，如 2026-03-01T08:15:00+08:00。"
    case .fromTheFuture: "行为的结束时间晚于现在，请核对平台时钟后重发。"
    case .unknownScene: "没有这个低碳场景，请对照场景清单填写 type。"
    case .sceneNotGranted: "平台未获准上报这个场景，请联系运营机构开通。"
    case .duplicate: "该编号已经上报过，未重复入账。"
    case .idReused: "该编号已用于内容不同的另一条数据，请使用新的编号。"
    case .sceneClosed: "该场景已下线，不再入账。"
    case .noRuleInForce: "行为发生当日没有生效的积分规则。"
    case .belowMinimum: "未达到该场景的最低要求，不予入账。"
    case .aboveMaximum: "数值超出合理范围，已转人工审核。"
    case .tooFast: "平均速度超出合理范围，已转人工审核。"
    case .vehicleOverlap: "同一车辆的使用时间重叠，已转人工审核。"
    case .accountFrozen: "碳账户已冻结，已转人工审核。"
    case .reportedTwice: "同一时段的行为已由另一平台上报，已转人工审核。"
    case .notLinked: "该平台用户尚未关联碳账户，关联后自动入账。"
    case .capReached: "积分已达上限，减排量全额记录。"
    case .budgetReached: "本年度已释放的积分总量已发完，减排量全额记录。"
    case .rejectedByStaff: "经人工审核，不予入账。"
    }
  }

  private var english: String {
    switch self {
    case .none: ""
    case .malformed:
      "The event is not formed as the API describes; mend it and send the same id again."
    case .missingField: "A required field is missing; add it and send the same id again."
    case .badValue: "A field's value is out of range; mend it and send the same id again."
    case .badTime:
      "The time can't be read; use RFC 3339 with a zone, as 2026-03-01T08:15:00+08:00."
    case .fromTheFuture: "The behaviour ends in the future; check the clock and send it again."
    case .unknownScene: "There is no such scene; see the list of scenes for the right type."
    case .sceneNotGranted: "This partner may not report this scene; ask the operator for it."
    case .duplicate: "This id was reported before; nothing was credited twice."
    case .idReused: "This id was used for an event with other content; use a new id."
    case .sceneClosed: "The scene is closed and is not credited any more."
    case .noRuleInForce: "No rule was in force on the day of the behaviour."
    case .belowMinimum: "Below what this scene rewards; not credited."
    case .aboveMaximum: "Beyond what is plausible; held for review."
    case .tooFast: "Faster than is plausible; held for review."
    case .vehicleOverlap: "Overlaps another use of the same vehicle; held for review."
    case .accountFrozen: "The account is frozen; held for review."
    case .reportedTwice: "Another partner reported this time; held for review."
    case .notLinked: "This partner's user is not linked to an account; credited upon linking."
    case .capReached: "The points' cap is reached; the reduction is recorded in full."
    case .budgetReached:
      "The points released for this year are given away; the reduction is recorded in full."
    case .rejectedByStaff: "Staff reviewed and refused it."
    }
  }
}
