// SPDX-License-Identifier: Apache-2.0
import Desk
import FoundationEssentials
import HTTP
import Journal
import Mechanism
import Policy
import Storage
import Units

/// 规则提案: drafts are uploaded, compared, tried, proposed by one person, decided by another.
enum PolicyDesk {
  static func list(_ call: Call) throws -> Response {
    let office = try call.office()
    return try call.file(office, try Sheet.proposals(call, office)) ?? listPage(call)
  }

  private static func listPage(
    _ call: Call, problems: [Problem] = [], problem: HTML? = nil
  ) throws -> Response {
    let office = try call.office()
    let page = Console.proposals(
      call.visit(office), all: StaffDesk.all(call), code: office.code, office.proposals(),
      drafts: try call.site.vault.drafts(mechanism: office.code, limit: 20),
      names: try names(call), problems: problems, problem: problem)
    return call.html(page, status: problems.isEmpty && problem == nil ? 200 : 422)
  }

  static func names(_ call: Call) throws -> [String: String] {
    Dictionary(
      try call.site.vault.staff().map { ("staff/\($0.id.raw)", $0.displayName) },
      uniquingKeysWith: { first, _ in first })
  }

  static func by(_ call: Call) throws -> String {
    guard let staff = call.staff else { throw Trouble.forbidden }
    return "staff/\(staff.id.raw)"
  }

  // MARK: - Drafts

  static func upload(_ call: Call) throws -> Response {
    let office = try call.office()
    let files: [Pack.File]
    do {
      files = try PackUpload.files(call.request)
    } catch {
      return try listPage(call, problem: error.sentence(call.t))
    }
    let registry = office.clerk.read { $0.sceneNumbers }
    if case .failure(let faults) = Pack.parse(files: files, registry: registry) {
      return try listPage(call, problems: faults.problems)
    }
    let refusal: CommandRefusal? = office.clerk.read { state in
      if case .failure(let refusal) = state.adoptable(files) { return refusal }
      return nil
    }
    if let refusal { return try listPage(call, problem: Trouble(refusal).sentence(call.t)) }
    let number = try keep(files, call, office)
    return call.go("/console/\(Link("\(office.code)"))/policy/drafts/\(Link("\(number)"))")
  }

  private static func keep(_ files: [Pack.File], _ call: Call, _ office: Office) throws -> Int64 {
    guard let staff = call.staff else { throw Trouble.forbidden }
    return try call.site.vault.keepDraft(
      mechanism: office.code, digest: PackUpload.digest(files), files: PackUpload.text(files),
      by: staff.id, at: call.now)
  }

  static func draft(_ call: Call) throws -> Response {
    let office = try call.office()
    let (draft, files) = try found(call, office)
    let known = office.proposals().filter {
      $0.row.packFiles.map { PackUpload.digest($0) } == draft.digest
    }
    let response = call.html(
      Console.draft(
        call.visit(office), all: StaffDesk.all(call), code: office.code, draft,
        try packCase(draft, files, against: office.adoptions().last, call, office),
        proposals: known, names: try names(call)))
    return refreshing(response, office, draft.digest)
  }

  /// A page about a trial that is on its way asks for itself again.
  private static func refreshing(
    _ response: Response, _ office: Office, _ digest: String
  ) -> Response {
    var response = response
    if case .running = office.rehearsal.state { response["Refresh"] = "2" }
    return response
  }

  private static func found(
    _ call: Call, _ office: Office
  ) throws -> (PackDraft, [Pack.File]) {
    guard
      let draft = try call.site.vault.draft(
        Int64(clamping: try call.number("number")), mechanism: office.code),
      let files = PackUpload.files(of: draft.files)
    else { throw Trouble.notFound }
    return (draft, files)
  }

  private static func packCase(
    _ draft: PackDraft, _ files: [Pack.File], against: Adoption?, _ call: Call, _ office: Office
  ) throws -> PackCase {
    let registry = office.clerk.read { $0.sceneNumbers }
    guard case .success(let pack) = Pack.parse(files: files, registry: registry) else {
      throw Trouble.notFound
    }
    let kept = try call.site.vault.trial(mechanism: office.code, digest: draft.digest)
    var progress: TrialProgress?
    switch office.rehearsal.state {
    case .idle: break
    case .running(let digest, _, let frame, let last):
      progress = TrialProgress(frame: frame, of: last, isOther: digest != draft.digest)
    case .failed(let digest, let fault) where digest == draft.digest:
      progress = TrialProgress(fault: fault)
    case .failed: break
    }
    return PackCase(
      draft: draft.number, version: pack.version,
      changes: against.map { PackChange.between($0.pack, pack, call.t) } ?? [],
      files: DiffLine.compare(against?.files, files), against: against?.pack.version ?? "",
      trial: kept.flatMap { try? JSONDecoder().decode(WhatIfReport.self, from: Data($0.result)) },
      trialMade: kept?.made, progress: progress)
  }

  // MARK: - What if

  static func tryOut(_ call: Call) throws -> Response {
    let office = try call.office()
    let (draft, files) = try found(call, office)
    guard let staff = call.staff else { throw Trouble.forbidden }
    if office.rehearsal.start(
      office, draft, files, by: staff.id, vault: call.site.vault, clock: call.site.clock)
    {
      try call.log("try draft", "\(office.code)/draft/\(draft.number)", after: draft.digest)
    }
    return call.go("/console/\(Link("\(office.code)"))/policy/drafts/\(Link("\(draft.number)"))")
  }

  static func result(_ call: Call) throws -> Response {
    let office = try call.office()
    let (draft, files) = try found(call, office)
    let kept = try packCase(draft, files, against: office.adoptions().last, call, office)
    guard let report = kept.trial else { throw Trouble.notFound }
    return call.html(
      Console.whatIf(
        call.visit(office), all: StaffDesk.all(call), code: office.code, kept, report))
  }

