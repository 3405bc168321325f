// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import FoundationEssentials
import Glibc
import Testing
import Units

@testable import Outgoing

/// Tokens and keys, by published examples and by keys made here.
@Suite struct OutgoingTests {
  static let now = Instant("2026-11-21T12:00:00Z")!
  static let issuer = "https://id.example"

  private typealias Example = (algorithm: String, key: String, text: String, signature: String)

  /// RFC 7515, appendix A.2 and A.3.
  private static let published: [Example] = [
    (
      "RS256",
      """
      {"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp\
      -Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7\
      OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qC\
      o5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp\
      oQ"}
      """, "eyJhbGciOiJSUzI1NiJ9",
      """
      cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5\
      jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb\
      1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO\
      YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw
      """
    ),
    (
      "ES256",
      """
      {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",\
      "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
      """, "eyJhbGciOiJFUzI1NiJ9",
      """
      DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q
      """
    ),
  ]
  private static let payload = """
    eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl\
    fQ
    """

  @Test(arguments: [0, 1]) func publishedSignaturesHold(_ index: Int) throws {
    let example = Self.published[index]
    let key: JSONKey = try #require(decoded(Array(example.key.utf8)))
    let bytes = Array("\(example.text).\(Self.payload)".utf8)
    let signature = try #require(base64URLDecoded(example.signature))
    #expect(key.verifies(signature, of: bytes, algorithm: example.algorithm))
    var other = signature
    other[10] ^= 1
    #expect(!key.verifies(other, of: bytes, algorithm: example.algorithm))
    #expect(!key.verifies(signature, of: bytes + [32], algorithm: example.algorithm))
    #expect(!key.verifies([], of: bytes, algorithm: example.algorithm))
    let otherAlgorithm = example.algorithm == "RS256" ? "ES256" : "RS256"
    #expect(!key.verifies(signature, of: bytes, algorithm: otherAlgorithm))
  }

