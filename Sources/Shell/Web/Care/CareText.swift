// SPDX-License-Identifier: Apache-2.0
import Governance
import Mechanism
import Storage
import Units

/// Measures, appeals and letters in words, the same in the console and on a citizen's page.
enum CareText {
  static func kind(_ kind: Measure.Kind, _ t: Tongue) -> HTML {
    switch kind {
    case .warning: t("警示", "Warning")
    case .freeze: t("冻结账户", "Freeze")
    case .clawBack: t("收回积分", "Claw-back")
    case .lifting: t("解除措施", "Lifting")
    }
  }

  static func status(_ status: Measure.Status, _ t: Tongue) -> HTML {
    switch status {
    case .proposed: "<span class=\"tag held\">\(t("待确认", "waits for a second person"))</span>"
    case .rejected: "<span class=\"tag off\">\(t("已否决", "rejected"))</span>"
    case .withdrawn: "<span class=\"tag off\">\(t("已撤回", "withdrawn"))</span>"
    case .inForce: "<span class=\"tag bad\">\(t("生效中", "in force"))</span>"
    case .ended: "<span class=\"tag off\">\(t("已到期", "ended on its day"))</span>"
    case .lifted: "<span class=\"tag\">\(t("已解除", "lifted"))</span>"
    case .carriedOut: "<span class=\"tag\">\(t("已执行", "done"))</span>"
    }
  }

  static func kind(_ kind: Petition.Kind, _ t: Tongue) -> HTML {
    switch kind {
    case .claim: t("缺失申诉", "Missing points")
    case .suggestion: t("建言献策", "Suggestion")
    case .complaint: t("投诉", "Complaint")
    }
  }

  static func status(_ status: Petition.Status, _ t: Tongue) -> HTML {
    switch status {
    case .open: "<span class=\"tag held\">\(t("待答复", "waits for an answer"))</span>"
    case .accepted: "<span class=\"tag held\">\(t("属实，待平台上报", "right; to be reported"))</span>"
    case .credited: "<span class=\"tag\">\(t("已入账", "credited"))</span>"
    case .declined: "<span class=\"tag off\">\(t("未予支持", "declined"))</span>"
    case .answered: "<span class=\"tag\">\(t("已答复", "answered"))</span>"
    }
  }

  /// The rule by its name, or staff's own words.
  static func rule(_ found: Case, _ rules: Governance.Rules?, _ t: Tongue) -> HTML {
    guard let rule = rules?.risk(found.rule) else { return HTML(found.rule) }
    return "\(t.plain(rule.chinese, rule.english))"
  }

  static func looksAt(_ kind: RiskRule.Kind, _ count: Int, _ days: Int, _ t: Tongue) -> String {
    switch kind {
    case .quarantined:
      t.plain("\(days) 日内被留待审核 \(count) 次及以上", "held back \(count) times in \(days) days")
    case .repetition:
      t.plain(
        "\(days) 日内测量值完全相同 \(count) 次及以上", "the very same values \(count) times in \(days) days")
    case .overlap:
      t.plain(
        "\(days) 日内不同平台的行程时间重叠 \(count) 次及以上",
        "trips at two partners at once, \(count) times in \(days) days")
    case .hours:
      t.plain("一日出行超过 \(count) 小时", "more than \(count) hours on the way in a day")
    case .vehicle:
      t.plain(
        "\(days) 日内 \(count) 个及以上账户上报同一车辆",
        "one vehicle on \(count) accounts in \(days) days")
    }
  }

  static func due(_ day: Day, isOpen: Bool, _ visit: Visit) -> HTML {
    let late = isOpen && day < visit.now.day(offset: visit.zone)
    return """
      <span class="nowrap">\(day.description)</span>\
      \(when: late, " <span class=\"tag bad\">\(visit.t("逾期", "overdue"))</span>")
      """
  }

