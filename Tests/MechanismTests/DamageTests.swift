// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Journal
import Ledger
import Membership
import Policy
import Testing
import Units

@testable import Mechanism

/// A journal in good order, hashes and all, whose facts somebody changed: replay ends with a
/// sentence or goes on, and never ends the process.
@Suite("damaged facts") struct DamageTests {
  private let good: [[UInt8]] = GoldenStory.frames.map { hex in
    let digits = Array(hex.utf8).map { $0 < 58 ? $0 - 48 : $0 - 87 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  /// Replays; answers which frame was refused and why.
  private func replay(_ frames: [[UInt8]]) -> (UInt64, String)? {
    var state = Mechanism.State(code: "golden", citizensMax: 1 << 10)
    for frame in frames {
      do {
        try frame.withUnsafeBytes { try state.apply(try FrameView($0)) }
      } catch { return (state.lastSequence + 1, "\(error)") }
    }
    return nil
  }

  /// The golden frame with some bytes written over at a place within one of its facts.
  private func changed(_ frame: Int, fact: Int, at offset: Int, _ bytes: [UInt8]) -> [[UInt8]] {
    var frames = good
    var at = FrameHeader.size
    for _ in 0..<fact {
      at += Int(frames[frame][at + 4]) | Int(frames[frame][at + 5]) << 8
    }
    frames[frame].replaceSubrange((at + offset)..<(at + offset + bytes.count), with: bytes)
    return frames
  }

  @Test("a fact about somebody, a scene or a sum that there cannot be is told of")
  func told() {
    #expect(replay(good) == nil)
    let huge: [UInt8] = [0xff, 0xff, 0xff, 0xff]
    // Frame 7, fact 0: an accepted charging of citizen 1; fact 1: a ride that waits.
    let cases: [(String, [[UInt8]])] = [
      ("citizen", changed(6, fact: 0, at: 20, huge)),
      ("citizen", changed(6, fact: 0, at: 20, [3, 0, 0, 0])),
      ("scene", changed(6, fact: 0, at: 8, [0xff, 0xff])),
      ("scene", changed(6, fact: 0, at: 8, [0, 0])),
      ("credits", changed(6, fact: 0, at: 64, huge)),
      ("credits", changed(6, fact: 0, at: 20, [0, 0, 0, 0])),
      ("neither waits nor is held", changed(6, fact: 0, at: 14, [1])),
      ("neither waits nor is held", changed(6, fact: 0, at: 14, [2])),
      ("neither waits nor is held", changed(7, fact: 1, at: 80, [12])),
      ("neither waits nor is held", changed(8, fact: 1, at: 80, [11])),
      ("layout", changed(6, fact: 0, at: 1, [2])),
      ("layout", changed(6, fact: 0, at: 14, [3])),
      ("wrong number of values", changed(6, fact: 0, at: 15, [2])),
      ("no account", changed(3, fact: 0, at: 12, huge)),
      ("no account", changed(4, fact: 0, at: 8, huge)),
      ("no account", changed(4, fact: 0, at: 12, [2, 0, 0, 0])),
      ("kind 6", changed(3, fact: 0, at: 0, [6])),
      ("does not read", changed(0, fact: 0, at: 40, [0])),
    ]
    for (index, (words, frames)) in cases.enumerated() {
      let said = replay(frames)
      #expect(said?.1.contains(words) == true, "case \(index): \(said as Any), not \(words)")
    }
  }

  @Test("random bytes in facts never end the process", arguments: 0..<8)
  func random(part: UInt64) {
    var random = Seeded(part)
    var refused = 0
    for _ in 0..<60 {
      var frames = good
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let frame = Int.random(in: 1..<frames.count, using: &random)
        let end = frames[frame].count - 32
        var at = FrameHeader.size
        // Not the lengths: a frame that does not add up is refused before its facts are read.
        while true {
          let length = Int(frames[frame][at + 4]) | Int(frames[frame][at + 5]) << 8
          if at + length >= end || Bool.random(using: &random) {
            let place = at + Int.random(in: 0..<length, using: &random)
            if place < at + 4 || place >= at + 8 {
              frames[frame][place] = UInt8.random(in: 0...255, using: &random)
            }
            break
          }
          at += length
        }
      }
      if replay(frames) != nil { refused += 1 }
    }
    #expect(refused > 5)
  }
}
