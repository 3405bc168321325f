// SPDX-License-Identifier: Apache-2.0
import Archive
import Desk
import Glibc
import HTTP
import Journal
import Mechanism
import Policy
import Storage
import Units
import Web

/// A server at work: an opened data folder, archives that follow, heads that are signed, the site.
///
/// `@unchecked Sendable`: `isStopping` is guarded by `lock`; all else is set before the threads
/// begin.
final class Serving: @unchecked Sendable {
  /// How often a new head is signed and kept while the journal grows.
  static let headSeconds = 60
  /// How often payments that did not come and vouchers past their time are ended.
  static let mallSeconds = 5

  let opened: Opened
  let port: UInt16
  private let site: Site
  private let server: Server
  private let ingests: [String: Ingest]
  private let followers: [String: Follower]
  private let heads: [String: HeadFile]
  private let lock = Lock()
  private var isStopping = false
  private var signer: Worker?
  private let courier: Courier

  init(
    _ opened: Opened, listen: String, settings: SiteSettings,
    sender: any CodeSender = DevelopmentSender()
  ) throws {
    self.opened = opened
    let (host, wanted) = try Serving.address(listen)
    var ingests: [String: Ingest] = [:]
    var followers: [String: Follower] = [:]
    var heads: [String: HeadFile] = [:]
    var offices: [Office] = []
    for clerk in opened.clerks {
      let keys = try SigningKeys.openOrCreate(opened.folder.signingKeysPath(of: clerk.code))
      let zone = clerk.read { $0.pack?.zone ?? 28_800 }
      let follower = try Follower(
        path: opened.folder.archivePath(of: clerk.code), store: clerk.store, zone: zone)
      follower.start()
      followers[clerk.code] = follower
      ingests[clerk.code] = Ingest(clerk: clerk, vault: opened.vault, archive: follower)
      let signed = HeadFile(
        path: opened.folder.folder(of: clerk.code) + "/heads.jsonl", keys: keys)
      heads[clerk.code] = signed
      offices.append(
        Office(
          clerk: clerk, keys: keys, aliases: try opened.vault.aliases(of: clerk.code),
          archive: follower, heads: signed,
          journalPath: opened.folder.journalPath(of: clerk.code)))
    }
    self.ingests = ingests
    self.followers = followers
    self.heads = heads
    let counters = ingests
    let vault = opened.vault
    let site = Site(offices: offices, vault: vault, settings: settings, sender: sender) {
      office, request, key, reply in
      counters[office.code]?.handle(request, key.partner, reply) {
        office.takeEvents($0, key, vault, request, at: systemClock())
      }
    }
    self.site = site
    courier = Courier(site)
    var limits = Limits()
    limits.body = { site.bodyMax($0, $1) }
    server = try Server(
      listen: host, port: wanted, threads: 2, limits: limits,
      refuse: { Ingest.problem($0, "The request is refused", $1) },
      handler: { site.handle($0, $1) })
    try server.start()
    port = server.port
    let signer = Worker("signer") { [self] in sign() }
    self.signer = signer
    signer.start()
    courier.start()
  }

  /// Waits for SIGINT or SIGTERM (blocked in every thread by `blockSignals`), then ends all work.
  func serveUntilTold() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    var signal: Int32 = 0
    sigwait(&signals, &signal)
    stop()
  }

  static func blockSignals() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  func stop() {
    server.stop(grace: 5)
    courier.stop()
    site.stop()
    for ingest in ingests.values { ingest.stop() }
    lock.with {
      isStopping = true
      lock.wake()
    }
    signer?.join()
    publishHeads()
    for follower in followers.values { follower.stop() }
    opened.close()
  }

  private func sign() {
    var waited = 0
    while !lock.with({ isStopping }) {
      if waited % Serving.headSeconds == 0 { publishHeads() }
      if waited % Serving.mallSeconds == 0 { site.tend() }
      waited += 1
      sleep(1)
    }
  }

  /// Signs each journal's head where it has grown since the last one.
  func publishHeads() {
    for clerk in opened.clerks {
      guard let file = heads[clerk.code] else { continue }
      do {
        let head = clerk.ask { $0.head() }
        if try file.read().last?.head.frames != head.frames { _ = try file.publish(head) }
      } catch {
        complain("tanpuhui: \(error)\n")
      }
    }
  }

  static func address(_ text: String) throws -> (String, UInt16) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else {
      throw CommandFailure("--listen \(text) is no HOST:PORT, such as 127.0.0.1:8080.")
    }
    return (String(text[..<colon]), port)
  }

  /// Where the pages' files lie: beside the program's repository, or in the folder it was started
  /// in.
  static func assetsFolder() -> String {
    var path = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &path, 4095)
    var folder = String(
      decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    while let slash = folder.lastIndex(of: "/"), slash != folder.startIndex {
      folder = String(folder[..<slash])
      if access(folder + "/assets/bootstrap.min.css", R_OK) == 0 { return folder + "/assets" }
    }
    return "assets"
  }
}
