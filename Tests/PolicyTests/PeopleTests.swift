// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Policy
import Testing

/// consents.txt and people.txt: what they say, and what is said about wrong ones.
@Suite("consents and people of a pack") struct PeopleTests {
  private static let pack = """
    document CD  成办函〔2022〕85号
    mechanism trial
      name       试 | Trial
      city       成都市 | Chengdu
      version    1
      effective  2022-12-05  [CD]
      zone       +08:00
      area       sichuan
      language   zh-CN 简体中文
    family travel
      name    出行 | Travel
      clause  [CD-1]
    scene card
      name      卡 | Card
      family    travel
      clause    [CD-1]
      evidence  记录 | record
      rule from 2023-01-01  [CD-1]
        grams    7 g  [CD-1]
        points   1    [CD-1]
    """
  private static let consent = """
    consent data
      covers   source
      name     授权 | Data
      version  data-1
      data     行为 | Behaviour
      purpose  积分 | Points
      keep     一年 | A year
      text     我同意。 | I agree.
      clause   [CD-1]
    """

  private func parse(_ consents: String) -> Result<Pack, Pack.Faults> {
    Pack.parse(files: [
      Pack.File(path: "pack.txt", bytes: Array(Self.pack.utf8)),
      Pack.File(path: "consents.txt", bytes: Array(consents.utf8)),
    ])
  }

  @Test("a text is read in both languages, and a partner's own words come first")
  func read() throws {
    let own = Self.consent.replacing("consent data", with: "consent bus-data")
      .replacing("covers   source", with: "covers   source bus")
      .replacing("data-1", with: "bus-7")
    let pack = try parse(Self.consent + "\n" + own).get()
    #expect(pack.sourceTerms(partner: "bikes").version == "data-1")
    #expect(pack.sourceTerms(partner: "bus").version == "bus-7")
    #expect(pack.sourceTerms(partner: "bus").text.map(\.english) == ["I agree."])
    #expect(pack.guardianTerms == .guardian && pack.receiverTerms.isEmpty)
    #expect(pack.statements.contains { $0.block == "consent data" && $0.written == "CD-1" })
  }

  @Test("a pack without them has the standard")
  func standard() throws {
    let pack = try parse("").get()
    #expect(pack.sourceTerms(partner: "bus") == .source && pack.people == PeopleRules())
    #expect(pack.people.guardianYears == 14 && pack.people.familyMembersMax == 6)
  }

  @Test(
    "wrong lines are told of by file, line and reason",
    arguments: [
      ("covers   source", "covers   everything", "consents.txt:2:12: `everything` is nothing"),
      ("covers   source", "covers   receiver bus", "consents.txt:2:12: `receiver bus` is nothing"),
      ("  covers   source\n", "", "consents.txt:1:1: `consent data` has no `covers`"),
      ("data-1", "data 1", "consents.txt:4:12: a version is one word"),
      ("行为 | Behaviour", "行为", "consents.txt:5:12: `data` needs both languages"),
      ("  text     我同意。 | I agree.\n", "", "consents.txt:1:1: `consent data` has no `text`"),
      ("[CD-1]", "", "consents.txt:9:9: `clause` has no source"),
      ("[CD-1]", "[XY-1]", "consents.txt:9:12: no document of this pack is called `XY-1`"),
      ("clause   [CD-1]", "clause   [CD-1]\n  until 2027", "`consent` has no key `until`"),
    ])
  func wrong(_ old: String, _ new: String, _ said: String) {
    let text = Self.consent.replacing(old, with: new)
    #expect(text != Self.consent)
    guard case .failure(let faults) = parse(text) else {
      Issue.record("\(new) was taken")
      return
    }
    #expect("\(faults)".contains(said), "\(faults)")
  }

  @Test(
    "rules about people are within bounds and have sources",
    arguments: [
      ("guardian 14 [CD-1]", nil), ("guardian 99 [CD-1]", "from 0 to 18"),
      ("family 1 [CD-1]", "from 2 to 50"), ("family six [CD-1]", "from 2 to 50"),
      ("closing 90", "has no source"), ("closing 0 [CD-1]", "from 1 to 65535"),
      ("dogs 3 [CD-1]", "no key `dogs`"),
    ])
  func people(_ line: String, _ said: String?) {
    switch parse(Self.consent + "\npeople\n  " + line) {
    case .success: #expect(said == nil, "\(line) was taken")
    case .failure(let faults): #expect("\(faults)".contains(said ?? "…"), "\(faults)")
    }
  }

  @Test("two blocks do not cover the same")
  func twice() {
    let other = Self.consent.replacing("consent data", with: "consent data-too")
    guard case .failure(let faults) = parse(Self.consent + "\n" + other) else {
      Issue.record("both were taken")
      return
    }
    #expect("\(faults)".contains("`consent data` covers the same"), "\(faults)")
    guard case .failure(let two) = parse(Self.consent + "\npeople\npeople") else {
      Issue.record("both were taken")
      return
    }
    #expect("\(two)".contains("a second `people`"))
  }
}
