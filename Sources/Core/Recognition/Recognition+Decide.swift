// SPDX-License-Identifier: Apache-2.0
import Units

package enum Command: Sendable {
  /// 发起: sets points aside.
  case begin(ConversionRequest)
  /// 确认: by the leader only. Where we lead, the other side has promised.
  case confirm(ConversionID, programme: String, lead: Lead)
  /// 取消: by the leader only, with a code that says why.
  case cancel(ConversionID, programme: String, lead: Lead, reason: String)
  /// The other side has acknowledged how it ended.
  case told(ConversionID, programme: String)
  /// 日对账
  case reconcile(programme: String, day: Day, rows: [DayRow], digest: String, by: String)
}

/// What is asked for. `theirs` is given where the other side has reckoned too.
package struct ConversionRequest: Hashable, Sendable {
  package var id: ConversionID
  package var programme: String
  package var direction: Direction
  package var lead: Lead
  package var citizen: CitizenID
  package var ours: Int64
  package var theirs: Int64?
  /// The leader's; nil for today's.
  package var day: Day?
  package var deadline: Instant?
  package init(
    id: ConversionID, programme: String, direction: Direction, lead: Lead, citizen: CitizenID,
    ours: Int64, theirs: Int64? = nil, day: Day? = nil, deadline: Instant? = nil
  ) {
    self.id = id
    self.programme = programme
    self.direction = direction
    self.lead = lead
    self.citizen = citizen
    self.ours = ours
    self.theirs = theirs
    self.day = day
    self.deadline = deadline
  }
}

/// What the Mechanism knows besides: the time, the pack, what the citizen holds.
package struct Circumstances: Sendable {
  package var now: Instant
  package var zone: Int32
  package var rules: Rules
  /// Points that the asking citizen can spend; nil where there is no such account.
  package var spendable: Int64?
  package var isFrozen: Bool
  package init(
    now: Instant, zone: Int32, rules: Rules, spendable: Int64? = nil, isFrozen: Bool = false
  ) {
    self.now = now
    self.zone = zone
    self.rules = rules
    self.spendable = spendable
    self.isFrozen = isFrozen
  }
}

/// What was decided: the fact to write, none where the same was done before.
package struct Ruling: Sendable {
  package var fact: Fact?
  package var number: UInt32
  package var isRepeat: Bool { fact == nil }
  init(_ fact: Fact?, _ number: UInt32) {
    self.fact = fact
    self.number = number
  }
}

extension State {
  /// Decides one command. Changes nothing.
  package func decide(
    _ command: Command, _ setting: Circumstances
  ) -> Result<Ruling, Objection> {
    switch command {
    case .begin(let request): begin(request, setting)
    case .confirm(let id, let programme, let lead):
      end(id, programme, lead, .confirmed, nil, setting.now)
    case .cancel(let id, let programme, let lead, let reason):
      end(id, programme, lead, .cancelled, String(reason.prefix(64)), setting.now)
    case .told(let id, let programme): told(id, programme, setting.now)
    case .reconcile(let programme, let day, let rows, let digest, let by):
      reconcile(programme, day, rows, digest, by, setting)
    }
  }

