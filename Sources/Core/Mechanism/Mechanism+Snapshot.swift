// SPDX-License-Identifier: Apache-2.0
import Behaviour
import FoundationEssentials
import Governance
import Journal
import Ledger
import Membership
import Policy
import Recognition
import Rewards
import Units

extension State {
  /// Rises with any change to any room's dump: a snapshot of another version is left alone.
  package static let snapshotVersion: UInt64 = 8

  /// Hands over the whole state: to a file as a snapshot, or to a digest to compare two replays.
  package func dump(to sink: SnapshotSink) throws {
    try sink.word(State.snapshotVersion)
    try sink.section(Array(code.utf8))
    try sink.word(nextFact.raw)
    try sink.word(lastSequence)
    try sink.word(UInt64(bitPattern: lastTime.milliseconds))
    try sink.word(UInt64(adoptions.count))
    for adoption in adoptions {
      try sink.word(adoption.fact.raw)
      try sink.word(UInt64(bitPattern: adoption.time.milliseconds))
      let row = AdoptionRow(
        version: adoption.pack.version, files: adoption.files,
        scenes: adoption.pack.registry.mapValues(\.raw))
      try sink.section(encode(row))
    }
    try sink.section(encode(proposals))
    try sink.section(encode(expiryRuns))
    try ledger.dump(to: sink)
    try membership.dump(to: sink)
    try behaviour.dump(to: sink)
    try rewards.dump(to: sink)
    try recognition.dump(to: sink)
    try governance.dump(to: sink)
  }

  /// Reads what `dump` wrote; throws what does not fit.
  package init(
    code: String, citizensMax: Int = 1 << 26, snapshot: UnsafeRawBufferPointer
  ) throws(FrameFault) {
    self.init(code: code, citizensMax: citizensMax)
    var source = ByteReader(snapshot)
    guard source.word() == State.snapshotVersion,
      String(decoding: source.section(), as: UTF8.self) == code
    else { throw FrameFault("snapshot is of another version or mechanism") }
    let next = FactNumber(source.word())
    lastSequence = source.word()
    lastTime = Instant(milliseconds: Int64(bitPattern: source.word()))
    for _ in 0..<source.word() {
      let fact = FactNumber(source.word())
      let time = Instant(milliseconds: Int64(bitPattern: source.word()))
      guard let row = try? JSONDecoder().decode(AdoptionRow.self, from: Data(source.section()))
      else { throw FrameFault("snapshot's packs do not read") }
      // Its proposal is among those that follow.
      var plain = row
      plain.proposal = nil
      apply(adoption: plain, number: fact, time: time)
    }
    guard let made = try? JSONDecoder().decode([Proposal].self, from: Data(source.section())),
      let runs = try? JSONDecoder().decode([ExpiryRun].self, from: Data(source.section()))
    else { throw FrameFault("snapshot's proposals do not read") }
    proposals = made
    expiryRuns = runs
    nextFact = next
    try ledger.load(from: &source)
    try membership.load(from: &source)
    try behaviour.load(from: &source)
    try rewards.load(from: &source)
    try recognition.load(from: &source)
    try governance.load(from: &source)
    renewGrants()
    guard !source.overrun, source.remaining == 0 else {
      throw FrameFault("snapshot is cut short")
    }
  }
}
