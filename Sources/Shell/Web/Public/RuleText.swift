// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Methodology
import Units

/// Rules in words, the same on the scene's page, in 查看计算 and in the console.
enum RuleText {
  static func dates(_ rule: Rule, _ t: Tongue) -> String {
    // A rule without an end is written with the last day a pack can name.
    rule.until.civil.year >= 9000
      ? t.plain("\(rule.from) 起", "from \(rule.from)")
      : t.plain("\(rule.from) 至 \(rule.until)（含）", "\(rule.from) to \(rule.until), inclusive")
  }

  static func points(_ rule: Rule, _ scene: Scene, _ t: Tongue) -> String {
    switch rule.points.basis {
    case .perReport(let points):
      return t.plain("每次 \(grouped(points)) 分", "\(some(points, "point")) each time")
    case .perGrams(let points, let grams):
      return t.plain(
        "每减排 \(grouped(grams)) g 得 \(grouped(points)) 分",
        "\(some(points, "point")) for each \(grouped(grams)) g saved")
    case .perValue(let points, let slot, let millionths):
      let field = scene.fields[slot]
      let value = Measured(millionths: millionths).text(of: field, t)
      let of = field.unit == "1" || field == .days ? "" : " of \(field.label(t).lowercased())"
      return t.plain(
        "\(field.label(t))每满 \(value) 得 \(grouped(points)) 分",
        "\(some(points, "point")) for each \(value)\(of)")
    }
  }

  /// `1 point`, `1,200 points`
  static func some(_ count: Int64, _ noun: String) -> String {
    grouped(count) + " " + noun + (count == 1 ? "" : "s")
  }

  static func reduction(_ rule: Rule, _ t: Tongue) -> HTML {
    switch rule.reduction {
    case .method(let method): return "\(t("按方法学", "By method")) \(t(method.title))"
    case .fixed(let grams, let source):
      return grams == 0
        ? t("不计减排量，只计积分", "No reduction is counted, points only")
        : "\(t("每次", "Each time")) \(grouped(grams)) g CO₂e \(Tags.source(source, t))"
    }
  }

  static func cap(_ cap: Cap, _ t: Tongue) -> String {
    let period =
      switch cap.period {
      case .day: t.plain("每日", "a day")
      case .month: t.plain("每月", "a month")
      case .year: t.plain("每年", "a year")
      }
    let scope =
      switch cap.scope {
      case .scene: t.plain("本场景", "in this scene")
      case .family: t.plain("本类场景合计", "in this family of scenes")
      case .all: t.plain("全部场景合计", "over all scenes")
      }
    return t.plain(
      "\(scope)\(period)最多 \(grouped(cap.points)) 分",
      "at most \(some(cap.points, "point")) \(period) \(scope)")
  }

  /// `里程 500 m 至 20 km`
  static func limit(_ limit: Limit, _ scene: Scene, _ t: Tongue) -> String {
    let label: String
    let show: (Int64) -> String
    switch limit.quantity {
    case .value(let slot):
      let field = scene.fields[slot]
      label = field.label(t)
      show = { Measured(millionths: $0).text(of: field, t) }
    case .ratio(let slot, let divisor):
      guard scene.fields[slot] == .distanceMetres, scene.fields[divisor] == .durationSeconds
      else { return limit.text }
      label = t.plain("平均速度", "Average speed")
      // Metres a second as kilometres an hour, to a tenth.
      show = { Mass.decimal(($0 * 36 + 500_000) / 1_000_000, by: 10, places: 1) + " km/h" }
    }
    switch (limit.minimum, limit.maximum) {
    case (.min, let most):
      return t.plain("\(label)不超过 \(show(most))", "\(label) at most \(show(most))")
    case (let least, .max):
      return t.plain("\(label)不少于 \(show(least))", "\(label) at least \(show(least))")
    case (let least, let most):
      return t.plain(
        "\(label) \(show(least)) 至 \(show(most))", "\(label) \(show(least)) to \(show(most))")
    }
  }

  static func rounding(_ rounding: Rounding, _ t: Tongue) -> HTML {
    switch rounding {
    case .halfEven: t("四舍六入五成双，到整克", "half to even, whole grams")
    case .down: t("舍去不足一克的部分", "down to whole grams")
    }
  }

