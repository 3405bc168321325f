// SPDX-License-Identifier: Apache-2.0
import Units

/// 样例: one line of a pack's `examples.txt`, to be run against a mechanism that has adopted the
/// pack.
///
///   citizen A                      a person with an account
///   stranger Z                     a partner's user who is not linked to an account
///   A  2023-03-01 08:30  bus  distance 6.1 km, duration 25 min  -> 164 g 3 points
///   A  2023-03-01 08:30  bus  again                             -> duplicate
///   A  holds 164 g 3 points
///
/// All lines of a file are one story told to one fresh mechanism, in order.
package struct Example: Hashable, Sendable {
  package var file: String
  package var line: Int
  /// The line as written, for messages.
  package var text: String
  package var step: Step

  package enum Step: Hashable, Sendable {
    /// A person with an account.
    case citizen(String)
    /// A partner's user without a linked account: what they do waits.
    case stranger(String)
    case report(Report)
    /// What a person's account holds now; nil where the line does not say.
    case holds(String, grams: Int64?, points: Int64?)
  }

  package struct Report: Hashable, Sendable {
    package var person: String
    /// When the behaviour ended; it began `durationSeconds` before.
    package var time: Instant
    /// When the report came in: at `time`, unless the line says `received`.
    package var received: Instant
    package var scene: String
    package var values: [Value]
    package var vehicle: String?
    /// The reporting partner; nil is the same nameless partner every time.
    package var partner: String?
    /// `again`: the previous report of this person is sent once more, unchanged.
    package var isRepeat: Bool
    package var expected: Outcome
  }

  package struct Value: Hashable, Sendable {
    package var field: Field
    package var measured: Measured
  }

  package enum Outcome: Hashable, Sendable {
    case accepted(grams: Int64, points: Int64)
    case refused(Reason)
    case quarantined(Reason)
    case waiting
    case duplicate
  }

  package enum Reason: String, CaseIterable, Sendable {
    case belowMinimum, aboveMaximum, tooFast, vehicleOverlap, reportedTwice, noRuleInForce
    case sceneClosed, unknownScene, missingField, fromTheFuture, duplicate, accountFrozen
  }
}
