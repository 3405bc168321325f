// SPDX-License-Identifier: Apache-2.0
import HTTP
import Storage

/// One line of the table: an address, who may, and what answers.
package struct Route: Sendable {
  package enum Handler: Sendable {
    /// Runs on a worker and may wait.
    case page(@Sendable (Call) throws -> Response)
    /// Runs on the HTTP thread and answers by itself.
    case direct(@Sendable (Call, Reply) -> Void)
  }

  package let method: Method
  /// `/{m}/scenes/{code}`: braces take one segment.
  package let pattern: String
  package let who: Roles
  let bodyMax: Int
  package let chinese: String
  package let english: String
  let handler: Handler
  /// What the caller must be in the organisation that the address names.
  package private(set) var belonging: Belonging?
  private let parts: [String]

  /// A form's fields: none of ours has more than some kilobytes.
  static let formMax = 64 << 10

  init(
    _ method: Method, _ pattern: String, _ who: Roles, _ chinese: String, _ english: String,
    bodyMax: Int? = nil, _ handler: Handler
  ) {
    self.method = method
    self.pattern = pattern
    self.who = who
    self.chinese = chinese
    self.english = english
    self.bodyMax = bodyMax ?? (method == .post ? Route.formMax : 4096)
    self.handler = handler
    parts = pattern.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
      .map(String.init)
  }

  /// The same route for those only who belong to the organisation in its `{id}`.
  func within(_ belonging: Belonging) -> Route {
    var route = self
    route.belonging = belonging
    return route
  }

  /// For programs: bearer keys, problem JSON, no forms.
  package var isAPI: Bool {
    pattern.hasPrefix("/api/") || ["/openapi.json", "/healthz", "/metrics"].contains(pattern)
  }
  /// Whether staff's session is the one that counts.
  var isConsole: Bool { parts.first == "console" }
  /// Every form of a page carries a token.
  package var needsForm: Bool { method == .post && !isAPI }

  func match(_ segments: [String]) -> [String: String]? {
    guard segments.count == parts.count else { return nil }
    var values: [String: String] = [:]
    for (part, segment) in zip(parts, segments) {
      if part.hasPrefix("{") {
        guard !segment.isEmpty else { return nil }
        values[String(part.dropFirst().dropLast())] = segment
      } else if part != segment {
        return nil
      }
    }
    return values
  }
}
