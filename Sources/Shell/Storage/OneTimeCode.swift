// SPDX-License-Identifier: Apache-2.0

/// The second factor: a code that a staff member's telephone shows for 30 seconds (RFC 6238).
package enum OneTimeCode {
  package static let period: Int64 = 30
  /// Steps that a telephone's clock may be off, either way.
  package static let drift: Int64 = 1

  package static func code(secret: [UInt8], step: Int64, digits: Int = 6) -> String {
    let counter = withUnsafeBytes(of: step.bigEndian) { Array($0) }
    let tag = Digest.hmac("SHA1", counter, key: secret, length: 20)
    let offset = Int(tag[19] & 15)
    let number =
      UInt32(tag[offset] & 127) << 24 | UInt32(tag[offset + 1]) << 16
      | UInt32(tag[offset + 2]) << 8 | UInt32(tag[offset + 3])
    var text = ""
    var rest = number
    for _ in 0..<digits {
      text = String(rest % 10) + text
      rest /= 10
    }
    return text
  }

  /// The step a code belongs to, later than the last one used; nil for a wrong or used code.
  package static func step(
    of code: String, secret: [UInt8], seconds: Int64, after used: Int64
  ) -> Int64? {
    let now = seconds / period
    let given = Array(code.utf8)
    return ((now - drift)...(now + drift)).first { step in
      step > used && equalInConstantTime(given, Array(self.code(secret: secret, step: step).utf8))
    }
  }

  /// What an authenticator application reads from a QR code.
  package static func address(secret: [UInt8], account: String, issuer: String) -> String {
    let name = escaped(issuer) + ":" + escaped(account)
    return "otpauth://totp/\(name)?secret=\(base32(secret).uppercased())&issuer=\(escaped(issuer))"
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      let isPlain =
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      if isPlain {
        result.unicodeScalars.append(UnicodeScalar(byte))
      } else {
        result += "%" + hexadecimal([byte]).uppercased()
      }
    }
    return result
  }
}
