// SPDX-License-Identifier: Apache-2.0

/// One part of a form with files (RFC 7578).
package struct FormPart: Sendable {
  package var name: String
  /// Nil for a plain field. A browser that sends a folder puts the path within it here.
  package var fileName: String?
  package var bytes: [UInt8]
}

extension Request {
  /// More than any form of ours has; a pack has some tens of files.
  static let partsMax = 2000

  /// The parts of `multipart/form-data`; nil for another media type, or a body cut short.
  package func parts() -> [FormPart]? {
    guard mediaType == "multipart/form-data",
      let boundary = Request.parameter("boundary", of: headers["Content-Type"] ?? ""),
      (1...70).contains(boundary.utf8.count)
    else { return nil }
    let mark = Array("--\(boundary)".utf8)
    var parts: [FormPart] = []
    guard var at = Request.find(mark, in: body, from: 0) else { return nil }
    at += mark.count
    while parts.count <= Request.partsMax {
      if body[at...].starts(with: Array("--".utf8)) { return parts }
      guard body[at...].starts(with: [13, 10]),
        let end = Request.find([13, 10] + mark, in: body, from: at + 2),
        let part = Request.part(body[(at + 2)..<end])
      else { return nil }
      parts.append(part)
      at = end + 2 + mark.count
    }
    return nil
  }

  private static func part(_ bytes: ArraySlice<UInt8>) -> FormPart? {
    let blank: [UInt8] = [13, 10, 13, 10]
    guard let end = find(blank, in: Array(bytes.prefix(8192)), from: 0),
      let head = String(validating: bytes.prefix(end), as: UTF8.self)
    else { return nil }
    for line in head.split(separator: "\r\n") {
      guard let colon = line.firstIndex(of: ":"),
        line[..<colon].lowercased() == "content-disposition"
      else { continue }
      let value = String(line[line.index(after: colon)...])
      guard let name = parameter("name", of: value) else { return nil }
      return FormPart(
        name: name, fileName: parameter("filename", of: value),
        bytes: Array(bytes.dropFirst(end + 4)))
    }
    return nil
  }

  /// `form-data; name="files"; filename="a b.txt"`: the value of one of them.
  static func parameter(_ wanted: String, of header: String) -> String? {
    var rest = Substring(header)
    while let semicolon = rest.firstIndex(of: ";") {
      rest = rest[rest.index(after: semicolon)...].drop { $0 == " " }
      guard let equals = rest.firstIndex(of: "=") else { return nil }
      let name = rest[..<equals].lowercased()
      rest = rest[rest.index(after: equals)...]
      var value = ""
      if rest.first == "\"" {
        rest = rest.dropFirst()
        while let character = rest.first, character != "\"" {
          rest = rest.dropFirst()
          // Browsers write a quote as %22; others escape it.
          if character == "\\", let next = rest.first, next == "\"" || next == "\\" {
            value.append(next)
            rest = rest.dropFirst()
          } else {
            value.append(character)
          }
        }
        rest = rest.dropFirst()
      } else {
        value = String(rest.prefix { $0 != ";" && $0 != " " })
        rest = rest.dropFirst(value.count)
      }
      if name == wanted { return value }
    }
    return nil
  }

  private static func find(_ needle: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    guard bytes.count >= needle.count, start >= 0 else { return nil }
    return bytes.withUnsafeBufferPointer { hay in
      var at = start
      while at + needle.count <= hay.count {
        if hay[at] == needle[0] {
          var same = 1
          while same < needle.count, hay[at + same] == needle[same] { same += 1 }
          if same == needle.count { return at }
        }
        at += 1
      }
      return nil
    }
  }
}
