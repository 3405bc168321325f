// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// A public key as JSON (RFC 7517), of the two kinds that are believed: RSA from 2048 bits, P-256.
struct JSONKey: Codable, Sendable {
  var kty: String
  var kid: String?
  var use: String?
  var alg: String?
  var n: String?
  var e: String?
  var crv: String?
  var x: String?
  var y: String?

  /// Whether a token may have been signed by it.
  func fits(_ token: IDToken) -> Bool {
    guard use == nil || use == "sig", alg == nil || alg == token.header.alg,
      token.header.kid == nil || kid == token.header.kid
    else { return false }
    switch token.header.alg {
    case "RS256": return kty == "RSA"
    case "ES256": return kty == "EC" && crv == "P-256"
    default: return false
    }
  }

  func verifies(_ signature: [UInt8], of bytes: [UInt8], algorithm: String) -> Bool {
    guard let key = algorithm == "RS256" ? rsa() : curve() else { return false }
    defer { EVP_PKEY_free(key) }
    var sealed = signature
    if algorithm == "ES256" {
      guard let encoded = JSONKey.encoded(signature) else { return false }
      sealed = encoded
    }
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1 else { return false }
    return EVP_DigestVerify(context, sealed, sealed.count, bytes, bytes.count) == 1
  }

  private func rsa() -> OpaquePointer? {
    guard let modulus = n.flatMap(base64URLDecoded), let exponent = e.flatMap(base64URLDecoded),
      modulus.count >= 256, modulus.count <= 2048, exponent.count <= 8,
      let n = BN_bin2bn(modulus, Int32(modulus.count), nil),
      let e = BN_bin2bn(exponent, Int32(exponent.count), nil)
    else { return nil }
    defer {
      BN_free(n)
      BN_free(e)
    }
    guard BN_num_bits(n) >= 2048 else { return nil }
    return JSONKey.key("RSA") { tph_push_rsa($0, n, e) == 1 }
  }

  private func curve() -> OpaquePointer? {
    guard let x = x.flatMap(base64URLDecoded), let y = y.flatMap(base64URLDecoded),
      x.count == 32, y.count == 32
    else { return nil }
    let point = [4] + x + y
    return point.withUnsafeBufferPointer { point in
      JSONKey.key("EC") { tph_push_curve($0, point.baseAddress, point.count) == 1 }
    }
  }

  /// OpenSSL checks that a point lies on its curve.
  private static func key(
    _ kind: String, _ fill: (OpaquePointer) -> Bool
  ) -> OpaquePointer? {
    guard let builder = OSSL_PARAM_BLD_new() else { return nil }
    defer { OSSL_PARAM_BLD_free(builder) }
    guard fill(builder), let parameters = OSSL_PARAM_BLD_to_param(builder) else { return nil }
    defer { OSSL_PARAM_free(parameters) }
    guard let context = EVP_PKEY_CTX_new_from_name(nil, kind, nil) else { return nil }
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard EVP_PKEY_fromdata_init(context) == 1,
      EVP_PKEY_fromdata(context, &key, tph_public_key, parameters) == 1
    else { return nil }
    return key
  }

  /// `r ‖ s` of 64 bytes, as tokens have it, in the DER that OpenSSL reads.
  private static func encoded(_ signature: [UInt8]) -> [UInt8]? {
    guard signature.count == 64, let pair = ECDSA_SIG_new() else { return nil }
    defer { ECDSA_SIG_free(pair) }
    let r = signature.withUnsafeBufferPointer { BN_bin2bn($0.baseAddress, 32, nil) }
    let s = signature.withUnsafeBufferPointer { BN_bin2bn($0.baseAddress! + 32, 32, nil) }
    guard let r, let s, ECDSA_SIG_set0(pair, r, s) == 1 else { return nil }
    var buffer: UnsafeMutablePointer<UInt8>?
    let count = i2d_ECDSA_SIG(pair, &buffer)
    guard count > 0, let buffer else { return nil }
    defer { CRYPTO_free(buffer, "", 0) }
    return Array(UnsafeBufferPointer(start: buffer, count: Int(count)))
  }
}

func sha256(_ bytes: [UInt8]) -> [UInt8] {
  var digest = [UInt8](repeating: 0, count: 32)
  var count: UInt32 = 0
  let code = EVP_Digest(bytes, bytes.count, &digest, &count, EVP_sha256(), nil)
  precondition(code == 1 && count == 32, "OpenSSL has no SHA-256")
  return digest
}

private let plainDigits = Array(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

func base64(_ bytes: [UInt8]) -> String {
  var text: [UInt8] = []
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let some = bytes[start..<min(start + 3, bytes.count)]
    let word = some.reduce(0) { $0 << 8 | Int($1) } << ((3 - some.count) * 8)
    for place in 0..<4 {
      text.append(place <= some.count ? plainDigits[word >> (18 - place * 6) & 63] : 61)
    }
  }
  return String(decoding: text, as: UTF8.self)
}

/// Without padding (RFC 4648, section 5).
func base64URL(_ bytes: [UInt8]) -> String {
  String(
    base64(bytes).map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }.prefix { $0 != "=" })
}

func base64URLDecoded(_ text: String) -> [UInt8]? {
  var bytes: [UInt8] = []
  var word = 0
  var bits = 0
  for character in text.utf8 {
    let digit = character == 45 ? 43 : character == 95 ? 47 : character
    guard character != 43, character != 47, let value = plainDigits.firstIndex(of: digit) else {
      return nil
    }
    word = (word << 6 | value) & 0xFFFF
    bits += 6
    if bits >= 8 {
      bits -= 8
      bytes.append(UInt8(word >> bits & 255))
    }
  }
  // Left-over bits must be zero, so that one value has one spelling.
  return bits < 6 && word & ((1 << bits) - 1) == 0 ? bytes : nil
}
