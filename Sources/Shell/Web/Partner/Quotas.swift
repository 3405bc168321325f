// SPDX-License-Identifier: Apache-2.0
// 限流与配额: how much of a partner is taken, and what it is told when it is more.
//
//   request ──▶ requests a minute ──▶ decoded ──▶ events a day ──▶ the desk
//                    └─ 429, Retry-After              └─ 429, Retry-After: until midnight
//
// Minutes are counted in memory. A day's events begin with what the Archive knows of the day, so
// that a restart gives nobody a second quota. A batch is taken whole or not at all.

import Archive
import HTTP
import Storage
import Synchronization
import Units

package final class Quotas: Sendable {
  /// What a partner has used, for its page.
  package struct Use: Sendable, Equatable {
    package var requestsThisMinute = 0
    package var eventsToday = 0
    package var refusedToday = 0
  }

  private struct Count {
    var use = Use()
    var minute: Int64 = 0
    var day = Day(.min)
  }

  private let counts = Mutex<[PartnerID: Count]>([:])
  private let zone: Int32
  /// Events of a partner that were received since a moment.
  private let received: @Sendable (PartnerID, Instant) -> Int

  init(zone: Int32, received: @escaping @Sendable (PartnerID, Instant) -> Int) {
    self.zone = zone
    self.received = received
  }

  /// Begins a new minute or day where one has begun.
  private func turn(_ count: inout Count, _ partner: PartnerID, _ now: Instant) {
    if now.seconds / 60 != count.minute {
      count.minute = now.seconds / 60
      count.use.requestsThisMinute = 0
    }
    let day = now.day(offset: zone)
    if day != count.day {
      count.day = day
      count.use.refusedToday = 0
      count.use.eventsToday = received(partner, day.start(offset: zone))
    }
  }

  /// Counts a request; answers after how many seconds to come again, nil where it is taken.
  func takeRequest(_ partner: PartnerID, _ terms: PartnerTerms, at now: Instant) -> Int64? {
    counts.withLock { counts in
      var count = counts[partner] ?? Count()
      turn(&count, partner, now)
      defer { counts[partner] = count }
      if terms.requestsPerMinute > 0, count.use.requestsThisMinute >= terms.requestsPerMinute {
        count.use.refusedToday += 1
        return 60 - now.seconds % 60
      }
      count.use.requestsThisMinute += 1
      return nil
    }
  }

  /// Counts events; answers after how many seconds to come again, nil where they are taken.
  func takeEvents(
    _ events: Int, _ partner: PartnerID, _ terms: PartnerTerms, at now: Instant
  ) -> Int64? {
    counts.withLock { counts in
      var count = counts[partner] ?? Count()
      turn(&count, partner, now)
      defer { counts[partner] = count }
      if terms.eventsPerDay > 0, count.use.eventsToday + events > terms.eventsPerDay {
        count.use.refusedToday += 1
        return max(1, Day(count.day.number + 1).start(offset: zone).seconds - now.seconds)
      }
      count.use.eventsToday += events
      return nil
    }
  }

  package func use(_ partner: PartnerID, at now: Instant) -> Use {
    counts.withLock { counts in
      var count = counts[partner] ?? Count()
      turn(&count, partner, now)
      counts[partner] = count
      return count.use
    }
  }
}

extension Trouble {
  static func tooManyRequests(_ most: Int, _ seconds: Int64) -> Trouble {
    var trouble = Trouble(
      429, "too-many-requests", "每分钟最多 \(most) 次请求，请 \(seconds) 秒后再发；一次可以发送多条。",
      "At most \(most) requests a minute: wait \(seconds) seconds. One request may carry many "
        + "events.")
    trouble.retryAfter = seconds
    return trouble
  }
  static func quotaReached(_ most: Int, _ seconds: Int64) -> Trouble {
    var trouble = Trouble(
      429, "quota-reached", "今日配额为 \(most) 条，本批整批未收。\(seconds) 秒后（明日）再发，或请运营方提高配额。",
      "Today's quota is \(most) events; nothing of this batch was taken. Send it again in "
        + "\(seconds) seconds, when the next day begins, or ask the operator for more.")
    trouble.retryAfter = seconds
    return trouble
  }
}

extension Office {
  /// Counts a partner's events against its quota: the answer where they are too many.
  package func takeEvents(
    _ count: Int, _ key: PartnerKey, _ vault: Vault, _ request: Request, at now: Instant
  ) -> Response? {
    let terms = vault.terms(mechanism: key.mechanism, partner: key.partner)
    guard let wait = quotas.takeEvents(count, key.partner, terms, at: now) else { return nil }
    let t: Tongue =
      request.headers["Accept-Language"]?.hasPrefix("zh") ?? false ? .chinese : .english
    return Trouble.quotaReached(terms.eventsPerDay, wait).problem(t, instance: request.path)
  }
}
