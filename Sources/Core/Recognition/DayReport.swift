// SPDX-License-Identifier: Apache-2.0
import Units

/// One line of the other side's file of a day.
package struct DayRow: Hashable, Sendable {
  package var id: ConversionID
  /// As seen from us.
  package var direction: Direction
  package var ours: Int64
  package var theirs: Int64
  /// Else it is under way there.
  package var isConfirmed: Bool
  package init(
    id: ConversionID, direction: Direction, ours: Int64, theirs: Int64, isConfirmed: Bool
  ) {
    self.id = id
    self.direction = direction
    self.ours = ours
    self.theirs = theirs
    self.isConfirmed = isConfirmed
  }
}

/// Sums of confirmed conversions, in points.
package struct DaySums: Hashable, Sendable, Codable {
  package var count: Int64 = 0
  package var oursOut: Int64 = 0
  package var theirsOut: Int64 = 0
  package var oursIn: Int64 = 0
  package var theirsIn: Int64 = 0
  package init() {}

  package mutating func add(
    _ direction: Direction, ours: Int64, theirs: Int64, count: Int64 = 1, sign: Int64 = 1
  ) {
    self.count += count * sign
    switch direction {
    case .out:
      oursOut += ours * sign
      theirsOut += theirs * sign
    case .in:
      oursIn += ours * sign
      theirsIn += theirs * sign
    }
  }
}

/// 差异: one conversion on which the two sides do not agree.
package struct Difference: Hashable, Sendable, Codable {
  package enum Kind: String, Sendable, Codable, CaseIterable {
    /// In their file; with us it does not exist or is not confirmed.
    case missingHere
    /// Confirmed with us; not in their file, or not confirmed there.
    case missingThere
    case amountDiffers
  }
  package var id: String
  package var kind: Kind
  package var direction: Direction
  /// What our books say: zero where it is missing here.
  package var ours: Int64
  package var theirs: Int64
  /// What their file says: zero where it is missing there.
  package var filedOurs: Int64
  package var filedTheirs: Int64
  /// Theirs, where it is another direction in their file.
  package var filedDirection: Direction?
}

/// 日对账: what a comparison of one day came to.
///
///     ours + missing here − missing there + (filed − ours where amounts differ) = theirs
package struct DayReport: Hashable, Sendable, Codable {
  package static let rowsMax = 200_000
  package var programme: String
  package var day: Int32
  package var by: String
  package var time: Int64
  /// SHA-256 of the file.
  package var digest: String
  package var ours: DaySums
  package var filed: DaySums
  package var differences: [Difference]
  /// Neither confirmed here nor there yet.
  package var underWay: Int64

  /// Whether it can be reckoned with at all; what a comparison made, can.
  var isSound: Bool {
    let most = Programme.amountMax * Int64(DayReport.rowsMax) * 4
    let sums = [ours, filed].flatMap { [$0.oursOut, $0.theirsOut, $0.oursIn, $0.theirsIn] }
    return sums.allSatisfy { (0...most).contains($0) } && differences.count <= 1_000_000
      && differences.allSatisfy { one in
        ConversionID(one.id) != nil
          && [one.ours, one.theirs, one.filedOurs, one.filedTheirs].allSatisfy {
            (0...Programme.amountMax).contains($0)
          }
      }
  }

  package var agrees: Bool { differences.isEmpty }

  /// Whether the differences explain the sums to the point.
  package var balances: Bool {
    var sums = ours
    for one in differences {
      if one.kind != .missingHere {
        sums.add(one.direction, ours: one.ours, theirs: one.theirs, sign: -1)
      }
      if one.kind != .missingThere {
        let direction = one.filedDirection ?? one.direction
        sums.add(direction, ours: one.filedOurs, theirs: one.filedTheirs)
      }
    }
    return sums == filed
  }
}

extension State {
  /// What we have confirmed of a day.
  package func sums(with programme: String, on day: Int32) -> DaySums {
    var sums = DaySums()
    for number in conversions(with: programme, on: day) {
      let one = conversions[Int(number) - 1]
      guard one.status == .confirmed else { continue }
      sums.add(one.direction, ours: one.ours, theirs: one.theirs)
    }
    return sums
  }

  /// Compares a day with the other side's file; nil where the file names a conversion twice or an
  /// amount that cannot be.
  func compare(
    _ programme: String, _ day: Int32, _ rows: [DayRow], digest: String, by: String, at: Instant
  ) -> DayReport? {
    guard rows.count <= DayReport.rowsMax else { return nil }
    var filed: [ConversionID: DayRow] = [:]
    var sums = DaySums()
    let amounts = 1...Programme.amountMax
    for row in rows {
      guard amounts.contains(row.ours), amounts.contains(row.theirs),
        filed.updateValue(row, forKey: row.id) == nil
      else { return nil }
      if row.isConfirmed { sums.add(row.direction, ours: row.ours, theirs: row.theirs) }
    }
    var differences: [Difference] = []
    var underWay: Int64 = 0
    for number in conversions(with: programme, on: day) {
      let one = conversions[Int(number) - 1]
      let row = ConversionID(one.id).flatMap { filed.removeValue(forKey: $0) }
      if one.status == .open, row?.isConfirmed != true { underWay += 1 }
      if let difference = difference(one, row) { differences.append(difference) }
    }
    for row in filed.values where row.isConfirmed {
      differences.append(
        Difference(
          id: row.id.description, kind: .missingHere, direction: row.direction, ours: 0, theirs: 0,
          filedOurs: row.ours, filedTheirs: row.theirs))
    }
    differences.sort { ($0.kind.rawValue, $0.id) < ($1.kind.rawValue, $1.id) }
    return DayReport(
      programme: programme, day: day, by: by, time: at.milliseconds, digest: digest,
      ours: self.sums(with: programme, on: day), filed: sums, differences: differences,
      underWay: underWay)
  }

  private func difference(_ one: Conversion, _ row: DayRow?) -> Difference? {
    let isHere = one.status == .confirmed
    let isThere = row?.isConfirmed == true
    guard isHere || isThere else { return nil }
    var difference = Difference(
      id: one.id, kind: .amountDiffers, direction: one.direction, ours: isHere ? one.ours : 0,
      theirs: isHere ? one.theirs : 0, filedOurs: isThere ? row?.ours ?? 0 : 0,
      filedTheirs: isThere ? row?.theirs ?? 0 : 0)
    if !isHere {
      difference.kind = .missingHere
      difference.direction = row?.direction ?? one.direction
    } else if !isThere {
      difference.kind = .missingThere
    } else if row?.ours == one.ours, row?.theirs == one.theirs, row?.direction == one.direction {
      return nil
    } else if row?.direction != one.direction {
      difference.filedDirection = row?.direction
    }
    return difference
  }
}
