// SPDX-License-Identifier: Apache-2.0
import Units

/// Charts as SVG, drawn by the server: they need no script, print well, and say their numbers in
/// words to whoever can't see them.
enum Chart {
  /// Horizontal bars with a label and a value each.
  static func bars(_ rows: [(label: String, value: Int64, text: String)]) -> HTML {
    let most = max(1, rows.map(\.value).max() ?? 1)
    return """
      <ul class="bars">\(
        each: rows, { row in
          let width = row.value > 0 ? max(6, Int(Double(row.value) / Double(most) * 1000)) : 0
          return """
            <li><span>\(row.label)</span><span class="soft">\(row.text)</span>\
            <svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">\
            <rect width="\(width)" height="10"/></svg></li>
            """
        })</ul>
      """
  }

  /// One column a day, the latest to the right.
  static func days(_ days: [DayTotal]) -> HTML {
    guard let first = days.first, let last = days.last else { return "" }
    let most = max(1, days.map(\.grams.count).max() ?? 1)
    return """
      <svg class="days" viewBox="0 0 \(days.count * 10) 100" preserveAspectRatio="none" \
      role="img" aria-label="\(first.day.description) – \(last.day.description)">\(
        each: days.enumerated(), { index, day in
          let height = max(1, Int(Double(max(0, day.grams.count)) / Double(most) * 100))
          let mass = Mass(day.grams)
          return """
            <rect x="\(index * 10 + 1)" y="\(100 - height)" width="8" height="\(height)">\
            <title>\(day.day.description): \(mass.value) \(mass.unit)</title></rect>
            """
        })</svg>
      <div class="axis"><span>\(first.day.description)</span><span>\(last.day.description)</span>\
      </div>
      """
  }
}
