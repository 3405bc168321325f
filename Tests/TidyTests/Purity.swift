// SPDX-License-Identifier: Apache-2.0

/// Below the Shell: no clock, no files, no threads, no randomness. What depends on them could not
/// be replayed.
enum Purity {
  struct Ban {
    var words: Set<Substring>
    /// Only where a bracket follows: `open(`, and no dot and no `func` before it.
    var called = false
    var reason: String
    var instead: String
  }

  static let bans: [Ban] = [
    Ban(
      words: [
        "Date", "ContinuousClock", "SuspendingClock", "DispatchTime", "clock_gettime",
        "gettimeofday", "Calendar", "TimeZone",
      ],
      reason: "a clock", instead: "let the time arrive as an Instant inside the command"),
    Ban(
      words: ["Task", "async", "await", "actor", "AsyncStream", "MainActor"],
      reason: "concurrency", instead: "stay synchronous; the Desk calls you on its one thread"),
    Ban(
      words: [
        "Thread", "pthread_create", "pthread_mutex_lock", "DispatchQueue", "Mutex", "Atomic",
        "NSLock",
      ],
      reason: "a thread or its lock", instead: "own your state; the Desk is the one writer"),
    Ban(
      words: [
        "open", "fopen", "creat", "unlink", "mkdir", "fsync", "fwrite", "fread", "opendir",
      ],
      called: true, reason: "a file", instead: "take bytes as an argument, and answer bytes"),
    Ban(
      words: ["FileManager", "FileHandle", "URLSession", "socket"],
      reason: "the world outside", instead: "take bytes as an argument, and answer bytes"),
    Ban(
      words: [
        "random", "randomElement", "shuffle", "shuffled", "SystemRandomNumberGenerator",
        "arc4random", "UUID",
      ],
      reason: "randomness", instead: "let a seed or an identifier arrive inside the command"),
    Ban(
      words: ["Hasher", "hashValue"],
      reason: "seeded anew in every process",
      instead: "write a fixed mixing function where an order or a digest depends on it"),
    Ban(
      words: ["print", "debugPrint", "NSLog", "fputs"],
      called: true, reason: "output", instead: "return a value that the Shell can show"),
  ]

  /// Files that need a banned word, each with its reason.
  static let excused: [String: Set<Substring>] = [:]

  static func check(_ source: Source) -> [Finding] {
    guard source.floor == "Core" || source.floor == "Base", source.path.hasSuffix(".swift")
    else { return [] }
    var findings: [Finding] = []
    for word in source.words {
      guard let ban = bans.first(where: { $0.words.contains(word.text) }) else { continue }
      if excused[source.path]?.contains(word.text) == true { continue }
      // A label, a member of our own, or a case is no clock: `open:`, `.open`, `func open(`.
      let label = word.after == UInt8(ascii: ":")
      let ours = word.before == UInt8(ascii: ".") || word.previous == "func"
      if label || word.previous == "case" { continue }
      if ban.called, word.after != UInt8(ascii: "(") || ours { continue }
      // `hash(into:)` is how a type becomes a key; only an order or a digest made of it is wrong.
      if word.text == "Hasher", word.previous == "inout" { continue }
      findings.append(
        Finding(
          source, word.line,
          "\(word.text) is \(ban.reason), which cannot be replayed; \(ban.instead)"
        ))
    }
    return findings + floatingPoint(source)
  }

  /// Floating point lives in Methodology and leaves it rounded.
  private static func floatingPoint(_ source: Source) -> [Finding] {
    guard source.floor == "Core", source.room != "Methodology" else { return [] }
    return source.words.filter { ["Double", "Float"].contains($0.text) }.map {
      Finding(
        source, $0.line,
        "\($0.text): only Methodology calculates in floating point; use an integer with a unit type"
      )
    }
  }
}
