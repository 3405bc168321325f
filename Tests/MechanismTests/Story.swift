// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Journal
import Mechanism
import Membership
import Policy
import Testing
import Units

/// Tells a pack's examples to a fresh mechanism, line by line.
///
/// The lines are those of a pack's `examples.txt`; a story of our own may also say, on a line by
/// itself:
///
///   link Guest to Lin        -> 183 g 3 points      what waited is credited
///   unlink Guest
///   freeze Lin               unfreeze Lin
///   release Lin              -> 156 g 3 points      the last report of Lin's that was held
///   reject Lin
struct Story: ~Copyable {
  private var trial: Trial
  private let file: String
  private var people: [String: CitizenID] = [:]
  private var strangers: Set<String> = []
  private var partners: [String: PartnerID] = [:]
  private var aliases: [String: AliasID] = [:]
  private var held: [String: FactNumber] = [:]
  private var last: [String: Report] = [:]
  private var vehicles: [String: UInt64] = [:]
  private var events: UInt64 = 0
  private(set) var told = 0

  /// Tells the whole story; complains with file and line.
  static func tell(_ text: String, files: [Pack.File], file: String, code: String) -> Int {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let commands = ["link", "unlink", "freeze", "unfreeze", "release", "reject"]
    func isCommand(_ line: Substring) -> Bool {
      commands.contains { line.hasPrefix($0 + " ") }
    }
    let reports = lines.map { isCommand($0) ? "" : String($0) }.joined(separator: "\n")
    let examples = Pack.File(path: "examples.txt", bytes: Array(reports.utf8))
    let all = files.filter { $0.path != "examples.txt" } + [examples]
    var story = Story(Trial(pack: all, code: code, people: false), file)
    guard let pack = story.trial.state.pack else { return 0 }
    for (index, line) in lines.enumerated() {
      if isCommand(line) {
        story.obey(line, index + 1)
      } else {
        for example in pack.examples where example.line == index + 1 { story.tell(example) }
      }
    }
    story.trial.check(file)
    return story.told
  }

  private init(_ trial: consuming Trial, _ file: String) {
    self.trial = trial
    self.file = file
  }

  private mutating func tell(_ example: Example) {
    told += 1
    switch example.step {
    case .citizen(let name): people[name] = trial.must(.membership(.enrol)).citizen
    case .stranger(let name): strangers.insert(name)
    case .holds(let name, let grams, let points):
      let holds = trial.holds(people[name] ?? .none)
      expect(grams == nil || grams == holds[0], example.line, "\(name) holds \(holds[0]) g")
      expect(points == nil || points == holds[1], example.line, "\(name) holds \(holds[1]) points")
    case .report(let report):
      trial.now = report.received
      let made = report.isRepeat ? last[report.person]! : self.made(report)
      last[report.person] = made
      let verdict = trial.admit([made])[0]
      if verdict.outcome == .quarantined { held[report.person] = verdict.fact }
      compare(verdict, report.expected, example.line)
    }
  }

  private func compare(_ verdict: Verdict, _ expected: Example.Outcome, _ line: Int) {
    let came =
      switch verdict.outcome {
      case .accepted: "\(verdict.grams) g \(verdict.points) points"
      case .refused: "refused \(verdict.reason)"
      case .quarantined: "quarantined \(verdict.reason)"
      case .waiting, .duplicate, .rejected: "\(verdict.outcome)"
      }
    let wanted =
      switch expected {
      case .accepted(let grams, let points): "\(grams) g \(points) points"
      case .refused(let reason): "refused \(reason)"
      case .quarantined(let reason): "quarantined \(reason)"
      case .waiting: "waiting"
      case .duplicate: "duplicate"
      }
    expect(came == wanted, line, "\(came), where `\(wanted)` is written")
  }

  private func expect(_ good: Bool, _ line: Int, _ complaint: String) {
    if !good { Issue.record("\(file):\(line): \(complaint)") }
  }

  private mutating func made(_ told: Example.Report) -> Report {
    events += 1
    var report = Report()
    report.id = (mixed(events), mixed(events ^ 0x77))
    report.ended = told.time.milliseconds
    report.scene = trial.state.scene(code: told.scene) ?? .none
    let partner = partner(told.partner ?? "nameless")
    report.partner = partner
    report.alias = alias(told.person, partner)
    if let vehicle = told.vehicle {
      report.vehicle = vehicles[vehicle] ?? mixed(UInt64(vehicles.count + 1))
      vehicles[vehicle] = report.vehicle
    }
    guard let scene = trial.state.scene(report.scene) else { return report }
    var values: [Int64] = [0, 0, 0, 0]
    for value in told.values {
      guard let slot = scene.slot(of: value.field) else { continue }
      values[slot] = value.measured.millionths
      report.present |= 1 << UInt8(slot)
    }
    report.values = (values[0], values[1], values[2], values[3])
    return report
  }

  private mutating func partner(_ code: String) -> PartnerID {
    if let known = partners[code] { return known }
    let scenes = trial.state.hot!.rules.scenes.map(\.code)
    let partner = Partner(code: code, name: code, scenes: scenes, enrols: false)
    let id = trial.must(.membership(.addPartner(partner))).partner
    partners[code] = id
    return id
  }

  private mutating func alias(_ person: String, _ partner: PartnerID) -> AliasID {
    let key = "\(person) \(partner.raw)"
    if let known = aliases[key] { return known }
    let alias = AliasID(UInt32(aliases.count + 1))
    aliases[key] = alias
    if let citizen = people[person] { trial.must(.membership(.link(alias, citizen))) }
    return alias
  }

  private mutating func obey(_ line: Substring, _ number: Int) {
    told += 1
    let halves = line.split(separator: "->").map { $0.split(separator: " ").map(String.init) }
    let words = halves[0]
    var summary = BatchSummary()
    switch words[0] {
    case "link":
      for (key, alias) in aliases.sorted(by: { $0.key < $1.key })
      where key.hasPrefix(words[1] + " ") {
        summary += trial.must(.membership(.link(alias, people[words[3]]!))).summary
      }
    case "unlink":
      for (key, alias) in aliases where key.hasPrefix(words[1] + " ") {
        trial.must(.membership(.unlink(alias)))
      }
    case "freeze": trial.must(.membership(.freeze(people[words[1]]!, reason: "story")))
    case "unfreeze": trial.must(.membership(.unfreeze(people[words[1]]!, reason: "story")))
    case "release":
      summary = trial.must(.release(held[words[1]]!, by: "staff", opinion: "seen")).summary
    default: summary = trial.must(.reject(held[words[1]]!, by: "staff", opinion: "no")).summary
    }
    guard halves.count > 1 else { return }
    let came = "\(summary.grams.count) g \(summary.points.count) points"
    expect(came == halves[1].joined(separator: " "), number, "\(came), not \(halves[1])")
  }
}
