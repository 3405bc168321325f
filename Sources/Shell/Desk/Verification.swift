// SPDX-License-Identifier: Apache-2.0
import Glibc
import Journal
import Mechanism
import Storage
import Units

/// What came of checking a journal from its first byte: hashes, chain, replay, audits, heads.
package struct Verification: Sendable {
  package var mechanism: String
  package var frames: UInt64 = 0
  package var facts: UInt64 = 0
  package var root = ""
  package var headsChecked = 0
  /// The first frame that is wrong, and how; nil when none is.
  package var wrongFrame: (sequence: UInt64, what: String)?
  /// What is wrong besides frames: an audit, a head, the archive.
  package var faults: [String] = []
  package init(mechanism: String) { self.mechanism = mechanism }

  package var isGood: Bool { wrongFrame == nil && faults.isEmpty }

  /// Reads the whole journal. `compare` is asked at the end, with the replayed state, what else is
  /// wrong.
  package static func run(
    code: String, store: any JournalStore, heads: HeadFile?, citizensMax: Int = 1 << 26,
    progress: (UInt64) -> Void = { _ in },
    compare: (borrowing Mechanism.State) throws -> [String] = { _ in [] }
  ) throws -> Verification {
    var report = Verification(mechanism: code)
    var state = Mechanism.State(code: code, citizensMax: citizensMax)
    var chain = ChainVerifier()
    // Before the journal: a head that is signed meanwhile covers frames that are not read here.
    let signed = try heads?.read() ?? []
    do {
      try store.read(from: 0) { place, bytes in
        do throws(FrameFault) {
          let frame = try chain.next(bytes, deep: true)
          guard frame.header.place == place else {
            throw FrameFault("lies at a place of the store that names another")
          }
          try state.apply(frame)
        } catch {
          report.wrongFrame = (
            chain.sequence + (chain.sequence < place.sequence ? 1 : 0), "\(error)"
          )
          return false
        }
        progress(place.sequence)
        return true
      }
    } catch {
      report.wrongFrame = (chain.sequence + 1, "can't be read: \(error)")
    }
    report.frames = chain.sequence
    report.facts = chain.nextFact.raw - 1
    guard report.wrongFrame == nil else { return report }
    if let digester = chain.digester {
      report.root = "\(chain.log.root(size: chain.log.count, digester))"
      report.check(signed, chain.log, digester)
    }
    if let fault = state.audit() { report.faults.append("the books: \(fault)") }
    report.faults += try compare(state)
    return report
  }

  private mutating func check(
    _ heads: [SignedHead], _ log: MerkleLog, _ digester: Digester
  ) {
    for signed in heads {
      headsChecked += 1
      let head = signed.head
      guard head.frames <= UInt64(log.count) else {
        faults.append("a signed head covers \(head.frames) frames, the journal has \(log.count)")
        continue
      }
      if log.root(size: Int(head.frames), digester) != head.root {
        faults.append("the signed head over \(head.frames) frames has another root")
      }
      if !signed.isSigned { faults.append("a head over \(head.frames) frames is not signed by us") }
    }
  }
}
