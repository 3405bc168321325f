// SPDX-License-Identifier: Apache-2.0

/// JSON to be written: objects keep the order they are given in, so that answers read well.
package indirect enum JSON: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  case text(String)
  case integer(Int64)
  case truth(Bool)
  case list([JSON])
  case object([(String, JSON)])
  case null

  package init(stringLiteral value: String) { self = .text(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(booleanLiteral value: Bool) { self = .truth(value) }
  package init(arrayLiteral elements: JSON...) { self = .list(elements) }
  package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements) }

  package static func number(_ value: some BinaryInteger) -> JSON { .integer(Int64(value)) }

  package var bytes: [UInt8] {
    var out: [UInt8] = []
    write(to: &out)
    return out
  }

  private func write(to out: inout [UInt8]) {
    switch self {
    case .text(let value): JSON.quote(value, &out)
    case .integer(let value): out += Array(String(value).utf8)
    case .truth(let value): out += Array((value ? "true" : "false").utf8)
    case .null: out += Array("null".utf8)
    case .list(let items):
      out.append(91)
      for (index, item) in items.enumerated() {
        if index > 0 { out.append(44) }
        item.write(to: &out)
      }
      out.append(93)
    case .object(let pairs):
      out.append(123)
      for (index, pair) in pairs.enumerated() {
        if index > 0 { out.append(44) }
        JSON.quote(pair.0, &out)
        out.append(58)
        pair.1.write(to: &out)
      }
      out.append(125)
    }
  }

  static func quote(_ text: String, _ out: inout [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    out.append(34)
    for byte in text.utf8 {
      switch byte {
      case 34: out += [92, 34]
      case 92: out += [92, 92]
      case 10: out += [92, 110]
      case 13: out += [92, 114]
      case 9: out += [92, 116]
      case 0..<32: out += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: out.append(byte)
      }
    }
    out.append(34)
  }
}
