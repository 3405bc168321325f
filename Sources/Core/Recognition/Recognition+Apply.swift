// SPDX-License-Identifier: Apache-2.0
import Units

extension State {
  /// Takes over a decided fact. Never fails.
  package mutating func apply(_ fact: Fact) {
    switch fact {
    case .began(let number, let conversion):
      conversions.append(conversion)
      index(number, conversion)
    case .ended(let number, let status, let time, let reason):
      let at = Int(number) - 1
      conversions[at].status = status
      conversions[at].ended = time.milliseconds
      conversions[at].reason = reason
      if status == .cancelled { count(conversions[at], sign: -1) }
      if conversions[at].isSettled { unsettled.remove(number) }
    case .told(let number, _):
      conversions[Int(number) - 1].isTold = true
      unsettled.remove(number)
    case .reconciled(let report):
      reports[ReportKey(report.programme, report.day)] = report
    }
  }

  /// Whether `apply` can take over a fact that was read and not decided: numbers that follow,
  /// amounts in their proportion, ends of what is open.
  package func canApply(_ fact: Fact) -> Bool {
    switch fact {
    case .began(let number, let conversion):
      guard let id = ConversionID(conversion.id) else { return false }
      return Int(number) == conversions.count + 1 && conversion.isSound
        && self.number(of: id, with: conversion.programme) == nil
    case .ended(let number, let status, _, _):
      return conversion(number)?.status == .open && status != .open
    case .told(let number, _):
      guard let conversion = conversion(number) else { return false }
      return conversion.status != .open && !conversion.isTold
    case .reconciled(let report):
      return report.isSound && report.balances
    }
  }

  /// Everything by which a conversion is found; also where a snapshot is read.
  mutating func index(_ number: UInt32, _ conversion: Conversion) {
    guard let id = ConversionID(conversion.id) else { return }
    numberByID[Key(programme: conversion.programme, id: id)] = number
    numbersByCitizen[conversion.citizen, default: []].append(number)
    numbersByDay[ReportKey(conversion.programme, conversion.day), default: []].append(number)
    if !conversion.isSettled { unsettled.insert(number) }
    if conversion.status != .cancelled { count(conversion, sign: 1) }
  }

  private mutating func count(_ conversion: Conversion, sign: Int64) {
    for citizen in [conversion.citizen, 0] {
      for period in Allowance.Period.allCases {
        let key = SumKey(
          programme: conversion.programme, direction: conversion.direction, citizen: citizen,
          period: State.period(period, Day(conversion.day)))
        let sum = (sums[key] ?? 0) + conversion.ours * sign
        sums[key] = sum == 0 ? nil : sum
      }
    }
  }
}
