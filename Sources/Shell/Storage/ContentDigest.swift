// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Glibc

/// Digest Fields (RFC 9530): whether a body is the one its `Content-Digest` was made of.
package enum ContentDigest {
  private static let algorithms = [("sha-256", "SHA256", 32), ("sha-512", "SHA512", 64)]

  /// The field's value for a body.
  package static func value(_ body: [UInt8]) -> String {
    "sha-256=:\(base64(digest("SHA256", 32, body))):"
  }

  /// True where every digest that is known here is right, and there is at least one.
  package static func matches(_ field: String, _ body: [UInt8]) -> Bool {
    var known = 0
    for member in field.split(separator: ",") {
      let parts = member.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { return false }
      let name = parts[0].filter { $0 != " " && $0 != "\t" }
      guard let (_, function, count) = algorithms.first(where: { $0.0 == name }) else { continue }
      let value = parts[1].filter { $0 != " " && $0 != "\t" }
      guard value.hasPrefix(":"), value.hasSuffix(":"), value.count > 2,
        let given = bytes(base64: String(value.dropFirst().dropLast())),
        equalInConstantTime(given, digest(function, count, body))
      else { return false }
      known += 1
    }
    return known > 0
  }

  private static func digest(_ function: String, _ length: Int, _ body: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: length)
    var count = 0
    let code = EVP_Q_digest(nil, function, nil, body, body.count, &digest, &count)
    precondition(code == 1 && count == length, "OpenSSL has no \(function)")
    return digest
  }
}

/// RFC 4648, section 4, with padding.
package func base64(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let piece = bytes[start..<min(start + 3, bytes.count)]
    var word: UInt32 = 0
    for byte in piece { word = word << 8 | UInt32(byte) }
    word <<= UInt32(8 * (3 - piece.count))
    for place in 0..<4 {
      let digit = Int(word >> UInt32(18 - 6 * place) & 63)
      text.append(place <= piece.count ? alphabet[digit] : 61)
    }
  }
  return String(decoding: text, as: UTF8.self)
}

/// Nil for what is not base64 in whole groups.
package func bytes(base64 text: String) -> [UInt8]? {
  let digits = Array(text.utf8)
  guard digits.count % 4 == 0 else { return nil }
  let padding = digits.reversed().prefix { $0 == 61 }.count
  guard padding <= 2 else { return nil }
  var result: [UInt8] = []
  var word: UInt32 = 0
  for (index, digit) in digits.enumerated() {
    let value: UInt32
    switch digit {
    case 65...90: value = UInt32(digit) - 65
    case 97...122: value = UInt32(digit) - 71
    case 48...57: value = UInt32(digit) + 4
    case 43: value = 62
    case 47: value = 63
    case 61 where index >= digits.count - padding: value = 0
    default: return nil
    }
    word = word << 6 | value
    guard index % 4 == 3 else { continue }
    result += [UInt8(word >> 16 & 255), UInt8(word >> 8 & 255), UInt8(word & 255)]
    word = 0
  }
  return Array(result.dropLast(padding))
}
