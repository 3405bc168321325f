// SPDX-License-Identifier: Apache-2.0

/// What the city's pack decides about the mall: read by Policy, held by the mechanism, replaced
/// whole when a pack version is adopted.
package struct Rules: Sendable {
  package var providers: [Provider]
  package var resources: [Resource]
  /// How long an order is set aside for its payment.
  package var paySeconds: Int64

  package init(
    providers: [Provider] = [], resources: [Resource] = [], paySeconds: Int64 = 900
  ) {
    self.providers = providers
    self.resources = resources
    self.paySeconds = paySeconds
  }
}

/// 资源提供单位: a merchant that a document names.
package struct Provider: Hashable, Sendable {
  package var code: String
  package var name: Label
  package init(code: String, name: Label) {
    self.code = code
    self.name = name
  }
}

/// 政府资源: what a document promises for points, year after year.
package struct Resource: Hashable, Sendable {
  package var code: String
  package var provider: String
  package var name: Label
  package var about: Label
  /// What the document says, as the pack cites it.
  package var source: String
  package var kind: Offer.Kind
  /// Pieces a year; nil for no end of them.
  package var yearly: Int64?
  /// In how many parts a year's pieces are put on sale: 1, 2, 3, 4, 6 or 12.
  package var parts: Int
  package var points: Int64
  package var worth: Int64
  package var settles: Int64
  package var perYear: Int
  package var validDays: Int
  package var expiry: Offer.Expiry
  package var districts: [Label]

  package init(
    code: String, provider: String, name: Label, about: Label, source: String, kind: Offer.Kind,
    yearly: Int64?, parts: Int, points: Int64, worth: Int64, settles: Int64, perYear: Int,
    validDays: Int, expiry: Offer.Expiry, districts: [Label]
  ) {
    self.code = code
    self.provider = provider
    self.name = name
    self.about = about
    self.source = source
    self.kind = kind
    self.yearly = yearly
    self.parts = parts
    self.points = points
    self.worth = worth
    self.settles = settles
    self.perYear = perYear
    self.validDays = validDays
    self.expiry = expiry
    self.districts = districts
  }

  /// As an offer of the merchant that stands for its provider.
  func offer(of merchant: UInt32, by: String) -> Offer {
    Offer(
      merchant: merchant, resource: code, name: name, about: about, kind: kind, points: points,
      worth: worth, settles: settles, perYear: perYear, validDays: validDays, expiry: expiry,
      isUnlimited: yearly == nil, districts: districts, standing: .approved, proposedBy: by,
      judgedBy: by)
  }
}
