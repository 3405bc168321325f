// SPDX-License-Identifier: Apache-2.0
import Glibc
import Journal
import Storage
import Synchronization
import Testing
import Units

/// One body of tests for every store: what a journal promises, it promises wherever it is kept.
@Suite(.serialized) struct JournalStoreTests {
  enum Kind: String, CaseIterable, Sendable { case memory, sqlite, postgres }

  /// A place for one journal, and stores opened on it one after the other.
  struct Place: ~Copyable {
    let kind: Kind
    let folder = TrialFolder()
    let disk = MemoryDisk()
    let mechanism = "m-\(UInt64.random(in: 0...UInt64.max))"

    init?(_ kind: Kind) {
      self.kind = kind
      if kind == .postgres, PrivatePostgres.connection == nil { return nil }
    }

    func open() throws -> any JournalStore {
      switch kind {
      case .memory: try MemoryStore(on: disk)
      case .sqlite: try SQLiteStore(path: folder.path + "/journal.sqlite")
      case .postgres:
        try PostgresStore(connection: PrivatePostgres.connection!, mechanism: mechanism)
      }
    }
  }

  static func frame(_ sequence: UInt64, bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: UInt64($0) &* 31 &+ sequence &* 7) }
  }

  static func append(_ store: any JournalStore, _ place: FramePlace, _ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try store.append($0, at: place) }
  }

  static func place(_ sequence: UInt64, _ first: UInt64, _ count: UInt32) -> FramePlace {
    FramePlace(sequence: sequence, firstFact: FactNumber(first), factCount: count)
  }

  static func all(_ store: any JournalStore, from sequence: UInt64 = 1) throws -> [(
    FramePlace, [UInt8]
  )] {
    var frames: [(FramePlace, [UInt8])] = []
    try store.read(from: sequence) { place, bytes in
      frames.append((place, Array(bytes)))
      return true
    }
    return frames
  }

  /// Frames of 3, 0, 1, 0, 0 and 5 facts: 1-3, none, 4, none, none, 5-9.
  static let places = [
    place(1, 1, 3), place(2, 4, 0), place(3, 4, 1), place(4, 5, 0), place(5, 5, 0), place(6, 5, 5),
  ]

  @Test(arguments: Kind.allCases) func anEmptyJournalHasNothing(_ kind: Kind) throws {
    guard let place = Place(kind) else { return }
    let store = try place.open()
    defer { store.close() }
    #expect(try store.last() == nil)
    #expect(try Self.all(store).isEmpty)
    #expect(try store.place(of: FactNumber(1)) == nil)
  }

  @Test(arguments: Kind.allCases) func whatWasAppendedIsThereAfterReopening(_ kind: Kind) throws {
    guard let place = Place(kind) else { return }
    var store = try place.open()
    for place in Self.places {
      try Self.append(store, place, Self.frame(place.sequence, bytes: Int(place.factCount) * 100))
    }
    for _ in 1...2 {
      #expect(try store.last() == Self.places.last)
      let frames = try Self.all(store)
      #expect(frames.map(\.0) == Self.places)
      for (place, bytes) in frames {
        #expect(bytes == Self.frame(place.sequence, bytes: Int(place.factCount) * 100))
      }
      #expect(try Self.all(store, from: 4).map(\.0.sequence) == [4, 5, 6])
      #expect(try Self.all(store, from: 7).isEmpty)
      store.close()
      store = try place.open()
    }
    store.close()
  }

  @Test(arguments: Kind.allCases) func everyFactIsFoundInItsFrame(_ kind: Kind) throws {
    guard let place = Place(kind) else { return }
    let store = try place.open()
    defer { store.close() }
    for place in Self.places { try Self.append(store, place, [1]) }
    let frames = try (0...10).map { try store.place(of: FactNumber($0))?.sequence }
    #expect(frames == [nil, 1, 1, 1, 3, 6, 6, 6, 6, 6, nil])
    #expect(try store.place(of: FactNumber(.max)) == nil)
  }

  @Test(arguments: Kind.allCases) func aFrameOutOfOrderChangesNothing(_ kind: Kind) throws {
    guard let place = Place(kind) else { return }
    let store = try place.open()
    defer { store.close() }
    let wrongFirst = [Self.place(2, 1, 1), Self.place(0, 1, 1), Self.place(1, 2, 1)]
    for wrong in wrongFirst { expectOutOfOrder { try Self.append(store, wrong, [9]) } }
    try Self.append(store, Self.place(1, 1, 2), [1, 2])
    let wrongNext = [
      Self.place(1, 1, 2), Self.place(3, 3, 1), Self.place(2, 2, 1), Self.place(2, 4, 1),
    ]
    for wrong in wrongNext { expectOutOfOrder { try Self.append(store, wrong, [9]) } }
    #expect(try Self.all(store).map(\.1) == [[1, 2]])
    try Self.append(store, Self.place(2, 3, 1), [3])
    #expect(try store.last() == Self.place(2, 3, 1))
  }

  @Test(arguments: Kind.allCases) func aLargeAndAnEmptyFrameComeBackWhole(_ kind: Kind) throws {
    guard let place = Place(kind) else { return }
    let store = try place.open()
    let large = Self.frame(1, bytes: 9_000_001)
    try Self.append(store, Self.place(1, 1, 50_000), large)
    try Self.append(store, Self.place(2, 50_001, 0), [])
    store.close()
    let reopened = try place.open()
    defer { reopened.close() }
    let frames = try Self.all(reopened)
    #expect(frames.count == 2)
    #expect(frames[0].1 == large)
    #expect(frames[1].1.isEmpty)
  }

  @Test(arguments: Kind.allCases) func aSecondWriterIsTurnedAway(_ kind: Kind) throws {
    guard let place = Place(kind) else { return }
    let first = try place.open()
    try Self.append(first, Self.place(1, 1, 1), [1])
    let refusal = #expect(throws: StoreFailure.self) { _ = try place.open() }
    #expect(refusal?.kind == .inUse)
    // The first goes on as if nothing had been.
    try Self.append(first, Self.place(2, 2, 1), [2])
    first.close()
    let second = try place.open()
    #expect(try second.last()?.sequence == 2)
    second.close()
  }

  @Test(arguments: Kind.allCases) func aReaderMayStopAndMayFail(_ kind: Kind) throws {
    guard let place = Place(kind) else { return }
    let store = try place.open()
    defer { store.close() }
    for number in 1...100 as ClosedRange<UInt64> {
      try Self.append(store, Self.place(number, number, 1), [UInt8(number)])
    }
    var seen = 0
    try store.read(from: 11) { _, _ in
      seen += 1
      return seen < 70
    }
    #expect(seen == 70)
    struct Disgust: Error {}
    #expect(throws: Disgust.self) { try store.read(from: 1) { _, _ in throw Disgust() } }
    // A body may ask the store while it reads.
    try store.read(from: 100) { place, _ in
      let found = try store.place(of: place.firstFact)
      #expect(found == place)
      return true
    }
    #expect(try Self.all(store).count == 100)
  }

  @Test(arguments: Kind.allCases) func readingGoesOnWhileFramesAreAppended(_ kind: Kind) throws {
    guard let place = Place(kind) else { return }
    let store = try place.open()
    defer { store.close() }
    let answered = Atomic<UInt64>(0)
    try withThreads(
      {
        for number in 1...300 as ClosedRange<UInt64> {
          try Self.append(
            store, Self.place(number, number * 2 - 1, 2), Self.frame(number, bytes: 2000))
          answered.store(number, ordering: .releasing)
        }
      },
      {
        while answered.load(ordering: .acquiring) < 300 {
          let before = answered.load(ordering: .acquiring)
          let frames = try Self.all(store)
          #expect(frames.count >= before)
          for (index, frame) in frames.enumerated() {
            #expect(frame.0.sequence == UInt64(index + 1))
            #expect(frame.1 == Self.frame(frame.0.sequence, bytes: 2000))
          }
          if before > 0 {
            #expect(try store.place(of: FactNumber(before * 2))?.sequence == before)
          }
          usleep(2000)
        }
      })
  }

  private func expectOutOfOrder(_ body: () throws -> Void) {
    let failure = #expect(throws: StoreFailure.self) { try body() }
    #expect(failure?.kind == .outOfOrder)
    #expect(failure?.advice.isEmpty == false)
  }
}

/// Runs both at once, each on a thread of its own, and throws what either threw.
func withThreads(
  _ first: @escaping () throws -> Void, _ second: @escaping () throws -> Void
) throws {
  final class Work {
    let body: () throws -> Void
    var failure: (any Error)?
    init(_ body: @escaping () throws -> Void) { self.body = body }
  }
  let works = [Work(first), Work(second)]
  var threads: [pthread_t] = []
  for work in works {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(work).toOpaque()
    pthread_create(
      &thread, nil,
      { argument in
        let work = Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue()
        do { try work.body() } catch { work.failure = error }
        return nil
      }, argument)
    threads.append(thread)
  }
  for thread in threads { pthread_join(thread, nil) }
  for work in works { if let failure = work.failure { throw failure } }
}
