// SPDX-License-Identifier: Apache-2.0
import CEvents
import Glibc
import Units

/// One event as tests compare it: all texts copied.
struct Event: Equatable {
  var index = 0
  var line = 0
  var error = TPH_EVENT_GOOD.rawValue
  var member = TPH_MEMBER_NONE.rawValue
  var field = 0
  var id: String?
  var source: String?
  var type: String?
  var subject: String?
  var time: String?
  var vehicle: String?
  var site: String?
  var milliseconds: Int64?
  /// By field number, in millionths.
  var values: [Int: Int64] = [:]
}

enum Outcome: Equatable {
  case events([Event])
  case refused(line: Int, column: Int, sentence: String)

  var isRefused: Bool { if case .refused = self { true } else { false } }
  var events: [Event] { if case .events(let events) = self { events } else { [] } }
}

/// The decoder under test, with the house's field names.
final class Decoder {
  private let decoder: OpaquePointer

  init() {
    var names = [UnsafePointer<CChar>?](repeating: nil, count: Int(TPH_FIELDS))
    for field in Field.allCases { names[Int(field.rawValue)] = UnsafePointer(strdup(field.name)) }
    decoder = tph_decoder_create(names)
    for name in names { free(UnsafeMutablePointer(mutating: name)) }
  }

  deinit { tph_decoder_destroy(decoder) }

  /// The number of events, without copying them out.
  func count(_ body: [UInt8], _ kind: tph_body_kind) -> Int {
    var refusal = tph_refusal()
    return Int(
      body.withUnsafeBytes {
        tph_decode(decoder, kind, $0.baseAddress, $0.count, 1 << 20, &refusal)
      })
  }

  func decode(_ body: [UInt8], _ kind: tph_body_kind, most: Int = 1 << 20) -> Outcome {
    var refusal = tph_refusal()
    let count = body.withUnsafeBytes {
      tph_decode(decoder, kind, $0.baseAddress, $0.count, most, &refusal)
    }
    guard count >= 0 else {
      let sentence = withUnsafeBytes(of: refusal.sentence) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      return .refused(line: Int(refusal.line), column: Int(refusal.column), sentence: sentence)
    }
    return .events(
      UnsafeBufferPointer(start: tph_events(decoder), count: Int(count)).map(Decoder.copy))
  }

  private static func copy(_ event: tph_event) -> Event {
    var copy = Event(
      index: Int(event.index), line: Int(event.line), error: UInt32(event.error),
      member: UInt32(event.member), field: Int(event.field), id: text(event.id),
      source: text(event.source), type: text(event.type), subject: text(event.subject),
      time: text(event.time), vehicle: text(event.vehicle), site: text(event.site),
      milliseconds: event.time_readable == 1 ? event.milliseconds : nil)
    withUnsafeBytes(of: event.value) { raw in
      let values = raw.bindMemory(to: Int64.self)
      for number in 0..<16 where event.present & (1 << number) != 0 {
        copy.values[number] = values[number]
      }
    }
    return copy
  }

  private static func text(_ text: tph_text) -> String? {
    guard let start = text.start else { return nil }
    return String(
      decoding: UnsafeRawBufferPointer(start: start, count: text.length), as: UTF8.self)
  }
}
