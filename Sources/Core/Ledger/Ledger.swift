// SPDX-License-Identifier: Apache-2.0
// LEDGER. The only place a balance lives.
//
//   source ──amount──▶ target         one transfer, two entries, one asset
//
//   pending ──posted──▶ moved         a pending transfer sets its amount aside until its deadline
//      └─────voided───▶ nothing       (or until staff void it)
//
// Invariants
//   - Per asset the sum over all accounts is zero, at every moment.
//   - An account that may not be overdrawn never is, what is set aside included, but by the
//     reversal of an award (`Ledger+Reversal`), and then spends nothing until it has earned it
//     back; one with a ceiling never passes it, what is announced included; a frozen one moves
//     nothing.
//   - A transfer's identifier is the caller's. The same identifier with the same content is the
//     same transfer and gets the same answer; with other content it is refused, and the answer
//     names the field. A refused identifier stays refused.
//   - Linked transfers happen all or not at all.
//
// What citizens hold of points and grams lies in one flat table, sixteen bytes a citizen, because
// every award touches it; everything else is in a dictionary. Awards need no identifiers of their
// own: their fact is written once because Behaviour let its event in once.

import Units

/// A unit type that is an asset: keeps grams out of points' accounts at compile time.
package protocol AssetUnit { static var asset: Asset { get } }
extension PointUnit: AssetUnit { package static var asset: Asset { .points } }
extension GramUnit: AssetUnit { package static var asset: Asset { .grams } }
extension FenUnit: AssetUnit { package static var asset: Asset { .fen } }

/// 账户: an account is named by whose it is and what it counts; it need not be opened.
package struct AccountID: Hashable, Comparable, BitwiseCopyable, Sendable {
  package enum Class: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    /// A citizen's own.
    case citizen = 1
    /// Where a scene's awards come from: minus what it has issued.
    case issuing
    /// An organisation's own.
    case organisation
    /// The mechanism's own pools: redeemed, expired, clawed back, funds.
    case programme
    /// Value that changes hands and waits.
    case escrow
    /// A merchant of the mall: what its redeemed vouchers earned it.
    case merchant = 32
    /// An offer of the mall: what was paid for vouchers that are still open.
    case offer
    /// A release of an offer's stock: what is still on the shelf.
    case release
    /// What a citizen owes: never above zero.
    case debt = 40
  }

  package var raw: UInt64

  package init(raw: UInt64) { self.raw = raw }
  package init(_ kind: Class, _ owner: UInt32, _ asset: Asset) {
    raw = UInt64(kind.rawValue) << 56 | UInt64(asset.rawValue) << 40 | UInt64(owner)
  }
  package static func citizen(_ citizen: CitizenID, _ asset: Asset) -> AccountID {
    AccountID(.citizen, citizen.raw, asset)
  }
  package static func issuing(_ scene: SceneID, _ asset: Asset) -> AccountID {
    AccountID(.issuing, UInt32(scene.raw), asset)
  }

  package var kind: Class? { Class(rawValue: UInt8(raw >> 56)) }
  package var asset: Asset? { Asset(rawValue: UInt16(truncatingIfNeeded: raw >> 40)) }
  package var owner: UInt32 { UInt32(truncatingIfNeeded: raw) }
  package static func < (a: AccountID, b: AccountID) -> Bool { a.raw < b.raw }

  /// `citizen:17:points`, as exports and refusals write it.
  package var name: String {
    guard let kind, let asset, AccountID(kind, owner, asset) == self else {
      // Refused, but its refusal is a fact too, and must read back as the same account.
      return "unknown:" + String(raw, radix: 16)
    }
    return "\(kind):\(owner):\(asset.code)"
  }

  /// Reads what `name` writes.
  package init?(name: String) {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count == 2, parts[0] == "unknown", let raw = UInt64(parts[1], radix: 16) {
      self.init(raw: raw)
      return
    }
    guard parts.count == 3, let kind = Class.allCases.first(where: { "\($0)" == parts[0] }),
      let owner = UInt32(parts[1]), let asset = Asset(code: parts[2])
    else { return nil }
    self.init(kind, owner, asset)
  }
}

/// What an account may and may not.
package struct Limits: Hashable, Sendable {
  /// The lowest balance; nil for none. Citizens' and organisations' accounts start with zero.
  package var floor: Int64?
  /// The highest balance; nil for none.
  package var ceiling: Int64?
  package var isFrozen: Bool
  package init(floor: Int64?, ceiling: Int64? = nil, isFrozen: Bool = false) {
    self.floor = floor
    self.ceiling = ceiling
    self.isFrozen = isFrozen
  }

  static func standard(_ account: AccountID) -> Limits {
    switch account.kind {
    case .citizen, .organisation, .escrow, .merchant, .offer, .release: Limits(floor: 0)
    case .debt: Limits(floor: nil, ceiling: 0)
    default: Limits(floor: nil)
    }
  }
}

