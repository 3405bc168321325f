// SPDX-License-Identifier: Apache-2.0
import Glibc
import Journal
import Storage
import Testing
import Units

/// Figures rather than verdicts; run in release with `TANPUHUI_SPEED=1`.
@Suite(.serialized, .enabled(if: getenv("TANPUHUI_SPEED") != nil)) struct SpeedTests {
  static func seconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }

  @Test(arguments: [2_000, 100_000], JournalStoreTests.Kind.allCases)
  func durableAppends(_ bytes: Int, _ kind: JournalStoreTests.Kind) throws {
    guard let place = JournalStoreTests.Place(kind) else { return }
    let store = try place.open()
    let frame = (0..<bytes).map { _ in UInt8.random(in: 0...255) }
    let count: UInt64 = bytes > 10_000 ? 3000 : 10_000
    var begin = Self.seconds()
    for number in 1...count {
      try JournalStoreTests.append(store, JournalStoreTests.place(number, number, 1), frame)
    }
    let appending = Self.seconds() - begin
    begin = Self.seconds()
    var total = 0
    try store.read(from: 1) { _, bytes in
      total += bytes.count
      return true
    }
    let reading = Self.seconds() - begin
    begin = Self.seconds()
    for number in stride(from: 1, through: count, by: 10) { _ = try store.place(of: .init(number)) }
    let finding = (Self.seconds() - begin) / Double(count / 10)
    store.close()
    print(
      "SPEED \(kind) frames of \(bytes) B: \(Int(Double(count) / appending)) durable appends/s, ",
      "\(Int(Double(total) / reading / 1e6)) MB/s read, \(Int(finding * 1e9)) ns to find a fact")
  }

  /// The floor under any durable append: one write and one fsync of the same size.
  @Test(arguments: [2_000, 100_000]) func theDiskItself(_ bytes: Int) throws {
    let folder = TrialFolder()
    let descriptor = open(folder.path + "/log", O_WRONLY | O_CREAT, 0o600)
    defer { close(descriptor) }
    let frame = (0..<bytes).map { _ in UInt8.random(in: 0...255) }
    let begin = Self.seconds()
    for _ in 0..<2000 {
      _ = write(descriptor, frame, frame.count)
      fdatasync(descriptor)
    }
    print("SPEED disk, \(bytes) B: \(Int(2000 / (Self.seconds() - begin))) fdatasync/s")
  }

  @Test func aliases() throws {
    let folder = TrialFolder()
    var vault = try VaultTests.vault(folder)
    var aliases = try vault.aliases(of: "chengdu")
    let batches = stride(from: 0, to: 1_000_000, by: 1000).map { start in
      AliasTests.Batch((start..<(start + 1000)).map { "rider-\($0 &* 7919 % 1_000_003)" })
    }
    var begin = Self.seconds()
    for batch in batches { _ = try AliasTests.resolve(aliases, batch) }
    print("SPEED new aliases: \(Int(1e6 / (Self.seconds() - begin)))/s durable, by 1,000")
    vault.close()
    vault = try VaultTests.vault(folder)
    begin = Self.seconds()
    aliases = try vault.aliases(of: "chengdu")
    print("SPEED loading 1 M aliases: \(Int((Self.seconds() - begin) * 1000)) ms")
    let shuffled = batches.shuffled()
    let numbers = UnsafeMutableBufferPointer<AliasID>.allocate(capacity: 1000)
    defer { numbers.deallocate() }
    for _ in 1...2 {
      begin = Self.seconds()
      for batch in shuffled {
        try aliases.resolve(UnsafeBufferPointer(batch.views), of: PartnerID(1), into: numbers)
      }
      print("SPEED known aliases: \(Int(1e6 / (Self.seconds() - begin)))/s of 1 M")
    }
    vault.close()
  }
}
