// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Glibc
import Journal

/// How a journal's head is signed.
package enum SignatureAlgorithm: String, CaseIterable, Sendable {
  case ed25519 = "ED25519"
  /// 国密 SM2 with SM3; the signature is DER, the signer's id the customary 1234567812345678.
  case sm2 = "SM2"
}

/// A mechanism's two keys: `ed25519.pem` and `sm2.pem`, private, mode 0600, and beside each the
/// public one, `ed25519.public.pem`, to give away.
package final class SigningKeys: @unchecked Sendable {  // OpenSSL's keys are read only after init
  private let ed25519: SigningKey
  private let sm2: SigningKey

  private init(_ ed25519: SigningKey, _ sm2: SigningKey) {
    self.ed25519 = ed25519
    self.sm2 = sm2
  }

  package static func openOrCreate(_ folder: String) throws(StoreFailure) -> SigningKeys {
    try SigningKeys(
      SigningKey.openOrCreate(folder, .ed25519), SigningKey.openOrCreate(folder, .sm2))
  }

  /// The public halves alone, to verify by: all that an auditor's copy of a folder holds.
  package static func published(in folder: String) throws(StoreFailure) -> SigningKeys {
    try SigningKeys(
      SigningKey.published(folder, .ed25519), SigningKey.published(folder, .sm2))
  }

  package func sign(_ message: [UInt8], _ algorithm: SignatureAlgorithm) -> [UInt8] {
    key(algorithm).sign(message)
  }

  package func publicKey(_ algorithm: SignatureAlgorithm) -> String {
    key(algorithm).publicText
  }

  /// False for a wrong signature, and for a text that is not such a key.
  package static func verify(
    _ message: [UInt8], signature: [UInt8], publicKey: String, _ algorithm: SignatureAlgorithm
  ) -> Bool {
    guard let key = SigningKey(publicText: publicKey, algorithm) else { return false }
    return key.verify(message, signature)
  }

  /// Whether a text is a public key of this algorithm.
  package static func isPublicKey(_ text: String, _ algorithm: SignatureAlgorithm) -> Bool {
    SigningKey(publicText: text, algorithm) != nil
  }

  private func key(_ algorithm: SignatureAlgorithm) -> SigningKey {
    algorithm == .sm2 ? sm2 : ed25519
  }
}

private final class SigningKey {
  private let handle: OpaquePointer
  private let algorithm: SignatureAlgorithm

  private init(_ handle: OpaquePointer, _ algorithm: SignatureAlgorithm) {
    self.handle = handle
    self.algorithm = algorithm
  }

  deinit { EVP_PKEY_free(handle) }

  static func openOrCreate(
    _ folder: String, _ algorithm: SignatureAlgorithm
  ) throws(StoreFailure) -> SigningKey {
    let path = "\(folder)/\(algorithm.rawValue.lowercased())"
    if !Files.exists(path + ".pem") {
      let made = generate(algorithm)
      try Files.write(
        made.text { PEM_write_bio_PrivateKey($0, made.handle, nil, nil, 0, nil, nil) },
        to: path + ".pem", mode: 0o600)
    }
    let text = try Files.readSecret(path + ".pem")
    let buffer = BIO_new_mem_buf(text, Int32(text.count))
    defer { BIO_free(buffer) }
    guard let handle = PEM_read_bio_PrivateKey(buffer, nil, nil, nil),
      EVP_PKEY_is_a(handle, algorithm.rawValue) == 1
    else {
      throw StoreFailure(
        .corrupt, "read the signing key \(path).pem",
        cause: "it is not a private key of \(algorithm.rawValue)",
        advice: "Restore it from a backup, or move it away and publish the new public key.")
    }
    let key = SigningKey(handle, algorithm)
    if !Files.exists(path + ".public.pem") {
      try Files.write(Array(key.publicText.utf8), to: path + ".public.pem", mode: 0o644)
    }
    return key
  }

