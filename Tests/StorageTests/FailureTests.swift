// SPDX-License-Identifier: Apache-2.0
import Glibc
import Journal
import Storage
import Testing
import Units

/// The world breaks: nothing half-done stays, and the message says what to do.
@Suite(.serialized) struct FailureTests {
  @Test func aFullDiskLosesNothing() throws {
    let folder = TrialFolder()
    let path = folder.path + "/journal.sqlite"
    var store = try SQLiteStore(path: path, bytesMax: 1 << 20)
    let bytes = JournalStoreTests.frame(1, bytes: 100_000)
    var kept: UInt64 = 0
    var failure: StoreFailure?
    while failure == nil, kept < 100 {
      let place = JournalStoreTests.place(kept + 1, kept + 1, 1)
      do {
        try JournalStoreTests.append(store, place, bytes)
        kept += 1
      } catch let error as StoreFailure {
        failure = error
      }
    }
    #expect(failure?.kind == .full)
    #expect(failure?.operation == "append frame \(kept + 1)")
    #expect(failure?.advice.contains("Free space") == true)
    #expect(kept > 5)
    #expect(try JournalStoreTests.all(store).count == Int(kept))
    store.close()
    // With room again it goes on where it was.
    store = try SQLiteStore(path: path)
    #expect(try store.last()?.sequence == kept)
    try JournalStoreTests.append(store, JournalStoreTests.place(kept + 1, kept + 1, 1), bytes)
    store.close()
  }

