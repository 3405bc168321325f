// SPDX-License-Identifier: Apache-2.0
import Units

extension OpenAPI {
  private static let whole: JSON = ["type": "integer", "format": "int64"]
  private static let text: JSON = ["type": "string"]
  private static let time: JSON = ["type": "string", "format": "date-time"]
  private static let digest: JSON = ["type": "string", "pattern": "^[0-9a-f]{64}$"]
  private static let digests: JSON = [
    "type": "array", "items": ["$ref": "#/components/schemas/Digest"],
  ]

  private static func object(_ properties: [(String, JSON)], optional: Set<String> = []) -> JSON {
    [
      "type": "object",
      "required": .list(properties.map(\.0).filter { !optional.contains($0) }.map { .text($0) }),
      "properties": .object(properties),
    ]
  }

  static let schemas: [(String, JSON)] = [
    ("Digest", digest),
    ("Behaviour", behaviour),
    ("BatchResult", batchResult),
    ("EventResult", eventResult),
    (
      "Problem",
      object(
        [
          ("type", ["type": "string", "format": "uri-reference"]), ("title", text),
          ("status", ["type": "integer"]), ("detail", text), ("instance", text),
          ("line", ["type": "integer", "description": "Of a body that can't be read."]),
          ("column", ["type": "integer"]),
        ], optional: ["line", "column", "instance"])
    ),
    (
      "Head",
      object([
        ("mechanism", text), ("algorithm", ["type": "string", "enum": ["sm3", "sha256"]]),
        ("frames", whole), ("facts", whole), ("root", ["$ref": "#/components/schemas/Digest"]),
        ("time", time),
        ("statement", ["type": "string", "description": "What is signed, as UTF-8."]),
        (
          "signatures",
          [
            "type": "array",
            "items": object([
              ("algorithm", ["type": "string", "enum": ["ED25519", "SM2"]]),
              ("signature", ["type": "string", "description": "Hexadecimal."]),
            ]),
          ]
        ),
      ])
    ),
    (
      "Proof",
      object([
        ("fact", whole), ("bytes", ["type": "string", "description": "The fact, hexadecimal."]),
        ("written", time),
        (
          "frame",
          object([("index", whole), ("count", whole), ("path", digests), ("header", text)])
        ),
        ("log", object([("index", whole), ("count", whole), ("path", digests)])),
        ("head", ["$ref": "#/components/schemas/Head"]),
      ])
    ),
    ("Consistency", object([("from", whole), ("to", whole), ("path", digests)])),
    (
      "Scenes",
      object([
        ("mechanism", text), ("pack", text),
        ("scenes", ["type": "array", "items": ["type": "object"]]),
      ])
    ),
    (
      "Totals",
      object([
        ("mechanism", text), ("time", time), ("facts", whole), ("grams", whole),
        ("points", whole), ("citizens", whole), ("accepted", whole), ("waiting", whole),
        ("quarantined", whole), ("refused", whole),
        (
          "scenes",
          [
            "type": "array",
            "items": object([
              ("scene", text), ("grams", whole), ("points", whole), ("accepted", whole),
            ]),
          ]
        ),
      ])
    ),
  ]

  private static let behaviour: JSON = object(
    [
      ("specversion", ["const": "1.0"]),
      (
        "id",
        [
          "type": "string", "maxLength": 256,
          "description": "Yours, unique with `source`: the same event sent again changes nothing.",
        ]
      ),
      ("source", ["type": "string", "maxLength": 1024]),
      ("type", ["type": "string", "description": "The scene's code.", "example": "shared-bike"]),
      ("subject", ["type": "string", "maxLength": 256, "description": "Your user."]),
      ("time", ["type": "string", "format": "date-time", "description": "When it ended."]),
      (
        "data",
        [
          "type": "object",
          "description": "What the scene measures; units stand in the names.",
          "properties": .object(
            Field.allCases.map { ($0.name, ["type": "number", "description": .text($0.unit)]) }
              + [("vehicle", ["type": "string", "maxLength": 256])]),
          "example": ["distanceMetres": 3214, "durationSeconds": 840, "vehicle": "bike-07"],
        ]
      ),
    ])

  private static let outcomes: JSON = [
    "type": "string",
    "enum": ["accepted", "duplicate", "waiting", "quarantined", "refused"],
  ]

  private static let eventResult: JSON = object(
    [
      ("index", ["type": "integer", "description": "From 0, in the order of the body."]),
      (
        "id",
        ["type": ["string", "null"], "description": "As sent; null where it could not be read."]
      ), ("outcome", outcomes),
      ("reason", ["type": "string", "description": "A stable name, such as capReached."]),
      ("field", ["type": "string", "description": "Which member it is about."]),
      ("message", ["type": "string", "description": "A sentence that says what to do."]),
      ("grams", ["type": "integer", "format": "int64", "description": "Of what was accepted."]),
      ("points", ["type": "integer", "format": "int64", "description": "Of what was accepted."]),
      (
        "fact",
        [
          "type": "integer", "format": "int64",
          "description": "What was written of it; of a duplicate, the first time.",
        ]
      ),
    ], optional: ["reason", "field", "message", "grams", "points", "fact"])

  private static let batchResult: JSON = object([
    ("received", whole), ("accepted", whole), ("duplicates", whole), ("waiting", whole),
    ("quarantined", whole), ("refused", whole), ("grams", whole), ("points", whole),
    ("sequence", ["type": "integer", "description": "The frame that holds the batch; durable."]),
    (
      "results",
      [
        "type": "array", "items": ["$ref": "#/components/schemas/EventResult"],
        "description": "Every event that was not simply accepted; all with `detail=all`.",
      ]
    ),
  ])
}
