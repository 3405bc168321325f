// SPDX-License-Identifier: Apache-2.0
import Desk
import Glibc
import Outgoing
import Web

/// Whom the server speaks to of its own accord, from flags and the environment. Secrets come by the
/// environment only: a command line is seen by everybody on the machine.
enum Outside {
  static let senderSecret = "TANPUHUI_CODE_SENDER_SECRET"
  static let identitySecret = "TANPUHUI_OIDC_SECRET"

  /// Completes the settings and answers who sends login codes.
  static func configure(
    _ settings: inout SiteSettings, _ arguments: Arguments
  ) throws -> any CodeSender {
    settings.isBehindProxy = arguments.has("behind-proxy")
    if let address = arguments["public-address"] {
      settings.publicAddress = try plain(address, "public-address")
      settings.isSecure = address.hasPrefix("https://")
    }
    if let issuer = arguments["oidc-issuer"] {
      guard let client = arguments["oidc-client"] else {
        throw CommandFailure("--oidc-issuer needs --oidc-client ID: what the server calls us.")
      }
      guard settings.publicAddress != nil else {
        throw CommandFailure("--oidc-issuer needs --public-address URL, for the way back.")
      }
      settings.identityProvider = try IdentityProvider(
        issuer: issuer, client: client, secret: environment(identitySecret),
        name: arguments.need("oidc-name"))
    }
    guard let address = arguments["code-sender"] else {
      return settings.isDevelopment || settings.isDemo ? DevelopmentSender() : NoSender()
    }
    guard !settings.isDevelopment else {
      throw CommandFailure("--code-sender and --development: one of them is meant.")
    }
    let secret = environment(senderSecret) ?? ""
    guard
      let sender = HTTPCodeSender(
        address: try plain(address, "code-sender"), secret: secret, clock: systemClock)
    else {
      throw CommandFailure(
        "--code-sender needs a secret of at least 16 bytes in \(senderSecret), "
          + "the same as its receiver has.")
    }
    return sender
  }

  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// `http(s)://host…`, without a slash at its end.
  private static func plain(_ address: String, _ flag: String) throws -> String {
    guard address.hasPrefix("https://") || address.hasPrefix("http://"),
      address.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
    else { throw CommandFailure("--\(flag) \(address) is no address of http or https.") }
    return address.hasSuffix("/") ? String(address.dropLast()) : address
  }
}
