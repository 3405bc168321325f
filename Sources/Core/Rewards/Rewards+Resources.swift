// SPDX-License-Identifier: Apache-2.0
import Units

// 政府资源: what the pack's documents promise, put on sale for a calendar year.
extension State {
  /// Merchants and offers that are missing, and the year's stock of those that have none yet. What
  /// stands already is left alone, so that asking twice changes nothing.
  func openResources(
    _ year: Int, _ by: String, _ setting: Setting
  ) -> Result<Decision, Denial> {
    guard !setting.rules.resources.isEmpty else { return .failure(Denial(.noResources)) }
    guard year == setting.year || year == setting.year + 1 else {
      return .failure(Denial(.yearInvalid, count: Int64(setting.year)))
    }
    var after = self
    var facts: [Fact] = []
    func note(_ new: [Fact]) {
      for fact in new { after.apply(fact) }
      facts += new
    }
    for resource in setting.rules.resources {
      let merchant = after.provider(resource, setting.rules, by)
      note(merchant.facts)
      let offer = after.offer(resource, merchant.number, year, by)
      note(offer.facts)
      guard offer.number > 0 else { continue }
      for release in State.releases(of: resource, offer.number, year, setting.zone, by) {
        guard setting.now < release.until else { continue }
        let number = UInt32(after.releases.count + 1)
        note([.release(number, release, OrderID(0, UInt64(number)))])
      }
    }
    guard !facts.isEmpty else { return .failure(Denial(.unchanged)) }
    return .success(Decision(facts, 0))
  }

  private func provider(
    _ resource: Resource, _ rules: Rules, _ by: String
  ) -> (number: UInt32, facts: [Fact]) {
    if let index = merchants.firstIndex(where: { $0.provider == resource.provider }) {
      return (UInt32(index + 1), [])
    }
    let name = rules.providers.first { $0.code == resource.provider }?.name ?? resource.name
    let number = UInt32(merchants.count + 1)
    let merchant = Merchant(
      name: name, provider: resource.provider, licence: "", terms: resource.source,
      standing: .approved, appliedBy: by, judgedBy: by)
    return (number, [.merchant(number, merchant)])
  }

  /// The offer whose stock of the year is to be released; zero where it was, or is closed.
  private func offer(
    _ resource: Resource, _ merchant: UInt32, _ year: Int, _ by: String
  ) -> (number: UInt16, facts: [Fact]) {
    let fresh = resource.offer(of: merchant, by: by)
    let mine = offers.indices.filter { offers[$0].resource == resource.code }
    let hasStock = mine.contains { index in
      releases(of: UInt16(index + 1)).contains { releases[Int($0) - 1].year == year }
    }
    guard !hasStock else { return (0, []) }
    var facts: [Fact] = []
    if let last = mine.last {
      if offers[last].hasTerms(of: fresh) {
        return (offers[last].standing == .approved ? UInt16(last + 1) : 0, [])
      }
      // The pack's terms have changed since: the old offer ends with the old year's stock.
      if offers[last].standing == .approved {
        facts.append(.offerJudged(UInt16(last + 1), .closed, by: by))
      }
    }
    guard offers.count < State.offersMax else { return (0, []) }
    let number = UInt16(offers.count + 1)
    return (number, facts + [.offer(number, fresh)])
  }

  /// A year's pieces in equal parts over the year; what does not divide is in the first.
  private static func releases(
    of resource: Resource, _ offer: UInt16, _ year: Int, _ zone: Int32, _ by: String
  ) -> [Release] {
    guard let end = Day(year: year + 1, month: 1, day: 1)?.start(offset: zone) else { return [] }
    let parts = resource.yearly == nil ? 1 : resource.parts
    let each = (resource.yearly ?? 0) / Int64(parts)
    return (0..<parts).compactMap { part in
      guard let day = Day(year: year, month: 1 + part * 12 / parts, day: 1) else { return nil }
      let first = part == 0 ? (resource.yearly ?? 0) - each * Int64(parts) : 0
      return Release(
        offer: offer, quantity: each + first, year: year, from: day.start(offset: zone),
        until: end, by: by)
    }
  }
}
