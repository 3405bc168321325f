// SPDX-License-Identifier: Apache-2.0
// PEOPLE. What a pack says about consents, children, families and closed accounts.
//
//   consents.txt ──▶ ConsentTerms     the words a citizen agrees to; a new version asks again
//   people.txt   ──▶ PeopleRules      ages, sizes, what becomes of points
//
// A pack may leave both out: then the standard below holds, so that packs adopted before there
// were these blocks are read as they always were.

import Behaviour

/// 授权文本: what a consent covers, in both languages, with a version of its own.
package struct ConsentTerms: Hashable, Sendable {
  package enum Covers: String, Hashable, Sendable, CaseIterable {
    /// What a partner reports.
    case source
    /// Who may be shown what: merchants, a bank's statement, boards.
    case receiver
    /// What a guardian agrees to for a child.
    case guardian
  }

  package var code: String
  package var covers: Covers
  /// Where it covers one partner only.
  package var partner: String?
  package var name: Name
  package var version: String
  /// Exactly which data.
  package var data: Name
  /// What for.
  package var purpose: Name
  /// For how long.
  package var keep: Name
  package var text: [Name]

  package init(
    code: String, covers: Covers, partner: String? = nil, name: Name, version: String, data: Name,
    purpose: Name, keep: Name, text: [Name]
  ) {
    self.code = code
    self.covers = covers
    self.partner = partner
    self.name = name
    self.version = version
    self.data = data
    self.purpose = purpose
    self.keep = keep
    self.text = text
  }

  /// For packs that have no `consent` covering a source.
  package static let source = ConsentTerms(
    code: "link", covers: .source, name: Name("平台数据授权", "Data of a partner"),
    version: "link-2026-11",
    data: Name("行为类型、时间和测量值；不含起讫地点", "Kind, time and measured values; no places"),
    purpose: Name("计算减排量和碳积分", "Computing reductions and points"),
    keep: Name(
      "至撤回为止；已入账的匿名记录长期保留", "Until withdrawn; anonymous records on the books stay"),
    text: [
      Name(
        "我同意该平台向本机制提供上述数据。我可以随时撤回；撤回后不再计入新的行为，已入账的不受影响。",
        "I agree that this partner gives the mechanism the data above. I may withdraw at any time; "
          + "then nothing new is counted, and what was credited stays.")
    ])

  /// For packs that have no `consent` covering guardians.
  package static let guardian = ConsentTerms(
    code: "guardian", covers: .guardian, name: Name("监护人同意", "A guardian's consent"),
    version: "guardian-2026-11",
    data: Name("孩子的出生日期和低碳行为记录", "The child's birth date and records of behaviour"),
    purpose: Name("为孩子开通碳账户", "Opening an account for the child"),
    keep: Name("至注销为止", "Until the account is closed"),
    text: [
      Name(
        "我是该儿童的父母或其他监护人，同意为其开通碳账户；我可以查看、导出，并随时注销。",
        "I am a parent or guardian of this child and agree to the account. I may see it, export "
          + "it, and close it at any time.")
    ])
}

/// 人员规则: ages and sizes, and what becomes of a closed account's points.
package struct PeopleRules: Hashable, Sendable {
  /// Below this age an account needs a guardian's consent.
  package var guardianYears = 14
  /// 家庭组.
  package var familyMembersMax = 6
  /// How many organisations a citizen may be a member of.
  package var organisationsMax = 20
  /// Below this many members nobody is shown a sum, for it would tell of single persons. A family
  /// is shown its own.
  package var sumMembersMin = 3
  /// The programme's account that takes the points of closed accounts; their grams stay counted.
  package var closingProgramme: UInt32 = 90
  package init() {}
}

extension Pack {
  /// The terms for a partner's data: its own where there are some.
  package func sourceTerms(partner: String) -> ConsentTerms {
    consents.first { $0.covers == .source && $0.partner == partner }
      ?? consents.first { $0.covers == .source && $0.partner == nil } ?? .source
  }

  package var guardianTerms: ConsentTerms {
    consents.first { $0.covers == .guardian } ?? .guardian
  }

  package var receiverTerms: [ConsentTerms] { consents.filter { $0.covers == .receiver } }
}
