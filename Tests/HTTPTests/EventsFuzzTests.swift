// SPDX-License-Identifier: Apache-2.0
import CEvents
import Testing
import Units

/// Random, by seed: the same bodies at every run.
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

@Suite struct EventsFuzzTests {
  /// Believable events: what the hot path sees.
  static func rides(_ count: Int, seed: UInt64, lines: Bool) -> [UInt8] {
    var random = Seeded(state: seed)
    var body = lines ? "" : "["
    for index in 0..<count {
      let metres = Int.random(in: 500...20_000, using: &random)
      let fraction = padded(Int.random(in: 0..<1_000_000, using: &random), 6)
      let minute = padded(Int.random(in: 0..<60, using: &random), 2)
      body += """
        {"specversion":"1.0","id":"ride-\(index)","source":"//bike.example/chengdu",\
        "type":"shared-bike","subject":"rider-\(index % 5000)",\
        "time":"2026-03-01T08:\(minute):30.250+08:00",\
        "data":{"distanceMetres":\(metres).\(fraction),\
        "durationSeconds":\(metres / 4),"vehicle":"bike-\(index % 911)"}}
        """
      body += lines ? "\n" : (index + 1 < count ? "," : "]")
    }
    return Array(body.utf8)
  }

  @Test func numbersAreReadAsMeasuredReadsThem() {
    var random = Seeded(state: 1)
    let decoder = Decoder()
    for _ in 0..<20_000 {
      func digits(_ most: Int) -> String {
        String(
          (0..<Int.random(in: 1...most, using: &random)).map { _ in
            "0123456789".randomElement(using: &random)!
          })
      }
      var token = Bool.random(using: &random) ? "-" : ""
      let whole = digits(Bool.random(using: &random) ? 4 : 16).drop { $0 == "0" }
      token += whole.isEmpty ? "0" : String(whole)
      if Bool.random(using: &random) { token += "." + digits(Bool.random(using: &random) ? 6 : 30) }
      if Int.random(in: 0..<4, using: &random) == 0 {
        token += "e\(["", "-", "+"].randomElement(using: &random)!)\(digits(2))"
      }
      let expected = Array(token.utf8).withUnsafeBufferPointer { Measured.parse($0) }
      let body = Array("{\"id\":\"a\",\"data\":{\"steps\":\(token)}}".utf8)
      let event = decoder.decode(body, TPH_BODY_SINGLE).events.first
      #expect(event?.values[7] == expected?.millionths, "\(token)")
      #expect(event?.error == (expected == nil ? TPH_EVENT_OUT_OF_RANGE.rawValue : 0), "\(token)")
    }
  }

  @Test func timesAreReadAsInstantReadsThem() {
    var random = Seeded(state: 2)
    let decoder = Decoder()
    var readable = 0
    for _ in 0..<20_000 {
      let instant = Instant(
        milliseconds: Int64.random(in: -62_135_596_800_000...253_402_300_799_999, using: &random))
      var text = Array(
        instant.text(offset: Int32.random(in: -1439...1439, using: &random) * 60).utf8)
      for _ in 0..<Int.random(in: 0...2, using: &random) {
        let place = Int.random(in: 0..<text.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: text[place] = Array("0123456789-+:.TtZz ".utf8).randomElement(using: &random)!
        case 1: text.insert(Array("0123456789".utf8).randomElement(using: &random)!, at: place)
        default: text.remove(at: place)
        }
      }
      let string = String(decoding: text, as: UTF8.self)
      let event = decoder.decode(
        Array("{\"id\":\"a\",\"time\":\"\(string)\"}".utf8), TPH_BODY_SINGLE
      ).events.first
      let expected = Instant(string)?.milliseconds
      readable += expected == nil ? 0 : 1
      #expect(event?.milliseconds == expected, "\(string)")
    }
    #expect(readable > 5000 && readable < 19_000)
  }

  @Test(arguments: 1...8) func mutatedBodiesAreReadAsTheNaiveDecoderReadsThem(_ seed: UInt64) {
    var random = Seeded(state: seed)
    let decoder = Decoder()
    let ride = EventsTests.ride.split(separator: "\n").joined()
    let seeds: [(tph_body_kind, [UInt8])] = [
      (TPH_BODY_SINGLE, Array(EventsTests.ride.utf8)),
      (TPH_BODY_BATCH, Array("[\(ride),\n{\"id\":\"碳\\u78b3\",\"x\":[1,{\"y\":null}]},7]".utf8)),
      (TPH_BODY_LINES, Array("\(ride)\n\n{\"id\":\"b\",\"data\":{\"steps\":1.5e2}}\r\n{}\n".utf8)),
      (TPH_BODY_BATCH, Self.rides(3, seed: seed, lines: false)),
      (TPH_BODY_LINES, Self.rides(3, seed: seed, lines: true)),
    ]
    let bits =
      Array("\"\\{}[]:,.-+eEtfnu0159 \n\r\t\u{0C}\u{1A}\u{01}\u{7F}碳".utf8) + [0, 0xFF, 0xC3]
    var refused = 0
    for turn in 0..<1000 {
      let (kind, body) = seeds[turn % seeds.count]
      var mutated = body
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let place = Int.random(in: 0..<mutated.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: mutated[place] = bits.randomElement(using: &random)!
        case 1: mutated.insert(bits.randomElement(using: &random)!, at: place)
        case 2: mutated.remove(at: place)
        case 3:
          let end = min(mutated.count, place + Int.random(in: 1...40, using: &random))
          mutated.insert(contentsOf: Array(mutated[place..<end]), at: place)
        default:
          mutated.removeSubrange(
            place..<min(mutated.count, place + Int.random(in: 1...20, using: &random)))
        }
        if mutated.isEmpty { mutated = [32] }
      }
      let outcome = decoder.decode(mutated, kind)
      let expected = NaiveDecoder.decode(mutated, kind)
      let text = String(decoding: mutated, as: UTF8.self)
      guard let expected else {
        refused += 1
        #expect(outcome.isRefused, "taken: \(text)")
        if case .refused(_, _, let sentence) = outcome {
          #expect(!sentence.contains("RFC 8259"), "no place found: \(text)")
        }
        continue
      }
      #expect(outcome == .events(expected), "\(text)")
    }
    #expect(refused > 200 && refused < 800)
  }

  @Test(arguments: [false, true]) func aLargeBatchIsReadQuickly(_ lines: Bool) {
    let body = Self.rides(10_000, seed: 3, lines: lines)
    let kind = lines ? TPH_BODY_LINES : TPH_BODY_BATCH
    let decoder = Decoder()
    #expect(decoder.count(body, kind) == 10_000)
    let clock = ContinuousClock()
    let best = (0..<10).map { _ in clock.measure { _ = decoder.count(body, kind) } }.min()!
    let seconds = Double(best.components.attoseconds) / 1e18
    print(
      "events, \(lines ? "lines" : "batch"): \(Int(10_000 / seconds / 1000)) thousand a second,",
      "\(Int(Double(body.count) / seconds / 1e6)) MB/s, \(body.count / 10_000) bytes each")
    #expect(seconds < 1)
  }
}
