// SPDX-License-Identifier: Apache-2.0
import Archive
import Behaviour
import Desk
import HTTP
import Journal
import Storage
import Units

// What partners reported, what became of it, and the journal it stands in.
extension Sheet {
  /// Rows of a list that is read in pages.
  private static let page = 500

  static func batches(_ office: Office, _ partner: PartnerID?, _ t: Tongue) -> Sheet {
    Sheet(
      "batches",
      [
        t.plain("批次", "Batch"), t.plain("写入时间", "Written"), t.plain("平台", "Partner"),
        t.plain("收到", "Received"), t.plain("入账", "Credited"), t.plain("重复", "Duplicate"),
        t.plain("待入账", "Waiting"), t.plain("待审核", "Held"), t.plain("未通过", "Refused"),
        t.plain("减排量 (g)", "Reduction (g)"), t.plain("积分", "Points"), t.plain("帧", "Frame"),
      ]
    ) { add in
      var before: UInt64?
      repeat {
        let list = try office.batches(partner: partner, before: before, limit: page)
        for row in list.rows {
          let sum = row.summary
          try add([
            .count(row.number), .time(row.time), .text(row.partner), .count(sum.received),
            .count(sum.accepted), .count(sum.duplicates), .count(sum.waiting),
            .count(sum.quarantined), .count(sum.refused), .number(sum.grams.count),
            .number(sum.points.count), .count(row.sequence),
          ])
        }
        before = list.next
      } while before != nil
    }
  }

  private static func entryColumns(_ t: Tongue) -> [String] {
    [
      t.plain("事实编号", "Fact"), t.plain("场景", "Scene"), t.plain("平台", "Partner"),
      t.plain("行为时间", "Ended"), t.plain("测量值", "Measured"), t.plain("结果", "Outcome"),
      t.plain("原因", "Reason"), t.plain("减排量 (g)", "Reduction (g)"), t.plain("积分", "Points"),
    ]
  }

  private static func cells(_ entry: Entry, _ t: Tongue) -> [Cell] {
    let record = entry.record
    let values = entry.values.map { "\($0.field.label(t)) \($0.value.text(of: $0.field, t))" }
    return [
      .count(entry.number.raw), .text(entry.scene.map { t($0.name) } ?? ""),
      .text(entry.partner), .time(Instant(milliseconds: record.report.ended)),
      .text(values.joined(separator: " · ")),
      .text(record.outcome.title(chinese: t == .chinese)),
      record.reason == .none ? .blank : .text(RuleText.reason(record.reason, t)),
      .count(record.grams), .count(record.points),
    ]
  }

  /// Held or waiting reports.
  static func entries(_ name: String, _ entries: [Entry], _ t: Tongue) -> Sheet {
    Sheet(name, entryColumns(t)) { add in
      for entry in entries { try add(cells(entry, t)) }
    }
  }

  /// 明细: all that one citizen ever did, newest first.
  static func history(of citizen: CitizenID, _ office: Office, _ t: Tongue) -> Sheet {
    Sheet("history", entryColumns(t) + [t.plain("写入时间", "Written")]) { add in
      var before: FactNumber?
      repeat {
        let (entries, older) = try office.history(of: citizen, before: before, limit: page)
        for entry in entries { try add(cells(entry, t) + [.time(entry.recorded)]) }
        before = older
      } while before != nil
    }
  }

  /// The rows of one batch, those that its page shows.
  static func batch(_ call: Call, _ office: Office) throws -> Sheet {
    let (t, number) = (call.t, try call.number("number"))
    guard
      let model = try office.batch(
        number, show: BatchModel.Choice(call.request.query["show"]), from: 0, limit: .max)
    else { throw Trouble.notFound }
    return Sheet("batch-\(number)", [t.plain("行", "Row")] + entryColumns(t)) { add in
      for row in model.rows { try add([.count(row.place + 1)] + cells(row.entry, t)) }
    }
  }

  static func unread(_ office: Office, _ t: Tongue) -> Sheet {
    Sheet(
      "unread",
      [
        t.plain("收到时间", "Received"), t.plain("平台", "Partner"), t.plain("批次", "Batch"),
        t.plain("行", "Row"), t.plain("字段", "Field"), t.plain("原因", "Reason"),
      ]
    ) { add in
      var before: UInt64?
      repeat {
        let list = try office.unread(before: before, limit: page)
        for line in list.rows {
          let row = line.row
          try add([
            .time(row.time), .text(line.partner), row.batch.isNone ? .blank : .count(row.batch.raw),
            .count(row.place + 1), ReportField.name(row.field).map { .text($0) } ?? .blank,
            .text(RuleText.reason(row.reason, t)),
          ])
        }
        before = list.next
      } while before != nil
    }
  }

  static func decisions(_ office: Office, _ names: [String: String], _ t: Tongue) -> Sheet {
    Sheet(
      "decisions",
      [
        t.plain("审核时间", "Decided"), t.plain("决定", "Decision"), t.plain("审核人", "By"),
        t.plain("意见", "Opinion"),
      ] + entryColumns(t)
    ) { add in
      var before: UInt64?
      repeat {
        let list = try office.decisions(before: before, limit: page)
        for line in list.rows {
          try add(
            [
              .time(line.time), .text(line.decision), .text(names[line.by] ?? line.by),
              .text(line.opinion),
            ] + (line.entry.map { cells($0, t) } ?? []))
        }
        before = list.next
      } while before != nil
    }
  }

  static func packs(_ office: Office, _ t: Tongue) -> Sheet {
    Sheet(
      "packs",
      [
        t.plain("序号", "No."), t.plain("版本", "Version"), t.plain("采纳时间", "Adopted"),
        t.plain("事实编号", "Fact"), t.plain("文件数", "Files"),
      ]
    ) { add in
      for row in office.adoptionRows().reversed() {
        try add([
          .count(row.number), .text(row.version), .time(row.time), .count(row.fact.raw),
          .count(row.files),
        ])
      }
    }
  }

  /// All frames of the journal, newest first.
  static func frames(_ office: Office, _ t: Tongue) -> Sheet {
    Sheet(
      "frames",
      [
        t.plain("帧", "Frame"), t.plain("写入时间", "Written"), t.plain("首个事实", "First fact"),
        t.plain("事实数", "Facts"), t.plain("字节", "Bytes"), t.plain("杂凑值", "Hash"),
      ]
    ) { add in
      var before: UInt64?
      repeat {
        let rows = try office.frames(before: before, limit: page)
        for row in rows {
          try add([
            .count(row.sequence), .time(row.time), .count(row.firstFact.raw),
            .count(row.factCount), .count(row.bytes), .text(row.hash),
          ])
        }
        before = rows.last.map(\.sequence)
      } while (before ?? 1) > 1
    }
  }
}
