// SPDX-License-Identifier: Apache-2.0
import Behaviour
import FoundationEssentials
import Governance
import Journal
import Ledger
import Membership
import Policy
import Recognition
import Rewards
import Units

/// Everything but reports: what a person or a program asks of a mechanism.
package enum Command: Sendable {
  case adopt([Pack.File])
  case membership(Membership.Command)
  /// Organisations and their members.
  case group(GroupCommand)
  /// 注销 of a citizen's account.
  case closeAccount(CitizenID)
  case transfers([Transfer])
  case limits(AccountID, Limits)
  /// 放行: staff let a quarantined report through.
  case release(FactNumber, by: String, opinion: String)
  /// 驳回: staff refuse a quarantined report for good.
  case reject(FactNumber, by: String, opinion: String)
  /// 普惠商城
  case rewards(Rewards.Command)
  /// 积分互认
  case recognition(Recognition.Command)
  /// Rules and ratios by two persons, expiry.
  case policy(PolicyCommand)
  /// 撤回、更正: a partner takes events back, or sends others in their place.
  case withdraw([Recall])
  /// Cases, measures, appeals, letters.
  case governance(Governance.Command)
}

/// Why a command was not carried out: a name for programs, a sentence for people.
package struct CommandRefusal: Error, Sendable {
  package var name: String
  package var message: String
  /// What the sentence needs in other languages: `count`, `at`, `by`.
  package var detail: [String: String] = [:]
  package init(_ name: String, _ message: String) {
    self.name = name
    self.message = message
  }
}

/// What a command came to.
package struct CommandResult: Sendable {
  /// The first fact written; none where the command changed nothing.
  package var fact = FactNumber(0)
  package var citizen = CitizenID(0)
  package var partner = PartnerID(0)
  package var organisation = OrganisationID(0)
  package var answers: [Answer] = []
  /// Reports that were decided again.
  package var summary = BatchSummary()
  /// The number of what the mall made: a merchant, an offer, a release, an order.
  package var number: UInt32 = 0
  /// The same command was carried out before; this is the first one's answer.
  package var isRepeat = false
  /// Of a withdrawal: what came of each event.
  package var recalled: [Recalled] = []
}

extension State {
  /// Takes in a batch of reports; verdicts are left in the batch, facts in the writer.
  package mutating func admit(_ batch: ReportBatch, now: Instant, writer: FrameWriter) {
    guard let hot else { return refuseAll(batch) }
    resolve(batch, hot, now: now, writer: writer)
    awards.removeAll()
    let first = nextFact
    behaviour.admit(
      batch, hot, now: now, writer: writer, next: &nextFact, awards: &awards)
    postAwards()
    guard nextFact > first else { return }
    BatchRecord(
      partner: batch.reports[0].partner, summary: batch.summary,
      written: UInt32(nextFact.raw - first.raw)
    ).store(to: writer)
    nextFact = FactNumber(nextFact.raw + 1)
  }

  /// Before a pack is adopted no scene is known.
  private func refuseAll(_ batch: ReportBatch) {
    for index in 0..<batch.count {
      batch.verdicts[index].reason = .unknownScene
      batch.verdicts[index].field = ReportField.type.rawValue
    }
  }

  /// Finds each report's citizen; enrols where the partner may.
  private mutating func resolve(
    _ batch: ReportBatch, _ hot: HotRules, now: Instant, writer: FrameWriter
  ) {
    let reports = batch.reports
    let count = batch.count
    var strangers = false
    grants.withUnsafeBufferPointer { grants in
      for index in 0..<count {
        if index & 7 == 0 {
          for next in min(index + 8, count)..<min(index + 16, count) {
            membership.prefetch(reports[next].alias)
          }
        }
        let report = reports + index
        guard case .none = report.pointee.fault else { continue }
        let partner = Int(report.pointee.partner.raw)
        let scene = report.pointee.scene
        let grant = grants.baseAddress! + (partner < grants.count ? partner : 0)
        guard !grant.pointee.isClosed, scene.isNone || allows(grant, partner, scene) else {
          report.pointee.fault = .sceneNotGranted
          report.pointee.field = ReportField.type.rawValue
          continue
        }
        guard !scene.isNone else { continue }
        let citizen = membership.citizen(of: report.pointee.alias)
        report.pointee.citizen = citizen
        if citizen.isNone {
          strangers = strangers || grant.pointee.enrols
        } else if membership.isFrozen(citizen) {
          report.pointee.standing = .frozen
        }
      }
    }
    if strangers { enrol(batch, hot, now: now, writer: writer) }
  }

