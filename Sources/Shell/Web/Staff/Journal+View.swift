// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

/// A frame as the console lists it.
package struct FrameRow: Sendable {
  package var sequence: UInt64
  package var time: Instant
  package var firstFact: FactNumber
  package var factCount: UInt32
  package var bytes: Int
  package var hash: String
  package init(
    sequence: UInt64, time: Instant, firstFact: FactNumber, factCount: UInt32, bytes: Int,
    hash: String
  ) {
    self.sequence = sequence
    self.time = time
    self.firstFact = firstFact
    self.factCount = factCount
    self.bytes = bytes
    self.hash = hash
  }
}

/// What a verification of the last frames found.
package struct VerificationModel: Sendable {
  package var frames: Int
  package var facts: Int
  package var milliseconds: Int
  package var fault: String?
  package init(frames: Int, facts: Int, milliseconds: Int, fault: String?) {
    self.frames = frames
    self.facts = facts
    self.milliseconds = milliseconds
    self.fault = fault
  }
}

extension Console {
  /// 账本与核验
  package static func journal(
    _ visit: Visit, all: [MechanismBadge], code: String, head: HeadModel, frames: [FrameRow],
    verification: VerificationModel? = nil
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return page(
      visit, title: t("账本与核验", "Journal and verification"), place: .journal, all: all,
      """
      \(some: verification, { result($0, t) })
      <div class="stats"><div class="stat"><b>\(grouped(head.facts))</b><span>\
      \(t("事实（条）", "Facts"))</span></div>
      <div class="stat"><b>\(grouped(head.frames))</b><span>\(t("帧", "Frames"))</span></div>
      <div class="stat"><b class="mono">\(head.algorithm.uppercased())</b><span>\
      \(t("杂凑算法", "Hash"))</span></div></div>
      <form class="query" method="post" action="/console/\(m)/journal/verify">\(visit.formField)\
      <div><label class="form-label" for="frames">\
      \(t("重新计算最近的帧数", "Hash again the last … frames"))</label>
      <input class="form-control" id="frames" name="frames" value="1000" inputmode="numeric" \
      pattern="[0-9]{1,6}" required></div>
      <button class="btn btn-primary">\(t("开始核验", "Verify"))</button>
      <span class="soft small">\
      \(t("全账本核验请运行 tanpuhui verify。", "For the whole journal run `tanpuhui verify`."))</span>\
      </form>
      <section class="card1"><h2>\(t("签名树头", "Signed head"))</h2><div class="formula">\
      \(head.statement)</div>
      <dl class="facts">\(each: head.signatures, {
        "<dt>\($0.algorithm)</dt><dd class=\"mono\">\($0.signature)</dd>" })</dl></section>
      <h2>\(t("最近的帧", "Latest frames"))</h2>
      \(table(
        [
          .init(t("帧", "Frame"), isNumber: true), .init(t("写入时间", "Written")),
          .init(t("首个事实", "First fact"), isNumber: true),
          .init(t("事实数", "Facts"), isNumber: true), .init(t("字节", "Bytes"), isNumber: true),
          .init(t("杂凑值", "Hash")),
        ],
        frames.map { row in
          [
            "\(grouped(row.sequence))", visit.time(row.time),
            """
          <a href=\"/\(m)/proof/\(Link("\(row.firstFact.raw)"))\">\(grouped(row.firstFact.raw))\
          </a>
          """,
            "\(grouped(row.factCount))", "\(grouped(row.bytes))",
            "<code>\(String(row.hash.prefix(16)))…</code>",
          ]
        }, empty: t("账本还是空的。", "The journal is empty.")))
      """)
  }

  private static func result(_ model: VerificationModel, _ t: Tongue) -> HTML {
    let size: HTML =
      """
      \(grouped(model.frames)) \(t("帧", "frames"))、\(grouped(model.facts)) \(t("条事实", "facts"))，\
      \(grouped(model.milliseconds)) ms
      """
    guard let fault = model.fault else {
      return "<div class=\"note1\"><p>\(t("核验通过", "All is well"))：\(size)</p></div>"
    }
    return """
      <div class="note1 bad" role="alert"><p>\(t("核验不通过", "The journal does not hold"))：\(fault)\
      </p>
      <p>\(t("请停止服务，保留现场，用 tanpuhui verify 找出第一处错误，再从备份恢复。", """
          Stop the server, keep everything as it is, find the first wrong frame with `tanpuhui \
          verify`, restore from a backup.
          """))</p></div>
      """
  }
}
