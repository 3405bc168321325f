// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Journal
import Ledger
import Mechanism
import Storage
import Units

/// Reads an archive that somebody else keeps, for a comparison with the books.
package struct ArchiveReader: ~Copyable {
  private let connection: Connection

  package init(path: String) throws(StoreFailure) {
    connection = try Connection.reading(path)
  }

  /// What the archive says otherwise than the books. An archive that lags behind says less, and is
  /// not wrong: only one that has read as far as the journal goes is compared.
  package func differences(from state: borrowing Mechanism.State) throws -> [String] {
    let position = try connection.first("SELECT sequence FROM position") { $0.integer(0) } ?? 0
    guard UInt64(position) == state.lastSequence else { return [] }
    let rows = try connection.rows("SELECT * FROM daily") { Follower.daily($0) }
    return ArchiveReader.differences(rows, state)
  }

  static func differences(
    _ rows: [DailyRow], _ state: borrowing Mechanism.State
  ) -> [String] {
    var sums: [SceneID: DailyRow] = [:]
    for row in rows {
      var sum = sums[row.scene] ?? DailyRow(day: row.day, scene: row.scene)
      sum.accepted += row.accepted
      sum.grams += row.grams
      sum.points += row.points
      sums[row.scene] = sum
    }
    var faults: [String] = []
    for (code, scene) in state.sceneNumbers.sorted(by: { $0.value < $1.value }) {
      let (grams, points) = state.ledger.issued(by: scene)
      let tallies = state.behaviour.tallies
      let count = Int(scene.raw) < tallies.count ? Int64(tallies[Int(scene.raw)].accepted) : 0
      let sum = sums[scene] ?? DailyRow(day: Day(0), scene: scene)
      if sum.grams != grams.count || sum.points != points.count || sum.accepted != count {
        faults.append(
          "the archive has \(sum.accepted) reports, \(sum.grams) g, \(sum.points) points of "
            + "\(code), the books \(count), \(grams.count) g, \(points.count): drop the archive "
            + "and let it be folded again")
      }
    }
    return faults
  }
}
