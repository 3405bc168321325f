// SPDX-License-Identifier: Apache-2.0
import Units

/// What a page must know of the request besides its own matter: who looks, in which language,
/// where.
package struct Visit: Sendable {
  package var t: Tongue
  /// Path and query as asked for, for the language switch.
  package var here: Link
  /// Goes into every form.
  package var csrf: String
  package var isCitizen: Bool
  package var staff: StaffBadge?
  /// The mechanism the page is about, for the navigation.
  package var mechanism: MechanismBadge?
  package var now: Instant
  /// Seconds east of Greenwich: the clock of the mechanism.
  package var zone: Int32
  /// Marks what only a development server offers.
  package var isDevelopment: Bool
  /// Says on every page that what it shows was invented.
  package var isDemo: Bool
  package var assets: AssetVersions
  /// Where one may log in besides by phone.
  package var identityName: String?
  /// Staff's pages are no app, and have no program.
  package var isConsole = false
  /// 大字版
  package var hasLargeText = false
  package var isWeChat = false

  package init(
    t: Tongue, here: Link = "/", csrf: String = "", isCitizen: Bool = false,
    staff: StaffBadge? = nil, mechanism: MechanismBadge? = nil, now: Instant, zone: Int32 = 28_800,
    isDevelopment: Bool = false, isDemo: Bool = false, assets: AssetVersions = AssetVersions()
  ) {
    self.t = t
    self.here = here
    self.csrf = csrf
    self.isCitizen = isCitizen
    self.staff = staff
    self.mechanism = mechanism
    self.now = now
    self.zone = zone
    self.isDevelopment = isDevelopment
    self.isDemo = isDemo
    self.assets = assets
  }

  /// `2026-03-01 16:15:00` by the mechanism's clock, as a time element.
  package func time(_ instant: Instant) -> HTML {
    // Day and hour may stand on two lines in a narrow column, and neither is ever broken.
    let parts = instant.plain(offset: zone).split(separator: " ").map(String.init)
    return """
      <time datetime="\(instant.description)">\(
        each: parts.enumerated(), {
          "\(when: $0 > 0, " ")<span class=\"nowrap\">\($1)</span>" })</time>
      """
  }

  /// The hidden field that every form carries.
  package var formField: HTML { "<input type=\"hidden\" name=\"csrf\" value=\"\(csrf)\">" }
}

package struct MechanismBadge: Hashable, Sendable {
  package var code: String
  package var name: String
  package var city: String
  package init(code: String, name: String, city: String) {
    self.code = code
    self.name = name
    self.city = city
  }
}

package struct StaffBadge: Sendable {
  package var name: String
  package var roles: Roles
  package init(name: String, roles: Roles) {
    self.name = name
    self.roles = roles
  }
}

/// Short hashes of the assets' contents: in their addresses, so that they may be kept for ever.
package struct AssetVersions: Sendable {
  package var bootstrap = "0"
  package var own = "0"
  package var app = "0"
  package var worker = "0"
  package init() {}
}
