// SPDX-License-Identifier: Apache-2.0
import CEvents
import Units

/// Decodes bodies as slowly and plainly as can be, to be compared with the fast decoder. It shares
/// no code with it: JSON becomes a tree, and only then events.
struct NaiveDecoder {
  indirect enum Tree {
    /// `isUnicode` is false where bytes or surrogates made no character.
    case text(String, isUnicode: Bool)
    case number([UInt8])
    case object([(name: String, value: Tree)])
    case array([Tree])
    case null
    case bool
  }
  struct NotJSON: Error {}

  private var bytes: ArraySlice<UInt8>
  private var depth = 0

  /// Nil for a body that is refused.
  static func decode(_ body: [UInt8], _ kind: tph_body_kind) -> [Event]? {
    var body = body
    if body.starts(with: [0xEF, 0xBB, 0xBF]) { body.removeFirst(3) }
    do {
      switch kind {
      case TPH_BODY_LINES:
        var events: [Event] = []
        for (number, line) in body.split(separator: 10, omittingEmptySubsequences: false)
          .enumerated()
        {
          if line.allSatisfy({ [32, 9, 13].contains($0) }) { continue }
          var event = event(try tree(line))
          event.index = events.count
          event.line = number + 1
          events.append(event)
        }
        return events
      case TPH_BODY_SINGLE:
        guard case .object(let members) = try tree(body[...]) else { return nil }
        return [event(.object(members))]
      default:
        guard case .array(let trees) = try tree(body[...]) else { return nil }
        return trees.enumerated().map {
          var event = event($1)
          event.index = $0
          return event
        }
      }
    } catch {
      return nil
    }
  }

  // MARK: JSON

  private static func tree(_ bytes: ArraySlice<UInt8>) throws -> Tree {
    var reader = NaiveDecoder(bytes: bytes)
    let tree = try reader.value()
    reader.space()
    guard reader.bytes.isEmpty else { throw NotJSON() }
    return tree
  }

  private mutating func space() { bytes = bytes.drop { [32, 9, 10, 13].contains($0) } }

  private mutating func take() throws -> UInt8 {
    guard let byte = bytes.popFirst() else { throw NotJSON() }
    return byte
  }

  private mutating func expect(_ text: String) throws {
    for byte in text.utf8 { guard try take() == byte else { throw NotJSON() } }
  }

  private mutating func value() throws -> Tree {
    space()
    switch bytes.first {
    case UInt8(ascii: "\""): return try text()
    case UInt8(ascii: "{"): return try nested { try $0.object() }
    case UInt8(ascii: "["): return try nested { try $0.array() }
    case UInt8(ascii: "t"):
      try expect("true")
      return .bool
    case UInt8(ascii: "f"):
      try expect("false")
      return .bool
    case UInt8(ascii: "n"):
      try expect("null")
      return .null
    default: return try number()
    }
  }

  private mutating func nested(_ read: (inout NaiveDecoder) throws -> Tree) throws -> Tree {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 64 else { throw NotJSON() }
    _ = try take()
    return try read(&self)
  }

  private mutating func object() throws -> Tree {
    var members: [(name: String, value: Tree)] = []
    space()
    if bytes.first == UInt8(ascii: "}") { return (bytes.removeFirst(), Tree.object([])).1 }
    while true {
      space()
      guard bytes.first == UInt8(ascii: "\""), case .text(let name, _) = try text() else {
        throw NotJSON()
      }
      space()
      try expect(":")
      members.append((name, try value()))
      space()
      switch try take() {
      case UInt8(ascii: ","): continue
      case UInt8(ascii: "}"): return .object(members)
      default: throw NotJSON()
      }
    }
  }

  private mutating func array() throws -> Tree {
    var elements: [Tree] = []
    space()
    if bytes.first == UInt8(ascii: "]") { return (bytes.removeFirst(), Tree.array([])).1 }
    while true {
      elements.append(try value())
      space()
      switch try take() {
      case UInt8(ascii: ","): continue
      case UInt8(ascii: "]"): return .array(elements)
      default: throw NotJSON()
      }
    }
  }