  /// A new account for each stranger of a partner that enrols, in the batch's order. What will
  /// leave no trace enrols nobody.
  private mutating func enrol(
    _ batch: ReportBatch, _ hot: HotRules, now: Instant, writer: FrameWriter
  ) {
    for index in 0..<batch.count {
      let report = batch.reports + index
      guard case .none = report.pointee.fault, report.pointee.citizen.isNone,
        !report.pointee.scene.isNone,
        !report.pointee.alias.isNone, grants[Int(report.pointee.partner.raw)].enrols
      else { continue }
      let alias = report.pointee.alias
      report.pointee.citizen = membership.citizen(of: alias)
      guard report.pointee.citizen.isNone, behaviour.isNews(report, hot, now: now) else { continue }
      report.pointee.citizen = membership.enrol(alias, writer: writer)
      nextFact = FactNumber(nextFact.raw + 1)
    }
  }

  mutating func postAwards() { ledger.post(awards.awards) }

  /// Decides one command, writes its facts and applies them.
  package mutating func perform(
    _ command: Command, now: Instant, writer: FrameWriter
  ) -> Result<CommandResult, CommandRefusal> {
    prepare(now)
    switch command {
    case .policy(let command): return perform(command, now: now, writer: writer)
    case .adopt(let files): return adopt(files, now: now, writer: writer)
    case .membership(let command): return perform(command, writer: writer)
    case .group(let command): return perform(command, writer: writer)
    case .closeAccount(let citizen): return closeAccount(citizen, now: now, writer: writer)
    case .transfers(let transfers):
      let (answers, fact) = ledger.decide(transfers, now: now)
      var result = CommandResult()
      result.answers = answers
      if let fact { result.fact = write(fact, writer) }
      return .success(result)
    case .limits(let account, let limits):
      switch ledger.decide(account, limits) {
      case .failure(let refusal):
        return .failure(
          CommandRefusal(
            "\(refusal)",
            refusal == .accountUnknown
              ? "there is no account \(account.name)"
              : "\(account.name) breaks these limits already; move the balance first"))
      case .success(let fact):
        var result = CommandResult()
        result.fact = write(fact, writer)
        return .success(result)
      }
    case .release(let fact, let by, let opinion):
      return judge(fact, release: true, by, opinion, writer: writer)
    case .reject(let fact, let by, let opinion):
      return judge(fact, release: false, by, opinion, writer: writer)
    case .rewards(let command): return perform(command, now: now, writer: writer)
    case .withdraw(let recalls):
      return .success(withdraw(recalls, now: now, writer: writer))
    case .recognition(let command): return perform(command, now: now, writer: writer)
    case .governance(let command): return perform(command, now: now, writer: writer)
    }
  }

  /// What keeps a pack from being adopted now, or the pack.
  package func adoptable(_ files: [Pack.File]) -> Result<Pack, CommandRefusal> {
    switch Pack.parse(files: files, registry: sceneNumbers) {
    case .failure(let problems):
      return .failure(
        CommandRefusal("packInvalid", problems.description))
    case .success(let pack):
      guard runs(packOf: pack.code) else {
        return .failure(
          CommandRefusal(
            "packOfAnotherMechanism", "this mechanism is \(code), the pack is for \(pack.code)"))
      }
      for scene in pack.behaviour.scenes where measuresOtherwise(scene) {
        return .failure(
          CommandRefusal(
            "measuresChanged",
            "the scene \(scene.code) measures other fields than before, so that reports that wait "
              + "could not be read any more; give the scene a new code and close the old one"))
      }
      return .success(pack)
    }
  }

  mutating func adopt(
    _ files: [Pack.File], proposal: Int? = nil, now: Instant, writer: FrameWriter
  ) -> Result<CommandResult, CommandRefusal> {
    switch adoptable(files) {
    case .failure(let refusal): return .failure(refusal)
    case .success(let pack):
      if proposal == nil, let current = adoptions.last, same(current.files, files) {
        return .success(CommandResult())
      }
      var result = CommandResult()
      result.fact = nextFact
      var row = AdoptionRow(
        version: pack.version, files: files, scenes: pack.registry.mapValues(\.raw))
      row.proposal = proposal
      writer.readable(kind: AdoptionRow.kind, json: encode(row))
      apply(adoption: row, number: nextFact, time: now)
      nextFact = FactNumber(nextFact.raw + 1)
      return .success(result)
    }
  }

  /// Whether an earlier pack measured something else in this scene, or in another order. A scene
  /// that a pack dropped measures nothing meanwhile.
  private func measuresOtherwise(_ scene: Scene) -> Bool {
    guard !scene.fields.isEmpty else { return false }
    for adoption in adoptions.reversed() {
      guard let before = adoption.hot.scene(scene.id), !before.fields.isEmpty else { continue }
      return before.fields != scene.fields
    }
    return false
  }

