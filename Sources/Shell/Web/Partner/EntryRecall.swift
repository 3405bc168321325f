// SPDX-License-Identifier: Apache-2.0
// How a withdrawal looks to the citizen: the entry that was taken back says so, and the step itself
// stands in the history with what it took, so that every fall of a balance names its reason.

import Behaviour
import Desk
import Journal
import Mechanism
import Membership
import Units

/// What an entry has to do with a withdrawal.
package struct EntryRecall: Sendable {
  /// The entry is the withdrawal itself, and not the event that was withdrawn.
  package var isStep = false
  /// The fact that decided the event last; the fact that withdrew it, none where it stands.
  package var last = FactNumber(0)
  package var step = FactNumber(0)
  package var grounds: Grounds?
  /// The event sent instead of it; none for a mere withdrawal.
  package var replacement = FactNumber(0)
  /// The withdrawn event in whose place this one came; none for nearly all.
  package var corrects = FactNumber(0)

  package init() {}

  /// Nil where an event stands as it was decided, and stands for no other.
  init?(of fact: FactNumber, _ state: borrowing Mechanism.State) {
    if let first = state.behaviour.corrected(by: fact) { corrects = first }
    if let (first, found) = state.behaviour.withdrawal(of: fact) {
      (last, step) = (found.last, found.fact)
      (grounds, replacement) = (found.grounds, found.replacement)
      if first == corrects { corrects = .none }
    }
    if step.isNone, corrects.isNone { return nil }
  }

  package var isWithdrawn: Bool { !step.isNone && !isStep }

  var json: JSON {
    func number(_ fact: FactNumber) -> JSON { fact.isNone ? .null : .number(fact.raw) }
    return [
      "isWithdrawal": .truth(isStep), "withdrawnBy": isStep ? .null : number(step),
      "withdraws": isStep ? number(last) : .null, "reason": grounds.map { .text("\($0)") } ?? .null,
      "replacement": number(replacement), "corrects": number(corrects),
    ]
  }
}

extension Grounds {
  func title(_ t: Tongue) -> String {
    switch self {
    case .cancelled: t.plain("行为已取消或退款", "cancelled or refunded")
    case .wrongValues: t.plain("数据有误", "the values were wrong")
    case .wrongUser: t.plain("用户有误", "it was another user")
    case .reportedTwice: t.plain("重复上报", "it was reported twice")
    case .test: t.plain("测试数据", "test data")
    case .other: t.plain("其他原因", "another reason")
    }
  }
}

extension Office {
  /// A withdrawal as an entry of its citizen's history.
  func withdrawalEntry(_ number: FactNumber, _ bytes: [UInt8], _ time: Instant) -> Entry? {
    guard let withdrawal = bytes.withUnsafeBytes({ WithdrawalRow(fact: $0)?.withdrawal }) else {
      return nil
    }
    var record = Record()
    record.report.id = withdrawal.id
    record.report.alias = withdrawal.alias
    record.report.citizen = withdrawal.citizen
    record.report.scene = withdrawal.scene
    record.report.partner = withdrawal.partner
    record.report.ended = withdrawal.ended
    record.outcome = withdrawal.outcome
    record.grams = withdrawal.grams
    record.points = withdrawal.points
    record.pointsBeforeCaps = withdrawal.points
    record.previous = withdrawal.previous
    return clerk.read { [record] state in
      var entry = Office.entry(number, record, time, state)
      // Neither values nor rule: they stand in the event's own entry.
      entry.scene?.fields = []
      entry.scene?.rules = []
      var recall = EntryRecall()
      recall.isStep = true
      recall.last = withdrawal.last
      recall.step = number
      recall.grounds = withdrawal.grounds
      recall.replacement = state.behaviour.withdrawn[withdrawal.first]?.replacement ?? .none
      entry.recall = recall
      return entry
    }
  }
}

extension Layout {
  static func recallTag(_ recall: EntryRecall, _ t: Tongue) -> HTML {
    if recall.isStep { return "<span class=\"tag bad\">\(t("撤回", "Taken back"))</span>" }
    if recall.isWithdrawn { return "<span class=\"tag off\">\(t("已撤回", "Withdrawn"))</span>" }
    return "<span class=\"tag\">\(t("更正", "Correction"))</span>"
  }

  /// The step in the history: what left, when, and why.
  static func withdrawalRow(
    _ entry: Entry, _ recall: EntryRecall, _ code: String, _ visit: Visit
  ) -> HTML {
    let t = visit.t
    let record = entry.record
    let mass = Mass(Grams(record.grams))
    let credited = record.outcome == .accepted
    let time = entry.recorded?.plain(offset: visit.zone) ?? ""
    return """
      <li><a class="entry" href="/\(Link("\(code)"))/me/entries/\(Link("\(entry.number.raw)"))">\
      <span><b>\(entry.scene.map { t($0.name) } ?? t.plain("未知场景", "Unknown scene"))</b> \
      \(recallTag(recall, t))</span>
      <span class="gain">\(when: credited, """
        <i>−\(grouped(record.points)) \(t("分", "pts"))</i>
        """)</span>
      <span class="soft">\(String(time.dropLast(3))) · \(entry.partner)\
      \(some: recall.grounds, { "\(t("：", ": "))\($0.title(t))" })</span>
      <span class="gain">\(when: credited, "<b>−\(mass.value) \(mass.unit)</b>")</span>
      <span class="why">\(t("查看原因", "See why"))</span></a></li>
      """
  }

  /// On 查看计算: what was taken back and why, with a way to the other entries.
  static func recallNote(
    _ recall: EntryRecall, _ entry: Entry, _ m: Link, _ visit: Visit
  ) -> HTML {
    let t = visit.t
    func link(_ fact: FactNumber, _ words: HTML) -> HTML {
      fact.isNone
        ? "" : " <a href=\"/\(m)/me/entries/\(Link("\(fact.raw)"))\">\(words) →</a>"
    }
    let why = recall.grounds.map { $0.title(t) } ?? ""
    let sentence =
      if recall.isStep {
        t(
          "平台撤回了这条行为，当时入账的减排量和积分一并冲回。原因：",
          """
          The partner took this event back, and with it the grams and points that it had earned. \
          Reason:
          """)
      } else if recall.isWithdrawn {
        t(
          "平台已撤回这条行为，不再计入账户。原因：",
          """
          The partner took this event back; it counts no more. Reason:
          """)
      } else {
        t("平台撤回了先前上报的一条，以这条更正。", "The partner sent this one in place of another.")
      }
    return """
      <div class="note1"><p>\(sentence) \(why)</p><p>\
      \(when: recall.isStep, link(recall.last, t("被撤回的记录", "The entry taken back")))\
      \(when: recall.isWithdrawn, link(recall.step, t("撤回记录", "The withdrawal")))\
      \(link(recall.replacement, t("更正后的记录", "What was sent instead")))\
      \(link(recall.corrects, t("被更正的记录", "What it corrects")))</p></div>
      """
  }

  /// 欠分: why nothing can be spent for now.
  static func debtNote(_ visit: Visit, _ balance: Balance) -> HTML {
    let t = visit.t
    guard balance.points < Points(0) else { return "" }
    return """
      <div class="note1 dev"><p>\(t("积分余额为负：平台撤回了已经使用的积分。新获得的积分先补足，补足前暂不能兑换。", """
        The balance is below zero: a partner took back what was already spent. What you earn next \
        fills it up; until then nothing can be redeemed.
        """))</p></div>
      """
  }
}