/// An account's position. Amounts are in the asset's smallest unit.
package struct Position: Hashable, Sendable {
  package var balance: Int64 = 0
  /// Set aside by pending transfers out of this account.
  package var pendingOut: Int64 = 0
  /// Announced by pending transfers into this account.
  package var pendingIn: Int64 = 0
  package init() {}
  var isZero: Bool { balance == 0 && pendingOut == 0 && pendingIn == 0 }
}

package struct State: ~Copyable {
  struct Pair: BitwiseCopyable {
    var points: Int64 = 0
    var grams: Int64 = 0
  }
  /// By citizen: balances of points and grams.
  var citizens: MappedArray<Pair>
  /// By scene: what its issuing accounts stand at (never above zero but for reversals).
  var issued = MappedArray<Pair>(limit: 1 << 16, small: true)
  /// All other accounts that ever moved, and what is set aside on citizens' accounts.
  var positions: [AccountID: Position] = [:]
  /// Where an account's limits differ from the standard of its class.
  var limits: [AccountID: Limits] = [:]
  /// 欠账: accounts that a reversal left below their floor, and how low (`Ledger+Reversal`).
  package internal(set) var overdrawn: [AccountID: Int64] = [:]
  /// Every identifier ever used, with what became of it.
  package internal(set) var known: [TransferID: Entry] = [:]
  /// Which points are the oldest, and what each year issued.
  var lots: Lots

  package init(citizensMax: Int = 1 << 26) {
    citizens = MappedArray(limit: citizensMax)
    lots = Lots(citizensMax: citizensMax)
  }

  package func position(of account: AccountID) -> Position {
    var position = positions[account] ?? Position()
    position.balance += flatBalance(account)
    return position
  }

  package func balance(of account: AccountID) -> Int64 { position(of: account).balance }

  package func points(of citizen: CitizenID) -> Points {
    Points(balance(of: .citizen(citizen, .points)))
  }
  package func grams(of citizen: CitizenID) -> Grams {
    Grams(balance(of: .citizen(citizen, .grams)))
  }

  package func limits(of account: AccountID) -> Limits {
    limits[account] ?? Limits.standard(account)
  }

  /// What a scene has issued, as positive amounts.
  package func issued(by scene: SceneID) -> (Grams, Points) {
    let grams = balance(of: .issuing(scene, .grams))
    return (Grams(-grams), Points(-balance(of: .issuing(scene, .points))))
  }

  /// Every account that is not at zero, in order of its name's number.
  package func forEachAccount(_ body: (AccountID, Position) throws -> Void) rethrows {
    for citizen in 0..<citizens.count {
      for asset in [Asset.points, .grams] {
        let account = AccountID.citizen(CitizenID(UInt32(citizen)), asset)
        let position = position(of: account)
        if !position.isZero { try body(account, position) }
      }
    }
    // A citizen whose account never moved has no row in the flat table, but may be promised
    // something.
    var others = Set(positions.keys.filter { !isFlat($0) || Int($0.owner) >= citizens.count })
    for scene in 0..<issued.count {
      others.insert(.issuing(SceneID(UInt16(scene)), .points))
      others.insert(.issuing(SceneID(UInt16(scene)), .grams))
    }
    for account in others.sorted() {
      let position = position(of: account)
      if !position.isZero { try body(account, position) }
    }
  }

  package var footprint: Int { citizens.count * MemoryLayout<Pair>.stride }

  /// Whether there can be such an account: a class and an asset we know, and an owner there is room
  /// for. Zero names no citizen and no scene.
  func canHold(_ account: AccountID) -> Bool {
    guard let kind = account.kind, let asset = account.asset,
      AccountID(kind, account.owner, asset) == account
    else { return false }
    switch kind {
    case .citizen: return account.owner > 0 && Int(account.owner) < citizens.limit
    case .issuing: return account.owner > 0 && account.owner <= UInt32(UInt16.max)
    case .organisation, .programme, .escrow, .merchant, .offer, .release, .debt: return true
    }
  }

  private func isFlat(_ account: AccountID) -> Bool {
    account.kind == .citizen && (account.asset == .points || account.asset == .grams)
  }

  private func flatBalance(_ account: AccountID) -> Int64 {
    let owner = Int(account.owner)
    switch (account.kind, account.asset) {
    case (.citizen, .points): return owner < citizens.count ? citizens[owner].points : 0
    case (.citizen, .grams): return owner < citizens.count ? citizens[owner].grams : 0
    case (.issuing, .points): return owner < issued.count ? issued[owner].points : 0
    case (.issuing, .grams): return owner < issued.count ? issued[owner].grams : 0
    default: return 0
    }
  }

  /// Adds to a balance without asking.
  mutating func add(_ amount: Int64, to account: AccountID) {
    let owner = Int(account.owner)
    switch (account.kind, account.asset) {
    case (.citizen, .points):
      citizens.reach(owner)
      citizens.base[owner].points += amount
    case (.citizen, .grams):
      citizens.reach(owner)
      citizens.base[owner].grams += amount
    case (.issuing, .points):
      issued.reach(owner)
      issued.base[owner].points += amount
    case (.issuing, .grams):
      issued.reach(owner)
      issued.base[owner].grams += amount
    default: positions[account, default: Position()].balance += amount
    }
  }
}
