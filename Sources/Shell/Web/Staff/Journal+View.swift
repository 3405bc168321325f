// SPDX-License-Identifier: Apache-2.0
import Desk
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

/// 账本与核验: what its page shows.
package struct JournalModel: Sendable {
  /// A head that was signed and kept.
  package struct Signed: Sendable {
    var frames: UInt64
    var facts: UInt64
    var time: Instant
    var root: String
    var isSigned: Bool
  }

  var head: HeadModel
  var lastSigned: Signed?
  /// The last frame that is in the Archive.
  var archive: UInt64
  var checkup: Checkup.State
  var frames: [FrameRow]
}

extension Console {
  static func journal(
    _ visit: Visit, all: [MechanismBadge], code: String, _ model: JournalModel
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let head = model.head
    return page(
      visit, title: t("账本与核验", "Journal and verification"), place: .journal, all: all,
      """
      <div class="stats"><div class="stat"><b>\(grouped(head.facts))</b><span>\
      \(t("事实（条）", "Facts"))</span></div>
      <div class="stat"><b>\(grouped(head.frames))</b><span>\(t("帧", "Frames"))</span></div>
      <div class="stat"><b class="mono">\(head.algorithm.uppercased())</b><span>\
      \(t("杂凑算法", "Hash"))</span></div>
      <div class="stat\(when: model.archive < head.frames, " hot")"><b>\(grouped(model.archive))\
      </b><span>\(t("查询库已跟到（帧）", "Archive follows to frame"))</span></div></div>
      \(checkup(visit, m, model.checkup))
      \(lastSigned(visit, model))
      <section class="card1"><h2>\(t("当前树头（即时签名）", "Head of this moment, signed now"))</h2>\
      <div class="formula">\(head.statement)</div>\(Layout.signatures(head, t))</section>
      <h2>\(t("最近的帧", "Latest frames"))</h2>
      \(Layout.exports(visit))
      \(table(
        [
          .init(t("帧", "Frame"), isNumber: true), .init(t("写入时间", "Written")),
          .init(t("首个事实", "First fact"), isNumber: true),
          .init(t("事实数", "Facts"), isNumber: true), .init(t("字节", "Bytes"), isNumber: true),
          .init(t("杂凑值", "Hash")),
        ],
        model.frames.map { row in
          [
            "\(grouped(row.sequence))", visit.time(row.time),
            """
            <a href="/\(m)/proof/\(Link("\(row.firstFact.raw)"))">\(grouped(row.firstFact.raw))</a>
            """,
            "\(grouped(row.factCount))", "\(grouped(row.bytes))",
            "<code>\(String(row.hash.prefix(16)))…</code>",
          ]
        }, empty: t("账本还是空的。", "The journal is empty.")))
      """)
  }

  private static func lastSigned(_ visit: Visit, _ model: JournalModel) -> HTML {
    let t = visit.t
    guard let signed = model.lastSigned else {
      return """
        <section class="card1"><h2>\(t("最近一次签名存档", "Last signed head"))</h2><p class="soft">\
        \(t("还没有签名存档的树头；服务每分钟签名一次。",
          "No head was signed and kept yet; the server does so every minute."))</p></section>
        """
    }
    let behind = model.head.frames - min(model.head.frames, signed.frames)
    return """
      <section class="card1"><h2>\(t("最近一次签名存档", "Last signed head"))</h2><dl class="facts">
      <dt>\(t("账本时间", "Journal's time"))</dt><dd>\(visit.time(signed.time))</dd>
      <dt>\(t("覆盖", "Covers"))</dt><dd class="num">\(grouped(signed.frames)) \(t("帧", "frames")) · \
      \(grouped(signed.facts)) \(t("条事实", "facts"))\(when: behind > 0, """
         <span class="soft">(\(t("之后新增", "since then")) \(grouped(behind)) \
        \(t("帧", "frames")))</span>
        """)</dd>
      <dt>\(t("树根", "Root"))</dt><dd class="mono long">\(signed.root)</dd>
      <dt>\(t("签名", "Signatures"))</dt><dd>\(
        signed.isSigned
          ? "<span class=\"tag\">\(t("SM2 与 Ed25519 均有效", "SM2 and Ed25519 are both good"))</span>"
          : "<span class=\"tag bad\">\(t("签名无效", "not good"))</span>")</dd></dl></section>
      """
  }

