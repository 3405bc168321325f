// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// Thirty-two bytes of SM3 or SHA-256.
@frozen public struct Digest: Hashable, Sendable, CustomStringConvertible {
  var words: (UInt64, UInt64, UInt64, UInt64)

  public static let zero = Digest(words: (0, 0, 0, 0))

  init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

  /// The first 32 bytes of `bytes`.
  public init(_ bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count >= 32, "a digest is 32 bytes")
    words = bytes.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self)
  }

  /// Reads 64 hexadecimal digits; nil for anything else.
  public init?(hex: String) {
    let digits = Array(hex.utf8)
    guard digits.count == 64 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: 64, by: 2) {
      guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    self = bytes.withUnsafeBytes { Digest($0) }
  }

  public static func == (a: Digest, b: Digest) -> Bool { a.words == b.words }
  public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

  public func withBytes<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
    try withUnsafeBytes(of: words, body)
  }
  public var bytes: [UInt8] { withBytes { Array($0) } }
  public var description: String { withBytes { hexadecimal($0) } }
}

public func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}

private func nibble(_ digit: UInt8) -> UInt8? {
  switch digit {
  case 48...57: digit - 48
  case 97...102: digit - 87
  case 65...70: digit - 55
  default: nil
  }
}

/// 杂凑算法: SM3 (GB/T 32905-2016) by default, SHA-256 (FIPS 180-4) by choice. The number is written
/// into every frame.
public enum HashAlgorithm: UInt8, Sendable, CaseIterable {
  case sm3 = 1
  case sha256 = 2

  public init?(name: String) {
    guard let found = HashAlgorithm.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }
  public var name: String { self == .sm3 ? "sm3" : "sha256" }
}

/// Hashes with one algorithm; keeps its context, so that hashing allocates nothing. One per thread.
public final class Digester {
  public let algorithm: HashAlgorithm
  private let context: OpaquePointer
  private let method: OpaquePointer
  private var pair: [UInt8] = .init(repeating: 1, count: 65)

  public init(_ algorithm: HashAlgorithm) {
    self.algorithm = algorithm
    let name = algorithm == .sm3 ? "SM3" : "SHA2-256"
    guard let method = EVP_MD_fetch(nil, name, nil), let context = EVP_MD_CTX_new() else {
      preconditionFailure("OpenSSL offers no \(name): install OpenSSL 3 with its default provider")
    }
    self.method = method
    self.context = context
  }

  deinit {
    EVP_MD_CTX_free(context)
    EVP_MD_free(method)
  }

  /// The plain digest of some bytes.
  public func digest(_ bytes: UnsafeRawBufferPointer) -> Digest { run(prefix: nil, bytes) }
  public func digest(_ bytes: [UInt8]) -> Digest { bytes.withUnsafeBytes { digest($0) } }

  /// RFC 9162, 2.1.1: the hash of a leaf is H(0x00 || leaf).
  public func leaf(_ bytes: UnsafeRawBufferPointer) -> Digest { run(prefix: 0, bytes) }

  /// RFC 9162, 2.1.1: the hash of a node is H(0x01 || left || right).
  public func node(_ left: Digest, _ right: Digest) -> Digest {
    pair.withUnsafeMutableBytes { pair in
      left.withBytes {
        pair.baseAddress!.advanced(by: 1).copyMemory(from: $0.baseAddress!, byteCount: 32)
      }
      right.withBytes {
        pair.baseAddress!.advanced(by: 33).copyMemory(from: $0.baseAddress!, byteCount: 32)
      }
      return run(prefix: nil, UnsafeRawBufferPointer(pair))
    }
  }

  private func run(prefix: UInt8?, _ bytes: UnsafeRawBufferPointer) -> Digest {
    var result = Digest.zero
    var good = EVP_DigestInit_ex2(context, method, nil)
    if var prefix { good &= EVP_DigestUpdate(context, &prefix, 1) }
    good &= EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    withUnsafeMutableBytes(of: &result.words) {
      good &= EVP_DigestFinal_ex(context, $0.assumingMemoryBound(to: UInt8.self).baseAddress, nil)
    }
    precondition(good == 1, "OpenSSL failed to hash \(bytes.count) bytes")
    return result
  }
}

/// Hashes what comes in pieces.
public final class StreamDigest {
  private let context: OpaquePointer

  public init(_ algorithm: HashAlgorithm) {
    context = EVP_MD_CTX_new()
    let name = algorithm == .sm3 ? "SM3" : "SHA2-256"
    let method = EVP_MD_fetch(nil, name, nil)
    precondition(EVP_DigestInit_ex2(context, method, nil) == 1, "OpenSSL offers no \(name)")
    EVP_MD_free(method)
  }

  deinit { EVP_MD_CTX_free(context) }

  public func update(_ bytes: UnsafeRawBufferPointer) {
    precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "hashing failed")
  }

  /// The digest of all that came; nothing may come after.
  public func finish() -> Digest {
    var bytes = [UInt8](repeating: 0, count: 32)
    precondition(EVP_DigestFinal_ex(context, &bytes, nil) == 1, "hashing failed")
    return bytes.withUnsafeBytes { Digest($0) }
  }
}
