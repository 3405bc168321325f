// SPDX-License-Identifier: Apache-2.0
// An inclusion proof as JSON, for programs of other people: `Examples/verify_inclusion.py` reads
// it.
//
//   {"fact":"<hex>","number":n,"indexInFrame":i,"factsInFrame":k,"pathInFrame":["<hex>",…],
//    "header":"<hex>","frameIndex":j,"pathInLog":["<hex>",…],
//    "head":{"mechanism":"…","algorithm":"sm3","frames":n,"facts":n,"root":"<hex>","time":"…",
//            "statement":"tanpuhui head v1\n…",
//            "signatures":{"ed25519":"<base64>","sm2":"<base64>"}}}

import Units

/// A signature over a head's statement, by the name of its algorithm: `ed25519`, `sm2`.
public struct HeadSignature: Sendable {
  public var name: String
  public var bytes: [UInt8]
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }
}

extension InclusionProof {
  /// UTF-8 JSON on one line, the same proof always the same bytes.
  public func json(signatures: [HeadSignature] = []) -> [UInt8] {
    var text = "{\"fact\":\"\(hexadecimal(fact))\",\"number\":\(number.raw)"
    text += ",\"indexInFrame\":\(indexInFrame),\"factsInFrame\":\(factsInFrame)"
    text += ",\"pathInFrame\":\(list(pathInFrame)),\"header\":\"\(hexadecimal(header))\""
    text += ",\"frameIndex\":\(frameIndex),\"pathInLog\":\(list(pathInLog))"
    text += ",\"head\":\(head.json(signatures: signatures))}"
    return Array(text.utf8)
  }

  private func list(_ digests: [Digest]) -> String {
    "[" + digests.map { "\"\($0)\"" }.joined(separator: ",") + "]"
  }
}

extension LogHead {
  /// The head alone, as it is published.
  public func json(signatures: [HeadSignature] = []) -> String {
    var text = "{\"mechanism\":\(quoted(mechanism)),\"algorithm\":\"\(algorithm.name)\""
    text += ",\"frames\":\(frames),\"facts\":\(facts),\"root\":\"\(root)\",\"time\":\"\(time)\""
    text += ",\"statement\":\(quoted(statement)),\"signatures\":{"
    text += signatures.map { "\(quoted($0.name)):\"\(base64($0.bytes))\"" }.joined(separator: ",")
    return text + "}}"
  }
}

private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": result += "\\\(scalar)"
    case "\n": result += "\\n"
    case _ where scalar.value < 32:
      let hex = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}

private func base64(_ bytes: [UInt8]) -> String {
  let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    var word = 0
    for index in 0..<3 { word = word << 8 | (index < group.count ? Int(group[start + index]) : 0) }
    for index in 0..<4 {
      text.append(index <= group.count ? digits[word >> (18 - 6 * index) & 63] : 61)
    }
  }
  return String(decoding: text, as: UTF8.self)
}
