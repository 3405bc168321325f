// SPDX-License-Identifier: Apache-2.0
// HTML. Text that is safe by type.
//
//   "<p>\(name)</p>"     literals are StaticString: a String that came from outside can't be one
//                        a String is escaped, an HTML is not, a Link stands where addresses stand
//
// Invariants
// - Every attribute's value is in double quotes; both kinds of quotes are escaped.
// - An address attribute (href, action, src) takes a Link and never a String: escaping would let
//   `javascript:` through. A debug build stops at the first page that tries.
// - No page has a script of its own, a style element or a style attribute: the content security
//   policy would refuse them. What must be sized is sized by SVG's own attributes.

package struct HTML: ExpressibleByStringInterpolation, Sendable {
  package private(set) var text: String

  package init() { text = "" }
  package init(stringLiteral value: StaticString) { text = value.description }
  package init(stringInterpolation made: StringInterpolation) { text = made.text }

  /// Escaped text: for the few places where a value is made before it is placed.
  package init(_ plain: String) { text = escaped(plain) }

  package var isEmpty: Bool { text.isEmpty }

  package static func + (a: HTML, b: HTML) -> HTML {
    var sum = a
    sum.text += b.text
    return sum
  }
  package static func += (a: inout HTML, b: HTML) { a.text += b.text }

  package struct StringInterpolation: StringInterpolationProtocol {
    var text = ""

    package init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + interpolationCount * 24)
    }

    package mutating func appendLiteral(_ literal: StaticString) { text += literal.description }
    package mutating func appendInterpolation(_ html: HTML) { text += html.text }
    package mutating func appendInterpolation(_ html: HTML?) { text += html?.text ?? "" }
    package mutating func appendInterpolation(_ parts: [HTML]) {
      for part in parts { text += part.text }
    }
    /// Disfavoured, so that a literal in a choice (`a ? "<b>" : ""`) is an HTML and not a String.
    @_disfavoredOverload
    package mutating func appendInterpolation(_ plain: String) {
      assert(!standsInAddress, "an address must be a Link, not a String: …\(text.suffix(40))")
      text += escaped(plain)
    }
    package mutating func appendInterpolation(_ number: some BinaryInteger) {
      text += String(number)
    }
    @_disfavoredOverload
    package mutating func appendInterpolation(_ link: Link) { text += escaped(link.text) }

    /// `\(each: rows, { row in "<tr>…</tr>" })`: the closure stands inside the parentheses.
    package mutating func appendInterpolation<Items: Sequence>(
      each items: Items, _ body: (Items.Element) -> HTML
    ) {
      for item in items { text += body(item).text }
    }
    package mutating func appendInterpolation(
      when condition: Bool, _ html: @autoclosure () -> HTML
    ) {
      if condition { text += html().text }
    }
    package mutating func appendInterpolation<Value>(
      some value: Value?, _ body: (Value) -> HTML
    ) {
      if let value { text += body(value).text }
    }

    private var standsInAddress: Bool {
      text.hasSuffix("href=\"") || text.hasSuffix("action=\"") || text.hasSuffix("src=\"")
    }
  }
}

/// An address within this site: literals as written, every value percent-encoded.
package struct Link: ExpressibleByStringInterpolation, Hashable, Sendable {
  package let text: String

  package init(stringLiteral value: StaticString) { text = value.description }
  package init(stringInterpolation made: StringInterpolation) { text = made.text }

  /// A path that came with a request, to go back to: nil for anything that leaves this site.
  package init?(local path: String) {
    let bytes = Array(path.utf8)
    guard bytes.first == 47, bytes.count < 2 || (bytes[1] != 47 && bytes[1] != 92),
      bytes.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 92 })
    else { return nil }
    text = path
  }

  package struct StringInterpolation: StringInterpolationProtocol {
    var text = ""
    package init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + interpolationCount * 12)
    }
    package mutating func appendLiteral(_ literal: StaticString) { text += literal.description }
    package mutating func appendInterpolation(_ value: String) { text += percentEncoded(value) }
    package mutating func appendInterpolation(_ number: some BinaryInteger) {
      text += String(number)
    }
    @_disfavoredOverload
    package mutating func appendInterpolation(_ link: Link) { text += link.text }
  }
}

/// Safe in text and between double quotes.
func escaped(_ plain: String) -> String {
  guard plain.utf8.contains(where: { $0 == 38 || $0 == 60 || $0 == 62 || $0 == 34 || $0 == 39 })
  else { return plain }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(plain.utf8.count + 16)
  for byte in plain.utf8 {
    switch byte {
    case 38: bytes += Array("&amp;".utf8)
    case 60: bytes += Array("&lt;".utf8)
    case 62: bytes += Array("&gt;".utf8)
    case 34: bytes += Array("&quot;".utf8)
    case 39: bytes += Array("&#39;".utf8)
    default: bytes.append(byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}

/// As one segment of a path or one value of a query (RFC 3986, unreserved stays).
func percentEncoded(_ value: String) -> String {
  let digits = Array("0123456789ABCDEF".utf8)
  var bytes: [UInt8] = []
  for byte in value.utf8 {
    switch byte {
    case 48...57, 65...90, 97...122, 45, 46, 95, 126: bytes.append(byte)
    default: bytes += [37, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
