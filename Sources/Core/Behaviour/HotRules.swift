// SPDX-License-Identifier: Apache-2.0
import Methodology
import Units

/// The rules once more, flat: what a report's path reads, without a reference to count.
///
/// Made once for each adopted pack version. Do not reach into `Rules` from the path of a report:
/// its arrays and texts cost two atomic operations each time they are touched.
package final class HotRules: Sendable {
  package let rules: Rules
  nonisolated(unsafe) let scenes: UnsafeMutableBufferPointer<HotScene>
  nonisolated(unsafe) let limits: UnsafeMutableBufferPointer<HotLimit>
  nonisolated(unsafe) let ruleRows: UnsafeMutableBufferPointer<HotRule>
  nonisolated(unsafe) let caps: UnsafeMutableBufferPointer<HotCap>
  /// As long as `rules` holds the methods.
  nonisolated(unsafe) let methods: UnsafeMutableBufferPointer<MethodTable>
  let hasExclusiveVehicles: Bool
  let zone: Int32
  /// Whether points are given out of a budget; where there is none, nothing is asked.
  let hasBudget: Bool

  package init(_ rules: Rules) {
    self.rules = rules
    zone = rules.zone
    hasBudget = !rules.budgets.isEmpty
    var limits: [HotLimit] = []
    var rows: [HotRule] = []
    var caps: [HotCap] = []
    var methods: [MethodTable] = []
    var scenes: [HotScene] = []
    for scene in rules.scenes {
      var hot = HotScene(scene)
      hot.firstLimit = UInt16(limits.count)
      limits += scene.limits.map(HotLimit.init)
      hot.firstRule = UInt16(rows.count)
      for rule in scene.rules {
        var row = HotRule(rule)
        if case .method(let method) = rule.reduction {
          row.method = Int32(methods.count)
          methods.append(method.table)
        }
        row.firstCap = UInt16(caps.count)
        caps += rule.caps.map(HotCap.init)
        rows.append(row)
      }
      scenes.append(hot)
    }
    hasExclusiveVehicles = scenes.contains { $0.exclusiveVehicle }
    self.scenes = HotRules.flat(scenes)
    self.limits = HotRules.flat(limits)
    ruleRows = HotRules.flat(rows)
    self.caps = HotRules.flat(caps)
    self.methods = HotRules.flat(methods)
  }

  deinit {
    scenes.deallocate()
    limits.deallocate()
    ruleRows.deallocate()
    caps.deallocate()
    methods.deallocate()
  }

  private static func flat<T>(_ elements: [T]) -> UnsafeMutableBufferPointer<T> {
    let buffer = UnsafeMutableBufferPointer<T>.allocate(capacity: elements.count)
    _ = buffer.initialize(from: elements)
    return buffer
  }

  package var sceneCount: Int { scenes.count }

  @inline(__always) func knows(_ scene: SceneID) -> Bool {
    scene.raw != 0 && Int(scene.raw) <= scenes.count
  }

  /// A scene that `knows` answers yes to.
  @inline(__always) func scene(at scene: SceneID) -> UnsafePointer<HotScene> {
    UnsafePointer(scenes.baseAddress! + (Int(scene.raw) - 1))
  }

  package func scene(_ id: SceneID) -> Scene? {
    id.raw >= 1 && Int(id.raw) <= rules.scenes.count ? rules.scenes[Int(id.raw) - 1] : nil
  }
}

struct HotScene: BitwiseCopyable {
  var valueCount: UInt8
  /// A bit for each slot that must be filled.
  var required: UInt8
  var needsVehicle: Bool
  var exclusiveVehicle: Bool
  var exclusiveGroup: UInt8
  var closed: Bool
  var family: UInt8
  /// 255 where the scene measures no duration.
  var durationSlot: UInt8
  var fields: (UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0)
  var firstLimit: UInt16 = 0
  var limitCount: UInt16
  var firstRule: UInt16 = 0
  var ruleCount: UInt16

