// SPDX-License-Identifier: Apache-2.0

/// One thing that is wrong in a pack: where, what, and what to do.
package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
  package var file: String
  /// From 1; nil where the whole file, or a file that is missing, is meant.
  package var line: Int?
  /// From 1, in characters.
  package var column: Int?
  package var reason: String
  package var advice: String

  package init(file: String, line: Int?, column: Int?, reason: String, advice: String) {
    self.file = file
    self.line = line
    self.column = column
    self.reason = reason
    self.advice = advice
  }

  /// `scenes.txt:12:5: reason. What to do.`
  package var description: String {
    let place = [line, column].compactMap(\.self).map { ":\($0)" }.joined()
    return "\(file)\(place): \(reason). \(advice)"
  }
}