  func same(_ a: [Pack.File], _ b: [Pack.File]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.path == $1.path && $0.bytes == $1.bytes }
  }

  private mutating func perform(
    _ command: Membership.Command, writer: FrameWriter
  ) -> Result<CommandResult, CommandRefusal> {
    let open = Set(hot?.rules.scenes.map(\.code) ?? [])
    switch membership.decide(command, scenes: open) {
    case .failure(let refusal):
      return .failure(CommandRefusal("\(refusal)", refusal.sentence))
    case .success(let fact):
      var result = CommandResult()
      result.fact = nextFact
      if !fact.store(to: writer) {
        writer.readable(kind: Membership.Fact.readableKind, json: encode(Membership.FactRow(fact)))
      }
      apply(fact)
      nextFact = FactNumber(nextFact.raw + 1)
      switch fact {
      case .partner(let id, _): result.partner = id
      case .enrolled(let citizen, _), .marked(let citizen, _, _): result.citizen = citizen
      case .linked(let alias, let citizen):
        result.citizen = citizen
        result.summary = creditWaiting(alias, citizen, writer: writer)
      case .unlinked(_, let citizen): result.citizen = citizen
      }
      return .success(result)
    }
  }

  /// What waited for this alias is decided again, now that it is somebody.
  private mutating func creditWaiting(
    _ alias: AliasID, _ citizen: CitizenID, writer: FrameWriter
  ) -> BatchSummary {
    var summary = BatchSummary()
    guard let hot else { return summary }
    awards.removeAll()
    for held in behaviour.waiting[alias] ?? [] {
      let verdict = behaviour.decideAgain(
        held, citizen: citizen, standing: membership.isFrozen(citizen) ? .frozen : .good,
        origin: .waited, hot: hot, writer: writer, next: &nextFact, awards: &awards)
      summary.add(verdict)
    }
    postAwards()
    return summary
  }

  private mutating func judge(
    _ fact: FactNumber, release: Bool, _ by: String, _ opinion: String, writer: FrameWriter
  ) -> Result<CommandResult, CommandRefusal> {
    guard let hot, let held = behaviour.quarantine[fact] else {
      return .failure(
        CommandRefusal(
          "notQuarantined", "report \(fact.raw) is not in quarantine: somebody decided it before"))
    }
    var result = CommandResult()
    result.fact = nextFact
    let note = NoteRow(
      decision: release ? "release" : "reject", fact: fact.raw, by: by, opinion: opinion)
    writer.readable(kind: NoteRow.kind, json: encode(note))
    nextFact = FactNumber(nextFact.raw + 1)
    awards.removeAll()
    if release {
      let citizen =
        held.report.alias.isNone ? held.report.citizen : membership.citizen(of: held.report.alias)
      result.summary.add(
        behaviour.decideAgain(
          held, citizen: citizen, standing: .good, origin: .quarantined, hot: hot, writer: writer,
          next: &nextFact, awards: &awards))
    } else {
      result.summary.add(behaviour.reject(held, hot: hot, writer: writer, next: &nextFact))
    }
    postAwards()
    return .success(result)
  }

  private mutating func write(_ fact: Ledger.Fact, _ writer: FrameWriter) -> FactNumber {
    writer.readable(kind: Ledger.Fact.kind, json: encode(Ledger.FactRow(fact)))
    ledger.apply(fact)
    defer { nextFact = FactNumber(nextFact.raw + 1) }
    return nextFact
  }
}

/// The same value is always the same bytes: keys in alphabetical order, nothing escaped needlessly.
func encode(_ value: some Encodable) -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  guard let data = try? encoder.encode(value) else {
    preconditionFailure("a fact that can't be written as JSON: \(value)")
  }
  return Array(data)
}

extension Membership.Refusal {
  package var sentence: String {
    switch self {
    case .partnerUnknown: "there is no such partner; list them with the console's partner page"
    case .partnerCodeInvalid:
      "a partner's code is 1 to 64 lower-case letters, digits and hyphens, and does not change"
    case .partnerCodeTaken: "another partner has this code; choose another"
    case .partnersFull: "a mechanism holds at most 4,095 partners"
    case .sceneUnknown: "the pack in force has no such scene; see the pack's scenes"
    case .citizenUnknown: "there is no such citizen account"
    case .aliasAlreadyLinked:
      "this partner user is linked to another account; unlink it there first"
    case .aliasNotLinked: "this partner user is not linked to an account"
    case .aliasUnknown: "there is no such partner user"
    case .unchanged: "nothing would change"
    }
  }
}
