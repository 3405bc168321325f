// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Policy
import Units

/// Points policy in words, the same in the console, in 查看计算 and on a citizen's page.
enum PolicyText {
  static func validity(_ validity: PointsPolicy.Validity, _ t: Tongue) -> String {
    let end =
      validity.endsWithYear
      ? t.plain("到期当年年底止", "until the end of the year in which that is over")
      : t.plain("到期当月月底止", "until the end of that month")
    return t.plain(
      "自行为发生当月起 \(validity.months) 个月，\(end)",
      "\(validity.months) months from the month of the behaviour, \(end)")
  }

  static func campaign(_ campaign: Campaign, _ pack: Pack, _ t: Tongue) -> String {
    let names = campaign.scenes.compactMap { code in pack.scene(code).map { t($0.name) } }
    let scenes =
      names.count == pack.behaviour.scenes.count { !$0.closed }
      ? t.plain("全部场景", "all scenes") : names.joined(separator: t.plain("、", ", "))
    let caps = campaign.caps.map { RuleText.cap($0, t) }.joined(separator: "; ")
    return t.plain(
      "\(campaign.from) 至 \(campaign.until)，\(scenes)积分 ×\(campaign.times)",
      "\(campaign.from) to \(campaign.until), points ×\(campaign.times) in \(scenes)")
      + (caps.isEmpty ? "" : t.plain("；", "; ") + caps)
  }
}

extension PolicyText {
  /// What the Core refuses, in Chinese.
  static let refusals: [String: String] = [
    "packUnchanged": "草案与现行政策包完全相同，无需提案。",
    "packInvalid": "草案不能采纳，请先按提示改正。",
    "packOfAnotherMechanism": "这是另一个机制的政策包。",
    "measuresChanged": "有场景改变了监测字段，待入账的数据将无法读取；请用新代码新建场景并停止旧场景。",
    "effectivePast": "生效日期不能早于今天，请另选日期。",
    "opinionMissing": "请填写意见。",
    "proposalUnknown": "没有这个提案。",
    "proposalDecided": "该提案已经办结，请刷新页面。",
    "sameProposer": "不能审批自己提出的提案，请由他人审批。",
    "notProposer": "只有提出人可以撤回提案。",
    "ratioInvalid": "积分须为 1 至 1,000,000 的整数，金额和克数为 0 至 1,000,000 的整数。",
    "expiryNotSet": "现行政策包没有规定积分有效期（points 中的 valid）。",
    "dayNotOver": "这一天还没有结束，请选择昨天或更早的日期。",
    "expiryUnfinished": "上一次过期处理尚未完成，请先用同一日期继续。",
  ]

  /// Why points were moved, by the transfer's purpose.
  static func purpose(_ purpose: String, _ t: Tongue) -> String {
    switch purpose {
    case "redemption", "mall-takePoints", "mall-postPoints": t.plain("兑换", "redemption")
    case "refund", "refund-mall-returnPoints": t.plain("兑换退回", "refund of a redemption")
    case "reversal": t.plain("冲正", "reversal")
    case "recognition", "recognition-in":
      t.plain("其他项目积分转入", "recognised from another programme")
    case "recognition-out": t.plain("转出到其他项目", "exchanged for another programme's")
    case "claw-back": t.plain("收回积分", "clawed back")
    case "repayment": t.plain("偿还待偿积分", "repaid what was owed")
    case "reversal-claw-back": t.plain("收回的积分退还", "given back after a claw-back")
    default: purpose
    }
  }
}
