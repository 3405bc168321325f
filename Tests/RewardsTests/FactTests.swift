// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Journal
import Ledger
import Testing
import Units

@testable import Mechanism
@testable import Rewards

@Suite("facts of the mall") struct FactTests {
  private static func row(_ text: String) throws -> Rewards.FactRow {
    try JSONDecoder().decode(Rewards.FactRow.self, from: Data(text.utf8))
  }

  private static let merchant = Merchant(
    name: Label("店", "Shop"), licence: "ab", terms: "2026", appliedBy: "lin")

  private static let order = Order(
    id: OrderID(1, 2), code: CodeDigest(3, 4), citizen: CitizenID(5), offer: 6, release: 7,
    points: 8, cash: 0, settles: 10, placed: Instant(milliseconds: 11),
    validFrom: Instant(milliseconds: 12), validUntil: Instant(milliseconds: 13),
    deadline: Instant(milliseconds: 0), status: .open)

  /// Written by hand from the description in Docs/journal.md, and to be read for ever.
  private static let golden: [(Rewards.Fact, UInt8, String)] = [
    (
      .merchant(1, merchant), 70,
      #"{"merchant":{"appliedBy":"lin","judgedBy":"","licence":"ab","name":{"chinese":"店","#
        + #""english":"Shop"},"standing":"applied","terms":"2026"},"number":1}"#
    ),
    (
      .merchantJudged(1, .approved, by: "ma"), 70,
      #"{"by":"ma","number":1,"standing":"approved","subject":"merchant"}"#
    ),
    (
      .offer(2, Shop.mug(1, points: 50, cash: 990)), 70,
      #"{"number":2,"offer":{"about":{"chinese":"一只杯子","english":"A mug"},"cash":990,"#
        + #""districts":[],"expiry":"returns","isReturnable":true,"isUnlimited":false,"#
        + #""judgedBy":"","kind":"goods","merchant":1,"name":{"chinese":"杯","english":"Mug"},"#
        + #""perYear":5,"points":50,"proposedBy":"lin","settles":0,"standing":"applied","#
        + #""usableFrom":0,"validDays":30,"worth":0}}"#
    ),
    (
      .offerJudged(2, .closed, by: "ma"), 70,
      #"{"by":"ma","number":2,"standing":"closed","subject":"offer"}"#
    ),
    (
      .release(
        3,
        Release(
          offer: 2, quantity: 40, year: 2026, from: Instant(milliseconds: 1),
          until: Instant(milliseconds: 2), by: "lin"), OrderID(0, 3)), 70,
      #"{"id":"00000000000000000000000000000003","number":3,"release":{"by":"lin","#
        + #""fromMilliseconds":1,"hasLapsed":false,"lapsed":0,"left":40,"offer":2,"quantity":40,"#
        + #""reserved":0,"untilMilliseconds":2,"used":0,"year":2026}}"#
    ),
    (.lapsed(3, left: 40), 70, #"{"lapsed":3,"left":40}"#),
    (
      .placed(9, order), 71,
      #"{"number":9,"order":{"cash":0,"citizen":5,"code":"00000000000000030000000000000004","#
        + #""id":"00000000000000010000000000000002","offer":6,"placed":11,"points":8,"release":7,"#
        + #""settles":10,"status":"open","validFrom":12,"validUntil":13}}"#
    ),
    (.paid(9, payment: "test-1"), 71, #"{"number":9,"payment":"test-1"}"#),
    (
      .ended(
        Ending(
          order: 9, status: .used, time: Instant(milliseconds: 14), by: "till",
          use: OrderID(0, 15), reason: "")), 71,
      #"{"ending":{"by":"till","number":9,"status":"used","time":14,"#
        + #""use":"0000000000000000000000000000000f"}}"#
    ),
  ]

  @Test("each fact is these bytes, and is read from them")
  func golden() throws {
    for (fact, kind, text) in Self.golden {
      #expect(fact.kind == kind)
      #expect(String(decoding: encode(Rewards.FactRow(fact)), as: UTF8.self) == text)
      #expect(try Self.row(text).fact == fact)
    }
  }

  /// A journal that somebody wrote in good order but not by our rules.
  @Test("what cannot be is refused in a sentence")
  func impossible() throws {
    var shop = Shop()
    let merchant = shop.openShop()
    _ = shop.sell(Shop.mug(merchant), 1)
    let state = shop.state.rewards
    let lines = [
      #"{"by":"ma","number":9,"standing":"approved","subject":"merchant"}"#,
      #"{"lapsed":1,"left":7}"#, #"{"lapsed":2,"left":0}"#, #"{"number":1,"payment":"x"}"#,
      #"{"ending":{"by":"t","number":1,"status":"used","time":14}}"#,
      Self.golden[6].2, Self.golden[4].2,
    ]
    for line in lines {
      let fact = try #require(try Self.row(line).fact)
      #expect(!state.canApply(fact), "\(line)")
    }
    for line in [#"{"number":70000,"standing":"closed","subject":"offer","by":"x"}"#, "{}"] {
      let fact = try Self.row(line).fact
      #expect(fact == nil, "\(line)")
    }
  }

  @Test("assets of stock have names, and the names of old journals mean what they meant")
  func assets() throws {
    for (name, asset) in [("points", Asset.points), ("grams", .grams), ("fen", .fen)] {
      #expect(asset.code == name && Asset(code: name) == asset)
    }
    #expect([Asset.points, .grams, .fen].map(\.rawValue) == [1, 2, 3])
    let account = AccountID(.release, 12, .stock(4))
    #expect(account.name == "release:12:stock-4" && AccountID(name: account.name) == account)
    for name in ["stock-0", "stock-32768", "stock-04", "stock-", "stock-+4"] {
      #expect(Asset(code: name) == nil, "\(name)")
    }
    for raw: UInt16 in [0, 4, 32_768] { #expect(Asset(rawValue: raw) == nil) }
  }

  @Test("each refusal has a row in Docs/refusals.md")
  func refusals() throws {
    let folder = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    let file = try #require(fopen(folder + "/Docs/refusals.md", "r"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(byte)) }
    let text = String(decoding: bytes, as: UTF8.self)
    let section = try #require(text.split(separator: "\n## ").first { $0.hasPrefix("The mall") })
    let rows = section.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst(2)
    let wanted = Rewards.Refusal.allCases.map { "| \($0.rawValue) | `\($0)` |" }
    #expect(rows.count == wanted.count)
    for (row, start) in zip(rows, wanted) { #expect(row.hasPrefix(start), "\(row)") }
  }
}
