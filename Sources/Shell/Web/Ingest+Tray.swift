// SPDX-License-Identifier: Apache-2.0
import Archive
import Behaviour
import CEvents
import Desk
import Glibc
import Journal
import Units

/// Everything that one batch needs on its way. `@unchecked Sendable`: handed from the HTTP thread
/// to the clerk's and on to whoever writes the answer, held by one of them at a time.
final class Tray: @unchecked Sendable {
  let intake: Intake
  var answerAll = false
  var chinese = false
  private let decoder: OpaquePointer
  private var count = 0

  init(_ intake: Intake) {
    self.intake = intake
    let names = (0..<Int(TPH_FIELDS)).map { Field(rawValue: UInt8($0))?.name }
    let copies = names.map { $0.map { strdup($0) } ?? nil }
    defer { for copy in copies { free(copy) } }
    var pointers = copies.map { UnsafePointer<CChar>($0) }
    guard let decoder = tph_decoder_create(&pointers) else {
      preconditionFailure("no memory for a decoder")
    }
    self.decoder = decoder
  }

  deinit { tph_decoder_destroy(decoder) }

  /// Nil when the body is JSON, else why and where it is not.
  func decode(
    _ body: [UInt8], _ kind: tph_body_kind
  ) -> (sentence: String, line: UInt32, column: UInt32)? {
    var refusal = tph_refusal()
    let found = body.withUnsafeBytes {
      tph_decode(decoder, kind, $0.baseAddress, $0.count, Ingest.eventsMax, &refusal)
    }
    count = Int(max(0, found))
    guard found < 0 else { return nil }
    let sentence = withUnsafeBytes(of: refusal.sentence) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    return (sentence, refusal.line, refusal.column)
  }

  /// Turns the decoded events into reports.
  func fill(_ partner: PartnerID, _ published: Published) {
    intake.begin(partner, published)
    guard let events = tph_events(decoder) else { return }
    let stride = MemoryLayout<Int64>.stride
    for index in 0..<count {
      let event = events + index
      let values = UnsafeRawPointer(event).advanced(
        by: MemoryLayout<tph_event>.offset(of: \.value)!
      ).bindMemory(to: Int64.self, capacity: stride)
      var incoming = IncomingEvent(values: values)
      incoming.id = Tray.bytes(event.pointee.id)
      incoming.source = Tray.bytes(event.pointee.source)
      incoming.scene = Tray.bytes(event.pointee.type)
      incoming.subject = Tray.bytes(event.pointee.subject)
      incoming.vehicle = Tray.bytes(event.pointee.vehicle)
      incoming.ended = event.pointee.milliseconds
      incoming.present = event.pointee.present
      (incoming.fault, incoming.field) = Tray.fault(event.pointee)
      intake.add(incoming)
    }
  }

  var eventCount: Int { count }

  /// How many events the answer will list.
  var listed: Int {
    let batch = intake.batch
    if answerAll { return batch.count }
    var listed = 0
    for index in 0..<batch.count where !Tray.isSimple(batch.verdicts[index]) { listed += 1 }
    return listed
  }

  private static func isSimple(_ verdict: Verdict) -> Bool {
    verdict.outcome == .accepted && verdict.reason == .none
  }

