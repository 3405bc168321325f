// SPDX-License-Identifier: Apache-2.0
import Glibc
import Journal
import Storage
import Testing
import Units

/// Partners' users and their numbers: one subject, one number, for ever.
@Suite struct AliasTests {
  /// Subjects laid one after the other, and the views that `resolve` takes.
  final class Batch: @unchecked Sendable {  // read only
    let bytes: UnsafeMutableRawBufferPointer
    let views: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>

    init(_ subjects: [String]) {
      let total = subjects.reduce(0) { $0 + $1.utf8.count }
      bytes = .allocate(byteCount: max(total, 1), alignment: 1)
      views = .allocate(capacity: subjects.count)
      var at = 0
      for (index, subject) in subjects.enumerated() {
        let end = at + subject.utf8.count
        UnsafeMutableRawBufferPointer(rebasing: bytes[at..<end]).copyBytes(from: subject.utf8)
        views.initializeElement(at: index, to: UnsafeRawBufferPointer(rebasing: bytes[at..<end]))
        at = end
      }
    }

    deinit {
      bytes.deallocate()
      views.deallocate()
    }
  }

  static func resolve(
    _ aliases: Aliases, _ batch: Batch, _ partner: UInt16 = 1
  ) throws -> [UInt32] {
    try [AliasID](unsafeUninitializedCapacity: batch.views.count) { numbers, count in
      try aliases.resolve(
        UnsafeBufferPointer(batch.views), of: PartnerID(partner), into: numbers)
      count = batch.views.count
    }.map(\.raw)
  }

  static func resolve(
    _ aliases: Aliases, _ subjects: [String], _ partner: UInt16 = 1
  ) throws -> [UInt32] {
    try resolve(aliases, Batch(subjects), partner)
  }

  @Test func numbersAreDenseAndStay() throws {
    let folder = TrialFolder()
    var vault = try VaultTests.vault(folder)
    var aliases = try vault.aliases(of: "chengdu")
    #expect(try Self.resolve(aliases, ["lin", "ma", "lin", "", "ma"]) == [1, 2, 1, 3, 2])
    // Another partner's user of the same name is somebody else, and so is another mechanism's.
    #expect(try Self.resolve(aliases, ["lin", "wu"], 2) == [4, 5])
    #expect(try Self.resolve(vault.aliases(of: "shenzhen"), ["wu"], 2) == [1])
    vault.close()
    vault = try VaultTests.vault(folder)
    aliases = try vault.aliases(of: "chengdu")
    #expect(try Self.resolve(aliases, ["zhao", "ma", "lin"]) == [6, 2, 1])
    #expect(aliases.find(Array("wu".utf8), of: PartnerID(2)) == AliasID(5))
    #expect(aliases.find(Array("wu".utf8), of: PartnerID(1)) == nil)
    #expect(aliases.count == 6)
    let shown = try #require(try aliases.subject(of: AliasID(5)))
    #expect(shown.partner == PartnerID(2) && shown.subject == Array("wu".utf8))
    vault.close()
  }

  @Test func anErasedSubjectLeavesNothingAndItsNumberIsNeverGivenAgain() throws {
    let folder = TrialFolder()
    var vault = try VaultTests.vault(folder)
    var aliases = try vault.aliases(of: "chengdu")
    let subject = "user-of-the-partner-who-goes"
    #expect(try Self.resolve(aliases, ["lin", "ma", subject]) == [1, 2, 3])
    #expect(!contains(folder.everything(), Array(subject.utf8)))
    let reader = try Connection(folder.path + "/vault.sqlite", .readOnly)
    let stored = try reader.rows("SELECT digest, sealed FROM alias WHERE alias = 3") {
      [$0.bytes(0), $0.bytes(1)]
    }[0]
    for bytes in stored { #expect(contains(folder.everything(), bytes)) }
    try aliases.erase(AliasID(3))
    for bytes in stored { #expect(!contains(folder.everything(), bytes)) }
    #expect(try aliases.subject(of: AliasID(3)) == nil)
    #expect(aliases.find(Array(subject.utf8), of: PartnerID(1)) == nil)
    vault.close()
    vault = try VaultTests.vault(folder)
    aliases = try vault.aliases(of: "chengdu")
    #expect(try Self.resolve(aliases, [subject, "ma"]) == [4, 2])
    vault.close()
  }

  @Test func twoThreadsNeverNumberOneSubjectTwice() throws {
    let folder = TrialFolder()
    let vault = try VaultTests.vault(folder)
    let aliases = try vault.aliases(of: "chengdu")
    // Both go over the same thousands in another order, in batches that overlap.
    let subjects = (0..<6000).map { "rider-\($0)" }
    let forwards = stride(from: 0, to: 6000, by: 200).map {
      Batch(Array(subjects[$0..<($0 + 200)]))
    }
    let backwards = stride(from: 0, to: 6000, by: 300).map {
      Batch(Array(subjects[$0..<($0 + 300)].reversed()))
    }
    final class Answers: @unchecked Sendable { var numbers: [[UInt32]] = [] }
    let (first, second) = (Answers(), Answers())
    try withThreads(
      { first.numbers = try forwards.map { try Self.resolve(aliases, $0) } },
      { second.numbers = try backwards.map { try Self.resolve(aliases, $0) } })
    let one = first.numbers.flatMap { $0 }
    let two = second.numbers.flatMap { $0.reversed() }
    #expect(one == two)
    #expect(Set(one) == Set(1...6000))
    #expect(aliases.count == 6000)
    vault.close()
  }

  @Test func manyAreFoundAgain() throws {
    let folder = TrialFolder()
    var vault = try VaultTests.vault(folder)
    let batch = Batch((0..<50_000).map { "u\($0)" })
    let numbers = try Self.resolve(vault.aliases(of: "m1"), batch)
    #expect(numbers == Array(1...50_000))
    let gone = [7, 20_000, 49_999] as [UInt32]
    for alias in gone { try vault.aliases(of: "m1").erase(AliasID(alias)) }
    vault.close()
    vault = try VaultTests.vault(folder)
    let again = try Self.resolve(vault.aliases(of: "m1"), batch)
    var expected = numbers
    for (index, alias) in gone.enumerated() { expected[Int(alias) - 1] = 50_001 + UInt32(index) }
    #expect(again == expected)
    vault.close()
  }
}
