// SPDX-License-Identifier: Apache-2.0
import Governance
import HTTP
import Storage
import Units

extension Program {
  /// 缺失申诉 about the caller's own reports: what to look for, and by when.
  static func claims(_ call: Call) throws -> Response {
    guard case .partner(let key) = call.actor else { throw Trouble.noKey }
    let office = try call.office()
    let rows = try office.letters().filter {
      $0.item.kind == .claim && $0.item.partner == key.partner.raw && $0.item.isWaiting
    }.map { row in
      let (order, _) = try LetterText.read(call, office, row.item)
      return claim(row, order)
    }
    let body: JSON = ["mechanism": .text(office.code), "claims": .list(rows)]
    var response = Response.json(body.bytes)
    response["Cache-Control"] = "no-store"
    return response
  }

  private static func claim(_ row: Numbered<Petition>, _ order: String) -> JSON {
    let happened = row.item.happened.map { Instant(milliseconds: $0).description }
    return [
      "number": .number(row.number), "scene": .text(row.item.scene ?? ""),
      "happened": happened.map { .text($0) } ?? .null, "order": .text(order),
      "status": .text(row.item.status.rawValue), "due": .text(row.item.due),
    ]
  }
}

extension OpenAPI {
  static let careSchemas: [(String, JSON)] = [
    (
      "Claims",
      [
        "type": "object", "required": ["mechanism", "claims"],
        "properties": [
          "mechanism": ["type": "string"],
          "claims": ["type": "array", "items": ["$ref": "#/components/schemas/Claim"]],
        ],
      ]
    ),
    (
      "Claim",
      [
        "type": "object", "required": ["number", "scene", "happened", "order", "status", "due"],
        "properties": [
          "number": ["type": "integer"], "scene": ["type": "string"],
          "happened": ["type": ["string", "null"], "format": "date-time"],
          "order": ["type": "string", "description": "The order as the citizen wrote it."],
          "status": [
            "type": "string", "enum": ["open", "accepted"],
            "description": "Accepted: report the event, then it is credited like any other.",
          ],
          "due": ["type": "string", "format": "date"],
        ],
      ]
    ),
  ]
}