  static func resultTable(_ call: Call) throws -> Response {
    let office = try call.office()
    let (draft, _) = try found(call, office)
    guard
      let kept = try call.site.vault.trial(mechanism: office.code, digest: draft.digest),
      let report = try? JSONDecoder().decode(WhatIfReport.self, from: Data(kept.result))
    else { throw Trouble.notFound }
    var response = Response.bytes(
      Array(WhatIfTable.csv(report, call.t).utf8), type: "text/csv; charset=utf-8")
    response["Content-Disposition"] =
      "attachment; filename=\"what-if-\(office.code)-\(draft.number).csv\""
    return response
  }

  // MARK: - Proposals

  static func propose(_ call: Call) throws -> Response {
    let office = try call.office()
    let (draft, files) = try found(call, office)
    guard let day = Day(call.form["effective"] ?? "") else { throw PolicyDesk.noDay }
    let command = PolicyCommand.propose(
      files, effective: day, by: try by(call), opinion: try opinion(call))
    _ = try office.perform(.policy(command))
    let number = office.proposals().count
    try call.log(
      "propose pack", "\(office.code)/proposal/\(number)", after: "\(draft.digest) from \(day)")
    return call.go(proposal(office, number))
  }

  static let noDay = Trouble(
    422, "day-missing", "请填写生效日期，如 2027-01-01。",
    "Give the day from which it is to hold, as 2027-01-01.",
    next: .back)

  static func opinion(_ call: Call) throws -> String {
    let opinion = call.form["opinion"] ?? ""
    guard !opinion.isEmpty, opinion.count <= 500 else {
      throw Trouble(
        422, "opinion-missing", "请填写意见，最多 500 字。", "Give an opinion of at most 500 characters.",
        next: .back)
    }
    return opinion
  }

  static func proposal(_ office: Office, _ number: Int) -> Link {
    "/console/\(Link("\(office.code)"))/policy/proposals/\(Link("\(number)"))"
  }

  static func show(_ call: Call) throws -> Response {
    let office = try call.office()
    let proposal = try proposal(call, office)
    guard let files = proposal.row.packFiles else {
      return call.html(
        Console.proposal(
          call.visit(office), all: StaffDesk.all(call), code: office.code, proposal, nil,
          ratio: office.clerk.read { $0.ratio(on: proposal.row.day) }, names: try names(call),
          by: try by(call)))
    }
    let number = try keep(files, call, office)
    guard let draft = try call.site.vault.draft(number, mechanism: office.code) else {
      throw Trouble.notFound
    }
    let response = call.html(
      Console.proposal(
        call.visit(office), all: StaffDesk.all(call), code: office.code, proposal,
        try packCase(draft, files, against: base(of: proposal, office), call, office), ratio: nil,
        names: try names(call), by: try by(call)))
    return proposal.status == .proposed ? refreshing(response, office, draft.digest) : response
  }

  private static func proposal(_ call: Call, _ office: Office) throws -> Proposal {
    let number = Int(clamping: try call.number("number"))
    let proposals = office.proposals()
    guard number <= proposals.count else { throw Trouble.notFound }
    return proposals[number - 1]
  }

  /// What a proposal changes: the pack before it, or the one that was in force at its decision.
  private static func base(of proposal: Proposal, _ office: Office) -> Adoption? {
    let adoptions = office.adoptions()
    if let fact = proposal.adopted, let own = adoptions.firstIndex(where: { $0.fact.raw == fact }) {
      return own > 0 ? adoptions[own - 1] : nil
    }
    guard let decided = proposal.decidedFact, proposal.status != .approved else {
      return adoptions.last
    }
    return adoptions.last { $0.fact.raw <= decided }
  }

  static func decide(_ call: Call) throws -> Response {
    let office = try call.office()
    let number = try proposal(call, office).row.number
    let command: PolicyCommand
    switch call.form["decision"] {
    case "approve":
      command = .approve(number, by: try by(call), opinion: try opinion(call))
    case "reject":
      command = .rejectProposal(number, by: try by(call), opinion: try opinion(call))
    default:
      throw Trouble(
        422, "decision-missing", "请选择同意或驳回。", "Choose approve or reject.", next: .back)
    }
    return try perform(command, number, call, office)
  }

  static func withdraw(_ call: Call) throws -> Response {
    let office = try call.office()
    let number = try proposal(call, office).row.number
    return try perform(
      .withdraw(number, by: try by(call), opinion: try opinion(call)), number, call, office)
  }

  private static func perform(
    _ command: PolicyCommand, _ number: Int, _ call: Call, _ office: Office
  ) throws -> Response {
    _ = try office.perform(.policy(command))
    let after = office.proposals()[number - 1].status
    try call.log(
      "decide proposal", "\(office.code)/proposal/\(number)", before: "proposed", after: "\(after)")
    return call.go(proposal(office, number))
  }
}

extension Office {
  func proposals() -> [Proposal] { clerk.read { $0.proposals } }
}

extension DiffLine {
  /// File by file; the whole text where there is nothing to compare with.
  static func compare(
    _ old: [Pack.File]?, _ new: [Pack.File]
  ) -> [(path: String, lines: [DiffLine])] {
    func text(_ path: String, _ files: [Pack.File]) -> String {
      files.first { $0.path == path }.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
    }
    var seen = Set<String>()
    return (new.map(\.path) + (old ?? []).map(\.path)).filter { seen.insert($0).inserted }.map {
      ($0, compare(old.map { [path = $0] in text(path, $0) }, text($0, new)))
    }
  }
}
