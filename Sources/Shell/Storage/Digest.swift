// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Glibc

/// A hash function of 32 bytes, and what is built on it.
package enum Digest: String, Sendable {
  case sha256 = "SHA256"
  case sm3 = "SM3"

  package func hash(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    var count = 0
    let code = EVP_Q_digest(nil, rawValue, nil, bytes, bytes.count, &digest, &count)
    precondition(code == 1 && count == 32, "OpenSSL has no \(rawValue)")
    return digest
  }

  package func authenticate(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    Digest.hmac(rawValue, bytes, key: key, length: 32)
  }

  static func hmac(_ name: String, _ bytes: [UInt8], key: [UInt8], length: Int) -> [UInt8] {
    var tag = [UInt8](repeating: 0, count: length)
    var count = 0
    let made = EVP_Q_mac(
      nil, "HMAC", nil, name, nil, key, key.count, bytes, bytes.count, &tag, length, &count)
    precondition(made != nil && count == length, "OpenSSL has no HMAC of \(name)")
    return tag
  }
}

/// Takes the same time wherever two texts differ, so that a guess learns nothing from waiting.
package func equalInConstantTime(_ a: [UInt8], _ b: [UInt8]) -> Bool {
  a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
}

/// Bytes nobody can foresee, from the system's source.
package func randomBytes(_ count: Int) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: count)
  let code = RAND_bytes(&bytes, Int32(count))
  precondition(code == 1, "the system has no source of random numbers")
  return bytes
}

/// A secret as people copy it: letters and digits that are not taken for one another (RFC 4648).
package func base32(_ bytes: [UInt8]) -> String {
  let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
  var text = ""
  var buffer: UInt32 = 0
  var bits = 0
  for byte in bytes {
    buffer = buffer << 8 | UInt32(byte)
    bits += 8
    while bits >= 5 {
      text.append(alphabet[Int(buffer >> UInt32(bits - 5) & 31)])
      bits -= 5
    }
  }
  if bits > 0 { text.append(alphabet[Int(buffer << UInt32(5 - bits) & 31)]) }
  return text
}

package func hexadecimal(_ bytes: [UInt8]) -> String {
  let digits = Array("0123456789abcdef")
  var text = ""
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return text
}

func bytes(hexadecimal text: String) -> [UInt8]? {
  let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
  guard digits.count % 2 == 0 else { return nil }
  var result: [UInt8] = []
  for index in stride(from: 0, to: digits.count, by: 2) {
    guard let high = digits[index], let low = digits[index + 1] else { return nil }
    result.append(UInt8(high << 4 | low))
  }
  return result
}
