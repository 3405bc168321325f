// SPDX-License-Identifier: Apache-2.0
import Journal
import Units

/// One adopted pack version, for lists.
package struct AdoptionRow: Sendable {
  package var number: Int
  package var version: String
  package var fact: FactNumber
  package var time: Instant
  package var files: Int
  package init(number: Int, version: String, fact: FactNumber, time: Instant, files: Int) {
    self.number = number
    self.version = version
    self.fact = fact
    self.time = time
    self.files = files
  }
}

extension Layout {
  /// `/{mechanism}/transparency`
  package static func transparency(
    _ visit: Visit, code: String, head: HeadModel, adoptions: [AdoptionRow]
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    return city(
      visit, title: t("公开透明", "Open books"), place: .open,
      """
      <h1>\(t("公开透明", "Open books"))</h1>
      <p class="soft">\(t("""
        每一条行为、规则变更、审核决定都是账本中的一条事实。事实成帧，帧以杂凑值首尾相连，\
        再由运营方签名公布；任何人改动一个字节，都会被发现。
        """, """
        Every behaviour, rule change and decision is a fact in the journal. Facts form frames, \
        each frame names the hash of the one before it, and the operator signs the whole: a \
        single changed byte is found.
        """))</p>
      <div class="stats"><div class="stat"><b>\(grouped(head.facts))</b><span>\
      \(t("事实（条）", "Facts"))</span></div>
      <div class="stat"><b>\(grouped(head.frames))</b><span>\(t("帧", "Frames"))</span></div>
      <div class="stat"><b class="mono">\(head.algorithm.uppercased())</b><span>\
      \(t("杂凑算法", "Hash"))</span></div></div>
      <section class="card1"><h2>\(t("当前签名树头", "Current signed head"))</h2>
      <div class="formula">\(head.statement)</div>
      \(signatures(head, t))
      <p class="small"><a href="/api/v1/\(m)/head">\(t("树头（JSON）", "Head as JSON"))</a> · \
      <a href="/\(m)/keys/ed25519.pem">\(t("Ed25519 公钥", "Ed25519 public key"))</a> · \
      <a href="/\(m)/keys/sm2.pem">\(t("SM2 公钥", "SM2 public key"))</a></p></section>
      \(checkIt(m, t))
      <section class="card1"><h2>\(t("采纳过的政策包", "Packs adopted"))</h2>
      \(Console.table(
        [
          .init(t("版本", "Version")), .init(t("采纳时间", "Adopted")),
          .init(t("事实编号", "Fact"), isNumber: true), .init(t("文件数", "Files"), isNumber: true),
        ],
        adoptions.reversed().map { row in
          [
            "\(row.version)", visit.time(row.time),
            "<a href=\"/\(m)/proof/\(Link("\(row.fact.raw)"))\">\(grouped(row.fact.raw))</a>",
            "\(row.files)",
          ]
        }, empty: t("还没有采纳政策包。", "No pack has been adopted yet.")))</section>
      """)
  }

  static func signatures(_ head: HeadModel, _ t: Tongue) -> HTML {
    """
    <dl class="facts">\(each: head.signatures, { one in
      let name =
        one.algorithm == "SM2"
        ? t("国密 SM2 签名", "SM2 signature") : t("Ed25519 签名", "Ed25519 signature")
      return "<dt>\(name)</dt><dd class=\"mono long\">\(one.signature)</dd>"
    })</dl>
    """
  }

  private static func checkIt(_ m: Link, _ t: Tongue) -> HTML {
    """
    <section class="card1"><h2>\(t("自己核验", "Check it yourself"))</h2>
    <p>\(t("""
      把树头保存成文件 head.txt，签名由十六进制转回二进制 head.sig，用 OpenSSL 核验\
      （不需要联网，也不需要我们的程序）：
      """, """
      Save the head as head.txt, turn the signature's hexadecimal into head.sig, and verify with \
      OpenSSL: no network and none of our programs needed.
      """))</p>
    <pre class="code" tabindex="0">openssl pkeyutl -verify -pubin -inkey sm2.pem -in head.txt \\
        -sigfile head.sig -rawin -digest sm3 -pkeyopt distid:1234567812345678
    openssl pkeyutl -verify -pubin -inkey ed25519.pem -in head.txt -sigfile head.sig -rawin</pre>
    <form class="query" method="get" action="/\(m)/proof"><div>\
    <label class="form-label" for="fact">\(t("事实编号", "Fact number"))</label>
    <input class="form-control" id="fact" name="fact" inputmode="numeric" pattern="[0-9]+" \
    required></div>
    <button class="btn btn-primary">\(t("查看存在性证明", "Show its proof"))</button></form></section>
    """
  }

