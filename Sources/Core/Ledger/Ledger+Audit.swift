// SPDX-License-Identifier: Apache-2.0
import Units

extension State {
  /// Nil when the books are right, else the first thing that is wrong.
  package func audit() -> String? {
    // Wider than any account, so that no order of adding overflows.
    var sums: [Asset: (low: Int128, high: Int128)] = [:]
    var sum: [Asset: Int128] = [:]
    var fault: String?
    forEachAccount { account, position in
      guard fault == nil, let asset = account.asset else { return }
      sum[asset, default: 0] += Int128(position.balance)
      sums[asset, default: (0, 0)].low += Int128(position.pendingOut)
      sums[asset, default: (0, 0)].high += Int128(position.pendingIn)
      let limits = limits(of: account)
      let lowest = limits.floor.map { min($0, overdrawn[account] ?? $0) }
      if let floor = lowest, position.balance - position.pendingOut < floor {
        fault = "\(account.name) holds \(position.balance), below its floor \(floor)"
      }
      if position.pendingOut < 0 || position.pendingIn < 0 {
        fault = "\(account.name) has a negative amount set aside"
      }
    }
    if let fault = fault ?? auditLots() { return fault }
    for (asset, total) in sum where total != 0 {
      return "all accounts of \(asset.code) together hold \(total), not zero"
    }
    for (asset, pending) in sums where pending.low != pending.high {
      return "amounts of \(asset.code) set aside and announced differ"
    }
    return auditPending()
  }

  private func auditPending() -> String? {
    var aside: [AccountID: Int64] = [:]
    for entry in known.values {
      if case .pending = entry.status {
        aside[entry.transfer.source, default: 0] += entry.transfer.amount
      }
    }
    for (account, position) in positions where position.pendingOut != aside[account] ?? 0 {
      return """
        \(account.name) has \(position.pendingOut) set aside, its pending transfers say \
        \(aside[account] ?? 0)
        """
    }
    return nil
  }
}