  static func published(
    _ folder: String, _ algorithm: SignatureAlgorithm
  ) throws(StoreFailure) -> SigningKey {
    let path = "\(folder)/\(algorithm.rawValue.lowercased()).public.pem"
    let text = String(decoding: try Files.read(path), as: UTF8.self)
    guard let key = SigningKey(publicText: text, algorithm) else {
      throw StoreFailure(
        .corrupt, "read the public key \(path)",
        cause: "it is not a public key of \(algorithm.rawValue)",
        advice: "Restore it from a backup, or get it from whoever signs.")
    }
    return key
  }

  init?(publicText: String, _ algorithm: SignatureAlgorithm) {
    let text = Array(publicText.utf8)
    let buffer = BIO_new_mem_buf(text, Int32(text.count))
    defer { BIO_free(buffer) }
    guard let handle = PEM_read_bio_PUBKEY(buffer, nil, nil, nil) else {
      ERR_clear_error()
      return nil
    }
    guard EVP_PKEY_is_a(handle, algorithm.rawValue) == 1 else {
      EVP_PKEY_free(handle)
      return nil
    }
    self.handle = handle
    self.algorithm = algorithm
  }

  var publicText: String {
    String(decoding: text { PEM_write_bio_PUBKEY($0, handle) }, as: UTF8.self)
  }

  func sign(_ message: [UInt8]) -> [UInt8] {
    withContext { context, digest in
      var count = 0
      var code = EVP_DigestSignInit(context, nil, digest, nil, handle)
      code &= EVP_DigestSign(context, nil, &count, message, message.count)
      var signature = [UInt8](repeating: 0, count: count)
      code &= EVP_DigestSign(context, &signature, &count, message, message.count)
      precondition(code == 1, "OpenSSL failed to sign by \(algorithm.rawValue)")
      return Array(signature[0..<count])
    }
  }

  func verify(_ message: [UInt8], _ signature: [UInt8]) -> Bool {
    withContext { context, digest in
      let right =
        EVP_DigestVerifyInit(context, nil, digest, nil, handle) == 1
        && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
      ERR_clear_error()
      return right
    }
  }

  /// OpenSSL 3.0 leaves the signer's id of SM2 empty, which nobody else's programs expect.
  private func withContext<R>(_ body: (OpaquePointer?, OpaquePointer?) -> R) -> R {
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    guard algorithm == .sm2 else { return body(context, nil) }
    let parameters = EVP_PKEY_CTX_new_from_pkey(nil, handle, nil)
    defer { EVP_PKEY_CTX_free(parameters) }
    let identity = Array("1234567812345678".utf8)
    let code = EVP_PKEY_CTX_set1_id(parameters, identity, Int32(identity.count))
    precondition(code == 1, "OpenSSL refused the signer's id of SM2")
    EVP_MD_CTX_set_pkey_ctx(context, parameters)
    return body(context, EVP_sm3())
  }

  private static func generate(_ algorithm: SignatureAlgorithm) -> SigningKey {
    let context = EVP_PKEY_CTX_new_from_name(nil, algorithm.rawValue, nil)
    defer { EVP_PKEY_CTX_free(context) }
    var made: OpaquePointer?
    let code = EVP_PKEY_keygen_init(context) == 1 && EVP_PKEY_generate(context, &made) == 1
    guard code, let made else {
      preconditionFailure("OpenSSL cannot make a key of \(algorithm.rawValue)")
    }
    return SigningKey(made, algorithm)
  }

  private func text(_ write: (OpaquePointer?) -> Int32) -> [UInt8] {
    let buffer = BIO_new(BIO_s_mem())
    defer { BIO_free(buffer) }
    let code = write(buffer)
    precondition(code == 1, "OpenSSL cannot write a key as text")
    var text = [UInt8](repeating: 0, count: Int(BIO_ctrl_pending(buffer)))
    let count = BIO_read(buffer, &text, Int32(text.count))
    return Array(text[0..<max(0, Int(count))])
  }
}
