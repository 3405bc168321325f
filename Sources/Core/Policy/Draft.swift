// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Governance
import Methodology
import Recognition
import Units

/// A pack while it is being read: what is known so far, and all that is wrong so far.
///
/// Reading goes on after a problem, so that one run tells everything; what depends on a broken part
/// is left out quietly instead of being reported again.
struct Draft {
  /// More than any city has, and few enough for the small numbers that Behaviour's hot rules use:
  /// scenes times the entries of each stay below 65,536, and families below 256.
  static let scenesMax = 1000
  static let entriesPerSceneMax = 60
  static let familiesMax = 200

  var registry: [String: SceneID]
  var problems: [Problem] = []

  var mechanism: Manifest?
  var documents: [String: Pack.Document] = [:]
  var documentOrder: [String] = []
  var families: [Family] = []
  var partners: [Pack.Partner] = []
  var factors: [Factor] = []
  var library = FactorLibrary()
  var methods: [Definition] = []
  /// Where each method's formula stands, to place what its binding to a scene's fields finds.
  var formulaPlaces: [String: Entry] = [:]
  var scenes: [Scene] = []
  var exclusiveGroups: [String] = []
  var examples: [Example] = []
  var mall = MallDraft()
  var consents: [ConsentTerms] = []
  var people = PeopleRules()
  var statements: [Pack.Statement] = []
  var points = PointsPolicy()
  var budgets: [Budget] = []
  var campaigns: [Campaign] = []
  var programmes: [Programme] = []
  var care: Governance.Rules?
  /// Places of codes already used, by `block code`.
  var places: [String: String] = [:]

  /// The manifest's plain part.
  struct Manifest {
    var code: String
    var version = ""
    var name = Name("", "")
    var city = Name("", "")
    var effective = Day(0)
    var zone: Int32 = 28_800
    var area = ""
    var languages: [Pack.Language] = []
    var clockSkewSeconds: Int64 = 300
  }

  init(registry: [String: SceneID]) { self.registry = registry }

  mutating func read(_ files: [Pack.File]) {
    let texts = files.filter { $0.path.hasSuffix(".txt") }.sorted {
      $0.path.utf8.lexicographicallyPrecedes($1.path.utf8)
    }
    var blocks: [String: [Entry]] = [:]
    for file in texts where !Draft.isExamples(file.path) {
      var reader = EntryReader(file: file.path)
      reader.read(file.bytes)
      problems += reader.problems
      for entry in reader.entries { blocks[entry.key, default: []].append(entry) }
    }
    let order =
      [
        "document", "mechanism", "family", "partner", "factor", "method", "scene", "points",
        "budget", "campaign", "consent", "people", "programme", "care", "risk",
      ] + MallDraft.blocks
    for key in blocks.keys.sorted() where !order.contains(key) {
      for entry in blocks[key] ?? [] {
        fault(entry, "no block is called `\(key)`", "Blocks are: \(order.joined(separator: ", ")).")
      }
    }
    readDocuments(blocks["document"] ?? [])
    readMechanism(blocks["mechanism"] ?? [])
    for entry in blocks["family"] ?? [] { readFamily(entry) }
    for entry in blocks["partner"] ?? [] { readPartner(entry) }
    for entry in blocks["factor"] ?? [] { readFactor(entry) }
    library = FactorLibrary(factors)
    for entry in blocks["method"] ?? [] { readMethod(entry) }
    for entry in blocks["scene"] ?? [] { readScene(entry) }
    readMall(blocks)
    readPoints(blocks["points"] ?? [])
    for entry in blocks["budget"] ?? [] { readBudget(entry) }
    for entry in blocks["campaign"] ?? [] { readCampaign(entry) }
    for entry in blocks["programme"] ?? [] { readProgramme(entry) }
    workInCampaigns()
    for entry in blocks["consent"] ?? [] { readConsent(entry) }
    readPeople(blocks["people"] ?? [])
    readCare(blocks["care"] ?? [], risks: blocks["risk"] ?? [])
    if blocks["scene"] == nil {
      problems.append(
        Problem(
          file: "scenes.txt", line: nil, column: nil, reason: "the pack has no scene",
          advice: "Add a block `scene CODE`."))
    }
    for file in texts where Draft.isExamples(file.path) { readExamples(file) }
    statements = order.flatMap { blocks[$0] ?? [] }.flatMap { statements(of: $0) }
  }

  static func isExamples(_ path: String) -> Bool {
    path == "examples.txt" || path.hasPrefix("examples/")
  }

  func finished() -> Result<Pack, Pack.Faults> {
    guard problems.isEmpty, let mechanism, let first = documentOrder.first,
      let document = documents[first]
    else {
      return .failure(
        Pack.Faults(
          problems: problems.sorted {
            ($0.file, $0.line ?? 0, $0.column ?? 0) < ($1.file, $1.line ?? 0, $1.column ?? 0)
          }))
    }
    let (placed, registry) = numbered()
    return .success(
      Pack(
        code: mechanism.code, version: mechanism.version, name: mechanism.name,
        city: mechanism.city, effective: mechanism.effective, document: document,
        documents: documentOrder.compactMap { documents[$0] }, zone: mechanism.zone,
        area: mechanism.area, languages: mechanism.languages,
        behaviour: Behaviour.Rules(
          scenes: placed, families: families, zone: mechanism.zone,
          clockSkewSeconds: mechanism.clockSkewSeconds, budgets: budgets, campaigns: campaigns),
        registry: registry, methods: methods, library: library, partners: partners,
        mall: mall.rules, examples: examples, statements: statements, points: points,
        consents: consents, people: people,
        recognition: Recognition.Rules(programmes: programmes), care: care))
  }

  /// Scenes at their numbers; a number whose scene the pack no longer has is held by a closed one.
  private func numbered() -> (scenes: [Scene], registry: [String: SceneID]) {
    var registry = registry
    var last = registry.values.map(\.raw).max() ?? 0
    for scene in scenes where registry[scene.code] == nil {
      precondition(last < .max, "65535 scene numbers are given away; no mechanism gets that old")
      last += 1
      registry[scene.code] = SceneID(last)
    }
    var codes: [SceneID: String] = [:]
    for (code, id) in registry { codes[id] = code }
    var placed = (0..<last).map { index in
      let code = codes[SceneID(index + 1)] ?? "unused-\(index + 1)"
      return Scene(
        id: SceneID(index + 1), code: code, name: Name(code, code), family: 0,
        source: .setByThisProject, evidence: Name("", ""), closed: true)
    }
    for var scene in scenes {
      guard let id = registry[scene.code], !id.isNone else { continue }
      scene.id = id
      placed[Int(id.raw) - 1] = scene
    }
    return (placed, registry)
  }

  // MARK: - Complaints

  mutating func fault(_ entry: Entry, _ reason: String, _ advice: String) {
    fault(entry, column: entry.column, reason, advice)
  }

  mutating func fault(_ entry: Entry, column: Int, _ reason: String, _ advice: String) {
    problems.append(
      Problem(file: entry.file, line: entry.line, column: column, reason: reason, advice: advice))
  }
}
