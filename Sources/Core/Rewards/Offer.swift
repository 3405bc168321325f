// SPDX-License-Identifier: Apache-2.0
import Units

/// A public name in both languages; an operator answers for it.
package struct Label: Hashable, Sendable, Codable {
  package var chinese: String
  package var english: String
  package init(_ chinese: String, _ english: String) {
    self.chinese = chinese
    self.english = english
  }

  /// At most 200 bytes, and something in it.
  var isGood: Bool {
    !chinese.isEmpty && chinese.utf8.count <= Label.bytesMax && english.utf8.count <= Label.bytesMax
  }
  static let bytesMax = 600
}

/// 状态: how far a merchant or an offer has come.
package enum Standing: String, Sendable, Codable {
  case applied
  case approved
  case refused
  case closed
}

/// 商户: who honours vouchers, and is paid for them.
package struct Merchant: Hashable, Sendable, Codable {
  package var name: Label
  /// The code of the pack's provider, for those that a document names.
  package var provider: String?
  /// Digest of the business licence's number, which stands in the Vault; empty for a provider.
  package var licence: String
  /// Version of the contract's terms that it accepted.
  package var terms: String
  package var standing: Standing
  package var appliedBy: String
  package var judgedBy: String

  package init(
    name: Label, provider: String? = nil, licence: String, terms: String,
    standing: Standing = .applied, appliedBy: String, judgedBy: String = ""
  ) {
    self.name = name
    self.provider = provider
    self.licence = licence
    self.terms = terms
    self.standing = standing
    self.appliedBy = appliedBy
    self.judgedBy = judgedBy
  }
}

/// 兑换品: what can be had for points. Once approved it never changes: who wants other terms closes it
/// and opens another.
package struct Offer: Hashable, Sendable, Codable {
  /// 种类
  package enum Kind: String, Sendable, Codable, CaseIterable {
    case ticket
    case parking
    case service
    case coupon
    case goods
  }
  /// 到期规则: what becomes of the points of a voucher that nobody used.
  package enum Expiry: String, Sendable, Codable {
    case returns
    case forfeits
  }

  package var merchant: UInt32
  /// The code of the pack's resource, for what a document promises.
  package var resource: String?
  package var name: Label
  package var about: Label
  package var kind: Kind
  package var points: Int64
  /// What the citizen pays besides, in fen.
  package var cash: Int64
  /// What it is worth to who uses it, in fen; zero where nobody says.
  package var worth: Int64
  /// What the programme pays the merchant for each voucher that it honours, in fen.
  package var settles: Int64
  package var perYear: Int
  /// Days for which a voucher is good, from the day it was had, not past the release's last day.
  package var validDays: Int
  /// The first day on which a voucher can be used; zero for at once.
  package var usableFrom: Int64
  package var expiry: Expiry
  package var isReturnable: Bool
  package var isUnlimited: Bool
  package var districts: [Label]
  package var standing: Standing
  package var proposedBy: String
  package var judgedBy: String

  package init(
    merchant: UInt32, resource: String? = nil, name: Label, about: Label, kind: Kind,
    points: Int64, cash: Int64 = 0, worth: Int64 = 0, settles: Int64 = 0, perYear: Int = 10,
    validDays: Int = 30, usableFrom: Instant = Instant(milliseconds: 0), expiry: Expiry = .returns,
    isReturnable: Bool = true, isUnlimited: Bool = false, districts: [Label] = [],
    standing: Standing = .applied, proposedBy: String, judgedBy: String = ""
  ) {
    self.merchant = merchant
    self.resource = resource
    self.name = name
    self.about = about
    self.kind = kind
    self.points = points
    self.cash = cash
    self.worth = worth
    self.settles = settles
    self.perYear = perYear
    self.validDays = validDays
    self.usableFrom = usableFrom.milliseconds
    self.expiry = expiry
    self.isReturnable = isReturnable
    self.isUnlimited = isUnlimited
    self.districts = districts
    self.standing = standing
    self.proposedBy = proposedBy
    self.judgedBy = judgedBy
  }

  package static let pointsMax: Int64 = 1_000_000
  package static let fenMax: Int64 = 100_000_000

  /// Prices, limits and names that can be.
  var isGood: Bool {
    name.isGood && about.chinese.utf8.count <= 2000 && about.english.utf8.count <= 2000
      && (0...Offer.pointsMax).contains(points) && (0...Offer.fenMax).contains(cash)
      && points + cash > 0 && (0...Offer.fenMax).contains(worth)
      && (0...Offer.fenMax).contains(settles) && (1...10_000).contains(perYear)
      && (1...731).contains(validDays) && districts.count <= 40
      && districts.allSatisfy(\.isGood)
  }

  /// Whether another offer promises the same.
  func hasTerms(of other: Offer) -> Bool {
    var same = other
    (same.standing, same.proposedBy, same.judgedBy) = (standing, proposedBy, judgedBy)
    return self == same
  }
}

/// 投放: a dated part of an offer's stock.
package struct Release: Hashable, Sendable, Codable {
  package var offer: UInt16
  /// Zero where there is no end of it.
  package var quantity: Int64
  /// The calendar year whose stock this is.
  package var year: Int
  var fromMilliseconds: Int64
  var untilMilliseconds: Int64
  package var by: String
  // Counts, kept here and compared with the ledger by the audit.
  package var left: Int64
  package var reserved: Int64 = 0
  package var used: Int64 = 0
  package var lapsed: Int64 = 0
  package var hasLapsed = false

  package init(
    offer: UInt16, quantity: Int64, year: Int, from: Instant, until: Instant, by: String
  ) {
    self.offer = offer
    self.quantity = quantity
    self.year = year
    fromMilliseconds = from.milliseconds
    untilMilliseconds = until.milliseconds
    self.by = by
    left = quantity
  }

  /// Whether two releases say the same, whatever has been sold of them since.
  func isSame(as other: Release) -> Bool {
    offer == other.offer && quantity == other.quantity && year == other.year
      && fromMilliseconds == other.fromMilliseconds && untilMilliseconds == other.untilMilliseconds
  }

  /// On sale from here …
  package var from: Instant { Instant(milliseconds: fromMilliseconds) }
  /// … and until here; vouchers are good no longer either.
  package var until: Instant { Instant(milliseconds: untilMilliseconds) }
}
