// SPDX-License-Identifier: Apache-2.0
import HTTP
import Testing
import Units

@testable import Web

/// Lists as files: what a spreadsheet must never be given, and who may have them. What other
/// programs read in them is in `Tests/Programs/exports.py`.
@Suite(.serialized) struct ExportTests {
  @Test(arguments: [
    ("碳惠天府", "碳惠天府"), ("=1+1", "'=1+1"), ("+86", "'+86"), ("-3", "'-3"), ("@cmd", "'@cmd"),
    (" =1", "' =1"), ("＝1", "'＝1"), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""),
    ("one\ntwo", "\"one\ntwo\""), ("=1,\"2\"", "\"'=1,\"\"2\"\"\""), ("", ""), ("a=b", "a=b"),
  ])
  func aTextIsNoFormula(_ given: String, _ written: String) {
    #expect(CSVWriter.quoted(given) == written)
  }

  @Test func aListIsItsPageAndItsRoles() throws {
    let town = try Town(riders: 12)
    defer { town.close() }
    town.settle()
    let staff = try town.staffBrowser("operator")
    let file = staff.get("/console/chengdu/batches?as=csv")
    #expect(file.status == 200)
    #expect(file.header("content-type") == "text/csv; charset=utf-8")
    #expect(file.header("cache-control") == "no-store")
    // A head and two batches: one of each partner, of nine rides for each of twelve riders.
    let lines = file.text.split(separator: "\r\n")
    #expect(lines.count == 3)
    #expect(lines[1].contains(",108,") && lines[2].contains(",108,"))
    #expect(staff.get("/console/chengdu/batches?as=parquet").text.contains("<html"))
    let one = staff.get("/console/chengdu/batches?partner=bikes&as=csv")
    #expect(one.text.split(separator: "\r\n").count == 2 && one.text.contains("共享出行"))
    let stranger = Browser(port: town.server.port)
    #expect(stranger.get("/console/chengdu/batches?as=csv").status == 401)
    let citizen = try town.citizenBrowser("13800000008")
    #expect(citizen.get("/console/chengdu/batches?as=csv").status == 401)
    // Nobody's file without an account, and nobody else's with one.
    _ = citizen.post("/chengdu/me/open")
    let own = citizen.get("/chengdu/me?as=csv")
    #expect(own.status == 200 && own.text.split(separator: "\r\n").count == 1)
    let log = try town.staffBrowser("auditor").get("/console/log?as=csv")
    #expect(log.text.contains("/console/chengdu/batches?partner=bikes&as=csv"))
  }

  @Test func pagesSayWhatMayBeKept() throws {
    let town = try Town()
    defer { town.close() }
    let stranger = Browser(port: town.server.port)
    #expect(stranger.get("/chengdu/mall").header("tanpuhui-offline") == "keep zh normal")
    #expect(stranger.get("/chengdu/mall?lang=en").header("tanpuhui-offline") == "keep en normal")
    let citizen = try town.citizenBrowser("13800000009")
    #expect(citizen.get("/chengdu/mall").header("tanpuhui-offline") == "ask zh normal")
    citizen.cookies["text"] = "large"
    let large = citizen.get("/chengdu/mall")
    #expect(large.header("tanpuhui-offline") == "ask zh large")
    #expect(large.text.contains("<html lang=\"zh-CN\" class=\"large\">"))
    for path in ["/chengdu/me", "/login", "/chengdu/me/links", "/nowhere/", "/me"] {
      #expect(citizen.get(path).header("tanpuhui-offline") == nil, "\(path)")
    }
    let staff = try town.staffBrowser("operator")
    let page = staff.get("/console/chengdu")
    #expect(page.header("tanpuhui-offline") == nil && !page.text.contains("<script"))
    #expect(page.header("content-security-policy")?.contains("script-src") == false)
  }
}
