// SPDX-License-Identifier: Apache-2.0
// HEAD. The lines before the body, kept as one block of bytes and the places of names and values.
//
//   GET ␣ /path?query ␣ HTTP/1.1 ␍␊ Host : ␣ a.example ␍␊ … ␍␊ ␍␊
//       ·             ·          ··      ·             ··        the parser put zeros here
//
// libmicrohttpd hands out pointers into its buffer. A name must start exactly two bytes after the
// value before it, and the head must end exactly four bytes after the last value. A bare line feed,
// a folded line, a zero inside of a line, two spaces in the first line: each breaks that sum, and
// the request is refused without knowing which it was.

package struct Head: Sendable {
  struct Entry: Sendable {
    var name: Range<Int>
    var value: Range<Int>
  }
  var bytes: [UInt8] = []
  var entries: [Entry] = []

  init() {}

  init(lines: [(name: String, value: String)]) {
    for (name, value) in lines {
      let start = bytes.count
      bytes += name.utf8
      let middle = bytes.count
      bytes += value.utf8
      entries.append(Entry(name: start..<middle, value: middle..<bytes.count))
    }
  }

  /// The first value of a name, in whatever case it was sent.
  package subscript(_ name: String) -> String? {
    for entry in entries where matches(entry.name, name) { return text(entry.value) }
    return nil
  }

  package func all(_ name: String) -> [String] {
    entries.filter { matches($0.name, name) }.map { text($0.value) }
  }

  /// Every line in order, as sent.
  package var lines: [(name: String, value: String)] {
    entries.map { (text($0.name), text($0.value)) }
  }

  /// Whether a comma-separated value names a word, ignoring case and parameters.
  package func lists(_ word: String, in name: String) -> Bool {
    all(name).contains { value in
      value.split(separator: ",").contains { item in
        let parts = item.split(separator: ";", omittingEmptySubsequences: false)
        guard trimmed(parts[0]).lowercased() == word else { return false }
        return !parts.dropFirst().contains { isZeroQuality($0) }
      }
    }
  }

  func count(of name: String) -> Int {
    entries.reduce(0) { $0 + (matches($1.name, name) ? 1 : 0) }
  }

  private func isZeroQuality(_ parameter: Substring) -> Bool {
    let text = trimmed(parameter).lowercased()
    return text.hasPrefix("q=0") && !text.dropFirst(3).contains { ("1"..."9").contains($0) }
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  private func matches(_ range: Range<Int>, _ name: String) -> Bool {
    guard range.count == name.utf8.count else { return false }
    return bytes.withUnsafeBufferPointer { bytes in
      var at = range.lowerBound
      for byte in name.utf8 {
        guard lowercase(bytes[at]) == lowercase(byte) else { return false }
        at += 1
      }
      return true
    }
  }
}

@inline(__always) func lowercase(_ byte: UInt8) -> UInt8 {
  byte &- 65 < 26 ? byte | 0x20 : byte
}

func trimmed(_ text: some StringProtocol) -> String {
  var rest = Substring(text)
  while rest.first == " " || rest.first == "\t" { rest = rest.dropFirst() }
  while rest.last == " " || rest.last == "\t" { rest = rest.dropLast() }
  return String(rest)
}

/// Why a request is refused before its body, or its body is.
struct Refusal: Error {
  var status: Int
  var sentence: String
  init(_ status: Int, _ sentence: String) {
    self.status = status
    self.sentence = sentence
  }
}

extension Head {
  /// Reads the block that starts with the method, once the parser below is through with it.
  ///
  /// `places` are the names and values in the order of the lines, as offsets into the block.
  init(
    block: UnsafeRawBufferPointer, places: [Entry], firstLine: Int
  ) throws(Refusal) {
    let malformed = Refusal(
      400, "The head of this request is not written as RFC 9112 asks: check its line ends.")
    var expected = firstLine
    var entries = places
    for index in places.indices {
      let (name, value) = (places[index].name, places[index].value)
      guard name.lowerBound == expected, !name.isEmpty, value.lowerBound > name.upperBound,
        value.upperBound + 4 <= block.count, block[value.upperBound] == 0,
        block[value.upperBound + 1] == 0
      else { throw malformed }
      guard block[name].allSatisfy({ isToken($0) }) else {
        throw Refusal(400, "A header's name has a character that no header's name may have.")
      }
      guard block[value].allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 9 }) else {
        throw Refusal(400, "A header's value has a control character in it.")
      }
      expected = value.upperBound + 2
      var end = value.upperBound
      while end > value.lowerBound, block[end - 1] == 32 || block[end - 1] == 9 { end -= 1 }
      entries[index].value = value.lowerBound..<end
    }
    guard expected + 2 == block.count else { throw malformed }
    self.init()
    self.bytes = Array(block)
    self.entries = entries
  }

  /// What RFC 9112 leaves no doubt about, and what smuggling lives on.
  func checkFraming(isHTTP11: Bool) throws(Refusal) {
    let hosts = count(of: "Host")
    guard hosts == 1 || (hosts == 0 && !isHTTP11) else {
      throw Refusal(400, "A request names its Host exactly once.")
    }
    if let host = self["Host"], !host.utf8.allSatisfy({ isHostByte($0) }) {
      throw Refusal(400, "The Host of this request is not the name of a host.")
    }
    let lengths = count(of: "Content-Length")
    let encodings = count(of: "Transfer-Encoding")
    guard lengths <= 1 else { throw Refusal(400, "A request states its Content-Length once.") }
    if let length = self["Content-Length"] {
      guard encodings == 0 else {
        throw Refusal(400, "A request has a Content-Length or a Transfer-Encoding, never both.")
      }
      guard !length.isEmpty, length.utf8.count <= 18,
        length.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 })
      else { throw Refusal(400, "Content-Length must be a plain decimal number.") }
    }
    guard encodings <= 1 else { throw Refusal(400, "A request has one Transfer-Encoding.") }
    if let encoding = self["Transfer-Encoding"] {
      guard isHTTP11 else { throw Refusal(400, "HTTP/1.0 has no Transfer-Encoding.") }
      guard encoding.lowercased() == "chunked" else {
        throw Refusal(501, "The only Transfer-Encoding here is chunked.")
      }
    }
  }
}

private func isToken(_ byte: UInt8) -> Bool {
  switch byte {
  case 48...57, 65...90, 94...122, 33, 35...39, 42, 43, 45, 46, 124, 126: true
  default: false
  }
}

private func isHostByte(_ byte: UInt8) -> Bool {
  switch byte {
  case 48...57, 65...90, 97...122, 45, 46, 58, 91, 93, 95, 37: true
  default: false
  }
}
