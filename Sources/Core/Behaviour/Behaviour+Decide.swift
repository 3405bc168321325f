// SPDX-License-Identifier: Apache-2.0
import Journal
import Methodology
import Units

extension State {
  /// Takes in one batch: decides each report in turn and applies it before looking at the next.
  ///
  /// The state runs ahead of the journal until the frame is durable. That is safe because nobody
  /// has been answered yet, and because a failed append ends the process: replay is the one undo.
  ///
  /// Rides of one vehicle are taken in order of their start, whatever their order in the batch.
  package mutating func admit(
    _ batch: ReportBatch, _ hot: HotRules, now: Instant, writer: FrameWriter,
    next: inout FactNumber,
    awards: inout [Award]
  ) {
    let sorted = arrange(batch, hot)
    let count = batch.count
    let order = sorted ? self.order : []
    let latest = now.milliseconds + hot.rules.clockSkewSeconds * 1000
    for step in 0..<count {
      if step & 7 == 0 { lookAhead(step, batch, order) }
      let index = sorted ? Int(order[step]) : step
      let report = batch.reports + index
      let verdict = batch.verdicts + index
      var record = Record()
      record.report = report.pointee
      decide(report, hot, latest: latest, &record, verdict)
      guard verdict.pointee.reason.isWritten || verdict.pointee.outcome == .accepted else {
        continue
      }
      verdict.pointee.fact = next
      record.originFact = FactNumber(UInt64(index))
      write(&record, next, hot, writer, &awards)
      next = FactNumber(next.raw + 1)
    }
  }

  /// Decides again about something that waited for a citizen or was held back.
  package mutating func decideAgain(
    _ held: Held, citizen: CitizenID, standing: Standing, origin: Record.Origin, hot: HotRules,
    writer: FrameWriter, next: inout FactNumber, awards: inout [Award]
  ) -> Verdict {
    var verdict = Verdict()
    var record = Record()
    record.report = held.report
    record.report.citizen = citizen
    record.report.standing = standing
    record.origin = origin
    record.originFact = held.fact
    record.valueCount = hot.scenes[Int(held.report.scene.raw) - 1].valueCount
    withUnsafePointer(to: record.report.values) {
      $0.withMemoryRebound(to: Int64.self, capacity: 4) { values in
        settle(&record, hot, values, plausible: origin == .waited, &verdict)
      }
    }
    verdict.fact = next
    write(&record, next, hot, writer, &awards)
    next = FactNumber(next.raw + 1)
    return verdict
  }

  /// Staff's no to something held back.
  package mutating func reject(
    _ held: Held, hot: HotRules, writer: FrameWriter, next: inout FactNumber
  ) -> Verdict {
    var verdict = Verdict()
    verdict.outcome = .rejected
    verdict.reason = .rejectedByStaff
    verdict.fact = next
    var record = Record()
    record.report = held.report
    record.valueCount = hot.scenes[Int(held.report.scene.raw) - 1].valueCount
    record.outcome = .rejected
    record.reason = .rejectedByStaff
    record.origin = .quarantined
    record.originFact = held.fact
    var none: [Award] = []
    write(&record, next, hot, writer, &none)
    next = FactNumber(next.raw + 1)
    return verdict
  }

  @inline(__always) private mutating func write(
    _ record: inout Record, _ number: FactNumber, _ hot: HotRules, _ writer: FrameWriter,
    _ awards: inout [Award]
  ) {
    if !record.report.citizen.isNone { record.previous = newestFact(of: record.report.citizen) }
    record.store(to: writer.fact(length: record.length))
    apply(record, number, hot)
    if let award = record.award { awards.append(award) }
  }

  /// Whether exclusive rides in the batch are out of order; then `order` says how to take them.
  private mutating func arrange(_ batch: ReportBatch, _ hot: HotRules) -> Bool {
    var last = Int64.min
    var disorder = false
    for index in 0..<batch.count {
      let report = batch.reports[index]
      guard let start = exclusiveStart(report, hot) else { continue }
      if start < last {
        disorder = true
        break
      }
      last = start
    }
    guard disorder else { return false }
    var keys: [(start: Int64, index: UInt32)] = []
    keys.reserveCapacity(batch.count)
    for index in 0..<batch.count {
      keys.append((exclusiveStart(batch.reports[index], hot) ?? .min, UInt32(index)))
    }
    keys.sort { $0.start != $1.start ? $0.start < $1.start : $0.index < $1.index }
    order = keys.map(\.index)
    return true
  }

