// SPDX-License-Identifier: Apache-2.0
// Facts of kinds 85, 86 and 87, version 1, readable JSON. A line of each:
//
//   85  {"conversion":{"account":1001,"began":…,"citizen":17,"day":20412,"deadline":…,
//         "direction":"out","id":"<32 hex>","isTold":false,"lead":"ours","ours":100,
//         "programme":"tanhui-traffic","rateOurs":10,"rateTheirs":10,"status":"open",
//         "theirs":100},"number":1}
//   86  {"number":1,"status":"confirmed","time":…}
//       {"number":2,"reason":"limitReached","status":"cancelled","time":…}
//       {"number":1,"time":…,"told":true}
//   87  {"report":{"by":"staff/2","day":20412,"differences":[…],"digest":"<64 hex>",…}}
//
// Behind a fact that moves points stands the fact of kind 66 with its transfers, in the same frame.

import Units

package enum Fact: Hashable, Sendable {
  package static let beganKind: UInt8 = 85
  package static let stepKind: UInt8 = 86
  package static let reportKind: UInt8 = 87

  case began(UInt32, Conversion)
  case ended(UInt32, Conversion.Status, time: Instant, reason: String?)
  case told(UInt32, time: Instant)
  case reconciled(DayReport)

  package var kind: UInt8 {
    switch self {
    case .began: Fact.beganKind
    case .ended, .told: Fact.stepKind
    case .reconciled: Fact.reportKind
    }
  }
}

/// The facts' JSON; absent members are left out.
package struct FactRow: Codable, Sendable {
  var number: UInt32?
  var conversion: Conversion?
  var status: Conversion.Status?
  var time: Int64?
  var reason: String?
  var told: Bool?
  var report: DayReport?

  package init(_ fact: Fact) {
    switch fact {
    case .began(let number, let conversion): (self.number, self.conversion) = (number, conversion)
    case .ended(let number, let status, let time, let reason):
      (self.number, self.status, self.time) = (number, status, time.milliseconds)
      self.reason = reason
    case .told(let number, let time):
      (self.number, self.time, told) = (number, time.milliseconds, true)
    case .reconciled(let report): self.report = report
    }
  }

  /// The fact, or nil where the row is none of ours.
  package var fact: Fact? {
    if let report { return .reconciled(report) }
    guard let number else { return nil }
    if let conversion { return .began(number, conversion) }
    guard let time else { return nil }
    if let status {
      return .ended(number, status, time: Instant(milliseconds: time), reason: reason)
    }
    return told == true ? .told(number, time: Instant(milliseconds: time)) : nil
  }
}
