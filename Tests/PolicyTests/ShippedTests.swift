// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Methodology
import Policy
import Testing
import Units

/// What the documents name, written from the documents and not from the packs.
struct Named: Sendable, CustomTestStringConvertible {
  var clause: String
  var pack: Shipped
  /// Words that must all stand in names of the family's scenes.
  var words: [String]
  var testDescription: String { clause }
}

@Suite("what ships matches the documents")
struct ShippedTests {
  @Test(
    "every scene that a clause names is there, with a rule",
    arguments: [
      Named(
        clause: "CD-1", pack: .chengdu,
        words: [
          "公交", "地铁", "碳惠交通", "自愿停驶", "错峰出行", "新能源汽车使用", "充电", "换电", "共享出行",
        ]),
      Named(
        clause: "CD-2", pack: .chengdu,
        words: ["绿色商场", "绿色餐饮示范店", "A级旅游景区", "星级旅游酒店", "绿色旅游饭店"]),
      Named(
        clause: "CD-3", pack: .chengdu,
        words: [
          "环城生态公园", "天府绿道", "漫步", "骑行", "锦江公园", "龙泉山丹景台", "公园（绿道）阳光帐篷区", "游览",
          "露营", "大运会主要场馆", "运动",
        ]),
      Named(
        clause: "CD-4", pack: .chengdu,
        words: [
          "图书馆", "博物馆", "美术馆", "文明兴蓉", "青聚锦官城", "环保公益", "环保设施公众开放", "环保科普基地",
          "环保随手拍",
        ]),
      Named(clause: "CD-5", pack: .chengdu, words: ["公积金", "社保", "租房购房"]),
      Named(
        clause: "CD-6", pack: .chengdu,
        words: ["“互联网+”垃圾分类", "大件垃圾回收", "节电", "节气", "节水", "利用新能源"]),
      Named(clause: "SZ-7", pack: .shenzhen, words: ["公交", "地铁", "停驶", "新能源汽车", "共享单车"]),
      Named(
        clause: "SZ-8", pack: .shenzhen, words: ["旅游景区", "餐饮", "酒店", "商超", "碳标签产品"]),
      Named(clause: "SZ-9", pack: .shenzhen, words: ["节电", "节水", "节气", "垃圾分类"]),
      Named(clause: "SZ-10", pack: .shenzhen, words: ["红树林保护", "植树造林", "绿色帮扶"]),
      Named(
        clause: "SZ-11", pack: .shenzhen,
        words: ["小微企业", "节能技改", "使用可再生能源", "资源回收利用"]),
      Named(clause: "ZY-8", pack: .zhangye, words: ["出行", "社区", "园区", "学校", "消费", "回收"]),
    ])
  func named(_ row: Named) throws {
    let pack = try row.pack.pack()
    let scenes = pack.behaviour.scenes.filter {
      pack.behaviour.families[$0.family].source == .document(row.clause)
    }
    for word in row.words {
      #expect(scenes.contains { $0.name.chinese.contains(word) && !$0.rules.isEmpty }, "\(word)")
    }
  }