  /// What the Core refuses, in Chinese.
  static let refusals: [String: String] = [
    "careNotSet": "现行政策包没有权益保障（care）的期限，请先采纳写明期限的政策包。",
    "citizenUnknown": "没有这个碳账户，请核对账户号。",
    "caseUnknown": "没有这个个案，请从列表中选择。",
    "measureUnknown": "个案中没有这项措施，请刷新页面。",
    "petitionUnknown": "没有这封来信，请从列表中选择。",
    "notYours": "这不是您账户的事项。",
    "onlyPeople": "只有工作人员可以决定；程序只能立案。",
    "reasonMissing": "请填写理由（500 字以内），当事人会看到。",
    "ruleUnknown": "请写明所依据的规则。",
    "evidenceInvalid": "请至少填写一条账本事实编号作为依据，最多 200 条。",
    "caseClosed": "个案已结案；如有新情况请另行立案。",
    "measureOpen": "冻结尚未解除，或还有措施、申诉待决定，请先处理。",
    "untilInvalid": "冻结必须写明最后一日：晚于今天，且不超过政策包规定的最长期限。",
    "awardsInvalid": "请选择该居民已入账的记录，合计不得超过其累计所得。",
    "awardTaken": "其中有记录已被收回过。",
    "targetInvalid": "只有生效中的措施可以解除。",
    "measureDecided": "这项措施已经办结，请刷新页面。",
    "ownMeasure": "不能确认自己提出的事项，请由他人办理。",
    "notMeasureProposer": "只有提出人可以撤回。",
    "notInForce": "这项措施不在生效中。",
    "appealedBefore": "这项措施已经申诉过。",
    "appealLate": "申诉期限已过，您仍可以提交投诉。",
    "noAppeal": "这里没有待裁决的申诉。",
    "handInCase": "申诉须由没有参与过本案的人裁决，请由他人办理。",
    "textMissing": "请填写内容（2000 字以内）。",
    "claimInvalid": "请填写平台、场景和时间；时间不能在将来，也不能太久以前。",
    "petitionsFull": "您已有二十封来信等待答复，请先等待答复。",
    "petitionClosed": "这封来信已经答复；如需补充，请在来信页面继续写。",
    "answerInvalid": "缺失申诉应选择属实、不予支持或已入账；其他来信应答复。",
    "creditInvalid": "请填写该居民在此平台、此场景已入账的事实编号。",
    "repaymentInvalid": "偿还数量应为 1 至待偿积分之间的整数。",
    "notEnoughPoints": "可用积分不足。",
    "dayNotOver": "只能筛查已结束的日期，且晚于上一次筛查。",
  ]
}

/// What people write: kept in the Vault before the fact that names its digest.
enum LetterText {
  static let most = 2000
  /// Between the order number and the text of a claim.
  private static let border: Character = "\u{1f}"

  /// Keeps a text and does what names it; a text whose fact was refused is taken back.
  static func keep(
    _ text: String, _ call: Call, _ office: Office, of citizen: CitizenID,
    _ body: (String) throws -> Void
  ) throws {
    let vault = call.site.vault
    let isBlank = text.allSatisfy { $0.isWhitespace || $0 == border }
    guard !isBlank, text.count <= most + 120 else {
      throw Trouble(
        409, "textMissing", CareText.refusals["textMissing"] ?? "",
        Governance.Refusal.textMissing.sentence, next: .back)
    }
    guard
      let person = try vault.person(of: Account(mechanism: office.code, citizen: citizen)),
      let digest = try vault.keep(
        letter: text, mechanism: office.code, of: person, at: call.now)
    else {
      throw Trouble(
        409, "nobody-there", "这个账户已经注销，无法书面往来。",
        "This account is closed: there is nobody to write to.", next: .back)
    }
    do {
      try body(digest)
    } catch {
      try vault.removeLetter(mechanism: office.code, digest: digest)
      throw error
    }
  }

  static func join(order: String, _ text: String) -> String {
    String(order.filter { $0 != border }.prefix(100)) + String(border) + text
  }

  static func text(_ digest: String, _ call: Call, _ office: Office) throws -> String? {
    try call.site.vault.letter(mechanism: office.code, digest: digest)
  }

  /// The order number of a claim and the texts of its entries, in order; nil for what was erased.
  static func read(
    _ call: Call, _ office: Office, _ petition: Petition
  ) throws -> (order: String, texts: [String?]) {
    var texts = try petition.entries.map { try text($0.digest, call, office) }
    guard petition.kind == .claim, let first = texts.first ?? nil else { return ("", texts) }
    let parts = first.split(separator: border, maxSplits: 1, omittingEmptySubsequences: false)
    texts[0] = parts.count > 1 ? String(parts[1]) : first
    return (parts.count > 1 ? String(parts[0]) : "", texts)
  }
}
