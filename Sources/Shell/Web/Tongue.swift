// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Methodology
import Units

/// 语言: Chinese first, English complete. Every text of a page is written once in both, side by side,
/// so that neither can be forgotten.
package enum Tongue: String, Sendable, CaseIterable {
  case chinese = "zh"
  case english = "en"

  package var tag: String { self == .chinese ? "zh-CN" : "en" }
  package var other: Tongue { self == .chinese ? .english : .chinese }

  /// `t("登录", "Log in")`.
  package func callAsFunction(_ chinese: HTML, _ english: HTML) -> HTML {
    self == .chinese ? chinese : english
  }
  package func plain(_ chinese: String, _ english: String) -> String {
    self == .chinese ? chinese : english
  }
  package func callAsFunction(_ name: Name) -> String {
    // A pack may leave English empty; then Chinese is better than nothing.
    self == .chinese || name.english.isEmpty ? name.chinese : name.english
  }
  package func callAsFunction(_ title: Title) -> String {
    self == .chinese || title.english.isEmpty ? title.chinese : title.english
  }
}

/// `1,234,567`
package func grouped(_ number: some BinaryInteger) -> String {
  let digits = Array(String(number.magnitude).utf8)
  var text = number < 0 ? "-" : ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index) % 3 == 0 { text += "," }
    text.unicodeScalars.append(UnicodeScalar(digit))
  }
  return text
}

/// `1234.5` as `1,234.5`: a decimal's whole part grouped.
package func grouped(decimal text: String) -> String {
  let parts = text.split(separator: ".", maxSplits: 1)
  guard let first = parts.first, let whole = Int64(first) else { return text }
  return (whole == 0 && text.hasPrefix("-") ? "-0" : grouped(whole))
    + (parts.count > 1 ? "." + parts[1] : "")
}

/// A mass in the unit people read: whole grams, kilograms of two decimals, tonnes of three.
/// Dropped, not rounded: nobody is shown more than there is.
package struct Mass: Sendable {
  package let value: String
  package let unit: String
  package init(_ grams: Grams) {
    let size = grams.count.magnitude
    switch size {
    case ..<1000:
      value = grouped(grams.count)
      unit = "g"
    case ..<1_000_000:
      value = Mass.decimal(grams.count, by: 1000, places: 2)
      unit = "kg"
    default:
      value = Mass.decimal(grams.count, by: 1_000_000, places: 3)
      unit = "t"
    }
  }

  static func decimal(_ number: Int64, by divisor: Int64, places: Int) -> String {
    var scale: Int64 = 1
    for _ in 0..<places { scale *= 10 }
    let whole = number / divisor
    let rest = (number % divisor).magnitude * UInt64(scale) / UInt64(divisor)
    let sign = number < 0 && whole == 0 ? "-" : ""
    return sign + grouped(whole) + "." + padded(Int(rest), places)
  }
}

extension Measured {
  /// As people read it: metres as kilometres, seconds as minutes, watt hours as kilowatt hours.
  package func text(of field: Field, _ t: Tongue) -> String {
    func thousandth(_ unit: String) -> String {
      "\(Mass.decimal(millionths / 1_000_000, by: 1000, places: 2)) \(unit)"
    }
    let whole = grouped(decimal: description)
    switch field {
    case .distanceMetres: return millionths >= 1_000_000_000 ? thousandth("km") : "\(whole) m"
    case .durationSeconds: return duration(t)
    case .energyWattHours: return thousandth("kWh")
    case .massGrams: return millionths >= 1_000_000_000 ? thousandth("kg") : "\(whole) g"
    case .waterLitres: return "\(whole) L"
    case .gasCubicMetres: return "\(whole) m³"
    case .steps: return t.plain("\(whole) 步", RuleText.some(millionths / 1_000_000, "step"))
    case .count: return t.plain("\(whole) 次", "\(whole) ×")
    case .days: return t.plain("\(whole) 天", RuleText.some(millionths / 1_000_000, "day"))
    case .persons: return t.plain("\(whole) 人", RuleText.some(millionths / 1_000_000, "person"))
    case .pages: return t.plain("\(whole) 页", RuleText.some(millionths / 1_000_000, "page"))
    }
  }

  private func duration(_ t: Tongue) -> String {
    let seconds = millionths / 1_000_000
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    if hours > 0 { return t.plain("\(hours) 小时 \(minutes) 分", "\(hours) h \(minutes) min") }
    if minutes > 0 {
      return t.plain("\(minutes) 分 \(seconds % 60) 秒", "\(minutes) min \(seconds % 60) s")
    }
    return t.plain("\(seconds) 秒", "\(seconds) s")
  }
}

extension Field {
  package func label(_ t: Tongue) -> String {
    switch self {
    case .distanceMetres: t.plain("里程", "Distance")
    case .durationSeconds: t.plain("时长", "Duration")
    case .energyWattHours: t.plain("电量", "Energy")
    case .massGrams: t.plain("重量", "Mass")
    case .waterLitres: t.plain("水量", "Water")
    case .gasCubicMetres: t.plain("燃气量", "Gas")
    case .steps: t.plain("步数", "Steps")
    case .count: t.plain("次数", "Count")
    case .days: t.plain("天数", "Days")
    case .persons: t.plain("人数", "Persons")
    case .pages: t.plain("页数", "Pages")
    }
  }
}
