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
  ]

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
  ]

  private static let recallResult: JSON = [
    "type": "object", "required": ["received", "withdrawn", "refused", "grams", "points", "results"],
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
