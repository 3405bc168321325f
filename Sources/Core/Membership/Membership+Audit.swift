// SPDX-License-Identifier: Apache-2.0
import Units

extension State {
  /// What contradicts itself, said so that somebody can look; nil when all is well.
  package func audit() -> String? {
    for alias in 0..<links.count where links[alias] > citizenCount {
      return "alias \(alias) is linked to citizen \(links[alias]), who does not exist"
    }
    var frozen = 0
    for citizen in 0..<marks.count where marks[citizen] & 1 == 1 { frozen += 1 }
    guard frozen == frozenCount else {
      return "\(frozen) citizens are frozen, the count says \(frozenCount)"
    }
    return auditGroups()
  }
}
