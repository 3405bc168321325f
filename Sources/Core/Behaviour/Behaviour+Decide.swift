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
    next: inout FactNumber, awards: inout AwardList
  ) {
    let sorted = arrange(batch, hot)
    let count = batch.count
    let order = sorted ? self.order : []
    let latest = now.milliseconds + hot.rules.clockSkewSeconds * 1000
    for step in 0..<count {
      if step & 7 == 0 { lookAhead(step, batch, order) }
      let index = sorted ? Int(order[step]) : step
      let report = UnsafePointer(batch.reports + index)
      let verdict = batch.verdicts + index
      decide(report, hot, latest: latest, verdict)
      guard verdict.pointee.reason.isWritten || verdict.pointee.outcome == .accepted else {
        continue
      }
      write(
        report, verdict, origin: .reported, originFact: FactNumber(UInt64(index)), hot, writer,
        &next, &awards)
    }
  }

  /// Decides again about something that waited for a citizen or was held back.
  package mutating func decideAgain(
    _ held: Held, citizen: CitizenID, standing: Standing, origin: Record.Origin, hot: HotRules,
    writer: FrameWriter, next: inout FactNumber, awards: inout AwardList
  ) -> Verdict {
    var verdict = Verdict()
    var report = held.report
    report.citizen = citizen
    report.standing = standing
    settle(&report, hot.scene(at: report.scene), hot, origin: origin, &verdict)
    write(&report, &verdict, origin: origin, originFact: held.fact, hot, writer, &next, &awards)
    return verdict
  }

  /// Staff's no to something held back.
  package mutating func reject(
    _ held: Held, hot: HotRules, writer: FrameWriter, next: inout FactNumber
  ) -> Verdict {
    var verdict = Verdict()
    verdict.outcome = .rejected
    verdict.reason = .rejectedByStaff
    var report = held.report
    var none = AwardList(capacity: 1)
    write(
      &report, &verdict, origin: .quarantined, originFact: held.fact, hot, writer, &next, &none)
    return verdict
  }

  /// Writes a decided report's fact and applies it from where it was written.
  @inline(__always) private mutating func write(
    _ report: UnsafePointer<Report>, _ verdict: UnsafeMutablePointer<Verdict>,
    origin: Record.Origin, originFact: FactNumber, _ hot: HotRules, _ writer: FrameWriter,
    _ next: inout FactNumber, _ awards: inout AwardList
  ) {
    let valueCount = hot.scene(at: report.pointee.scene).pointee.valueCount
    let place = writer.fact(length: Record.length(valueCount))
    Record.store(
      report, verdict, valueCount: valueCount, origin: origin,
      previous: newestFact(of: report.pointee.citizen), originFact: originFact, to: place)
    let fact = RecordView(place)
    apply(fact, next, hot)
    if let award = fact.award { awards.append(award) }
    verdict.pointee.fact = next
    next = FactNumber(next.raw + 1)
  }

  /// Whether exclusive rides in the batch are out of order; then `order` says how to take them.
  private mutating func arrange(_ batch: ReportBatch, _ hot: HotRules) -> Bool {
    guard hot.hasExclusiveVehicles else { return false }
    var last = Int64.min
    var disorder = false
    for index in 0..<batch.count {
      guard let start = exclusiveStart(batch.reports + index, hot) else { continue }
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
      keys.append((exclusiveStart(batch.reports + index, hot) ?? .min, UInt32(index)))
    }
    keys.sort { $0.start != $1.start ? $0.start < $1.start : $0.index < $1.index }
    order = keys.map(\.index)
    return true
  }

  @inline(__always) private func exclusiveStart(
    _ report: UnsafePointer<Report>, _ hot: HotRules
  ) -> Int64? {
    // A broken report has no place in the order, so that it does not harm its neighbours.
    let number = report.pointee.scene
    guard report.pointee.fault == .none, hot.knows(number) else { return nil }
    let scene = hot.scene(at: number)
    guard scene.pointee.exclusiveVehicle else { return nil }
    // Nothing was checked yet: a nonsense time must not trap, it is refused later.
    return report.pointee.ended &- report.duration(scene) / 1_000_000 &* 1000
  }

  /// Brings near what the next reports will touch: first the pages, eight at a time, because the
  /// processor looks up several at once; then the places in them.
  @inline(__always) private func lookAhead(_ step: Int, _ batch: ReportBatch, _ order: [UInt32]) {
    let count = batch.count
    for next in (step == 0 ? 0 : min(step + 16, count))..<min(step + 24, count) {
      let report = UnsafePointer(batch.reports + (order.isEmpty ? next : Int(order[next])))
      seen.prefetchTags(report.pointee.key)
      activity.prefetch(report.pointee.citizen.raw)
      if report.pointee.vehicle != 0 { vehicles.prefetchTags(report.pointee.vehicle) }
    }
    for next in (step == 0 ? 0 : min(step + 8, count))..<min(step + 16, count) {
      let report = UnsafePointer(batch.reports + (order.isEmpty ? next : Int(order[next])))
      seen.prefetchEntry(report.pointee.key)
      if report.pointee.vehicle != 0 { vehicles.prefetchEntry(report.pointee.vehicle) }
    }
  }

  @inline(__always) private mutating func decide(
    _ report: UnsafePointer<Report>, _ hot: HotRules, latest: Int64,
    _ verdict: UnsafeMutablePointer<Verdict>
  ) {
    if report.pointee.fault != .none {
      verdict.pointee.reason = report.pointee.fault
      verdict.pointee.field = report.pointee.field
      return
    }
    guard hot.knows(report.pointee.scene) else {
      verdict.pointee.reason = .unknownScene
      verdict.pointee.field = ReportField.type.rawValue
      return
    }
    let scene = hot.scene(at: report.pointee.scene)
    if let (reason, field) = malformed(report, scene, latest) {
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
    settle(report, scene, hot, origin: .reported, verdict)
  }

  /// Whether a report is well-formed and its id was never seen: whether it will leave a trace.
  package func isNews(_ report: UnsafePointer<Report>, _ hot: HotRules, now: Instant) -> Bool {
    guard hot.knows(report.pointee.scene) else { return false }
    let latest = now.milliseconds + hot.rules.clockSkewSeconds * 1000
    return malformed(report, hot.scene(at: report.pointee.scene), latest) == nil
      && seen.find(report.pointee.key) == nil
  }

  @inline(__always) private func malformed(
    _ report: UnsafePointer<Report>, _ scene: UnsafePointer<HotScene>, _ latest: Int64
  ) -> (Reason, UInt8)? {
    let missing = scene.pointee.required & ~report.pointee.present
    if missing != 0 {
      return (.missingField, scene.pointee.field(missing.trailingZeroBitCount))
    }
    if scene.pointee.needsVehicle, report.pointee.vehicle == 0 {
      return (.missingField, ReportField.vehicle.rawValue)
    }
    for slot in 0..<Int(scene.pointee.valueCount) where report.values[slot] < 0 {
      return (.badValue, scene.pointee.field(slot))
    }
    let ended = report.pointee.ended
    if ended < Activity.epoch * 1000 || ended >= (Activity.epoch + (1 << 32)) * 1000 {
      return (.badTime, ReportField.time.rawValue)
    }
    return ended > latest ? (.fromTheFuture, ReportField.time.rawValue) : nil
  }

  /// From here on the report is well-formed and new: whatever comes of it is written.
  @inline(__always) private mutating func settle(
    _ report: UnsafePointer<Report>, _ scene: UnsafePointer<HotScene>, _ hot: HotRules,
    origin: Record.Origin, _ verdict: UnsafeMutablePointer<Verdict>
  ) {
    let day = Instant(milliseconds: report.pointee.ended).day(offset: hot.zone)
    guard let rule = rule(for: scene, on: day, hot) else {
      verdict.pointee.outcome = .refused
      verdict.pointee.reason = scene.pointee.closed ? .sceneClosed : .noRuleInForce
      verdict.pointee.field = ReportField.time.rawValue
      return
    }
    verdict.pointee.rule = UInt16(truncatingIfNeeded: rule)
    if let (outcome, reason, field) = obstacle(report, scene, hot, origin: origin) {
      verdict.pointee.outcome = outcome
      verdict.pointee.reason = reason
      verdict.pointee.field = field
      return
    }
    let row = hot.ruleRows.baseAddress! + (Int(scene.pointee.firstRule) + rule)
    credit(report, scene, row, day, hot, verdict)
  }

  /// The rule in force on a day, by its index within the scene.
  @inline(__always) private func rule(
    for scene: UnsafePointer<HotScene>, on day: Day, _ hot: HotRules
  ) -> Int? {
    if scene.pointee.closed { return nil }
    let rows = hot.ruleRows.baseAddress! + Int(scene.pointee.firstRule)
    var index = Int(scene.pointee.ruleCount) - 1
    while index >= 0 {
      if rows[index].from <= day.number { return day.number <= rows[index].until ? index : nil }
      index -= 1
    }
    return nil
  }

  /// What keeps a report from being credited, in order of precedence. What waited was looked at
  /// before, as far as its citizen did not matter; what staff let through is not asked again.
  @inline(__always) private func obstacle(
    _ report: UnsafePointer<Report>, _ scene: UnsafePointer<HotScene>, _ hot: HotRules,
    origin: Record.Origin
  ) -> (Outcome, Reason, UInt8)? {
    if origin == .reported, let found = implausible(report, scene, hot) { return found }
    if report.pointee.citizen.isNone {
      return (.waiting, .notLinked, ReportField.subject.rawValue)
    }
    guard origin != .quarantined else { return nil }
    if report.pointee.standing == .frozen {
      return (.quarantined, .accountFrozen, ReportField.subject.rawValue)
    }
    if scene.pointee.exclusiveGroup != 0, citizenIsBusy(report, scene, hot) {
      return (.quarantined, .reportedTwice, ReportField.time.rawValue)
    }
    return nil
  }

  @inline(__always) private func implausible(
    _ report: UnsafePointer<Report>, _ scene: UnsafePointer<HotScene>, _ hot: HotRules
  ) -> (Outcome, Reason, UInt8)? {
    let limits = hot.limits.baseAddress! + Int(scene.pointee.firstLimit)
    var above = -1
    var index = 0
    while index < Int(scene.pointee.limitCount) {
      let side = limits[index].side(report.values)
      if side < 0 { return (.refused, .belowMinimum, scene.pointee.field(Int(limits[index].slot))) }
      if side > 0, above < 0 { above = index }
      index += 1
    }
    if above >= 0 {
      let reason = limits[above].by == 255 ? Reason.aboveMaximum : .tooFast
      return (.quarantined, reason, scene.pointee.field(Int(limits[above].slot)))
    }
    if scene.pointee.exclusiveVehicle, report.pointee.vehicle != 0, vehicleIsBusy(report, scene) {
      return (.quarantined, .vehicleOverlap, ReportField.vehicle.rawValue)
    }
    return nil
  }

  private func vehicleIsBusy(
    _ report: UnsafePointer<Report>, _ scene: UnsafePointer<HotScene>
  ) -> Bool {
    guard let vehicle = vehicles.find(report.pointee.vehicle) else { return false }
    let (start, end) = report.interval(scene)
    var busy = false
    vehicleActivity.search(vehicle.pointee.value, since: start) { other in
      busy = other.ended > start && other.started < end
      return !busy
    }
    return busy
  }

  @inline(__always) private func citizenIsBusy(
    _ report: UnsafePointer<Report>, _ scene: UnsafePointer<HotScene>, _ hot: HotRules
  ) -> Bool {
    let (start, end) = report.interval(scene)
    let partner = report.pointee.partner.raw & 0xfff
    var busy = false
    activity.search(report.pointee.citizen.raw, since: start) { other in
      // Mostly another time: what it was need not be looked up.
      guard other.ended > start, other.started < end else { return true }
      busy =
        pairs.partner(other.pair) != partner
        && hot.scenes[Int(pairs.scene(other.pair)) - 1].exclusiveGroup
          == scene.pointee.exclusiveGroup
      return !busy
    }
    return busy
  }

  @inline(__always) private mutating func credit(
    _ report: UnsafePointer<Report>, _ scene: UnsafePointer<HotScene>,
    _ rule: UnsafePointer<HotRule>, _ day: Day, _ hot: HotRules,
    _ verdict: UnsafeMutablePointer<Verdict>
  ) {
    let method = Int(rule.pointee.method)
    let grams =
      method < 0
      ? rule.pointee.fixedGrams : hot.methods[method].grams(report.values, year: year(of: day))
    let earned = rule.earned(grams: grams, values: report.values)
    var points = earned
    let caps = hot.caps.baseAddress! + Int(rule.pointee.firstCap)
    var index = 0
    while index < Int(rule.pointee.capCount), points > 0 {
      let left = caps[index].points - earnedIn(caps + index, day, report, scene, hot)
      points = min(points, max(0, left))
      index += 1
    }
    verdict.pointee.outcome = .accepted
    verdict.pointee.reason = points < earned ? .capReached : .none
    verdict.pointee.grams = grams
    verdict.pointee.points = Int32(truncatingIfNeeded: points)
    verdict.pointee.pointsBeforeCaps = Int32(truncatingIfNeeded: earned)
    if hot.hasBudget { limitByBudget(verdict) }
  }

  /// A day's year; days come in runs, so the last answer mostly serves again.
  @inline(__always) private mutating func year(of day: Day) -> Int {
    if day != lastDay { (lastDay, lastYear) = (day, day.civil.year) }
    return lastYear
  }

  /// Points already earned in the period and scope of a cap.
  @inline(__always) private func earnedIn(
    _ cap: UnsafePointer<HotCap>, _ day: Day, _ report: UnsafePointer<Report>,
    _ scene: UnsafePointer<HotScene>, _ hot: HotRules
  ) -> Int64 {
    let (since, until) = period(cap.pointee.period, day, hot.zone)
    var sum: Int64 = 0
    activity.search(report.pointee.citizen.raw, since: since) { other in
      guard other.ended >= since, other.ended < until else { return true }
      switch cap.pointee.scope {
      case .all: sum += other.points
      case .scene: if pairs.scene(other.pair) == report.pointee.scene.raw { sum += other.points }
      case .family:
        let family = hot.scenes[Int(pairs.scene(other.pair)) - 1].family
        if family == scene.pointee.family { sum += other.points }
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

extension UnsafePointer<Report> {
  /// Measured values in millionths, by slot.
  @inline(__always) var values: UnsafePointer<Int64> {
    (UnsafeRawPointer(self) + MemoryLayout<Report>.offset(of: \.values)!)
      .assumingMemoryBound(to: Int64.self)
  }

  /// Millionths of a second, zero where the scene measures no duration.
  @inline(__always) func duration(_ scene: UnsafePointer<HotScene>) -> Int64 {
    let slot = Int(scene.pointee.durationSlot)
    return slot < 4 ? values[slot] : 0
  }

  /// Start and end in seconds since 2000.
  @inline(__always) func interval(_ scene: UnsafePointer<HotScene>) -> (UInt32, UInt32) {
    Activity.interval(ended: pointee.ended, duration: duration(scene))
  }
}