  private mutating func number() throws -> Tree {
    let token = Array(bytes.prefix { "+-.eE0123456789".utf8.contains($0) })
    let text = String(decoding: token, as: UTF8.self)
    guard text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/) != nil else {
      throw NotJSON()
    }
    bytes.removeFirst(token.count)
    return .number(token)
  }

  private mutating func text() throws -> Tree {
    _ = try take()
    var units: [UInt16] = []
    var isUnicode = true
    var plain: [UInt8] = []
    func flushed() -> [UInt16] {
      let text = String(validating: plain, as: UTF8.self)
      if text == nil { isUnicode = false }
      // What is no UTF-8 becomes a question mark a byte: the reference tries each byte.
      return Array((text ?? NaiveDecoder.questioned(plain)).utf16)
    }
    while true {
      let byte = try take()
      guard byte >= 32 else { throw NotJSON() }
      if byte != UInt8(ascii: "\\"), byte != UInt8(ascii: "\"") {
        plain.append(byte)
        continue
      }
      units += flushed()
      plain = []
      if byte == UInt8(ascii: "\"") { break }
      units.append(try escape())
    }
    let text = String(decoding: units, as: UTF16.self)
    if String(validating: units, as: UTF16.self) == nil { isUnicode = false }
    return .text(text, isUnicode: isUnicode)
  }

  private mutating func escape() throws -> UInt16 {
    switch try take() {
    case UInt8(ascii: "\""): return 34
    case UInt8(ascii: "\\"): return 92
    case UInt8(ascii: "/"): return 47
    case UInt8(ascii: "b"): return 8
    case UInt8(ascii: "f"): return 12
    case UInt8(ascii: "n"): return 10
    case UInt8(ascii: "r"): return 13
    case UInt8(ascii: "t"): return 9
    case UInt8(ascii: "u"):
      let digits = String(
        decoding: [try take(), try take(), try take(), try take()], as: UTF8.self)
      guard digits.wholeMatch(of: /[0-9a-fA-F]{4}/) != nil else { throw NotJSON() }
      return UInt16(digits, radix: 16)!
    default: throw NotJSON()
    }
  }

  private static func questioned(_ bytes: [UInt8]) -> String {
    var rest = bytes[...]
    var text = ""
    while !rest.isEmpty {
      let length = (1...4).first {
        $0 <= rest.count && String(validating: rest.prefix($0), as: UTF8.self) != nil
      }
      text += length.map { String(decoding: rest.prefix($0), as: UTF8.self) } ?? "?"
      rest = rest.dropFirst(length ?? 1)
    }
    return text
  }

  // MARK: Events

  private static func event(_ tree: Tree) -> Event {
    var event = Event()
    guard case .object(let members) = tree else {
      event.error = TPH_EVENT_NOT_OBJECT.rawValue
      return event
    }
    var said: Set<String> = []
    for (name, value) in members {
      let attributes = ["id", "source", "type", "subject", "time", "data", "specversion"]
      guard let place = attributes.firstIndex(of: name) else { continue }
      let member = UInt32(place + 1)
      if said.contains(name) { fault(&event, TPH_EVENT_TWICE, member) }
      if name == "data" {
        data(&event, value)
        if case .null = value { continue }
        said.insert(name)
        continue
      }
      let limit = ["source": 1024, "time": 64, "specversion": 8][name] ?? 256
      let isFirst = !said.contains(name)
      guard let text = text(&event, value, member, limit) else {
        if name == "specversion", case .null = value {
        } else if name == "specversion" {
          said.insert(name)
        }
        continue
      }
      said.insert(name)
      if !isFirst, name != "specversion" { continue }
      if text.isEmpty { fault(&event, TPH_EVENT_EMPTY, member) }
      switch name {
      case "id": event.id = text
      case "source": event.source = text
      case "type": event.type = text
      case "subject": event.subject = text
      case "time":
        event.time = text
        event.milliseconds = Instant(text)?.milliseconds
      default: if text != "1.0" { fault(&event, TPH_EVENT_WRONG_VERSION, member) }
      }
    }
    if event.id == nil { fault(&event, TPH_EVENT_MISSING, TPH_MEMBER_ID.rawValue) }
    return event
  }

  private static func data(_ event: inout Event, _ tree: Tree) {
    if case .null = tree { return }
    guard case .object(let members) = tree else {
      return fault(&event, TPH_EVENT_WRONG_TYPE, TPH_MEMBER_DATA.rawValue)
    }
    for (name, value) in members {
      if name == "vehicle" || name == "site" {
        let member = name == "site" ? TPH_MEMBER_SITE.rawValue : TPH_MEMBER_VEHICLE.rawValue
        let known = name == "site" ? event.site : event.vehicle
        if known != nil { fault(&event, TPH_EVENT_TWICE, member) }
        guard let text = text(&event, value, member, 256), known == nil else { continue }
        if name == "site" { event.site = text } else { event.vehicle = text }
      } else if let field = Field(name: name) {
        let number = Int(field.rawValue)
        switch value {
        case .null: continue
        case .number(let token):
          if let value = token.withUnsafeBufferPointer({ Measured.parse($0) }) {
            if event.values[number] != nil {
              fault(&event, TPH_EVENT_TWICE, TPH_MEMBER_FIELD.rawValue, number)
            } else {
              event.values[number] = value.millionths
            }
          } else {
            fault(&event, TPH_EVENT_OUT_OF_RANGE, TPH_MEMBER_FIELD.rawValue, number)
          }
        default: fault(&event, TPH_EVENT_WRONG_TYPE, TPH_MEMBER_FIELD.rawValue, number)
        }
      }
    }
  }

  /// Nil for what is absent, of another type, or too long.
  private static func text(
    _ event: inout Event, _ tree: Tree, _ member: UInt32, _ limit: Int
  ) -> String? {
    if case .null = tree { return nil }
    guard case .text(let text, let isUnicode) = tree else {
      fault(&event, TPH_EVENT_WRONG_TYPE, member)
      return nil
    }
    if !isUnicode { fault(&event, TPH_EVENT_NOT_UNICODE, member) }
    if text.unicodeScalars.contains(where: { $0.value < 32 || (127...159).contains($0.value) }) {
      fault(&event, TPH_EVENT_CONTROL, member)
    }
    guard text.utf8.count <= limit else {
      fault(&event, TPH_EVENT_TOO_LONG, member)
      return nil
    }
    return text
  }

  private static func fault(
    _ event: inout Event, _ error: tph_event_error, _ member: UInt32, _ field: Int = 0
  ) {
    guard event.error == TPH_EVENT_GOOD.rawValue else { return }
    event.error = error.rawValue
    event.member = member
    event.field = field
  }
}
