// SPDX-License-Identifier: Apache-2.0
import Desk
import Glibc
import HTTP
import Storage
import Testing
import Units

@testable import Web

/// Keys that end, requests that are signed, and how much is taken.
@Suite(.serialized) struct SignatureTests {
  /// The request of RFC 9421, appendix B.2.
  private static let request = SignedRequest(
    method: "POST", scheme: "https", target: "/foo?param=Value&Pet=dog",
    headers: [
      ("Host", "example.com"), ("Date", "Tue, 20 Apr 2021 02:07:55 GMT"),
      ("Content-Type", "application/json"),
      (
        "Content-Digest",
        "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEm"
          + "THWXvJwew==:"
      ), ("Content-Length", "18"),
    ])

  @Test func theBaseIsThatOfTheStandardsExamples() throws {
    // B.2.5: HMAC with SHA-256, and B.2.6: Ed25519.
    let shared = """
      "date": Tue, 20 Apr 2021 02:07:55 GMT
      "@authority": example.com
      "content-type": application/json
      "@signature-params": ("date" "@authority" "content-type");created=1618884473\
      ;keyid="test-shared-secret"
      """
    let first = try #require(
      MessageSignature(
        parameters: "(\"date\" \"@authority\" \"content-type\");created=1618884473"
          + ";keyid=\"test-shared-secret\""))
    #expect(first.base(Self.request).map { String(decoding: $0, as: UTF8.self) } == shared)
    let secret = try #require(
      bytes(
        base64: "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlT"
          + "MtDQ=="))
    let tag = Digest.sha256.authenticate(Array(shared.utf8), key: secret)
    #expect(base64(tag) == "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=")

    let edwards = try #require(
      MessageSignature(
        parameters: "(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" "
          + "\"content-length\");created=1618884473;keyid=\"test-key-ed25519\""))
    let signature = try #require(
      bytes(
        base64:
          "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRC"
          + "w=="))
    let key = """
      -----BEGIN PUBLIC KEY-----
      MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
      -----END PUBLIC KEY-----

      """
    let base = try #require(edwards.base(Self.request))
    #expect(SigningKeys.verify(base, signature: signature, publicKey: key, .ed25519))
    // B.2's body, and its digest.
    #expect(
      ContentDigest.matches(
        Self.request.header("content-digest")!, Array("{\"hello\": \"world\"}".utf8)))
    #expect(
      !ContentDigest.matches(
        Self.request.header("content-digest")!, Array("{\"hello\": \"World\"}".utf8)))
    // RFC 9530, appendix B.1, has no sha-256 of this body; sha256sum says it.
    #expect(
      ContentDigest.value(Array("{\"hello\": \"world\"}".utf8))
        == "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:")
  }

  @Test func whatCannotBeReadIsNoSignature() {
    func read(_ input: String, _ signature: String) -> Bool {
      MessageSignature.all(
        SignedRequest(
          method: "GET", scheme: "http", target: "/",
          headers: [("Signature-Input", input), ("Signature", signature)])) != nil
    }
    #expect(read("a=(\"@method\");created=1;keyid=\"k\"", "a=:AAAA:"))
    #expect(read("a=(\"@method\");created=1, b=();keyid=\"x,y\"", "a=:AAAA:, b=:AAAA:"))
    for input in [
      "", "a", "a=\"@method\"", "a=(\"@method\" \"@method\")", "a=(\"@query-param\";name=\"x\")",
      "a=(\"Date\")", "a=(\"@method\");created=\"1\"", "a=(\"@method\");unknown=1",
      "a=(\"@method\"",
    ] { #expect(!read(input, "a=:AAAA:"), "\(input)") }
    #expect(!read("a=(\"@method\")", "b=:AAAA:"))
    #expect(!read("a=(\"@method\")", "a=AAAA"))
    #expect(!read("a=(\"@method\")", "a=:AAA:"))
  }

  /// Headers of a request signed by a shared secret.
  private func signed(
    _ keyID: String, _ secret: [UInt8], _ body: [UInt8], path: String, created: Int64,
    covers: String = "\"@method\" \"@authority\" \"@path\" \"content-digest\"", nonce: String = "1"
  ) -> [String: String] {
    let parameters = "(\(covers));created=\(created);keyid=\"\(keyID)\";nonce=\"\(nonce)\""
    let digest = ContentDigest.value(body)
    var lines: [String] = []
    for word in covers.split(separator: " ") {
      let name = word.dropFirst().dropLast()
      let value =
        switch name {
        case "@method": "POST"
        case "@authority": "localhost"
        case "@path": path
        default: digest
        }
      lines.append("\"\(name)\": \(value)")
    }
    lines.append("\"@signature-params\": \(parameters)")
    let base = Array(lines.joined(separator: "\n").utf8)
    return [
      "Content-Digest": digest, "Signature-Input": "s=\(parameters)",
      "Signature": "s=:\(base64(Digest.sha256.authenticate(base, key: secret))):",
    ]
  }

  @Test func aPartnerMayBeHeldToSignEveryRequest() throws {
    let town = try Town()
    defer { town.close() }
    let partner = PartnerID(1)
    let path = "/api/v1/chengdu/behaviours"
    let (verifier, secret) = try town.vault.newSharedSecret(
      mechanism: "chengdu", partner: partner, at: systemClock())
    var terms = PartnerTerms()
    terms.requiresSignature = true
    try town.vault.setTerms(terms, mechanism: "chengdu", partner: partner)
    let computer = RecallTests.computer(town)
    let key = computer.headers
    let body = Array("[\(RecallTests.ride("s-1"))]".utf8)
    func post(_ more: [String: String], _ body: [UInt8]) -> Browser.Page {
      computer.headers = key.merging(more) { _, new in new }
      return computer.ask("POST", path, body, RecallTests.batch)
    }
    let unsigned = post([:], body)
    #expect(unsigned.status == 401 && unsigned.text.contains("signature-missing"))
    let now = systemClock().seconds
    let good = signed(verifier.keyID, secret, body, path: path, created: now)
    #expect(post(good, body).status == 200)
    #expect(post(good, body).text.contains("signature-replayed"))
    let fresh = signed(verifier.keyID, secret, body, path: path, created: now, nonce: "2")
    #expect(post(fresh, body).text.contains("\"duplicates\":1"))
    // Another body, another address, another time, another secret, too little covered.
    let third = signed(verifier.keyID, secret, body, path: path, created: now, nonce: "3")
    #expect(post(third, Array("[]".utf8)).text.contains("digest-wrong"))
    let elsewhere = signed(verifier.keyID, secret, body, path: "/other", created: now)
    #expect(post(elsewhere, body).text.contains("signature-wrong"))
    for created in [now - 301, now + 120] {
      let stale = signed(verifier.keyID, secret, body, path: path, created: created)
      #expect(post(stale, body).text.contains("signature-stale"))
    }
    let forged = signed(verifier.keyID, [1, 2, 3], body, path: path, created: now)
    #expect(post(forged, body).text.contains("signature-wrong"))
    let strange = signed("hmac-nobody", secret, body, path: path, created: now)
    #expect(post(strange, body).text.contains("signature-key-unknown"))
    let little = signed(
      verifier.keyID, secret, body, path: path, created: now, covers: "\"@method\" \"@path\"")
    #expect(post(little, body).text.contains("signature-covers-too-little"))
    // The secret is nowhere in what was logged or shown.
    _ = try town.vault.revokeVerifier(
      verifier.keyID, mechanism: "chengdu", partner: partner, at: systemClock())
    let late = signed(verifier.keyID, secret, body, path: path, created: now, nonce: "9")
    #expect(post(late, body).text.contains("signature-key-unknown"))
  }

  @Test func twoKeysHoldAtOnceAndTheOlderEnds() throws {
    let town = try Town()
    defer { town.close() }
    let now = systemClock()
    let path = "/api/v1/chengdu/behaviours"
    let soon = Instant(milliseconds: now.milliseconds + 1_500)
    let fresh = try #require(
      try town.vault.rotatePartnerKey(
        mechanism: "chengdu", partner: PartnerID(1), olderEnds: soon, at: now))
    func status(_ key: String) -> Int {
      RecallTests.computer(town, key).ask("POST", path, [91, 93], RecallTests.batch).status
    }
    #expect(status(town.key) == 200 && status(fresh) == 200)
    // A third is not made while two hold.
    #expect(
      try town.vault.rotatePartnerKey(
        mechanism: "chengdu", partner: PartnerID(1), olderEnds: soon, at: now) == nil)
    usleep(1_800_000)
    #expect(status(town.key) == 401 && status(fresh) == 200)
    // It stays so when the vault is opened again.
    let again = town.vault.partnerKeys(mechanism: "chengdu").map { $0.holds(at: systemClock()) }
    #expect(again == [false, true])
  }

  @Test func theConsoleMakesKeysAndSetsTerms() throws {
    let town = try Town()
    defer { town.close() }
    let admin = try town.staffBrowser("administrator")
    let page = "/console/chengdu/partners/tianfutong"
    let made = admin.post(page + "/keys", [("ends", "hour")])
    #expect(made.text.contains("tph_") && made.text.contains("有效至"))
    #expect(admin.post(page + "/keys", [("ends", "hour")]).text.contains("已有两把有效密钥"))
    let refused = admin.post(
      page + "/terms", [("minute", "0"), ("day", "0"), ("signed", "yes")])
    #expect(refused.text.contains("请先登记签名密钥"))
    let secret = admin.post(page + "/signing", [("algorithm", "hmac-sha256")])
    #expect(secret.text.contains("secret(base64)="))
    #expect(!admin.get(page).text.contains("secret(base64)="), "shown once")
    let wrong = admin.post(
      page + "/signing", [("algorithm", "ed25519"), ("public", "no key")])
    #expect(wrong.status == 422)
    let set = admin.post(
      page + "/terms", [("minute", "3"), ("day", "5"), ("signed", "")])
    #expect(set.text.contains("0 / 3"))
    // Three requests a minute, five events a day.
    let computer = RecallTests.computer(town)
    let path = "/api/v1/chengdu/behaviours"
    let rides = (1...3).map { RecallTests.ride("q-\($0)", minutesAgo: Int64($0) * 60) }
    let all = Array("[\(rides.joined(separator: ","))]".utf8)
    _ = computer.ask("POST", path, all, RecallTests.batch)
    let over = computer.ask("POST", path, all, RecallTests.batch)
    // The 27 rides that the town began with count for today already.
    #expect(over.status == 429 && over.text.contains("quota-reached"))
    #expect(Int(over.header("retry-after") ?? "") ?? 0 > 0)
    _ = computer.ask("POST", path, all, RecallTests.batch)
    let often = computer.ask("POST", path, all, RecallTests.batch)
    // A minute may have turned meanwhile; then one more makes it.
    let last =
      often.text.contains("too-many-requests")
      ? often : (0..<4).map { _ in computer.ask("POST", path, all, RecallTests.batch) }.last!
    #expect(last.status == 429 && last.text.contains("too-many-requests"))
    #expect((1...60).contains(Int(last.header("retry-after") ?? "") ?? 0))
    #expect(admin.get(page).text.contains("今日被限流"))
    // Reviewers see, and change nothing.
    #expect(try town.staffBrowser("reviewer").post(page + "/terms").status == 403)
  }
}