  @inline(__always) private func exclusiveStart(_ report: Report, _ hot: HotRules) -> Int64? {
    // A broken report has no place in the order, so that it does not harm its neighbours.
    guard report.fault == .none, report.scene.raw != 0,
      Int(report.scene.raw) <= hot.scenes.count
    else { return nil }
    let scene = hot.scenes[Int(report.scene.raw) - 1]
    guard scene.exclusiveVehicle else { return nil }
    // Nothing was checked yet: a nonsense time must not trap, it is refused later.
    return report.ended &- report.duration(scene) &* 1000
  }

  /// Brings near what the next reports will touch: first the pages, eight at a time, because the
  /// processor looks up several at once; then the places in them.
  @inline(__always) private func lookAhead(_ step: Int, _ batch: ReportBatch, _ order: [UInt32]) {
    let count = batch.count
    let far = step == 0 ? 0 : min(step + 16, count)
    let near = step == 0 ? 0 : min(step + 8, count)
    for next in far..<min(step + 24, count) {
      prefetchFar(batch.reports + (order.isEmpty ? next : Int(order[next])))
    }
    for next in near..<min(step + 16, count) {
      prefetchNear(batch.reports + (order.isEmpty ? next : Int(order[next])))
    }
  }

  @inline(__always) private func prefetchFar(_ report: UnsafePointer<Report>) {
    seen.prefetchTags(report.pointee.key)
    activity.prefetch(report.pointee.citizen.raw)
    if report.pointee.vehicle != 0 { vehicles.prefetchTags(report.pointee.vehicle) }
  }

  @inline(__always) private func prefetchNear(_ report: UnsafePointer<Report>) {
    seen.prefetchEntry(report.pointee.key)
    if report.pointee.vehicle != 0 { vehicles.prefetchEntry(report.pointee.vehicle) }
  }

  @inline(__always) private mutating func decide(
    _ report: UnsafePointer<Report>, _ hot: HotRules, latest: Int64, _ record: inout Record,
    _ verdict: UnsafeMutablePointer<Verdict>
  ) {
    if report.pointee.fault != .none {
      verdict.pointee.reason = report.pointee.fault
      verdict.pointee.field = report.pointee.field
      return
    }
    guard report.pointee.scene.raw != 0, Int(report.pointee.scene.raw) <= hot.scenes.count else {
      verdict.pointee.reason = .unknownScene
      verdict.pointee.field = ReportField.type.rawValue
      return
    }
    let scene = hot.scenes[Int(report.pointee.scene.raw) - 1]
    record.valueCount = scene.valueCount
    withUnsafePointer(to: report.pointee.values) {
      $0.withMemoryRebound(to: Int64.self, capacity: 4) { values in
        if let (reason, field) = malformed(report.pointee, scene, values, latest) {
          verdict.pointee.reason = reason
          verdict.pointee.field = field
          return
        }
        if let entry = seen.find(report.pointee.key) {
          let same = entry.pointee.extra == report.pointee.content
          verdict.pointee.outcome = same ? .duplicate : .refused
          verdict.pointee.reason = same ? .duplicate : .idReused
          verdict.pointee.field = ReportField.id.rawValue
          verdict.pointee.fact = FactNumber(UInt64(entry.pointee.value))
          return
        }
        settle(&record, hot, values, plausible: false, &verdict.pointee)
      }
    }
  }

  /// Whether a report is well-formed and its id was never seen: whether it will leave a trace.
  package func isNews(_ report: Report, _ hot: HotRules, now: Instant) -> Bool {
    guard report.scene.raw != 0, Int(report.scene.raw) <= hot.scenes.count else { return false }
    let latest = now.milliseconds + hot.rules.clockSkewSeconds * 1000
    return withUnsafePointer(to: report.values) {
      $0.withMemoryRebound(to: Int64.self, capacity: 4) { values in
        malformed(report, hot.scenes[Int(report.scene.raw) - 1], values, latest) == nil
          && seen.find(report.key) == nil
      }
    }
  }

