// SPDX-License-Identifier: Apache-2.0
// Facts, readable JSON, version 1. A line of each:
//
//   88  {"case":{"by":"risk","citizen":17,"evidence":[812,840],"measures":[],"opened":…,
//        "reason":"…","rule":"overlap"},"number":3}
//       {"measure":{"kind":"freeze",…,"until":"2027-01-31"},"number":3}
//       {"number":3,"ruling":{"by":"staff/3","measure":1,"opinion":"…","ruling":"confirm",…}}
//       {"closing":{"by":"staff/2","reason":"…","time":…},"number":3}
//       {"number":3,"repayment":{"measure":1,"points":20}}
//   89  {"appeal":{"digest":"<hex>","due":"2026-12-10","filed":…},"measure":1,"number":3}
//       {"judgement":{"by":"staff/4","reason":"…","time":…,"upheld":true},"measure":1,"number":3}
//   90  {"number":8,"petition":{"citizen":17,"due":"…","entries":[{…}],"kind":"claim",…}}
//       {"due":"…","entry":{"by":"staff/3","digest":"<hex>","status":"answered",…},"number":8}
//   91  {"run":{"by":"staff/2","day":"2026-11-20","findings":2,"opened":[3],"time":…}}
//
// Behind a fact that moves points stands the fact of kind 66 with its transfers, behind one that
// freezes or thaws the fact of kind 65, in the same frame.

import Units

package enum Fact: Hashable, Sendable {
  package static let caseKind: UInt8 = 88
  package static let appealKind: UInt8 = 89
  package static let petitionKind: UInt8 = 90
  package static let runKind: UInt8 = 91

  case opened(UInt32, Case)
  case proposed(UInt32, Measure)
  case ruled(UInt32, Decree)
  case closed(UInt32, Closing)
  case repaid(UInt32, Repayment)
  case appealed(UInt32, measure: Int, Appeal)
  case judged(UInt32, measure: Int, Judgement)
  case filed(UInt32, Petition)
  case entered(UInt32, Petition.Entry, due: String)
  case screened(RiskRun)

  package var kind: UInt8 {
    switch self {
    case .opened, .proposed, .ruled, .closed, .repaid: Fact.caseKind
    case .appealed, .judged: Fact.appealKind
    case .filed, .entered: Fact.petitionKind
    case .screened: Fact.runKind
    }
  }
}

package enum Ruling: String, Codable, Sendable {
  case confirm, reject, withdraw
  /// The day of a freeze is over.
  case end
}

/// What was decided about a proposed measure.
package struct Decree: Codable, Hashable, Sendable {
  package var measure: Int
  package var ruling: Ruling
  package var by: String
  package var opinion: String
  package var time: Int64
  /// Of a claw-back that is confirmed.
  package var taken: Int64?
  package var debt: Int64?
  package var grams: Int64?
}

package struct Closing: Codable, Hashable, Sendable {
  package var by: String
  package var reason: String
  package var time: Int64
}

package struct Repayment: Codable, Hashable, Sendable {
  package var measure: Int
  package var points: Int64
}

/// What was decided about an appeal.
package struct Judgement: Codable, Hashable, Sendable {
  package var by: String
  package var upheld: Bool
  package var reason: String
  package var time: Int64
}

/// The facts' JSON; absent members are left out.
package struct FactRow: Codable, Sendable {
  var number: UInt32?
  var `case`: Case?
  var measure: MeasureMember?
  var ruling: Decree?
  var closing: Closing?
  var repayment: Repayment?
  var appeal: Appeal?
  var judgement: Judgement?
  var petition: Petition?
  var entry: Petition.Entry?
  var due: String?
  var run: RiskRun?

  /// A measure that is proposed, or the number of one.
  enum MeasureMember: Codable, Sendable {
    case proposed(Measure)
    case number(Int)

    init(from decoder: any Decoder) throws {
      let place = try decoder.singleValueContainer()
      if let number = try? place.decode(Int.self) {
        self = .number(number)
      } else {
        self = .proposed(try place.decode(Measure.self))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var place = encoder.singleValueContainer()
      switch self {
      case .proposed(let measure): try place.encode(measure)
      case .number(let number): try place.encode(number)
      }
    }
  }

  package init(_ fact: Fact) {
    switch fact {
    case .opened(let number, let found): (self.number, self.case) = (number, found)
    case .proposed(let number, let measure):
      (self.number, self.measure) = (number, .proposed(measure))
    case .ruled(let number, let decree): (self.number, ruling) = (number, decree)
    case .closed(let number, let closing): (self.number, self.closing) = (number, closing)
    case .repaid(let number, let repayment): (self.number, self.repayment) = (number, repayment)
    case .appealed(let number, let measure, let appeal):
      (self.number, self.measure, self.appeal) = (number, .number(measure), appeal)
    case .judged(let number, let measure, let judgement):
      (self.number, self.measure, self.judgement) = (number, .number(measure), judgement)
    case .filed(let number, let petition): (self.number, self.petition) = (number, petition)
    case .entered(let number, let entry, let due):
      (self.number, self.entry, self.due) = (number, entry, due)
    case .screened(let run): self.run = run
    }
  }

  /// The fact, or nil where the row is none of ours.
  package var fact: Fact? {
    if let run { return .screened(run) }
    guard let number else { return nil }
    if let found = self.case { return .opened(number, found) }
    if let ruling { return .ruled(number, ruling) }
    if let closing { return .closed(number, closing) }
    if let repayment { return .repaid(number, repayment) }
    if let petition { return .filed(number, petition) }
    if let entry, let due { return .entered(number, entry, due: due) }
    switch measure {
    case .proposed(let measure): return .proposed(number, measure)
    case .number(let measure):
      if let appeal { return .appealed(number, measure: measure, appeal) }
      return judgement.map { .judged(number, measure: measure, $0) }
    case nil: return nil
    }
  }
}
