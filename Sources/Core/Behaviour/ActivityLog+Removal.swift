// SPDX-License-Identifier: Apache-2.0
// An activity taken out again, because its event was withdrawn: room under caps, and the time of
// citizen and vehicle, are free for others.
//
// The last activity of the same card or block takes the place of the removed one, so a block may
// hold fewer than eleven; searches read the count. `latest` of younger blocks may now be later than
// anything that is left: they look once too often, and find nothing.

import Units

extension ActivityLog {
  /// Whether an owner's log holds this very activity.
  func holds(_ activity: Activity, of owner: UInt32) -> Bool {
    var found = false
    search(owner, since: activity.ended) { other in
      found = other == activity
      return !found
    }
    return found
  }

  /// Takes one activity out; false where there is none like it.
  @discardableResult
  mutating func remove(_ activity: Activity, of owner: UInt32) -> Bool {
    guard knows(owner) else { return false }
    var place = card(owner)
    while true {
      let word = place.load(as: UInt32.self)
      let count = Int(word & 15)
      for index in 0..<count where ActivityLog.activity(place, index) == activity {
        let hole = place + Offset.activities + index * 10
        let last = place + Offset.activities + (count - 1) * 10
        if hole != last { hole.copyMemory(from: last, byteCount: 10) }
        place.storeBytes(of: word - 1, as: UInt32.self)
        return true
      }
      guard word >> 4 != 0 else { return false }
      place = UnsafeMutableRawPointer(blocks.base + Int(word >> 4))
    }
  }
}

extension Activity: Equatable {
  static func == (a: Activity, b: Activity) -> Bool {
    a.ended == b.ended && a.pointsAndPair == b.pointsAndPair && a.duration == b.duration
  }
}
