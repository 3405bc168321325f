// SPDX-License-Identifier: Apache-2.0
import Units
import Web

extension TableMap {
  /// Reads a map file's bytes; the sentence names the line, or the key that is wrong.
  init(json bytes: [UInt8]) throws(TableFailure) {
    let json: TableJSON
    do {
      json = try TableJSON.read(bytes)
    } catch {
      throw TableFailure("the map, line \(error.line) column \(error.column): \(error.reason)")
    }
    let map = try Keys(json, "the map")
    try map.allow([
      "note", "format", "delimiter", "quotes", "encoding", "columns", "id", "subject", "time",
      "start", "vehicle", "site", "fields", "skip",
    ])
    guard let id = try map.template("id") else { throw map.missing("id") }
    guard let subject = try map.template("subject") else { throw map.missing("subject") }
    guard let time = try map.moment("time") else { throw map.missing("time") }
    self.init(id: id, subject: subject, time: time)
    start = try map.moment("start")
    vehicle = try map.template("vehicle")
    site = try map.template("site")
    format = try map.choice("format", Format.allCases)
    encoding = try map.choice("encoding", TableText.Encoding.allCases) ?? .utf8
    quotes = try map.bool("quotes") ?? true
    columns = try map.names("columns")
    skip = try map.names("skip") ?? []
    if let text = try map.text("delimiter") {
      guard text.utf8.count == 1, let byte = text.utf8.first, !"\"\r\n".utf8.contains(byte) else {
        throw TableFailure("the map, \"delimiter\": one ASCII character is expected, such as \";\"")
      }
      delimiter = byte
    }
    fields = try map.sources()
    if let name = columnsRead.first(where: skip.contains) {
      throw TableFailure("the map skips the column \"\(name)\" and uses it; take it out of one")
    }
    let measured = fields.contains { $0.field == .durationSeconds }
    if start != nil, measured {
      throw TableFailure(
        "the map gives durationSeconds twice: by \"start\" and in \"fields\"; take one out")
    }
  }

  /// One object of the map, and its place in words.
  private struct Keys {
    let members: [TableJSON.Member]
    let place: String

    init(_ json: TableJSON, _ place: String) throws(TableFailure) {
      guard case .object(let members) = json else {
        throw TableFailure("\(place): an object { … } is expected")
      }
      self.members = members
      self.place = place
    }

    subscript(_ key: String) -> TableJSON? { members.first { $0.name == key }?.value }

    func missing(_ key: String) -> TableFailure { TableFailure("\(place) has no \"\(key)\"") }

    func wrong(_ key: String, _ reason: String) -> TableFailure {
      TableFailure("\(place), \"\(key)\": \(reason)")
    }

    func allow(_ keys: [String]) throws(TableFailure) {
      guard let unknown = members.first(where: { !keys.contains($0.name) })?.name else { return }
      let near = Nearest.name(to: unknown, among: keys).map { "; did you mean \"\($0)\"?" } ?? ""
      throw TableFailure("\(place) does not know \"\(unknown)\"\(near)")
    }

    func text(_ key: String) throws(TableFailure) -> String? {
      switch self[key] {
      case nil: return nil
      case .text(let text): return text
      default: throw wrong(key, "a text in quotes is expected")
      }
    }

    func bool(_ key: String) throws(TableFailure) -> Bool? {
      switch self[key] {
      case nil: return nil
      case .bool(let value): return value
      default: throw wrong(key, "true or false is expected")
      }
    }

    func names(_ key: String) throws(TableFailure) -> [String]? {
      guard let value = self[key] else { return nil }
      guard case .array(let items) = value else { throw wrong(key, "a list [ … ] is expected") }
      return try items.map { item throws(TableFailure) in
        guard case .text(let name) = item else { throw wrong(key, "texts in quotes are expected") }
        return name
      }
    }

    func choice<Choice: RawRepresentable<String>>(
      _ key: String, _ choices: [Choice]
    ) throws(TableFailure) -> Choice? {
      guard let text = try text(key) else { return nil }
      guard let choice = Choice(rawValue: text) else {
        throw wrong(key, "one of \(choices.map(\.rawValue).joined(separator: ", ")) is expected")
      }
      return choice
    }

    func template(_ key: String) throws(TableFailure) -> Text? {
      guard let text = try text(key) else { return nil }
      do { return try Text(text) } catch { throw wrong(key, error.description) }
    }

    func moment(_ key: String) throws(TableFailure) -> Moment? {
      guard let value = self[key] else { return nil }
      let keys = try Keys(value, "\(place), \"\(key)\"")
      try keys.allow(["column", "format", "zone"])
      guard let column = try keys.text("column") else { throw keys.missing("column") }
      guard let format = try keys.text("format") else { throw keys.missing("format") }
      let zone = try keys.text("zone")
      let named: [String: Moment.Format] = [
        "unix": .unix, "unix-ms": .unixMilliseconds, "rfc3339": .offset,
      ]
      if let known = named[format] {
        guard zone == nil else { throw keys.wrong("zone", "\(format) needs none; take it out") }
        return Moment(column: column, format: known)
      }
      guard let zone else {
        throw TableFailure(
          "\(keys.place) has no \"zone\": a local time without one is no moment; write an offset "
            + "(+08:00) or a name (Asia/Shanghai)")
      }
      do {
        return Moment(
          column: column, format: .pattern(try TablePattern(format), try TableZone(zone)))
      } catch {
        throw TableFailure("\(keys.place): \(error.description)")
      }
    }

    func sources() throws(TableFailure) -> [Source] {
      guard let value = self["fields"] else { return [] }
      let fields = try Keys(value, "\(place), \"fields\"")
      try fields.allow(Field.allCases.map(\.name))
      return try fields.members.map { member throws(TableFailure) in
        let field = Field(name: member.name)!
        let keys = try Keys(member.value, "\(fields.place), \"\(member.name)\"")
        try keys.allow(["column", "unit", "optional"])
        guard let column = try keys.text("column") else { throw keys.missing("column") }
        let units = TableUnit.known(for: field)
        let name = try keys.text("unit")
        guard let unit = name.map({ TableUnit($0, of: field) }) ?? units.first else {
          let known = units.map(\.name).joined(separator: ", ")
          throw keys.wrong("unit", "\"\(name!)\" is not one of \(known)")
        }
        let optional = try keys.bool("optional") ?? false
        return Source(field: field, column: column, unit: unit, optional: optional)
      }
    }
  }
}
