// SPDX-License-Identifier: Apache-2.0
import Testing
import Units

@Suite("tables") struct MemoryTests {
  /// The pieces of a dump, copied.
  private func dump(_ table: borrowing KeyTable) -> [(UInt64, [UInt8])] {
    var pieces: [(UInt64, [UInt8])] = []
    table.dump { pieces.append(($0, Array($1))) }
    return pieces
  }

  @Test("a key table remembers what a dictionary remembers, through every growth", arguments: 1...4)
  func dictionary(seed: UInt64) {
    var random = Seeded(seed)
    var table = KeyTable()
    var model: [UInt64: (UInt32, UInt32)] = [:]
    for round in 0..<60_000 {
      // Half the keys fall into one part, close together: long runs, growth of one part alone.
      let near = random.next() & 0x3fff
      let key = random.next() & 1 == 0 ? random.next() : 0x0800_0000_0000_0001 &+ near
      guard key != 0 else { continue }
      // Room that is made ahead, for more or for fewer than there come, changes no answer.
      if round % 7919 == 0 {
        table.makeRoom(for: Int(random.next() % 40_000), part: Int(random.next() % 32))
      }
      if let known = model[key] {
        guard let entry = table.find(key) else {
          Issue.record("key \(key) was lost after \(round) insertions")
          return
        }
        #expect(entry.pointee.value == known.0 && entry.pointee.extra == known.1)
      } else {
        #expect(table.find(key) == nil)
        let value = (UInt32(truncatingIfNeeded: round), UInt32(truncatingIfNeeded: random.next()))
        table.insert(key, value: value.0, extra: value.1)
        model[key] = value
      }
    }
    #expect(table.count == model.count)
    for (key, value) in model {
      #expect(table.find(key)?.pointee.value == value.0)
    }
  }

  @Test("no key is lost where a part that grows runs over its end", arguments: 1...8)
  func growthAtTheEnds(seed: UInt64) {
    var random = Seeded(seed)
    var table = KeyTable()
    var keys: [UInt64] = []
    func add(_ key: UInt64) {
      guard key != 0, table.find(key) == nil else { return }
      table.insert(key, value: UInt32(keys.count), extra: 0)
      keys.append(key)
    }
    // One part, just below the size at which it grows by a little: its last group holds more than
    // its places, so that the rest stands in the first ones, which are full themselves.
    let whole = UInt64(1) << 59
    for _ in 0..<57_200 { add(random.next() >> 5) }
    for _ in 0..<40 { add(whole - 1 - random.next() % (whole / 16_384)) }
    for _ in 0..<20 { add(random.next() % (whole / 4096)) }
    for _ in 0..<400 { add(random.next() >> 5) }
    let lost = keys.enumerated().filter { table.find($1)?.pointee.value != UInt32($0) }.count
    #expect(lost == 0 && table.count == keys.count)
  }

  @Test("a dumped table loads as the same table, and goes on the same way")
  func dumpAndLoad() {
    var random = Seeded(9)
    var table = KeyTable()
    for index in 0..<5000 { table.insert(random.next() | 1, value: UInt32(index), extra: 7) }
    var copy = KeyTable()
    for (index, piece) in dump(table).enumerated() {
      piece.1.withUnsafeBytes { copy.load(index, used: piece.0, $0) }
    }
    #expect(copy.count == 5000)
    for _ in 0..<5000 {
      let key = random.next() | 1
      if table.find(key) == nil {
        table.insert(key, value: 1, extra: 2)
        copy.insert(key, value: 1, extra: 2)
      }
    }
    #expect(dump(table).elementsEqual(dump(copy)) { $0.0 == $1.0 && $0.1 == $1.1 })
  }

  @Test("the layout depends on nothing but the order of insertions")
  func layout() {
    var first = KeyTable()
    var second = KeyTable()
    var random = Seeded(4)
    for index in 0..<20_000 {
      let key = random.next() | 1
      first.insert(key, value: UInt32(index), extra: 0)
      second.insert(key, value: UInt32(index), extra: 0)
    }
    #expect(dump(first).elementsEqual(dump(second)) { $0.0 == $1.0 && $0.1 == $1.1 })
  }

  @Test("a mapped array starts with zeros, counts what is used, and loads what it dumped")
  func mappedArray() {
    var array = MappedArray<UInt64>(limit: 1 << 26)
    #expect(array.count == 0 && array[1 << 20] == 0)
    array.reach(1000)
    #expect(array.count == 1001)
    array.reach(3)
    #expect(array.count == 1001)
    for index in 0...1000 { array[index] = UInt64(index * index) }
    let bytes = Array(array.bytes)
    #expect(bytes.count == 8008)
    var copy = MappedArray<UInt64>(limit: 2000)
    bytes.withUnsafeBytes { copy.load($0) }
    #expect(copy.count == 1001)
    #expect((0...1000).allSatisfy { copy[$0] == UInt64($0 * $0) })
  }

  @Test("SplitMix64's published numbers come from the mixing function")
  func splitMix() {
    // The generator's first numbers from seed 1234567, as published with it.
    var random = Seeded(1_234_567)
    random.state &-= 0x9e37_79b9_7f4a_7c15
    #expect(random.next() == 6_457_827_717_110_365_317)
    #expect(random.next() == 3_203_168_211_198_807_973)
  }
}