  /// `/{mechanism}/proof/{fact}`
  package static func proof(
    _ visit: Visit, code: String, proof: InclusionProof, time: Instant, kind: UInt8
  ) -> HTML {
    let t = visit.t
    let m: Link = "\(code)"
    let verdict: HTML =
      proof.fault().map {
        "<div class=\"note1 bad\">\(t("核验不通过：", "The proof does not hold: "))\($0)</div>"
      }
        ?? """
        <div class="note1">\(t("已重新计算：这条事实在账本之中，与签名树头一致。", """
        Computed again just now: the fact is in the journal, and agrees with the signed head.
        """))</div>
        """
    return city(
      visit, title: t("存在性证明", "Proof of inclusion"), place: .open, width: .slim,
      """
      <nav class="crumb"><a href="/\(m)/transparency">\(t("公开透明", "Open books"))</a></nav>
      <h1>\(t("第", "Fact")) \(grouped(proof.number.raw)) \(
        t("号事实的存在性证明", "is in the journal"))</h1>
      \(verdict)
      <section class="card1"><dl class="facts">
      <dt>\(t("写入时间", "Written"))</dt><dd>\(visit.time(time))</dd>
      <dt>\(t("种类", "Kind"))</dt><dd>\(kindName(kind, t))</dd>
      <dt>\(t("所在帧", "Frame"))</dt><dd class="num">\(grouped(proof.frameIndex + 1)) / \
      \(grouped(proof.head.frames))</dd>
      <dt>\(t("帧内位置", "Place in the frame"))</dt><dd class="num">\
      \(grouped(proof.indexInFrame + 1)) / \(grouped(proof.factsInFrame))</dd>
      <dt>\(t("树根", "Root"))</dt><dd class="mono long">\(proof.head.root.description)</dd></dl>
      <p><a class="btn btn-light btn-sm" href="/api/v1/\(m)/proofs/\
      \(Link("\(proof.number.raw)"))">\(t("下载 JSON，用程序核验", "JSON, for a program to check"))</a>\
      </p></section>
      \(path(proof, t))
      """)
  }

  private static func path(_ proof: InclusionProof, _ t: Tongue) -> HTML {
    """
    <section class="card1"><h2>\(t("证明路径", "Path"))</h2>
    <p class="soft small">\(t("""
      从事实的杂凑值出发，依次与下列值合并，得到帧的事实树根；再从帧头出发，\
      得到签名树头中的树根（RFC 9162）。
      """, """
      Start with the fact's hash and join it with these in turn to get the frame's root; then go \
      from the frame's header to the root that is signed (RFC 9162).
      """))</p>
    <h3>\(t("帧内", "Within the frame"))</h3><pre class="code" tabindex="0">\
    \(each: proof.pathInFrame, { "\($0.description)\n" })\
    \(when: proof.pathInFrame.isEmpty, t("（帧内只有这一条事实）", "(it is the frame's only fact)"))</pre>
    <h3>\(t("帧到树根", "From the frame to the root"))</h3><pre class="code" tabindex="0">\
    \(each: proof.pathInLog, { "\($0.description)\n" })\
    \(when: proof.pathInLog.isEmpty, t("（账本只有一帧）", "(it is the only frame)"))</pre>
    <h3>\(t("事实原文（十六进制）", "The fact, in hexadecimal"))</h3><pre class="code wraps" tabindex="0">\
    \(hexadecimal(proof.fact))</pre></section>
    """
  }

  package static func kindName(_ kind: UInt8, _ t: Tongue) -> String {
    switch kind {
    case 1: t.plain("低碳行为", "behaviour")
    case 2: t.plain("开立账户", "account opened")
    case 3: t.plain("绑定平台用户", "partner user linked")
    case 4: t.plain("解除绑定", "partner user unlinked")
    case 5: t.plain("批次计数", "batch counted")
    case 64: t.plain("采纳政策包", "pack adopted")
    case 65: t.plain("接入平台或账户状态", "partner or account state")
    case 66: t.plain("账本转移与限额", "ledger transfers and limits")
    case 67: t.plain("审核意见", "reviewer's opinion")
    default: t.plain("种类 \(kind)", "kind \(kind)")
    }
  }

  /// Whatever went wrong, for a person: what, and what to do.
  package static func apology(
    _ visit: Visit, status: Int, title: HTML, sentence: HTML, next: (HTML, Link)? = nil
  ) -> HTML {
    city(
      visit, title: title, width: .slim,
      """
      <div class="card1 empty"><h1>\(title)</h1><p>\(sentence)</p>
      \(some: next, { "<a class=\"btn btn-primary\" href=\"\($0.1)\">\($0.0)</a>" })
      <p class="soft small num">\(status)</p></div>
      """)
  }
}
