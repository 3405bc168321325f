// SPDX-License-Identifier: Apache-2.0

extension State {
  /// What a sandbox's code ends in: it runs the pack of the mechanism whose code stands before.
  package static let sandboxEnding = "-sandbox"

  package static func isSandbox(_ code: String) -> Bool { code.hasSuffix(sandboxEnding) }

  /// Whether a pack is this mechanism's, or that of the mechanism whose sandbox this is.
  func runs(packOf other: String) -> Bool { other == code || other + State.sandboxEnding == code }
}
