// SPDX-License-Identifier: Apache-2.0
import Desk
import Mechanism
import Membership
import Storage
import Units

/// What a route asks of the caller in the organisation that its `{id}` names.
package enum Belonging: Sendable {
  case member
  /// A delegate with at least this right.
  case delegate(Right)
}

extension Site {
  /// Asked in `admit`. Who does not belong is told that there is nothing: another organisation's
  /// delegate learns no more than a stranger. A member without the right is told so.
  func checkBelonging(_ call: Call, _ actor: Actor) throws {
    guard let belonging = call.route.belonging else { return }
    guard case .citizen(let person, _, _) = actor, let office = call.values["m"].flatMap(office)
    else { throw Trouble.noMechanism }
    let id = OrganisationID(UInt32(clamping: try call.number("id")))
    let mine = try vault.accounts(of: person).first { $0.mechanism == office.code }?.citizen
    guard let mine,
      office.clerk.read({ $0.membership.group(id)?.members[mine.raw] != nil })
    else { throw Trouble.noOrganisation }
    guard case .delegate(let right) = belonging else { return }
    guard let held = office.clerk.read({ $0.membership.right(of: mine, in: id) }), held >= right
    else { throw Trouble.noRight }
  }
}

extension Trouble {
  static let noOrganisation = Trouble(
    404, "organisation-unknown", "没有这个组织，或您不是它的成员。",
    "There is no such organisation, or you are no member of it.")
  static let noRight = Trouble(
    403, "right-missing", "您在这个组织没有这项权限，请联系它的管理员。",
    "You have no right to this in the organisation. Ask one of its administrators.", next: .back)
}
