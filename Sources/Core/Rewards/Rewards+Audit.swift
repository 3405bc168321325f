// SPDX-License-Identifier: Apache-2.0
import Units

extension State {
  /// Nil when the counts agree with the orders, else the first thing that is wrong. That they agree
  /// with the ledger's accounts is the Mechanism's to see.
  package func audit() -> String? {
    var reserved: [UInt32: Int64] = [:]
    var used: [UInt32: Int64] = [:]
    var waiting = 0
    var open = 0
    for order in orders {
      switch order.status {
      case .paying: waiting += 1
      case .open: open += 1
      case .used: used[order.release, default: 0] += 1
      case .cancelled, .late, .returned, .refunded, .expired: break
      }
      if order.status == .paying || order.status == .open {
        reserved[order.release, default: 0] += 1
      }
    }
    for (index, release) in releases.enumerated() {
      let number = UInt32(index + 1)
      let sum = release.left + release.reserved + release.used + release.lapsed
      if sum != release.quantity {
        return "release \(number) has \(release.quantity) pieces, its parts are together \(sum)"
      }
      if release.left < 0 { return "release \(number) has \(release.left) pieces left" }
      if release.reserved != reserved[number] ?? 0 || release.used != used[number] ?? 0 {
        return "release \(number) counts other vouchers than there are"
      }
    }
    if waiting != paying.count {
      return "\(waiting) orders wait for money, \(paying.count) by list"
    }
    let listed = openByEnd.values.reduce(0) { $0 + $1.count }
    if open != listed { return "\(open) vouchers are open, \(listed) by list" }
    return nil
  }

  /// What open vouchers of each offer hold: points and fen in escrow, pieces with citizens.
  package func held() -> [UInt16: (points: Int64, fen: Int64, pieces: Int64)] {
    var held: [UInt16: (points: Int64, fen: Int64, pieces: Int64)] = [:]
    for order in orders where order.status == .open {
      held[order.offer, default: (0, 0, 0)].points += order.points
      held[order.offer, default: (0, 0, 0)].fen += order.cash
      held[order.offer, default: (0, 0, 0)].pieces += 1
    }
    return held
  }
}
