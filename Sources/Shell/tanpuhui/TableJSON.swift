// SPDX-License-Identifier: Apache-2.0

/// JSON as it is written: numbers keep their text, members keep their order.
///
/// A general decoder would make a Double of `1063.182149` and lose what the partner sent; here the
/// digits go on to `TableDecimal`. For maps and for JSON lines, not for the API's hot path.
indirect enum TableJSON: Equatable {
  case null
  case bool(Bool)
  case number(String)
  case text(String)
  case array([TableJSON])
  case object([Member])

  struct Member: Equatable {
    var name: String
    var value: TableJSON
  }

  struct Fault: Error, Equatable {
    var line: Int
    var column: Int
    var reason: String
  }

  static func read(_ bytes: some Collection<UInt8>) throws(Fault) -> TableJSON {
    var reader = Reader(bytes: Array(bytes))
    let value = try reader.value(depth: 0)
    reader.blanks()
    guard reader.at == reader.bytes.count else { throw reader.fault("text after the value") }
    return value
  }

  subscript(_ name: String) -> TableJSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// A value inside nested objects: `data.distance`.
  func at(path: String) -> TableJSON? {
    if let whole = self[path] { return whole }
    guard let dot = path.firstIndex(of: ".") else { return nil }
    return self[String(path[..<dot])]?.at(path: String(path[path.index(after: dot)...]))
  }

  private struct Reader {
    let bytes: [UInt8]
    var at = 0

    func fault(_ reason: String) -> Fault {
      let before = bytes[..<min(at, bytes.count)]
      let line = before.count { $0 == 10 } + 1
      let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
      return Fault(line: line, column: before.count - start + 1, reason: reason)
    }

    mutating func blanks() {
      while at < bytes.count, [32, 9, 10, 13].contains(bytes[at]) { at += 1 }
    }

    mutating func take(_ byte: Character) -> Bool {
      blanks()
      guard at < bytes.count, bytes[at] == byte.asciiValue else { return false }
      at += 1
      return true
    }

    mutating func value(depth: Int) throws(Fault) -> TableJSON {
      blanks()
      guard depth < 32 else { throw fault("more than 32 levels deep") }
      guard at < bytes.count else { throw fault("the text ends where a value is expected") }
      switch bytes[at] {
      case UInt8(ascii: "{"): return try object(depth)
      case UInt8(ascii: "["): return try array(depth)
      case UInt8(ascii: "\""): return .text(try string())
      case UInt8(ascii: "-"), 48...57: return try number()
      default:
        for (word, value) in [("true", .bool(true)), ("false", .bool(false)), ("null", .null)]
          as [(String, TableJSON)]
        where bytes[at...].starts(with: word.utf8) {
          at += word.utf8.count
          return value
        }
        throw fault("no JSON value begins here")
      }
    }

    mutating func object(_ depth: Int) throws(Fault) -> TableJSON {
      at += 1
      var members: [Member] = []
      if take("}") { return .object(members) }
      repeat {
        blanks()
        guard at < bytes.count, bytes[at] == 34 else { throw fault("a name in quotes is expected") }
        let name = try string()
        guard take(":") else { throw fault("a colon is expected after \"\(name)\"") }
        guard !members.contains(where: { $0.name == name }) else {
          throw fault("\"\(name)\" stands here twice")
        }
        members.append(Member(name: name, value: try value(depth: depth + 1)))
      } while take(",")
      guard take("}") else { throw fault("a comma or } is expected") }
      return .object(members)
    }

    mutating func array(_ depth: Int) throws(Fault) -> TableJSON {
      at += 1
      var values: [TableJSON] = []
      if take("]") { return .array(values) }
      repeat { values.append(try value(depth: depth + 1)) } while take(",")
      guard take("]") else { throw fault("a comma or ] is expected") }
      return .array(values)
    }

    mutating func number() throws(Fault) -> TableJSON {
      let start = at
      while at < bytes.count, bytes[at] >= 48 && bytes[at] <= 57 || "+-.eE".utf8.contains(bytes[at])
      { at += 1 }
      let text = String(decoding: bytes[start..<at], as: UTF8.self)
      guard TableDecimal(text) != nil else { throw fault("\(text) is not a number") }
      return .number(text)
    }

    mutating func string() throws(Fault) -> String {
      at += 1
      var text: [UInt8] = []
      while at < bytes.count, bytes[at] != 34 {
        guard bytes[at] >= 32 else { throw fault("a control character inside a string") }
        if bytes[at] == 92 {
          at += 1
          text.append(contentsOf: String(try escape()).utf8)
        } else {
          text.append(bytes[at])
          at += 1
        }
      }
      guard at < bytes.count else { throw fault("a string is not closed") }
      at += 1
      guard let result = String(validating: text, as: UTF8.self) else {
        throw fault("a string is not UTF-8")
      }
      return result
    }

    mutating func escape() throws(Fault) -> Unicode.Scalar {
      guard at < bytes.count else { throw fault("a string is not closed") }
      let plain: [UInt8: Unicode.Scalar] = [
        34: "\"", 92: "\\", 47: "/", 98: "\u{8}", 102: "\u{c}", 110: "\n", 114: "\r", 116: "\t",
      ]
      let kind = bytes[at]
      at += 1
      if let scalar = plain[kind] { return scalar }
      guard kind == UInt8(ascii: "u") else { throw fault("an unknown escape") }
      let high = try hexadecimal()
      if let scalar = Unicode.Scalar(high) { return scalar }
      guard high < 0xDC00, bytes[at...].starts(with: [92, 117]) else {
        throw fault("half a surrogate pair")
      }
      at += 2
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low),
        let scalar = Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
      else { throw fault("half a surrogate pair") }
      return scalar
    }

    mutating func hexadecimal() throws(Fault) -> UInt32 {
      guard at + 4 <= bytes.count,
        let text = String(validating: bytes[at..<at + 4], as: UTF8.self),
        text.allSatisfy(\.isHexDigit), let value = UInt32(text, radix: 16)
      else { throw fault("four hexadecimal digits are expected") }
      at += 4
      return value
    }
  }
}