  @Test("the families are the documents'")
  func families() throws {
    #expect(
      try Shipped.chengdu.pack().behaviour.families.map(\.name.chinese)
        == ["绿色出行", "低碳消费", "低碳休闲", "低碳文教", "线上低碳办事", "低碳社区"])
    #expect(
      try Shipped.shenzhen.pack().behaviour.families.map(\.name.chinese)
        == ["绿色出行", "绿色消费", "绿色生活", "绿色公益", "小微企业节能减排"])
    #expect(
      try Shipped.zhangye.pack().behaviour.families.map(\.name.chinese)
        == ["绿色出行", "绿色生活", "绿色公益", "绿色消费", "资源回收"])
  }

  @Test("partners that CD-1 to CD-6 name are declared, and scenes point to them")
  func partners() throws {
    let pack = try Shipped.chengdu.pack()
    let names = pack.partners.map(\.name.chinese).joined(separator: "\n")
    for word in [
      "碳惠交通", "公交集团", "成都轨道集团", "蓉e行", "新能源汽车及充（换）电设施监测监管平台", "共享出行企业", "成都交投集团",
      "成都城投集团", "成都交子金控集团", "成都文旅集团", "成都产业集团", "成都天府绿道集团", "成都锦江绿道集团", "文明兴蓉",
      "青聚锦官城", "天府蓉易办", "天府市民云",
    ] {
      #expect(names.contains(word), "\(word)")
    }
    #expect(pack.behaviour.scenes.allSatisfy { !$0.partnersNamed.isEmpty })
  }

  @Test("every scene takes trial data of 2010 and later, up to today", arguments: Shipped.allCases)
  func dates(_ shipped: Shipped) throws {
    for scene in try shipped.pack().behaviour.scenes {
      let first = try #require(scene.rules.first)
      #expect(first.from <= Day("2010-01-01")!, "\(scene.code)")
      #expect(scene.rules.last!.until.number == .max, "\(scene.code)")
    }
  }

  @Test(
    "in Chengdu the points of one event differ before and after the plan",
    arguments: ["shared-bike", "bus", "metro", "ev-charging"])
  func versions(_ code: String) throws {
    let scene = try #require(try Shipped.chengdu.pack().scene(code))
    let campaign = "\(code)@2023-01-01+low-carbon-day-2027"
    #expect(
      scene.rules.map(\.code) == [
        "\(code)@2010-01-01", "\(code)@2023-01-01", campaign, "\(code)@2023-01-01",
      ])
    #expect(scene.rules[0].until == Day("2022-12-31"))
    #expect(scene.rules[0].source == .setByThisProject)
    #expect("\(scene.rules[0].points.basis)" != "\(scene.rules[1].points.basis)")
  }

  @Test("shared cycling: 500 m to 20 km, 2 min to 2 h, 25 km/h, one ride of a bike at a time")
  func sharedBike() throws {
    let scene = try #require(try Shipped.chengdu.pack().scene("shared-bike"))
    #expect(scene.fields == [.distanceMetres, .durationSeconds])
    #expect(scene.needsVehicle && scene.exclusiveVehicle && scene.exclusiveGroup > 0)
    try #require(scene.limits.count == 3)
    #expect(scene.limits[0].minimum == 500_000_000)
    #expect(scene.limits[0].maximum == 20_000_000_000)
    #expect(scene.limits[1].minimum == 120_000_000)
    #expect(scene.limits[1].maximum == 7_200_000_000)
    guard case .ratio(slot: 0, by: 1) = scene.limits[2].quantity else {
      Issue.record("\(scene.limits[2])")
      return
    }
    // 25 km/h is 6.9444… m/s, and the limit itself is still believed.
    #expect(scene.limits[2].maximum == 6_944_445)
    for rule in scene.rules {
      guard case .method(let method) = rule.reduction else {
        Issue.record("\(rule.code) has no method")
        return
      }
      #expect(method.rounding == .halfEven)
      let values: [Int64] = [5_000_000_000, 1_200_000_000]
      #expect(method.grams(values, year: 2017) == 244)
    }
  }

  @Test(
    "charging is valued by the province's grid of the year",
    arguments: [
      // 10 kWh * (7 / 100 * 0.725 * 2925.1 / 0.15 - grid)
      (Shipped.chengdu, 2018, 8642), (.chengdu, 2022, 8493), (.chengdu, 2023, 8333),
      (.shenzhen, 2023, 5478),
    ])
  func charging(_ shipped: Shipped, _ year: Int, _ grams: Int64) throws {
    let scene = try #require(try shipped.pack().scene("ev-charging"))
    guard case .method(let method) = try #require(scene.rules.last).reduction else {
      Issue.record("no method")
      return
    }
    let values: [Int64] = [10_000_000_000, 8_640_000_000]
    #expect(method.grams(values, year: year) == grams)
    #expect(scene.rules.allSatisfy { $0.caps.contains { $0.period == .day } })
  }

  @Test("trips of one group are exclusive, and other scenes are not")
  func exclusive() throws {
    let pack = try Shipped.chengdu.pack()
    let travel = try #require(pack.scene("bus")).exclusiveGroup
    for code in ["metro", "shared-bike", "shared-ebike", "greenway-walk", "greenway-ride"] {
      #expect(pack.scene(code)?.exclusiveGroup == travel, "\(code)")
    }
    #expect(pack.scene("ev-charging")?.exclusiveGroup == 0)
    #expect(pack.scene("volunteering")?.exclusiveGroup != travel)
  }

  @Test("the examples cover every scene", arguments: Shipped.allCases)
  func examples(_ shipped: Shipped) throws {
    let pack = try shipped.pack()
    let accepted = pack.examples.compactMap { example -> String? in
      guard case .report(let report) = example.step, case .accepted = report.expected else {
        return nil
      }
      return report.scene
    }
    #expect(Set(accepted) == Set(pack.behaviour.scenes.map(\.code)))
  }

  @Test("Chengdu's examples show every outcome, and each line reads as it is written")
  func outcomes() throws {
    let examples = try Shipped.chengdu.pack().examples
    let reports = examples.compactMap {
      if case .report(let report) = $0.step { report } else { nil as Example.Report? }
    }
    for outcome in [
      Example.Outcome.duplicate, .waiting, .refused(.belowMinimum), .refused(.noRuleInForce),
      .refused(.unknownScene), .refused(.missingField), .refused(.fromTheFuture),
      .quarantined(.aboveMaximum), .quarantined(.tooFast), .quarantined(.vehicleOverlap),
      .quarantined(.reportedTwice),
    ] {
      #expect(reports.contains { $0.expected == outcome }, "\(outcome)")
    }
    let ride = try #require(reports.first)
    #expect(ride.person == "Lin")
    #expect(ride.time == Instant("2022-12-31T08:20:00+08:00"))
    #expect(ride.received == ride.time)
    #expect(ride.scene == "shared-bike")
    #expect(ride.values.map(\.field) == [.distanceMetres, .durationSeconds])
    #expect(ride.values.map(\.measured) == [Measured(5000), Measured(1200)])
    #expect(ride.vehicle == "B1")
    #expect(ride.expected == .accepted(grams: 244, points: 4))
    let again = try #require(reports.first { $0.isRepeat })
    #expect(again.vehicle == "B3" && again.partner == "bikes" && again.values.count == 2)
    guard
      case .holds("Lin", .some, .some)? = examples.first(where: { $0.text.contains("holds") })?.step
    else {
      Issue.record("no balance")
      return
    }
  }

  @Test("every line of a scene can be shown with its source")
  func statements() throws {
    let lines = try Shipped.chengdu.pack().statements.filter { $0.block == "scene shared-bike" }
    let cap = try #require(lines.last { $0.key == "cap" })
    #expect(cap.rule == "from 2023-01-01")
    #expect(cap.value == "30 a day in family")
    #expect(cap.citation.mark == .setByThisProject)
    #expect(cap.citation.document == "so that travel cannot crowd out the other families")
    #expect(lines.first?.key == "clause")
    #expect(lines.first?.written == "CD-1")
    #expect(lines.first?.citation.document.hasPrefix("成办函〔2022〕85号") == true)
  }

  @Test("every number in force names its source")
  func sources() throws {
    for shipped in Shipped.allCases {
      for method in try shipped.pack().methods {
        #expect(method.citation.mark.mayShip)
        for parameter in method.parameters { #expect(parameter.citation.mark.mayShip) }
      }
      for factor in try shipped.pack().library.factors { #expect(factor.citation.mark.mayShip) }
    }
  }
}
