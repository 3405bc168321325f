// SPDX-License-Identifier: Apache-2.0
import Mechanism
import Policy
import Storage
import Units

extension Console {
  static func policyTabs(_ m: Link, _ t: Tongue, _ on: String) -> HTML {
    let tabs: [(String, HTML, Link)] = [
      ("proposals", t("规则提案", "Proposals"), "/console/\(m)/policy"),
      ("ratios", t("兑换比例", "Exchange ratio"), "/console/\(m)/policy/ratios"),
      ("budget", t("积分总量", "Budget"), "/console/\(m)/policy/budget"),
      ("expiry", t("有效期", "Expiry"), "/console/\(m)/policy/expiry"),
    ]
    return """
      <nav class="tabs1">\(
        each: tabs, { tab in
          "<a href=\"\(tab.2)\"\(when: tab.0 == on, " class=\"on\"")>\(tab.1)</a>"
        })</nav>
      """
  }

  /// 规则提案: what was proposed, by whom, and what became of it; and the way to a new draft.
  static func proposals(
    _ visit: Visit, all: [MechanismBadge], code: String, _ proposals: [Proposal],
    drafts: [PackDraft], names: [String: String], problems: [Problem], problem: HTML?
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return page(
      visit, title: t("积分政策", "Points policy"), place: .policy, all: all,
      """
      \(policyTabs(m, t, "proposals"))
      \(Layout.alert(problem))\(when: !problems.isEmpty, problemTable(problems, t))
      <h2>\(t("提案", "Proposals"))</h2>
      \(Layout.exports(visit))
      \(proposalTable(visit, m, proposals.reversed(), names))
      \(when: visit.staff.map { !$0.roles.isDisjoint(with: Roles.proposers) } ?? false,
        uploadForm(visit, m))
      <h2>\(t("已上传的草案", "Drafts"))</h2>
      \(table(
        [
          .init(t("编号", "No."), isNumber: true), .init(t("上传人", "By")),
          .init(t("上传时间", "Uploaded")), .init(t("内容摘要 (SHA-256)", "Digest (SHA-256)")),
          .init(t("操作", "Action")),
        ],
        drafts.map { draft in
          [
            "\(draft.number)", "\(names["staff/\(draft.staff.raw)"] ?? "—")",
            visit.time(draft.created), "<code>\(String(draft.digest.prefix(16)))…</code>",
            """
            <a href="/console/\(m)/policy/drafts/\(Link("\(draft.number)"))">\
            \(t("查看、测算、提交", "Look, try, propose"))</a>
            """,
          ]
        }, empty: t("还没有草案：在上面选择政策包的文件上传。", "No drafts yet: upload a pack's files above.")))
      """)
  }

  static func proposalTable(
    _ visit: Visit, _ m: Link, _ proposals: [Proposal], _ names: [String: String]
  ) -> HTML {
    let t = visit.t
    return table(
      [
        .init(t("编号", "No."), isNumber: true), .init(t("内容", "What")),
        .init(t("生效日期", "Holds from")), .init(t("提出人", "Proposed by")),
        .init(t("提出时间", "Proposed")), .init(t("状态", "State")),
        .init(t("审批人", "Decided by")), .init(t("操作", "Action")),
      ],
      proposals.map { proposal in
        [
          "\(proposal.row.number)", subject(proposal, t), "\(proposal.row.effective)",
          who(proposal.row.by, names), visit.time(Instant(milliseconds: proposal.time)),
          status(proposal.status, t),
          proposal.decision.map { who($0.by, names) } ?? "—",
          """
          <a href="/console/\(m)/policy/proposals/\(Link("\(proposal.row.number)"))">\
          \(proposal.status == .proposed ? t("审批", "Decide") : t("查看", "Show"))</a>
          """,
        ]
      }, empty: t("还没有提案。", "Nothing was proposed yet."))
  }

  static func who(_ by: String, _ names: [String: String]) -> HTML {
    "\(names[by] ?? by) <span class=\"soft small\">\(by)</span>"
  }

  static func subject(_ proposal: Proposal, _ t: Tongue) -> HTML {
    if let ratio = proposal.row.ratio { return "\(t("兑换比例", "Ratio")): \(words(ratio, t))" }
    return "\(t("政策包", "Pack")) \(proposal.row.version ?? "")"
  }

  /// `100 分 = 80 分钱`, in yuan to the cent.
  static func words(_ ratio: Ratio, _ t: Tongue) -> String {
    let grams = ratio.grams > 0 ? " = \(grouped(ratio.grams)) g" : ""
    return t.plain(
      "\(grouped(ratio.points)) 积分 = \(yuan(ratio.fen)) 元\(grams)",
      "\(grouped(ratio.points)) points = \(yuan(ratio.fen)) yuan\(grams)")
  }

  static func yuan(_ fen: Int64) -> String { Mass.decimal(fen, by: 100, places: 2) }

