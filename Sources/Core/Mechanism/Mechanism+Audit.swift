// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Governance
import Ledger
import Membership
import Units

extension State {
  /// Nil when every room is in order and the rooms agree, else the first thing that is wrong.
  package func audit() -> String? {
    if let fault = ledger.audit() { return "ledger: \(fault)" }
    if let fault = membership.audit() { return "membership: \(fault)" }
    if let fault = behaviour.audit() { return "behaviour: \(fault)" }
    if let fault = auditMall() { return "mall: \(fault)" }
    if let fault = auditRecognition() { return "recognition: \(fault)" }
    if let fault = auditCare() { return "care: \(fault)" }
    return auditPolicy()
  }
}