  private func begin(
    _ asked: ConversionRequest, _ setting: Circumstances
  ) -> Result<Ruling, Objection> {
    let known = number(of: asked.id, with: asked.programme)
    if let known {
      // What was promised stays promised, whatever the pack says meanwhile.
      let before = conversions[Int(known) - 1]
      let isSame =
        before.direction == asked.direction && before.lead == asked.lead
        && before.citizen == asked.citizen.raw && before.ours == asked.ours
        && asked.theirs.map { $0 == before.theirs } ?? true
      return isSame ? .success(Ruling(nil, known)) : .failure(Objection(.conversionIDReused))
    }
    guard let programme = setting.rules.programme(asked.programme) else {
      return .failure(Objection(.programmeUnknown))
    }
    let today = setting.now.day(offset: setting.zone)
    let day = asked.day ?? today
    // Midnight may lie between the leader's clock and ours, but no more.
    guard abs(Int64(day.number) - Int64(today.number)) <= 1 else {
      return .failure(Objection(.dayInvalid))
    }
    guard let rate = programme.rate(asked.direction, on: day) else {
      return .failure(Objection(.directionClosed))
    }
    guard let spendable = setting.spendable else { return .failure(Objection(.accountUnknown)) }
    guard !setting.isFrozen else { return .failure(Objection(.convertingFrozen)) }
    guard let theirs = rate.theirs(for: asked.ours) else {
      return .failure(Objection(.amountNotWhole, count: rate.ours))
    }
    guard asked.theirs ?? theirs == theirs else {
      return .failure(Objection(.amountDiffers, count: theirs))
    }
    let latest = setting.now.milliseconds + programme.deadlineSeconds * 1000
    let deadline = min(asked.deadline?.milliseconds ?? latest, latest)
    guard deadline > setting.now.milliseconds else { return .failure(Objection(.deadlineOver)) }
    if let over = overLimit(programme, asked, day) { return .failure(over) }
    guard asked.direction == .in || spendable >= asked.ours else {
      return .failure(Objection(.pointsShort, count: asked.ours - spendable))
    }
    var conversion = Conversion(
      id: asked.id.description, programme: programme.code, direction: asked.direction,
      lead: asked.lead, citizen: asked.citizen.raw, ours: asked.ours, theirs: theirs,
      rateTheirs: rate.theirs, rateOurs: rate.ours, account: programme.account, day: day.number,
      began: setting.now.milliseconds, deadline: deadline)
    conversion.isTold = asked.lead == .theirs
    let number = UInt32(conversions.count + 1)
    return .success(Ruling(.began(number, conversion), number))
  }

  private func overLimit(
    _ programme: Programme, _ asked: ConversionRequest, _ day: Day
  ) -> Objection? {
    for scope in Allowance.Scope.allCases {
      var part = programme
      part.allowances = programme.allowances.filter { $0.scope == scope }
      guard let left = left(part, asked.direction, citizen: asked.citizen, on: day) else {
        continue
      }
      if asked.ours > left {
        return Objection(scope == .citizen ? .limitOfCitizen : .limitOfProgramme, count: left)
      }
    }
    return nil
  }

  private func end(
    _ id: ConversionID, _ programme: String, _ lead: Lead, _ status: Conversion.Status,
    _ reason: String?, _ now: Instant
  ) -> Result<Ruling, Objection> {
    guard let number = number(of: id, with: programme) else {
      return .failure(Objection(.conversionUnknown))
    }
    let conversion = conversions[Int(number) - 1]
    guard conversion.lead == lead else { return .failure(Objection(.notTheLeader)) }
    switch conversion.status {
    case status: return .success(Ruling(nil, number))
    case .cancelled: return .failure(Objection(.cancelledBefore))
    case .confirmed: return .failure(Objection(.confirmedBefore))
    case .open: break
    }
    // A leader that lets its own deadline pass has cancelled; whoever has promised waits for it.
    if status == .confirmed, lead == .ours, now.milliseconds >= conversion.deadline {
      return .failure(Objection(.deadlineOver))
    }
    return .success(Ruling(.ended(number, status, time: now, reason: reason), number))
  }

  private func told(
    _ id: ConversionID, _ programme: String, _ now: Instant
  ) -> Result<Ruling, Objection> {
    guard let number = number(of: id, with: programme) else {
      return .failure(Objection(.conversionUnknown))
    }
    let conversion = conversions[Int(number) - 1]
    if conversion.isTold { return .success(Ruling(nil, number)) }
    guard conversion.status != .open else { return .failure(Objection(.notEnded)) }
    return .success(Ruling(.told(number, time: now), number))
  }

  private func reconcile(
    _ programme: String, _ day: Day, _ rows: [DayRow], _ digest: String, _ by: String,
    _ setting: Circumstances
  ) -> Result<Ruling, Objection> {
    let isKnown =
      setting.rules.programme(programme) != nil
      || conversions.contains { $0.programme == programme }
    guard isKnown else { return .failure(Objection(.programmeUnknown)) }
    guard day <= setting.now.day(offset: setting.zone) else {
      return .failure(Objection(.dayInvalid))
    }
    guard
      let report = compare(
        programme, day.number, rows, digest: digest, by: by, at: setting.now)
    else { return .failure(Objection(.fileInvalid)) }
    if var last = reports[ReportKey(programme, day.number)] {
      (last.by, last.time) = (report.by, report.time)
      if last == report { return .success(Ruling(nil, 0)) }
    }
    return .success(Ruling(.reconciled(report), 0))
  }
}
