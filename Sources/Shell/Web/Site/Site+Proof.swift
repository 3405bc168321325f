// SPDX-License-Identifier: Apache-2.0
// Whether a partner's request is proved by a signature, where it carries one or has to.
//
//   key ──▶ terms: must it be signed? ──▶ one signature by a key of this partner
//       ──▶ covers method, address and body ──▶ fresh ──▶ right ──▶ not seen before
//
// What was seen is remembered for as long as a signature is fresh, in memory: a restart forgets it,
// and what is sent again within those minutes changes nothing, because every id counts once.

import HTTP
import Storage
import Synchronization
import Units

/// Signatures taken within the window in which they are fresh.
final class SignaturesSeen: Sendable {
  /// More than this at once: the oldest are forgotten first. A partner with a signature a
  /// millisecond fills it in five minutes.
  static let countMax = 300_000
  private struct Memory {
    var until: [[UInt8]: Int64] = [:]
    var order: [(until: Int64, signature: [UInt8])] = []
    var first = 0
  }
  private let memory = Mutex(Memory())

  /// False for a signature that was taken before and is still fresh.
  func take(_ signature: [UInt8], until: Int64, at now: Int64) -> Bool {
    memory.withLock { memory in
      while memory.first < memory.order.count,
        memory.order[memory.first].until < now
          || memory.order.count - memory.first > SignaturesSeen.countMax
      {
        memory.until[memory.order[memory.first].signature] = nil
        memory.first += 1
      }
      if memory.first > 100_000 {
        memory.order.removeFirst(memory.first)
        memory.first = 0
      }
      if let known = memory.until[signature], known >= now { return false }
      memory.until[signature] = until
      memory.order.append((until, signature))
      return true
    }
  }
}

extension Site {
  /// A signature is taken for this long after it was made, and may be this much from the future.
  static let signatureWindow: Int64 = 300
  static let signatureSkew: Int64 = 60

  /// Throws what is wrong with the proof of a partner's request.
  func prove(_ call: Call, _ key: PartnerKey) throws {
    let request = SignedRequest(
      method: call.request.method.rawValue, scheme: settings.isSecure ? "https" : "http",
      target: call.request.target, headers: call.request.headers.lines)
    let isSigned = request.header("signature-input") != nil || request.header("signature") != nil
    guard isSigned else {
      if vault.terms(mechanism: key.mechanism, partner: key.partner).requiresSignature {
        throw Trouble.unsigned
      }
      return
    }
    guard let all = MessageSignature.all(request) else { throw Trouble.signatureUnreadable }
    let known = all.values.compactMap { signature in
      signature.keyID.flatMap { vault.verifier($0, of: key) }.map { (signature, $0) }
    }
    guard let (signature, verifier) = known.first, known.count == 1 else {
      throw Trouble.signatureKeyUnknown
    }
    try covers(signature, call.request)
    let until = try fresh(signature, call.now.seconds)
    if let named = signature.algorithm, named != verifier.algorithm.rawValue {
      throw Trouble.signatureWrong
    }
    guard let base = signature.base(request),
      verifier.verify(base, signature: signature.bytes)
    else { throw Trouble.signatureWrong }
    // What was signed, not the signature: of one message some algorithms make many.
    let name = Digest.sha256.hash(Array(verifier.keyID.utf8) + [0] + base)
    guard seen.take(name, until: until, at: call.now.seconds) else {
      throw Trouble.signatureReplayed
    }
  }

  private func covers(_ signature: MessageSignature, _ request: Request) throws {
    let names = Set(signature.components)
    let address =
      names.contains("@target-uri")
      || names.contains("@authority")
        && (names.contains("@request-target")
          || names.contains("@path")
            && (names.contains("@query") || !request.target.contains("?")))
    let hasBody = request.method == .post
    guard names.contains("@method"), address, !hasBody || names.contains("content-digest") else {
      throw Trouble.signatureCoversTooLittle
    }
    guard hasBody else { return }
    // A digest is of the body as it travels, and here it has been unpacked.
    if request.headers["Content-Encoding"] != nil { throw Trouble.signedAndPacked }
    let field = request.headers.all("Content-Digest").joined(separator: ", ")
    guard ContentDigest.matches(field, request.body) else { throw Trouble.digestWrong }
  }

  /// Until when the signature is fresh, in seconds.
  private func fresh(_ signature: MessageSignature, _ now: Int64) throws -> Int64 {
    guard let created = signature.created else { throw Trouble.signatureStale }
    let until = min(
      created + Site.signatureWindow, signature.expires ?? created + Site.signatureWindow)
    guard created <= now + Site.signatureSkew, until >= now else { throw Trouble.signatureStale }
    return until
  }
}

extension Trouble {
  static let unsigned = Trouble(
    401, "signature-missing", "该平台约定请求须签名（RFC 9421），请带上 Signature-Input 和 Signature。",
    "This partner's requests must be signed (RFC 9421): send Signature-Input and Signature.")
  static let signatureUnreadable = Trouble(
    401, "signature-unreadable", "签名头无法读取。请按 RFC 9421 书写，并只覆盖文档列出的组件。",
    "The signature's headers can't be read. Write them as RFC 9421 says, with the components that "
      + "Docs/partners.md lists.")
  static let signatureKeyUnknown = Trouble(
    401, "signature-key-unknown", "没有一个签名用的是本平台有效的签名密钥。请核对 keyid。",
    "No signature, or more than one, is by a signing key of this partner that holds: check keyid.")
  static let signatureCoversTooLittle = Trouble(
    401, "signature-covers-too-little",
    "签名至少要覆盖 @method、地址（@target-uri，或 @authority、@path 与 @query），有请求体时还要 content-digest。",
    "A signature covers at least @method, the address (@target-uri, or @authority, @path and "
      + "@query), and content-digest where there is a body.")
  static let signedAndPacked = Trouble(
    415, "signed-and-packed", "签名的请求体请不要压缩。", "Send a signed body unpacked.")
  static let digestWrong = Trouble(
    401, "digest-wrong", "Content-Digest 与请求体不符（可用 sha-256 或 sha-512）。",
    "Content-Digest is not the body's (sha-256 or sha-512).")
  static let signatureStale = Trouble(
    401, "signature-stale", "签名没有 created，或不在五分钟有效期内。请校准时钟后重新签名。",
    "The signature has no `created`, or is not within its five minutes. Set the clock right and "
      + "sign again.")
  static let signatureWrong = Trouble(
    401, "signature-wrong", "签名不正确。请核对密钥、算法和签名基串。",
    "The signature is wrong. Check key, algorithm and signature base.")
  static let signatureReplayed = Trouble(
    401, "signature-replayed", "这个签名已用过一次。请用新的 created 或 nonce 重新签名。",
    "This signature was taken before. Sign again with a new `created` or `nonce`.")
}
