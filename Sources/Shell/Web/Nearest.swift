// SPDX-License-Identifier: Apache-2.0

/// What somebody probably meant to type.
package enum Nearest {
  /// The name fewest keystrokes away, where that is not more than a third of the word.
  package static func name(to typed: String, among names: [String]) -> String? {
    let typed = typed.lowercased()
    let best = names.map { (name: $0, distance: distance(typed, $0.lowercased())) }
      .min { $0.distance < $1.distance }
    guard let best, best.distance <= max(2, typed.count / 3) else { return nil }
    return best.name
  }

  /// Letters added, dropped, replaced or swapped with a neighbour.
  static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a)
    let b = Array(b)
    var older = [Int](repeating: 0, count: b.count + 1)
    var above = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(above[j + 1] + 1, row[j] + 1, above[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, older[j - 1] + 1) }
        row.append(best)
      }
      older = above
      above = row
    }
    return above[b.count]
  }
}
