// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Mechanism

/// Room for the reports to come, made piece by piece while nobody waits.
///
/// A table that is full grows while a batch is decided, and memory that is used for the first time
/// must be got and cleared: together a quarter of the core's time. So the desk, whenever its queue
/// is empty, makes one piece of the room ahead, for an eighth more than there is.
struct RoomAhead {
  /// A smaller table grows in no time.
  static let least = 1_000_000

  private var goal = 0
  private var piece = Behaviour.State.roomCount

  /// Makes one piece, where one is wanted; false where there is nothing to do.
  mutating func step(_ state: inout Mechanism.State) -> Bool {
    if piece == Behaviour.State.roomCount {
      let seen = state.behaviour.eventsSeen
      guard seen >= RoomAhead.least, seen + seen / 16 > goal else { return false }
      goal = seen + seen / 8
      piece = 0
    }
    state.makeRoom(for: max(0, goal - state.behaviour.eventsSeen), piece: piece)
    piece += 1
    return true
  }
}