  static func outcome(_ outcome: Outcome, _ t: Tongue) -> HTML {
    switch outcome {
    case .accepted: "<span class=\"tag\">\(t("已入账", "Credited"))</span>"
    case .waiting: "<span class=\"tag wait\">\(t("待入账", "Waiting"))</span>"
    case .quarantined: "<span class=\"tag held\">\(t("待审核", "Under review"))</span>"
    case .refused: "<span class=\"tag bad\">\(t("未通过", "Refused"))</span>"
    case .rejected: "<span class=\"tag bad\">\(t("审核未通过", "Rejected"))</span>"
    case .duplicate: "<span class=\"tag off\">\(t("重复", "Duplicate"))</span>"
    }
  }

  /// Why, in a sentence that says what to do where there is something to do.
  static func reason(_ reason: Reason, _ t: Tongue) -> String {
    let sentence = words(reason, t)
    return sentence.prefix(1).uppercased() + sentence.dropFirst()
  }

  private static func words(_ reason: Reason, _ t: Tongue) -> String {
    switch reason {
    case .none: ""
    case .malformed: t.plain("内容无法读取，请改正后重新上报", "can't be read; mend it and send it again")
    case .missingField: t.plain("缺少必填数据，请补齐后重新上报", "a field is missing; add it and send it again")
    case .badValue: t.plain("数值无法识别，请改正后重新上报", "a value can't be read; mend it and send it again")
    case .badTime: t.plain("时间无法识别，请用带时区的格式", "the time can't be read; give it with its zone")
    case .fromTheFuture:
      t.plain("时间晚于当前时间，请检查设备时钟", "the time lies in the future; check the clock")
    case .unknownScene: t.plain("没有这个场景，请核对场景代码", "no such scene; check its code")
    case .sceneNotGranted:
      t.plain("该平台未获授权上报此场景，请联系运营方", "the partner may not report this scene; ask the operator")
    case .duplicate: t.plain("此前已上报，不重复计", "reported before; counted once")
    case .idReused: t.plain("编号已用于另一条内容", "its id was used for other content")
    case .sceneClosed: t.plain("该场景已停止", "the scene is closed")
    case .noRuleInForce: t.plain("行为当日没有有效规则", "no rule was in force on that day")
    case .belowMinimum: t.plain("低于该场景的最低要求", "below what the scene asks for")
    case .aboveMaximum:
      t.plain("数值超出合理范围，等待人工审核", "beyond what is plausible; staff will look at it")
    case .tooFast: t.plain("速度超出合理范围，等待人工审核", "faster than is plausible; staff will look at it")
    case .vehicleOverlap:
      t.plain(
        "与同一车辆的另一段行程重叠，等待人工审核",
        "overlaps another trip of the vehicle; staff will look at it")
    case .accountFrozen: t.plain("账户已冻结，解冻后处理", "the account is frozen; decided when it is not")
    case .reportedTwice:
      t.plain(
        "可能与另一平台上报的同一行程重复，等待人工审核", "maybe the same trip by another partner; staff will look at it")
    case .notLinked:
      t.plain("平台用户尚未绑定碳账户，绑定后自动入账", "not linked to an account yet; credited upon linking")
    case .capReached:
      t.plain("积分已达上限，减排量全额记录", "points reached their cap; the reduction is recorded in full")
    case .budgetReached:
      t.plain(
        "本年度已释放的积分总量已发完，减排量全额记录",
        "the points released for this year are given away; the reduction is recorded in full")
    case .rejectedByStaff: t.plain("经人工审核未通过", "rejected by staff after review")
    }
  }
}

enum Tags {
  static func provisional(_ t: Tongue) -> HTML {
    "<span class=\"tag tmp\">\(t("暂定·本项目设定", "provisional · set by this project"))</span>"
  }

  static func source(_ source: Source, _ t: Tongue) -> HTML {
    switch source {
    case .document(let text):
      "<span class=\"src\">\(t("出处", "Source")) \(text)</span>"
    case .setByThisProject: provisional(t)
    }
  }

  /// A remark of ours in a pack, where it gives both languages: `中文 / English`.
  private static func own(_ remark: String, _ t: Tongue) -> String {
    guard let slash = remark.firstRange(of: " / ") else { return remark }
    return t.plain(String(remark[..<slash.lowerBound]), String(remark[slash.upperBound...]))
  }

  static func citation(_ citation: Citation, _ t: Tongue) -> HTML {
    switch citation.mark {
    case .setByThisProject:
      "\(provisional(t)) <span class=\"src\">\(own(citation.document, t))</span>"
    case .computed: "<span class=\"src\">\(t("计算得出", "Computed")): \(citation.document)</span>"
    case .secondary:
      "<span class=\"src\">\(citation.document)\(t("（转引）", " (second hand)"))</span>"
    case .sourced, .recalled, .assumption: "<span class=\"src\">\(citation.document)</span>"
    }
  }
}
