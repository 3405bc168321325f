// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Glibc

/// Which family of algorithms a vault seals with. Chosen when the vault is made, kept with it.
package enum Suite: UInt8, Sendable {
  /// AES-256-GCM, HMAC-SHA256, SHA-256.
  case international = 1
  /// 国密: SM4-CTR with HMAC-SM3, SM3. (OpenSSL 3.0 has no SM4-GCM.)
  case national = 2

  package var digest: Digest { self == .international ? .sha256 : .sm3 }
}

/// Seals bytes under a key of 32 bytes, so that they can be neither read nor moved elsewhere.
///
///     sealed = suite (1) ‖ nonce (12 or 16) ‖ ciphertext ‖ tag (16 or 32)
///
/// `place` is authenticated with the bytes but not stored: the name of the row and column. A sealed
/// field that somebody copies into another person's row does not open there.
package enum Cipher {
  package static func seal(
    _ plain: UnsafeRawBufferPointer, key: [UInt8], place: String, suite: Suite
  ) -> [UInt8] {
    precondition(key.count == 32, "a key has 32 bytes")
    switch suite {
    case .international:
      let nonce = randomBytes(12)
      let (text, tag) = galois(plain, key, nonce, Array(place.utf8))
      return [suite.rawValue] + nonce + text + tag
    case .national:
      let nonce = randomBytes(16)
      let text = counter(plain, nationalKey(key), nonce)
      return [suite.rawValue] + nonce + text + nationalTag(key, nonce, text, place)
    }
  }

  package static func seal(_ plain: [UInt8], key: [UInt8], place: String, suite: Suite) -> [UInt8] {
    plain.withUnsafeBytes { seal($0, key: key, place: place, suite: suite) }
  }

  /// The bytes, or nil where key, place or bytes are not those that were sealed.
  package static func open(_ sealed: [UInt8], key: [UInt8], place: String) -> [UInt8]? {
    guard let first = sealed.first, let suite = Suite(rawValue: first) else { return nil }
    switch suite {
    case .international:
      guard sealed.count >= 1 + 12 + 16 else { return nil }
      return openGalois(sealed, key, Array(place.utf8))
    case .national:
      guard sealed.count >= 1 + 16 + 32 else { return nil }
      let nonce = Array(sealed[1..<17])
      let text = Array(sealed[17..<(sealed.count - 32)])
      let tag = Array(sealed[(sealed.count - 32)...])
      guard equalInConstantTime(tag, nationalTag(key, nonce, text, place)) else { return nil }
      return text.withUnsafeBytes { counter($0, nationalKey(key), nonce) }
    }
  }

  private static func galois(
    _ plain: UnsafeRawBufferPointer, _ key: [UInt8], _ nonce: [UInt8], _ place: [UInt8]
  ) -> ([UInt8], [UInt8]) {
    let context = EVP_CIPHER_CTX_new()
    defer { EVP_CIPHER_CTX_free(context) }
    var text = [UInt8](repeating: 0, count: plain.count)
    var tag = [UInt8](repeating: 0, count: 16)
    var count: Int32 = 0
    var code = EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce)
    code &= EVP_EncryptUpdate(context, nil, &count, place, Int32(place.count))
    if !plain.isEmpty {
      code &= EVP_EncryptUpdate(
        context, &text, &count, plain.bindMemory(to: UInt8.self).baseAddress, Int32(plain.count))
    }
    var rest = [UInt8](repeating: 0, count: 16)
    code &= EVP_EncryptFinal_ex(context, &rest, &count)
    code &= EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag)
    precondition(code == 1, "AES-256-GCM failed to seal")
    return (text, tag)
  }

  private static func openGalois(
    _ sealed: [UInt8], _ key: [UInt8], _ place: [UInt8]
  ) -> [UInt8]? {
    let context = EVP_CIPHER_CTX_new()
    defer { EVP_CIPHER_CTX_free(context) }
    let text = Array(sealed[13..<(sealed.count - 16)])
    var tag = Array(sealed[(sealed.count - 16)...])
    var plain = [UInt8](repeating: 0, count: text.count)
    var count: Int32 = 0
    var rest = [UInt8](repeating: 0, count: 16)
    guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, Array(sealed[1..<13])) == 1,
      EVP_DecryptUpdate(context, nil, &count, place, Int32(place.count)) == 1,
      text.isEmpty
        || EVP_DecryptUpdate(context, &plain, &count, text, Int32(text.count)) == 1,
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, &tag) == 1,
      EVP_DecryptFinal_ex(context, &rest, &count) == 1
    else { return nil }
    return plain
  }

  /// SM4 in counter mode: sealing and opening are the same.
  private static func counter(
    _ bytes: UnsafeRawBufferPointer, _ key: [UInt8], _ nonce: [UInt8]
  ) -> [UInt8] {
    let context = EVP_CIPHER_CTX_new()
    defer { EVP_CIPHER_CTX_free(context) }
    var result = [UInt8](repeating: 0, count: bytes.count)
    var count: Int32 = 0
    var code = EVP_EncryptInit_ex(context, EVP_sm4_ctr(), nil, key, nonce)
    if !bytes.isEmpty {
      code &= EVP_EncryptUpdate(
        context, &result, &count, bytes.bindMemory(to: UInt8.self).baseAddress, Int32(bytes.count))
    }
    precondition(code == 1, "SM4-CTR failed")
    return result
  }

  private static func nationalKey(_ key: [UInt8]) -> [UInt8] {
    Array(Digest.sm3.authenticate(Array("cipher".utf8), key: key)[0..<16])
  }

  private static func nationalTag(
    _ key: [UInt8], _ nonce: [UInt8], _ text: [UInt8], _ place: String
  ) -> [UInt8] {
    let tagging = Digest.sm3.authenticate(Array("tag".utf8), key: key)
    let name = Array(place.utf8)
    // The length keeps apart what is the name and what is the text.
    let length = withUnsafeBytes(of: UInt64(name.count).bigEndian) { Array($0) }
    return Digest.sm3.authenticate(length + name + nonce + text, key: tagging)
  }
}
