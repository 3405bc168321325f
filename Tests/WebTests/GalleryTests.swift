// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Glibc
import Methodology
import Policy
import Testing
import Units

@testable import Web

/// Draws pages from plain values. With PAGES=folder they are written there, to be looked at.
@Suite struct GalleryTests {
  @Test(arguments: Tongue.allCases) func drawsTheCitysPages(_ t: Tongue) throws {
    let fixture = try Fixture(t)
    var visit = fixture.visit
    write(
      "overview", t,
      Layout.overview(
        visit,
        Overview(
          pack: fixture.pack, totals: fixture.totals, days: fixture.days, today: fixture.days.last))
    )
    write("scenes", t, Layout.scenes(visit, fixture.pack, fixture.totals))
    write("scene", t, Layout.scene(visit, fixture.scene("shared-bike"), fixture.pack))
    visit.mechanism = nil
    write(
      "home", t,
      Layout.home(
        visit,
        [
          MechanismCard(
            badge: fixture.visit.mechanism!, document: fixture.pack.document.title,
            totals: fixture.totals)
        ]))
    write("login", t, Layout.login(visit, next: "/chengdu/me"))
    write(
      "code", t, Layout.loginCode(visit, next: "/chengdu/me", phone: "13800001234", shown: "482913")
    )
  }

  @Test(arguments: Tongue.allCases) func drawsACitizensPages(_ t: Tongue) throws {
    let fixture = try Fixture(t)
    let visit = fixture.visit
    let entries = entries(fixture)
    write(
      "account", t,
      Layout.account(
        visit,
        AccountModel(
          code: "chengdu", citizen: CitizenID(17), phone: "13800001234",
          balance: Balance(grams: Grams(1_076_932), points: Points(12_408)), entries: entries,
          older: FactNumber(3),
          waiting: [entries[2]])))
    let entry = entries[0]
    var explanation: Explanation?
    if case .method(let method)? = entry.rule?.reduction {
      withUnsafePointer(to: entry.record.report.values) {
        $0.withMemoryRebound(to: Int64.self, capacity: 4) {
          explanation = method.explain($0, year: 2026)
        }
      }
    }
    write(
      "entry", t,
      Layout.entry(
        visit, code: "chengdu", entry, explanation: explanation, packVersion: fixture.pack.version))
    write(
      "links", t,
      Layout.consents(
        visit,
        ConsentModel(
          code: "chengdu",
          sources: [
            ConsentModel.Source(
              code: "tft", name: "天府通", terms: fixture.pack.sourceTerms(partner: "tft"),
              scenes: [("公交", "里程")],
              links: [
                LinkRow(
                  alias: AliasID(4), partnerCode: "tft", partner: "天府通", subject: "u-<0017>")
              ], paused: [], given: visit.now)
          ],
          receivers: fixture.pack.receiverTerms.map {
            ConsentModel.Receiver(terms: $0, given: nil, isOutdated: false)
          })))
    write(
      "data", t,
      Layout.personalData(
        visit, code: "chengdu", fields: [(t.plain("手机号", "Phone"), "138****1234")],
        consents: [
          ConsentRow(
            purpose: "account", receiver: "", textVersion: "account-2026-11", given: visit.now,
            withdrawn: nil)
        ], closing: "x"))
  }

  private func entries(_ fixture: Fixture) -> [Entry] {
    [
      fixture.entry(
        "shared-bike", 1, values: [3_214, 840], grams: 157, points: 2, before: 3,
        reason: .capReached),
      fixture.entry("metro", 2, values: [12_480, 1_920], grams: 512, points: 5, partner: "天府通"),
      fixture.entry(
        "shared-bike", 3, values: [38_000, 4_000], grams: 0, points: 0, outcome: .quarantined,
        reason: .aboveMaximum),
      fixture.entry(
        "bus", 4, values: [120, 200], grams: 0, points: 0, outcome: .refused, reason: .belowMinimum,
        partner: "天府通"),
    ]
  }

  private func write(_ name: String, _ t: Tongue, _ html: HTML) {
    #expect(html.text.hasPrefix("<!doctype html>"))
    // The one that registers the service worker, from a file; nothing inline.
    let scripts = html.text.split(separator: "<script").dropFirst()
    #expect(scripts.allSatisfy { $0.hasPrefix(" src=\"/assets/app.js?") } && scripts.count <= 1)
    #expect(!html.text.contains("style="))
    guard let folder = getenv("PAGES") else { return }
    let path = String(cString: folder) + "/\(name)-\(t.rawValue).html"
    let text = html.text
    guard let file = fopen(path, "w") else { return }
    fputs(text, file)
    fclose(file)
  }
}
