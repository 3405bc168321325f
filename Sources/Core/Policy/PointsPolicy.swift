// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Units

/// 积分政策: how long points hold and what they are worth, as the pack says; both may be silent.
package struct PointsPolicy: Sendable {
  /// 有效期.
  package struct Validity: Hashable, Sendable {
    /// Counted from the month of the behaviour.
    package var months: Int
    /// Whether points hold until the end of the year in which the months are over.
    package var endsWithYear: Bool
    package var source: Source

    package init(months: Int, endsWithYear: Bool, source: Source) {
      self.months = months
      self.endsWithYear = endsWithYear
      self.source = source
    }

    /// The last day on which points of a month hold; months are counted as year × 12 + month - 1.
    package func lastDay(ofMonth month: Int) -> Day {
      let end = month + months
      let (year, number) = (end / 12, endsWithYear ? 12 : end % 12 + 1)
      guard
        let last = Day(
          year: year, month: number, day: Day.length(ofMonth: number, year: year))
      else { return Day(.max) }
      return last
    }

    /// The last month whose points do not hold any more once a day is over; nil where none is.
    package func lastMonth(over day: Day) -> Int {
      let civil = day.civil
      var month = civil.year * 12 + civil.month - 1 - months
      while lastDay(ofMonth: month + 1) <= day { month += 1 }
      while lastDay(ofMonth: month) > day { month -= 1 }
      return month
    }
  }

  package var validity: Validity?
  /// 兑换比例: holds until a proposal changes it.
  package var worth: Ratio?
  package var worthSource = Source.setByThisProject

  package init() {}
}

/// 兑换比例: so many points are worth so many fen, and where the city says so, so many grams.
package struct Ratio: Codable, Hashable, Sendable {
  package var points: Int64
  package var fen: Int64
  /// Zero: grams are not exchanged.
  package var grams: Int64

  package init(points: Int64, fen: Int64, grams: Int64 = 0) {
    self.points = points
    self.fen = fen
    self.grams = grams
  }

  /// More than any city will say, and small enough that no product overflows.
  package static let amountMax: Int64 = 1_000_000

  package var isGood: Bool {
    (1...Ratio.amountMax).contains(points) && (0...Ratio.amountMax).contains(fen)
      && (0...Ratio.amountMax).contains(grams)
  }

  /// What points are worth, rounded down to whole fen.
  package func worth(of points: Points) -> Fen {
    let product = points.count.multipliedFullWidth(by: fen)
    // Sums of a city's points times a million fen may pass 64 bits; their worth does not.
    return Fen(Int64(self.points.dividingFullWidth(product).quotient))
  }
}

extension Day {
  /// The month as a number that can be counted with: year × 12 + month - 1.
  package var monthNumber: Int {
    let civil = civil
    return civil.year * 12 + civil.month - 1
  }

  /// The first day of a month by its number.
  package init(ofMonth number: Int) {
    self = Day(year: number / 12, month: number % 12 + 1, day: 1) ?? Day(.max)
  }
}
