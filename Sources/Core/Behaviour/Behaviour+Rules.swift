// SPDX-License-Identifier: Apache-2.0
import Methodology
import Units

/// What the city's pack decides about behaviour: read by Policy, held by the mechanism, replaced
/// whole when a pack version is adopted.
package struct Rules: Sendable {
  /// By scene number minus one; a scene that a later pack version dropped keeps its place, closed.
  package var scenes: [Scene]
  package var families: [Family]
  /// Seconds east of Greenwich: where the mechanism's days begin.
  package var zone: Int32
  /// How far a report's end may lie in the future, for clocks that are a little off.
  package var clockSkewSeconds: Int64
  /// By year, at most one each; a year without one has no ceiling.
  package var budgets: [Budget]
  /// In the order of the pack; the rules of `scenes` have them worked in.
  package var campaigns: [Campaign]

  package init(
    scenes: [Scene] = [], families: [Family] = [], zone: Int32 = 28_800,
    clockSkewSeconds: Int64 = 300, budgets: [Budget] = [], campaigns: [Campaign] = []
  ) {
    self.scenes = scenes
    self.families = families
    self.zone = zone
    self.clockSkewSeconds = clockSkewSeconds
    self.budgets = budgets
    self.campaigns = campaigns
  }
}

/// A name in both languages.
package struct Name: Hashable, Sendable {
  package var chinese: String
  package var english: String
  package init(_ chinese: String, _ english: String) {
    self.chinese = chinese
    self.english = english
  }
}

/// Where a value comes from: a clause (`CD-1`), an official document, or this project.
package enum Source: Hashable, Sendable {
  case document(String)
  case setByThisProject
}

/// 场景类别: a family of scenes, such as 绿色出行.
package struct Family: Sendable {
  package var code: String
  package var name: Name
  package var source: Source
  package init(code: String, name: Name, source: Source) {
    self.code = code
    self.name = name
    self.source = source
  }
}

/// 低碳场景: one kind of behaviour that is rewarded.
package struct Scene: Sendable {
  package var id: SceneID
  package var code: String
  package var name: Name
  /// Index into `Rules.families`.
  package var family: Int
  package var source: Source
  /// 证明材料: what a partner must be able to show.
  package var evidence: Name
  /// 场景建设单位、接入平台 that the document names for this scene.
  package var partnersNamed: [String]
  /// Measured fields a report must carry, at most four; a value's place here is its slot.
  package var fields: [Field]
  package var needsVehicle: Bool
  package var limits: [Limit]
  /// A report that overlaps another of the same vehicle is held.
  package var exclusiveVehicle: Bool
  /// A report that overlaps one of the same citizen, from another partner, in a scene of the same
  /// group is held: one trip reported twice. Zero: no such check.
  package var exclusiveGroup: UInt8
  /// In order of `from`, without overlap: the rule in force at the behaviour's day decides.
  package var rules: [Rule]
  package var closed: Bool

  package init(
    id: SceneID, code: String, name: Name, family: Int, source: Source, evidence: Name,
    partnersNamed: [String] = [], fields: [Field] = [], needsVehicle: Bool = false,
    limits: [Limit] = [], exclusiveVehicle: Bool = false, exclusiveGroup: UInt8 = 0,
    rules: [Rule] = [], closed: Bool = false
  ) {
    self.id = id
    self.code = code
    self.name = name
    self.family = family
    self.source = source
    self.evidence = evidence
    self.partnersNamed = partnersNamed
    self.fields = fields
    self.needsVehicle = needsVehicle
    self.limits = limits
    self.exclusiveVehicle = exclusiveVehicle
    self.exclusiveGroup = exclusiveGroup
    self.rules = rules
    self.closed = closed
  }

  /// The slot of a field, or nil where the scene does not measure it.
  package func slot(of field: Field) -> Int? { fields.firstIndex(of: field) }
}

/// 合理性限值: what a believable report looks like.
package struct Limit: Sendable {
  package enum Quantity: Sendable {
    /// A measured value by slot.
    case value(slot: Int)
    /// A value by slot divided by another (metres by seconds: speed).
    case ratio(slot: Int, by: Int)
  }
  package var quantity: Quantity
  /// In millionths of the field's unit, or of the ratio of the two units.
  package var minimum: Int64
  package var maximum: Int64
  /// Below the minimum is not a low-carbon behaviour: refused. Above the maximum is hard to
  /// believe: held.
  package var source: Source
  /// As the pack wrote it, for messages: `distance 500 m to 20 km`.
  package var text: String
  package init(
    quantity: Quantity, minimum: Int64 = .min, maximum: Int64 = .max, source: Source, text: String
  ) {
    self.quantity = quantity
    self.minimum = minimum
    self.maximum = maximum
    self.source = source
    self.text = text
  }
}

/// 积分规则: one dated version of how a scene is rewarded.
package struct Rule: Sendable {
  /// `shared-bike@2023-01-01`: the name every award carries.
  package var code: String
  package var from: Day
  /// The last day, inclusive.
  package var until: Day
  package var reduction: Reduction
  package var points: PointsRate
  package var caps: [Cap]
  package var source: Source
  /// The campaign that raised the points and caps of these days.
  package var campaign: Campaign?

  package enum Reduction: Sendable {
    /// 方法学: grams by formula.
    case method(Method)
    /// Grams a report, or a unit of a field, straight from a document.
    case fixed(grams: Int64, source: Source)
  }

  package init(
    code: String, from: Day, until: Day, reduction: Reduction, points: PointsRate, caps: [Cap],
    source: Source
  ) {
    self.code = code
    self.from = from
    self.until = until
    self.reduction = reduction
    self.points = points
    self.caps = caps
    self.source = source
  }
}

/// How many points a report earns before caps. Fractions of a point are dropped.
package struct PointsRate: Sendable {
  package enum Basis: Sendable {
    case perReport(points: Int64)
    /// So many points for each full `grams` of reduction.
    case perGrams(points: Int64, grams: Int64)
    /// So many points for each full `millionths` of a measured value.
    case perValue(points: Int64, slot: Int, millionths: Int64)
  }
  package var basis: Basis
  package var source: Source
  package init(_ basis: Basis, source: Source) {
    self.basis = basis
    self.source = source
  }
}

/// 上限: the most points within a period; the reduction is recorded in full all the same.
package struct Cap: Sendable {
  package enum Period: UInt8, BitwiseCopyable, Sendable { case day, month, year }
  package enum Scope: UInt8, BitwiseCopyable, Sendable { case scene, family, all }
  package var points: Int64
  package var period: Period
  package var scope: Scope
  package var source: Source
  package init(points: Int64, period: Period, scope: Scope, source: Source) {
    self.points = points
    self.period = period
    self.scope = scope
    self.source = source
  }
}
