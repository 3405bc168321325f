// SPDX-License-Identifier: Apache-2.0
import HTTP
import Rewards
import Units

extension Program {
  /// What is on sale, and how much of it is left.
  static func offers(_ call: Call) throws -> Response {
    let office = try call.office()
    let body: JSON = [
      "mechanism": .text(office.code), "time": .text(call.now.description),
      "offers": .list(office.offers(at: call.now).filter(\.isOpen).map(offer)),
    ]
    var response = Response.json(body.bytes)
    response["Cache-Control"] = "no-cache"
    response["Access-Control-Allow-Origin"] = "*"
    return response
  }

  private static func offer(_ row: OfferModel) -> JSON {
    func label(_ label: Label) -> JSON {
      ["zh": .text(label.chinese), "en": .text(label.english)]
    }
    let offer = row.offer
    return [
      "number": .number(row.number), "name": label(offer.name), "about": label(offer.about),
      "merchant": label(row.merchant), "kind": .text(offer.kind.rawValue),
      "resource": offer.resource.map { .text($0) } ?? .null, "points": .number(offer.points),
      "cashFen": .number(offer.cash), "perPersonAndYear": .number(offer.perYear),
      "validDays": .number(offer.validDays), "expiry": .text(offer.expiry.rawValue),
      "districts": .list(offer.districts.map(label)),
      "left": row.left.map { .number($0) } ?? .null,
      "nextRelease": row.next.map { .text($0.description) } ?? .null,
    ]
  }
}

extension OpenAPI {
  static let mallSchemas: [(String, JSON)] = [
    (
      "Offers",
      [
        "type": "object", "required": ["mechanism", "time", "offers"],
        "properties": [
          "mechanism": ["type": "string"], "time": ["type": "string", "format": "date-time"],
          "offers": ["type": "array", "items": ["$ref": "#/components/schemas/Offer"]],
        ],
      ]
    ),
    (
      "Offer",
      [
        "type": "object", "required": ["number", "name", "merchant", "kind", "points", "left"],
        "properties": [
          "number": ["type": "integer"], "name": label, "about": label, "merchant": label,
          "kind": ["type": "string", "enum": ["ticket", "parking", "service", "coupon", "goods"]],
          "resource": [
            "type": ["string", "null"],
            "description": "The pack's code, where a document promises it.",
          ],
          "points": ["type": "integer"], "cashFen": ["type": "integer"],
          "perPersonAndYear": ["type": "integer"], "validDays": ["type": "integer"],
          "expiry": ["type": "string", "enum": ["returns", "forfeits"]],
          "districts": ["type": "array", "items": label],
          "left": ["type": ["integer", "null"], "description": "Null: there is no end of it."],
          "nextRelease": ["type": ["string", "null"], "format": "date-time"],
        ],
      ]
    ),
  ]

  private static let label: JSON = [
    "type": "object", "properties": ["zh": ["type": "string"], "en": ["type": "string"]],
  ]
}
