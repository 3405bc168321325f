// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Desk
import Journal
import Mechanism
import Storage
import Units

/// What comes back from the clerk's thread, and the gate that holds it while a round is made up.
final class SimulationPost: @unchecked Sendable {  // guarded by `lock`
  private let lock = Lock()
  private var gates = 0
  private var opened = 0
  private var verdicts: [Int: [Verdict]] = [:]
  private var answers: [Int: Result<CommandResult, CommandRefusal>] = [:]
  private var failed = false
  private var now = Instant(seconds: 0)

  var time: Instant {
    get { lock.with { now } }
    set { lock.with { now = newValue } }
  }

  /// On the clerk's thread: waits until the round is made up.
  func gate() {
    lock.with {
      gates += 1
      lock.wake()
      while opened < gates { lock.wait() }
    }
  }

  func waitForGate() { lock.with { while gates == opened { lock.wait() } } }
  func open() {
    lock.with {
      opened += 1
      lock.wake()
    }
  }
  func give(_ index: Int, _ list: [Verdict]) {
    lock.with {
      verdicts[index] = list
      lock.wake()
    }
  }
  func give(_ index: Int, _ result: Result<CommandResult, CommandRefusal>) {
    lock.with {
      answers[index] = result
      lock.wake()
    }
  }
  func fail() {
    lock.with {
      failed = true
      lock.wake()
    }
  }

  /// Everything that was answered; fewer than asked for where the process died.
  func collect(_ batches: Int, _ commands: Int) -> (
    [Int: [Verdict]], [Int: Result<CommandResult, CommandRefusal>], died: Bool
  ) {
    lock.with {
      while !failed, verdicts.count < batches || answers.count < commands { lock.wait() }
      defer { (verdicts, answers) = ([:], [:]) }
      return (verdicts, answers, failed)
    }
  }
}
