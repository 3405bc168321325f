// SPDX-License-Identifier: Apache-2.0
// TARGET. What a request line asks for: a path of plain segments, and a query.
//
// A path is decoded once, here. Whatever could mean two things after decoding is refused: `.` and
// `..` as segments, an encoded slash or backslash, a zero, bytes that are not UTF-8.

struct Target {
  /// The path, decoded.
  var path: String
  /// After the question mark, as sent.
  var query: String

  init(_ target: String, host: String?) throws(Refusal) {
    guard target.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      throw Refusal(400, "An address has only ASCII characters: write others as %XX.")
    }
    var rest = Substring(target)
    if !rest.utf8.starts(with: "/".utf8) { rest = try Target.afterAuthority(rest, host: host) }
    let mark = rest.utf8.firstIndex(of: 63)
    let sent = rest[..<(mark ?? rest.endIndex)]
    query = mark.map { String(rest[rest.utf8.index(after: $0)...]) } ?? ""
    path = try Target.decode(path: sent)
    guard query.utf8.isEmpty || percentDecoded(Substring(query), plusIsSpace: true) != nil else {
      throw Refusal(400, "The query of this address has a % that is not followed by UTF-8 as %XX.")
    }
  }

  /// `http://host/path`, which a server must understand; the host must be the one named by Host.
  private static func afterAuthority(
    _ target: Substring, host: String?
  ) throws(Refusal) -> Substring {
    if target == "*" { return "/*" }
    let lower = target.lowercased()
    for scheme in ["http://", "https://"] where lower.hasPrefix(scheme) {
      let rest = target.dropFirst(scheme.count)
      let slash = rest.firstIndex(of: "/") ?? rest.endIndex
      guard rest[..<slash].lowercased() == host?.lowercased() else { break }
      return slash == rest.endIndex ? "/" : rest[slash...]
    }
    throw Refusal(400, "The address of a request is a path that starts with a slash.")
  }

  private static func decode(path: Substring) throws(Refusal) -> String {
    var segmentStart = true
    var isPlain = true
    for byte in path.utf8 {
      if byte == 37 || byte == 92 || (segmentStart && byte == 46) { isPlain = false }
      segmentStart = byte == 47
    }
    if isPlain { return String(path) }
    var segments: [String] = []
    for segment in path.split(separator: "/", omittingEmptySubsequences: false) {
      guard let decoded = percentDecoded(segment, plusIsSpace: false) else {
        throw Refusal(400, "The path of this address has a % that is not followed by UTF-8 as %XX.")
      }
      guard decoded != ".", decoded != "..",
        decoded.utf8.allSatisfy({ $0 >= 32 && $0 != 47 && $0 != 92 && $0 != 127 })
      else {
        throw Refusal(
          400, "A path here has no . or .. and no encoded slash, backslash or control character.")
      }
      segments.append(decoded)
    }
    return segments.joined(separator: "/")
  }
}

/// Nil where a % is not followed by two hexadecimal digits, and for a zero or bytes not of UTF-8.
func percentDecoded(_ text: Substring, plusIsSpace: Bool) -> String? {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.utf8.count)
  var rest = text.utf8.makeIterator()
  while let byte = rest.next() {
    if byte == 37 {
      guard let high = rest.next().flatMap(hexadecimal), let low = rest.next().flatMap(hexadecimal)
      else { return nil }
      guard high | low != 0 else { return nil }
      bytes.append(high << 4 | low)
    } else {
      bytes.append(byte == 43 && plusIsSpace ? 32 : byte)
    }
  }
  return String(validating: bytes, as: UTF8.self)
}

private func hexadecimal(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 48...57: byte - 48
  case 65...70: byte - 55
  case 97...102: byte - 87
  default: nil
  }
}