  @inline(__always) private func malformed(
    _ report: Report, _ scene: HotScene, _ values: UnsafePointer<Int64>, _ latest: Int64
  ) -> (Reason, UInt8)? {
    let missing = scene.required & ~report.present
    if missing != 0 {
      return (.missingField, scene.field(missing.trailingZeroBitCount))
    }
    if scene.needsVehicle, report.vehicle == 0 {
      return (.missingField, ReportField.vehicle.rawValue)
    }
    for slot in 0..<Int(scene.valueCount) where values[slot] < 0 {
      return (.badValue, scene.field(slot))
    }
    let second = report.ended / 1000 - Activity.epoch
    if report.ended < Activity.epoch * 1000 || second > Int64(UInt32.max) {
      return (.badTime, ReportField.time.rawValue)
    }
    return report.ended > latest ? (.fromTheFuture, ReportField.time.rawValue) : nil
  }

  /// From here on the report is well-formed and new: whatever comes of it is written.
  /// `plausible`: limits and overlaps were looked at before.
  @inline(__always) private mutating func settle(
    _ record: inout Record, _ hot: HotRules, _ values: UnsafePointer<Int64>, plausible: Bool,
    _ verdict: inout Verdict
  ) {
    let report = record.report
    let scene = hot.scenes[Int(report.scene.raw) - 1]
    let day = Instant(milliseconds: report.ended).day(offset: hot.zone)
    record.outcome = .refused
    if let rule = rule(for: scene, on: day, hot) {
      record.rule = UInt16(rule)
      let released = record.origin == .quarantined
      if let (outcome, reason, field) = obstacle(
        report, scene, hot, values, released: released, plausible: plausible)
      {
        record.outcome = outcome
        record.reason = reason
        verdict.field = field
      } else {
        credit(&record, scene, hot.ruleRows[Int(scene.firstRule) + rule], day, hot, values)
      }
    } else {
      record.reason = scene.closed ? .sceneClosed : .noRuleInForce
      verdict.field = ReportField.time.rawValue
    }
    verdict.outcome = record.outcome
    verdict.reason = record.reason
    verdict.points = record.points
    verdict.grams = record.grams
  }

  /// The rule in force on a day, by its index within the scene.
  @inline(__always) private func rule(
    for scene: HotScene, on day: Day, _ hot: HotRules
  ) -> Int? {
    if scene.closed { return nil }
    for index in stride(from: Int(scene.ruleCount) - 1, through: 0, by: -1) {
      let row = hot.ruleRows[Int(scene.firstRule) + index]
      if row.from <= day.number { return day.number <= row.until ? index : nil }
    }
    return nil
  }

  /// What keeps a report from being credited, in order of precedence.
  @inline(__always) private func obstacle(
    _ report: Report, _ scene: HotScene, _ hot: HotRules, _ values: UnsafePointer<Int64>,
    released: Bool, plausible: Bool
  ) -> (Outcome, Reason, UInt8)? {
    if !released, !plausible {
      var above: HotLimit?
      for index in 0..<Int(scene.limitCount) {
        let limit = hot.limits[Int(scene.firstLimit) + index]
        let side = limit.side(values)
        if side < 0 { return (.refused, .belowMinimum, scene.field(Int(limit.slot))) }
        if side > 0, above == nil { above = limit }
      }
      if let above {
        let reason = above.by == 255 ? Reason.aboveMaximum : .tooFast
        return (.quarantined, reason, scene.field(Int(above.slot)))
      }
      if scene.exclusiveVehicle, report.vehicle != 0, vehicleIsBusy(report, scene) {
        return (.quarantined, .vehicleOverlap, ReportField.vehicle.rawValue)
      }
    }
    if report.citizen.isNone { return (.waiting, .notLinked, ReportField.subject.rawValue) }
    if !released {
      if report.standing == .frozen {
        return (.quarantined, .accountFrozen, ReportField.subject.rawValue)
      }
      if scene.exclusiveGroup != 0, citizenIsBusy(report, scene, hot) {
        return (.quarantined, .reportedTwice, ReportField.time.rawValue)
      }
    }
    return nil
  }

  @inline(__always) private func vehicleIsBusy(_ report: Report, _ scene: HotScene) -> Bool {
    guard let vehicle = vehicles.find(report.vehicle) else { return false }
    let (start, end) = report.interval(scene)
    var busy = false
    vehicleActivity.search(vehicle.pointee.value, since: start) { other in
      busy = other.ended > start && other.started < end
      return !busy
    }
    return busy
  }

