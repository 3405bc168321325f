// SPDX-License-Identifier: Apache-2.0

/// Writes JSON as bytes, for answers that are written often.
package struct JSONWriter {
  package private(set) var bytes: [UInt8] = []
  package init() {}

  package mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }
  package mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// A string with its quotes.
  package mutating func text(_ text: String) {
    var text = text
    text.withUTF8 { self.text(UnsafeRawBufferPointer($0)) }
  }

  package mutating func text(_ utf8: UnsafeRawBufferPointer) {
    bytes.append(0x22)
    for byte in utf8 {
      switch byte {
      case 0x22, 0x5c:
        bytes.append(0x5c)
        bytes.append(byte)
      case 0x0a: raw("\\n")
      case 0x00..<0x20:
        raw("\\u00")
        bytes.append(contentsOf: [hex(byte >> 4), hex(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(0x22)
  }

  private func hex(_ digit: UInt8) -> UInt8 { digit < 10 ? 48 + digit : 87 + digit }
}
