// SPDX-License-Identifier: Apache-2.0

/// 角色: who may. A route names the set; nothing else in the house asks for a role.
package struct Roles: OptionSet, Hashable, Sendable {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Not logged in. A route open to the public is open to everybody.
  package static let anyone = Roles(rawValue: 1)
  package static let citizen = Roles(rawValue: 2)
  /// A partner's computer, by its key.
  package static let partner = Roles(rawValue: 4)
  /// Staff whose second factor is still to be enrolled: may do that, and nothing else.
  package static let newcomer = Roles(rawValue: 8)
  package static let operators = Roles(rawValue: 16)
  package static let reviewer = Roles(rawValue: 32)
  package static let regulator = Roles(rawValue: 64)
  package static let auditor = Roles(rawValue: 128)
  package static let administrator = Roles(rawValue: 256)
  /// A merchant's clerk, bound to one merchant: no staff of the operator's.
  package static let merchant = Roles(rawValue: 8192)
  /// Another programme's server, by its signature: within its own exchanges only.
  package static let programme = Roles(rawValue: 16384)

  package static let staff: Roles = [
    .operators, .reviewer, .regulator, .auditor, .administrator,
  ]

  /// What the vault stores, in the order of forms.
  package static let staffRoles: [(role: Roles, code: String)] = [
    (.operators, "operator"), (.reviewer, "reviewer"), (.regulator, "regulator"),
    (.auditor, "auditor"), (.administrator, "administrator"),
    (.merchant, "merchant"),
  ]

  package static func named(_ codes: [String]) -> Roles {
    staffRoles.reduce(into: Roles()) { if codes.contains($1.code) { $0.formUnion($1.role) } }
  }

  package var codes: [String] { Roles.staffRoles.filter { contains($0.role) }.map(\.code) }

  package static func label(_ code: String, _ t: Tongue) -> String {
    switch code {
    case "operator": t.plain("运营", "Operator")
    case "reviewer": t.plain("审核", "Reviewer")
    case "regulator": t.plain("监管", "Regulator")
    case "auditor": t.plain("审计", "Auditor")
    case "administrator": t.plain("管理员", "Administrator")
    case "merchant": t.plain("商户店员", "Merchant's clerk")
    default: code
    }
  }
}
