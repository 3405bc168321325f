// SPDX-License-Identifier: Apache-2.0

/// What Package.swift says: which room stands on which floor, and which doors it has.
struct FloorPlan {
  struct Room: Equatable {
    var floor: String
    var doors: [String]
  }
  var rooms: [String: Room] = [:]

  /// Reads `room("Name", on: "Floor", doors: […])` and the one executable, from the text alone.
  init(package text: String) {
    var rest = Substring(Source("Package.swift", text).uncommented)
    while let found = rest.firstRange(ofAny: ["room(", ".executableTarget("]) {
      let body = FloorPlan.bracketed(rest[found.upperBound...])
      rest = rest[found.upperBound...].dropFirst(body.count)
      let quoted = FloorPlan.quoted(body)
      guard let name = quoted.first else { continue }
      if let floor = FloorPlan.quoted(FloorPlan.after("on:", in: body)).first {
        let doors = FloorPlan.list(FloorPlan.after("doors:", in: body))
        rooms[name] = Room(floor: floor, doors: doors)
      } else if body.contains("dependencies:"), body.contains("Sources/Shell") {
        let doors = FloorPlan.list(FloorPlan.after("dependencies:", in: body))
        rooms[name] = Room(floor: "Shell", doors: doors)
      }
    }
  }

  /// Up to the bracket that closes the one just opened.
  private static func bracketed(_ text: Substring) -> Substring {
    var depth = 1
    for index in text.indices {
      if text[index] == "(" { depth += 1 }
      if text[index] == ")" { depth -= 1 }
      if depth == 0 { return text[..<index] }
    }
    return text
  }

  private static func after(_ label: String, in text: Substring) -> Substring {
    text.firstRange(ofAny: [label]).map { text[$0.upperBound...] } ?? ""
  }

  private static func list(_ text: Substring) -> [String] {
    quoted(text.prefix { $0 != "]" })
  }

  private static func quoted(_ text: Substring) -> [String] {
    text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
  }
}

extension Source {
  /// The text without comments, its quotes kept.
  fileprivate var uncommented: String {
    zip(code, texts).map { code, texts in
      String(
        decoding: zip(code.utf8, texts.utf8).map { $0 == 32 ? $1 : $0 }, as: UTF8.self)
    }.joined(separator: "\n")
  }
}

extension Substring {
  fileprivate func firstRange(ofAny wanted: [String]) -> Range<Index>? {
    var at = startIndex
    while at < endIndex {
      for text in wanted where self[at...].hasPrefix(text) {
        return at..<index(at, offsetBy: text.count)
      }
      at = index(after: at)
    }
    return nil
  }
}
