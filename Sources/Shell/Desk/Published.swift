// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Mechanism
import Membership
import Units

/// Scenes and partners, for those who turn bytes into reports.
package final class Published: Sendable {
  package struct SceneEntry: Sendable {
    package let id: SceneID
    package let code: [UInt8]
    /// By slot: the field's number.
    package let fields: [UInt8]
  }
  package let scenes: [SceneEntry]
  package let partners: [Partner]
  package let hot: HotRules?

  init(_ state: borrowing Mechanism.State) {
    hot = state.hot
    partners = state.membership.partners
    scenes = (state.hot?.rules.scenes ?? []).map {
      SceneEntry(id: $0.id, code: Array($0.code.utf8), fields: $0.fields.map(\.rawValue))
    }
  }

  package func partner(_ id: PartnerID) -> Partner? {
    id.raw >= 1 && Int(id.raw) <= partners.count ? partners[Int(id.raw) - 1] : nil
  }
}