  static func status(_ status: Proposal.Status, _ t: Tongue) -> HTML {
    switch status {
    case .proposed: "<span class=\"tag held\">\(t("待审批", "To be decided"))</span>"
    case .approved: "<span class=\"tag wait\">\(t("已同意，待生效", "Approved, not yet in force"))</span>"
    case .inForce: "<span class=\"tag\">\(t("已采纳", "Adopted"))</span>"
    case .rejected: "<span class=\"tag bad\">\(t("已驳回", "Rejected"))</span>"
    case .withdrawn: "<span class=\"tag off\">\(t("已撤回", "Withdrawn"))</span>"
    case .lapsed: "<span class=\"tag bad\">\(t("到期未能生效", "Could not come into force"))</span>"
    }
  }

  private static func problemTable(_ problems: [Problem], _ t: Tongue) -> HTML {
    """
    \(Layout.alert(t("草案有", "The draft has") + " \(problems.count) " + t(
      "处问题，没有保存。改正后重新上传。", "problems and was not kept. Mend them and upload it again.")))
    \(table(
      [
        .init(t("文件", "File")), .init(t("行", "Line"), isNumber: true),
        .init(t("列", "Column"), isNumber: true), .init(t("问题", "Problem")),
        .init(t("怎么办", "What to do")),
      ],
      problems.prefix(500).map { problem in
        [
          "<code>\(problem.file)</code>", "\(problem.line.map { "\($0)" } ?? "—")",
          "\(problem.column.map { "\($0)" } ?? "—")", "\(problem.reason)", "\(problem.advice)",
        ]
      }, empty: ""))
    """
  }

  private static func uploadForm(_ visit: Visit, _ m: Link) -> HTML {
    let t = visit.t
    return """
      <h2>\(t("上传草案", "Upload a draft"))</h2>
      <section class="card1"><form method="post" action="/console/\(m)/policy/drafts" \
      enctype="multipart/form-data">\(visit.formField)
      <div class="field"><label class="form-label" for="files">\
      \(t("政策包文件（可多选），或一个 zip / tar.gz", "The pack's files (several), or one zip / tar.gz"))</label>
      <input class="form-control" type="file" id="files" name="files" multiple required \
      accept=".txt,.zip,.tar,.gz,.tgz"></div>
      <p class="soft small">\
      \(t("上传后先检查，不会改变现行规则。", "It is checked first; nothing in force changes."))</p>
      <button class="btn btn-primary">\(t("上传并检查", "Upload and check"))</button></form></section>
      """
  }

  /// A draft before anybody proposed it.
  static func draft(
    _ visit: Visit, all: [MechanismBadge], code: String, _ draft: PackDraft, _ pack: PackCase,
    proposals: [Proposal], names: [String: String]
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let mayPropose = visit.staff.map { !$0.roles.isDisjoint(with: Roles.proposers) } ?? false
    return page(
      visit, title: t("草案", "Draft") + " \(pack.version)", place: .policy, all: all,
      crumbs: [(t("积分政策", "Points policy"), "/console/\(m)/policy")],
      """
      <p class="soft">\(t("上传", "Uploaded")) \(visit.time(draft.created)) · \
      \(names["staff/\(draft.staff.raw)"] ?? "—") · \
      <code>\(String(draft.digest.prefix(16)))…</code></p>
      \(when: !proposals.isEmpty, proposalTable(visit, m, proposals.reversed(), names))
      \(trialCard(visit, m, pack))
      \(when: mayPropose, proposeForm(visit, m, pack))
      \(differences(pack, t))
      """)
  }

  private static func proposeForm(_ visit: Visit, _ m: Link, _ pack: PackCase) -> HTML {
    let t = visit.t
    let today = visit.now.day(offset: visit.zone)
    return """
      <h2>\(t("提交审批", "Propose it"))</h2>
      <section class="card1"><form method="post" \
      action="/console/\(m)/policy/drafts/\(Link("\(pack.draft)"))/propose">\(visit.formField)
      <div class="field"><label class="form-label" for="effective">\
      \(t("生效日期（当日零时起）", "Holds from (midnight)"))</label>
      <input class="form-control" type="date" id="effective" name="effective" required \
      min="\(today.description)" value="\(Day(today.number + 1).description)"></div>
      \(opinionField(t, t("提出理由", "Why")))
      <p class="soft small">\(t("须由另一人审批，不能自提自批。", "Somebody else must decide."))</p>
      <button class="btn btn-primary">\(t("提交", "Propose"))</button></form></section>
      """
  }

  static func opinionField(_ t: Tongue, _ label: HTML) -> HTML {
    """
    <div class="field"><label class="form-label" for="opinion">\(label)\
    \(t("（写入账本，不含个人信息）", " (goes into the journal: nothing personal)"))</label>
    <textarea class="form-control" id="opinion" name="opinion" rows="3" required \
    maxlength="500"></textarea></div>
    """
  }

