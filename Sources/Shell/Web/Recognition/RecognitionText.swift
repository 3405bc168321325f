// SPDX-License-Identifier: Apache-2.0
import Mechanism
import Recognition

extension Tongue {
  package func callAsFunction(_ words: Wording) -> String {
    self == .chinese ? words.chinese : words.english
  }
}

/// Exchanges with other programmes in words, the same for citizens and staff.
enum RecognitionText {
  static func knows(_ name: String) -> Bool {
    Recognition.Refusal.allCases.contains { "\($0)" == name }
  }

  /// What the Core refuses, in Chinese.
  static func refusal(_ refusal: CommandRefusal) -> String {
    let count = refusal.detail["count"] ?? "0"
    return switch Recognition.Refusal.allCases.first(where: { "\($0)" == refusal.name }) {
    case .programmeUnknown: "现行政策包没有这个互认项目，请查看项目列表。"
    case .directionClosed: "这一天不开放这个方向的兑换，请查看兑换比例。"
    case .conversionIDReused: "这个编号已用于另一笔兑换，请重新发起。"
    case .accountUnknown: "没有这个账户，请先开通或重新绑定。"
    case .convertingFrozen: "账户已冻结，请联系运营方。"
    case .amountNotWhole: "请按 \(count) 分的整数倍兑换，以免出现零头。"
    case .amountDiffers: "按当日比例应为 \(count) 分，请以此数量重新发起。"
    case .dayInvalid: "兑换计入发起当日，请核对双方的时钟。"
    case .deadlineOver: "这笔兑换已超过时限，请重新发起。"
    case .limitOfCitizen: "您还可以兑换 \(count) 分，请减少数量。"
    case .limitOfProgramme: "全体可兑换额度还剩 \(count) 分，请明天再试。"
    case .pointsShort: "还差 \(count) 分。"
    case .conversionUnknown: "没有这笔兑换。"
    case .notTheLeader: "这笔兑换在对方发起，请到对方处理。"
    case .cancelledBefore: "这笔兑换已经取消，不能再确认。"
    case .confirmedBefore: "这笔兑换已经确认，不能再取消。"
    case .notEnded: "这笔兑换还没有结果。"
    case .fileInvalid: "日文件中每笔兑换只能出现一次，数量须大于零；请改正后再上传。"
    case nil: "操作未执行：\(refusal.message)。"
    }
  }

  static func status(_ conversion: Conversion, _ t: Tongue) -> HTML {
    switch conversion.status {
    case .open: "<span class=\"tag held\">\(t("进行中", "Under way"))</span>"
    case .confirmed: "<span class=\"tag\">\(t("已完成", "Done"))</span>"
    case .cancelled: "<span class=\"tag off\">\(t("已取消", "Cancelled"))</span>"
    }
  }

  /// Why an exchange was cancelled, as far as the code is known.
  static func reason(_ code: String, _ t: Tongue) -> String {
    switch code {
    case "deadline": t.plain("对方未在时限内答复，积分已退回", "no answer in time; the points are back")
    case "memberUnknown": t.plain("绑定已解除", "the link was removed")
    case "late": t.plain("超过时限", "too late")
    case "notConfirmedThere": t.plain("对方没有确认", "not confirmed there")
    case "limitOfCitizen", "limitOfProgramme", "limitReached":
      t.plain("超过对方限额", "over a limit there")
    case "accountUnknown": t.plain("对方没有这个会员", "no such member there")
    case "cancelledThere": t.plain("对方取消", "cancelled there")
    default: t.plain("对方拒绝（\(code)）", "refused there (\(code))")
    }
  }

  static func direction(_ direction: Direction, _ t: Tongue) -> String {
    direction == .out ? t.plain("转出", "out") : t.plain("转入", "in")
  }

  static func difference(_ kind: Difference.Kind, _ t: Tongue) -> HTML {
    switch kind {
    case .missingHere: "<span class=\"tag bad\">\(t("本方缺失", "Missing here"))</span>"
    case .missingThere: "<span class=\"tag bad\">\(t("对方缺失", "Missing there"))</span>"
    case .amountDiffers: "<span class=\"tag held\">\(t("数量不符", "Amount differs"))</span>"
    }
  }

  /// `每 10 碳积分 兑 1 彩虹元`
  static func rate(_ rate: ExchangeRate, _ programme: Programme, _ t: Tongue) -> String {
    let points = t(programme.points)
    return rate.direction == .out
      ? t.plain(
        "每 \(rate.ours) 碳积分兑 \(rate.theirs) \(points)",
        "\(rate.ours) carbon points for \(rate.theirs) × \(points)")
      : t.plain(
        "每 \(rate.theirs) \(points)兑 \(rate.ours) 碳积分",
        "\(rate.theirs) × \(points) for \(rate.ours) carbon points")
  }

  static func limit(_ allowance: Allowance, _ t: Tongue) -> String {
    let who =
      allowance.scope == .citizen ? t.plain("每人", "each person") : t.plain("全体", "all together")
    let period = allowance.period == .day ? t.plain("每日", "a day") : t.plain("每月", "a month")
    return t.plain(
      "\(direction(allowance.direction, t))：\(who)\(period) \(grouped(allowance.points)) 分",
      "\(direction(allowance.direction, t)): \(who) \(grouped(allowance.points)) points \(period)")
  }
}
