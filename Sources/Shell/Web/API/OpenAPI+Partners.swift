// SPDX-License-Identifier: Apache-2.0

// What partners send besides reports, and what they are answered: bodies, answers and parameters by
// the pattern of the route.
extension OpenAPI {
  struct Operation {
    /// Nil for a request without a body.
    var body: JSON?
    /// Name of the answer's schema; nil where `content` says what it is.
    var answer: String?
    var content: [(String, JSON)] = []
    var parameters: [JSON] = []
    var statuses: [String] = ["400", "401", "403", "413", "415"]
  }

  static let operations: [String: Operation] = [
    "/api/v1/{m}/behaviours/withdrawals": Operation(
      body: [
        "required": true,
        "content": [
          "application/json": [
            "schema": ["type": "array", "items": ["$ref": "#/components/schemas/Withdrawal"]]
          ]
        ],
      ], answer: "RecallResult"),
    "/api/v1/{m}/behaviours/corrections": Operation(
      body: [
        "required": true,
        "content": [
          "application/cloudevents-batch+json": [
            "schema": ["type": "array", "items": ["$ref": "#/components/schemas/Correction"]]
          ]
        ],
      ], answer: "RecallResult"),
    "/api/v1/{m}/dictionary": Operation(
      body: nil, answer: "Dictionary", parameters: []),
    "/api/v1/{m}/receipts": Operation(
      body: nil, answer: nil,
      content: [
        ("application/x-ndjson", ["schema": ["type": "string"]]),
        ("text/csv", ["schema": ["type": "string"]]),
      ],
      parameters: [
        day,
        [
          "name": "format", "in": "query", "required": false,
          "schema": ["type": "string", "enum": ["ndjson", "csv"]],
          "description": "How the rows are written.",
        ],
        [
          "name": "after", "in": "query", "required": false, "schema": whole,
          "description": "The last `fact` that was read: the next rows follow.",
        ],
      ], statuses: ["400", "401", "403"]),
    "/api/v1/{m}/receipts/daily": Operation(
      body: nil, answer: "DayTotals", parameters: [day], statuses: ["400", "401", "403"]),
    "/api/v1/{m}/reconciliations": Operation(
      body: [
        "required": true,
        "description": "The partner's own file of the day: ids, or whole events.",
        "content": [
          "application/json": [
            "schema": ["type": "array", "items": ["$ref": "#/components/schemas/DayRow"]]
          ],
          "application/x-ndjson": ["schema": ["type": "string"]],
        ],
      ], answer: "DayDifferences", parameters: [day]),
  ]

  private static let day: JSON = [
    "name": "day", "in": "query", "required": true,
    "schema": ["type": "string", "format": "date"],
    "description": "The civil day on which the behaviour ended.",
  ]

  private static func object(_ properties: [(String, JSON)]) -> JSON {
    [
      "type": "object", "required": .list(properties.map { .text($0.0) }),
      "properties": .object(properties),
    ]
  }

  private static let whole: JSON = ["type": "integer", "format": "int64"]
  private static let text: JSON = ["type": "string"]
  private static let grounds: JSON = [
    "type": "string",
    "enum": ["cancelled", "wrongValues", "wrongUser", "reportedTwice", "test", "other"],
  ]

  static let partnerSchemas: [(String, JSON)] = [
    (
      "Withdrawal",
      [
        "type": "object", "required": ["source", "id", "reason"],
        "properties": ["source": text, "id": text, "reason": grounds],
      ]
    ),
    (
      "Correction",
      [
        "description": "The event as it should have been, under an id of its own.",
        "allOf": [
          ["$ref": "#/components/schemas/Behaviour"],
          [
            "type": "object", "required": ["corrects", "reason"],
            "properties": [
              "corrects": [
                "type": "string", "description": "The id it replaces, of the same source.",
              ], "reason": grounds,
            ],
          ],
        ],
      ]
    ),
    ("RecallResult", recallResult),
    (
      "Dictionary",
      object([
        ("mechanism", text), ("pack", text),
        (
          "scenes",
          [
            "type": "array",
            "items": object([
              ("scene", text), ("name", object([("zh", text), ("en", text)])),
              ("closed", ["type": "boolean"]),
              (
                "fields",
                [
                  "type": "array",
                  "items": object([
                    ("name", text), ("unit", text), ("required", ["type": "boolean"]),
                  ]),
                ]
              ), ("limits", ["type": "array", "items": text]), ("example", text),
            ]),
          ]
        ),
      ])
    ),
    (
      "DayTotals",
      object([
        ("day", ["type": "string", "format": "date"]), ("events", whole),
        (
          "outcomes",
          object(DayOfPartner.names.map { ($0, whole) })
        ), ("grams", whole), ("points", whole),
        (
          "scenes",
          [
            "type": "array",
            "items": object([
              ("scene", text), ("events", whole), ("accepted", whole), ("grams", whole),
              ("points", whole),
            ]),
          ]
        ),
      ])
    ),
    (
      "DayRow",
      [
        "type": "object", "required": ["source", "id"],
        "description": "An id, or the whole event: then its values are compared too.",
        "properties": [
          "source": text, "id": text, "type": text, "subject": text, "time": text,
          "data": ["type": "object"],
        ],
      ]
    ),
    (
      "DayDifferences",
      object([
        ("theirs", whole), ("same", whole), ("theirsNotOurs", list(["index", "source", "id"])),
        ("oursNotTheirs", list(["digest", "fact", "outcome", "grams", "points"])),
        ("valuesDiffer", list(["index", "id", "fact", "fields"])),
        ("sentTwice", list(["index", "id"])),
        ("ours", ["$ref": "#/components/schemas/DayTotals"]),
      ])
    ),
  ]

  private static func list(_ members: [String]) -> JSON {
    object([
      ("count", whole),
      (
        "rows",
        [
          "type": "array",
          "items": object(
            members.map { name in
              switch name {
              case "index", "fact", "grams", "points": (name, whole)
              case "fields": (name, ["type": "array", "items": text])
              default: (name, text)
              }
            }),
        ]
      ),
    ])
  }

  private static let recallResult: JSON = [
    "type": "object",
    "required": ["received", "withdrawn", "refused", "grams", "points", "results"],
    "properties": [
      "received": whole, "withdrawn": whole, "refused": whole,
      "grams": ["type": "integer", "format": "int64", "description": "Taken back in all."],
      "points": ["type": "integer", "format": "int64", "description": "Taken back in all."],
      "results": [
        "type": "array",
        "items": [
          "type": "object", "required": ["index", "id", "outcome"],
          "properties": [
            "index": ["type": "integer"], "id": ["type": ["string", "null"]], "corrects": text,
            "outcome": ["type": "string", "enum": ["withdrawn", "refused"]],
            "was": ["type": "string", "description": "What the event was until now."],
            "grams": whole, "points": whole,
            "fact": ["type": "integer", "description": "The fact that withdrew it."],
            "event": [
              "type": "object", "required": ["outcome", "grams", "points", "fact"],
              "description": "What came of the event sent instead.",
              "properties": [
                "outcome": text, "reason": text, "message": text, "grams": whole, "points": whole,
                "fact": whole,
              ],
            ], "reason": text, "field": text, "message": text,
          ],
        ],
      ],
    ],
  ]
}
