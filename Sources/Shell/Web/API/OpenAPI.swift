// SPDX-License-Identifier: Apache-2.0
import HTTP

/// The description of the API (OpenAPI 3.1): paths from the table of routes, bodies written here.
enum OpenAPI {
  static func document(_ routes: [Route]) -> JSON {
    var paths: [(String, JSON)] = []
    // What programmes' servers say to each other is a protocol of its own: Docs/recognition.md.
    for route in routes where route.isAPI && route.who != .programme {
      let path = readable(route.pattern)
      let operation = (route.method.rawValue.lowercased(), self.operation(route))
      if let known = paths.firstIndex(where: { $0.0 == path }),
        case .object(let others) = paths[known].1
      {
        paths[known].1 = .object(others + [operation])
      } else {
        paths.append((path, .object([operation])))
      }
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Tanpuhui 碳普惠", "version": "1.0.0",
        "description":
          """
        Low-carbon behaviour in, reductions and points out. Amounts are whole grams of CO2e \
        and whole points.
        """,
        "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
      ],
      "servers": [["url": "/"]],
      "paths": .object(paths),
      "components": [
        "securitySchemes": [
          "partnerKey": [
            "type": "http", "scheme": "bearer",
            "description": "A partner's key, tph_…, made in the staff console.",
          ]
        ],
        "schemas": .object(schemas + partnerSchemas + mallSchemas + careSchemas),
      ],
    ]
  }

  static func readable(_ pattern: String) -> String {
    pattern.split(separator: "/", omittingEmptySubsequences: false)
      .map { $0 == "{m}" ? "{mechanism}" : String($0) }.joined(separator: "/")
  }

  private static func operation(_ route: Route) -> JSON {
    var operation: [(String, JSON)] = [
      ("operationId", .text(identifier(route))), ("summary", .text(route.english)),
      ("description", .text(route.chinese)),
      ("parameters", .list(parameters(route))),
    ]
    if route.who == .partner { operation.append(("security", [["partnerKey": []]])) }
    let own = operations[route.pattern]
    if route.method == .post, let body = own.map(\.body) ?? reportBody {
      operation.append(("requestBody", body))
    }
    operation.append(("responses", responses(route)))
    return .object(operation)
  }

  private static func identifier(_ route: Route) -> String {
    let words = route.pattern.split(separator: "/").filter {
      !$0.hasPrefix("{") && $0 != "api" && $0 != "v1"
    }
    return route.method.rawValue.lowercased()
      + words.map { word in
        let plain = String(word.prefix { $0 != "." })
        return plain.prefix(1).uppercased() + plain.dropFirst()
      }.joined()
  }

  private static func parameters(_ route: Route) -> [JSON] {
    var list: [JSON] = []
    func add(_ name: String, _ place: String, _ schema: JSON, _ text: String, required: Bool) {
      list.append([
        "name": .text(name), "in": .text(place), "required": .truth(required), "schema": schema,
        "description": .text(text),
      ])
    }
    if route.pattern.contains("{m}") {
      add(
        "mechanism", "path", ["type": "string", "example": "chengdu"], "Its code.", required: true)
    }
    if route.pattern.contains("{fact}") {
      add("fact", "path", ["type": "integer", "minimum": 1], "The fact's number.", required: true)
    }
    if route.pattern.hasSuffix("/consistency") {
      let size: JSON = ["type": "integer", "minimum": 1]
      add("from", "query", size, "Frames of the older head.", required: true)
      add("to", "query", size, "Frames of the newer head.", required: true)
    }
    if let own = operations[route.pattern] {
      list += own.parameters
    } else if route.method == .post {
      add(
        "detail", "query", ["type": "string", "enum": ["all"]],
        "`all` lists the accepted events too.", required: false)
    }
    return list
  }

  private static let reportBody: JSON = [
    "required": true,
    // One event alone is taken too, but is not declared: public generators make clients that fail
    // where a body is either a list or an object.
    "description": """
    CloudEvents 1.0: a batch, or one a line; one event alone as application/cloudevents+json. May \
    be packed with gzip or zstd (Content-Encoding).
    """,
    "content": [
      "application/cloudevents-batch+json": [
        "schema": ["type": "array", "items": ["$ref": "#/components/schemas/Behaviour"]]
      ],
      "application/x-ndjson": ["schema": ["type": "string"]],
    ],
  ]

  private static func responses(_ route: Route) -> JSON {
    func json(_ name: String) -> JSON {
      [
        "description": .text(route.english),
        "content": [
          "application/json": ["schema": ["$ref": .text("#/components/schemas/\(name)")]]
        ],
      ]
    }
    let problem: JSON = [
      "description": "What is wrong, and what to do (RFC 9457).",
      "content": [
        "application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]
      ],
    ]
    let own = operations[route.pattern]
    let good: JSON =
      if let own {
        own.answer.map(json)
          ?? ["description": .text(route.english), "content": .object(own.content)]
      } else {
        answered(route, json)
      }
    var list: [(String, JSON)] = [("200", good)]
    if route.who == .partner {
      let statuses = own?.statuses ?? ["400", "401", "403", "413", "415"]
      for status in statuses + ["429"] { list.append((status, problem)) }
    }
    if route.pattern.contains("{m}") {
      if route.who != .partner { list.append(("400", problem)) }
      list.append(("404", problem))
      list.append(("503", problem))
    }
    return .object(list)
  }

  private static func answered(_ route: Route, _ json: (String) -> JSON) -> JSON {
    switch route.pattern.split(separator: "/").last ?? "" {
    case "behaviours": json("BatchResult")
    case "head": json("Head")
    case "{fact}": json("Proof")
    case "consistency": json("Consistency")
    case "scenes": json("Scenes")
    case "totals": json("Totals")
    case "offers": json("Offers")
    case "claims": json("Claims")
    case "openapi.json":
      [
        "description": "This document.",
        "content": ["application/json": ["schema": ["type": "object"]]],
      ]
    default:
      [
        "description": .text(route.english),
        "content": ["text/plain": ["schema": ["type": "string"]]],
      ]
    }
  }
}