  /// The button that starts a verification, what is on its way, and what came of the last.
  private static func checkup(_ visit: Visit, _ m: Link, _ state: Checkup.State) -> HTML {
    let t = visit.t
    var body: HTML = ""
    var isRunning = false
    switch state {
    case .idle:
      body = "<p class=\"soft\">\(t("本次启动后还没有核验过。", "Not verified since this server started."))</p>"
    case .running(let since, let frame, let last):
      isRunning = true
      body = """
        <div class="note1 dev" role="status"><p>\(t("正在核验", "Verifying"))：\(grouped(frame)) / \
        \(grouped(last)) \(t("帧", "frames"))，\(t("开始于", "begun")) \(visit.time(since))</p>
        <p><a class="btn btn-light btn-sm" href="/console/\(m)/journal">\(t("刷新", "Refresh"))</a>\
        </p></div>
        """
    case .done(let result): body = outcome(visit, result)
    }
    let mayVerify =
      !(visit.staff?.roles.isDisjoint(with: [.auditor, .regulator, .operators, .administrator])
      ?? true)
    return """
      <section class="card1" id="verification"><h2>\(t("全账本核验", "Verification of everything"))</h2>
      <p class="soft">\(t("""
        重新计算每一帧的杂凑值和链接，从第一条事实起重放全部账目，审计每个账房，\
        核对历次签名，再把查询库与账目逐场景比较。服务照常运行。
        """, """
        Hashes every frame again and follows the chain, replays the books from the first fact, \
        audits every room, checks all signed heads, and compares the archive with the books scene \
        by scene. The server works on meanwhile.
        """))</p>
      \(body)
      \(when: mayVerify && !isRunning, """
        <form method="post" action="/console/\(m)/journal/verify">\(visit.formField)\
        <button class="btn btn-primary">\(t("开始核验", "Verify"))</button></form>
        """)</section>
      """
  }

  private static func outcome(_ visit: Visit, _ result: Checkup.Result) -> HTML {
    let t = visit.t
    let report = result.verification
    let took = result.ended.milliseconds - result.began.milliseconds
    let size: HTML = """
      <p class="num">\(grouped(report.frames)) \(t("帧", "frames")) · \(grouped(report.facts)) \
      \(t("条事实", "facts")) · \(grouped(report.headsChecked)) \(t("个签名树头", "signed heads")) · \
      \(grouped(took)) ms</p>
      <p class="small soft">\(visit.time(result.ended)) · \(result.by)</p>
      """
    guard report.isGood else {
      return """
        <div class="note1 bad" role="alert"><p><b>\(t("核验不通过", "The journal does not hold"))</b></p>
        \(some: report.wrongFrame, { """
          <p>\(t("第一处错误：帧", "First wrong: frame")) \(grouped($0.sequence)) \($0.what)</p>
          """ })\(each: report.faults, { "<p>\($0)</p>" })\(size)
        <p>\(t("请停止服务，保留现场，再从备份恢复；tanpuhui verify 可离线复查。", """
          Stop the server, keep everything as it is, restore from a backup; `tanpuhui verify` \
          checks it again offline.
          """))</p></div>
        """
    }
    let archive: HTML =
      result.hasComparedArchive
      ? t("查询库与账目一致。", "The archive agrees with the books.")
      : t("查询库正在跟进，未比较；请稍后再核验。", "The archive lags and was not compared; try again later.")
    return """
      <div class="note1" role="status"><p><b>\(t("核验通过", "All is well"))</b>：\
      \(t("每个杂凑值、每笔余额、每个签名都正确。", "every hash, balance and signature is right."))\(archive)</p>\
      \(size)<p class="small mono long">\(report.root)</p></div>
      """
  }
}
