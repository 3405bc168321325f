// SPDX-License-Identifier: Apache-2.0
// HTTP MESSAGE SIGNATURES (RFC 9421), the verifying half.
//
//   Signature-Input: sig1=("@method" "@path" "content-digest");created=…;keyid="…"
//   Signature:       sig1=:base64:
//
//   components ──each looked up in the request──▶ signature base ──key──▶ right or not
//
// The base is rebuilt from what arrived here. `@signature-params` is taken as it was sent, byte for
// byte. Components that this program cannot see (trailers, parts of structured fields, another
// request) are refused rather than guessed.

import HTTP
import Storage
import Units

/// The parts of a request that a signature may cover.
package struct SignedRequest: Sendable {
  package var method: String
  package var scheme: String
  package var target: String
  package var headers: [(name: String, value: String)]

  package init(
    method: String, scheme: String, target: String, headers: [(name: String, value: String)]
  ) {
    self.method = method
    self.scheme = scheme
    self.target = target
    self.headers = headers
  }

  private var authority: String {
    let host = (header("host") ?? "").lowercased()
    let usual = scheme == "https" ? ":443" : ":80"
    return host.hasSuffix(usual) ? String(host.dropLast(usual.count)) : host
  }

  private var path: String {
    let path = String(target.prefix { $0 != "?" })
    return path.isEmpty ? "/" : path
  }

  private var query: String {
    guard let mark = target.firstIndex(of: "?") else { return "?" }
    return String(target[mark...])
  }

  /// Lines of one name joined by a comma and a space, each without spaces around it.
  func header(_ name: String) -> String? {
    let values = headers.filter { $0.name.lowercased() == name }.map { line in
      let value = line.value.drop { $0 == " " || $0 == "\t" }
      return String(value.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
    return values.isEmpty ? nil : values.joined(separator: ", ")
  }

  /// Nil for a component that is not there, or that cannot be covered here.
  func value(_ component: String) -> String? {
    switch component {
    case "@method": method
    case "@target-uri": "\(scheme)://\(authority)\(target)"
    case "@authority": authority
    case "@scheme": scheme
    case "@request-target": target
    case "@path": path
    case "@query": query
    default: component.hasPrefix("@") ? nil : header(component)
    }
  }
}

/// One signature as it was sent.
package struct MessageSignature: Sendable {
  package var components: [String]
  /// As sent: what stands behind the label.
  package var parameters: String
  package var created: Int64?
  package var expires: Int64?
  package var keyID: String?
  package var algorithm: String?
  package var nonce: String?
  package var bytes: [UInt8]

  /// The signatures of a request by label; nil where the two headers cannot be read or do not
  /// belong together.
  package static func all(_ request: SignedRequest) -> [String: MessageSignature]? {
    guard let input = request.header("signature-input"),
      let signatures = request.header("signature"),
      let inputs = members(input), let values = members(signatures), !inputs.isEmpty
    else { return nil }
    var found: [String: MessageSignature] = [:]
    for (label, text) in inputs {
      guard let value = values.first(where: { $0.label == label })?.text, value.count > 2,
        value.hasPrefix(":"), value.hasSuffix(":"),
        let bytes = Storage.bytes(base64: String(value.dropFirst().dropLast())),
        var signature = MessageSignature(parameters: text)
      else { return nil }
      signature.bytes = bytes
      found[label] = signature
    }
    return found
  }

  /// Members of a dictionary of structured fields: commas within quotes and lists do not part them.
  private static func members(_ text: String) -> [(label: String, text: String)]? {
    var members: [(String, String)] = []
    var current = ""
    var isQuoted = false
    for character in text + "," {
      if character == "\"" { isQuoted.toggle() }
      if character == ",", !isQuoted {
        let piece = current.drop { $0 == " " || $0 == "\t" }
        guard let equals = piece.firstIndex(of: "=") else { return nil }
        members.append((String(piece[..<equals]), String(piece[piece.index(after: equals)...])))
        current = ""
      } else {
        current.append(character)
      }
    }
    return isQuoted ? nil : members
  }

  /// `("@method" "content-digest");created=1;keyid="k"`
  init?(parameters text: String) {
    guard text.hasPrefix("("), let end = text.firstIndex(of: ")") else { return nil }
    parameters = text
    components = []
    bytes = []
    for item in text[text.index(after: text.startIndex)..<end].split(separator: " ") {
      guard item.count > 2, item.hasPrefix("\""), item.hasSuffix("\"") else { return nil }
      let name = String(item.dropFirst().dropLast())
      let isName = name.utf8.allSatisfy {
        (97...122).contains($0) || (48...57).contains($0) || "@-_.".utf8.contains($0)
      }
      guard isName, !components.contains(name) else { return nil }
      components.append(name)
    }
    for parameter in text[text.index(after: end)...].split(separator: ";") {
      let parts = parameter.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { return nil }
      var word = parts[1]
      let isText = word.count >= 2 && word.hasPrefix("\"") && word.hasSuffix("\"")
      if isText { word = String(word.dropFirst().dropLast()) }
      switch parts[0] {
      case "created":
        guard !isText, let number = Int64(word) else { return nil }
        created = number
      case "expires":
        guard !isText, let number = Int64(word) else { return nil }
        expires = number
      case "keyid" where isText: keyID = word
      case "alg" where isText: algorithm = word
      case "nonce" where isText: nonce = word
      case "tag" where isText: break
      default: return nil
      }
    }
  }

  /// What was signed; nil where a covered component is not in the request.
  package func base(_ request: SignedRequest) -> [UInt8]? {
    var lines = ""
    for component in components {
      guard let value = request.value(component) else { return nil }
      lines += "\"\(component)\": \(value)\n"
    }
    return Array((lines + "\"@signature-params\": \(parameters)").utf8)
  }
}