  @Test func base64IsAsPublished() {
    // RFC 4648, section 10.
    for (plain, text) in [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ] {
      #expect(base64(Array(plain.utf8)) == text)
      #expect(base64URLDecoded(text.replacing("=", with: "")) == Array(plain.utf8))
    }
    #expect(base64URL([0xFB, 0xFF, 0xFE]) == "-__-")
    #expect(base64URLDecoded("-__-") == [0xFB, 0xFF, 0xFE])
    for wrong in ["+//+", "Zg==", "A", "Zh", "Zm9v "] { #expect(base64URLDecoded(wrong) == nil) }
    // RFC 7636, appendix B.
    #expect(
      base64URL(sha256(Array("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".utf8)))
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
  }

  /// A claim changed, and what must be said then; nil for a token that holds.
  @Test(arguments: [
    (#""x":1"#, nil), (#""iss":"https://evil.example""#, "another issuer"),
    (#""aud":"somebody""#, "not for us"), (#""aud":["us","them"]"#, "alone"),
    (#""aud":["us","them"],"azp":"us""#, nil), (#""azp":"them""#, "alone"),
    (#""exp":1795262340"#, "expired"), (#""exp":1795262345"#, nil),
    (#""iat":1795262461"#, "future"), (#""iat":1795262455"#, nil),
    (#""nbf":1795262461"#, "yet"), (#""nonce":"other""#, "another login"), (#""sub":"""#, "nobody"),
  ])
  func claimsAreChecked(_ changed: String, _ said: String?) throws {
    let key = TestKey()
    let name = changed.split(separator: ":")[0]
    let usual = [
      #""iss":"\#(Self.issuer)""#, #""aud":"us""#, #""sub":"4711""#, #""exp":1795262700"#,
      #""iat":1795262400"#, #""nonce":"n1""#,
    ]
    let claims = usual.filter {
      !$0.hasPrefix(name) && !changed.contains($0.split(separator: ":")[0])
    }
    let token = key.token("{\(([changed] + claims).joined(separator: ","))}")
    #expect(complaint(token, [key.published]).map { $0.contains(said ?? "…") } ?? (said == nil))
  }

  @Test func onlyTheServersKeysAndAlgorithmsAreBelieved() throws {
    let (key, other) = (TestKey(), TestKey(name: "k2"))
    let times = #""exp":1795262700,"iat":1795262400"#
    let claims = #"{"iss":"\#(Self.issuer)","aud":"us","sub":"1",\#(times),"nonce":"n1"}"#
    #expect(complaint(key.token(claims), [key.published]) == nil)
    #expect(complaint(key.token(claims), [other.published])?.contains("does not publish") == true)
    var stolen = other.published
    stolen.kid = "k1"
    #expect(complaint(key.token(claims), [stolen])?.contains("not signed") == true)
    for header in [
      #"{"alg":"none"}"#, #"{"alg":"HS256","kid":"k1"}"#, #"{"alg":"RS256","kid":"k1"}"#,
      #"{"alg":"ES256","kid":"k1","crit":["x"]}"#,
    ] {
      #expect(complaint(key.token(claims, header: header), [key.published]) != nil, "\(header)")
    }
    let parts = key.token(claims).split(separator: ".")
    #expect(complaint("\(parts[0]).\(parts[1]).", [key.published]) != nil)
    #expect(complaint("\(parts[0]).\(parts[1])", [key.published]) != nil)
    var encrypting = key.published
    encrypting.use = "enc"
    #expect(complaint(key.token(claims), [encrypting]) != nil)
  }

  private func complaint(_ token: String, _ keys: [JSONKey]) -> String? {
    do {
      try IDToken(token).check(
        keys: keys, issuer: Self.issuer, client: "us", nonce: "n1", at: Self.now)
      return nil
    } catch { return "\(error)" }
  }

  @Test func whoMayBeAsked() {
    for good in ["https://id.example/a", "http://127.0.0.1:9", "http://localhost/x"] {
      #expect(IdentityProvider.mayBeAsked(good), "\(good)")
    }
    for bad in [
      "http://id.example", "http://localhost.evil.example", "http://127.0.0.1.evil", "file:///x",
      "",
    ] {
      #expect(!IdentityProvider.mayBeAsked(bad), "\(bad)")
    }
  }

  /// What cannot be sent is said, and neither body nor header with it.
  @Test func failuresAreSentencesWithoutSecrets() {
    let body = Array("code=482913".utf8)
    func said(_ address: String, _ headers: [(String, String)] = []) -> String {
      do {
        _ = try OutgoingCall(
          "POST", address, headers: headers, body: body, timeoutMilliseconds: 2000
        ).send()
        return ""
      } catch { return "\(error)" }
    }
    let closed = said("http://127.0.0.1:1/path-secret?k=1", [("Authorization", "Bearer s3cret")])
    #expect(closed.contains("takes no connections"), "\(closed)")
    #expect(!closed.contains("secret") && !closed.contains("482913") && !closed.contains("s3cret"))
    #expect(said("file:///etc/hostname").contains("http or https"))
    #expect(said("http://127.0.0.1:1", [("X", "a\r\nY: b")]).contains("control characters"))
    #expect(OutgoingCall("GET", "https://ma:pw@sms.example/x").place == "https://sms.example")
  }
}

/// A P-256 key made for one test.
private final class TestKey {
  let name: String
  private let key: OpaquePointer

  init(name: String = "k1") {
    self.name = name
    let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
    defer { EVP_PKEY_CTX_free(context) }
    EVP_PKEY_keygen_init(context)
    EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1)
    var made: OpaquePointer?
    EVP_PKEY_keygen(context, &made)
    key = made!
  }

  deinit { EVP_PKEY_free(key) }

  var published: JSONKey {
    func part(_ parameter: String) -> String {
      var number: OpaquePointer?
      EVP_PKEY_get_bn_param(key, parameter, &number)
      defer { BN_free(number) }
      var bytes = [UInt8](repeating: 0, count: 32)
      BN_bn2binpad(number, &bytes, 32)
      return base64URL(bytes)
    }
    return JSONKey(kty: "EC", kid: name, crv: "P-256", x: part("qx"), y: part("qy"))
  }

  func token(_ claims: String, header: String? = nil) -> String {
    let head = header ?? #"{"alg":"ES256","kid":"\#(name)"}"#
    let text = base64URL(Array(head.utf8)) + "." + base64URL(Array(claims.utf8))
    let bytes = Array(text.utf8)
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key)
    var der = [UInt8](repeating: 0, count: 128)
    var count = der.count
    EVP_DigestSign(context, &der, &count, bytes, bytes.count)
    return text + "." + base64URL(Self.plain(Array(der[0..<count])))
  }

  /// DER `30 len 02 len r 02 len s` as `r ‖ s`, 32 bytes each.
  private static func plain(_ der: [UInt8]) -> [UInt8] {
    var at = 2
    var result: [UInt8] = []
    for _ in 0..<2 {
      let length = Int(der[at + 1])
      let number = der[(at + 2)..<(at + 2 + length)].drop { $0 == 0 }
      result += [UInt8](repeating: 0, count: 32 - number.count) + number
      at += 2 + length
    }
    return result
  }

  /// An address that somebody else registered must not lead into our own network, whatever its name
  /// says. None of these is answered anywhere: they are refused before a packet leaves.
  @Test(arguments: [
    "127.0.0.1", "localhost", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "[::1]", "[fd00::1]", "[fe80::1]",
    "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "2130706433", "0x7f.1",
  ]) func privateAddressesAreNotCalled(_ host: String) {
    for reach in [OutgoingCall.Reach.publicOnly, .publicOrThisMachine] {
      let isHere = ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1"].contains(host)
      var call = OutgoingCall("GET", "http://\(host):1/", timeoutMilliseconds: 500)
      call.reach = reach
      let failure = #expect(throws: OutgoingFailure.self) { _ = try call.send() }
      #expect(
        failure?.description.contains("private network") == true,
        "\(host) \(isHere): \(failure?.description ?? "")")
    }
  }

  /// A server of this machine is reached in development, and only then.
  @Test func thisMachineIsCalledInDevelopmentOnly() throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(listener, $0, size)
        _ = getsockname(listener, $0, &size)
      }
    }
    try #require(listen(listener, 1) == 0)
    var call = OutgoingCall(
      "GET", "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))/", timeoutMilliseconds: 300)
    call.reach = .publicOnly
    let refused = #expect(throws: OutgoingFailure.self) { _ = try call.send() }
    #expect(refused?.description.contains("private network") == true)
    // Nobody speaks HTTP there: the connection stands, and the answer is what is missing.
    call.reach = .publicOrThisMachine
    let silent = #expect(throws: OutgoingFailure.self) { _ = try call.send() }
    #expect(silent?.description.contains("did not answer within") == true)
  }
}
