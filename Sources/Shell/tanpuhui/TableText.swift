// SPDX-License-Identifier: Apache-2.0
import Glibc

/// 字符编码: makes UTF-8 of a file's bytes, chunk by chunk.
///
/// GBK is read as GB18030, which holds all of it. A byte that means nothing becomes 0xFF, which is
/// no UTF-8 either: so the row that holds it is refused when the cell is read, and no other.
struct TableText: ~Copyable {
  enum Encoding: String, CaseIterable, Sendable {
    case utf8 = "utf-8"
    case gbk
    case gb18030
  }

  private let converter: iconv_t?
  private var rest: [UInt8] = []
  private var begun = false

  init(_ encoding: Encoding) throws(TableFailure) {
    guard encoding != .utf8 else {
      converter = nil
      return
    }
    // iconv_open answers -1 cast to a pointer where it does not know the name.
    guard let opened = iconv_open("UTF-8", "GB18030"), Int(bitPattern: opened) != -1 else {
      throw TableFailure(
        "the system cannot read \(encoding.rawValue); install libc-bin's gconv modules, or save "
          + "the file as UTF-8")
    }
    converter = opened
  }

  deinit { if let converter { iconv_close(converter) } }

  /// What may be kept back between chunks is at most the beginning of one character.
  mutating func convert(_ chunk: [UInt8], final: Bool) throws(TableFailure) -> [UInt8] {
    var input = rest + chunk
    rest = []
    if !begun {
      guard input.count >= 3 || final else {
        rest = input
        return []
      }
      begun = true
      try refuseWide(input)
      if input.starts(with: [0xEF, 0xBB, 0xBF]) {
        input.removeFirst(3)
        if converter != nil { throw TableFailure("the file is UTF-8, but the map says otherwise") }
      }
    }
    guard let converter else { return input }
    return gb(converter, input, final: final)
  }

  private func refuseWide(_ head: [UInt8]) throws(TableFailure) {
    guard head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) else { return }
    throw TableFailure("the file is UTF-16; save it as \"CSV UTF-8\"")
  }

  private mutating func gb(_ converter: iconv_t, _ input: [UInt8], final: Bool) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: input.count * 2 + 16)
    var read = 0
    var written = 0
    while read < input.count {
      let failed = input.withUnsafeBytes { source in
        output.withUnsafeMutableBytes { target in
          var from =
            UnsafeMutablePointer(
              mutating: source.baseAddress!.assumingMemoryBound(to: CChar.self) + read)
            as UnsafeMutablePointer<CChar>?
          var fromLeft = input.count - read
          var to =
            (target.baseAddress!.assumingMemoryBound(to: CChar.self) + written)
            as UnsafeMutablePointer<CChar>?
          var toLeft = target.count - written
          let result = iconv(converter, &from, &fromLeft, &to, &toLeft)
          let cause = result == -1 ? errno : 0
          read = input.count - fromLeft
          written = target.count - toLeft
          return cause
        }
      }
      if failed == EINVAL, !final {
        rest = Array(input[read...])
        break
      }
      if failed == EILSEQ || failed == EINVAL {
        output[written] = 0xFF
        written += 1
        read += 1
      }
      if output.count - written < 16 {
        output.append(contentsOf: [UInt8](repeating: 0, count: (input.count - read) * 2 + 32))
      }
    }
    return Array(output[..<written])
  }
}

/// The file or the map cannot be used at all: a sentence that says what to do.
struct TableFailure: Error, Equatable, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