  /// A proposal: what it changes, what it would come to, and the decision.
  static func proposal(
    _ visit: Visit, all: [MechanismBadge], code: String, _ proposal: Proposal, _ pack: PackCase?,
    ratio: Ratio?, names: [String: String], by: String
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return page(
      visit, title: t("提案", "Proposal") + " \(proposal.row.number)", place: .policy, all: all,
      crumbs: [(t("积分政策", "Points policy"), "/console/\(m)/policy")],
      """
      <section class="card1"><h2>\(subject(proposal, t)) \(status(proposal.status, t))</h2>
      <dl class="facts"><dt>\(t("生效日期", "Holds from"))</dt><dd>\(proposal.row.effective)</dd>
      <dt>\(t("提出人", "Proposed by"))</dt><dd>\(who(proposal.row.by, names))</dd>
      <dt>\(t("提出时间", "Proposed"))</dt><dd>\(visit.time(Instant(milliseconds: proposal.time)))</dd>
      <dt>\(t("理由", "Why"))</dt><dd>\(proposal.row.opinion)</dd>
      <dt>\(t("事实编号", "Fact"))</dt><dd>\(fact(proposal.fact, m))</dd>
      \(some: ratio, { "<dt>\(t("现行比例", "Ratio in force"))</dt><dd>\(words($0, t))</dd>" })
      \(some: proposal.decision, { decisionRows(visit, m, proposal, $0, names) })</dl></section>
      \(when: proposal.status == .proposed, decisionForm(visit, m, proposal, by))
      \(some: pack, { trialCard(visit, m, $0) + differences($0, t) })
      """)
  }

  static func fact(_ number: UInt64, _ m: Link) -> HTML {
    "<a href=\"/\(m)/proof/\(Link("\(number)"))\">\(grouped(number))</a>"
  }

  private static func decisionRows(
    _ visit: Visit, _ m: Link, _ proposal: Proposal, _ decision: DecisionRow,
    _ names: [String: String]
  ) -> HTML {
    let t = visit.t
    return """
      <dt>\(t("审批人", "Decided by"))</dt><dd>\(who(decision.by, names))</dd>
      <dt>\(t("意见", "Opinion"))</dt><dd>\(decision.opinion)</dd>
      \(some: proposal.decidedTime, { """
          <dt>\(t("审批时间", "Decided"))</dt><dd>\(visit.time(Instant(milliseconds: $0)))</dd>
          """ })
      \(some: proposal.decidedFact, {
        "<dt>\(t("审批事实", "Decision's fact"))</dt><dd>\(fact($0, m))</dd>" })
      \(some: proposal.adopted, {
        "<dt>\(t("生效事实", "Fact of coming into force"))</dt><dd>\(fact($0, m))</dd>" })
      """
  }

  private static func decisionForm(
    _ visit: Visit, _ m: Link, _ proposal: Proposal, _ by: String
  ) -> HTML {
    let t = visit.t
    let roles = visit.staff?.roles ?? []
    let action: Link = "/console/\(m)/policy/proposals/\(Link("\(proposal.row.number)"))"
    if proposal.row.by == by {
      guard !roles.isDisjoint(with: Roles.proposers) else { return "" }
      return """
        <section class="card1"><h2>\(t("撤回", "Withdraw"))</h2><p class="soft">\
        \(t(
          "您提出的提案须由他人审批；您可以撤回。",
          "Somebody else decides what you proposed; you may withdraw it."))\
        </p><form method="post" action="\(action)/withdraw">\(visit.formField)\
        \(opinionField(t, t("撤回原因", "Why")))
        <button class="btn btn-light">\(t("撤回提案", "Withdraw it"))</button></form></section>
        """
    }
    guard !roles.isDisjoint(with: Roles.deciders) else {
      return """
        <section class="card1"><p class="soft">\
        \(t("由审核、监管或管理员角色审批。", "A reviewer, regulator or administrator decides."))</p></section>
        """
    }
    return """
      <section class="card1"><h2>\(t("审批", "Decision"))</h2>
      <form method="post" action="\(action)">\(visit.formField)
      \(opinionField(t, t("审批意见", "Opinion")))
      <div class="field form-check"><input class="form-check-input" type="radio" name="decision" \
      id="approve" value="approve" required><label class="form-check-label" for="approve">\
      \(t("同意：自生效日起施行", "Approve: it holds from its day on"))</label></div>
      <div class="field form-check"><input class="form-check-input" type="radio" name="decision" \
      id="reject" value="reject"><label class="form-check-label" for="reject">\
      \(t("驳回", "Reject"))</label></div>
      <button class="btn btn-primary">\(t("提交", "Submit"))</button></form></section>
      """
  }

  private static func differences(_ pack: PackCase, _ t: Tongue) -> HTML {
    """
    <h2>\(t("规则变化", "What changes"))</h2>
    \(changeTable(pack.changes, to: pack.version, from: pack.against, t))
    <h2>\(t("规则文件", "The pack's files"))</h2>
    \(each: pack.files, { fileCard($0.path, $0.lines, isCompared: !pack.against.isEmpty, t) })
    """
  }
}

extension Roles {
  /// Who may upload drafts and propose.
  static let proposers: Roles = [.operators, .administrator]
  /// Who may decide about what another proposed.
  static let deciders: Roles = [.reviewer, .regulator, .administrator]
}