  init(_ scene: Scene) {
    precondition(scene.fields.count <= 4, "a scene measures at most four values")
    valueCount = UInt8(scene.fields.count)
    required = UInt8((1 << scene.fields.count) - 1)
    needsVehicle = scene.needsVehicle
    exclusiveVehicle = scene.exclusiveVehicle
    exclusiveGroup = scene.exclusiveGroup
    closed = scene.closed
    family = UInt8(truncatingIfNeeded: scene.family)
    durationSlot = UInt8(scene.slot(of: .durationSeconds) ?? 255)
    for (slot, field) in scene.fields.enumerated() {
      switch slot {
      case 0: fields.0 = field.rawValue
      case 1: fields.1 = field.rawValue
      case 2: fields.2 = field.rawValue
      default: fields.3 = field.rawValue
      }
    }
    limitCount = UInt16(scene.limits.count)
    ruleCount = UInt16(scene.rules.count)
  }

  func field(_ slot: Int) -> UInt8 {
    switch slot {
    case 0: fields.0
    case 1: fields.1
    case 2: fields.2
    default: fields.3
    }
  }
}

struct HotLimit: BitwiseCopyable {
  var slot: UInt8
  /// The slot to divide by, 255 for none.
  var by: UInt8
  var minimum: Int64
  var maximum: Int64

  init(_ limit: Limit) {
    switch limit.quantity {
    case .value(let slot):
      self.slot = UInt8(slot)
      by = 255
    case .ratio(let slot, let divisor):
      self.slot = UInt8(slot)
      by = UInt8(divisor)
    }
    minimum = limit.minimum
    maximum = limit.maximum
  }

  /// Minus one below the minimum, one above the maximum, zero between, bounds included.
  @inline(__always) func side(_ values: UnsafePointer<Int64>) -> Int {
    let value = values[Int(slot)]
    if by == 255 { return value < minimum ? -1 : value > maximum ? 1 : 0 }
    let divisor = values[Int(by)]
    let scaled = value.multipliedFullWidth(by: 1_000_000)
    if maximum != .max, exceeds(scaled, maximum.multipliedFullWidth(by: divisor)) { return 1 }
    if minimum != .min, exceeds(minimum.multipliedFullWidth(by: divisor), scaled) { return -1 }
    return 0
  }

  @inline(__always) private func exceeds(
    _ a: (high: Int64, low: UInt64), _ b: (high: Int64, low: UInt64)
  ) -> Bool { a.high != b.high ? a.high > b.high : a.low > b.low }
}

struct HotRule: BitwiseCopyable {
  enum Basis: UInt8, BitwiseCopyable { case perReport, perGrams, perValue }
  var from: Int32
  var until: Int32
  /// Minus one where the grams are fixed.
  var method: Int32 = -1
  var fixedGrams: Int64 = 0
  var basis: Basis
  var slot: UInt8 = 0
  var points: Int64
  var per: Int64 = 1
  var firstCap: UInt16 = 0
  var capCount: UInt16

  init(_ rule: Rule) {
    from = rule.from.number
    until = rule.until.number
    if case .fixed(let grams, _) = rule.reduction { fixedGrams = grams }
    switch rule.points.basis {
    case .perReport(let points):
      basis = .perReport
      self.points = points
    case .perGrams(let points, let grams):
      basis = .perGrams
      self.points = points
      per = grams
    case .perValue(let points, let slot, let millionths):
      basis = .perValue
      self.points = points
      self.slot = UInt8(slot)
      per = millionths
    }
    precondition(per > 0, "a points rate divides by something")
    capCount = UInt16(rule.caps.count)
  }

}

extension UnsafePointer<HotRule> {
  /// Points before caps.
  @inline(__always) func earned(grams: Int64, values: UnsafePointer<Int64>) -> Int64 {
    let (points, per) = (pointee.points, pointee.per)
    let (earned, over) =
      switch pointee.basis {
      case .perReport: (points, false)
      case .perGrams: (grams / per).multipliedReportingOverflow(by: points)
      case .perValue:
        (max(0, values[Int(pointee.slot)]) / per).multipliedReportingOverflow(by: points)
      }
    return over ? Activity.pointsMax : min(earned, Activity.pointsMax)
  }
}

struct HotCap: BitwiseCopyable {
  var points: Int64
  var period: Cap.Period
  var scope: Cap.Scope
  init(_ cap: Cap) {
    points = cap.points
    period = cap.period
    scope = cap.scope
  }
}