  @inline(__always) private func citizenIsBusy(
    _ report: Report, _ scene: HotScene, _ hot: HotRules
  ) -> Bool {
    let (start, end) = report.interval(scene)
    let partner = report.partner.raw & 0xfff
    var busy = false
    activity.search(report.citizen.raw, since: start) { other in
      busy =
        other.ended > start && other.started < end && pairs.partner(other.pair) != partner
        && hot.scenes[Int(pairs.scene(other.pair)) - 1].exclusiveGroup == scene.exclusiveGroup
      return !busy
    }
    return busy
  }

  @inline(__always) private mutating func credit(
    _ record: inout Record, _ scene: HotScene, _ rule: HotRule, _ day: Day, _ hot: HotRules,
    _ values: UnsafePointer<Int64>
  ) {
    record.outcome = .accepted
    record.grams =
      rule.method < 0
      ? rule.fixedGrams : hot.methods[Int(rule.method)].grams(values, year: year(of: day))
    let earned = rule.earned(grams: record.grams, values: values)
    record.pointsBeforeCaps = Int32(truncatingIfNeeded: earned)
    var points = earned
    for index in 0..<Int(rule.capCount) where points > 0 {
      let cap = hot.caps[Int(rule.firstCap) + index]
      let left = cap.points - earnedIn(cap, day, record.report, scene, hot)
      points = min(points, max(0, left))
    }
    record.points = Int32(truncatingIfNeeded: points)
    if points < earned { record.reason = .capReached }
  }

  /// A day's year; days come in runs, so the last answer mostly serves again.
  @inline(__always) private mutating func year(of day: Day) -> Int {
    if day != lastDay { (lastDay, lastYear) = (day, day.civil.year) }
    return lastYear
  }

  /// Points already earned in the period and scope of a cap.
  @inline(__always) private func earnedIn(
    _ cap: HotCap, _ day: Day, _ report: Report, _ scene: HotScene, _ hot: HotRules
  ) -> Int64 {
    let (since, until) = period(cap.period, day, hot.zone)
    var sum: Int64 = 0
    activity.search(report.citizen.raw, since: since) { other in
      guard other.ended >= since, other.ended < until else { return true }
      switch cap.scope {
      case .all: sum += other.points
      case .scene: if pairs.scene(other.pair) == report.scene.raw { sum += other.points }
      case .family:
        let family = hot.scenes[Int(pairs.scene(other.pair)) - 1].family
        if family == scene.family { sum += other.points }
      }
      return true
    }
    return sum
  }

  @inline(__always) private func period(
    _ period: Cap.Period, _ day: Day, _ zone: Int32
  ) -> (UInt32, UInt32) {
    let first: Day
    let after: Day
    switch period {
    case .day: (first, after) = (day, Day(day.number + 1))
    case .month: (first, after) = day.month
    case .year: (first, after) = day.year
    }
    func second(_ day: Day) -> UInt32 {
      UInt32(clamping: day.start(offset: zone).seconds - Activity.epoch)
    }
    return (second(first), second(after))
  }
}

extension Day {
  /// The first day of this month and of the next.
  var month: (Day, Day) {
    let (year, month, day) = civil
    let first = Day(number - Int32(day) + 1)
    return (first, Day(first.number + Int32(Day.length(ofMonth: month, year: year))))
  }

  /// The first day of this year and of the next.
  var year: (Day, Day) {
    let year = civil.year
    return (Day(year: year, month: 1, day: 1)!, Day(year: year + 1, month: 1, day: 1)!)
  }
}

extension Report {
  /// Whole seconds, zero where the scene measures no duration.
  @inline(__always) func duration(_ scene: HotScene) -> Int64 {
    switch scene.durationSlot {
    case 0: values.0 / 1_000_000
    case 1: values.1 / 1_000_000
    case 2: values.2 / 1_000_000
    case 3: values.3 / 1_000_000
    default: 0
    }
  }

  /// Start and end in seconds since 2000.
  @inline(__always) func interval(_ scene: HotScene) -> (UInt32, UInt32) {
    let end = UInt32(clamping: ended / 1000 - Activity.epoch)
    let length = UInt32(clamping: min(duration(scene), 65_535))
    return (end > length ? end - length : 0, end)
  }
}