  private static func bytes(_ text: tph_text) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: text.start, count: text.start == nil ? 0 : text.length)
  }

  /// What the decoder found wrong with an event, in the room's own words.
  private static func fault(_ event: tph_event) -> (Reason, UInt8) {
    guard event.error != UInt8(TPH_EVENT_GOOD.rawValue) else {
      if event.time.start == nil { return (.missingField, ReportField.time.rawValue) }
      return event.time_readable == 0 ? (.badTime, ReportField.time.rawValue) : (.none, 0)
    }
    let member: UInt8 =
      switch UInt32(event.member) {
      case TPH_MEMBER_ID.rawValue: ReportField.id.rawValue
      case TPH_MEMBER_SOURCE.rawValue: ReportField.source.rawValue
      case TPH_MEMBER_TYPE.rawValue: ReportField.type.rawValue
      case TPH_MEMBER_SUBJECT.rawValue: ReportField.subject.rawValue
      case TPH_MEMBER_TIME.rawValue: ReportField.time.rawValue
      case TPH_MEMBER_DATA.rawValue: ReportField.data.rawValue
      case TPH_MEMBER_VEHICLE.rawValue: ReportField.vehicle.rawValue
      case TPH_MEMBER_FIELD.rawValue: event.field
      default: ReportField.event.rawValue
      }
    switch UInt32(event.error) {
    case TPH_EVENT_MISSING.rawValue, TPH_EVENT_EMPTY.rawValue: return (.missingField, member)
    case TPH_EVENT_OUT_OF_RANGE.rawValue, TPH_EVENT_TOO_LONG.rawValue: return (.badValue, member)
    default: return (.malformed, member)
    }
  }

  /// Unread rows kept of one batch: more of them are all alike.
  private static let unreadMax = 200

  /// What was turned down and left no trace in the journal; nil where there is none.
  func unread(at now: Instant) -> [UnreadRow]? {
    let batch = intake.batch
    guard batch.summary.refused > 0 || batch.summary.duplicates > 0 else { return nil }
    var rows: [UnreadRow] = []
    var last: UInt64 = 0
    for index in 0..<batch.count {
      let verdict = batch.verdicts[index]
      if verdict.reason == .none || verdict.reason.isWritten {
        last = max(last, verdict.fact.raw)
      } else if verdict.reason != .duplicate, rows.count < Tray.unreadMax {
        rows.append(
          UnreadRow(
            time: now, partner: batch.reports[index].partner, batch: FactNumber(0),
            place: UInt32(index), reason: verdict.reason, field: verdict.field))
      }
    }
    guard !rows.isEmpty else { return nil }
    // The fact that counts a batch follows the last that was written of it.
    if last > 0 { for index in rows.indices { rows[index].batch = FactNumber(last + 1) } }
    return rows
  }

  /// The answer, once the batch is durable.
  func answer(_ sequence: UInt64) -> [UInt8] {
    let batch = intake.batch
    let sum = batch.summary
    var json = JSONWriter()
    json.reserve(256 + listed * 220)
    json.raw("{\"received\":\(sum.received),\"accepted\":\(sum.accepted)")
    json.raw(",\"duplicates\":\(sum.duplicates),\"waiting\":\(sum.waiting)")
    json.raw(",\"quarantined\":\(sum.quarantined),\"refused\":\(sum.refused)")
    json.raw(",\"grams\":\(sum.grams.count),\"points\":\(sum.points.count)")
    json.raw(",\"sequence\":\(sequence),\"results\":[")
    var first = true
    for index in 0..<batch.count {
      let verdict = batch.verdicts[index]
      if !answerAll, Tray.isSimple(verdict) { continue }
      if !first { json.raw(",") }
      first = false
      write(verdict, index, &json)
    }
    json.raw("]}")
    return json.bytes
  }

  /// The reason's sentence; of a missing field also its name, and the one probably sent instead.
  private func message(_ verdict: Verdict, _ index: Int) -> String {
    guard verdict.reason == .missingField, let field = ReportField.name(verdict.field) else {
      return verdict.reason.sentence(chinese: chinese)
    }
    let sentence =
      chinese
      ? "缺少必填字段 \(field)，请补上后用同一编号重发。"
      : "The field \(field) is missing; add it and send the same id again."
    guard let sent = strangers(index).first(where: { Tray.resembles($0, field) }) else {
      return sentence
    }
    return sentence
      + (chinese
        ? "收到的 \(sent) 不是这里的字段名，是否应为 \(field)？"
        : " \(sent) is no name known here: did you mean \(field)?")
  }

  /// Names of an event that nobody here knows; long ones are nobody's misspelling.
  private func strangers(_ index: Int) -> [String] {
    guard let events = tph_events(decoder) else { return [] }
    return withUnsafeBytes(of: events[index].stranger) { names in
      names.bindMemory(to: tph_text.self).filter { $0.start != nil && $0.length <= 64 }
        .map { String(decoding: Tray.bytes($0), as: UTF8.self) }
    }
  }

  /// `distance_km` for `distanceMetres`: the same quantity under another name or unit.
  private static func resembles(_ sent: String, _ field: String) -> Bool {
    let quantity = field.prefix { $0.isLowercase }
    return sent.lowercased().hasPrefix(quantity) || Nearest.name(to: sent, among: [field]) != nil
  }

  private func write(_ verdict: Verdict, _ index: Int, _ json: inout JSONWriter) {
    json.raw("{\"index\":\(index),\"id\":")
    if let events = tph_events(decoder), events[index].id.start != nil {
      json.text(Tray.bytes(events[index].id))
    } else {
      json.raw("null")
    }
    json.raw(",\"outcome\":\"\(verdict.outcome.name)\"")
    if verdict.reason != .none {
      json.raw(",\"reason\":\"\(verdict.reason.name)\"")
      if let field = ReportField.name(verdict.field) { json.raw(",\"field\":\"\(field)\"") }
      json.raw(",\"message\":")
      json.text(message(verdict, index))
    }
    if verdict.outcome == .accepted {
      json.raw(",\"grams\":\(verdict.grams),\"points\":\(verdict.points)")
    }
    if !verdict.fact.isNone { json.raw(",\"fact\":\(verdict.fact.raw)") }
    json.raw("}")
  }
}
