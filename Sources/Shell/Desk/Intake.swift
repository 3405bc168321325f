// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Journal
import Storage
import Units

/// One event as somebody decoded it: texts that live elsewhere, values by field number.
package struct IncomingEvent {
  package var id = UnsafeRawBufferPointer(start: nil, count: 0)
  package var source = UnsafeRawBufferPointer(start: nil, count: 0)
  package var scene = UnsafeRawBufferPointer(start: nil, count: 0)
  package var subject = UnsafeRawBufferPointer(start: nil, count: 0)
  package var vehicle = UnsafeRawBufferPointer(start: nil, count: 0)
  /// Milliseconds since 1970 UTC.
  package var ended: Int64 = 0
  /// Bit n: field n was measured.
  package var present: UInt32 = 0
  /// Sixteen values by field number, in millionths.
  package var values: UnsafePointer<Int64>
  package var fault = Reason.none
  package var field: UInt8 = 0

  package init(values: UnsafePointer<Int64>) { self.values = values }
}

/// Turns decoded events into reports: scenes to numbers, fields to slots, ids and vehicles to
/// digests, subjects to aliases. The only place where what a partner said meets what the journal
/// knows.
///
/// One per thread; memory is reused from batch to batch.
package final class Intake {
  package let batch = ReportBatch(capacity: 1024)
  private let aliases: Aliases
  private let digests: EventDigests
  private var published: Published
  private var partner = PartnerID(0)
  private var subjects: [UnsafeRawBufferPointer] = []
  private var places: [Int32] = []
  private var numbers: [AliasID] = []
  private let room = UnsafeMutableRawPointer.allocate(byteCount: 4096, alignment: 16)
  private var lastScene = 0

  package init(clerk: Clerk, vault: Vault) throws(StoreFailure) {
    aliases = try vault.aliases(of: clerk.code)
    digests = vault.eventDigests(of: clerk.code)
    published = clerk.published
  }

  deinit { room.deallocate() }

  /// Begins a batch of one partner.
  package func begin(_ partner: PartnerID, _ published: Published) {
    self.partner = partner
    self.published = published
    lastScene = 0
    batch.clear()
    subjects.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
  }

  /// Adds one event; a fault marks only this one.
  package func add(_ event: IncomingEvent) {
    var report = Report()
    report.partner = partner
    if event.fault != .none {
      fail(&report, event.fault, event.field)
      return
    }
    guard !event.id.isEmpty else { return fail(&report, .missingField, .id) }
    guard !event.scene.isEmpty else { return fail(&report, .missingField, .type) }
    guard !event.subject.isEmpty else { return fail(&report, .missingField, .subject) }
    guard let scene = scene(event.scene) else { return fail(&report, .unknownScene, .type) }
    guard event.id.count <= 256, event.source.count <= 1024 else {
      return fail(&report, .badValue, .id)
    }
    report.id = digests.event(partner: partner, source: event.source, id: event.id, room: room)
    report.scene = scene.id
    report.ended = event.ended
    if !event.vehicle.isEmpty { report.vehicle = digests.vehicle(event.vehicle) }
    fill(&report, scene, event)
    subjects.append(event.subject)
    places.append(Int32(batch.count))
    batch.append(report)
  }

  /// Finds or gives every subject's number; afterwards the batch is ready for the clerk.
  package func finish() throws(StoreFailure) {
    if numbers.count < subjects.count {
      numbers = .init(repeating: .none, count: subjects.count * 2)
    }
    var failure: StoreFailure?
    subjects.withUnsafeBufferPointer { subjects in
      numbers.withUnsafeMutableBufferPointer { numbers in
        do throws(StoreFailure) {
          try aliases.resolve(subjects, of: partner, into: numbers)
        } catch { failure = error }
      }
    }
    if let failure { throw failure }
    for (index, place) in places.enumerated() {
      batch.reports[Int(place)].alias = numbers[index]
    }
  }

  private func fail(_ report: inout Report, _ reason: Reason, _ field: ReportField) {
    fail(&report, reason, field.rawValue)
  }

  private func fail(_ report: inout Report, _ reason: Reason, _ field: UInt8) {
    report.fault = reason
    report.field = field
    batch.append(report)
  }

  @inline(__always)
  private func fill(
    _ report: inout Report, _ scene: Published.SceneEntry, _ event: IncomingEvent
  ) {
    withUnsafeMutablePointer(to: &report.values) {
      $0.withMemoryRebound(to: Int64.self, capacity: 4) { slots in
        for (slot, field) in scene.fields.enumerated()
        where event.present >> UInt32(field) & 1 != 0 {
          slots[slot] = event.values[Int(field)]
          report.present |= 1 << UInt8(slot)
        }
      }
    }
  }

  /// Scenes come in runs: the last one is mostly the next one.
  private func scene(_ code: UnsafeRawBufferPointer) -> Published.SceneEntry? {
    let scenes = published.scenes
    if lastScene < scenes.count, matches(scenes[lastScene], code) { return scenes[lastScene] }
    guard let found = scenes.firstIndex(where: { matches($0, code) }) else { return nil }
    lastScene = found
    return scenes[found]
  }

  private func matches(_ scene: Published.SceneEntry, _ code: UnsafeRawBufferPointer) -> Bool {
    scene.code.count == code.count && scene.code.elementsEqual(code)
  }
}