  /// With `TANPUHUI_SMALL_DISK` naming a file system of a few megabytes (`mount -t tmpfs -o
  /// size=3m`).
  @Test(.enabled(if: getenv("TANPUHUI_SMALL_DISK") != nil))
  func aDiskThatIsReallyFull() throws {
    let disk = String(cString: getenv("TANPUHUI_SMALL_DISK")!)
    let path = disk + "/data"
    defer { run(["/bin/rm", "-rf", path]) }
    let data = try DataFolder(path, create: true)
    try data.add(mechanism: "chengdu")
    let vault = try Vault(path: data.vaultPath, keys: data.keysPath)
    let aliases = try vault.aliases(of: "chengdu")
    #expect(try AliasTests.resolve(aliases, ["lin", "ma"]) == [1, 2])
    var store = try SQLiteStore(path: data.journalPath(of: "chengdu"))
    let bytes = JournalStoreTests.frame(1, bytes: 100_000)
    var kept: UInt64 = 0
    let full = #expect(throws: StoreFailure.self) {
      while kept < 100 {
        try JournalStoreTests.append(
          store, JournalStoreTests.place(kept + 1, kept + 1, 1), bytes)
        kept += 1
      }
    }
    #expect(full?.kind == .full && kept > 5)
    let many = (0..<30_000).map { "somebody-new-\($0)" }
    let refused = #expect(throws: StoreFailure.self) { _ = try AliasTests.resolve(aliases, many) }
    #expect(refused?.kind == .full)
    #expect(aliases.count == 2 && aliases.find(Array(many[0].utf8), of: PartnerID(1)) == nil)
    #expect(try AliasTests.resolve(aliases, ["ma", "lin"]) == [2, 1])
    store.close()
    store = try SQLiteStore(path: data.journalPath(of: "chengdu"))
    #expect(try store.last()?.sequence == kept)
    #expect(try JournalStoreTests.all(store).allSatisfy { $0.1 == bytes })
    store.close()
    vault.close()
  }

  @Test func aFolderThatCannotBeWrittenIsNamed() throws {
    let folder = TrialFolder()
    let path = folder.path + "/data"
    do {
      let data = try DataFolder(path, create: true)
      try data.add(mechanism: "chengdu")
      let store = try SQLiteStore(path: data.journalPath(of: "chengdu"))
      try JournalStoreTests.append(store, JournalStoreTests.place(1, 1, 1), [1])
      store.close()
    }
    #expect(run(["/bin/chmod", "-R", "a-w,a+rX", folder.path]).status == 0)
    try asNobody {
      let data = #expect(throws: StoreFailure.self) { _ = try DataFolder(path, create: false) }
      #expect(data?.kind == .readOnly)
      let journal = #expect(throws: StoreFailure.self) {
        _ = try SQLiteStore(path: path + "/chengdu/journal.sqlite")
      }
      #expect(journal?.kind == .readOnly)
      #expect(journal?.advice.contains("owner, mode, mount") == true)
    }
    #expect(run(["/bin/chmod", "-R", "u+w", folder.path]).status == 0)
  }

  @Test func aDamagedFileIsSaidToBeDamaged() throws {
    let folder = TrialFolder()
    let path = folder.path + "/journal.sqlite"
    let store = try SQLiteStore(path: path)
    for number in 1...200 as ClosedRange<UInt64> {
      try JournalStoreTests.append(
        store, JournalStoreTests.place(number, number, 1),
        JournalStoreTests.frame(number, bytes: 40_000))
    }
    store.close()
    // The pages of the tree are overwritten, the head is left as it is.
    #expect(
      run([
        "/bin/dd", "if=/dev/urandom", "of=" + path, "bs=16384", "seek=1", "count=400",
        "conv=notrunc", "status=none",
      ]).status == 0)
    let failure = #expect(throws: StoreFailure.self) {
      let damaged = try SQLiteStore(path: path)
      defer { damaged.close() }
      _ = try JournalStoreTests.all(damaged)
    }
    #expect(failure?.kind == .corrupt)
    #expect(failure?.advice.contains("backup") == true)
    #expect(write(Array(repeating: 65, count: 9000), path))
    let nonsense = #expect(throws: StoreFailure.self) { _ = try SQLiteStore(path: path) }
    #expect(nonsense?.kind == .corrupt)
    let stranger = folder.path + "/other.sqlite"
    try Connection(stranger).run(script: "CREATE TABLE recipe(name TEXT)")
    let foreign = #expect(throws: StoreFailure.self) { _ = try SQLiteStore(path: stranger) }
    #expect(foreign?.cause == "the file holds something else")
  }

  @Test func aMissingFrameIsNoticed() throws {
    let folder = TrialFolder()
    let path = folder.path + "/journal.sqlite"
    let store = try SQLiteStore(path: path)
    for number in 1...5 as ClosedRange<UInt64> {
      try JournalStoreTests.append(store, JournalStoreTests.place(number, number, 1), [1])
    }
    try Connection(path, .readWrite).run("DELETE FROM frame WHERE sequence = 3")
    let failure = #expect(throws: StoreFailure.self) { _ = try JournalStoreTests.all(store) }
    #expect(failure?.cause == "frame 3 is missing")
    store.close()
  }

  @Test func aLostConnectionIsSaidAndTheFenceOpens() throws {
    guard let server = PrivatePostgres.connection else { return }
    let connection = server + " application_name=lost"
    let store = try PostgresStore(connection: connection, mechanism: "lost")
    try JournalStoreTests.append(store, JournalStoreTests.place(1, 1, 1), [1])
    let follower = try PostgresStore(connection: connection, mechanism: "lost", access: .follow)
    #expect(try follower.last()?.sequence == 1)
    let killed = run([
      "/usr/bin/psql", server, "-qAt", "-c",
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        + "WHERE application_name = 'lost'",
    ])
    #expect(killed.status == 0)
    let failure = #expect(throws: StoreFailure.self) {
      try JournalStoreTests.append(store, JournalStoreTests.place(2, 2, 1), [2])
    }
    #expect(failure?.kind == .unavailable)
    #expect(failure?.advice.contains("start again") == true)
    // The standby takes over; the one that was cut off cannot write any more.
    let heir = try PostgresStore(connection: connection, mechanism: "lost")
    #expect(try heir.last()?.sequence == 1)
    try JournalStoreTests.append(heir, JournalStoreTests.place(2, 2, 1), [3])
    #expect(throws: StoreFailure.self) {
      try JournalStoreTests.append(store, JournalStoreTests.place(2, 2, 1), [2])
    }
    #expect(try JournalStoreTests.all(follower).map(\.1) == [[1], [3]])
    for store in [store, heir, follower] { store.close() }
    let nowhere = #expect(throws: StoreFailure.self) {
      _ = try PostgresStore(connection: "host=/nowhere dbname=x", mechanism: "lost")
    }
    #expect(nowhere?.kind == .unavailable)
  }

  /// Root may write anywhere; this thread gives that up for a moment, where it is root.
  private func asNobody(_ body: () throws -> Void) throws {
    guard geteuid() == 0 else { return try body() }
    typealias Change = @convention(c) (uid_t) -> Int32
    let symbol = try #require(dlsym(nil, "setfsuid"))
    let setfsuid = unsafeBitCast(symbol, to: Change.self)
    _ = setfsuid(65_534)
    defer { _ = setfsuid(0) }
    try body()
  }
}
