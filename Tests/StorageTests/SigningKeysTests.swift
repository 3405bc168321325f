// SPDX-License-Identifier: Apache-2.0
import Glibc
import Journal
import Storage
import Testing

/// Signatures that somebody else's program accepts, and that no other text bears.
@Suite struct SigningKeysTests {
  @Test func signaturesAreVerifiedByOpenSSL() throws {
    let folder = TrialFolder()
    let keys = try SigningKeys.openOrCreate(folder.path)
    let message = Array("碳普惠 head 42".utf8)
    #expect(write(message, folder.path + "/message") && write([], folder.path + "/nothing"))
    for algorithm in SignatureAlgorithm.allCases {
      let signature = keys.sign(message, algorithm)
      #expect(write(signature, folder.path + "/signature"))
      let name = algorithm.rawValue.lowercased()
      let customs =
        algorithm == .sm2 ? ["-digest", "sm3", "-pkeyopt", "distid:1234567812345678"] : []
      let verify =
        [
          "/usr/bin/openssl", "pkeyutl", "-verify", "-pubin", "-rawin", "-inkey",
          "\(folder.path)/\(name).public.pem", "-sigfile", folder.path + "/signature",
        ] + customs
      #expect(run(verify + ["-in", folder.path + "/message"]).status == 0)
      #expect(run(verify + ["-in", folder.path + "/nothing"]).status != 0)

      let publicKey = keys.publicKey(algorithm)
      #expect(
        SigningKeys.verify(message, signature: signature, publicKey: publicKey, algorithm))
      for index in signature.indices {
        var changed = signature
        changed[index] ^= 1
        #expect(
          !SigningKeys.verify(message, signature: changed, publicKey: publicKey, algorithm))
      }
      #expect(
        !SigningKeys.verify(message + [0], signature: signature, publicKey: publicKey, algorithm))
      #expect(!SigningKeys.verify(message, signature: signature, publicKey: "none", algorithm))
      var status = stat()
      #expect(stat("\(folder.path)/\(name).pem", &status) == 0 && status.st_mode & 0o777 == 0o600)
    }
    // The same keys the next time, and a damaged one is said to be one.
    let again = try SigningKeys.openOrCreate(folder.path)
    #expect(again.publicKey(.sm2) == keys.publicKey(.sm2))
    #expect(again.publicKey(.ed25519) == keys.publicKey(.ed25519))
    #expect(write(Array("nonsense".utf8), folder.path + "/sm2.pem"))
    let failure = #expect(throws: StoreFailure.self) {
      _ = try SigningKeys.openOrCreate(folder.path)
    }
    #expect(failure?.kind == .corrupt)
  }
}

func write(_ bytes: [UInt8], _ path: String) -> Bool {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  guard descriptor >= 0 else { return false }
  defer { close(descriptor) }
  return bytes.isEmpty || write(descriptor, bytes, bytes.count) == bytes.count
}
