// SPDX-License-Identifier: Apache-2.0
import Methodology
import Policy
import Rewards
import Testing

/// What clause CD-17 promises, written from the document and not from the pack.
@Suite("the mall as the documents have it") struct MallPackTests {
  @Test("each named scenic area and venue with its own number a year")
  func venues() throws {
    let mall = try Shipped.chengdu.pack().mall
    let promised: [(String, Int64)] = [
      ("青城山—都江堰", 10_000), ("西岭雪山", 10_000), ("大熊猫基地", 5000), ("市动物园", 5000),
      ("市植物园", 5000), ("金沙遗址", 5000), ("武侯祠", 5000), ("杜甫草堂", 5000),
    ]
    let tickets = mall.resources.filter { $0.kind == .ticket }
    #expect(tickets.count == promised.count)
    for (name, yearly) in promised {
      let found = tickets.filter { $0.name.chinese.contains(name) }
      #expect(found.map(\.yearly) == [yearly], "\(name)")
    }
    #expect(Set(tickets.map(\.provider)).count == promised.count, "each redeems its own")
  }

  @Test("200,000 parking coupons of 5 yuan in the six districts, gas checks without end")
  func others() throws {
    let pack = try Shipped.chengdu.pack()
    let parking = try #require(pack.mall.resources.first { $0.kind == .parking })
    #expect(parking.yearly == 200_000 && parking.worth == 500)
    #expect(
      parking.districts.map(\.chinese) == ["成都高新区", "锦江区", "青羊区", "金牛区", "武侯区", "成华区"])
    #expect(parking.name.chinese.contains("新能源汽车路内临时停车"))
    let gas = try #require(pack.mall.resources.first { $0.kind == .service })
    #expect(gas.yearly == nil && gas.name.chinese.contains("家用燃气具免费安全检查"))
    #expect(pack.mall.resources.contains { $0.name.chinese.contains("专属消费券") })
    for resource in pack.mall.resources {
      let clauses = pack.statements.filter {
        $0.block == "resource \(resource.code)" && $0.key == "clause"
      }
      #expect(clauses.map(\.written) == ["CD-17"], "\(resource.code)")
    }
  }

  @Test("prices are ours and say so; one reward costs 50 points at most")
  func prices() throws {
    for shipped in [Shipped.chengdu, .zhangye] {
      let pack = try shipped.pack()
      let prices = pack.statements.filter {
        $0.block.hasPrefix("resource ") && $0.key == "points"
      }
      #expect(prices.count == pack.mall.resources.count && !prices.isEmpty)
      #expect(prices.allSatisfy { $0.citation.mark == .setByThisProject })
      #expect(pack.mall.resources.contains { $0.points <= 50 })
    }
    let none = try Shipped.shenzhen.pack().mall.resources.isEmpty
    #expect(none, "Shenzhen's document promises nothing for points")
  }

  private static let good = """
    provider museum
      name       馆 | Museum
      clause     [T]
    resource ticket
      name       票 | Ticket
      provider   museum
      clause     [T]
      kind       ticket
      stock      10 a year   [T]
      points     40          [T]
      limit      2 a year    [T]
      valid      60 days     [T]
      expiry     returns     [T]
    """

  private func faults(_ mall: String) -> [String] {
    let pack = """
      document T A document for tests
      mechanism trial
        name       试 | Trial
        city       试 | Trial
        version    1
        effective  2022-12-05  [T]
        zone       +08:00
        area       nowhere
        language   zh-CN 简体中文
      family travel
        name     出行 | Travel
        clause   [T]
      scene card
        name       卡 | Card
        family     travel
        clause     [T]
        evidence   单 | order
        rule from 2010-01-01 [T]
          grams    0 g   [T]
          points   5     [T]
      """
    let files = [
      Pack.File(path: "pack.txt", bytes: Array(pack.utf8)),
      Pack.File(path: "mall.txt", bytes: Array(mall.utf8)),
    ]
    if case .failure(let faults) = Pack.parse(files: files) {
      return faults.problems.map(\.description)
    }
    return []
  }

  @Test("everything that is wrong is told with its line and what to do")
  func wrong() {
    #expect(faults(Self.good).isEmpty)
    let mistakes = [
      ("provider   museum", "provider   zoo", "mall.txt:6:14: no provider is called `zoo`"),
      ("kind       ticket", "kind       pony", "mall.txt:8:14: `pony` is no kind"),
      ("10 a year ", "10 a month", "mall.txt:9:14: `stock` says how many there are a year"),
      ("points     40          [T]", "points     40", "`points` has no source"),
      ("2 a year", "many a year", "`limit` needs a whole number from 1 to 10000"),
      ("expiry     returns", "expiry     maybe", "`maybe` is no rule of expiry"),
      ("kind       ticket", "kind       ticket\n  colour red", "has no key `colour`"),
      ("  points     40          [T]\n", "", "has no `points`"),
    ]
    for (before, after, told) in mistakes {
      let found = faults(Self.good.replacing(before, with: after))
      #expect(found.contains { $0.contains(told) }, "\(after): \(found)")
    }
    let money = Self.good + "\n  worth      0.001 yuan  [T]"
    #expect(faults(money).contains { $0.contains("is no sum of money") })
    let places = Self.good + "\n  districts  东、西 | East  [T]"
    #expect(faults(places).contains { $0.contains("2 districts in Chinese and 1 in English") })
  }
}
